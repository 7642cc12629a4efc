"""What a person says of their accounts, as JSON under ``/api/v1``: values, notes, rates, loans."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from strongroom import accounts, identity
from strongroom.accounts import DayBalance, Details, LoanTerms, Method, Payment, Schedule
from strongroom.core.ids import AccountId
from strongroom.core.money import Money, check_amount
from strongroom.core.plain import plain_number
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["accounts"])

Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
Writer = Annotated[identity.Caller, Depends(may("settings:write"))]
AccountRef = Annotated[AccountId, WireId("acc")]
Percent = Annotated[Decimal, Field(max_digits=9, decimal_places=4)]


class KindOut(BaseModel):
    """One kind of account: Plaid's type and subtype, or ours (``manual_...``)."""

    type: str
    subtype: str
    name: str
    category: str
    icon: str


class KindList(BaseModel):
    """All kinds of accounts, in the order to show."""

    items: list[KindOut]


class ValueOut(BaseModel):
    """A value that was told for the end of a day, and by whom. A debt is below zero."""

    day: date
    value: WireMoney
    source: str

    @classmethod
    def of(cls, one: DayBalance) -> ValueOut:
        """Return the value as it stands in JSON."""
        return cls(day=one.day, value=one.balance, source=one.source.value)


class ValueList(BaseModel):
    """Values that were told, newest first."""

    items: list[ValueOut]


class ValueChange(BaseModel):
    """Another value, without a sign, and if ``day`` is given for another day."""

    model_config = ConfigDict(extra="forbid")

    value: WireMoney
    day: date | None = None


class AccountDetails(BaseModel):
    """What you say of an account. ``yearly_percent`` moves each told value on, as an estimate."""

    model_config = ConfigDict(extra="forbid")

    note: str | None = None
    yearly_percent: Percent | None = None
    remind_months: int | None = None

    @classmethod
    def of(cls, said: Details) -> AccountDetails:
        """Return the details as they stand in JSON."""
        return cls(
            note=said.note, yearly_percent=said.yearly_percent, remind_months=said.remind_months
        )


class Terms(BaseModel):
    """On what terms a loan is paid back: how many ``payments``, or of an annuity what each is.

    ``follows``: estimate the balance after the last told value by the schedule.
    """

    model_config = ConfigDict(extra="forbid")

    principal: WireMoney
    yearly_percent: Percent
    first_payment: date
    payments: int | None = None
    payment: WireMoney | None = None
    method: Literal["annuity", "equal_principal", "interest_only"] = "annuity"
    every_months: int = 1
    follows: bool = True

    @classmethod
    def of(cls, terms: LoanTerms) -> Terms:
        """Return the terms as they stand in JSON."""
        return cls(
            principal=terms.principal,
            yearly_percent=terms.yearly_percent,
            first_payment=terms.first_payment,
            payments=terms.payments,
            payment=terms.payment,
            method=terms.method.value,
            every_months=terms.every_months,
            follows=terms.follows,
        )

    def read(self) -> LoanTerms:
        """Return the terms as a verb takes them."""
        return LoanTerms(
            principal=self.principal,
            yearly_percent=self.yearly_percent,
            first_payment=self.first_payment,
            payments=self.payments,
            payment=self.payment,
            method=Method(self.method),
            every_months=self.every_months,
            follows=self.follows,
        )


class PaymentOut(BaseModel):
    """One payment; ``left`` is owed after it."""

    number: int
    day: date
    amount: WireMoney
    interest: WireMoney
    principal: WireMoney
    left: WireMoney

    @classmethod
    def of(cls, one: Payment) -> PaymentOut:
        """Return the payment as it stands in JSON."""
        return cls(
            number=one.number,
            day=one.day,
            amount=one.amount,
            interest=one.interest,
            principal=one.principal,
            left=one.left,
        )


class ScheduleOut(BaseModel):
    """What is still to be paid, from the last balance that was told (``owed``)."""

    terms: Terms
    from_bank: bool
    owed: WireMoney
    ends_on: date | None
    interest: WireMoney
    payments: list[PaymentOut]

    @classmethod
    def of(cls, found: Schedule) -> ScheduleOut:
        """Return the schedule as it stands in JSON."""
        return cls(
            terms=Terms.of(found.terms),
            from_bank=found.from_bank,
            owed=found.owed,
            ends_on=found.ends_on,
            interest=found.interest,
            payments=[PaymentOut.of(one) for one in found.payments],
        )


@router.get("/account-types", summary="All kinds of accounts")
async def list_kinds(caller: Reader) -> KindList:
    """List Plaid's types and subtypes and our own, with where each counts in net worth."""
    async with caller.unit_of_work() as db:
        found = await accounts.list_kinds(db)
    return KindList(
        items=[
            KindOut(
                type=one.type,
                subtype=one.subtype,
                name=one.display_name,
                category=one.category.value,
                icon=one.icon,
            )
            for one in found
        ]
    )


@router.delete("/accounts/{account_id}", status_code=204, summary="Delete what you added by hand")
async def delete_account(caller: Writer, account_id: AccountRef) -> None:
    """Delete an account that no bank reports and no transaction stands on, as never added."""
    async with caller.unit_of_work() as db:
        await accounts.delete(
            db, owner=caller.owner, account_id=account_id, now=caller.now, actor=caller.actor
        )


@router.get("/accounts/{account_id}/values", summary="Values that were told")
async def list_values(caller: Reader, account_id: AccountRef) -> ValueList:
    """List the values that somebody told, newest first: no estimates."""
    async with caller.unit_of_work() as db:
        found = await accounts.told_values(db, owner=caller.owner, account_id=account_id)
    return ValueList(items=[ValueOut.of(one) for one in found])


@router.patch("/accounts/{account_id}/values/{day}", summary="Correct a value")
async def correct_value(
    caller: Writer, account_id: AccountRef, day: date, change: ValueChange
) -> ValueList:
    """Put another value, or another day, in place of one that you told; lists what stands then."""
    async with caller.unit_of_work() as db:
        await accounts.correct_value(
            db,
            owner=caller.owner,
            account_id=account_id,
            day=day,
            value=change.value,
            new_day=change.day,
            now=caller.now,
            actor=caller.actor,
        )
        found = await accounts.told_values(db, owner=caller.owner, account_id=account_id)
    return ValueList(items=[ValueOut.of(one) for one in found])


@router.delete("/accounts/{account_id}/values/{day}", status_code=204, summary="Delete a value")
async def forget_value(caller: Writer, account_id: AccountRef, day: date) -> None:
    """Delete a value that you told; the one before holds instead. The only one stays."""
    async with caller.unit_of_work() as db:
        await accounts.forget_value(
            db,
            owner=caller.owner,
            account_id=account_id,
            day=day,
            now=caller.now,
            actor=caller.actor,
        )


@router.get("/accounts/{account_id}/details", summary="What you say of an account")
async def get_details(caller: Reader, account_id: AccountRef) -> AccountDetails:
    """Return note, yearly rate and reminder."""
    async with caller.unit_of_work() as db:
        return AccountDetails.of(
            await accounts.details(db, owner=caller.owner, account_id=account_id)
        )


@router.put("/accounts/{account_id}/details", summary="Say something of an account")
async def put_details(
    caller: Writer, account_id: AccountRef, said: AccountDetails
) -> AccountDetails:
    """Write note, yearly rate and reminder in place of those before; what is left out goes."""
    async with caller.unit_of_work() as db:
        return AccountDetails.of(
            await accounts.describe(
                db,
                owner=caller.owner,
                account_id=account_id,
                said=Details(said.note, said.yearly_percent, said.remind_months),
                now=caller.now,
                actor=caller.actor,
            )
        )


@router.get("/accounts/{account_id}/loan", summary="What is still to be paid of a loan")
async def get_loan(
    caller: Reader, account_id: AccountRef, extra: Annotated[str | None, Query()] = None
) -> ScheduleOut:
    """Return a loan's schedule; with ``extra`` (an amount) as if that were paid each time too."""
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=caller.owner, account_id=account_id)
        more = None if extra is None else Money(_number(extra), account.currency)
        return ScheduleOut.of(
            await accounts.schedule(db, owner=caller.owner, account_id=account_id, extra=more)
        )


@router.put("/accounts/{account_id}/loan", summary="Say on what terms a loan is paid back")
async def put_loan(caller: Writer, account_id: AccountRef, terms: Terms) -> ScheduleOut:
    """Write a loan's terms in place of those before; returns its schedule."""
    async with caller.unit_of_work() as db:
        return ScheduleOut.of(
            await accounts.set_loan_terms(
                db,
                owner=caller.owner,
                account_id=account_id,
                terms=terms.read(),
                now=caller.now,
                actor=caller.actor,
            )
        )


@router.delete("/accounts/{account_id}/loan", status_code=204, summary="Forget a loan's terms")
async def delete_loan(caller: Writer, account_id: AccountRef) -> None:
    """Forget the terms that you gave of a loan; its balances stay."""
    async with caller.unit_of_work() as db:
        await accounts.forget_loan_terms(
            db, owner=caller.owner, account_id=account_id, now=caller.now, actor=caller.actor
        )


def _number(text: str) -> Decimal:
    try:
        return check_amount(plain_number(text))
    except ArithmeticError:
        raise accounts.BadTerms("Write an amount such as 1000.00.", field="extra") from None
