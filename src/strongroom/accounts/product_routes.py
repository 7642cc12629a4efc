"""What banks tell beside balances, as JSON under ``/api/v1``: holdings, and terms of debts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from strongroom import accounts, identity
from strongroom.accounts import Holding, Liability
from strongroom.core.ids import AccountId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["accounts"])

Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
AccountRef = Annotated[AccountId, WireId("acc")]


class HoldingOut(BaseModel):
    """One security that an account holds. ``value`` is the institution's own figure."""

    name: str | None
    ticker: str | None
    isin: str | None
    type: str | None
    cash: bool
    quantity: str
    price: WireMoney | None
    price_day: date | None
    value: WireMoney | None
    cost_basis: WireMoney | None

    @classmethod
    def of(cls, one: Holding) -> HoldingOut:
        """Return the holding as it stands in JSON."""
        return cls(
            name=one.name,
            ticker=one.ticker,
            isin=one.isin,
            type=one.type,
            cash=one.is_cash,
            quantity=_plain(one.quantity),
            price=one.price,
            price_day=one.price_day,
            value=one.value,
            cost_basis=one.cost_basis,
        )


class HoldingList(BaseModel):
    """What an account holds, the most valuable first."""

    items: list[HoldingOut]


class AprOut(BaseModel):
    """One of a card's yearly rates, in percent."""

    type: str
    percentage: str


class LiabilityOut(BaseModel):
    """On what terms an account is owed. Amounts are unsigned; ``apr`` is in percent a year."""

    kind: str
    apr: str | None
    aprs: list[AprOut]
    minimum_payment: WireMoney | None
    due_on: date | None
    overdue: bool | None
    past_due: WireMoney | None
    last_payment: WireMoney | None
    last_paid_on: date | None
    statement_balance: WireMoney | None
    statement_on: date | None
    original_principal: WireMoney | None
    originated_on: date | None
    ends_on: date | None

    @classmethod
    def of(cls, one: Liability) -> LiabilityOut:
        """Return the terms as they stand in JSON."""
        return cls(
            kind=one.kind,
            apr=None if one.apr is None else _plain(one.apr),
            aprs=[AprOut(type=apr.type, percentage=_plain(apr.percentage)) for apr in one.aprs],
            minimum_payment=one.minimum_payment,
            due_on=one.due_on,
            overdue=one.is_overdue,
            past_due=one.past_due,
            last_payment=one.last_payment,
            last_paid_on=one.last_paid_on,
            statement_balance=one.statement_balance,
            statement_on=one.statement_on,
            original_principal=one.original_principal,
            originated_on=one.originated_on,
            ends_on=one.ends_on,
        )


class LiabilityAnswer(BaseModel):
    """The terms, or null where no bank has told any."""

    liability: LiabilityOut | None


@router.get("/accounts/{account_id}/holdings", summary="What an account holds")
async def list_holdings(caller: Reader, account_id: AccountRef) -> HoldingList:
    """List the securities of an investment account as its bank last told them."""
    async with caller.unit_of_work() as db:
        found = await accounts.holdings(db, owner=caller.owner, account_id=account_id)
    return HoldingList(items=[HoldingOut.of(one) for one in found])


@router.get("/accounts/{account_id}/liability", summary="On what terms an account is owed")
async def get_liability(caller: Reader, account_id: AccountRef) -> LiabilityAnswer:
    """Return a card's or loan's rates, least payment and due day as its bank last told them."""
    async with caller.unit_of_work() as db:
        found = await accounts.liability(db, owner=caller.owner, account_id=account_id)
    return LiabilityAnswer(liability=None if found is None else LiabilityOut.of(found))


def _plain(number: Decimal) -> str:
    """Return a number without the zeros that the database ends it with."""
    return f"{number.normalize():f}"
