"""What a file is and how to read it: ``look``; and reading it so: ``read``.

It decides by the bytes, never by the name alone, and says in words what it concluded from what.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from strongroom.connections.files.content import HEAD, Content, Head, opened
from strongroom.connections.files.dates import ORDERS
from strongroom.connections.files.encodings import (
    is_known,
    is_mostly_utf8,
    is_utf8,
    legacy_encoding,
    marked_encoding,
)
from strongroom.connections.files.readers import READERS
from strongroom.connections.files.types import (
    SIGNS,
    FileIsRefused,
    FileRow,
    Findings,
    Guess,
    Limits,
    Reading,
    Source,
)
from strongroom.ui import N_
from strongroom.ui import gettext as _

_SAMPLES: Final = 10
_SURE: Final = 96
_LIMITS: Final = Limits()
_KNOWN: Final = (
    (b"%PDF", N_("a PDF document")),
    (b"\x89PNG", N_("a picture (PNG)")),
    (b"\xff\xd8\xff", N_("a picture (JPEG)")),
    (b"GIF8", N_("a picture (GIF)")),
    (b"\x1f\x8b", N_("a compressed file (gzip)")),
    (b"7z\xbc\xaf", N_("a compressed file (7-Zip)")),
    (b"Rar!", N_("a compressed file (RAR)")),
    (b"BZh", N_("a compressed file (bzip2)")),
    (b"\xfd7zXZ", N_("a compressed file (xz)")),
    (b"\xd0\xcf\x11\xe0", N_("an old Excel or Word document")),
    (b"{\\rtf", N_("a text document (RTF)")),
    (b"\x7fELF", N_("a program")),
    (b"MZ", N_("a program")),
)


def look(source: Source, *, limits: Limits = _LIMITS) -> Guess:
    """Return how a file is best read, with its first rows and the reasons in words.

    Raises ``FileIsRefused`` for what cannot be read at all.
    """
    head = _head(source, limits)
    guess = _best(head)
    if head.mixed:
        guess = guess.changed(reasons=(*guess.reasons, _(
            "Most of the file is UTF-8. Lines that are not are left out and named."
        )))  # fmt: skip
    return sampled(source, guess, limits=limits)


def _best(head: Head) -> Guess:
    """Return the surest guess; a refusal by one format counts only if no other knows the file."""
    guesses: list[Guess] = []
    refusal = FileIsRefused(
        _("It is not known what kind of file this is."),
        hint=_("Export the account as OFX, QIF, CAMT.053, MT940 or CSV and import that."),
    )
    for reader in READERS.values():
        try:
            found = reader.guess(head)
        except FileIsRefused as error:
            refusal = error
            continue
        if found is not None:
            guesses.append(found)
            if found.confidence >= _SURE:
                break
    if not guesses:
        raise refusal
    return max(guesses, key=lambda one: one.confidence)


def sampled(source: Source, guess: Guess, *, limits: Limits = _LIMITS) -> Guess:
    """Return a guess with its first rows read anew, as after a person changed it."""
    with read(source, guess, limits=limits) as reading:
        rows = tuple(islice(reading.rows, _SAMPLES))
        return guess.changed(
            samples=rows, accounts=reading.accounts, problems=reading.problems[:_SAMPLES]
        )


def read(source: Source, guess: Guess, *, limits: Limits = _LIMITS) -> Reading:
    """Read a file as guessed. The rows stream: memory does not grow with them.

    Raises ``FileIsRefused`` at once or while the rows are taken.
    """
    reader = READERS.get(guess.format)
    if reader is None:
        raise FileIsRefused(
            _("“%(format)s” is no format that can be read.", format=guess.format[:40]),
            field="format",
        )
    _check(guess)
    findings = Findings()

    def rows() -> Iterator[FileRow]:
        with opened(source, limits, guess.encoding) as content:
            yield from reader.rows(content, guess, findings)

    return Reading(guess, rows(), findings)


def _check(guess: Guess) -> None:
    """Refuse a guess that nobody could read by: it may come from a form or from outside."""
    field = (
        "sign" if guess.sign not in SIGNS
        else "date_order" if guess.date_order not in ORDERS
        else "decimal_mark" if guess.decimal_mark not in (".", ",")
        else "delimiter" if len(guess.delimiter) > 1 or guess.delimiter in ('"', "\n", "\r")
        else "encoding" if not is_known(guess.encoding)
        else ""
    )  # fmt: skip
    if field:
        raise FileIsRefused(
            _("The choice for %(field)s is none that can be read by.", field=field), field=field
        )


def _head(source: Source, limits: Limits) -> Head:
    with opened(source, limits) as content:
        data, whole = _first(content)
    if not data.strip(b" \t\r\n\x0b\x0c\xef\xbb\xbf"):
        raise FileIsRefused(_("The file is empty."), hint=_("Export it again."))
    for start, what in _KNOWN:
        if data.startswith(start):
            raise FileIsRefused(
                _("This looks like %(what)s, not an export of an account.", what=_(what)),
                hint=_("Ask your bank for OFX, QIF, CAMT.053, MT940 or CSV."),
            )
    encoding, mixed = marked_encoding(data), False
    if encoding is None:
        with opened(source, limits) as content:
            whole_utf8 = is_utf8(content.chunks())
        encoding = "utf-8" if whole_utf8 else _of_mixed(source, limits, data)
        mixed = encoding == "utf-8" and not whole_utf8
    head = Head(content.name, data, encoding, whole, mixed)
    _refuse_foreign_text(head)
    return head


def _of_mixed(source: Source, limits: Limits, data: bytes) -> str:
    with opened(source, limits) as content:
        return "utf-8" if is_mostly_utf8(content.chunks()) else legacy_encoding(data)


def _first(content: Content) -> tuple[bytes, bool]:
    data = b""
    for chunk in content.chunks():
        data += chunk
        if len(data) >= HEAD:
            return data[:HEAD], False
    return data, True


def _refuse_foreign_text(head: Head) -> None:
    if head.data.startswith(b"SQLite format 3\0"):
        return
    start = head.text[:4096]
    page = start.lstrip("\ufeff \n\t").lower()
    if page.startswith(("<!doctype html", "<html")):
        raise FileIsRefused(
            _("This looks like a web page, not an export of an account."),
            hint=_("Your bank may have signed you out; sign in and export again."),
        )
    strange = sum(not (one.isprintable() or one in "\n\t\r\x0b\x0c\x1a") for one in start)
    if strange * 5 > len(start):
        raise FileIsRefused(
            _("This is not a text file."),
            hint=_("Ask your bank for OFX, QIF, CAMT.053, MT940 or CSV."),
        )
