"""A file as it is opened: within its limits, unpacked if it is an archive, as bytes or as text.

It knows nothing of money. Archives are never unpacked to a place their own names choose.
"""

from __future__ import annotations

import codecs
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import IO, Final, Self

from strongroom.connections.files.types import FileIsRefused, Limits, Source
from strongroom.ui import gettext as _

HEAD: Final = 1024 * 1024
"""What is looked at to guess how a file is to be read, in bytes."""
_CHUNK: Final = 256 * 1024
_ARCHIVE: Final = b"PK\x03\x04"
_BROKEN: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError)
# What zipfile unpacks a bounded piece at a time; of bzip2 and LZMA it unpacks all that it is given.
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_MEMBERS: Final = 1000
_MOST_OF_OURS: Final = 50_000
OUR_BOOK: Final = "strongroom.json"
"""The document in an archive that was exported here; what else is in it lies beside."""
_SMALL: Final = 1024 * 1024
# What of an archive is read, the best first: a whole book, a register, then whatever we read.
_WANTED: Final = (
    "db.sqlite", "register.csv", ".ofx", ".qfx", ".qif", ".xml", ".sta", ".mt940", ".csv", ".tsv",
    ".txt", ".json", ".beancount", ".ledger", ".journal",
)  # fmt: skip


class Content:
    """One file, opened to be read once from its start."""

    def __init__(self, stream: IO[bytes], name: str, limits: Limits, encoding: str) -> None:
        self._stream = stream
        self.name = name
        self.limits = limits
        self.encoding = encoding

    def rewind(self) -> None:
        """Go back to the start, to read it once more."""
        try:
            self._stream.seek(0)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise broken_archive() from None

    def chunks(self) -> Iterator[bytes]:
        """Return the bytes in pieces. Raises ``FileIsRefused`` past the limit."""
        seen = 0
        while chunk := self._read():
            seen += len(chunk)
            if seen > self.limits.most_bytes:
                raise too_large(self.limits)
            yield chunk

    def texts(self) -> Iterator[str]:
        """Return the text in pieces with line feeds as the ends of lines.

        A byte that the encoding does not know becomes U+FFFD, for readers to see and tell of.
        """
        made = codecs.getincrementaldecoder(self.encoding)(errors="replace")
        decoder = io.IncrementalNewlineDecoder(made, translate=True)
        try:
            for chunk in self.chunks():
                yield decoder.decode(chunk)
            yield decoder.decode(b"", final=True)
        except UnicodeError:  # a UTF-16 stream without its mark
            raise FileIsRefused(
                _("The file is not text in the encoding %(encoding)s.", encoding=self.encoding),
                field="encoding", hint=_("Choose another encoding."),
            ) from None  # fmt: skip

    def lines(self) -> Iterator[str]:
        """Return the lines without their ends. Raises ``FileIsRefused`` for one without end."""
        rest, number = "", 0
        for text in self.texts():
            parts = (rest + text).split("\n")
            rest = parts.pop()
            number += len(parts)
            yield from parts
            if len(rest) > self.limits.most_bytes_of_a_line:
                raise FileIsRefused(
                    _("Line %(line)s is longer than a row of an account can be.", line=number + 1),
                    line=number + 1, hint=_("Is this the file that your bank gave you?"),
                )  # fmt: skip
        if rest:
            yield rest

    def _read(self) -> bytes:
        try:
            return self._stream.read(_CHUNK)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise broken_archive() from None


@dataclass(frozen=True)
class Head:
    """The beginning of a file, for guessing. ``text`` ends with a whole line unless it is all."""

    name: str
    data: bytes
    encoding: str
    whole: bool
    mixed: bool = False
    """Whether some lines are in another encoding than the rest."""

    @cached_property
    def text(self) -> str:
        """The beginning as text with line feeds as the ends of lines."""
        text = codecs.getincrementaldecoder(self.encoding)(errors="replace").decode(self.data)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return text if self.whole or "\n" not in text else text[: text.rindex("\n")]


@contextmanager
def opened(source: Source, limits: Limits, encoding: str = "utf-8") -> Iterator[Content]:
    """Open a file, or the one in an archive that holds rows. Raises ``FileIsRefused``."""
    if source.size > limits.most_bytes:
        raise too_large(limits)
    with source.opened() as stream:
        start = stream.read(4)
        stream.seek(0)
        if start != _ARCHIVE:
            yield Content(stream, source.name, limits, encoding)
            return
        archive = _archive(stream)
        with archive:
            member = _member(archive, limits)
            try:
                inner = archive.open(member)
            except (zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error, OSError):
                raise broken_archive() from None
            with inner:
                yield Content(inner, member.filename, limits, encoding)


class Beside:
    """The files in an archive of ours beside its document, read one at a time and by name.

    Of a source that is no archive there are none. In all they may come to ``most_bytes``. Opened
    as a context.
    """

    def __init__(self, source: Source, limits: Limits) -> None:
        self._source = source
        self._left = limits.most_bytes
        self._open = ExitStack()
        self._archive: zipfile.ZipFile | None = None

    def __enter__(self) -> Self:
        stream = self._open.enter_context(self._source.opened())
        start = stream.read(len(_ARCHIVE))
        stream.seek(0)
        if start == _ARCHIVE:
            self._archive = self._open.enter_context(_archive(stream))
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def read(self, name: str, most: int) -> bytes | None:
        """Return a file's content, or None for one that is not there, broken, or too large.

        It unpacks: call it in a thread. What is broken counts as what is not, however often it is
        asked for; what says that it is too large is not unpacked at all.
        """
        if self._archive is None:
            return None
        try:
            member = self._archive.getinfo(name)
            if member.compress_type not in _PACKINGS or member.file_size > min(most, self._left):
                return None
            self._left -= member.file_size
            with self._archive.open(member) as inner:
                # With a size, so that no more is unpacked than was checked.
                return inner.read(member.file_size + 1)
        except (KeyError, NotImplementedError, RuntimeError, *_BROKEN):
            return None


def too_large(limits: Limits) -> FileIsRefused:
    """Say that a file is larger than this place allows."""
    return FileIsRefused(
        _("The file is larger than %(size)s MiB.", size=limits.most_bytes // (1024 * 1024)),
        hint=_(
            "Export a shorter time, or have whoever runs this server set STRONGROOM_IMPORT_MB"
            " higher."
        ),
    )


def broken_archive() -> FileIsRefused:
    """Say that an archive cannot be unpacked."""
    return FileIsRefused(
        _("The archive is damaged or protected by a password."),
        hint=_("Unpack it and import the file inside."),
    )


def _archive(stream: IO[bytes]) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError):
        raise broken_archive() from None
    most = _MOST_OF_OURS if OUR_BOOK in archive.namelist() else _MOST_MEMBERS
    if len(archive.infolist()) > most:
        archive.close()
        raise FileIsRefused(_("The archive holds too many files."))
    return archive


def _member(archive: zipfile.ZipFile, limits: Limits) -> zipfile.ZipInfo:
    """Return the one file to read, refusing what is not ours and what unpacks without measure."""
    members = [one for one in archive.infolist() if not one.is_dir()]
    if any(one.filename.startswith(("xl/", "word/")) for one in members):
        raise FileIsRefused(
            _("This looks like an office document, such as an Excel workbook."),
            hint=_("Save the sheet as CSV and import that."),
        )
    ours = [one for one in members if one.filename == OUR_BOOK]
    if len(ours) == 1:
        _check_packing(ours[0], limits)
        return ours[0]
    for wanted in _WANTED:
        found = [one for one in members if one.filename.lower().endswith(wanted)]
        if not found:
            continue
        if len(found) > 1:
            raise FileIsRefused(
                _("The archive holds several files that could be meant."),
                hint=_("Unpack it and import the files one by one."),
            )
        _check_packing(found[0], limits)
        return found[0]
    raise FileIsRefused(_("The archive holds no file that can be imported."))


def _check_packing(member: zipfile.ZipInfo, limits: Limits) -> None:
    if member.compress_type not in _PACKINGS:
        raise FileIsRefused(
            _("The archive is packed in a way that is not read here."),
            hint=_("Unpack it and import the file inside."),
        )
    if member.file_size > limits.most_bytes:
        raise too_large(limits)
    if (
        member.file_size > _SMALL
        and member.file_size > limits.most_times_packed * max(member.compress_size, 1)
    ):  # fmt: skip
        raise FileIsRefused(
            _("The archive unpacks to much more than it is, as a trap does."),
            hint=_("Unpack it and import the file inside."),
        )
