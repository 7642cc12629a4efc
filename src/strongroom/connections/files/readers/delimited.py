"""Tables of text (CSV, TSV and their kin): lines to cells, cells to rows by a guess's columns.

How the columns were guessed is told in ``readers.tables``; a cell that a spreadsheet would take
for a formula is text here.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final

from strongroom.connections.files.amounts import AmountReader, NotAnAmount, not_an_amount
from strongroom.connections.files.columns import from_and_to, resolved
from strongroom.connections.files.content import Content
from strongroom.connections.files.dates import DateReader, NotADate
from strongroom.connections.files.types import FileIsRefused, FileRow, Findings, Guess
from strongroom.ui import gettext as _

_MOST_LINES_OF_A_CELL: Final = 50
_MOST_OPEN_QUOTES: Final = 100
_LONGEST_CELL: Final = 100_000
_OUT: Final = frozenset(
    """debit debet débit debito débito d dr db dbit out withdrawal af s soll - purchase
    charge expense cargo sale fee dare uttak ut belastning lastschrift""".split()
)
_IN: Final = frozenset(
    """credit crédit credito crédito kredit c cr crdt in deposit bij h haben + refund income
    abono avere innskudd inn gutschrift""".split()
)
_PENDING: Final = frozenset(
    """pending reserved reservert reserverad reserveret ventende vorgemerkt en-attente pendiente
    in-behandeling authorised authorized pdng väntande""".split()
)
_NOT_BOOKED: Final = frozenset(
    "reverted declined failed cancelled canceled rejected avvist refusé abgelehnt".split()
)
_TOTALS: Final = frozenset(
    """sum total totals totalt summe gesamt totaal totale saldo balance endsaldo
    anfangssaldo""".split()
)
_REVIEWED: Final = frozenset({"reconciled", "avstemt", "abgeglichen", "rapproché"})
_UNREADABLE: Final = "\ufffd"


class CellsDiffer(ValueError):
    """A line of a table cannot be taken; ``field`` says which cell is at fault."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field
        self.message = message


def cells_of(
    lines: Iterator[str], delimiter: str, findings: Findings | None = None
) -> Iterator[tuple[int, list[str], str]]:
    """Return number, cells and text of every line that is not blank.

    A quoted cell may go over lines. A quote that is never closed is a problem of its line, which
    is left out, and the next line begins anew.
    """
    waiting: deque[str] = deque()
    number = 0
    open_quotes = 0
    for following in lines:
        waiting.append(following)
        while waiting:
            line = waiting.popleft()
            number += 1
            if '"' not in line:
                if line and not line.isspace():
                    yield number, line.split(delimiter), line
                continue
            most = _MOST_LINES_OF_A_CELL if open_quotes < _MOST_OPEN_QUOTES else 0
            cells, taken, text = _quoted(line, waiting, lines, delimiter, most)
            if cells is None:
                open_quotes += 1
                if findings is not None:
                    findings.problem(number, "line", text, line)
                continue
            yield number, cells, text
            number += taken


def _quoted(
    line: str, waiting: deque[str], lines: Iterator[str], delimiter: str, most: int
) -> tuple[list[str] | None, int, str]:
    """Return the cells of a line with quotes, how many more lines they took, and the text."""
    cells, is_open = _strict(line, delimiter)
    if cells is not None:
        return cells, 0, line
    if not is_open:
        return _lenient(line, delimiter)
    text = line
    for taken in range(1, most + 1):
        following = next(lines, None) if len(waiting) < taken else waiting[taken - 1]
        if following is None:
            break
        if len(waiting) < taken:
            waiting.append(following)
        text = f"{text}\n{following}"
        if len(text) > _LONGEST_CELL:
            break
        if text.count('"') % 2:
            continue
        cells, _is_open = _strict(text, delimiter)
        if cells is None:
            break
        for _line in range(taken):
            waiting.popleft()
        return cells, taken, text
    return None, 0, _("A quotation mark is opened and never closed.")


def _strict(text: str, delimiter: str) -> tuple[list[str] | None, bool]:
    """Return the cells of a well-formed text, else None and whether a quote was left open."""
    try:
        return next(csv.reader((text,), delimiter=delimiter, strict=True)), False
    except csv.Error as error:
        return None, "unexpected end" in str(error)


def _lenient(line: str, delimiter: str) -> tuple[list[str] | None, int, str]:
    try:
        return next(csv.reader((line,), delimiter=delimiter)), 0, line
    except csv.Error:
        return None, 0, _("The quotation marks of this line do not fit together.")


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream a table's rows. What is no row is told in ``findings``."""
    if not guess.delimiter:
        raise FileIsRefused(_("It is not known what separates the columns."), field="delimiter")
    places = resolved(guess.columns, guess.header)
    make = row_maker(guess, places)
    seen: set[str] = set()
    for number, cells, text in cells_of(content.lines(), guess.delimiter, findings):
        if number <= guess.header_line:
            continue
        try:
            row = make(number, cells, text)
        except CellsDiffer as problem:
            if not _is_no_row(cells):
                findings.problem(number, problem.field, problem.message, text)
            continue
        if row.account is not None and row.account not in seen:
            seen.add(row.account)
            findings.account(row.account, currency=row.currency)
        yield row


def _is_no_row(cells: list[str]) -> bool:
    """Whether a line was never meant as a row: blank, words without a figure, or a sum."""
    first = next((cell for cell in cells if cell.strip()), "").strip().casefold()
    return first.rstrip(":") in _TOTALS or not any(
        sign.isdigit() for cell in cells for sign in cell
    )


def row_maker(guess: Guess, places: dict[str, int]) -> Callable[[int, list[str], str], FileRow]:
    """Return what makes a row of a line's number, cells and text; it raises ``CellsDiffer``."""
    dates = DateReader(guess.date_order)
    days, read_day = dates.known, dates.read
    amount_of = _amount_maker(guess, places)
    number_of = AmountReader(guess.decimal_mark)
    at_day = _need(places, "date")
    text_of = _texts(places)
    needed = max(places.values())
    width = max(len(guess.header), needed + 1)
    at_balance, at_currency = places.get("balance"), places.get("currency")
    at_status, at_tags = places.get("status"), places.get("tags")
    turned = from_and_to(places, guess.header)
    currency, owed = guess.currency, guess.sign == "owed"

    def make(number: int, cells: list[str], text: str) -> FileRow:
        if len(cells) != width:
            _fit(cells, needed, width)
        if _UNREADABLE in text or "\0" in text:
            raise CellsDiffer("line", _("The line has bytes that are no text in this encoding."))
        written = cells[at_day]
        if at_status is not None and not written.strip():
            _refuse_unbooked(cells[at_status])
        day = days.get(written) or _day(read_day, written, number)
        amount = amount_of(cells)
        balance, pending, reviewed, code = None, False, False, currency
        if at_balance is not None and cells[at_balance]:
            balance = _number(number_of, cells[at_balance], "balance")
            if owed and balance is not None:
                balance = -balance
        if at_currency is not None:
            code = cells[at_currency].strip().upper()[:16] or currency
        if at_status is not None:
            status = cells[at_status].strip().casefold()
            pending, reviewed = status in _PENDING, status in _REVIEWED
            if status in _NOT_BOOKED:
                raise CellsDiffer("status", _("The row was not booked: %(text)s.", text=status))
        tags = _split_tags(cells[at_tags]) if at_tags is not None else ()
        description, payee, note, category, account, fitid, counter = text_of(cells)
        if turned and amount > 0:
            account, counter = counter, account
        return FileRow(
            number, day, amount, code, description or payee or note or "", payee, note, category,
            tags, account, fitid, counter, pending, reviewed, balance, text,
        )  # fmt: skip

    return make


def _refuse_unbooked(status: str) -> None:
    """Name the reason where a row has no date because the bank has not booked it."""
    if status.strip().casefold() in _PENDING:
        raise CellsDiffer("status", _("The row is not booked yet."))


def _need(places: dict[str, int], role: str) -> int:
    if role not in places:
        raise FileIsRefused(
            _("No column is known to hold the %(role)s.", role=role), field=role,
            hint=_("Choose the columns."),
        )  # fmt: skip
    return places[role]


def _texts(places: dict[str, int]) -> Callable[[list[str]], list[str | None]]:
    """Return what fetches the cells that are taken as they are, in the order of ``FileRow``."""
    wanted = [
        places.get(role)
        for role in (
            "description", "payee", "note", "category", "account", "fitid", "counter_account"
        )
    ]  # fmt: skip

    def texts(cells: list[str]) -> list[str | None]:
        return [None if at is None else cells[at].strip() or None for at in wanted]

    return texts


def _fit(cells: list[str], needed: int, width: int) -> None:
    """Let a line end early where only empty cells are missing, as many programs write.

    Refuse one with more cells than headings: an amount such as 12,50 may have become two.
    """
    if len(cells) < 2:
        raise CellsDiffer("line", _("The line has too few columns."))
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        raise CellsDiffer(
            "line",
            _("The line has %(found)s columns, the heading %(width)s.",
              found=len(cells), width=width),
        )  # fmt: skip
    cells.extend([""] * (needed + 1 - len(cells)))


def _day(read: Callable[[str, int], date], text: str, number: int) -> date:
    try:
        return read(text, number)
    except NotADate as error:
        raise CellsDiffer("date", str(error)) from None


def _number(read: AmountReader, text: str, field: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return read(text)
    except NotAnAmount as error:
        raise CellsDiffer(field, str(error)) from None


def _amount_maker(guess: Guess, places: dict[str, int]) -> Callable[[list[str]], Decimal]:
    read = AmountReader(guess.decimal_mark)
    if guess.sign in ("debit_credit", "debit_signed"):
        return _of_two(read, places, signed=guess.sign == "debit_signed")
    at = _need(places, "amount")
    if guess.sign == "by_type":
        return _by_type(read, at, _need(places, "type"))
    inverted, at_fee = guess.sign in ("inverted", "owed"), places.get("fee")

    def amount(cells: list[str]) -> Decimal:
        try:
            found = read(cells[at])
        except NotAnAmount as error:
            raise CellsDiffer("amount", str(error)) from None
        if at_fee is not None:
            found -= abs(_number(read, cells[at_fee], "fee") or Decimal(0))
        return -found if inverted else found

    return amount


def _of_two(
    read: AmountReader, places: dict[str, int], *, signed: bool
) -> Callable[[list[str]], Decimal]:
    at_debit, at_credit = _need(places, "debit"), _need(places, "credit")

    def amount(cells: list[str]) -> Decimal:
        debit = _number(read, cells[at_debit], "debit")
        credit = _number(read, cells[at_credit], "credit")
        if debit is None and credit is None:
            raise CellsDiffer("amount", str(not_an_amount("")))
        out = debit or Decimal(0)
        return (credit or Decimal(0)) + (out if signed else -out)

    return amount


def _by_type(read: AmountReader, at: int, at_type: int) -> Callable[[list[str]], Decimal]:
    def amount(cells: list[str]) -> Decimal:
        found = _number(read, cells[at], "amount")
        if found is None:
            raise CellsDiffer("amount", str(not_an_amount("")))
        way = direction(cells[at_type])
        if way == 0:
            message = _("“%(text)s” says neither debit nor credit.", text=cells[at_type][:40])
            raise CellsDiffer("type", message)
        return found if way > 0 else -found

    return amount


def direction(word: str) -> int:
    """Return 1 for a word that means money in, -1 for out, 0 for any other."""
    bare = word.strip().casefold()
    return -1 if bare in _OUT else 1 if bare in _IN else 0


def _split_tags(text: str) -> tuple[str, ...]:
    return tuple(one for part in text.replace(";", ",").split(",") if (one := part.strip()))
