"""Made-up books as values, for properties of exports: six currencies, hostile texts, any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Context, Decimal, localcontext
from typing import TypeVar
from uuid import UUID

from hypothesis import strategies as st

from strongroom.core.money import Currency
from strongroom.transactions.export import Format, Part, Written
from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    Book,
    CategoryLine,
    OpeningLine,
    PartLine,
    RowLine,
)
from strongroom.transactions.export.whole import WRITERS
from tests.transactions.exported import HOSTILE

CURRENCIES = ("NOK", "EUR", "USD", "JPY", "KWD", "1INCH.")
T = TypeVar("T")
_EXACT = Context(prec=60)

# Everything that PostgreSQL holds: all of Unicode but NUL and lone surrogates.
_letters = st.characters(exclude_characters="\0", exclude_categories=["Cs"])
_nasty = st.text(st.sampled_from(list("=+-@;|~\"'\\\n\r\t ,:[](){}*!#%0aA.&"))).filter(bool)
texts = st.one_of(st.sampled_from(HOSTILE), _nasty, st.text(_letters, min_size=1, max_size=40))
amounts = st.one_of(
    st.decimals(-10**6, 10**6, places=2),
    st.decimals(-(10**17), 10**17, places=10),
    st.sampled_from([Decimal(0), Decimal("-1e-10"), Decimal("999999999999999999.9999999999")]),
)  # fmt: skip
small_amounts = st.decimals(-(10**12), 10**12, places=10)
"""What beancount can sum up exactly: it reckons with 28 digits."""
tag_names = texts.map(lambda one: " ".join(one.replace(",", " ").split())[:50].strip()).filter(bool)
instants = st.integers(0, 4 * 10**9).map(lambda one: datetime.fromtimestamp(one, UTC))
days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
any_days = st.one_of(days, st.sampled_from([date(1, 1, 1), date(1066, 10, 14), date.max]))


@dataclass(frozen=True)
class Made:
    """A book as lists, to be written more than once."""

    accounts: Sequence[AccountLine]
    categories: Sequence[CategoryLine]
    balances: Sequence[BalanceLine]
    rows: Sequence[RowLine]

    def written(self, format: Format) -> str:
        """The book in a format."""

        async def write() -> str:
            return "".join([part async for part in WRITERS[format](self._book(), Written())])

        return asyncio.run(write())

    def openings(self) -> list[OpeningLine]:
        """What each account held before its first row, as the database reckons it."""
        found: dict[tuple[UUID, str], BalanceLine] = {}
        for line in self.balances:
            found.setdefault((line.account_id, line.currency), line)
        with localcontext(_EXACT):
            return [
                OpeningLine(account, code, line.balance - self._moved(account, code, line.day))
                for (account, code), line in found.items()
            ]

    def _moved(self, account: UUID, code: str, until: date) -> Decimal:
        return sum(
            (row.amount for row in self.rows
             if row.counts and row.account_id == account and row.currency == code
             and row.day <= until),
            Decimal(0),
        )  # fmt: skip

    def _book(self) -> Book:
        used: dict[UUID, list[str]] = {}
        lines: list[RowLine | BalanceLine] = [*self.rows, *self.balances]
        for line in lines:
            used.setdefault(line.account_id, []).append(str(line.currency))
        return Book(Part(), self.accounts, self.categories, self.openings(), used,
                    _streamed(self.balances), _streamed(self.rows))  # fmt: skip


async def _streamed(lines: Sequence[T]) -> AsyncIterator[T]:
    for line in lines:
        yield line


def _id(number: int, kind: int) -> UUID:
    return UUID(int=(kind << 64) + number)


@st.composite
def categories(draw: st.DrawFn) -> list[CategoryLine]:
    """Two defaults in their group, and some of the person's own, in two levels."""
    found = [
        CategoryLine(_id(1, 1), None, "food", None, "spending"),
        CategoryLine(_id(2, 1), _id(1, 1), "groceries", None, "spending"),
        CategoryLine(_id(3, 1), None, "transfers", None, "transfer"),
        CategoryLine(_id(4, 1), _id(3, 1), "own_transfer", None, "transfer"),
    ]
    for number in range(5, 5 + draw(st.integers(0, 3))):
        groups = [one.id for one in found[4:] if one.parent_id is None]
        parent = draw(st.sampled_from([None, _id(1, 1), *groups]))
        kind = draw(st.sampled_from(["income", "spending", "transfer"]))
        found.append(CategoryLine(_id(number, 1), parent, None, draw(texts), kind))
    return sorted(found, key=lambda one: one.parent_id is not None)


@st.composite
def accounts(draw: st.DrawFn, first: date | None, last: date | None) -> list[AccountLine]:
    """One to four accounts, some of them with the same name."""
    maybe = st.one_of(st.none(), texts)
    return [
        AccountLine(
            id=_id(number, 2), name=draw(texts), official_name=draw(maybe),
            type=draw(st.sampled_from(["depository", "credit", "manual_asset"])),
            subtype=draw(maybe), category=draw(st.sampled_from(["cash", "loans", "property"])),
            mask=draw(maybe), iban=draw(st.sampled_from([None, "NO9386011117947"])),
            institution_name=draw(maybe), is_manual=draw(st.booleans()),
            currency=draw(st.sampled_from(CURRENCIES)),
            hidden_at=draw(st.one_of(st.none(), instants)),
            closed_at=draw(st.one_of(st.none(), instants)), first_day=first, last_day=last,
        )
        for number in range(draw(st.integers(1, 4)))
    ]  # fmt: skip


@st.composite
def books(draw: st.DrawFn, amounts: st.SearchStrategy[Decimal] = amounts) -> Made:
    """A book of up to four accounts, twelve rows and eight balances."""
    known = draw(categories())
    when = draw(st.lists(any_days, max_size=12))
    held_on = draw(st.lists(days, max_size=8))
    every = [*when, *held_on]
    held = draw(accounts(min(every, default=None), max(every, default=None)))
    rows = [
        _row(draw, number, day, held, known, amounts) for number, day in enumerate(sorted(when))
    ]
    at = {(draw(st.sampled_from(held)).id, day) for day in held_on}
    balances = [
        BalanceLine(
            account, day, draw(amounts), draw(st.sampled_from(CURRENCIES)),
            draw(st.sampled_from(["plaid", "manual", "file", "estimated"])),
            draw(st.one_of(st.none(), amounts)), None, draw(st.one_of(st.none(), instants)),
        )
        for account, day in sorted(at, key=lambda one: (one[1], one[0]))
    ]  # fmt: skip
    return Made(held, known, balances, rows)


def _row(
    draw: st.DrawFn, number: int, day: date, held: list[AccountLine], known: list[CategoryLine],
    amounts: st.SearchStrategy[Decimal],
) -> RowLine:  # fmt: skip
    reviewed = draw(st.one_of(st.none(), instants))
    code = Currency(draw(st.sampled_from(CURRENCIES)))
    parts = [
        PartLine(draw(st.sampled_from(known)).id, part, draw(st.one_of(st.none(), texts)))
        for part in draw(st.lists(amounts.filter(bool), max_size=3))
    ]
    return RowLine(
        id=_id(number, 3), account_id=draw(st.sampled_from(held)).id, day=day,
        happened_on=draw(st.one_of(st.none(), any_days)), amount=draw(amounts),
        currency=code,
        description=draw(st.one_of(st.just(""), texts)),
        merchant=draw(st.one_of(st.none(), texts)),
        category_id=draw(st.sampled_from(known)).id,
        category_by=draw(st.sampled_from(["bank", "rule", "person"])),
        origin=draw(st.sampled_from(["bank", "file", "manual"])), pending=draw(st.booleans()),
        note=draw(st.one_of(st.none(), texts)),
        needs_review=reviewed is None and draw(st.booleans()), reviewed_at=reviewed,
        removed_by_bank=draw(st.one_of(st.none(), instants)),
        never_booked_at=draw(st.one_of(st.none(), instants)),
        merchant_by=draw(st.sampled_from(["bank", "bank", "person", "rule"])),
        tags=draw(st.lists(tag_names, max_size=3, unique_by=str.lower)), parts=parts,
    )  # fmt: skip
