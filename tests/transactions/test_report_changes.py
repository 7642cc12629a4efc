"""Why spending is another: than in another period, or than it was known to be some time ago."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import fx, transactions
from strongroom.core.ids import UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import (
    Hand,
    Kind,
    KnownWhy,
    PeriodWhy,
    Step,
    Transaction,
    category_report,
    explain_known,
    explain_periods,
    journal,
    period_of,
    totals,
)
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World

NOVEMBER = period_of(TODAY, Step.MONTH)
OCTOBER = period_of(date(2026, 10, 5), Step.MONTH)
_COFFEE = "FOOD_AND_DRINK_COFFEE"
TRANSFER = (
    "INSERT INTO transfers (user_id, id, out_id, into_id, kind, state, score, reasons, made_by,"
    " made_at) VALUES (%s, %s, %s, %s, 'transfer', 'matched', 99, '[]', 'match', %s)"
)


@pytest.fixture(scope="module")
def rates(world: World) -> World:
    """A euro for each day of October and November: 12 kroner, then 11.50."""
    days = [date(2026, 10, 1) + timedelta(days=n) for n in range(52)]
    lines = [f"{day},EUR,NOK,{'12' if day.month == 10 else '11.5'}" for day in days]
    text = "\n".join(["day,base,quote,rate", *lines])
    world.within_all(lambda db: fx.load_for_all(db, text=text, source="t", today=TODAY, now=NOW))
    return world


@dataclass
class Life:
    """Somebody whose book changes as time passes."""

    world: World
    owner: UserId
    accounts: dict[str, Any] = field(default_factory=dict)
    now: datetime = NOW - timedelta(days=20)

    @classmethod
    def begun(cls, world: World) -> Life:
        owner = made.person(world)
        known = made.take_in(
            world, owner, made.item(world, owner), report("checking", "1000"),
            report("euros", "100", currency=EUR),
            report("loan", "100", type="loan", subtype="student"),
        )  # fmt: skip
        return cls(world, owner, known)

    def later(self) -> datetime:
        self.now += timedelta(hours=5)
        return self.now

    def bank(self, *added: Any, modified: Any = (), removed: Any = ()) -> None:
        told = page(*added, modified=modified, removed=removed)
        made.apply(self.world, self.owner, self.accounts, told, now=self.later())

    def rows(self) -> dict[str, Transaction]:
        return made.by_name(self.world, self.owner)

    def choose(self, key: str, *titles: str) -> None:
        wanted = [self.rows()[title].id for title in titles]
        chosen, now = made.category(self.world, self.owner, key), self.later()
        self.world.within(
            self.owner,
            lambda db: transactions.set_category(
                db, owner=self.owner, transaction_ids=wanted, category_id=chosen, now=now
            ),
        )

    def write(self, cause: Any, *work: tuple[str, tuple[Any, ...]]) -> None:
        """Change rows as other parts of the book do, whose verbs have tests of their own."""
        now = self.later()

        async def store(db: Any) -> None:
            await totals.take_turn(db, self.owner)
            await journal.because(db, cause=cause, now=now)
            for statement, params in work:
                await db.execute(statement, params)
            await totals.roll_up(db, self.owner, [OCTOBER.first, NOVEMBER.first])

        self.world.within(self.owner, store)

    def split(self, title: str, **parts: str) -> None:
        """Split a row anew; without parts it is whole again."""
        row_id = self.rows()[title].id
        made_of = {key: made.category(self.world, self.owner, key) for key in parts}
        self.write(
            "person",
            ("DELETE FROM transaction_splits WHERE user_id = %s AND transaction_id = %s",
             (self.owner, row_id)),
            ("UPDATE transactions SET is_split = %s, edited_at = %s WHERE user_id = %s AND id = %s",
             (bool(parts), self.now, self.owner, row_id)),
            *(("INSERT INTO transaction_splits VALUES (%s, %s, %s, %s, %s)",
               (self.owner, row_id, place, made_of[key], Decimal(amount)))
              for place, (key, amount) in enumerate(parts.items(), 1)),
        )  # fmt: skip

    def match(self, out: str, into: str) -> None:
        """Make two rows a transfer, or end the transfers that one of them is a leg of."""
        rows = self.rows()
        legs = [rows[out].id, rows[into].id]
        if any(rows[one].transfer_id for one in (out, into)):
            self.write("match", ("DELETE FROM transfers WHERE user_id = %s AND (out_id = ANY(%s)"
                                 " OR into_id = ANY(%s))", (self.owner, legs, legs)))  # fmt: skip
        elif out != into:
            self.write("match", (TRANSFER, (self.owner, new_id(), *legs, self.now)))

    def spent(self) -> Money:
        return self.ask(
            lambda db: category_report(
                db, owner=self.owner, currency=NOK, periods=[NOVEMBER], kind=Kind.SPENDING
            )
        ).total

    def known(self, at: datetime, **more: Any) -> KnownWhy:
        return self.ask(
            lambda db: explain_known(
                db, owner=self.owner, currency=NOK, kind=Kind.SPENDING, period=NOVEMBER,
                known_at=at, **more,
            )
        )  # fmt: skip

    def ask(self, work: Callable[[Any], Any]) -> Any:
        return self.world.within(self.owner, work)


def nok(text: str) -> Money:
    return Money(Decimal(text), NOK)


def adds_up(found: KnownWhy) -> dict[Hand, Decimal]:
    whole = sum((one.amount.amount for one in found.causes), Decimal(0))
    assert whole == found.difference.amount
    for one in found.causes:
        assert sum((row.amount.amount for row in one.rows), Decimal(0)) == one.amount.amount
    return {one.hand: one.amount.amount for one in found.causes}


def test_each_hand_has_what_it_did(rates: World) -> None:
    life = Life.begun(rates)
    life.bank(
        row("food", "100", date(2026, 11, 3)), row("cup", "4", date(2026, 11, 4)),
        row("gone", "9", date(2026, 11, 4)), row("card", "50", date(2026, 11, 5)),
        row("moved", "-50", date(2026, 10, 31)),
    )  # fmt: skip
    first, before = life.now, life.spent()
    life.bank(
        row("late", "30", date(2026, 11, 2)),
        row("tasse", "3.33", date(2026, 11, 4), plaid_account_id="euros", currency=EUR),
        modified=[row("cup", "5", date(2026, 11, 4))], removed=["gone"],
    )  # fmt: skip
    life.choose("salary", "ROW late")
    life.match("ROW card", "ROW moved")
    life.split("ROW food", gifts="-30", salary="-20")
    life.split("ROW food", salary="-60")
    found = life.known(first)
    assert (before, found.before, found.after) == (nok("163"), before, life.spent())
    assert adds_up(found) == {
        Hand.LATE_BANK: Decimal("68.30"), Hand.PERSON: -90, Hand.SYNC: -8, Hand.MATCH: -50,
    }  # fmt: skip
    by_hand = {one.hand: one for one in found.causes}
    assert [(one.title, one.amount.amount) for one in by_hand[Hand.PERSON].rows] == [
        ("ROW food", Decimal(-60)), ("ROW late", Decimal(-30)),
    ]  # fmt: skip
    assert {one.title: one.is_gone for one in by_hand[Hand.SYNC].rows} == {
        "ROW gone": True, "ROW cup": False,
    }  # fmt: skip
    nothing = life.known(life.now)
    assert (nothing.causes, nothing.before) == ([], nothing.after)


def test_within_one_category_a_move_counts(rates: World) -> None:
    life = Life.begun(rates)
    life.bank(row("food", "100", date(2026, 11, 3)), row("cup", "4", date(2026, 11, 4)))
    first = life.now
    life.choose("coffee", "ROW cup")
    assert life.known(first).causes == []
    coffee = made.category(rates, life.owner, "coffee")
    found = life.known(first, category_id=coffee)
    assert adds_up(found) == {Hand.PERSON: 4}
    assert (found.before, found.after) == (nok("0"), nok("4"))


_ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["new", "new", "modify", "remove", "choose", "split", "whole", "match", "move"]
        ),
        st.integers(0, 5), st.integers(-400, 9000), st.sampled_from([-3, 2, 4, 9]),
    ),
    min_size=3, max_size=9,
)  # fmt: skip


@settings(max_examples=5)
@given(_ACTS)
def test_what_was_known_at_any_time_is_known_again(rates: World, acts: Any) -> None:
    life = Life.begun(rates)
    told: dict[str, Any] = {}
    seen = [(life.now, life.spent())]
    for number, (act, which, cents, day) in enumerate(acts):
        _do(life, told, number, act, which, Decimal(cents or 1).scaleb(-2), day)
        seen.append((life.now, life.spent()))
    for at, spent in seen:
        found = life.known(at)
        assert (found.before, found.after) == (spent, life.spent())
        adds_up(found)


def _do(life: Life, told: dict[str, Any], number: int, act: str, which: int, amount: Decimal,
        day: int) -> None:  # fmt: skip
    on = date(2026, 11, 1) + timedelta(days=day)
    if act == "new" or not told:
        account, code = (("checking", NOK), ("euros", EUR), ("loan", NOK))[which % 3]
        told[f"r{number}"] = {"plaid_account_id": account, "currency": code}
        life.bank(row(f"r{number}", str(amount), on, **told[f"r{number}"]))
        return
    name = sorted(told)[which % len(told)]
    standing = life.rows()
    if f"ROW {name}" not in standing:
        return
    if act == "modify":
        life.bank(modified=[row(name, str(amount), on, **told[name])])
    elif act == "remove":
        life.bank(removed=[name])
        told.pop(name)
    elif act == "choose":
        life.choose(("coffee", "salary", "own_transfer")[which % 3], f"ROW {name}")
    elif act == "match":
        life.match(f"ROW {name}", sorted(standing)[which % len(standing)])
    elif act == "move":
        life.bank(modified=[row(name, str(amount), on - timedelta(days=20), **told[name])])
    elif act == "split":
        life.split(f"ROW {name}", gifts=str(amount), salary="1.25")
    else:
        life.split(f"ROW {name}")


def periods_why(world: World, owner: UserId, currency: Currency = NOK) -> PeriodWhy:
    return world.within(
        owner,
        lambda db: explain_periods(
            db, owner=owner, currency=currency, kind=Kind.SPENDING, against=OCTOBER, period=NOVEMBER
        ),
    )  # fmt: skip


def test_two_months_differ_by_category_and_by_rate(rates: World) -> None:
    life = Life.begun(rates)
    euros = {"plaid_account_id": "euros", "currency": EUR}
    life.bank(
        row("a", "100", date(2026, 10, 3)), row("b", "140", date(2026, 11, 3)),
        row("c", "10", date(2026, 10, 3), pfc_detailed=_COFFEE, **euros),
        row("d", "12", date(2026, 11, 3), pfc_detailed=_COFFEE, **euros),
        row("e", "7", date(2026, 11, 4), pfc_detailed="MEDICAL_DENTAL_CARE", **euros),
        row("pay", "-9", date(2026, 11, 4), pfc_detailed="INCOME_WAGES"),
    )  # fmt: skip
    found = periods_why(rates, life.owner)
    assert (found.before, found.after) == (nok("220"), nok("358.50"))
    assert sum(one.amount.amount for one in found.causes) == found.difference.amount
    by_key = {one.key: one for one in found.causes}
    food, health, of_rates = by_key["food"], by_key["health"], by_key[None]
    # Coffee: 10 at 12 to 12 at 11.50 is 24 more at the old rate, and 6 less for the new one.
    assert {one.key: one.amount.amount for one in food.inside} == {"groceries": 40, "coffee": 24}
    assert (food.amount, of_rates.amount) == (nok("64"), nok("-6"))
    assert health.amount.amount == Decimal("80.50")
    assert (food.before, food.after) == (nok("220"), nok("278"))


def test_a_stranger_is_told_nothing(rates: World) -> None:
    owner = made.person(rates)
    assert periods_why(rates, owner).causes == []
    assert Life(rates, owner).known(NOW).causes == []
