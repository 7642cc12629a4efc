"""What a person says of their own things: values by date, rates, reminders, loans, what closes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom import accounts, identity
from strongroom.accounts import (
    Account,
    AccountHasPendingPayments,
    AccountIsInUse,
    AccountIsTheBanks,
    BadRate,
    BadReminder,
    BadSubtype,
    BadTerms,
    BadValue,
    BalanceSource,
    Details,
    LoanTerms,
    NeverPaidOff,
    NoLoanTerms,
    NotALoan,
    OnlyValue,
    OpenManual,
    Restored,
    Told,
    ValueIsThere,
    ValueNotFound,
    keeping,
)
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.core.plain import plain
from tests import book as made
from tests.book import NOK, NOW, TODAY, report, row
from tests.identity.conftest import World

Verb = Callable[..., Awaitable[Any]]


def nok(amount: str) -> Money:
    return Money(Decimal(amount), NOK)


@pytest.fixture(scope="module")
def owner(world: World) -> UserId:
    return made.person(world)


def held(
    world: World, owner: UserId, subtype: str, value: str, day: date, code: Currency = NOK
) -> Account:
    new = OpenManual(subtype, subtype, Money(Decimal(value), code), day)
    return world.within(owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW))


def ask(world: World, owner: UserId, verb: Verb, account: Account, **more: Any) -> Any:
    """Call a verb that changes an account, now."""
    more.setdefault("now", NOW)
    return world.within(owner, lambda db: verb(db, owner=owner, account_id=account.id, **more))


def look(world: World, owner: UserId, verb: Verb, account: Account, **more: Any) -> Any:
    """Call a verb that reads of an account."""
    return world.within(owner, lambda db: verb(db, owner=owner, account_id=account.id, **more))


def days(world: World, owner: UserId, account: Account) -> dict[date, tuple[str, str]]:
    found = look(
        world, owner, accounts.balance_history, account, since=date(1970, 1, 1), until=TODAY
    )
    return {one.day: (str(one.balance.amount.normalize()), one.source.value) for one in found}


def told(world: World, owner: UserId, account: Account) -> list[tuple[str, str]]:
    found = look(world, owner, accounts.told_values, account)
    return [(str(one.day), f"{one.balance.amount:f}") for one in found]


def test_values_are_told_corrected_and_deleted(world: World, owner: UserId) -> None:
    car = held(world, owner, "vehicle", "200000", date(2025, 1, 1))
    ask(world, owner, accounts.revalue, car, value=nok("170000"), day=date(2026, 1, 1))
    correct = accounts.correct_value
    now = ask(world, owner, correct, car, day=date(2026, 1, 1), value=nok("165000"))
    assert now.balance == nok("165000")
    ask(world, owner, correct, car, day=date(2026, 1, 1), value=nok("165000"),
        new_day=date(2026, 2, 1))  # fmt: skip
    assert [day for day, _ in told(world, owner, car)] == ["2026-02-01", "2025-01-01"]
    with pytest.raises(ValueIsThere):
        ask(world, owner, correct, car, day=date(2026, 2, 1), value=nok("1"),
            new_day=date(2025, 1, 1))  # fmt: skip
    with pytest.raises(ValueNotFound):
        ask(world, owner, correct, car, day=date(2026, 1, 1), value=nok("1"))
    now = ask(world, owner, accounts.forget_value, car, day=date(2026, 2, 1))
    assert now.balance == nok("200000")
    with pytest.raises(OnlyValue):
        ask(world, owner, accounts.forget_value, car, day=date(2025, 1, 1))


@pytest.mark.parametrize(
    ("amount", "code"),
    [("1.234", NOK), ("10.5", Currency("JPY")), ("-1", NOK), ("1.0001", Currency("KWD"))],
)
def test_a_value_fits_its_currency(
    world: World, owner: UserId, amount: str, code: Currency
) -> None:
    before = world.within(owner, lambda db: accounts.list_all(db, owner=owner))
    with pytest.raises(BadValue) as refused:
        held(world, owner, "other", amount, TODAY, code)
    assert refused.value.field == "value"
    assert world.within(owner, lambda db: accounts.list_all(db, owner=owner)) == before


def test_a_rate_estimates_between_values_and_is_marked(world: World, owner: UserId) -> None:
    flat = held(world, owner, "real_estate", "1000000", date(2026, 6, 30))
    ask(world, owner, accounts.describe, flat, said=Details(yearly_percent=Decimal(12)))
    months = {
        date(2026, 6, 30): ("1E+6", "manual"), date(2026, 7, 30): ("1009488.79", "projected"),
        date(2026, 8, 30): ("1019067.62", "projected"),
        date(2026, 9, 30): ("1028737.34", "projected"),
        date(2026, 10, 30): ("1038498.82", "projected"),
    }  # fmt: skip
    assert days(world, owner, flat) == months
    seen = look(world, owner, accounts.get, flat)
    assert (seen.balance, seen.balance_source) == (nok("1038498.82"), BalanceSource.PROJECTED)
    assert len(told(world, owner, flat)) == 1
    # What is told stands, and the rate goes on from there.
    ask(world, owner, accounts.revalue, flat, value=nok("900000"), day=date(2026, 9, 30))
    assert days(world, owner, flat) == {
        **{day: one for day, one in months.items() if day < date(2026, 9, 1)},
        date(2026, 9, 30): ("9E+5", "manual"), date(2026, 10, 30): ("908539.91", "projected"),
    }  # fmt: skip
    ask(world, owner, accounts.forget_value, flat, day=date(2026, 9, 30))
    assert days(world, owner, flat) == months
    ask(world, owner, accounts.describe, flat, said=Details(note="Sold soon"))
    assert days(world, owner, flat) == {date(2026, 6, 30): ("1E+6", "manual")}


def test_a_schedule_moves_a_debt_on(world: World, owner: UserId) -> None:
    loan = held(world, owner, "mortgage", "1200000", date(2026, 8, 31))
    with pytest.raises(NoLoanTerms):
        look(world, owner, accounts.schedule, loan)
    terms = LoanTerms(
        nok("1800000"), Decimal(6), date(2024, 1, 15), payments=180, method=accounts.Method.ANNUITY
    )
    found = ask(world, owner, accounts.set_loan_terms, loan, terms=terms)
    assert found.owed == nok("1200000")
    first = found.payments[0]
    assert (first.day, first.interest, first.amount) == (
        date(2026, 9, 15), nok("6000"), nok("15189.42"),
    )  # fmt: skip
    assert days(world, owner, loan) == {
        date(2026, 8, 31): ("-1.2E+6", "manual"),
        date(2026, 9, 15): ("-1190810.58", "projected"),
        date(2026, 10, 15): ("-1181575.21", "projected"),
        date(2026, 11, 15): ("-1172293.67", "projected"),
    }
    sooner = look(world, owner, accounts.schedule, loan, extra=nok("5000"))
    assert sooner.ends_on < found.ends_on
    assert sooner.interest < found.interest
    ask(world, owner, accounts.forget_loan_terms, loan)
    assert days(world, owner, loan) == {date(2026, 8, 31): ("-1.2E+6", "manual")}


def test_a_file_s_balances_come_before_what_a_schedule_makes(world: World, owner: UserId) -> None:
    loan = held(world, owner, "loan", "1000", date(2026, 8, 1))
    terms = LoanTerms(nok("1000"), Decimal(0), date(2026, 9, 1), payments=10)
    ask(world, owner, accounts.set_loan_terms, loan, terms=terms)
    assert days(world, owner, loan)[date(2026, 10, 1)] == ("-8E+2", "projected")
    _put_a_row_on(world, owner, loan)
    told = {loan.id: [Told(date(2026, 10, 1), Decimal(-750))]}
    world.within(owner, lambda db: accounts.tell_file_balances(db, owner=owner, told=told, now=NOW))
    moved = world.within(
        owner, lambda db: accounts.move_on(db, owner=owner, account_ids=[loan.id], now=NOW)
    )
    assert moved == 1
    assert days(world, owner, loan) == {
        date(2026, 8, 1): ("-1E+3", "manual"), date(2026, 10, 1): ("-7.5E+2", "file"),
        date(2026, 11, 1): ("-6.5E+2", "projected"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"principal": nok("0")}, "principal"),
        ({"principal": nok("1.001")}, "principal"),
        ({"principal": Money(Decimal(1), Currency("EUR"))}, "principal"),
        ({"yearly_percent": Decimal(101)}, "yearly_percent"),
        ({"payments": 0}, "payments"),
        ({"payments": None}, "payments"),
        ({"every_months": 5}, "every_months"),
        ({"first_payment": date(9999, 1, 1)}, "first_payment"),
        ({"payment": nok("10"), "method": accounts.Method.INTEREST_ONLY}, "payment"),
    ],
)
def test_terms_that_cannot_be_are_refused_by_field(
    world: World, owner: UserId, change: dict[str, Any], field: str
) -> None:
    loan = held(world, owner, "loan", "1000", TODAY)
    facts: dict[str, Any] = {
        "principal": nok("1000"), "yearly_percent": Decimal(5),
        "first_payment": date(2026, 1, 1), "payments": 12, **change,
    }  # fmt: skip
    with pytest.raises(BadTerms) as refused:
        ask(world, owner, accounts.set_loan_terms, loan, terms=LoanTerms(**facts))
    assert refused.value.field == field
    assert look(world, owner, accounts.loan_terms, loan) is None


def test_what_cannot_be_said_of_an_account(world: World, owner: UserId) -> None:
    loan = held(world, owner, "loan", "1000", TODAY)
    car = held(world, owner, "vehicle", "1000", TODAY)
    with pytest.raises(BadRate):
        ask(world, owner, accounts.describe, loan, said=Details(yearly_percent=Decimal(1)))
    for percent in ("-100", "100.1", "1.23456"):
        with pytest.raises(BadRate):
            ask(world, owner, accounts.describe, car, said=Details(yearly_percent=Decimal(percent)))
    with pytest.raises(BadReminder):
        ask(world, owner, accounts.describe, car, said=Details(remind_months=0))
    with pytest.raises(accounts.BadNote):
        ask(world, owner, accounts.describe, car, said=Details(note="x" * 4001))
    with pytest.raises(NotALoan):
        terms = LoanTerms(nok("1"), Decimal(1), TODAY, payments=1)
        ask(world, owner, accounts.set_loan_terms, car, terms=terms)
    with pytest.raises(NeverPaidOff):
        terms = LoanTerms(nok("1000"), Decimal(60), TODAY, payment=nok("50"))
        ask(world, owner, accounts.set_loan_terms, loan, terms=terms)
    with pytest.raises(BadSubtype):
        ask(world, owner, accounts.change_kind, car, subtype="mortgage")
    assert ask(world, owner, accounts.change_kind, car, subtype="other").category == "other_assets"


def test_one_account_is_primary_at_most(world: World, owner: UserId) -> None:
    one, other = (held(world, owner, "cash", "1", TODAY) for _ in range(2))
    assert ask(world, owner, accounts.make_primary, one).is_primary
    assert ask(world, owner, accounts.make_primary, other).is_primary
    assert not look(world, owner, accounts.get, one).is_primary
    assert not ask(world, owner, accounts.make_primary, other, primary=False).is_primary


def test_an_account_with_a_pending_payment_is_not_closed(world: World) -> None:
    owner = made.person(world)
    item = made.item(world, owner)
    known = made.take_in(world, owner, item, report("checking", "100"))
    made.apply(world, owner, known, made.page(row("wait", "9", pending=True), row("done", "1")))
    account = look(world, owner, accounts.get, _named(world, owner, known["checking"]))
    with pytest.raises(AccountHasPendingPayments, match="1 payment is pending on Checking"):
        ask(world, owner, accounts.close, account)
    assert look(world, owner, accounts.get, account).closed_at is None
    verbs: list[tuple[Verb, dict[str, Any]]] = [
        (accounts.revalue, {"value": nok("1"), "day": TODAY}),
        (accounts.change_kind, {"subtype": "cash"}),
        (accounts.delete, {}),
    ]
    for verb, more in verbs:
        with pytest.raises(AccountIsTheBanks):
            ask(world, owner, verb, account, **more)
    made.apply(world, owner, known, made.page(removed=["wait"]))
    assert ask(world, owner, accounts.close, account).closed_at is not None


def _named(world: World, owner: UserId, account_id: AccountId) -> Account:
    return world.within(owner, lambda db: accounts.get(db, owner=owner, account_id=account_id))


def test_what_was_added_by_mistake_is_deleted(world: World) -> None:
    owner = made.person(world)
    car = held(world, owner, "vehicle", "1", TODAY)
    ask(world, owner, accounts.describe, car, said=Details(note="Red", remind_months=1))
    ask(world, owner, accounts.delete, car)
    assert world.within(owner, lambda db: accounts.list_all(db, owner=owner)) == []
    cash = held(world, owner, "cash", "1", TODAY)
    _put_a_row_on(world, owner, cash)
    with pytest.raises(AccountIsInUse):
        ask(world, owner, accounts.delete, cash)


def _put_a_row_on(world: World, owner: UserId, account: Account) -> None:
    category = made.category(world, owner, "groceries")

    async def put(db: Db) -> None:
        await db.execute(
            "INSERT INTO transactions (user_id, id, account_id, origin, day, amount, currency,"
            " description, category_id, created_at, updated_at)"
            " VALUES (%s, gen_random_uuid(), %s, 'manual', %s, -1, 'NOK', 'Milk', %s, %s, %s)",
            (owner, account.id, TODAY, category, NOW, NOW),
        )

    world.within(owner, put)


def test_people_are_reminded_once_for_each_old_value(world: World) -> None:
    owner, other = made.person(world, "Pacific/Kiritimati"), made.person(world)
    for one in (owner, other):
        flat = held(world, one, "real_estate", "5", TODAY - timedelta(days=30))
        ask(world, one, accounts.describe, flat, said=Details(remind_months=1))

    def remind(now: datetime) -> None:
        world.run(keeping.remind_for_all(world.database, now=now))

    def news(one: UserId) -> list[Any]:
        found = world.within(one, lambda db: identity.list_notifications(db, owner=one))
        return [each for each in found.items if each.type == "account"]

    # The value is of 22 October. Where days begin fourteen hours earlier, it is a month old first.
    remind(datetime(2026, 11, 21, 9, 59, tzinfo=UTC))
    assert (len(news(owner)), len(news(other))) == (0, 0)
    remind(datetime(2026, 11, 21, 10, 1, tzinfo=UTC))
    assert (len(news(owner)), len(news(other))) == (1, 0)
    remind(datetime(2026, 11, 22, 10, 1, tzinfo=UTC))
    remind(datetime(2026, 11, 23, 10, 1, tzinfo=UTC))
    assert (len(news(owner)), len(news(other))) == (1, 1)
    assert news(other)[0].settled_at is None
    ask(world, other, accounts.revalue, flat, value=nok("6"), day=TODAY)
    assert news(other)[0].settled_at is not None
    remind(datetime(2026, 12, 22, 10, 1, tzinfo=UTC))
    assert (len(news(owner)), len(news(other))) == (1, 2)


def test_the_job_moves_everyone_on_and_twice_changes_nothing(world: World) -> None:
    people = [made.person(world) for _ in range(2)]
    assets = [held(world, one, "vehicle", "120000", date(2026, 11, 1)) for one in people]
    for one, car in zip(people, assets, strict=True):
        said = Details(yearly_percent=Decimal(-20))
        ask(world, one, accounts.describe, car, said=said)
        assert len(days(world, one, car)) == 1
    later = datetime(2027, 2, 1, 12, tzinfo=UTC)
    done = world.run(keeping.move_on_for_all(world.database, now=later))
    assert done["people"] >= 2
    for one, car in zip(people, assets, strict=True):
        seen = look(world, one, accounts.get, car)
        assert (seen.balance_day, seen.balance) == (date(2027, 2, 1), nok("113488.99"))
    again = world.run(keeping.move_on_for_all(world.database, now=later))
    assert again["days"] == 0


_steps = st.lists(
    st.tuples(
        st.sampled_from(["tell", "correct", "forget", "rate", "none"]),
        st.integers(0, 400),
        st.integers(0, 10**6),
    ),
    max_size=12,
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_steps)
def test_estimates_follow_from_what_is_told_and_from_nothing_else(
    world: World, owner: UserId, steps: list[tuple[str, int, int]]
) -> None:
    """However values came to be as they are, the days are those of telling them afresh."""
    one = held(world, owner, "other", "500", TODAY - timedelta(days=401))
    percent: Decimal | None = None
    for what, back, amount in steps:
        day = TODAY - timedelta(days=back)
        try:
            if what == "tell":
                ask(world, owner, accounts.revalue, one, value=nok(str(amount)), day=day)
            elif what == "correct":
                ask(world, owner, accounts.correct_value, one, day=day, value=nok(str(amount)))
            elif what == "forget":
                ask(world, owner, accounts.forget_value, one, day=day)
            else:
                percent = Decimal(amount % 100) if what == "rate" else None
                ask(world, owner, accounts.describe, one, said=Details(yearly_percent=percent))
        except (ValueNotFound, OnlyValue):
            pass
    values = list(reversed(told(world, owner, one)))
    afresh = held(world, owner, "other", values[0][1], date.fromisoformat(values[0][0]))
    ask(world, owner, accounts.describe, afresh, said=Details(yearly_percent=percent))
    for day_told, text in values[1:]:
        ask(world, owner, accounts.revalue, afresh, value=nok(text),
            day=date.fromisoformat(day_told))  # fmt: skip
    assert days(world, owner, one) == days(world, owner, afresh)


def test_what_was_said_of_an_account_comes_back_from_an_export(world: World) -> None:
    owner = made.person(world)
    flat = held(world, owner, "real_estate", "5", TODAY)
    loan = held(world, owner, "mortgage", "1000", TODAY)
    said = Details("Roof; 2019", Decimal("-2.5000"), 12)
    terms = LoanTerms(nok("1000.00"), Decimal("4.2500"), date(2026, 12, 1), payments=24)

    def restore(*told: Restored) -> None:
        world.within(owner, lambda db: accounts.restore(db, owner=owner, accounts=told, now=NOW))

    restore(
        Restored(flat.id, details=plain(said), loan=plain(terms)),
        Restored(loan.id, details={"note": "x" * 5000}, loan=plain(terms)),
    )
    assert look(world, owner, accounts.details, flat) == said
    assert look(world, owner, accounts.loan_terms, flat) is None  # a flat is no loan
    assert look(world, owner, accounts.details, loan) == Details()
    assert look(world, owner, accounts.loan_terms, loan) == terms
    for spoilt in ({"principal": 5}, {"first_payment": "soon"}, {"method": "luck"}, {}):
        restore(Restored(loan.id, loan={**plain(terms), **spoilt} if spoilt else {}))
        assert look(world, owner, accounts.loan_terms, loan) == terms


def test_two_at_once_leave_one_primary_account(world: World) -> None:
    owner = made.person(world)
    ids = list(made.take_in(
        world, owner, made.item(world, owner), report("a", "1"), report("b", "2"),
    ).values())  # fmt: skip

    async def choose(account_id: AccountId) -> Account:
        async with world.database.unit_of_work(owner) as db:
            return await accounts.make_primary(db, owner=owner, account_id=account_id, now=NOW)

    async def together() -> list[Account]:
        return await asyncio.gather(*(choose(one) for one in ids * 3))

    assert all(one.is_primary for one in world.run(together()))
    held = world.within(owner, lambda db: accounts.list_all(db, owner=owner))
    assert sum(one.is_primary for one in held) == 1


def test_the_number_that_a_file_told_of_an_account_is_kept_with_it(world: World) -> None:
    owner, number = made.person(world), "NO9386011117947"
    new = accounts.OpenFromFile("Brukskonto", "depository", "checking", NOK, iban=number)
    opened = world.within(
        owner, lambda db: accounts.open_from_file(db, owner=owner, new=new, now=NOW)
    )
    assert opened.iban == number
    assert world.within(owner, lambda db: accounts.ibans(db, owner=owner)) == {number: opened.id}
