"""The book as double entry: rows and balances by day, and what must be posted beside them.

A bank's balances and its rows rarely add up by themselves: history begins somewhere, and what a
house or a fund is worth moves without rows. What lies between is posted openly, so that every
balance holds exactly. Formats are written elsewhere.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Protocol
from uuid import UUID

from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    Book,
    CategoryLine,
    RowLine,
    Written,
)

# Sums of the book have up to 38 digits; Python's own context keeps 28.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
# Days that every one of these programs reads. Others are written as the nearest, and told.
_FIRST, _LAST = date(1700, 1, 1), date(2199, 12, 30)


@dataclass(frozen=True, slots=True)
class Posted:
    """Money that moved without a row: what there was at first, or what changed by itself."""

    account_id: UUID
    day: date
    amount: Decimal
    currency: str
    opening: bool = False


Entry = RowLine | BalanceLine | Posted


class Form(Protocol):
    """How one format writes a book: each part as text, in the order in which it is asked for."""

    def head(self) -> str:
        """Return what stands before the accounts."""

    def account(self, account: AccountLine) -> str:
        """Return what opens an account."""

    def category(self, category: CategoryLine) -> str:
        """Return what opens a category."""

    def row(self, row: RowLine) -> str:
        """Return a transaction: what moved, and the category that it went to or came from."""

    def posted(self, posted: Posted) -> str:
        """Return money that moved without a row, or nothing if the balance after it tells."""

    def balance(self, line: BalanceLine) -> str:
        """Return what an account held at the end of a day."""


async def write(form: Form, book: Book, written: Written) -> AsyncIterator[str]:
    """Write the book in a form: what there is, then everything by day."""
    yield form.head()
    for account in book.accounts:
        written.accounts += 1
        yield form.account(account)
    for category in book.categories:
        yield form.category(category)
    yield "\n"
    async for entry in entries(book):
        if isinstance(entry, RowLine):
            written.transactions += 1
            yield form.row(entry)
        elif isinstance(entry, BalanceLine):
            written.balances += 1
            yield form.balance(entry)
        else:
            yield form.posted(entry)


def writable(day: date) -> date:
    """Return the nearest day that plain-text accounting can write."""
    return min(max(day, _FIRST), _LAST)


async def entries(book: Book) -> AsyncIterator[Entry]:
    """Return everything in the order to write it: openings, then by day rows and then balances.

    Before each balance stands what makes it hold. A balance of one day and account is exact after
    the entries before it.
    """
    sums: dict[tuple[UUID, str], Decimal] = {}
    first = {account.id: account.first_day for account in book.accounts}
    for opening in sorted(book.openings, key=lambda one: (str(one.account_id), one.currency)):
        day = first[opening.account_id]
        if opening.amount and day is not None:
            sums[opening.account_id, opening.currency] = opening.amount
            yield Posted(opening.account_id, day, opening.amount, opening.currency, opening=True)
    async for line in _by_day(book):
        key = (line.account_id, str(line.currency))
        held = sums.get(key, Decimal(0))
        if isinstance(line, RowLine):
            if line.counts:
                sums[key] = _EXACT.add(held, line.amount)
        elif moved := _EXACT.subtract(line.balance, held):
            sums[key] = line.balance
            yield Posted(line.account_id, line.day, moved, line.currency)
        yield line


async def _by_day(book: Book) -> AsyncIterator[RowLine | BalanceLine]:
    """Merge rows and balances by day, a day's rows before its balances."""
    balance = await anext(book.balances, None)
    async for row in book.rows:
        while balance is not None and balance.day < row.day:
            yield balance
            balance = await anext(book.balances, None)
        yield row
    while balance is not None:
        yield balance
        balance = await anext(book.balances, None)
