"""Reads our own CSV export of a whole book back, also where a spreadsheet saved it in between."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator, Sequence
from typing import Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.readers.own_book import BadRecord, OwnBook
from strongroom.connections.files.types import FileIsRefused, FileRow, Findings, Guess
from strongroom.ui import gettext as _

_NEEDED: Final = frozenset({"record", "id", "day", "amount", "currency", "account", "category"})
_DELIMITERS: Final = (",", ";", "\t")
_YES_OR_NO: Final = frozenset({"pending", "needs_review", "manual"})


def guess(head: Head) -> Guess | None:
    """Return how to read it if it is an export of ours."""
    if not _is_ours(head.text):
        return None
    return Guess(
        "strongroom-csv", encoding=head.encoding, reasons=(_("It was exported here, as CSV."),)
    )


def _is_ours(head: str) -> bool:
    """Return whether a text begins with the headings of our CSV export."""
    return _delimiter(head.partition("\n")[0]) is not None


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the transactions; what they refer to stands before them in the file.

    Raises ``FileIsRefused`` where the headings are not ours.
    """
    lines = _lines(content)
    first = next(lines, "")
    delimiter = _delimiter(first)
    if delimiter is None:
        raise FileIsRefused(_("The headings are not those of an export of ours."), line=1)
    try:
        header = [name.strip() for name in next(csv.reader([first], delimiter=delimiter))]
    except csv.Error as error:
        why = _("The line is not CSV: %(why)s.", why=error)
        raise FileIsRefused(why, line=1) from error
    book = OwnBook(findings)
    sheet = csv.reader(lines, delimiter=delimiter)
    while True:
        line = sheet.line_num + 2
        try:
            cells = next(sheet)
        except StopIteration:
            return
        except csv.Error as error:
            findings.problem(line, "record", _("The line is not CSV: %(why)s.", why=error))
            continue
        if cells:
            row = _take(book, findings, header, cells, line)
            if row is not None:
                yield row


def _take(
    book: OwnBook, findings: Findings, header: Sequence[str], cells: list[str], line: int
) -> FileRow | None:
    """Take one line; return the row if it is a transaction."""
    record = {name: _value(name, cell) for name, cell in zip(header, cells, strict=False)}
    try:
        match record.get("record"):
            case "account":
                book.account(record)
            case "category":
                book.category(record)
            case "balance":
                book.balance(record)
            case "transaction":
                return book.row(record, line)
            case other:
                raise BadRecord("record", _("%(what)s is not a kind of line.", what=repr(other)))
    except BadRecord as error:
        findings.problem(line, error.field, str(error), ",".join(cells))
    return None


def _value(name: str, cell: str) -> str | bool | None:
    if name in _YES_OR_NO:
        return None if not cell else cell.lower() == "yes"
    # The apostrophe that keeps a text from running as a formula.
    return cell.removeprefix("'") or None


def _delimiter(first: str) -> str | None:
    text = first.removeprefix("\ufeff").strip("\r\n")
    for delimiter in _DELIMITERS:
        names = {name.strip().strip('"') for name in text.split(delimiter)}
        if names >= _NEEDED:
            return delimiter
    return None


def _lines(content: Content) -> Iterator[str]:
    """Yield the lines with their ends as they are: texts may hold any kind of them."""
    decode = codecs.getincrementaldecoder(content.encoding)(errors="replace").decode
    rest, number = "", 0
    for chunk in content.chunks():
        parts = (rest + decode(chunk)).split("\n")
        rest = parts.pop()
        number += len(parts)
        if len(rest) > content.limits.most_bytes_of_a_line:
            raise FileIsRefused(_("The line has no end."), line=number + 1)
        yield from (f"{part}\n" for part in parts)
    if rest:
        yield rest
