"""Days that nobody told of follow from the rows: by hand, before a first report, and on schedule.

And the two pages that speak of what no row explains say the same of the same days.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, net_worth
from strongroom.accounts import BalanceSource, Details, OpenManual
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Money
from strongroom.net_worth import CauseKind, RemainderKind
from strongroom.transactions import manual
from strongroom.transactions.manual import NewEntry
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World
from tests.net_worth.test_why import matched


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def nok(amount: Any) -> Money:
    return Money(Decimal(amount), NOK)


def opened(world: World, owner: UserId, subtype: str, value: str, day: date) -> AccountId:
    new = OpenManual(subtype, subtype, nok(value), day)
    return world.within(
        owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW)
    ).id


def write(world: World, owner: UserId, account: AccountId, amount: Any, day: date) -> None:
    new = NewEntry(account, day, nok(amount), "By hand")
    world.within(owner, lambda db: manual.add(db, owner=owner, new=new, now=NOW))


def tell(world: World, owner: UserId, account: AccountId, value: Any, day: date) -> None:
    world.within(
        owner,
        lambda db: accounts.revalue(
            db, owner=owner, account_id=account, value=nok(value), day=day, now=NOW
        ),
    )


def refresh(world: World, owner: UserId) -> None:
    world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))


def history(world: World, owner: UserId, account: AccountId) -> dict[date, tuple[Any, str]]:
    refresh(world, owner)
    found = world.within(
        owner,
        lambda db: accounts.balance_history(
            db, owner=owner, account_id=account, since=date(1970, 1, 1), until=TODAY
        ),
    )
    return {one.day: (one.balance.amount, one.source.value) for one in found}


def remainders(world: World, owner: UserId, since: date, until: date = TODAY) -> list[Any]:
    refresh(world, owner)
    return world.within(
        owner, lambda db: net_worth.remainders(db, owner=owner, since=since, until=until)
    )


def causes(world: World, owner: UserId, since: date, until: date = TODAY) -> dict[Any, Decimal]:
    refresh(world, owner)
    found = world.within(
        owner,
        lambda db: net_worth.explain(db, owner=owner, base=NOK, since=since, until=until),
    )
    assert sum((one.amount.amount for one in found.causes), Decimal(0)) == found.difference.amount
    return {one.kind: one.amount.amount for one in found.causes}


def test_rows_by_hand_move_what_no_bank_reports(own_world: World) -> None:
    owner = made.person(own_world)
    wallet = opened(own_world, owner, "bank_account", "5000", ago(90))
    write(own_world, owner, wallet, "-300", ago(60))
    write(own_world, owner, wallet, "-9000", ago(10))
    write(own_world, owner, wallet, "-7", ago(90))  # the value of that day holds it
    days = history(own_world, owner, wallet)
    assert days[ago(90)] == (5000, "manual")
    assert days[ago(60)] == (4700, "estimated")
    assert days[ago(10)] == (-4300, "estimated")
    assert [day for day in days if day > ago(90)] == [ago(60), ago(10)]
    now = own_world.within(owner, lambda db: accounts.get(db, owner=owner, account_id=wallet))
    assert now.balance == nok(-4300)
    assert remainders(own_world, owner, ago(80)) == []
    assert causes(own_world, owner, ago(80)) == {CauseKind.SPENDING: -9300}
    # A newer value stands from its day, and what it leaves open is of that day alone.
    tell(own_world, owner, wallet, "100", ago(5))
    write(own_world, owner, wallet, "-30", ago(2))
    days = history(own_world, owner, wallet)
    assert days[ago(60)] == (4700, "estimated")
    assert days[ago(10)] == (-4300, "estimated")
    assert days[ago(2)] == (70, "estimated")
    (left,) = remainders(own_world, owner, ago(80))
    assert (left.day, left.after, left.remainder.amount) == (ago(5), ago(10), 4400)
    # A value between two others, and taking one back, changes only what follows from it.
    tell(own_world, owner, wallet, "4800", ago(30))
    assert history(own_world, owner, wallet)[ago(10)] == (-4200, "estimated")
    own_world.within(
        owner,
        lambda db: accounts.forget_value(db, owner=owner, account_id=wallet, day=ago(30), now=NOW),
    )
    assert history(own_world, owner, wallet) == days


def test_what_no_bank_reports_has_no_days_before_its_own_first_row(own_world: World) -> None:
    owner = made.person(own_world)
    wallet = opened(own_world, owner, "bank_account", "5000", ago(400))
    write(own_world, owner, wallet, "-300", ago(380))
    before = causes(own_world, owner, ago(200))
    safe = opened(own_world, owner, "bank_account", "50000", ago(3))
    write(own_world, owner, safe, "-20", ago(8))
    write(own_world, owner, safe, "-1", TODAY)
    days = history(own_world, owner, safe)
    assert min(days) == ago(9)
    assert days[ago(9)] == (50020, "estimated")
    assert causes(own_world, owner, ago(200)) == {
        **before, CauseKind.OPENED: 50020, CauseKind.SPENDING: -21,
    }  # fmt: skip


@settings(max_examples=15)
@given(
    st.sampled_from(["bank_account", "cash", "credit_card", "loan", "investment", "real_estate"]),
    st.dictionaries(st.integers(0, 40), st.integers(0, 900), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 45), st.integers(-500, 500).filter(bool)), max_size=8),
)
def test_each_day_by_hand_is_the_value_before_and_its_rows(
    world: World, subtype: str, told: dict[int, int], rows: list[tuple[int, int]]
) -> None:
    owner = made.person(world)
    first = max(told)
    by_rows = subtype not in ("investment", "real_estate")
    # What is worth what its person tells takes no rows, but keeps those from when it was otherwise.
    was = subtype if by_rows else "cash"
    account = opened(world, owner, was, str(told[first]), ago(first))
    for back, amount in rows:
        write(world, owner, account, amount, ago(back))
    if not by_rows:
        turn = partial(accounts.change_kind, owner=owner, account_id=account, subtype=subtype)
        world.within(owner, lambda db: turn(db, now=NOW))
    for back, value in told.items():
        tell(world, owner, account, value, ago(back))
    sign = -1 if subtype in ("credit_card", "loan") else 1
    days = history(world, owner, account)
    held = None
    for back in range(first, -1, -1):
        last = min(one for one in told if one >= back)
        moved = sum(amount for day, amount in rows if back <= day < last) if by_rows else 0
        held = days.get(ago(back), held)
        assert held is not None
        assert held[0] == sign * told[last] + moved
    said = {day for day, (_, source) in days.items() if source == BalanceSource.MANUAL}
    assert said == {ago(back) for back in told}
    adds_up(world, owner, ago(50), TODAY)
    adds_up(world, owner, ago(20), ago(3))


def adds_up(world: World, owner: UserId, since: date, until: date) -> None:
    """What is left over by day, between two days, and as causes is one figure."""
    left = remainders(world, owner, since, until)
    found = world.within(
        owner, lambda db: net_worth.between(db, owner=owner, base=NOK, since=since, until=until)
    )
    why = causes(world, owner, since, until)
    for one in found.accounts:
        theirs = sum((r.remainder.amount for r in left if r.account == one.account), Decimal(0))
        assert one.remainder.amount == theirs
    for kind in RemainderKind:
        by_day = sum((r.remainder.amount for r in left if r.kind is kind), Decimal(0))
        assert why.get(CauseKind(kind.value), Decimal(0)) == by_day


def test_what_was_put_into_a_fund_before_its_first_report_is_no_market(own_world: World) -> None:
    owner = made.person(own_world)
    item = made.item(own_world, owner)
    known = made.take_in(
        own_world, owner, item,
        report("checking", "1000"), report("fund", "5000", type="investment", subtype="ira"),
        today=ago(5),
    )  # fmt: skip
    months = range(20, 300, 30)
    income = {"pfc_primary": "INCOME", "pfc_detailed": "INCOME_DIVIDENDS"}
    made.apply(own_world, owner, known, page(*[
        one for back in months for one in (
            row(f"out {back}", "350", ago(back)),
            row(f"in {back}", "-350", ago(back), plaid_account_id="fund"),
            row(f"dividend {back}", "-12.34", ago(back - 3), plaid_account_id="fund", **income),
            row(f"bought {back}", "340", ago(back - 1), plaid_account_id="fund"),
        )
    ]))  # fmt: skip
    rows = made.by_name(own_world, owner)
    if not rows["ROW in 20"].transfer_id:
        matched(own_world, owner, [rows[f"ROW {leg} {back}"].id
                                   for back in months for leg in ("out", "in")])  # fmt: skip
    days = history(own_world, owner, known["fund"])
    assert days[ago(21)] == (4650, "estimated")
    assert days[ago(20)] == (5000, "estimated")
    assert days[ago(270)] == (5000 - 350 * 9, "estimated")
    assert CauseKind.MARKET not in causes(own_world, owner, ago(280), ago(5))
    assert remainders(own_world, owner, ago(280), ago(5)) == []
    later = report("fund", "5100", type="investment", subtype="ira")
    made.apply(own_world, owner, known, page(
        row("late dividend", "-60", ago(2), plaid_account_id="fund", **income)))  # fmt: skip
    made.take_in(own_world, owner, item, later)
    # A dividend is part of what the market did: on both pages.
    assert causes(own_world, owner, ago(280))[CauseKind.MARKET] == 100
    (left,) = [one for one in remainders(own_world, owner, ago(280))
               if one.account == known["fund"]]  # fmt: skip
    assert (left.kind, left.remainder.amount, left.moved.amount) == (RemainderKind.MARKET, 100, 0)
    adds_up(own_world, owner, ago(280), TODAY)


def test_rates_and_schedules_are_not_called_a_persons_values(own_world: World) -> None:
    owner = made.person(own_world)
    hut = opened(own_world, owner, "real_estate", "100000", ago(200))
    own_world.within(
        owner,
        partial(accounts.describe, owner=owner, account_id=hut,
                said=Details(yearly_percent=Decimal(5)), now=NOW),
    )  # fmt: skip
    tell(own_world, owner, hut, "150000", ago(3))
    days = history(own_world, owner, hut)
    grown = [day for day, (_, source) in days.items() if source == BalanceSource.PROJECTED]
    assert grown
    left = remainders(own_world, owner, ago(200))
    by_rate = [one for one in left if one.kind is RemainderKind.GROWN]
    months = [(one.day.year, one.day.month) for one in by_rate]
    assert len(months) == len(set(months))
    assert [one.day for one in left if one.kind is RemainderKind.REVALUED] == [ago(3)]
    why = causes(own_world, owner, ago(200))
    assert why[CauseKind.GROWN] > 0
    assert why[CauseKind.GROWN] + why[CauseKind.REVALUED] == 50000
    adds_up(own_world, owner, ago(200), TODAY)
    adds_up(own_world, owner, ago(100), ago(50))
