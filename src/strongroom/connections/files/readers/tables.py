"""How a table is to be read: what separates cells, where the heading is, what each column holds.

Headings are judged first and the cells have the last word. Nothing here reads the whole file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice, pairwise
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.amounts import AmountReader, NotAnAmount, decide_mark
from strongroom.connections.files.columns import currency_in, roles
from strongroom.connections.files.content import Head
from strongroom.connections.files.dates import decide_order, readings
from strongroom.connections.files.readers.delimited import (
    CellsDiffer,
    cells_of,
    direction,
    row_maker,
)
from strongroom.connections.files.types import Guess
from strongroom.core.money import Currency, is_official
from strongroom.ui import gettext as _

_DELIMITERS: Final = (",", ";", "\t", "|")
_MOST_PREAMBLE: Final = 60
_SAMPLE: Final = 5_000
_MOST_COLUMNS: Final = 1000
_SHOWN: Final = 11  # the heading and ten rows

# What cards write beside a payment of their bill.
_THANKS: Final = re.compile(r"payment.{0,12}thank you|payment received", re.I)

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


def guess_table(head: Head) -> Guess | None:
    """Guess how a table of an unknown program is to be read; None where it holds no rows.

    Raises ``FileIsRefused`` where dates or decimal marks contradict each other.
    """
    table = table_of(head)
    if table is None:
        return None
    _choose_columns(table)
    if "date" not in table.columns or not table.columns.keys() & {"amount", "debit"}:
        return None
    order = decide_order(table.cells("date"))
    numbers = [cell for role in ("amount", "debit", "credit", "balance")
               for cell in table.cells(role)]  # fmt: skip
    mark = decide_mark(numbers)
    if order is None:
        if not table.header_line:
            return None
        table.doubts += 30
        table.reasons.append(_("The file has a heading and no rows."))
    else:
        table.reasons.append(order.reason)
        table.doubts += 0 if order.line else 25
    if mark.line or numbers:
        table.reasons.append(mark.reason)
    guess = Guess(
        "csv", encoding=head.encoding, delimiter=table.delimiter,
        date_order=order.order if order else "ymd", decimal_mark=mark.mark,
        header_line=table.header_line, header=table.header, currency=_currency(table),
        columns=MappingProxyType(dict(table.columns)),
        cells=tuple(tuple(cells) for number, cells, _text in table.lines
                    if number >= table.header_line)[:_SHOWN],
    )  # fmt: skip
    guess = _signed(table, guess)
    return guess.changed(
        reasons=tuple(table.reasons), confidence=max(10, 95 - table.doubts),
        columns=MappingProxyType({role: at for role, at in table.columns.items()
                                  if role != "type" or guess.sign == "by_type"}),
    )  # fmt: skip


def _choose_columns(table: Table) -> None:
    """Let the cells confirm what the heading says, and stand in where it says nothing."""
    columns = table.columns
    for role, fits in (("date", is_date), ("amount", is_amount), ("debit", is_amount),
                       ("credit", is_amount), ("balance", is_amount)):  # fmt: skip
        cells = table.cells(role)
        figures = [one for one in cells if any(sign.isdigit() for sign in one[1])]
        if cells and (not figures or _share(figures, fits) < 50):
            del columns[role]
    widths = Counter(len(cells) for _number, cells, _text in table.body)
    width = max(widths, default=0)
    if not table.header_line and widths:
        table.header = tuple(str(place) for place in range(1, widths.most_common(1)[0][0] + 1))
    for role, fits in (("date", is_date), ("currency", is_currency)):
        if role == "currency" and _currency(table):
            continue
        if role not in columns or (role == "currency" and not table.cells(role)):
            _take(table, role, range(width), fits)
    if "debit" in columns and "credit" in columns and "amount" not in columns:
        pass
    elif "amount" not in columns and "debit" not in columns and "credit" not in columns:
        _take(table, "amount", range(width), is_amount)
    if "amount" in columns:
        columns.pop("debit", None)
        columns.pop("credit", None)
    elif ("debit" in columns) != ("credit" in columns):
        columns["amount"] = columns.pop("debit", columns.pop("credit", 0))
    _choose_texts(table, width)
    if not table.header_line:
        table.doubts += 20
        table.reasons.append(_("The file has no heading; columns are told by what they hold."))
    else:
        table.reasons.append(
            _("The heading is line %(line)s: %(words)s.", line=table.header_line,
              words=", ".join(word for word in table.header if word)[:200])
        )  # fmt: skip


def _choose_texts(table: Table, width: int) -> None:
    columns = table.columns
    ids = [cell for _number, cell in table.cells("fitid")]
    if "fitid" in columns and (not ids or len(ids) < len(table.body) or len(set(ids)) < len(ids)):
        del columns["fitid"]  # an id that is missing or comes twice names no row
    if "description" not in columns and "payee" not in columns:
        taken = set(columns.values())
        lengths = {at: sum(len(cells[at]) for _number, cells, _text in table.body[:200]
                           if at < len(cells) and not is_amount(cells[at]))
                   for at in range(width) if at not in taken}  # fmt: skip
        if lengths and max(lengths.values()):
            columns["description"] = max(lengths, key=lambda at: (lengths[at], -at))


def _take(table: Table, role: str, places: range, fits: Callable[[str], bool]) -> None:
    """Give a role to the first free column whose cells nearly all fit."""
    taken = set(table.columns.values())
    for at in places:
        if at in taken:
            continue
        table.columns[role] = at
        cells = table.cells(role)
        if cells and _share(cells, fits) >= 80:
            return
    table.columns.pop(role, None)


def _share(cells: Sequence[tuple[int, str]], fits: Callable[[str], bool]) -> int:
    some = cells[:500]
    return sum(100 for _number, cell in some if fits(cell)) // len(some)


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


def _currency(table: Table) -> str | None:
    """Return the currency that a heading names, such as ``Amount (EUR)``."""
    for role in ("amount", "debit", "credit", "balance"):
        at = table.columns.get(role)
        if at is not None and at < len(table.header) and (found := currency_in(table.header[at])):
            return found
    return None


def _signed(table: Table, guess: Guess) -> Guess:
    """Return the guess with the direction of amounts, from words first, then from the balance."""
    if "amount" not in guess.columns:
        negative = sum("-" in cell or "(" in cell for _number, cell in table.cells("debit"))
        signed = negative * 2 > len(table.cells("debit"))
        table.reasons.append(_("Money out and money in stand in columns of their own."))
        return guess.changed(sign="debit_signed" if signed else "debit_credit")
    guess = _with_fees(table, guess)
    types = table.cells("type")
    negative = sum(is_negative(cell) for _number, cell in table.cells("amount"))
    if types and not negative and all(direction(cell) for _number, cell in types):
        table.reasons.append(_("The column “%(name)s” says which way the money went.",
                               name=_heading(table, "type")))  # fmt: skip
        return guess.changed(sign="by_type")
    fits, turned, pairs = _balance_fits(table, guess)
    if (reason := _positive_payment(table) or _negative_income(table)) is not None:
        table.reasons.append(reason)
        return guess.changed(sign="owed" if pairs and fits >= turned else "inverted")
    if pairs and turned > fits and turned * 10 >= pairs * 8:
        table.reasons.append(_("Positive amounts are money out, as the balance shows."))
        return guess.changed(sign="inverted")
    if pairs and fits * 10 >= pairs * 8:
        table.reasons.append(_("Positive amounts are money in, as the balance shows."))
        return guess
    table.doubts += 5 if negative else 25
    table.reasons.append(
        _("Positive amounts are taken as money in.") if negative else
        _("All amounts are positive and taken as money in; say so if they are payments.")
    )  # fmt: skip
    return guess


def is_negative(cell: str) -> bool:
    """Whether an amount is written with a minus or in brackets."""
    bare = cell.strip()
    return bare.startswith(("-", "(", "\u2212")) or bare.endswith("-")


def _positive_payment(table: Table) -> str | None:
    """Say which word for money out nearly always stands beside positive amounts, if one does."""
    told = [(word, is_negative(amount)) for _line, word, amount in _beside(table, "type")
            if direction(word)]  # fmt: skip
    against = [word for word, negative in told if (direction(word) < 0) != negative]
    out = next((word for word in against if direction(word) < 0), None)
    if out is None or len(against) * 10 < len(told) * 8:
        return None
    return _("Positive amounts are money out, because “%(word)s” stands beside them.", word=out)


def _negative_income(table: Table) -> str | None:
    """Say where a card thanks for a payment that is written with a minus, if all of them are."""
    thanks = [(line, words, is_negative(amount))
              for line, words, amount in _beside(table, "description")
              if _THANKS.search(words)]  # fmt: skip
    written = [is_negative(cell) for _line, cell in table.cells("amount")]
    if not all(negative for _line, _words, negative in thanks) or sum(written) * 2 > len(written):
        return None
    if not thanks:
        return None
    return _("Negative amounts are money in, because line %(line)s says “%(words)s”.",
             line=thanks[0][0], words=thanks[0][1].strip()[:40])  # fmt: skip


def _beside(table: Table, role: str) -> Iterator[tuple[int, str, str]]:
    """Return line, a column's cell and the amount for some lines."""
    at, at_amount = table.columns.get(role), table.columns.get("amount")
    if at is None or at_amount is None:
        return
    for number, cells, _text in table.body[:500]:
        if max(at, at_amount) < len(cells):
            yield number, cells[at], cells[at_amount]


def _with_fees(table: Table, guess: Guess) -> Guess:
    """Take a column of fees into account only where the balance shows that they were paid."""
    if "fee" not in guess.columns:
        return guess
    fits, _turned, _pairs = _balance_fits(table, guess)
    columns = {role: at for role, at in guess.columns.items() if role != "fee"}
    without = guess.changed(columns=MappingProxyType(columns))
    if fits > _balance_fits(table, without)[0]:
        table.reasons.append(_("Fees are taken off the amounts, as the balance shows."))
        return guess
    del table.columns["fee"]
    return without


def _heading(table: Table, role: str) -> str:
    at = table.columns[role]
    return table.header[at] if at < len(table.header) else str(at + 1)


def _balance_fits(table: Table, guess: Guess) -> tuple[int, int, int]:
    """Return how many steps of the balance fit the amounts, fit them turned round, and all."""
    if "balance" not in table.columns:
        return 0, 0, 0
    steps = list(_steps(table, guess))
    upwards = [(new - old, amount) for (old, _first), (new, amount) in pairwise(steps)]
    downwards = [(new - old, amount) for (new, amount), (old, _last) in pairwise(steps)]
    return max(
        ((sum(step == amount for step, amount in way if amount),
          sum(step == -amount for step, amount in way if amount), len(way))
         for way in (upwards, downwards)),
        key=lambda one: max(one[:2]),
    )  # fmt: skip


def _steps(table: Table, guess: Guess) -> Iterator[tuple[Decimal, Decimal]]:
    make = row_maker(guess, {role: int(at) for role, at in guess.columns.items()})
    for number, cells, text in table.body[:500]:
        try:
            row = make(number, list(cells), text)
        except CellsDiffer:
            continue
        if row.balance_after is not None:
            yield row.balance_after, row.amount
