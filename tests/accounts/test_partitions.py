"""Monthly partitions of balances: made ahead, and made up for after a long pause."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest

from strongroom import accounts
from strongroom.accounts import BalanceSource
from strongroom.core.ids import AccountId, ItemId, UserId
from tests import book as made
from tests.book import report
from tests.identity.conftest import World

# Years after any month that a migration makes, and each a first of its month.
PAUSE, OVER = date(2041, 3, 1), date(2041, 6, 15)


def make(world: World, today: date) -> int:
    return world.within_all(lambda db: accounts.make_partitions_for_all(db, today=today))


def partition_of(world: World, owner: UserId) -> dict[date, str]:
    rows = made.values(
        world,
        "SELECT day, tableoid::regclass::text FROM account_balances WHERE user_id = %s",
        owner,
    )
    return dict(rows)


def balances(world: World, owner: UserId, account_id: AccountId) -> dict[date, Decimal]:
    found = world.within(
        owner,
        lambda db: accounts.balance_history(
            db, owner=owner, account_id=account_id, since=date(2041, 1, 1), until=date(2042, 1, 1)
        ),
    )
    assert {one.source for one in found} == {BalanceSource.PLAID}
    return {one.day: one.balance.amount for one in found}


def test_months_are_made_ahead_once(own_world: World) -> None:
    assert make(own_world, OVER) > 24
    assert make(own_world, OVER) == 0
    assert make(own_world, date(2041, 7, 15)) == 1


def test_days_of_a_long_pause_move_to_their_months(own_world: World) -> None:
    world = own_world
    owner, other = made.person(world), made.person(world)
    days = [PAUSE, PAUSE + timedelta(days=30), PAUSE + timedelta(days=31), OVER]
    known: dict[UserId, AccountId] = {}
    for one in (owner, other):
        item_id = made.item(world, one)
        for number, day in enumerate(days):
            said = made.take_in(world, one, item_id, report("everyday", str(number)), today=day)
            known[one] = said["everyday"]
    wanted = {day: Decimal(number) for number, day in enumerate(days)}
    assert set(partition_of(world, owner).values()) == {"account_balances_earlier"}

    assert make(world, OVER) > 24

    for one in (owner, other):
        assert balances(world, one, known[one]) == wanted
        assert partition_of(world, one) == {
            days[0]: "account_balances_2041_03", days[1]: "account_balances_2041_03",
            days[2]: "account_balances_2041_04", days[3]: "account_balances_2041_06",
        }  # fmt: skip
    # What is stored from now on goes there too, and what was stored can be changed.
    made.take_in(world, owner, item_of(world, owner), report("everyday", "7"), today=OVER)
    assert balances(world, owner, known[owner])[OVER] == 7
    # Whoever goes, goes from there as well.
    made.values(world, "DELETE FROM accounts WHERE user_id = %s RETURNING 1", other)
    assert partition_of(world, other) == {}


def item_of(world: World, owner: UserId) -> ItemId:
    ((item_id,),) = made.values(world, "SELECT id FROM plaid_items WHERE user_id = %s", owner)
    return ItemId(item_id)


def test_partitions_made_later_are_as_the_first_ones(own_world: World) -> None:
    """Reached through their parent only, keyed alike, and bound to their accounts."""
    make(own_world, OVER)
    with psycopg.connect(own_world.place.admin_dsn, options="-c search_path=strongroom") as db:
        rows = db.execute(
            """
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   pg_get_userbyid(c.relowner), c.relacl::text,
                   (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
                   array(SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
                         WHERE k.conrelid = c.oid ORDER BY 1),
                   array(SELECT k.conparentid <> 0 FROM pg_constraint k
                         WHERE k.conrelid = c.oid AND k.contype IN ('p', 'f'))
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'account_balances'::regclass
            """
        ).fetchall()
    looks = {row[0]: row[1:] for row in rows}
    default = looks["account_balances_earlier"]
    assert len(looks) > 40
    assert [name for name, look in looks.items() if look != default] == []
    assert default[-1] == [True, True]


def test_a_months_days_cannot_be_seen_around_the_parent(own_world: World) -> None:
    make(own_world, OVER)
    for dsn in (own_world.place.app_dsn, own_world.place.system_dsn):
        with psycopg.connect(dsn) as db, pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("SELECT * FROM account_balances_2041_06")
