"""Tables that other money programs export: YNAB's register, Mint, Actual and Firefly III.

Known by their headings, read as any table, and then understood: transfers name both accounts,
categories keep their groups, splits stay parts. Budgets' plans are not read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.accounts import read_iban
from strongroom.connections.files.amounts import AmountReader, NotAnAmount, decide_mark
from strongroom.connections.files.columns import plain, resolved
from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.currencies import meant_by
from strongroom.connections.files.dates import decide_order
from strongroom.connections.files.readers.delimited import CellsDiffer, cells_of, row_maker
from strongroom.connections.files.readers.layout import Table, heading_of, table_of
from strongroom.connections.files.types import FileRow, Findings, Guess
from strongroom.ui import gettext as _

Cells = dict[str, str]
Understand = Callable[[FileRow, Cells, Guess, Findings], Sequence[FileRow]]

_YNAB_TRANSFER: Final = re.compile(r"Transfer ?: ?(.+)\Z")
_ACTUAL_SPLIT: Final = re.compile(r"\(SPLIT (\d+ OF \d+|INTO \d+)\) ?")
# Firefly's kinds of accounts that are the person's own; the others are shops and employers.
_OWN: Final = MappingProxyType({
    "asset account": ("depository", "checking"), "default account": ("depository", "checking"),
    "cash account": (None, None), "loan": ("loan", None), "debt": ("loan", None),
    "mortgage": ("loan", "mortgage"), "liability credit account": ("loan", None),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mover:
    """A program's table: headings it must have, what they hold, how its rows are understood."""

    title: str
    headings: frozenset[str]
    roles: dict[str, tuple[str, ...]]
    sign: str
    understand: Understand

    def guess(self, name: str, table: Table, head: Head) -> Guess:
        """Return how this program's table is read."""
        places = {plain(word): at for at, word in reversed(list(enumerate(table.header)))}
        columns = {role: places[word] for role, words in self.roles.items()
                   for word in reversed(words) if word in places}  # fmt: skip
        table.columns = columns
        order = decide_order(table.cells("date"))
        numbers = [cell for role in ("amount", "debit", "credit") for cell in table.cells(role)]
        mark = decide_mark(numbers)
        meant = () if "currency" in columns else meant_by(cell for _number, cell in numbers)
        reasons = [_("The headings are those of %(program)s.", program=self.title)]
        if order is not None:
            reasons.append(order.reason)
        return Guess(
            name, encoding=head.encoding, delimiter=table.delimiter, sign=self.sign,
            date_order=order.order if order else "ymd", decimal_mark=mark.mark,
            header_line=table.header_line, header=table.header, reasons=tuple(reasons),
            confidence=97 if order is None or order.line else 75,
            columns=MappingProxyType(columns),
            currency=meant[0] if len(meant) == 1 else None,
            currency_hints=meant if len(meant) > 1 else (),
        )  # fmt: skip


def guess(name: str, head: Head) -> Guess | None:
    """Tell by its headings whether a table is the program's."""
    mover = MOVERS[name]
    if not mover.headings <= {plain(word) for word in heading_of(head)}:
        return None
    table = table_of(head)
    return mover.guess(name, table, head) if table is not None else None


def rows(content: Content, guess: Guess, findings: Findings) -> Iterator[FileRow]:
    """Stream the rows as the program meant them."""
    mover = MOVERS[guess.format]
    make = row_maker(guess, resolved(guess.columns, guess.header))
    headings = [plain(word) for word in guess.header]
    for number, cells, text in cells_of(content.lines(), guess.delimiter, findings):
        if number <= guess.header_line:
            continue
        try:
            row = make(number, cells, text)
            told = dict(zip(headings, (cell.strip() for cell in cells), strict=False))
            understood = mover.understand(row, told, guess, findings)
        except CellsDiffer as problem:
            findings.problem(number, problem.field, problem.message, text)
            continue
        for one in understood:
            if one.account is not None and one.account not in findings.accounts:
                findings.account(one.account, currency=one.currency)
            yield one


def _ynab(row: FileRow, told: Cells, _guess: Guess, _findings: Findings) -> list[FileRow]:
    transfer = _YNAB_TRANSFER.match(row.payee or "")
    group = told.get("category group") or told.get("master category") or ""
    name = told.get("sub category") or told.get("category") or ""
    category = ":".join(one for one in (group, name) if one) or row.category
    return [row._replace(
        category=category, counter_account=transfer[1] if transfer else None,
        description=row.payee or row.note or "",
    )]  # fmt: skip


def _mint(row: FileRow, told: Cells, _guess: Guess, _findings: Findings) -> list[FileRow]:
    original = told.get("original description")
    category = None if row.category == "Uncategorized" else row.category
    return [row._replace(description=original or row.description, payee=told.get("description"),
                         category=category)]  # fmt: skip


def _actual(row: FileRow, told: Cells, _guess: Guess, _findings: Findings) -> list[FileRow]:
    whole = told.get("split amount", "").strip("0.,")
    if whole and not row.amount:
        return []  # the whole of a split: its parts follow as rows of their own
    note = _ACTUAL_SPLIT.sub("", row.note or "", count=1) or None
    category = row.category.replace(": ", ":") if row.category else None
    reviewed = row.reviewed or told.get("reconciled", "").lower() == "true"
    return [row._replace(note=note, category=category, reviewed=reviewed,
                         description=row.payee or note or "")]  # fmt: skip


def _firefly(row: FileRow, told: Cells, guess: Guess, findings: Findings) -> list[FileRow]:
    """Return one row for each of the person's own accounts that the journal touches."""
    source, target = told.get("source name", ""), told.get("destination name", "")
    own_source = told.get("source type", "").lower() in _OWN
    own_target = told.get("destination type", "").lower() in _OWN
    if not own_source and not own_target:
        kind = told.get("type", "")
        raise CellsDiffer("type", _("“%(text)s” moves none of your own accounts.", text=kind[:40]))
    journal = told.get("journal id") or None
    budget = told.get("budget")
    tags = row.tags + ((budget,) if budget and budget not in row.tags else ())
    reviewed = told.get("reconciled", "").lower() in ("1", "true")
    both = own_source and own_target
    found = row._replace(tags=tags, reviewed=reviewed, fitid=journal)
    made = []
    if own_source:
        _know(findings, told, "source")
        made.append(found._replace(
            amount=-abs(row.amount), account=source, payee=target or None,
            counter_account=target if both else None,
        ))  # fmt: skip
    if own_target:
        _know(findings, told, "destination")
        amount, code = _arrived(row, told, guess) if both else (abs(row.amount), row.currency)
        made.append(found._replace(
            amount=amount, currency=code, account=target, payee=source or None,
            counter_account=source if both else None,
        ))  # fmt: skip
    return made


def _arrived(row: FileRow, told: Cells, guess: Guess) -> tuple[Decimal, str | None]:
    """Return what a transfer brings: the foreign amount where the currencies differ."""
    foreign, code = told.get("foreign amount", ""), told.get("foreign currency code", "")
    if not foreign or not code:
        return abs(row.amount), row.currency
    try:
        return abs(AmountReader(guess.decimal_mark)(foreign)), code.upper()[:16]
    except NotAnAmount as error:
        raise CellsDiffer("foreign_amount", str(error)) from None


def _know(findings: Findings, told: Cells, side: str) -> None:
    name = told.get(f"{side} name", "")
    if name in findings.accounts:
        return
    kind = _OWN.get(told.get(f"{side} type", "").lower(), (None, None))
    findings.account(name, type=kind[0], subtype=kind[1],
                     iban=read_iban(told.get(f"{side} iban", "")))  # fmt: skip


MOVERS: Final[dict[str, Mover]] = {
    "ynab": Mover(
        "YNAB", frozenset({"account", "date", "payee", "memo", "outflow", "inflow"}),
        {"date": ("date",), "debit": ("outflow",), "credit": ("inflow",), "payee": ("payee",),
         "note": ("memo",), "account": ("account",), "status": ("cleared",), "tags": ("flag",),
         "category": ("category group/category", "category")},
        "debit_credit", _ynab,
    ),
    "mint": Mover(
        "Mint", frozenset({"date", "original description", "amount", "transaction type",
                           "account name"}),
        {"date": ("date",), "amount": ("amount",), "type": ("transaction type",),
         "description": ("original description",), "category": ("category",),
         "account": ("account name",), "tags": ("labels",), "note": ("notes",)},
        "by_type", _mint,
    ),
    "actual": Mover(
        "Actual", frozenset({"account", "date", "payee", "notes", "category", "amount",
                             "cleared"}),
        {"date": ("date",), "amount": ("amount",), "payee": ("payee",), "note": ("notes",),
         "category": ("category",), "account": ("account",), "status": ("cleared",)},
        "as_written", _actual,
    ),
    "firefly": Mover(
        "Firefly III", frozenset({"journal id", "type", "amount", "source name", "source type",
                                  "destination name", "destination type", "date"}),
        {"date": ("date",), "amount": ("amount",), "description": ("description",),
         "category": ("category",), "tags": ("tags",), "note": ("notes",),
         "currency": ("currency code",)},
        "as_written", _firefly,
    ),
}  # fmt: skip
