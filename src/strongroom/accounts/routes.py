"""Accounts as JSON under ``/api/v1``: list, look at one, rename, hide, close, balances by day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict

from strongroom import accounts, identity
from strongroom.accounts import Account, DayBalance, asset_routes, product_routes
from strongroom.core.errors import Refused
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import AccountId, ItemId
from strongroom.core.money import Money, is_official
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may

router = APIRouter(tags=["accounts"])
router.include_router(product_routes.router)
router.include_router(asset_routes.router)

Reader = Annotated[identity.Caller, Depends(may("accounts:read"))]
Writer = Annotated[identity.Caller, Depends(may("settings:write"))]
AccountRef = Annotated[AccountId, WireId("acc")]
_YEAR = timedelta(days=365)


class UnknownCurrency(Refused):
    """A value is in no currency of ISO 4217."""


class AccountOut(BaseModel):
    """One account. ``balance`` counts towards net worth as it stands: negative is owed.

    ``reported_at`` is when the figures were read, ``told_at`` when the bank says they are from.
    """

    id: AccountRef
    item: Annotated[ItemId, WireId("itm")] | None
    name: str
    official_name: str | None
    type: str
    subtype: str | None
    category: str
    mask: str | None
    iban: str | None
    institution: str | None
    manual: bool
    primary: bool
    hidden: bool
    closed: bool
    currency: str
    balance: WireMoney | None
    available: WireMoney | None
    credit_limit: WireMoney | None
    balance_day: date | None
    balance_source: str | None
    reported_at: datetime | None
    told_at: datetime | None
    unreported_since: datetime | None
    revoked_at: datetime | None

    @classmethod
    def of(cls, account: Account) -> AccountOut:
        """Return the account as it stands in JSON."""
        return cls(
            id=account.id,
            item=None if account.item_id is None else ItemId(account.item_id),
            name=account.name,
            official_name=account.official_name,
            type=account.type,
            subtype=account.subtype,
            category=account.category.value,
            mask=account.mask,
            iban=account.iban,
            institution=account.institution_name,
            manual=account.is_manual,
            primary=account.is_primary,
            hidden=account.hidden_at is not None,
            closed=account.closed_at is not None,
            currency=account.currency,
            balance=account.balance,
            available=account.available,
            credit_limit=account.credit_limit,
            balance_day=account.balance_day,
            balance_source=account.balance_source,
            reported_at=account.reported_at,
            told_at=account.told_at,
            unreported_since=account.unreported_since,
            revoked_at=account.revoked_at,
        )


class AccountList(BaseModel):
    """All accounts, in the order to show."""

    items: list[AccountOut]


class AccountChange(BaseModel):
    """What to change; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = None
    subtype: str | None = None
    hidden: bool | None = None
    primary: bool | None = None
    closed: bool | None = None


class ManualAccount(BaseModel):
    """Something owned or owed that no bank reports. ``value`` has no sign, a debt's neither."""

    model_config = ConfigDict(extra="forbid")

    name: str
    subtype: str
    value: WireMoney
    day: date | None = None


class Valuation(BaseModel):
    """What a manual account was worth at the end of ``day`` (today, if left out)."""

    model_config = ConfigDict(extra="forbid")

    value: WireMoney
    day: date | None = None


class BalanceOut(BaseModel):
    """An account's balance at the end of one banking day, and who says so.

    ``source``: plaid, manual, file; estimated (from the rows), projected (by a rate or a schedule),
    carried (nobody said anything that day: as on the day before).
    """

    day: date
    balance: WireMoney
    source: str

    @classmethod
    def of(cls, known: DayBalance) -> BalanceOut:
        """Return the balance as it stands in JSON."""
        return cls(day=known.day, balance=known.balance, source=known.source)


class BalanceList(BaseModel):
    """Balances by day, oldest first."""

    items: list[BalanceOut]


@router.get("/accounts", summary="List your accounts")
async def list_accounts(caller: Reader) -> AccountList:
    """List all accounts, hidden and closed ones too."""
    async with caller.unit_of_work() as db:
        found = await accounts.list_all(db, owner=caller.owner)
    return AccountList(items=[AccountOut.of(account) for account in found])


@router.post("/accounts", status_code=201, summary="Add something that no bank reports")
async def open_account(caller: Writer, new: ManualAccount, asked: AskedOnce) -> AccountOut:
    """Add a home, a car, a private loan. Takes an Idempotency-Key."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        account = await accounts.open_manual(
            db,
            owner=caller.owner,
            new=accounts.OpenManual(
                name=new.name,
                subtype=new.subtype,
                value=_official(new.value),
                day=new.day or caller.today,
            ),
            now=caller.now,
            actor=caller.actor,
        )
        return turn.answer(AccountOut.of(account), status=201)  # type: ignore[return-value]


@router.get("/accounts/{account_id}", summary="Look at one account")
async def get_account(caller: Reader, account_id: AccountRef) -> AccountOut:
    """Return one account."""
    async with caller.unit_of_work() as db:
        return AccountOut.of(await accounts.get(db, owner=caller.owner, account_id=account_id))


@router.patch("/accounts/{account_id}", summary="Edit, hide or close an account")
async def change_account(
    caller: Writer, account_id: AccountRef, change: AccountChange
) -> AccountOut:
    """Change what is given: all of it or nothing. Syncs keep a name that you chose."""
    owner, now = caller.owner, caller.now
    async with caller.unit_of_work() as db:
        account = await accounts.get(db, owner=owner, account_id=account_id)
        # First what may be refused, so that the account is named as it is called still.
        if change.closed is not None:
            verb = accounts.close if change.closed else accounts.reopen
            account = await verb(
                db, owner=owner, account_id=account_id, now=now, actor=caller.actor
            )
        if change.name is not None:
            account = await accounts.rename(
                db,
                owner=owner,
                account_id=account_id,
                name=change.name,
                now=now,
                actor=caller.actor,
            )
        if change.subtype is not None:
            account = await accounts.change_kind(
                db,
                owner=owner,
                account_id=account_id,
                subtype=change.subtype,
                now=now,
                actor=caller.actor,
            )
        if change.hidden is not None:
            account = await accounts.hide(
                db,
                owner=owner,
                account_id=account_id,
                hidden=change.hidden,
                now=now,
                actor=caller.actor,
            )
        if change.primary is not None:
            account = await accounts.make_primary(
                db,
                owner=owner,
                account_id=account_id,
                primary=change.primary,
                now=now,
                actor=caller.actor,
            )
        return AccountOut.of(account)


@router.get("/accounts/{account_id}/balances", summary="Balances by day")
async def list_balances(
    caller: Reader,
    account_id: AccountRef,
    since: Annotated[date | None, Query()] = None,
    until: Annotated[date | None, Query()] = None,
) -> BalanceList:
    """List each day's balance between two days, both included; the last year if not given.

    From the first balance that is known, up to today: a day without a report is carried forward.
    """
    last = until or caller.today
    first = since or max(date.min + _YEAR, last) - _YEAR
    if first > last:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    async with caller.unit_of_work() as db:
        await accounts.get(db, owner=caller.owner, account_id=account_id)
        found = await accounts.balance_history(
            db,
            owner=caller.owner,
            account_id=account_id,
            since=first,
            until=min(last, caller.today),
            every_day=True,
        )
    return BalanceList(items=[BalanceOut.of(known) for known in found])


@router.post("/accounts/{account_id}/balances", summary="Value something by hand")
async def value_account(caller: Writer, account_id: AccountRef, valuation: Valuation) -> AccountOut:
    """Write what a manual account was worth on a day; the same day again replaces it.

    Without a sign, a debt too; below zero for an overdraft or for credit on a card.
    """
    async with caller.unit_of_work() as db:
        account = await accounts.revalue(
            db,
            owner=caller.owner,
            account_id=account_id,
            value=valuation.value,
            day=valuation.day or caller.today,
            now=caller.now,
            actor=caller.actor,
        )
        return AccountOut.of(account)


def _official(value: Money) -> Money:
    """Return an amount in a currency of ISO 4217. Raises ``UnknownCurrency``."""
    if not is_official(value.currency):
        raise UnknownCurrency(
            f"{value.currency} is not a currency of ISO 4217.",
            field="value",
            hint="Write one by its three letters, such as NOK. What is in none, such as a coin, is"
            " valued in your own currency.",
        )
    return value
