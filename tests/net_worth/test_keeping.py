"""Snapshots kept true step by step are those that would be written at once; archived, still drawn.

Whatever happens between, by whichever hand: the database itself tells from which day on.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, net_worth
from strongroom.accounts import OpenManual
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money, is_official, minor_units
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World

_START = NOW - timedelta(days=20)
_CENTS = st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))
_STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["report", "row", "value", "close", "reopen", "zone", "wait", "wait", "refresh", "all"]
        ),
        st.integers(0, 2),
        st.integers(0, 8),
        _CENTS,
    ),
    min_size=4,
    max_size=14,
)


def snapshots(world: World, owner: UserId) -> list[Any]:
    return made.values(
        world,
        "SELECT day, currency, net_worth, asset_breakdown, liability_breakdown, estimated"
        " FROM net_worth_snapshots WHERE user_id = %s ORDER BY day, currency",
        owner,
    )


def take_all(world: World, now: datetime) -> int:
    return world.within_all(lambda db: net_worth.take_snapshots_for_all(db, now=now))


def refresh(world: World, owner: UserId, now: datetime) -> None:
    world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=now))


def reckon_at_once(world: World, owner: UserId, now: datetime) -> list[Any]:
    for table in ("net_worth_snapshots", "net_worth_stale"):
        made.values(world, f"DELETE FROM {table} WHERE user_id = %s RETURNING 1", owner)
    refresh(world, owner, now)
    return snapshots(world, owner)


class Household:
    """Three accounts, and what may happen to them."""

    def __init__(self, world: World) -> None:
        self.world, self.owner, self.now = world, made.person(world), _START
        self.item = made.item(world, self.owner)
        self.known: dict[str, Any] = {}
        new = OpenManual("Hut", "real_estate", Money(Decimal(100), NOK), _START.date())
        self.hut = self.do(accounts.open_manual, new=new, now=_START).id
        for number in range(3):
            self.report(number, 0, Decimal(10))

    def do(self, verb: Any, **more: Any) -> Any:
        return self.world.within(self.owner, partial(verb, owner=self.owner, **more))

    def report(self, account: int, _: int, amount: Decimal) -> None:
        code = EUR if account == 2 else NOK
        kind = ("depository", "credit", "depository")[account]
        self.known |= made.take_in(
            self.world, self.owner, self.item,
            report(f"a{account}", str(amount), type=kind, subtype=None, currency=code),
            today=self.now.date(), now=self.now,
        )  # fmt: skip

    def row(self, account: int, back: int, amount: Decimal) -> None:
        added = row(f"{account}-{back}-{amount}-{self.now}", str(amount),
                    self.now.date() - timedelta(days=back * 3), plaid_account_id=f"a{account}",
                    currency=EUR if account == 2 else NOK)  # fmt: skip
        made.apply(self.world, self.owner, self.known, page(added), now=self.now)

    def value(self, _: int, back: int, amount: Decimal) -> None:
        self.do(accounts.revalue, account_id=self.hut, value=Money(abs(amount), NOK),
                day=self.now.date() - timedelta(days=back), now=self.now)  # fmt: skip

    def close(self, account: int, *_: Any) -> None:
        self.do(accounts.close, account_id=self.known[f"a{account}"], now=self.now)

    def reopen(self, account: int, *_: Any) -> None:
        self.do(accounts.reopen, account_id=self.known[f"a{account}"], now=self.now)

    def zone(self, number: int, *_: Any) -> None:
        zone = ("UTC", "Pacific/Kiritimati", "America/New_York")[number]
        made.values(self.world, "UPDATE settings SET time_zone = %s WHERE user_id = %s"
                    " RETURNING 1", zone, self.owner)  # fmt: skip

    def wait(self, _: int, days: int, __: Decimal) -> None:
        self.now = min(NOW, self.now + timedelta(days=days // 3, hours=days))

    def refresh(self, *_: Any) -> None:
        refresh(self.world, self.owner, self.now)

    def all(self, *_: Any) -> None:
        take_all(self.world, self.now)


@settings(max_examples=15)
@given(_STEPS)
def test_step_by_step_is_as_at_once(world: World, steps: Any) -> None:
    house = Household(world)
    for verb, account, number, amount in steps:
        getattr(house, verb)(account, number, amount)
    house.refresh()
    kept = snapshots(world, house.owner)
    assert kept
    assert kept == reckon_at_once(world, house.owner, house.now)


def test_a_day_that_comes_touches_nothing_else(own_world: World) -> None:
    quiet, busy = Household(own_world), Household(own_world)
    now = _START
    assert take_all(own_world, now) == 4
    before = own_world.within_all(lambda db: _lie(db))
    assert take_all(own_world, now) == 0
    assert own_world.within_all(lambda db: _lie(db)) == before
    now += timedelta(days=3)
    busy.now = now
    busy.report(0, 0, Decimal(77))
    assert take_all(own_world, now) == 12
    assert own_world.within_all(lambda db: _lie(db))[: len(before)] == before
    for house in (quiet, busy):
        kept = snapshots(own_world, house.owner)
        assert kept == reckon_at_once(own_world, house.owner, now)
    nok = [one[2] for one in snapshots(own_world, busy.owner) if one[1] == NOK]
    assert nok == [100, 100, 100, 167]


async def _lie(db: Any) -> Any:
    """Where the snapshots lie, by day: one that is written anew moves."""
    query = "SELECT ctid, user_id, day, currency FROM net_worth_snapshots ORDER BY day, ctid"
    return await (await db.execute(query)).fetchall()


def test_an_erased_person_or_account_leaves_nothing(own_world: World) -> None:
    gone, stays = Household(own_world), Household(own_world)
    gone.row(0, 0, Decimal(1))
    take_all(own_world, _START)
    made.values(own_world, "DELETE FROM users WHERE id = %s RETURNING 1", gone.owner)
    made.values(own_world, "DELETE FROM accounts WHERE id = %s RETURNING 1", stays.hut)
    for table in ("net_worth_snapshots", "net_worth_stale"):
        count = f"SELECT count(*) FROM {table} WHERE user_id = %s"
        assert made.values(own_world, count, gone.owner) == [(0,)]
    take_all(own_world, _START)
    assert [one[2] for one in snapshots(own_world, stays.owner)] == [10, 0]


def test_what_is_put_away_is_still_drawn(own_world: World) -> None:
    house = Household(own_world)
    for back in range(30):
        house.value(0, 0, Decimal(back + 1))
        house.now = _START - timedelta(days=31 * back)
        house.value(0, 0, Decimal(back + 200))
    house.now = _START
    house.refresh()
    kept = snapshots(own_world, house.owner)
    balances = made.values(own_world, "SELECT * FROM account_balances ORDER BY account_id, day")
    parts = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'account_balances'::regclass"
    before = made.values(own_world, parts)[0][0]

    def archive() -> int:
        today = TODAY + timedelta(days=200)
        return own_world.within_all(lambda db: net_worth.archive_balances_for_all(db, today=today))

    assert archive() > 0
    assert archive() == 0
    assert made.values(own_world, parts)[0][0] < before
    assert balances == made.values(
        own_world, "SELECT * FROM account_balances ORDER BY account_id, day"
    )
    assert kept == reckon_at_once(own_world, house.owner, house.now)
    history = house.do(
        accounts.balance_history, account_id=house.hut,
        since=TODAY - timedelta(days=1200), until=TODAY,
    )  # fmt: skip
    assert len(history) >= 30
    # Days that were put away can still be corrected, and a new month still be made.
    house.now = _START - timedelta(days=31 * 29)
    house.value(0, 0, Decimal(7))
    house.now = _START
    house.refresh()
    changed = snapshots(own_world, house.owner)
    assert changed != kept
    assert changed == reckon_at_once(own_world, house.owner, house.now)
    own_world.within_all(lambda db: accounts.make_partitions_for_all(db, today=TODAY))


def test_days_between_balances_of_files_are_reckoned_from_the_next(own_world: World) -> None:
    owner = made.person(own_world)
    known = made.take_in(
        own_world, owner, made.item(own_world, owner), report("one", "5"), report("two", "7")
    )
    rows = [
        row(f"{name} {back}", f"{back % 7 + 1}.25", TODAY - timedelta(days=back % 11 * 9 + back),
            plaid_account_id=name, pending=back == 3)
        for name in known
        for back in range(60)
    ]  # fmt: skip
    made.apply(own_world, owner, known, page(*rows))
    tell = """
        INSERT INTO account_balances (user_id, account_id, day, balance, currency, source)
        SELECT user_id, id, %s::date - n * n, 100 + n, 'NOK', 'file'
        FROM accounts, generate_series(1, 11) n
        WHERE NOT EXISTS (SELECT 1 FROM account_balances WHERE source = 'file')
        RETURNING 1
    """
    assert len(made.values(own_world, tell, TODAY)) == 22
    by_file = "UPDATE accounts SET is_manual = true, item_id = NULL, plaid_account_id = NULL"
    made.values(own_world, f"{by_file} WHERE id = %s RETURNING 1", known["two"])
    refresh(own_world, owner, NOW)
    # Each day by itself: the next balance that was told, less what was booked up to that one.
    by_day = """
        SELECT b.account_id, count(*), count(*) FILTER (WHERE b.balance = next.balance - coalesce((
            SELECT sum(t.amount) FROM transactions t
            WHERE t.account_id = b.account_id AND t.day > b.day AND t.day <= next.day
              AND NOT t.pending), 0))
        FROM account_balances b
        CROSS JOIN LATERAL (
            SELECT n.day, n.balance FROM account_balances n
            WHERE n.account_id = b.account_id AND n.day > b.day AND n.source <> 'estimated'
            ORDER BY n.day LIMIT 1) next
        WHERE b.source = 'estimated' AND b.user_id = %s GROUP BY 1
    """
    found = {account: (count, right) for account, count, right in made.values(
        own_world, by_day, owner)}  # fmt: skip
    first = TODAY - min(one.day for one in rows) + timedelta(days=1)
    # A bank's account before its first balance, 121 days ago; a file's between its 12 as well.
    assert found == {
        known["one"]: (first.days - 121, first.days - 121),
        known["two"]: (first.days + 1 - 12, first.days + 1 - 12),
    }


def test_whoever_reads_accounts_first_is_waited_for(own_world: World) -> None:
    """Who has read accounts and goes on to balances must not meet one who goes the other way."""
    waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM"
    waits += " pg_database WHERE datname = current_database())"
    place = own_world.place
    with (
        psycopg.connect(place.system_dsn) as reader,
        psycopg.connect(place.system_dsn, autocommit=True) as look,
        psycopg.connect(place.system_dsn) as archiver,
        ThreadPoolExecutor(1) as beside,
    ):
        reader.execute("SELECT count(*) FROM accounts")
        put = beside.submit(archiver.execute, "SELECT archive_balances(%s)", (TODAY,))
        until = time.monotonic() + 60
        while look.execute(waits).fetchone() == (0,):
            assert time.monotonic() < until and not put.done()
            time.sleep(0.02)
        reader.execute("SELECT count(*) FROM account_balances")
        reader.commit()
        assert put.result(timeout=60).fetchone() == (0,)


def test_the_database_rounds_as_the_program_does(world: World) -> None:
    from strongroom.core.money import _ISO_4217

    codes = [*sorted(_ISO_4217), "BTC", "USDT"]
    found = made.values(
        world, 'SELECT c, minor_units(c) FROM unnest(%s::text[]) c ORDER BY c COLLATE "C"', codes
    )
    assert dict(found) == {code: minor_units(Currency(code)) for code in codes}
    assert not is_official(Currency("BTC"))
