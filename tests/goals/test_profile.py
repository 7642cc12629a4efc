"""The financial profile through its door, on a real database, with made-up households."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from statistics import mean, median, stdev
from typing import Any

import pytest

from strongroom import accounts, budgets, fx
from strongroom.accounts import BankHolding, BankLiability, LoanTerms, OpenManual
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.goals import profile
from strongroom.goals.profile import (
    BadFigure,
    FigureName,
    NotEnoughHistory,
    Profile,
    ToldBy,
    WhyUnknown,
    queries,
    reckoning,
)
from strongroom.transactions import BankTransaction
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, report, row
from tests.identity.conftest import World

Rows = Sequence[BankTransaction]


def of(*values: object) -> tuple[object, ...]:
    """Values side by side, to compare them with whole numbers."""
    return values


def months(count: int, day: int = 10) -> list[date]:
    """The same day of so many months before this one, newest first, and of this one."""
    first = TODAY.replace(day=1)
    found = [TODAY.replace(day=day)] if day <= TODAY.day else []
    for _ in range(count):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first.replace(day=day))
    return found


def each(name: str, amount: str, days: Sequence[date], pfc: str, **more: Any) -> Rows:
    """Bank rows of one payee on these days, in Plaid's sign."""
    return [
        row(f"{name} {day}", amount, day, name=name, merchant_name=name,
            pfc_primary=pfc.split("_", maxsplit=1)[0], pfc_detailed=pfc, **more)
        for day in days
    ]  # fmt: skip


def wages(count: int = 14, amount: str = "-30000", day: int = 15) -> Rows:
    return each("Northfell", amount, months(count, day), "INCOME_WAGES")


def food(count: int = 14, amount: str = "4000") -> Rows:
    return each("Shop", amount, months(count, 2), "FOOD_AND_DRINK_GROCERIES")


@pytest.fixture
def owner(world: World) -> UserId:
    return made.person(world)


def bank(world: World, owner: UserId, *reports: Any) -> dict[str, AccountId]:
    return made.take_in(
        world, owner, made.item(world, owner), *(reports or [report("checking", "50000")])
    )


def live(world: World, owner: UserId, known: dict[str, AccountId], *rows: Rows) -> Profile:
    """Take rows in, look through the book as the worker does, and read the profile."""
    made.apply(world, owner, known, page(*(one for some in rows for one in some)))
    world.run(budgets.look_through(world.database, owner=owner, now=NOW))
    return read(world, owner)


def read(world: World, owner: UserId) -> Profile:
    return world.within(owner, lambda db: profile.get(db, owner=owner, now=NOW))


def test_figures_follow_from_accounts_and_book(world: World, owner: UserId) -> None:
    known = bank(world, owner, report("checking", "50000"), report("card", "7000", type="credit",
                 subtype="credit card"))  # fmt: skip
    rent = each("Landlord", "11000", months(14, 3), "RENT_AND_UTILITIES_RENT")
    found = live(world, owner, known, wages(), food(), rent)
    assert found.currency == NOK
    assert found.months_of_history == 12
    assert found.liquid_assets.amount == 50000
    assert found.credit_debt.amount == 7000
    assert found.loan_debt.amount == 0
    assert found.monthly_income.amount == 30000
    assert found.monthly_bills.amount == 15000
    assert found.monthly_spending.amount == 15000
    assert found.monthly_loan_payments.amount == 0
    assert [of(one.payer, one.monthly) for one in found.income_by_payer] == [("Northfell", 30000)]
    spent = [of(one.key, one.monthly, one.discretionary) for one in found.spending_by_category]
    assert spent == [("rent", 11000, False), ("groceries", 4000, False)]
    assert of(found.income_volatility.amount, found.spending_volatility.amount) == (0, 0)
    assert found.allocation_why_unknown == WhyUnknown.NO_INVESTMENTS
    home = profile.household(found, saved=Decimal(9), free=Decimal(8), elsewhere=Decimal(7))
    assert of(home.monthly_income, home.monthly_spending, home.card_debt) == (30000, 15000, 7000)
    assert of(home.saved, home.free, home.monthly_elsewhere, list(home.loans)) == (9, 8, 7, [])


def test_own_transfers_refunds_and_card_payments_are_neither_income_nor_spending(
    world: World, owner: UserId
) -> None:
    known = bank(
        world, owner, report("checking", "50000"), report("savings", "90000", subtype="savings"),
        report("card", "0", type="credit", subtype="credit card"),
    )  # fmt: skip
    plain = live(world, owner, known, wages(), food())
    days = months(14, 12)
    moved = each("To savings", "5000", days, "TRANSFER_OUT_SAVINGS")
    arrived = each("From checking", "-5000", days, "TRANSFER_IN_SAVINGS",
                   plaid_account_id="savings")  # fmt: skip
    paid = each("Card", "3000", months(14, 13), "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT")
    # From an account that nobody linked: nothing to match it with, yet no income.
    strange = each("Own account elsewhere", "-2500", months(14, 8), "TRANSFER_IN_ACCOUNT_TRANSFER")
    refund = each("Shop", "-150", months(14, 9), "FOOD_AND_DRINK_GROCERIES")
    found = live(world, owner, known, moved, arrived, paid, strange, refund)
    assert found.monthly_income.amount == plain.monthly_income.amount == 30000
    assert found.monthly_spending.amount == 3850
    assert found.monthly_bills.amount == 4000
    assert {one.key for one in found.spending_by_category} == {"groceries"}
    assert found.spending_volatility.amount == found.income_volatility.amount == 0


def loan(world: World, owner: UserId, name: str, owed: str, **terms: Any) -> AccountId:
    """A loan by hand, with terms if any are given."""

    async def make(db: Any) -> AccountId:
        new = OpenManual(name, "loan", Money(Decimal(owed), NOK), TODAY)
        account = await accounts.open_manual(db, owner=owner, new=new, now=NOW)
        if terms:
            said = LoanTerms(principal=new.value, follows=False, **terms)
            await accounts.set_loan_terms(
                db, owner=owner, account_id=account.id, terms=said, now=NOW
            )
        return account.id

    return world.within(owner, make)


def test_a_loan_is_paid_apart_from_spending_and_once(world: World, owner: UserId) -> None:
    known = bank(
        world, owner, report("checking", "50000"),
        report("car", "90000", type="loan", subtype="auto"),
    )  # fmt: skip
    days = months(14, 12)
    out = each("Car bank", "2100", days, "LOAN_PAYMENTS_CAR_PAYMENT")
    into = each("Payment received", "-2100", days, "TRANSFER_IN_ACCOUNT_TRANSFER",
                plaid_account_id="car")  # fmt: skip
    found = live(world, owner, known, wages(), food(), out, into)
    assert of(found.loan_debt.amount, found.monthly_loan_payments.amount) == (90000, 2100)
    assert of(found.monthly_spending.amount, found.monthly_bills.amount) == (4000, 4000)
    (car,) = found.loans
    assert of(car.account_id, car.balance, car.monthly_payment) == (known["car"], 90000, 2100)
    assert of(car.payment_by, car.rate_by) == (ToldBy.BOOK, ToldBy.ASSUMED)
    home = profile.household(found, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    assert of(home.monthly_spending, [one.monthly_payment for one in home.loans]) == (4000, [2100])


def test_terms_go_before_what_the_bank_tells_and_that_before_what_is_assumed(
    world: World, owner: UserId
) -> None:
    known = bank(
        world, owner, report("checking", "50000"),
        report("house", "2000000", type="loan", subtype="mortgage"),
        report("study", "120000", type="loan", subtype="student"),
    )  # fmt: skip
    told = BankLiability("house", "mortgage", Decimal("5.25"), (), Decimal(13000), *[None] * 10)

    async def tell(db: Any) -> None:
        await accounts.take_in_liabilities(db, owner=owner, accounts=known, told=[told])

    world.within(owner, tell)
    private = loan(world, owner, "Aunt", "12000", yearly_percent=Decimal(0),
                   first_payment=date(2026, 12, 1), payments=12)  # fmt: skip
    # The mortgage's payments are in the book as well: they are not added to what the bank tells.
    paid = each("House bank", "13000", months(14, 12), "LOAN_PAYMENTS_MORTGAGE_PAYMENT")
    found = live(world, owner, known, wages(), food(), paid)
    by = {one.account_id: one for one in found.loans}
    house, study, aunt = by[known["house"]], by[known["study"]], by[private]
    assert of(house.monthly_payment, house.annual_rate) == (13000, Decimal("0.0525"))
    assert of(house.payment_by, house.rate_by) == (ToldBy.BANK, ToldBy.BANK)
    assert of(aunt.monthly_payment, aunt.annual_rate, aunt.payment_by) == (1000, 0, ToldBy.TERMS)
    # 120,000 at an assumed 6 % over ten years.
    assert of(study.monthly_payment, study.payment_by) == (Decimal("1332.25"), ToldBy.ASSUMED)
    assert found.monthly_loan_payments.amount == Decimal("15332.25")
    assert found.monthly_spending.amount == 4000
    assert found.loan_debt.amount == 2132000


def test_payments_on_a_loan_that_no_account_tells_of_go_on(world: World, owner: UserId) -> None:
    known = bank(world, owner)
    paid = each("Lender", "800", months(14, 12), "LOAN_PAYMENTS_PERSONAL_LOAN_PAYMENT")
    found = live(world, owner, known, wages(), food(), paid)
    assert of(found.monthly_loan_payments.amount, found.monthly_spending.amount) == (800, 4000)
    home = profile.household(found, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    assert of(home.monthly_spending, list(home.loans)) == (4800, [])


def test_few_months_are_said_to_be_few_and_none_is_not_made_up(world: World, owner: UserId) -> None:
    nothing = read(world, owner)
    names = [name for name in FigureName if name is not FigureName.INVESTMENT_ALLOCATION]
    assert {nothing.figure(name).amount for name in names} == {None}
    assert all(nothing.figure(name).why_unknown for name in names)
    with pytest.raises(NotEnoughHistory) as refused:
        profile.household(nothing, saved=Decimal(1), free=Decimal(1), elsewhere=Decimal(0))
    assert refused.value.hint
    known = bank(world, owner)
    weekly = [TODAY - timedelta(days=7 * n) for n in range(12)]  # since the 5th of September
    found = live(world, owner, known, each("Gig", "-2000", weekly, "INCOME_WAGES"), food(1))
    assert found.months_of_history == 1
    income, spending = found.monthly_income, found.monthly_spending
    assert of(income.amount, income.thin) == (Decimal("8666.67"), True)
    assert of(spending.amount, spending.thin) == (4000, True)
    assert found.monthly_loan_payments.thin  # that there are none is of one month, too
    varies = found.spending_volatility
    assert of(varies.amount, varies.why_unknown) == (None, WhyUnknown.TOO_FEW_MONTHS)
    home = profile.household(found, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    assert of(
        home.spending_volatility
        == type(home)(Decimal(0), Decimal(0), Decimal(0)).spending_volatility
    )


def test_a_month_that_the_book_tells_in_part_does_not_count(world: World, owner: UserId) -> None:
    known = bank(world, owner)
    early = each("Shop", "9000", [date(2026, 7, 20)], "FOOD_AND_DRINK_GROCERIES")
    found = live(world, owner, known, wages(3), food(3), early)
    assert of(found.months_of_history, found.monthly_spending.amount) == (3, 4000)
    assert found.monthly_spending.thin is False


def test_another_currency_counts_at_its_rate_or_is_named(world: World, owner: UserId) -> None:
    code = Currency("ISK")
    known = bank(
        world, owner, report("checking", "50000"), report("savings", "0"),
        report("other", "700", currency=code),
    )  # fmt: skip
    trips = each("Harbour Inn", "10000", months(14, 20), "TRAVEL_LODGING", currency=code,
                 plaid_account_id="other")  # fmt: skip
    before = live(world, owner, known, wages(), food(), trips)
    assert before.left_out == [code]
    assert of(before.liquid_assets.amount, before.monthly_spending.amount) == (50000, 4000)
    rates = f"day,base,quote,rate\n{TODAY},{code},NOK,0.08\n"
    world.within_all(
        lambda db: fx.load_for_all(db, text=rates, source="table", today=TODAY, now=NOW)
    )
    after = read(world, owner)
    assert after.left_out == []
    assert of(after.liquid_assets.amount, after.monthly_spending.amount) == (50056, 4800)
    assert after.data_hash != before.data_hash


def say(world: World, owner: UserId, name: FigureName, **said: Any) -> Profile:
    return world.within(
        owner, lambda db: profile.override(db, owner=owner, figure=name, now=NOW, **said)
    )


def forget(world: World, owner: UserId, name: FigureName) -> Profile:
    return world.within(
        owner, lambda db: profile.forget_override(db, owner=owner, figure=name, now=NOW)
    )


def test_what_a_person_says_holds_until_they_take_it_back(world: World, owner: UserId) -> None:
    known = bank(world, owner)
    loan(world, owner, "Aunt", "12000")
    before = live(world, owner, known, wages(), food())
    name = FigureName.MONTHLY_INCOME
    said = say(world, owner, name, amount=Money(Decimal(45000), NOK))
    assert said.monthly_income == replace(
        before.monthly_income, amount=Decimal(45000), overridden=True
    )
    assert said.data_hash != before.data_hash
    world.within(owner, lambda db: profile.refresh(db, owner=owner, now=NOW))
    made.apply(world, owner, known, page(row("more", "77")))
    assert read(world, owner).monthly_income.amount == 45000
    say(world, owner, FigureName.LOAN_DEBT, amount=Money(Decimal(24000), NOK))
    owed = say(world, owner, FigureName.MONTHLY_LOAN_PAYMENTS, amount=Money(Decimal(500), NOK))
    (aunt,) = owed.loans
    assert of(aunt.balance, aunt.monthly_payment) == (24000, 500)
    assert aunt.payment_by is ToldBy.PERSON
    shares = {"stocks": Decimal("0.6"), "bonds": Decimal("0.4")}
    spread = say(world, owner, FigureName.INVESTMENT_ALLOCATION, shares=shares)
    assert spread.allocation_overridden
    assert spread.investment_allocation == {**shares, "cash": 0, "other": 0}
    for one in FigureName:
        after = forget(world, owner, one)
    assert after == replace(
        before, computed_at=after.computed_at, data_hash=after.data_hash,
    )  # fmt: skip
    assert world.actions(owner).count("goals.override") == 4
    assert world.actions(owner).count("goals.forget_override") == 4


NAN = Decimal("NaN")


@pytest.mark.parametrize(
    ("name", "said", "field"),
    [
        (FigureName.MONTHLY_INCOME, {"amount": Money(Decimal(-1), NOK)}, "amount"),
        (FigureName.MONTHLY_INCOME, {"amount": Money(Decimal(10) ** 13, NOK)}, "amount"),
        (FigureName.MONTHLY_INCOME, {"amount": Money(Decimal("0.001"), NOK)}, "amount"),
        (FigureName.MONTHLY_INCOME, {"amount": Decimal(5)}, "amount"),
        (FigureName.MONTHLY_INCOME, {"shares": {"stocks": Decimal(1)}}, "amount"),
        (FigureName.MONTHLY_INCOME, {"amount": Money(Decimal(5), Currency("MOP"))}, "currency"),
        (FigureName.INCOME_VOLATILITY, {"amount": Decimal("1.01")}, "amount"),
        (FigureName.INCOME_VOLATILITY, {"amount": NAN}, "amount"),
        (FigureName.INVESTMENT_ALLOCATION, {"amount": Decimal(1)}, "shares"),
        (FigureName.INVESTMENT_ALLOCATION, {"shares": {"gold": Decimal(1)}}, "shares"),
        (FigureName.INVESTMENT_ALLOCATION, {"shares": {"stocks": NAN}}, "shares.stocks"),
        (FigureName.INVESTMENT_ALLOCATION, {"shares": {"stocks": Decimal("0.9")}}, "shares"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_stored(
    world: World, owner: UserId, name: FigureName, said: dict[str, Any], field: str
) -> None:
    bank(world, owner)
    before = read(world, owner)
    with pytest.raises(BadFigure) as refused:
        say(world, owner, name, **said)
    assert refused.value.field == field
    assert read(world, owner) == before


def test_savings_and_investments_are_spread_by_what_they_hold(world: World, owner: UserId) -> None:
    known = bank(
        world, owner, report("checking", "50000"), report("savings", "20000", subtype="savings"),
        report("fund", "80000", type="investment", subtype="brokerage"),
        report("pension", "900000", type="investment", subtype="pension"),
    )  # fmt: skip

    def holding(name: str, kind: str, value: int, account: str = "fund") -> BankHolding:
        return BankHolding(account, name, name, None, None, kind, False, Decimal(1), None, None,
                           Decimal(value), None, NOK)  # fmt: skip

    told = [
        holding("World shares", "etf", 30000), holding("Nordic Bond Fund", "mutual fund", 20000),
        holding("Money", "cash", 10000), holding("Coins", "cryptocurrency", 20000),
        holding("Pension shares", "mutual fund", 900000, "pension"),
    ]  # fmt: skip

    async def tell(db: Any) -> None:
        await accounts.take_in_holdings(db, owner=owner, accounts=known, told=told)

    world.within(owner, tell)
    found = read(world, owner)
    assert found.investment_allocation == {
        "stocks": Decimal("0.3"), "bonds": Decimal("0.2"), "cash": Decimal("0.3"),
        "other": Decimal("0.2"),
    }  # fmt: skip
    assert found.liquid_assets.amount == 150000  # a pension cannot be spent


def test_one_statement_reckons_everybody_and_nobody_stops_the_others(own_world: World) -> None:
    world = own_world
    people = [made.person(world, zone) for zone in ("UTC", "Asia/Tokyo", "America/New_York")]
    one_by_one = []
    for n, owner in enumerate(people):
        known = bank(world, owner)
        one_by_one.append(
            live(world, owner, known, wages(amount=str(-30000 - n)), food(14 - 5 * n))
        )
    world.within_all(lambda db: profile.refresh_for_all(db, now=NOW))
    assert [read(world, owner) for owner in people] == one_by_one
    spoiler = made.person(world)
    huge = bank(world, spoiler, *(report(f"a{n}", "9" * 18) for n in range(12)))
    assert huge
    later = NOW + timedelta(minutes=1)
    assert world.within_all(lambda db: profile.refresh_for_all(db, now=later)) == len(people)
    fresh = [world.within(one, lambda db: profile.get(db, owner=one, now=later)) for one in people]  # noqa: B023
    assert [one.computed_at for one in fresh] == [later] * len(people)


def test_a_person_does_not_wait_for_everybody_and_the_later_one_stays(own_world: World) -> None:
    world = own_world
    owner = made.person(world)
    live(world, owner, bank(world, owner), wages())
    before = NOW - timedelta(hours=1)

    async def meanwhile() -> None:
        async with world.database.unit_of_work_for_all() as every:
            await reckoning.take_turn(every, None)
            async with asyncio.timeout(60), world.database.unit_of_work(owner) as db:
                await profile.refresh(db, owner=owner, now=NOW)
            await reckoning.reckon(every, None, before)

    world.run(meanwhile())
    stored = world.within(owner, lambda db: queries.profile(db, owner))
    assert stored is not None and stored.computed_at == NOW


LIFE = {
    "FOOD_AND_DRINK_GROCERIES": (900, 1),
    "FOOD_AND_DRINK_RESTAURANT": (400, 1),
    "TRAVEL_FLIGHTS": (6000, 1),
    "GENERAL_MERCHANDISE_ELECTRONICS": (300, -1),  # sent back
    "TRANSFER_OUT_SAVINGS": (5000, 0),
    "TRANSFER_IN_ACCOUNT_TRANSFER": (-2000, 0),
    "LOAN_PAYMENTS_CREDIT_CARD_PAYMENT": (3000, 0),
    "LOAN_PAYMENTS_STUDENT_LOAN_PAYMENT": (1500, 0),
    "LOAN_DISBURSEMENTS_PERSONAL": (-9000, 0),
}


@pytest.mark.parametrize("seed", range(6))
def test_made_up_books_come_to_what_their_formulas_say(
    world: World, owner: UserId, seed: int
) -> None:
    """Medians and deviations by hand; what only moves money is in none of them."""
    chance, rows, totals = Random(seed), list(wages()), [Decimal(0)] * 14
    on_loans = [Decimal(0)] * 14
    for n, first in enumerate(months(14, 1)[1:]):
        for pfc, (size, sign) in LIFE.items():
            for k in range(chance.randrange(4)):
                amount = Decimal(chance.randrange(1, abs(size) * 100)) / 100
                day = first + timedelta(days=chance.randrange(28))
                told = str(amount if size > 0 and sign >= 0 else -amount)
                rows += each(f"{pfc} {n} {k}", told, [day], pfc)
                totals[n] += sign * amount
                on_loans[n] += amount if "STUDENT" in pfc else 0
    rows += food()  # all of it in the months before this one
    found = live(world, owner, bank(world, owner), rows)
    spent = [Decimal(4000) + one for one in totals[:12]]
    middle = max(Decimal(0), median(spent)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert of(found.months_of_history, found.monthly_spending.amount) == (12, middle)
    varies = min(Decimal(1), stdev(spent) / mean(spent))
    varied = found.spending_volatility.amount
    assert varied is not None
    assert abs(varied - varies) < Decimal("0.000002")
    assert found.monthly_income.amount == 30000
    assert found.monthly_loan_payments.amount == median(on_loans[:3])  # by no steady pace
    money = {"own_transfer", "card_payment", "loan_payment", "loan_received"}
    assert not money & {one.key for one in found.spending_by_category}
