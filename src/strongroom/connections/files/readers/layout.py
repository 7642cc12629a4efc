"""A table as it lies in a file: what separates its cells, where its heading is, what cells can be.

What the columns mean is decided in ``tables``, which way money goes in ``signs``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import Final

from strongroom.connections.files.amounts import AmountReader, NotAnAmount
from strongroom.connections.files.columns import roles
from strongroom.connections.files.content import Head
from strongroom.connections.files.dates import readings
from strongroom.connections.files.readers.delimited import cells_of
from strongroom.core.money import Currency, is_official

_DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_PREAMBLE: Final = 60
_SAMPLE: Final = 5_000
_MOST_COLUMNS: Final = 1000

Line = tuple[int, list[str], str]


@dataclass(slots=True)
class Table:
    """A table as far as it was looked at: lines as cells, the heading's line and its words."""

    delimiter: str
    lines: list[Line]
    header_line: int = 0
    header: tuple[str, ...] = ()
    columns: dict[str, int] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    doubts: int = 0

    @property
    def body(self) -> list[Line]:
        """The lines below the heading."""
        return [line for line in self.lines if line[0] > self.header_line]

    def cells(self, role: str) -> list[tuple[int, str]]:
        """Return line numbers and the cells of a column that are not blank."""
        at = self.columns.get(role)
        if at is None:
            return []
        return [(number, cells[at]) for number, cells, _text in self.body
                if at < len(cells) and cells[at].strip()]  # fmt: skip


def table_of(head: Head, most: int = _SAMPLE) -> Table | None:
    """Return the table that a text is, with its heading; None where it is none."""
    lines = head.text.split("\n") if most > _MOST_PREAMBLE else _first(head.text)
    stated = lines[0].lower().removeprefix("\ufeff") if lines else ""
    if stated.startswith("sep=") and len(stated) == 5:
        return _headed(Table(stated[4], _lines(lines, stated[4], most)))
    scored = [(_score(_lines(lines, one, _MOST_PREAMBLE)), -place, one)
              for place, one in enumerate(_DELIMITERS)]  # fmt: skip
    score, _place, delimiter = max(scored)
    if not score:
        return None
    return _headed(Table(delimiter, _lines(lines, delimiter, most)))


def heading_of(head: Head) -> tuple[str, ...]:
    """Return the headings of the table that a text may be; none where it is none."""
    table = table_of(head, _MOST_PREAMBLE)
    return table.header if table is not None else ()


def _first(text: str) -> list[str]:
    return text.split("\n", _MOST_PREAMBLE + 1)[: _MOST_PREAMBLE + 1]


def _lines(lines: list[str], delimiter: str, most: int) -> list[Line]:
    return list(islice(cells_of(iter(lines), delimiter), most))


def _score(lines: list[Line]) -> int:
    """Return how much a text looks like a table with one delimiter."""
    widths = Counter(
        len(cells) for _number, cells, _text in lines if 1 < len(cells) <= _MOST_COLUMNS
    )
    if not widths:
        return 0
    width, count = max(widths.items(), key=lambda one: one[0] * one[1])
    heading = any(_is_heading(cells) for _number, cells, _text in lines)
    return min(width, 12) * count + (10_000 if heading else 0)


def _is_heading(cells: Sequence[str]) -> bool:
    found = roles(cells)
    return "date" in found and bool(found.keys() & {"amount", "debit", "credit"})


def _headed(table: Table) -> Table:
    for number, cells, _text in table.lines[:_MOST_PREAMBLE]:
        if _is_heading(cells):
            table.header_line, table.header = number, tuple(cell.strip() for cell in cells)
            table.columns = roles(cells)
            return table
    for (number, cells, _text), (_number, after, _after) in pairwise(table.lines[:_MOST_PREAMBLE]):
        if _is_data(after):
            # Headings that nobody knows are headings all the same.
            if len(cells) == len(after) and not any(map(is_amount, cells)):
                table.header_line, table.header = number, tuple(cell.strip() for cell in cells)
                table.columns = roles(cells)
            break
    return table


def _is_data(cells: Sequence[str]) -> bool:
    dates = [is_date(cell) for cell in cells]
    return any(dates) and any(is_amount(cell) for cell, one in zip(cells, dates, strict=True)
                              if not one)  # fmt: skip


def is_date(cell: str) -> bool:
    """Whether a cell can be read as a day in any order."""
    return bool(readings(cell))


def is_amount(cell: str) -> bool:
    """Whether a cell can be read as an amount with either decimal mark."""
    for mark in (".", ","):
        try:
            AmountReader(mark)(cell)
        except NotAnAmount:
            continue
        return True
    return False


def is_currency(cell: str) -> bool:
    """Whether a cell is an ISO 4217 code."""
    code = cell.strip()
    return len(code) == 3 and code.isupper() and is_official(Currency(code))
