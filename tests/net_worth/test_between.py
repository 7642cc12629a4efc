"""How balances changed between two days: every part has a name, and they come to the change."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, fx, net_worth
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.core.plain import money_json
from strongroom.net_worth import (
    AccountChange,
    Between,
    RemainderKind,
    Worth,
    WorthDay,
    WorthSnapshot,
)
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

    manual = partial(made.by_hand, rates, owner)
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


@settings(max_examples=15)
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
    each_day_is_named(rates, owner, whole)
    now_is_the_newest_day(rates, owner, base)
    for day in (ago(first), ago(second), ago(third)):
        (found_day,) = [one.net_worth for one in by_day(rates, owner, base) if one.day == day] or [
            Money(Decimal(0), base)
        ]
        assert found_day == {
            ago(first): whole.before, ago(second): one.after, ago(third): whole.after,
        }[day]  # fmt: skip


def each_day_is_named(world: World, owner: UserId, whole: Between) -> None:
    found = world.within(
        owner,
        lambda db: net_worth.remainders(db, owner=owner, since=whole.since, until=whole.until),
    )
    sums: dict[Any, Decimal] = {}
    for one in found:
        assert one.change == one.moved + one.remainder
        assert one.remainder
        sums[one.account] = sums.get(one.account, Decimal(0)) + one.remainder.amount
    for change in whole.accounts:
        assert change.remainder.amount == sums.get(change.account, 0)


def by_day(world: World, owner: UserId, base: Currency, **more: Any) -> list[WorthDay]:
    return world.within(
        owner,
        lambda db: net_worth.days(db, owner=owner, base=base, since=None, until=TODAY, **more),
    )


def worth(world: World, owner: UserId, base: Currency) -> Worth:
    return world.within(owner, lambda db: net_worth.worth(db, owner=owner, base=base, day=TODAY))


def now_is_the_newest_day(world: World, owner: UserId, base: Currency) -> None:
    """Live is the sum of its parts and the newest day; each day is what it is made of."""
    now = worth(world, owner, base)
    values = [part.value.amount for part in now.parts if part.value is not None]
    assert now.net_worth.amount == sum(values, Decimal(0))
    days = by_day(world, owner, base)
    in_parts = world.within(
        owner,
        lambda db: net_worth.days_with_parts(db, owner=owner, base=base, since=None, until=TODAY),
    )
    assert days == [
        WorthDay(one.day, one.net_worth, one.estimated, one.unknown, one.known) for one in in_parts
    ]
    as_json = world.within(
        owner,
        lambda db: net_worth.days_as_json(db, owner=owner, base=base, since=None, until=TODAY),
    )
    assert json.loads(as_json) == [
        {"day": str(one.day), "net_worth": money_json(one.net_worth),
         "estimated": one.estimated, "unknown": list(one.unknown), "known": one.known}
        for one in days
    ]  # fmt: skip
    if days:
        few = by_day(world, owner, base, most=7)
        assert (few[0], few[-1]) == (days[0], days[-1])
        assert len(few) <= 8
        assert all(one in days for one in few)
    every: list[Worth | WorthSnapshot] = [now, *in_parts]
    for one in every:
        assert one.net_worth == one.assets - one.liabilities
        for side, breakdown in (
            (one.assets, one.asset_breakdown),
            (one.liabilities, one.liability_breakdown),
        ):
            assert side.amount == sum((part.amount for part in breakdown.values()), Decimal(0))
            assert all(part.amount > 0 for part in breakdown.values())
    if days and days[-1].day == TODAY:
        newest = in_parts[-1]
        assert newest.net_worth == now.net_worth
        assert newest.asset_breakdown == now.asset_breakdown
        assert newest.liability_breakdown == now.liability_breakdown
        assert set(newest.unknown) == {one.currency for one in now.unknown}
    else:
        assert not now.net_worth
    summary = made.values(
        world, "SELECT coalesce(current_net_worth, 0), currency FROM user_net_worth_summary"
        " WHERE user_id = %s", owner,
    )  # fmt: skip
    assert len(summary) == bool(days)
    if days:
        chosen = Currency(summary[0][1])
        of_view = by_day(world, owner, chosen)[-1]
        assert summary[0][0] == of_view.net_worth.amount


def test_rates_of_days_are_those_of_each_day(rates: World) -> None:
    codes = ["NOK", "EUR", "USD", "JPY", "KWD"]
    since, until = ago(60), TODAY + timedelta(days=12)
    for base in codes:
        for code in codes:
            each = made.values(
                rates,
                "SELECT d::date, r.rate FROM generate_series(%s::date, %s, interval '1 day') d"
                " CROSS JOIN LATERAL fx_rate(%s, %s, d::date) r ORDER BY 1",
                since, until, code, base,
            )  # fmt: skip
            at_once = made.values(
                rates, "SELECT * FROM fx_days(%s, %s, %s, %s) ORDER BY 1", code, base, since, until
            )
            assert at_once == each
            assert bool(each) == (code == base or "KWD" not in (code, base))


def test_other_rates_and_another_base_leave_nothing_behind(own_world: World) -> None:
    owner = made.person(own_world)
    item = made.item(own_world, owner)
    made.take_in(own_world, owner, item, report("euros", "100", currency=EUR), today=ago(2))
    made.take_in(own_world, owner, item, report("crowns", "50"), today=ago(2))
    own_world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))

    def load(rate: str, *days: int) -> None:
        text = "\n".join(["day,base,quote,rate", *(f"{ago(n)},EUR,NOK,{rate}" for n in days)])
        own_world.within_all(
            lambda db: fx.load_for_all(
                db, text=text, source="a table", accept_odd=True, today=TODAY, now=NOW
            )
        )

    def shown(base: Currency, **more: Any) -> list[Any]:
        found = by_day(own_world, owner, base, **more)
        return [(one.net_worth.amount, list(one.unknown)) for one in found]

    assert shown(NOK) == [(Decimal(50), ["EUR"])] * 3
    assert shown(NOK, without=[EUR]) == [(Decimal(50), [])] * 3
    load("10", 1)
    assert shown(NOK) == [(50, ["EUR"]), (1050, []), (1050, [])]
    load("12.345", 1, 0)
    assert shown(NOK) == [(50, ["EUR"]), (Decimal("1284.50"), []), (Decimal("1284.50"), [])]
    assert shown(EUR)[-1] == (Decimal("104.05"), [])
    assert shown(JPY)[-1] == (0, ["EUR", "NOK"])
    now_is_the_newest_day(own_world, owner, NOK)
    known, unknown = worth(own_world, owner, EUR), worth(own_world, owner, JPY)
    assert [one.name for one in known.unknown] == []
    assert [one.name for one in unknown.unknown] == ["Euros", "Crowns"]
    assert [part.value for part in unknown.parts] == [None, None]
