"""How a table of an unknown program is to be read: what each column holds, and how it is written.

Headings are judged first and the cells have the last word. Nothing here reads the whole file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.amounts import decide_mark
from strongroom.connections.files.columns import currency_in
from strongroom.connections.files.content import Head
from strongroom.connections.files.currencies import meant_by
from strongroom.connections.files.dates import decide_order
from strongroom.connections.files.readers.delimited import direction
from strongroom.connections.files.readers.layout import (
    Table,
    is_amount,
    is_currency,
    is_date,
    table_of,
)
from strongroom.connections.files.readers.signs import signed
from strongroom.connections.files.types import Guess
from strongroom.ui import gettext as _

_SHOWN: Final = 11  # the heading and ten rows


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
    guess = _with_currency(signed(table, guess), [cell for _number, cell in numbers])
    return guess.changed(
        reasons=tuple(table.reasons), confidence=max(10, 95 - table.doubts),
        columns=MappingProxyType({role: at for role, at in table.columns.items()
                                  if role != "type" or guess.sign == "by_type"}),
    )  # fmt: skip


def _with_currency(guess: Guess, cells: list[str]) -> Guess:
    """Return the guess with the currency that signs beside amounts mean, if no column says it."""
    if guess.currency or "currency" in guess.columns:
        return guess
    meant = meant_by(cells)
    if len(meant) == 1:
        return guess.changed(currency=meant[0])
    return guess.changed(currency_hints=meant)


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
        words = table.cells("type")
        if words and sum(not direction(word) for _number, word in words) * 2 > len(words):
            columns["description"] = columns.pop("type")  # no direction: what the booking was
            return
        taken = set(columns.values())
        lengths = {at: sum(len(cells[at]) for _number, cells, _text in table.body[:200]
                           if at < len(cells) and not is_amount(cells[at])
                           and not is_date(cells[at]))
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


def _currency(table: Table) -> str | None:
    """Return the currency that a heading names, such as ``Amount (EUR)``."""
    for role in ("amount", "debit", "credit", "balance"):
        at = table.columns.get(role)
        if at is not None and at < len(table.header) and (found := currency_in(table.header[at])):
            return found
    return None
