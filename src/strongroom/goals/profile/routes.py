"""The financial profile as JSON under ``/api/v1``: read it, say a figure, take that back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict

from strongroom import identity
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Money
from strongroom.core.wire import WireDecimal, WireId, WireMoney
from strongroom.goals.profile import service
from strongroom.goals.profile.types import VOLATILITIES, Figure, FigureName, Profile, ToldBy
from strongroom.identity.access import may

router = APIRouter(tags=["goals"])

Reader = Annotated[identity.Caller, Depends(may("goals:read"))]
Writer = Annotated[identity.Caller, Depends(may("goals:write"))]


class MoneyFigureOut(BaseModel):
    """An amount. ``overridden``: you said ``amount``; ``derived`` is what was found.

    ``why_unknown``: why nothing could be derived. ``thin``: from fewer than three full months.
    """

    amount: WireMoney | None
    derived: WireMoney | None
    overridden: bool
    why_unknown: str | None
    thin: bool

    @classmethod
    def of(cls, one: Figure, whole: Profile) -> MoneyFigureOut:
        """Return the figure as it stands in JSON."""
        code = whole.currency
        return cls(
            amount=None if one.amount is None else Money(one.amount, code),
            derived=None if one.derived is None else Money(one.derived, code),
            overridden=one.overridden,
            why_unknown=one.why_unknown,
            thin=one.thin,
        )


class NumberFigureOut(BaseModel):
    """A number from 0 to 1: the standard deviation of months' totals, divided by their mean."""

    amount: Decimal | None
    derived: Decimal | None
    overridden: bool
    why_unknown: str | None
    thin: bool

    @classmethod
    def of(cls, one: Figure) -> NumberFigureOut:
        """Return the figure as it stands in JSON."""
        return cls(
            amount=one.amount,
            derived=one.derived,
            overridden=one.overridden,
            why_unknown=one.why_unknown,
            thin=one.thin,
        )


class AllocationOut(BaseModel):
    """How savings and investments are spread: shares of stocks, bonds, cash and other."""

    shares: Mapping[str, Decimal] | None
    derived: Mapping[str, Decimal] | None
    overridden: bool
    why_unknown: str | None


class CategoryOut(BaseModel):
    """What is spent in a category on average a month; a default one has a ``key``."""

    id: Annotated[CategoryId, WireId("cat")]
    key: str | None
    name: str | None
    monthly: WireMoney
    discretionary: bool


class PayerOut(BaseModel):
    """What comes in from one payer again and again, in a month."""

    payer: str
    monthly: WireMoney


class LoanOut(BaseModel):
    """A loan. ``payment_by`` and ``rate_by``: terms, bank, book, assumed or person.

    ``account`` null: a loan that only you tell of. ``annual_rate`` is a fraction.
    """

    account: Annotated[AccountId, WireId("acc")] | None
    name: str | None
    balance: WireMoney
    monthly_payment: WireMoney
    annual_rate: Decimal
    payment_by: ToldBy
    rate_by: ToldBy


class ProfileOut(BaseModel):
    """A household in figures, in one currency, at the rates of ``as_of``.

    Debts, spending and payments have no sign. ``monthly_spending`` has bills in it, and neither
    own transfers nor payments on cards or loans. ``left_out``: currencies without a known rate;
    their amounts are in no figure. ``data_hash``: SHA-256 of the figures, in hex.
    """

    currency: str
    as_of: date
    liquid_assets: MoneyFigureOut
    credit_debt: MoneyFigureOut
    loan_debt: MoneyFigureOut
    monthly_income: MoneyFigureOut
    monthly_bills: MoneyFigureOut
    monthly_loan_payments: MoneyFigureOut
    monthly_spending: MoneyFigureOut
    income_volatility: NumberFigureOut
    spending_volatility: NumberFigureOut
    investment_allocation: AllocationOut
    spending_by_category: list[CategoryOut]
    income_by_payer: list[PayerOut]
    loans: list[LoanOut]
    months_of_history: int
    left_out: list[str]
    data_hash: str
    computed_at: datetime

    @classmethod
    def of(cls, one: Profile) -> ProfileOut:
        """Return the profile as it stands in JSON."""
        code = one.currency
        money = {
            name.value: MoneyFigureOut.of(one.figure(name), one)
            for name in FigureName
            if name not in VOLATILITIES and name is not FigureName.INVESTMENT_ALLOCATION
        }
        return cls(
            currency=code,
            as_of=one.as_of,
            **money,
            income_volatility=NumberFigureOut.of(one.income_volatility),
            spending_volatility=NumberFigureOut.of(one.spending_volatility),
            investment_allocation=AllocationOut(
                shares=one.investment_allocation,
                derived=one.derived_allocation,
                overridden=one.allocation_overridden,
                why_unknown=one.allocation_why_unknown,
            ),
            spending_by_category=[
                CategoryOut(
                    id=each.category_id,
                    key=each.key,
                    name=each.name,
                    monthly=Money(each.monthly, code),
                    discretionary=each.discretionary,
                )
                for each in one.spending_by_category
            ],
            income_by_payer=[
                PayerOut(payer=each.payer, monthly=Money(each.monthly, code))
                for each in one.income_by_payer
            ],
            loans=[
                LoanOut(
                    account=each.account_id,
                    name=each.name,
                    balance=Money(each.balance, code),
                    monthly_payment=Money(each.monthly_payment, code),
                    annual_rate=each.annual_rate,
                    payment_by=each.payment_by,
                    rate_by=each.rate_by,
                )
                for each in one.loans
            ],
            months_of_history=one.months_of_history,
            left_out=list(one.left_out),
            data_hash=one.data_hash.hex(),
            computed_at=one.computed_at,
        )


class SaidBody(BaseModel):
    """What you say of a figure: one of these.

    ``amount`` for money, ``number`` (0 to 1) for a volatility, ``shares`` (of stocks, bonds, cash
    and other, which come to 1) for the allocation.
    """

    model_config = ConfigDict(extra="forbid")

    amount: WireMoney | None = None
    number: WireDecimal | None = None
    shares: dict[str, WireDecimal] | None = None


@router.get("/profile", summary="Your household in figures")
async def get_profile(caller: Reader) -> ProfileOut:
    """Return the financial profile as of today, with what you said instead of what was found."""
    async with caller.unit_of_work() as db:
        return ProfileOut.of(await service.get(db, owner=caller.owner, now=caller.now))


@router.put("/profile/figures/{figure}", summary="Say a figure yourself")
async def say_figure(caller: Writer, figure: FigureName, body: SaidBody) -> ProfileOut:
    """Let what you say stand instead of what was found, until you take it back."""
    amount = body.number if body.amount is None else body.amount
    if body.amount is not None and body.number is not None:
        raise service.BadFigure("Give an amount or a number, not both.", field="number")
    async with caller.unit_of_work() as db:
        changed = await service.override(
            db,
            owner=caller.owner,
            figure=figure,
            amount=amount,
            shares=body.shares,
            now=caller.now,
            actor=caller.actor,
        )
    return ProfileOut.of(changed)


@router.delete("/profile/figures/{figure}", summary="Go back to what was found of a figure")
async def forget_figure(caller: Writer, figure: FigureName) -> ProfileOut:
    """Take back what you said of a figure; the profile is returned as it is then."""
    async with caller.unit_of_work() as db:
        changed = await service.forget_override(
            db, owner=caller.owner, figure=figure, now=caller.now, actor=caller.actor
        )
    return ProfileOut.of(changed)
