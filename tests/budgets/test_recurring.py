"""What comes again and again, through its door on a real database."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom import budgets, identity
from strongroom.budgets import Cadence, RecurringItem, RecurringNotFound, Standing, Verdict
from strongroom.budgets.jobs import build
from strongroom.budgets.recurring_calendar import add_months
from strongroom.core.ids import AccountId, UserId
from tests import book as made
from tests.book import NOW, TODAY, page, report, row
from tests.identity.conftest import World

Known = dict[str, AccountId]


@pytest.fixture
def owner(world: World) -> UserId:
    return made.person(world)


@pytest.fixture
def known(world: World, owner: UserId) -> Known:
    return made.take_in(
        world, owner, made.item(world, owner), report("checking", "1000"), report("savings", "50")
    )


def monthly(name: str, amount: str, first: date, count: int, **more: Any) -> list[Any]:
    """Bank rows a month apart, in Plaid's sign."""
    return [
        row(f"{name} {n}", amount, add_months(first, n), name=f"{name.upper()} {n:04d}", **more)
        for n in range(count)
    ]


def look(world: World, owner: UserId, days: int = 0) -> list[RecurringItem]:
    now = NOW + timedelta(days=days)
    world.run(budgets.look_through(world.database, owner=owner, now=now))
    return items(world, owner)


def items(world: World, owner: UserId) -> list[RecurringItem]:
    return world.within(owner, lambda db: budgets.recurring_items(db, owner=owner))


def judge(world: World, owner: UserId, one: RecurringItem, verdict: Verdict | None) -> None:
    world.within(
        owner,
        lambda db: budgets.judge_recurring(
            db, owner=owner, item_id=one.id, verdict=verdict, now=NOW
        ),
    )


def told(world: World, owner: UserId) -> list[str]:
    found = world.within(owner, lambda db: identity.list_notifications(db, owner=owner, limit=50))
    return [one.title % one.arguments for one in found.items]


def test_an_item_is_kept_with_its_rows_and_its_category(
    world: World, owner: UserId, known: Known
) -> None:
    made.apply(world, owner, known, page(*monthly("Hum", "99", date(2026, 3, 5), 9)))
    (one,) = look(world, owner)
    assert (one.cadence, one.standing, one.count) == (Cadence.MONTHLY, Standing.ACTIVE, 9)
    assert (one.amount.amount, one.amount.currency) == (Decimal(-99), "NOK")
    assert (one.next_on, one.last_on) == (date(2026, 12, 5), date(2026, 11, 5))
    assert (one.category_key, one.account_id) == ("groceries", known["checking"])
    rows = world.within(
        owner, lambda db: budgets.rows_of_recurring(db, owner=owner, item_id=one.id)
    )
    assert rows == [each.id for each in made.book(world, owner)]
    of_row = world.within(
        owner, lambda db: budgets.recurring_of(db, owner=owner, transaction_id=rows[0])
    )
    assert of_row == one


def test_it_keeps_its_id_and_what_a_person_said_when_more_comes(
    world: World, owner: UserId, known: Known
) -> None:
    rows = monthly("Hum", "99", date(2026, 3, 5), 10)
    made.apply(world, owner, known, page(*rows[:-1]))
    (before,) = look(world, owner)
    judge(world, owner, before, Verdict.CONFIRMED)
    made.apply(world, owner, known, page(rows[-1]))
    (after,) = look(world, owner, days=20)
    assert (after.id, after.verdict, after.count) == (before.id, Verdict.CONFIRMED, 10)
    assert look(world, owner, days=20) == [after]


def test_one_that_a_person_dismissed_is_not_expected_any_more(
    world: World, owner: UserId, known: Known
) -> None:
    made.apply(world, owner, known, page(*monthly("Hum", "99", date(2026, 3, 5), 9)))
    (one,) = look(world, owner)

    def coming(today: date = TODAY) -> list[date]:
        found = world.within(
            owner, lambda db: budgets.coming_up(db, owner=owner, today=today, days=80)
        )
        return [each.day for each in found]

    assert coming() == [date(2026, 12, 5), date(2027, 1, 5), date(2027, 2, 5)]
    # Nobody has looked for long: the late one may come today, and none comes in the past.
    assert coming(date(2027, 2, 10)) == [date(2027, 2, 10), date(2027, 3, 5), date(2027, 4, 5)]
    judge(world, owner, one, Verdict.DISMISSED)
    assert coming() == []
    (still,) = look(world, owner)
    assert still.verdict is Verdict.DISMISSED
    judge(world, owner, one, None)
    assert len(coming()) == 3
    assert world.actions(owner).count("budgets.judge_recurring") == 2


def test_what_is_missed_or_costs_more_is_told_once_and_not_the_first_time(
    world: World, owner: UserId, known: Known
) -> None:
    hum, rent = (
        monthly("Hum", "99", date(2026, 2, 5), 9), monthly("Rent", "900", date(2026, 2, 1), 9)
    )  # fmt: skip
    made.apply(world, owner, known, page(*hum, *rent))
    found = look(world, owner, days=-30)
    assert {one.standing for one in found} == {Standing.ACTIVE}
    more = row("Hum more", "119", date(2026, 11, 5), name="HUM 9998")
    made.apply(world, owner, known, page(more))
    (missed,) = (one for one in look(world, owner) if one.standing is Standing.MISSED)
    assert (missed.title, missed.due_on) == ("RENT 0008", date(2026, 11, 1))
    expected = ["HUM 9998 costs more", "RENT 0008 has not come"]
    assert sorted(told(world, owner)) == expected
    look(world, owner, days=1)
    assert sorted(told(world, owner)) == expected


def test_a_standing_order_to_savings_is_one_item_and_no_spending(
    world: World, owner: UserId, known: Known
) -> None:
    out = monthly("To savings", "500", date(2026, 3, 10), 9, pfc_detailed="TRANSFER_OUT_SAVINGS")
    into = monthly(
        "From everyday", "-500", date(2026, 3, 11), 9,
        pfc_detailed="TRANSFER_IN_SAVINGS", plaid_account_id="savings",
    )  # fmt: skip
    made.apply(world, owner, known, page(*out, *into))
    (one,) = look(world, owner)
    assert (one.inner, one.count, one.amount.amount) == (True, 9, Decimal(-500))


def test_what_goes_to_ones_own_fund_is_no_expense(
    world: World, owner: UserId, known: Known
) -> None:
    """The fund's own rows are not looked at; that the row is a transfer's is said by itself."""
    fund = monthly("Fund", "1500", date(2026, 3, 10), 8, pfc_primary="TRANSFER_OUT",
                   pfc_detailed="TRANSFER_OUT_INVESTMENT_AND_RETIREMENT_FUNDS")  # fmt: skip
    made.apply(world, owner, known, page(*fund, *monthly("Hum", "99", date(2026, 3, 5), 8)))
    found = {one.title[:3].upper(): one for one in look(world, owner)}
    assert (found["FUN"].moves, found["FUN"].inner) == (True, False)
    assert found["HUM"].moves is False


def test_nothing_is_left_when_the_rows_are_gone(world: World, owner: UserId, known: Known) -> None:
    rows = monthly("Hum", "99", date(2026, 3, 5), 9)
    made.apply(world, owner, known, page(*rows))
    assert len(look(world, owner)) == 1
    gone = [one.plaid_transaction_id for one in rows]
    made.apply(world, owner, known, page(removed=gone))
    assert look(world, owner) == []


def test_somebody_elses_item_does_not_exist(world: World, owner: UserId, known: Known) -> None:
    made.apply(world, owner, known, page(*monthly("Hum", "99", date(2026, 3, 5), 9)))
    (one,) = look(world, owner)
    stranger = made.person(world)
    with pytest.raises(RecurringNotFound):
        judge(world, stranger, one, Verdict.DISMISSED)
    assert items(world, stranger) == []


def test_those_in_whose_book_something_has_not_come_are_looked_for(
    world: World, owner: UserId, known: Known
) -> None:
    made.apply(world, owner, known, page(*monthly("Hum", "99", date(2026, 3, 5), 9)))
    look(world, owner)

    def overdue(days: int) -> bool:
        now = NOW + timedelta(days=days)
        return owner in world.within_all(lambda db: budgets.overdue_for_all(db, now=now))

    assert not overdue(1)
    assert overdue(20)
    jobs = build(world.database, lambda: NOW + timedelta(days=20))
    (periodic,) = (one for one in jobs.declared if one.cron is not None)
    asked = world.run(periodic.run())
    assert asked is not None
    assert int(asked["people"]) >= 1
    look(world, owner, days=20)
    assert not overdue(20)
