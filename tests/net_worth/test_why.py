"""Why net worth changed: causes that add up to the difference, each with the rows behind it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from strongroom import accounts, fx, net_worth, transactions
from strongroom.core.errors import Conflict, Refused
from strongroom.core.ids import UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.net_worth import Behind, Cause, CauseKind, Why
from strongroom.transactions import PartPage
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, USD, page, report, row
from tests.identity.conftest import World

JPY, KWD, GBP = Currency("JPY"), Currency("KWD"), Currency("GBP")
_PFC = ["FOOD_AND_DRINK_COFFEE", "INCOME_WAGES", "TRANSFER_OUT_ACCOUNT_TRANSFER", "OTHER_OTHER"]


TRANSFER = (
    "INSERT INTO transfers (user_id, id, out_id, into_id, kind, state, score, reasons, made_by,"
    " made_at) VALUES (%s, %s, %s, %s, 'transfer', 'matched', 99, '[]', 'match', %s)"
)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.fixture(scope="module")
def rates(world: World) -> World:
    """A euro in three currencies on most days of a hundred; pounds for a while; dinars never."""
    lines = [
        f"{ago(days)},EUR,{code},{Decimal(rate) + Decimal(days) / 100}"
        for days in range(101)
        for code, rate in (("NOK", "11.50"), ("USD", "1.15"), ("JPY", "170.1"), ("GBP", "0.85"))
        if code != "GBP" or 20 < days < 30
    ]
    text = "\n".join(["day,base,quote,rate", *lines])
    world.within_all(
        lambda db: fx.load_for_all(
            db, text=text, source="a table", accept_odd=True, today=TODAY, now=NOW
        )
    )
    return world


def explain(world: World, owner: UserId, since: date, until: date, base: Currency = NOK) -> Why:
    world.within(owner, lambda db: net_worth.refresh(db, owner=owner, now=NOW))
    return world.within(
        owner, lambda db: net_worth.explain(db, owner=owner, base=base, since=since, until=until)
    )


def behind(world: World, owner: UserId, found: Why, wanted: Behind) -> PartPage:
    return world.within(
        owner,
        lambda db: net_worth.rows_behind(
            db, owner=owner, base=found.base, since=found.since, until=found.until, behind=wanted,
            limit=500,
        ),
    )  # fmt: skip


def undivided(causes: Any) -> Iterator[Cause]:
    for one in causes:
        if one.inside:
            yield from undivided(one.inside)
        else:
            yield one


def adds_up(found: Why) -> None:
    """Every level adds up to the one above, and all of it to the difference."""
    assert sum((one.amount.amount for one in found.causes), Decimal(0)) == found.difference.amount
    waiting = list(found.causes)
    while waiting:
        one = waiting.pop()
        if one.inside:
            assert sum((part.amount.amount for part in one.inside), Decimal(0)) == one.amount.amount
            waiting += one.inside


def by_kind(found: Why) -> dict[CauseKind, Decimal]:
    adds_up(found)
    return {one.kind: one.amount.amount for one in found.causes}


def test_a_month_of_one_bank(world: World) -> None:
    owner = made.person(world)
    item = made.item(world, owner)
    many = (report("checking", "1000"), report("card", "0", type="credit", subtype="credit card"),
            report("loan", "5000", type="loan", subtype="student"),
            report("fund", "300", type="investment", subtype="ira"))  # fmt: skip
    known = made.take_in(world, owner, item, *many, today=ago(20))
    loan = {"plaid_account_id": "loan", "pfc_detailed": "BANK_FEES_INTEREST_CHARGE"}
    pay = {"pfc_primary": "INCOME", "pfc_detailed": "INCOME_WAGES"}
    made.apply(world, owner, known, page(
        row("pay", "-500", ago(10), **pay), row("food", "100", ago(9)),
        row("cup", "4", ago(9), pfc_detailed="FOOD_AND_DRINK_COFFEE", plaid_account_id="card"),
        row("interest", "20", ago(8), **loan), row("soon", "9", ago(1), pending=True),
        row("fee", "3", ago(8), plaid_account_id="fund"),
    ))  # fmt: skip
    later = (report("checking", "1390"), report("card", "4", type="credit", subtype="credit card"),
             report("loan", "5020", type="loan", subtype="student"),
             report("fund", "350", type="investment", subtype="ira"))  # fmt: skip
    made.take_in(world, owner, item, *later, today=TODAY)
    found = explain(world, owner, ago(20), TODAY)
    assert by_kind(found) == {
        CauseKind.INCOME: 500, CauseKind.SPENDING: -104, CauseKind.DEBT: -20,
        CauseKind.MARKET: 50, CauseKind.UNEXPLAINED: -10,
    }  # fmt: skip
    spending = next(one for one in found.causes if one.kind is CauseKind.SPENDING)
    (food,) = spending.inside
    assert food.category_key == "food"
    assert [(one.category_key, one.amount.amount) for one in food.inside] == [
        ("groceries", Decimal(-100)), ("coffee", Decimal(-4)),
    ]  # fmt: skip
    rows = behind(world, owner, found, Behind("spending", category_id=food.category_id))
    assert {one.title for one in rows.items} == {"ROW food", "ROW cup"}
    assert rows.sum == food.amount
    unexplained = next(one for one in found.causes if one.kind is CauseKind.UNEXPLAINED)
    assert [one.account_name for one in unexplained.inside] == ["Checking"]


def test_rates_homes_and_accounts_that_come_and_go(rates: World) -> None:
    owner = made.person(rates)

    manual = partial(made.by_hand, rates, owner)
    flat, car = (
        manual("Flat", "real_estate", "1000", ago(9)),
        manual("Car", "vehicle", "50", ago(9)),
    )
    manual("Hut", "real_estate", "100", ago(9), EUR)
    manual("Boat", "other", "20", ago(3), EUR)
    manual("Dinars", "other", "5", ago(8), KWD)
    manual("Pounds", "other", "5", ago(25), GBP)
    value = Money(Decimal(1200), NOK)
    rates.within(
        owner,
        lambda db: accounts.revalue(
            db, owner=owner, account_id=flat, value=value, day=ago(2), now=NOW
        ),
    )
    closed = NOW - timedelta(days=2)
    rates.within(owner, lambda db: accounts.close(db, owner=owner, account_id=car, now=closed))
    found = explain(rates, owner, ago(9), ago(1))
    # The hut: 100 at 11.59, now 11.51. The boat: 20, at 11.53 when it came, now 11.51.
    assert by_kind(found) == {
        CauseKind.REVALUED: 200, CauseKind.CLOSED: -50, CauseKind.OPENED: Decimal("230.60"),
        CauseKind.RATES: Decimal("-8.40"),
    }  # fmt: skip
    assert {one.account_name for one in found.left} == {"Dinars", "Pounds"}
    earlier = explain(rates, owner, ago(25), ago(9))
    assert by_kind(earlier)[CauseKind.RATE_LOST] < 0
    assert [one.account_name for one in earlier.left] == []


def test_a_matched_transfer_is_nothing(world: World) -> None:
    owner = made.person(world)
    item = made.item(world, owner)
    many = (report("checking", "100"), report("fund", "50", type="investment", subtype="ira"))
    known = made.take_in(world, owner, item, *many, today=ago(9))
    made.apply(world, owner, known, page(
        row("to the fund", "40", ago(5)), row("from checking", "-40", ago(4),
                                              plaid_account_id="fund"),
    ))  # fmt: skip
    later = (report("checking", "60"), report("fund", "95", type="investment", subtype="ira"))
    made.take_in(world, owner, item, *later, today=TODAY)
    matched(world, owner, [made.by_name(world, owner)[f"ROW {name}"].id
                           for name in ("to the fund", "from checking")])  # fmt: skip
    found = explain(world, owner, ago(9), TODAY)
    assert by_kind(found) == {CauseKind.MARKET: 5}
    half = explain(world, owner, ago(9), ago(5))
    assert by_kind(half)[CauseKind.TRANSFERS] == -40


_CENTS = st.integers(-50_000, 50_000).map(lambda cents: Decimal(cents).scaleb(-2))


# Closed on a day without a rate: its row of a day with one is no cause.
@example(
    [("depository", NOK, {40: Decimal(50)}, [(25, Decimal(9), False, _PFC[0], False)], 2)],
    GBP,
    [0, 99],
)
@settings(max_examples=6)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["depository", "credit", "loan", "investment"]),
            st.sampled_from([NOK, EUR, USD, JPY, KWD, GBP]),
            st.dictionaries(st.integers(0, 90), _CENTS, min_size=1, max_size=4),
            st.lists(
                st.tuples(st.integers(0, 99), _CENTS, st.booleans(), st.sampled_from(_PFC),
                          st.booleans()),
                max_size=8,
            ),
            st.none() | st.integers(0, 40),
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from([NOK, EUR, USD, JPY, KWD, GBP]),
    st.lists(st.integers(0, 99), min_size=2, max_size=2, unique=True).map(sorted),
)  # fmt: skip
def test_any_history_adds_up(rates: World, pasts: Any, base: Currency, days: list[int]) -> None:
    owner = lived(rates, pasts)
    found = explain(rates, owner, ago(days[1]), ago(days[0]), base)
    adds_up(found)
    flows = {"income", "spending", "transfer", "debt"}
    unrated = CauseKind.UNRATED in {one.kind for one in found.causes}
    for flow in flows:
        rows = behind(rates, owner, found, Behind(flow))
        kind = CauseKind.TRANSFERS if flow == "transfer" else CauseKind(flow)
        told = sum((o.amount.amount for o in found.causes if o.kind is kind), Decimal(0))
        assert rows.sum.amount == told
        assert unrated or not rows.unknown or all(one.amount.amount == 0 for one in rows.unknown)


def lived(world: World, pasts: Any) -> UserId:
    owner = made.person(world)
    item = made.item(world, owner)
    known: dict[str, Any] = {}
    for number, (kind, code, reports, _, _) in enumerate(pasts):
        for back in sorted(reports, reverse=True):
            known |= made.take_in(
                world, owner, item,
                report(f"a{number}", str(reports[back]), type=kind, subtype=None, currency=code),
                today=ago(back),
            )  # fmt: skip
    made.apply(
        world, owner, known,
        page(*(row(f"{number}-{index}", str(amount), ago(back), pending=pending, pfc_detailed=pfc,
                   pfc_primary=None, plaid_account_id=f"a{number}", currency=code)
               for number, (_, code, _, rows, _) in enumerate(pasts)
               for index, (back, amount, pending, pfc, _) in enumerate(rows))),
    )  # fmt: skip
    legs = [f"ROW {number}-{index}" for number, past in enumerate(pasts)
            for index, one in enumerate(past[3]) if one[-1]]  # fmt: skip

    by_name = made.by_name(world, owner)
    matched(world, owner, [by_name[one].id for one in legs if one in by_name])
    for number, past in enumerate(pasts):
        if past[-1] is not None:
            closed, account = NOW - timedelta(days=past[-1]), known[f"a{number}"]
            with suppress(Conflict, Refused):  # one with pending rows stays open
                world.within(
                    owner, partial(accounts.close, owner=owner, account_id=account, now=closed)
                )
    return owner


def matched(world: World, owner: UserId, legs: list[Any]) -> None:
    """Make each two rows a transfer, as matching does, which has tests of its own."""

    async def match(db: Any) -> None:
        for out, into in zip(legs[::2], legs[1::2], strict=False):
            await db.execute(TRANSFER, (owner, new_id(), out, into, NOW))
        months = await transactions.totals.months_of(db, owner, legs)
        await transactions.totals.roll_up(db, owner, months)

    world.within(owner, match)
