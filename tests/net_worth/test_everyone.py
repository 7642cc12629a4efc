"""Everyone's snapshots at once: one person's figures and settings never stop the others'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from strongroom import accounts, net_worth, transactions
from strongroom.accounts import BadValue, OpenManual
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.net_worth import Snapshot
from strongroom.transactions import Filter
from tests import book as made
from tests.book import NOK, NOW, TODAY, report
from tests.identity.conftest import World

_MOST = Decimal(10) ** 15
_GREATEST = "999999999999999999.9999999999"  # what a bank's balance or row can be at most


def manual(world: World, owner: UserId, value: Decimal, day: date = TODAY) -> AccountId:
    new = OpenManual("Thing", "other", Money(value, NOK), day)
    opened = world.within(owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW))
    return opened.id


def take_all(world: World) -> int:
    return world.within_all(lambda db: net_worth.take_snapshots_for_all(db, now=NOW))


def series(world: World, owner: UserId, code: Currency = NOK) -> Sequence[Snapshot]:
    return world.within(
        owner,
        lambda db: net_worth.series(db, owner=owner, currency=code, since=None, until=TODAY),
    )


def last(world: World, owner: UserId) -> Decimal:
    return series(world, owner)[-1].net_worth.amount


def live(world: World, owner: UserId) -> Decimal:
    (found,) = world.within(owner, lambda db: net_worth.live(db, owner=owner))
    return found.net_worth.amount


def test_no_one_owns_more_than_there_is(own_world: World) -> None:
    owner = made.person(own_world)
    for value in ("1000000000000000.01", "999999999999999999", "1e20"):
        with pytest.raises(BadValue, match="from zero to 1,000,000,000,000,000 in NOK"):
            manual(own_world, owner, Decimal(value))
    for _ in range(3):
        manual(own_world, owner, _MOST)
    assert take_all(own_world) == 1
    assert last(own_world, owner) == live(own_world, owner) == 3 * _MOST


def test_the_greatest_balances_and_rows_add_up(own_world: World) -> None:
    owner, other = made.person(own_world), made.person(own_world)
    reports = [report(f"a{number}", _GREATEST) for number in range(3)]
    known = made.take_in(own_world, owner, made.item(own_world, owner), *reports)
    rows = [made.row(f"r{n}", f"-{_GREATEST}", plaid_account_id="a0",
                     day=TODAY - timedelta(days=2)) for n in range(3)]  # fmt: skip
    made.apply(own_world, owner, known, made.page(*rows))
    manual(own_world, other, Decimal(5))
    everything = 3 * int(Decimal(_GREATEST).scaleb(10))
    own_world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))
    take_all(own_world)
    assert last(own_world, other) == 5
    for figure in (live(own_world, owner), last(own_world, owner)):
        assert str(figure).replace(".", "") == str(everything)
    found = own_world.within(
        owner, lambda db: transactions.summary(db, owner=owner, filter=Filter())
    )
    assert str(found.totals[0].amount).replace(".", "") == str(everything)
    flow = own_world.within(
        owner, lambda db: transactions.cash_flow(db, owner=owner, currency=NOK, today=TODAY)
    )
    assert sum(one.money_in.amount > 0 for one in flow) == 1


@pytest.mark.parametrize("zone", ["Nowhere/Atlantis", "", "not a zone at all"])
def test_a_zone_the_server_does_not_know_counts_as_utc(own_world: World, zone: str) -> None:
    owner, other = made.person(own_world, "UTC"), made.person(own_world)
    for one in (owner, other):
        manual(own_world, one, Decimal(7))
    made.values(
        own_world, "UPDATE settings SET time_zone = %s WHERE user_id = %s RETURNING 1", zone, owner
    )
    assert take_all(own_world) == 2
    assert [one.day for one in series(own_world, owner)] == [TODAY]
    assert last(own_world, owner) == 7
    assert series(own_world, other)[-1].net_worth.amount == 7


def test_a_person_whose_days_cannot_be_stored_stops_nobody(
    own_world: World, caplog: pytest.LogCaptureFixture
) -> None:
    people = [made.person(own_world) for _ in range(5)]
    for number, one in enumerate(people):
        manual(own_world, one, Decimal(number + 1))
    broken = people[2]
    with psycopg.connect(own_world.place.admin_dsn, autocommit=True) as db:
        db.execute(
            "ALTER TABLE strongroom.net_worth_snapshots ADD CONSTRAINT no CHECK (user_id <>"
            f" '{broken}')"
        )
    assert take_all(own_world) == 4
    for number, one in enumerate(people):
        days = series(own_world, one)
        assert [day.net_worth.amount for day in days] == ([] if one == broken else [number + 1])
    told = [vars(record).get("owner") for record in caplog.records if record.levelname == "ERROR"]
    assert told == [str(broken)]
    assert take_all(own_world) == 0


def test_an_old_valuation_gives_a_banks_accounts_no_days(own_world: World) -> None:
    owner = made.person(own_world)
    manual(own_world, owner, Decimal(100), date(1970, 1, 1))
    reports = [report(f"a{number}", "10") for number in range(3)]
    known = made.take_in(own_world, owner, made.item(own_world, owner), *reports)

    def estimated() -> Any:
        return made.values(
            own_world,
            "SELECT count(*), min(day) FROM account_balances"
            " WHERE user_id = %s AND source = 'estimated'",
            owner,
        )[0]

    own_world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))
    first = (
        date(TODAY.year - 3, TODAY.month + 10, TODAY.day)
        if TODAY.month <= 2
        else date(TODAY.year - 2, TODAY.month - 2, TODAY.day)
    )
    assert estimated() == (3 * (TODAY - first).days, first)
    # The bank's rows say more than that: then their first day it is, however long ago.
    earlier = first - timedelta(days=100)
    made.apply(own_world, owner, known, made.page(made.row("a", "5", earlier,
                                                            plaid_account_id="a0")))  # fmt: skip
    own_world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))
    before = earlier - timedelta(days=1)
    assert estimated() == (3 * (TODAY - before).days, before)
    days = {one.day: one.net_worth.amount for one in series(own_world, owner)}
    assert days[date(1970, 1, 1)] == 100
    assert days[before] == 135
    assert days[TODAY] == 130
