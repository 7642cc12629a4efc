"""How balances changed between two days: every part has a name, and they come to the change."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, fx, net_worth
from strongroom.accounts import OpenManual
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.net_worth import AccountChange, Between, RemainderKind
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, USD, page, report, row
from tests.identity.conftest import World

GBP, JPY, KWD = Currency("GBP"), Currency("JPY"), Currency("KWD")


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture(scope="module")
def rates(world: World) -> World:
    """A euro in three currencies on every day but the tenth to the last; none in dinars."""
    lines = [
        f"{ago(days)},EUR,{code},{Decimal(rate) + Decimal(days) / 100}"
        for days in range(41)
        for code, rate in (("NOK", "11.50"), ("USD", "1.15"), ("JPY", "170.1"))
    ]
    text = "\n".join(["day,base,quote,rate", *lines])
    world.within_all(
        lambda db: fx.load_for_all(
            db, text=text, source="a table", accept_odd=True, today=TODAY, now=NOW
        )
    )
    return world


def between(world: World, owner: UserId, since: date, until: date, base: Any = NOK) -> Between:
    world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))
    return world.within(
        owner, lambda db: net_worth.between(db, owner=owner, base=base, since=since, until=until)
    )


def adds_up(found: Between) -> None:
    for one in found.accounts:
        was = Decimal(0) if one.before is None else one.before.amount
        named = (one.opened + one.moved + one.waiting + one.remainder - one.closed).amount
        assert one.after.amount - was == named, one
    for values, sum_, unknown in (
        ([one.value_before for one in found.accounts], found.before, found.unknown_before),
        ([one.value_after for one in found.accounts], found.after, found.unknown_after),
    ):
        known = [value.amount for value in values if value is not None]
        assert sum(known, Decimal(0)) == sum_.amount
        assert len(known) + len(unknown) <= len(values)


def only(found: Between) -> AccountChange:
    adds_up(found)
    (one,) = found.accounts
    return one


def test_what_rows_do_not_explain_has_a_name(world: World) -> None:
    owner = made.person(world)
    item = made.item(world, owner)
    made.take_in(world, owner, item, report("checking", "100"), today=ago(9))
    known = made.take_in(world, owner, item, report("checking", "250"), today=ago(4))
    made.apply(
        world, owner, known,
        page(row("pay", "-200", ago(6)), row("food", "40", ago(5)), row("late", "7", ago(2)),
             row("pending", "1000", ago(5), pending=True)),
    )  # fmt: skip
    # 100 + 200 - 40 is 260, and the bank says 250; the row of two days ago is in no balance yet.
    one = only(between(world, owner, ago(9), ago(1)))
    assert one.kind is RemainderKind.UNEXPLAINED
    assert [money.amount for money in (one.moved, one.waiting, one.remainder)] == [153, 7, -10]
    first, second = (
        only(between(world, owner, *span)) for span in ((ago(9), ago(5)), (ago(5), ago(1)))
    )
    assert first.moved + second.moved == one.moved
    assert first.remainder + second.remainder == one.remainder
    assert first.waiting + second.waiting == one.waiting
    with pytest.raises(net_worth.SpanIsBackToFront):
        between(world, owner, ago(1), ago(1))


def test_accounts_that_come_and_go_and_values_by_hand(rates: World) -> None:
    owner = made.person(rates)

    def manual(name: str, subtype: str, value: str, day: date, code: Currency = NOK) -> Any:
        new = OpenManual(name, subtype, Money(Decimal(value), code), day)
        opened = rates.within(
            owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW)
        )
        return opened.id

    flat, car = (
        manual("Flat", "real_estate", "1000", ago(9)),
        manual("Car", "vehicle", "50", ago(9)),
    )
    manual("Boat", "other", "20", ago(3), EUR)
    manual("Gold", "precious_metal", "5", ago(3), KWD)
    manual("New", "other", "1", TODAY)
    rates.within(
        owner,
        lambda db: accounts.revalue(
            db, owner=owner, account_id=flat, value=Money(Decimal(1200), NOK), day=ago(2), now=NOW
        ),
    )
    closed = NOW - timedelta(days=2)
    rates.within(owner, lambda db: accounts.close(db, owner=owner, account_id=car, now=closed))
    found = between(rates, owner, ago(9), ago(1))
    adds_up(found)
    by_name = {one.name: one for one in found.accounts}
    assert by_name.keys() == {"Flat", "Car", "Boat", "Gold"}
    assert by_name["Flat"].remainder.amount == 200
    assert by_name["Flat"].kind is RemainderKind.REVALUED
    assert by_name["Car"].closed.amount == 50
    assert by_name["Car"].closed_on == ago(2)
    assert by_name["Boat"].opened.amount == 20
    assert by_name["Boat"].before is None
    assert by_name["Boat"].value_after == Money(Decimal("230.20"), NOK)  # at 11.51
    assert by_name["Gold"].value_after is None
    assert by_name["Gold"].rate_after is None
    assert list(found.unknown_after) == [by_name["Gold"].account]
    assert found.after.amount == Decimal("1430.20")
    assert found.before.amount == 1050


_CENTS = st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["depository", "credit", "loan", "investment"]),
            st.sampled_from([NOK, EUR, USD, JPY, KWD, GBP]),
            st.dictionaries(st.integers(0, 30), _CENTS, min_size=1, max_size=4),
            st.lists(st.tuples(st.integers(0, 40), _CENTS, st.booleans()), max_size=6),
            st.none() | st.integers(0, 12),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([NOK, EUR, USD, JPY, KWD, GBP]),
    st.lists(st.integers(0, 45), min_size=3, max_size=3, unique=True).map(sorted),
)
def test_any_history_adds_up(rates: World, pasts: Any, base: Currency, days: list[int]) -> None:
    owner = made.person(rates)
    item = made.item(rates, owner)
    known: dict[str, Any] = {}
    for number, (kind, code, reports, _, _) in enumerate(pasts):
        for back in sorted(reports, reverse=True):
            known |= made.take_in(
                rates, owner, item,
                report(f"a{number}", str(reports[back]), type=kind, subtype=None, currency=code),
                today=ago(back),
            )  # fmt: skip
    made.apply(
        rates, owner, known,
        page(*(row(f"{number}-{index}", str(amount), ago(back), pending=pending,
                   plaid_account_id=f"a{number}", currency=code)
               for number, (_, code, _, rows, _) in enumerate(pasts)
               for index, (back, amount, pending) in enumerate(rows))),
    )  # fmt: skip
    for number, past in enumerate(pasts):
        # No account is closed while a payment is pending.
        if past[-1] is not None and not any(pending for _, _, pending in past[3]):
            closed, account = NOW - timedelta(days=past[-1]), known[f"a{number}"]
            rates.within(
                owner, partial(accounts.close, owner=owner, account_id=account, now=closed)
            )
    third, second, first = days
    whole = between(rates, owner, ago(first), ago(third), base)
    one, other = (
        between(rates, owner, ago(first), ago(second), base),
        between(rates, owner, ago(second), ago(third), base),
    )
    for found in (whole, one, other):
        adds_up(found)
    assert one.after == other.before
    assert (whole.before, whole.after) == (one.before, other.after)
    parts: dict[Any, Any] = {}
    for found in (one, other):
        for change in found.accounts:
            sums = (change.moved.amount, change.waiting.amount, change.remainder.amount)
            before = parts.get(change.account, (Decimal(0),) * 3)
            parts[change.account] = tuple(a + b for a, b in zip(before, sums, strict=True))
    for change in whole.accounts:
        sums = (change.moved.amount, change.waiting.amount, change.remainder.amount)
        assert parts[change.account] == sums
