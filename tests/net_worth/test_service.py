"""Net worth through its door: now, by day, and backwards from what banks report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts, net_worth
from strongroom.accounts import Account, OpenManual
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money
from strongroom.net_worth import CauseKind, DayTotal, Live, Snapshot
from strongroom.transactions import BankTransaction
from strongroom.transactions import manual as by_hand
from strongroom.transactions.manual import NewEntry
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World

_LONG_AGO = date(1970, 1, 1)
_NOTHING = Decimal(0)


@pytest.fixture
def owner(world: World) -> UserId:
    return made.person(world)


def refresh(world: World, owner: UserId, now: datetime = NOW) -> None:
    world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=now))


def live(world: World, owner: UserId) -> dict[Currency, Live]:
    found = world.within(owner, lambda db: net_worth.live(db, owner=owner))
    return {one.currency: one for one in found}


def series(
    world: World, owner: UserId, currency: Currency = NOK, since: date | None = None,
    until: date = TODAY,
) -> list[Snapshot]:  # fmt: skip
    return world.within(
        owner,
        lambda db: net_worth.series(db, owner=owner, currency=currency, since=since, until=until),
    )


def totals(world: World, owner: UserId, code: Currency) -> list[DayTotal]:
    return world.within(
        owner,
        lambda db: net_worth.totals(db, owner=owner, currency=code, since=None, until=TODAY),
    )


def by_day(found: Sequence[Snapshot]) -> dict[date, Decimal]:
    return {one.day: one.net_worth.amount for one in found}


def manual(
    world: World, owner: UserId, subtype: str, value: str, day: date, code: Currency = NOK
) -> Account:
    new = OpenManual(subtype.title(), subtype, Money(Decimal(value), code), day)
    return world.within(owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW))


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def stored(world: World, owner: UserId) -> list[Any]:
    """Where every row of balances and snapshots lies: a row that is written anew moves."""
    return [
        made.values(world, f"SELECT ctid, xmin::text, t.* FROM {table} t WHERE user_id = %s"
                    " ORDER BY tableoid, ctid", owner)
        for table in ("account_balances", "net_worth_snapshots")
    ]  # fmt: skip


def test_nobodys_net_worth_is_nothing(world: World, owner: UserId) -> None:
    refresh(world, owner)
    assert live(world, owner) == {}
    assert series(world, owner) == []


def test_parts_of_a_day(world: World, owner: UserId) -> None:
    made.take_in(
        world, owner, made.item(world, owner),
        report("everyday", "100.10"), report("overdrawn", "-20.05"),
        report("card", "40", type="credit", subtype="credit card"),
        report("overpaid", "-5", type="credit", subtype="credit card"),
        report("empty", "0"), report("silent", None),
        report("euros", "7", currency=EUR),
    )  # fmt: skip
    manual(world, owner, "real_estate", "1000", TODAY)
    manual(world, owner, "mortgage", "600.25", TODAY)
    refresh(world, owner)
    (day,) = series(world, owner)
    assert {key: one.amount for key, one in day.asset_breakdown.items()} == {
        "cash": Decimal("100.10"), "other_assets": Decimal(5), "property": Decimal(1000),
    }  # fmt: skip
    assert {key: one.amount for key, one in day.liability_breakdown.items()} == {
        "credit_cards": Decimal(40), "mortgages": Decimal("600.25"),
        "other_liabilities": Decimal("20.05"),
    }  # fmt: skip
    assert (day.day, day.currency, day.estimated) == (TODAY, NOK, False)
    assert day.assets.amount == Decimal("1105.10")
    assert day.liabilities.amount == Decimal("660.30")
    assert day.net_worth.amount == Decimal("444.80")
    now = live(world, owner)
    assert now[NOK].net_worth == day.net_worth
    assert [one.name for one in now[NOK].unknown] == ["Silent"]
    assert now[EUR].net_worth == Money(Decimal(7), EUR)
    assert [one.net_worth.amount for one in series(world, owner, EUR)] == [7]


def test_days_are_carried_forward_and_say_so(world: World, owner: UserId) -> None:
    item_id = made.item(world, owner)
    made.take_in(world, owner, item_id, report("everyday", "10"), today=ago(3))
    made.take_in(world, owner, item_id, report("everyday", "30"), today=ago(1))
    refresh(world, owner)
    found = series(world, owner)
    assert [(one.day, int(one.net_worth.amount), one.estimated) for one in found] == [
        (ago(3), 10, False), (ago(2), 10, True), (ago(1), 30, False), (TODAY, 30, True),
    ]  # fmt: skip
    assert [one.day for one in series(world, owner, since=ago(2), until=ago(1))] == [
        ago(2), ago(1),
    ]  # fmt: skip


def test_backwards_from_the_first_report(world: World, owner: UserId) -> None:
    known = made.take_in(
        world, owner, made.item(world, owner),
        report("checking", "100"), report("fund", "50", type="investment", subtype="ira"),
    )  # fmt: skip
    made.apply(
        world, owner, known,
        page(
            row("today", "1", TODAY), row("yesterday", "-2", ago(1)), row("earlier", "4", ago(4)),
            row("waiting", "8", ago(1), pending=True), row("future", "16", ago(-1)),
            row("euros", "32", ago(1), currency=EUR),
            row("of the fund", "64", ago(2), plaid_account_id="fund"),
        ),
    )  # fmt: skip
    refresh(world, owner)
    # Checking: 100 today; before today's purchase 101; before yesterday's pay 99; and so on.
    assert by_day(series(world, owner)) == {
        TODAY: 150, ago(1): 151, ago(2): 149, ago(3): 149, ago(4): 149, ago(5): 153,
    }  # fmt: skip
    assert [one.estimated for one in series(world, owner)] == [True] * 5 + [False]


def test_a_row_by_hand_beside_the_banks_does_not_move_the_past(world: World, owner: UserId) -> None:
    known = made.take_in(world, owner, made.item(world, owner), report("checking", "500"))
    made.apply(world, owner, known, page(row("r1", "20", ago(10))))
    refresh(world, owner)
    before = by_day(series(world, owner))
    assert before[ago(11)] == 520
    entry = NewEntry(known["checking"], ago(1), Money(Decimal(-1000), NOK), "Written by hand")
    world.within(owner, lambda db: by_hand.add(db, owner=owner, new=entry, now=NOW))
    refresh(world, owner)
    assert by_day(series(world, owner)) == before
    why = world.within(
        owner,
        partial(net_worth.explain, owner=owner, base=NOK, since=ago(11), until=TODAY),
    )
    assert why.difference.amount == -20
    causes = {one.kind: one.amount.amount for one in why.causes}
    assert causes[CauseKind.SPENDING] == -1020
    assert sum(causes.values()) == -20, "what the bank knows nothing of is in the named remainder"


def test_history_follows_rows_that_change(world: World, owner: UserId) -> None:
    known = made.take_in(world, owner, made.item(world, owner), report("checking", "100"))
    made.apply(world, owner, known, page(row("a", "10", ago(1)), row("b", "5", ago(3))))
    refresh(world, owner)
    assert by_day(series(world, owner)) == {
        TODAY: 100, ago(1): 100, ago(2): 110, ago(3): 110, ago(4): 115,
    }  # fmt: skip
    made.apply(world, owner, known, page(modified=[row("a", "20", ago(1))], removed=["b"]))
    refresh(world, owner)
    assert by_day(series(world, owner)) == {TODAY: 100, ago(1): 100, ago(2): 120}


def test_closed_accounts_count_until_the_day_they_close(world: World, owner: UserId) -> None:
    flat = manual(world, owner, "real_estate", "1000", ago(3))
    manual(world, owner, "vehicle", "50", ago(3))
    closed = NOW - timedelta(days=1)
    world.within(owner, lambda db: accounts.close(db, owner=owner, account_id=flat.id, now=closed))
    refresh(world, owner)
    assert by_day(series(world, owner)) == {ago(3): 1050, ago(2): 1050, ago(1): 50, TODAY: 50}
    assert live(world, owner)[NOK].net_worth.amount == 50
    world.within(owner, lambda db: accounts.reopen(db, owner=owner, account_id=flat.id, now=NOW))
    refresh(world, owner)
    assert by_day(series(world, owner))[TODAY] == 1050


@pytest.mark.parametrize(
    ("zone", "last"),
    [("UTC", 0), ("Europe/Oslo", 1), ("Pacific/Kiritimati", 1), ("America/New_York", 0)],
)
def test_time_zones_decide_today(world: World, zone: str, last: int) -> None:
    owner = made.person(world, zone)
    manual(world, owner, "vehicle", "5", ago(2))
    refresh(world, owner, now=NOW.replace(hour=23, minute=30))
    assert series(world, owner, until=ago(-9))[-1].day == TODAY + timedelta(days=last)
    # West of Greenwich, early in the day, it is still yesterday.
    early = datetime.combine(ago(-1), datetime.min.time(), UTC)
    refresh(world, owner, now=early)
    ends = series(world, owner, until=ago(-9))[-1].day
    assert ends == (TODAY if zone == "America/New_York" else ago(-1))


def test_everyones_snapshots_equal_each_ones(world: World) -> None:
    """The hourly job and a person's own refresh write the same days; doing it again, none."""
    first, second = made.person(world), made.person(world, "Pacific/Kiritimati")
    for one in (first, second):
        manual(world, one, "real_estate", "12.34", ago(5))
        manual(world, one, "loan", "2", ago(2), EUR)
    refresh(world, first)
    world.within_all(lambda db: net_worth.take_snapshots_for_all(db, now=NOW))
    assert [one.day for one in series(world, second)] == [ago(n) for n in range(5, -1, -1)]
    for code in (NOK, EUR):
        mine, others = series(world, first, code), series(world, second, code)
        assert mine == others
    before = stored(world, first) + stored(world, second)
    refresh(world, second)
    assert world.within_all(lambda db: net_worth.take_snapshots_for_all(db, now=NOW)) == 0
    assert stored(world, first) + stored(world, second) == before
    tomorrow = NOW + timedelta(days=1)
    assert world.within_all(lambda db: net_worth.take_snapshots_for_all(db, now=tomorrow)) >= 4
    assert series(world, first, until=ago(-1))[-1].net_worth.amount == Decimal("12.34")


def test_another_persons_days_stay_their_own(world: World, owner: UserId) -> None:
    manual(world, owner, "vehicle", "5", ago(1))
    refresh(world, owner)
    stranger = made.person(world)
    before = stored(world, owner)

    async def trespass(db: Any) -> Any:
        await net_worth.refresh(db, owner=owner, now=NOW + timedelta(days=3))
        return (
            await net_worth.live(db, owner=owner),
            await net_worth.series(db, owner=owner, currency=NOK, since=None, until=TODAY),
        )

    assert world.within(stranger, trespass) == ([], [])
    assert stored(world, owner) == before


# --- any history at all


@dataclass
class Past:
    """What happened on one account: reports by days ago, rows, and when it closed."""

    kind: str
    code: Currency
    reports: dict[int, Decimal]
    rows: list[tuple[int, Decimal, bool]] = field(default_factory=list)
    closed_ago: int | None = None

    @property
    def by_rows(self) -> bool:
        return self.kind != "investment"

    @property
    def sign(self) -> int:
        return -1 if self.kind in ("credit", "loan") else 1

    @property
    def waits(self) -> bool:
        return any(pending for _, _, pending in self.rows)


_CENTS = st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))
_PASTS = st.builds(
    Past,
    st.sampled_from(["depository", "credit", "loan", "investment"]),
    st.sampled_from([NOK, EUR, Currency("BTC")]),
    st.dictionaries(st.integers(0, 12), _CENTS, max_size=4),
    st.lists(st.tuples(st.integers(-2, 20), _CENTS, st.booleans()), max_size=6),
    st.none() | st.integers(0, 12),
)


def write(world: World, owner: UserId, pasts: Sequence[Past]) -> dict[str, Any]:
    """Bring the pasts into the database, the way syncs do."""
    item_id = made.item(world, owner)
    known: dict[str, Any] = {}
    for number, past in enumerate(pasts):
        for days in sorted(past.reports, reverse=True) or [0]:
            said = report(
                f"a{number}", None, type=past.kind, subtype=None, currency=past.code,
            )  # fmt: skip
            if past.reports:
                said = report(f"a{number}", str(past.reports[days] * past.sign), type=past.kind,
                              subtype=None, currency=past.code)  # fmt: skip
            known |= made.take_in(world, owner, item_id, said, today=ago(days))
    made.apply(world, owner, known, page(*feed(pasts)))
    for number, past in enumerate(pasts):
        if past.waits:  # no account is closed while a payment is pending
            past.closed_ago = None
        if past.closed_ago is not None:
            closed = NOW - timedelta(days=past.closed_ago)
            account_id = known[f"a{number}"]
            world.within(
                owner, partial(accounts.close, owner=owner, account_id=account_id, now=closed)
            )
    return known


def feed(pasts: Sequence[Past]) -> list[BankTransaction]:
    return [
        row(f"a{number}-{index}", str(-amount), ago(days), plaid_account_id=f"a{number}",
            currency=past.code, pending=pending)
        for number, past in enumerate(pasts)
        for index, (days, amount, pending) in enumerate(past.rows)
    ]  # fmt: skip


def reckoned(past: Past, first_day: date | None) -> dict[date, Decimal]:
    """The account's balance on each day up to today, by plain counting."""
    if not past.reports:
        return {}
    reported = {ago(days): balance for days, balance in past.reports.items()}
    anchor = min(reported)
    found = dict(reported)
    if first_day is not None:
        day = first_day
        while day < anchor:
            later = [
                amount
                for days, amount, pending in past.rows
                if past.by_rows and not pending and day < ago(days) <= anchor
            ]
            found[day] = reported[anchor] - sum(later, _NOTHING)
            day += timedelta(days=1)
    day = anchor
    while day < TODAY:
        day += timedelta(days=1)
        found.setdefault(day, found[day - timedelta(days=1)])
    if past.closed_ago is not None:
        found = {day: one for day, one in found.items() if day < ago(past.closed_ago)}
    return found


@settings(max_examples=30)
@given(pasts=st.lists(_PASTS, min_size=1, max_size=4))
def test_any_history(world: World, pasts: list[Past]) -> None:
    owner = made.person(world)
    known = write(world, owner, pasts)
    refresh(world, owner)
    days = [ago(one) for past in pasts for one, _, _ in past.rows]
    known_days = [ago(one) for past in pasts for one in past.reports]
    known_days += [min(days) - timedelta(days=1)] if days else []
    first_day = min(known_days, default=None)
    wanted: dict[Currency, dict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for past in pasts:
        for day, balance in reckoned(past, first_day).items():
            wanted[past.code][day] += balance
    now = live(world, owner)
    for code in {past.code for past in pasts}:
        found = series(world, owner, code)
        assert by_day(found) == dict(wanted[code])
        assert totals(world, owner, code) == [
            DayTotal(one.day, one.net_worth, one.estimated) for one in found
        ]
        for one in found:
            adds_up(one)
        agrees_with_now(found, now.get(code))
    for number, past in enumerate(pasts):
        reproduces(world, owner, known[f"a{number}"], past)
    before = stored(world, owner)
    refresh(world, owner, now=NOW + timedelta(minutes=5))
    assert stored(world, owner) == before


def adds_up(one: Snapshot) -> None:
    parts = [sum((part.amount for part in breakdown.values()), _NOTHING)
             for breakdown in (one.asset_breakdown, one.liability_breakdown)]  # fmt: skip
    assert [one.assets.amount, one.liabilities.amount] == parts
    assert one.net_worth == one.assets - one.liabilities
    assert min(parts) >= 0


def agrees_with_now(found: Sequence[Snapshot], now: Live | None) -> None:
    """Now is the sum of its parts, and the newest day says the same."""
    if now is None or not now.accounts:
        assert not [one for one in found if one.day == TODAY and one.net_worth]
        return
    balances = [one.balance.amount for one in now.accounts if one.balance is not None]
    assert now.net_worth.amount == sum(balances, _NOTHING)
    assert (found[-1].day, found[-1].net_worth) == (TODAY, now.net_worth)


def reproduces(world: World, owner: UserId, account_id: Any, past: Past) -> None:
    """Each reckoned day, with the rows booked after it, gives what the bank first reported."""
    history = world.within(
        owner,
        lambda db: accounts.balance_history(
            db, owner=owner, account_id=account_id, since=_LONG_AGO, until=TODAY
        ),
    )
    told = [one for one in history if one.source == "plaid"]
    assert {one.day: one.balance.amount for one in told} == {
        ago(days): balance for days, balance in past.reports.items()
    }
    if not told or not past.by_rows:
        return
    for one in history:
        if one.source == "estimated":
            booked = [
                amount
                for days, amount, pending in past.rows
                if not pending and one.day < ago(days) <= told[0].day
            ]
            assert one.balance.amount + sum(booked, _NOTHING) == told[0].balance.amount
