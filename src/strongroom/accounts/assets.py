"""The verbs of what a person holds without a bank: values by date, notes, a rate, reminders, kind.

Loans' terms are ``loans``; what a rate makes of a value is ``projecting``. Sums no net worth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from strongroom import identity
from strongroom.accounts import asset_queries, reminders, rules
from strongroom.accounts.asset_types import AccountKind, Details
from strongroom.accounts.projecting import project
from strongroom.accounts.service import (
    AccountIsTheBanks,
    BadSubtype,
    get,
    net_worth_changed,
    record,
    write_value,
)
from strongroom.accounts.types import Account, BalanceSource, Category, DayBalance
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.core.time import today

_NOTE_LENGTH = 4000
_MOST_PERCENT, _MOST_MONTHS = Decimal(100), 60


class ValueNotFound(NotFound):
    """No value of yours was told for that day."""


class OnlyValue(Refused):
    """The only value of an account can be corrected, and not deleted."""


class ValueIsThere(Conflict):
    """Another value stands on the day that one is to be moved to."""


class BadNote(Refused):
    """A note is too long."""


class BadRate(Refused):
    """A yearly rate cannot be right, or the account is one that takes none."""


class BadReminder(Refused):
    """A reminder comes after one to sixty months, for what no bank reports."""


class AccountIsInUse(Conflict):
    """An account that transactions stand on is closed, not deleted."""


async def list_kinds(db: Db) -> list[AccountKind]:
    """Return every kind of account there is: Plaid's, and those that no bank reports."""
    return [
        AccountKind(row.type, row.subtype, row.display_name, Category(row.category), row.icon)
        for row in await asset_queries.kinds(db)
    ]


async def told_values(db: Db, *, owner: UserId, account_id: AccountId) -> list[DayBalance]:
    """Return the values that somebody told of an account, newest first. A debt is negative.

    Raises ``AccountNotFound``.
    """
    await get(db, owner=owner, account_id=account_id)
    return [
        DayBalance(row.day, Money(row.balance, Currency(row.currency)), BalanceSource(row.source))
        for row in reversed(await asset_queries.told(db, owner, account_id))
    ]


async def correct_value(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    day: date,
    value: Money,
    new_day: date | None = None,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Put another value, or another day, in place of one that the owner told for ``day``.

    A debt is given without a sign. Raises ``AccountNotFound``, ``AccountIsTheBanks``,
    ``ValueNotFound``, ``ValueIsThere`` and ``BadValue``.
    """
    account = await _own(db, owner, account_id)
    moved = day if new_day is None else new_day
    by_day = {row.day: row for row in await asset_queries.told(db, owner, account_id)}
    if day not in by_day or by_day[day].source != BalanceSource.MANUAL:
        raise _no_value(day)
    if moved != day and moved in by_day:
        raise ValueIsThere(f"There is a value of {moved} already.", field="day")
    changed = await write_value(db, owner, account, value, moved, now)
    if moved != day:
        await asset_queries.drop_value(db, owner, account_id, day)
    if changed or moved != day:
        await _changed(db, owner, account, "correct_value", now, actor)
    return await get(db, owner=owner, account_id=account_id)


async def forget_value(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    day: date,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Delete the value that the owner told for ``day``; the one before holds instead.

    Raises ``AccountNotFound``, ``AccountIsTheBanks``, ``ValueNotFound`` and ``OnlyValue``.
    """
    account = await _own(db, owner, account_id)
    told = await asset_queries.told(db, owner, account_id)
    if not any(row.day == day and row.source == BalanceSource.MANUAL for row in told):
        raise _no_value(day)
    if len(told) == 1:
        raise OnlyValue(
            "This is the only value there is.",
            field="day",
            hint="Correct it instead, or close the account.",
        )
    await asset_queries.drop_value(db, owner, account_id, day)
    await _changed(db, owner, account, "forget_value", now, actor)
    return await get(db, owner=owner, account_id=account_id)


async def details(db: Db, *, owner: UserId, account_id: AccountId) -> Details:
    """Return what a person says of an account. Raises ``AccountNotFound``."""
    await get(db, owner=owner, account_id=account_id)
    row = await asset_queries.details(db, owner, account_id)
    return Details() if row is None else Details(row.note, row.yearly_percent, row.remind_months)


async def describe(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    said: Details,
    now: datetime,
    actor: str = "person",
) -> Details:
    """Write what a person says of an account, in place of what they said before.

    Raises ``AccountNotFound``, ``BadNote``, ``BadRate`` and ``BadReminder``.
    """
    account = await get(db, owner=owner, account_id=account_id)
    said = replace(said, note=_checked_note(said.note))
    _check_rate(account, said.yearly_percent)
    _check_reminder(account, said.remind_months)
    before = await details(db, owner=owner, account_id=account_id)
    changed = before != said and await asset_queries.set_details(
        db,
        {
            "owner": owner,
            "account_id": account_id,
            "note": said.note,
            "yearly_percent": said.yearly_percent,
            "remind_months": said.remind_months,
            "now": now,
        },
    )
    if changed:
        if before.yearly_percent != said.yearly_percent:
            await _changed(db, owner, account, "describe", now, actor)
        else:
            await record(db, owner, "describe", actor, account_id, now)
        if said.remind_months is None:
            await reminders.settle(db, owner=owner, account_id=account_id, now=now)
    return said


async def change_kind(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    subtype: str,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Make an account that no bank reports one of another kind, on the same side of net worth.

    Raises ``AccountNotFound``, ``AccountIsTheBanks`` and ``BadSubtype``.
    """
    account = await _own(db, owner, account_id)
    category = rules.MANUAL_SUBTYPES.get(subtype)
    if category is None or category.is_debt is not account.is_debt:
        fitting = [
            name for name, one in rules.MANUAL_SUBTYPES.items() if one.is_debt is account.is_debt
        ]
        raise BadSubtype(
            f"{subtype!r} is not a kind that {account.name} can be.",
            field="subtype",
            hint=f"One of: {', '.join(fitting)}.",
        )
    kind = ("manual_liability" if category.is_debt else "manual_asset", subtype, category.value)
    if await asset_queries.set_kind(db, owner, account_id, kind, now):
        await record(db, owner, "change_kind", actor, account_id, now)
        await net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, account_id=account_id)


async def make_primary(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    primary: bool = True,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Mark an account as the one a person lives from; the mark is on one account at most.

    Raises ``AccountNotFound``.
    """
    await get(db, owner=owner, account_id=account_id)
    await asset_queries.take_turn(db, owner)
    if primary:
        await asset_queries.unset_primary(db, owner, account_id, now)
    if await asset_queries.set_primary(db, owner, account_id, primary, now):
        verb = "make_primary" if primary else "unmake_primary"
        await record(db, owner, verb, actor, account_id, now)
    return await get(db, owner=owner, account_id=account_id)


async def delete(
    db: Db, *, owner: UserId, account_id: AccountId, now: datetime, actor: str = "person"
) -> None:
    """Delete an account that no bank reports and no transaction stands on, as never added.

    Raises ``AccountNotFound``, ``AccountIsTheBanks`` and ``AccountIsInUse``.
    """
    account = await _own(db, owner, account_id)
    if await asset_queries.has_rows(db, owner, account_id):
        raise AccountIsInUse(
            f"Transactions stand on {account.name}.",
            hint="Close it instead: its history is kept.",
        )
    await asset_queries.drop_account(db, owner, account_id)
    await reminders.settle(db, owner=owner, account_id=account_id, now=now)
    await record(db, owner, "delete", actor, account_id, now)
    await net_worth_changed(db, owner=owner)


async def move_on(db: Db, *, owner: UserId, account_ids: Sequence[AccountId], now: datetime) -> int:
    """Bring the projected balances of accounts up to the owner's today; return how many changed."""
    settings = await identity.get_settings(db, owner=owner)
    changed = 0
    for account_id in account_ids:
        account = await get(db, owner=owner, account_id=account_id)
        day = today(now, settings.time_zone)
        changed += await project(db, owner=owner, account=account, today=day)
    if changed:
        await net_worth_changed(db, owner=owner)
    return changed


async def _own(db: Db, owner: UserId, account_id: AccountId) -> Account:
    account = await get(db, owner=owner, account_id=account_id)
    if not account.is_manual:
        raise AccountIsTheBanks(f"{account.name} gets its balance from the bank.")
    return account


async def _changed(
    db: Db, owner: UserId, account: Account, verb: str, now: datetime, actor: str
) -> None:
    """Let what follows from values and rates follow, and put it on record."""
    settings = await identity.get_settings(db, owner=owner)
    await project(db, owner=owner, account=account, today=today(now, settings.time_zone))
    await record(db, owner, verb, actor, account.id, now)
    await net_worth_changed(db, owner=owner)


def _no_value(day: date) -> ValueNotFound:
    return ValueNotFound(f"No value of yours is told for {day}.", field="day")


def _checked_note(note: str | None) -> str | None:
    text = (note or "").strip()
    if len(text) > _NOTE_LENGTH:
        raise BadNote(f"A note has at most {_NOTE_LENGTH:,} characters.", field="note")
    return text or None


def _check_rate(account: Account, percent: Decimal | None) -> None:
    if percent is None:
        return
    if not account.is_manual or account.is_debt:
        raise BadRate(
            "A rate is for what is owned and no bank reports.",
            field="yearly_percent",
            hint="A loan has terms instead." if account.is_debt else None,
        )
    if not (-_MOST_PERCENT < percent <= _MOST_PERCENT) or percent != round(percent, 4):
        raise BadRate(
            "Give a rate above -100 and up to 100 percent a year, with at most four decimals.",
            field="yearly_percent",
        )


def _check_reminder(account: Account, months: int | None) -> None:
    if months is not None and not (account.is_manual and 1 <= months <= _MOST_MONTHS):
        raise BadReminder(
            f"A reminder comes after 1 to {_MOST_MONTHS} months, for what no bank reports.",
            field="remind_months",
        )
