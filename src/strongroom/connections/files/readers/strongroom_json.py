"""Reads our own JSON export back, a record at a time: any size, in any layout JSON allows."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from json import JSONDecodeError
from typing import Any, Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.readers.own_book import BadRecord, OwnBook
from strongroom.connections.files.types import FileIsRefused, FileRow, Findings, Guess
from strongroom.ui import gettext as _

FORMAT: Final = "strongroom"
VERSION: Final = 1
_SPACE: Final = " \t\r\n"
_OF_EVERY_BOOK: Final = ("accounts", "categories", "balances", "transactions")
_LONGEST_NAME: Final = 40
_MOST_LISTS: Final = 100
_DEEPEST: Final = 64
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)


def guess(head: Head) -> Guess | None:
    """Return how to read it if it is an export of ours."""
    if not _is_ours(head.text):
        return None
    return Guess(
        "strongroom-json", encoding=head.encoding, reasons=(_("It was exported here, as JSON."),)
    )


def _is_ours(head: str) -> bool:
    """Return whether a text begins as our JSON export does."""
    squeezed = "".join(head[:400].split())
    return squeezed.removeprefix("\ufeff").startswith('{"format":"strongroom"')


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the transactions; accounts and balances stand before them in the file.

    Lists of other names are sections, and kept as they stand.

    Raises ``FileIsRefused`` where the document ends early or is not ours.
    """
    book = OwnBook(findings)
    for line, section, record, size in _records(_Stream(content), findings):
        if not isinstance(record, dict):
            findings.problem(line, section, _("This is not a record."), str(record))
            continue
        try:
            if section == "accounts":
                book.account(record)
            elif section == "categories":
                book.category(record)
            elif section == "balances":
                book.balance(record)
            elif section == "transactions":
                yield book.row(record, line)
            else:
                findings.section(section[:_LONGEST_NAME], record, size)
        except BadRecord as error:
            findings.problem(line, error.field, str(error), json.dumps(record)[:300])


def _records(stream: _Stream, findings: Findings) -> Iterator[tuple[int, str, Any, int]]:
    """Yield every record of every list, with its line, the list's name, and how long it is.

    That a section is there is found even if nothing is in it.
    """
    stream.take("{")
    while not stream.takes("}"):
        name = stream.value()
        stream.take(":")
        if stream.takes("["):
            if name not in _OF_EVERY_BOOK:
                findings.sections.setdefault(str(name)[:_LONGEST_NAME], [])
                if len(findings.sections) > _MOST_LISTS:
                    raise stream.refused(_("The file has too many lists."))
            while not stream.takes("]"):
                line, record = stream.line, stream.value()
                yield line, str(name), record, stream.length
                if not stream.takes(","):
                    stream.take("]")
                    break
        else:
            _check(name, stream.value(), stream)
        if not stream.takes(","):
            stream.take("}")
            return


def _check(name: object, value: object, stream: _Stream) -> None:
    if name == "format" and value != FORMAT:
        raise stream.refused(_("This JSON was not exported here."))
    if name == "version" and value != str(VERSION):
        raise stream.refused(_("A newer Strongroom wrote this file."))


class _Stream:
    """JSON text that is read value by value, never more of it in memory than one value needs."""

    def __init__(self, content: Content) -> None:
        decode = codecs.getincrementaldecoder(content.encoding)(errors="replace").decode
        self._pieces = (decode(chunk) for chunk in content.chunks())
        self._most = content.limits.most_bytes_of_a_line
        self._text, self._at = "", 0
        self._line = 1
        self.length = 0
        """Of the value taken last, in characters."""

    @property
    def line(self) -> int:
        """The line that the next value begins in."""
        self._skip()
        return self._line

    def takes(self, mark: str) -> bool:
        """Take a mark if it is next; return whether it was."""
        self._skip()
        if not self._text.startswith(mark, self._at):
            return False
        self._at += 1
        return True

    def take(self, mark: str) -> None:
        """Take a mark that must be next. Raises ``FileIsRefused``."""
        if not self.takes(mark):
            raise self.refused(_("The file ends early or is damaged here."))

    def value(self) -> Any:
        """Take a whole value; numbers come as their text. Raises ``FileIsRefused``."""
        self._skip()
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self._at)
            except JSONDecodeError:
                found, end = None, None
            except RecursionError:
                raise self.refused(_("A record has too many things inside one another.")) from None
            if end is not None and (end < len(self._text) or not self._more()):
                self._check_depth(found, end)
                self._line += self._text.count("\n", self._at, end)
                self._at, self.length = end, end - self._at
                return found
            if end is None and (len(self._text) - self._at > self._most or not self._more()):
                raise self.refused(_("The file ends early or is damaged here."))

    def _check_depth(self, found: Any, end: int) -> None:
        """Refuse a value in which whatever walks it would go too deep."""
        if sum(self._text.count(mark, self._at, end) for mark in "[{") <= _DEEPEST:
            return  # as nearly every one: it cannot be deeper than it has beginnings
        level = [found]
        for _depth in range(_DEEPEST):
            level = [
                inner
                for one in level
                for inner in (one.values() if isinstance(one, dict) else one)
                if isinstance(inner, dict | list)
            ]
            if not level:
                return
        raise self.refused(_("A record has too many things inside one another."))

    def refused(self, message: str) -> FileIsRefused:
        """Return the refusal of the whole file, at this line."""
        return FileIsRefused(
            message, line=self._line, hint=_("Export it again where it came from.")
        )

    def _skip(self) -> None:
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._line += self._text[self._at] == "\n"
                self._at += 1
            if self._at < len(self._text) or not self._more():
                return

    def _more(self) -> bool:
        """Read on, dropping what was taken; return whether there was more."""
        piece = next(self._pieces, "")
        self._text, self._at = self._text[self._at :] + piece, 0
        return bool(piece)
