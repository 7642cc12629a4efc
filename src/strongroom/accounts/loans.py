"""The verbs of loans: on what terms one is paid back, and its schedule from what is owed now.

Terms are a person's own, or those that a bank told where they told none.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from strongroom import identity
from strongroom.accounts import asset_queries
from strongroom.accounts.asset_types import About, LoanTerms, Method, Schedule
from strongroom.accounts.assets import details, told_values
from strongroom.accounts.product_types import Liability
from strongroom.accounts.products import liability
from strongroom.accounts.projecting import project, terms_of
from strongroom.accounts.schedules import (
    MOST_PAYMENTS,
    NeverPaidOff,
    months_after,
    payments_after,
)
from strongroom.accounts.service import check_currency, get, net_worth_changed, record
from strongroom.accounts.types import Account, Category
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money, minor_units
from strongroom.core.time import today

_LOANS = frozenset({Category.LOANS, Category.MORTGAGES, Category.OTHER_LIABILITIES})
_EARLIEST, _LATEST = date(1970, 1, 1), date(2200, 1, 1)
_LARGEST = Decimal(10) ** 15
_EVERY = (1, 2, 3, 4, 6, 12)


class NotALoan(Refused):
    """The account is not of a kind that is paid back by a schedule."""


class BadTerms(Refused):
    """The terms of a loan cannot be right, or do not say enough."""


class TermsDoNotFit(BadTerms):
    """What each payment is and how many there are do not come to the same."""


class NoLoanTerms(NotFound):
    """Nobody has told on what terms the loan is paid back."""


async def loan_terms(db: Db, *, owner: UserId, account_id: AccountId) -> LoanTerms | None:
    """Return the terms that a person gave of a loan. Raises ``AccountNotFound``."""
    await get(db, owner=owner, account_id=account_id)
    row = await asset_queries.loan(db, owner, account_id)
    return None if row is None else terms_of(row)


async def set_loan_terms(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    terms: LoanTerms,
    now: datetime,
    actor: str = "person",
) -> Schedule:
    """Write on what terms a loan is paid back, in place of those before; return its schedule.

    Raises ``AccountNotFound``, ``NotALoan``, ``BadTerms``, ``TermsDoNotFit`` and ``NeverPaidOff``.
    """
    account = await get(db, owner=owner, account_id=account_id)
    if account.category not in _LOANS:
        raise NotALoan(f"{account.name} is not a loan.", hint="Terms are for what is owed.")
    _check(terms, account.currency)
    _check_fit(terms, len(list(payments_after(terms, terms.principal, None))))
    changed = await asset_queries.set_loan(
        db,
        {
            "owner": owner,
            "account_id": account_id,
            "principal": terms.principal.amount,
            "yearly_percent": terms.yearly_percent,
            "method": terms.method.value,
            "every_months": terms.every_months,
            "first_payment": terms.first_payment,
            "payments": terms.payments,
            "payment": None if terms.payment is None else terms.payment.amount,
            "follows": terms.follows,
            "now": now,
        },
    )
    if changed:
        await _changed(db, owner, account, "set_loan_terms", now, actor)
    return await schedule(db, owner=owner, account_id=account_id)


async def forget_loan_terms(
    db: Db, *, owner: UserId, account_id: AccountId, now: datetime, actor: str = "person"
) -> None:
    """Delete the terms that a person gave of a loan, if they did. Raises ``AccountNotFound``."""
    account = await get(db, owner=owner, account_id=account_id)
    if await asset_queries.drop_loan(db, owner, account_id):
        await _changed(db, owner, account, "forget_loan_terms", now, actor)


async def schedule(
    db: Db, *, owner: UserId, account_id: AccountId, extra: Money | None = None
) -> Schedule:
    """Return what is still to be paid of a loan, from the last balance that was told.

    ``extra`` is what the person thinks of paying beside each payment. Raises ``AccountNotFound``,
    ``NoLoanTerms``, ``BadTerms`` and ``NeverPaidOff``.
    """
    account = await get(db, owner=owner, account_id=account_id)
    if extra is not None and not (extra.currency == account.currency and extra.amount >= 0):
        raise BadTerms(f"Give an amount from zero in {account.currency}.", field="extra")
    row = await asset_queries.loan(db, owner, account_id)
    told = await liability(db, owner=owner, account_id=account_id)
    terms = terms_of(row) if row else _by_bank(told, account)
    if terms is None:
        raise NoLoanTerms("Nobody has told on what terms this is paid back.")
    known = await asset_queries.told(db, owner, account_id)
    owed, since = terms.principal, None
    if known:
        # A balance above zero is the bank's debt to the person: nothing is left to pay.
        owed = Money(max(-known[-1].balance, Decimal(0)), account.currency)
        since = known[-1].day
    payments = list(payments_after(terms, owed, since, extra=extra))
    return Schedule(terms, owed, payments, from_bank=row is None)


async def about(db: Db, *, owner: UserId, account: Account) -> About:
    """Return what there is to say of an account beside its balance, for its page."""
    plan = None
    if account.category in _LOANS:
        try:
            plan = await schedule(db, owner=owner, account_id=account.id)
        except (NoLoanTerms, NeverPaidOff):
            plan = None
    return About(
        details=await details(db, owner=owner, account_id=account.id),
        kind=await asset_queries.kind_name(db, account.type, account.subtype) or "",
        told=await told_values(db, owner=owner, account_id=account.id),
        plan=plan,
    )


def _by_bank(told: Liability | None, account: Account) -> LoanTerms | None:
    """Return the terms of a loan as its bank told them, if that is enough to reckon with."""
    if told is None or told.kind == "credit" or told.apr is None:
        return None
    if told.original_principal is None or told.originated_on is None or told.ends_on is None:
        return None
    first = months_after(told.originated_on, 1)
    months = (told.ends_on.year - first.year) * 12 + told.ends_on.month - first.month + 1
    if not 1 <= months <= MOST_PAYMENTS or told.original_principal.amount <= 0:
        return None
    return LoanTerms(
        principal=Money(told.original_principal.amount, account.currency),
        yearly_percent=told.apr,
        first_payment=first,
        payments=months,
        follows=False,
    )


def _check(terms: LoanTerms, code: Currency) -> None:
    _check_amount(terms.principal, code, "principal")
    if terms.payment is not None:
        _check_amount(terms.payment, code, "payment")
    percent = terms.yearly_percent
    if not 0 <= percent <= 100 or percent != round(percent, 4):
        raise BadTerms(
            "Give a rate from 0 to 100 percent a year, with at most four decimals.",
            field="yearly_percent",
        )
    if not _EARLIEST <= terms.first_payment <= _LATEST:
        raise BadTerms("Give a day between 1970 and 2200.", field="first_payment")
    if terms.every_months not in _EVERY:
        raise BadTerms(
            "A payment falls due every 1, 2, 3, 4, 6 or 12 months.", field="every_months"
        )
    if terms.payments is None and (terms.payment is None or terms.method is not Method.ANNUITY):
        raise BadTerms("Give how many payments there are.", field="payments")
    if terms.payment is not None and terms.method is not Method.ANNUITY:
        raise BadTerms("Only an annuity has a payment that is always the same.", field="payment")
    if terms.payments is not None and not 1 <= terms.payments <= MOST_PAYMENTS:
        raise BadTerms(f"A loan has 1 to {MOST_PAYMENTS} payments.", field="payments")


def _check_fit(terms: LoanTerms, count: int) -> None:
    """Refuse a payment that pays the loan off in another number of payments, but for one."""
    if terms.payment is None or terms.payments is None or abs(count - terms.payments) <= 1:
        return
    raise TermsDoNotFit(
        f"The payment and the payments do not fit: with {terms.payment.amount:,f} each time the "
        f"loan is paid off after {count}, not {terms.payments}.",
        field="payment",
        hint="Give one of payment and payments, and leave the other out.",
    )


def _check_amount(amount: Money, code: Currency, field: str) -> None:
    check_currency(amount, code, BadTerms, field)
    if not 0 < amount.amount <= _LARGEST:
        raise BadTerms(f"Give an amount above zero, up to {_LARGEST:,}, in {code}.", field=field)
    if amount.rounded() != amount:
        raise BadTerms(
            f"An amount in {code} has at most {minor_units(code)} decimals.", field=field
        )


async def _changed(
    db: Db, owner: UserId, account: Account, verb: str, now: datetime, actor: str
) -> None:
    settings = await identity.get_settings(db, owner=owner)
    await project(db, owner=owner, account=account, today=today(now, settings.time_zone))
    await record(db, owner, verb, actor, account.id, now)
    await net_worth_changed(db, owner=owner)
