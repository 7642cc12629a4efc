"""Pure decisions of profiles: what counts as what, what a person's own word changes, and hashes.

Formulas of the figures (amounts in the profile's currency, at the rates of its day):

* a *full month* is one that the book tells from its third day to its last but two, or to later;
  of the last twelve those count;
* monthly spending: the median of full months' spending, refunds taken off, without own
  transfers, payments on cards and payments on loans; bills are part of it;
* spending and income volatility: the sample standard deviation of full months' totals divided by
  their mean, at most 1; from three full months on;
* income, bills and payments on loans: what comes again and again, times how many come in a year,
  divided by twelve. Income is what stands under income and is no refund of tax;
* payments on loans: what terms, banks and book say that is paid on each loan, together; or all
  that the book shows, if that is more. What is paid without a pace counts by the middle of the
  last three full months.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import Any, Final

from strongroom.core.errors import Refused
from strongroom.core.money import Currency, minor_units
from strongroom.goals.profile.types import (
    LEAST_MONTHS,
    FigureName,
    Profile,
    ProfileLoan,
    StoodIn,
    ToldBy,
    WhyUnknown,
)
from strongroom.goals.simulation.types import Household, Loan
from strongroom.ui import N_

ASSUMED_RATE: Final = Decimal("0.06")
"""The yearly rate of a loan of which nobody told one."""

ASSUMED_MONTHS: Final = {"mortgages": 300, "student": 120, "student_loan": 120}
"""In how many months a loan is repaid where nobody told, by kind; all others in 60."""

_OTHERWISE_MONTHS: Final = 60
_A_YEAR: Final = {
    "weekly": 52, "biweekly": 26, "four_weekly": 13, "semi_monthly": 24, "monthly": 12,
    "bimonthly": 6, "quarterly": 4, "half_yearly": 2, "yearly": 1,
}  # fmt: skip
KINDS: Final[Mapping[str, Any]] = {
    "otherwise": "EUR",
    "slack": 3,
    "least_months": LEAST_MONTHS,
    "a_year": json.dumps(_A_YEAR),
    "loan_keys": ["mortgage", "loan_payment"],
    "loan_kinds": ["mortgages", "loans", "other_liabilities"],
    "loan_rate": ASSUMED_RATE,
    "loan_months": json.dumps(ASSUMED_MONTHS),
    # One could do without these for a while, or with less.
    "discretionary": [
        "dining", "coffee", "alcohol", "taxi", "shopping", "clothing", "electronics", "gifts",
        "general_shopping", "leisure", "entertainment", "travel", "gym",
    ],
    "discretionary_groups": ["shopping", "leisure"],
    # Investments that can be sold within days; all others are tied, such as pensions.
    "sellable": [
        "brokerage", "cash isa", "isa", "mutual fund", "non-taxable brokerage account", "other",
        "stock plan", "tfsa", "investment",
    ],
    "tied": ["hsa", "ebt"],
    "savings": ["savings", "cd", "money market", "cash management"],
    "cash_like": ["cash isa"],
    # Funds whose names say that they hold bonds; of others shares are assumed.
    "bonds": r"\m(bonds?|treasur(y|ies)|fixed income|obligasjon\w*|rentefond\w*|renter)\M",
}  # fmt: skip
"""What the statement that reckons profiles takes for what."""


class NotEnoughHistory(Refused):
    """A profile lacks what a simulation needs; the hint says what would help."""


def canonical(value: object) -> bytes:
    """Return plain JSON in its one canonical form: sorted names, no blanks, numbers as texts."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def plain_number(value: Decimal) -> str:
    """Return a number without an exponent or needless zeros."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def hash_of(derived: bytes, said: Mapping[str, Any]) -> bytes:
    """Return the hash of figures: that of the derived ones, and of what is said instead.

    ``said`` maps names of figures to what holds in their place, as plain JSON.
    """
    return derived if not said else sha256(derived + canonical(said)).digest()


def why_unknown(name: FigureName, months: int, *, left_out: bool) -> WhyUnknown:
    """Return why a figure could not be derived, from what there is."""
    if name in (FigureName.LIQUID_ASSETS, FigureName.CREDIT_DEBT, FigureName.LOAN_DEBT,
                FigureName.MONTHLY_LOAN_PAYMENTS):  # fmt: skip
        return WhyUnknown.NO_RATE if left_out else WhyUnknown.NO_ACCOUNTS
    if name is FigureName.INVESTMENT_ALLOCATION:
        return WhyUnknown.NO_INVESTMENTS
    if months == 0:
        return WhyUnknown.NO_HISTORY
    if name in (FigureName.INCOME_VOLATILITY, FigureName.SPENDING_VOLATILITY):
        if months < LEAST_MONTHS:
            return WhyUnknown.TOO_FEW_MONTHS
        if name is FigureName.INCOME_VOLATILITY and not left_out:
            return WhyUnknown.NO_INCOME
    if name is FigureName.MONTHLY_INCOME and not left_out:
        return WhyUnknown.NO_INCOME
    return WhyUnknown.NO_RATE if left_out else WhyUnknown.NO_HISTORY


def loans_said(
    loans: Sequence[ProfileLoan],
    *,
    debt: Decimal | None,
    payments: Decimal | None,
    seen: Decimal | None,
    code: Currency,
) -> list[ProfileLoan]:
    """Return loans as they are where their person says what is owed, or paid, on all together.

    None: nothing was said of it. Balances and payments keep their proportions. ``seen`` is what
    the book shows to be paid on loans, for one that only the person tells of.
    """
    found = list(loans)
    if debt is not None:
        found = _with_debt(found, debt, seen, code)
    if payments is not None and found:
        weights = [one.monthly_payment for one in found]
        if not any(weights):
            weights = [one.balance for one in found]
        shared = _share(payments, weights, code)
        found = [
            replace(one, monthly_payment=amount, payment_by=ToldBy.PERSON)
            for one, amount in zip(found, shared, strict=True)
        ]
    return found


def _with_debt(
    loans: list[ProfileLoan], debt: Decimal, seen: Decimal | None, code: Currency
) -> list[ProfileLoan]:
    if debt == 0:
        return []
    if loans:
        shared = _share(debt, [one.balance for one in loans], code)
        return [replace(one, balance=amount) for one, amount in zip(loans, shared, strict=True)]
    paid = seen or _annuity(debt, ASSUMED_RATE, _OTHERWISE_MONTHS, code)
    by = ToldBy.BOOK if seen else ToldBy.ASSUMED
    return [ProfileLoan(None, None, debt, paid, ASSUMED_RATE, by, ToldBy.ASSUMED)]


def _annuity(debt: Decimal, rate: Decimal, months: int, code: Currency) -> Decimal:
    monthly = rate / 12
    return _in_units(debt * monthly / (1 - (1 + monthly) ** -months), code)


def _share(whole: Decimal, weights: Sequence[Decimal], code: Currency) -> list[Decimal]:
    """Return parts in proportion to the weights, in minor units, that add up to the whole."""
    total, given, seen = sum(weights), Decimal(0), Decimal(0)
    parts = []
    for weight in weights:
        seen += weight
        until = whole if seen == total else _in_units(whole * seen / total, code)
        parts.append(until - given)
        given = until
    return parts


def _in_units(amount: Decimal, code: Currency) -> Decimal:
    return amount.quantize(Decimal(1).scaleb(-minor_units(code)), ROUND_HALF_EVEN)


def household(profile: Profile, *, saved: Decimal, free: Decimal, elsewhere: Decimal) -> Household:
    """Return a household as simulations take it, in the profile's currency.

    ``saved`` is put aside for the goal, ``free`` other liquid money, ``elsewhere`` what goes to
    other goals each month. Where volatilities are unknown, those that simulations assume stand;
    payments on loans that no account tells of are spending that goes on. Raises
    ``NotEnoughHistory``.
    """
    income, spending = profile.monthly_income.amount, profile.monthly_spending.amount
    if income is None or spending is None:
        raise _not_enough(income is None, spending is None)
    loans = [
        Loan(one.balance, one.monthly_payment, min(one.annual_rate, Decimal(1)))
        for one in profile.loans
    ]
    beside = _paid_beside(profile, sum((loan.monthly_payment for loan in loans), Decimal(0)))
    found = Household(
        saved=saved,
        free=free,
        monthly_income=income,
        monthly_spending=spending + beside,
        card_debt=profile.credit_debt.amount or Decimal(0),
        loans=loans,
        monthly_elsewhere=elsewhere,
    )
    income_varies, spending_varies = (
        profile.income_volatility.amount,
        profile.spending_volatility.amount,
    )
    if income_varies is not None:
        found = replace(found, income_volatility=income_varies)
    if spending_varies is not None:
        found = replace(found, spending_volatility=spending_varies)
    return found


def stood_in(profile: Profile) -> list[StoodIn]:
    """Return what ``household`` takes for figures that are not known: nothing, or a usual one."""
    unsaid = Household(saved=Decimal(0), monthly_income=Decimal(0), monthly_spending=Decimal(0))
    usual = {
        FigureName.INCOME_VOLATILITY: unsaid.income_volatility,
        FigureName.SPENDING_VOLATILITY: unsaid.spending_volatility,
    }
    nothing = (
        FigureName.LIQUID_ASSETS,
        FigureName.CREDIT_DEBT,
        FigureName.LOAN_DEBT,
        FigureName.MONTHLY_LOAN_PAYMENTS,
    )
    return [
        StoodIn(name, value, profile.figure(name).why_unknown)
        for name, value in {**dict.fromkeys(nothing, Decimal(0)), **usual}.items()
        if profile.figure(name).amount is None
    ]


def _paid_beside(profile: Profile, on_loans: Decimal) -> Decimal:
    """Return what is paid each month on loans that no account, and nobody, tells the debt of."""
    debt, paid = profile.loan_debt, profile.monthly_loan_payments
    none_owed = debt.overridden and debt.amount == 0 and not paid.overridden
    return Decimal(0) if none_owed else max(Decimal(0), (paid.amount or Decimal(0)) - on_loans)


def _not_enough(no_income: bool, no_spending: bool) -> NotEnoughHistory:
    if no_income and no_spending:
        message = N_("There is not enough history: neither income nor spending is known.")
    elif no_income:
        message = N_("There is not enough history: no income that comes again and again is known.")
    else:
        message = N_("There is not enough history: no full month of spending is known.")
    return NotEnoughHistory(
        message,
        field="monthly_income" if no_income else "monthly_spending",
        hint=N_("Link a bank or import three months of rows, or say the figure yourself."),
    )
