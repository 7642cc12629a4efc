"""The verbs of accounts: list, rename, hide, close, and value what no bank reports.

Balances are kept by day; nothing here calls a bank or sums net worth.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, datetime, timedelta
from decimal import Decimal

from strongroom import audit, identity
from strongroom.accounts import asset_queries, queries, reminders, rules
from strongroom.accounts.currencies import currencies_of
from strongroom.accounts.projecting import project
from strongroom.accounts.types import (
    Account,
    BalanceSource,
    Category,
    DayBalance,
    OpenManual,
)
from strongroom.core.db import Db
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import BadCurrency, Currency, Money, is_official, minor_units
from strongroom.core.money import currency as money_currency
from strongroom.core.queue import enqueue
from strongroom.core.time import today
from strongroom.ui import gettext, ngettext, show_date

_NAME_LENGTH = 100
_SHOWN = 40
_MONTHS_BACK, _MONTHS_AHEAD = 24, 3
_EARLIEST = date(1970, 1, 1)
_LARGEST = Decimal(10) ** 15


class AccountNotFound(NotFound):
    """No account of yours has that id."""


class AccountHasPendingPayments(Conflict):
    """An account that its bank has announced payments of is not closed before they are booked."""


class AccountIsTheBanks(Refused):
    """The balance of a linked account is its bank's to say."""


class BadSubtype(Refused):
    """No kind of manual account has that name."""


class BadValue(Refused):
    """The value or its day cannot be right."""


class AccountIsClosed(Refused):
    """A closed account takes no new value before it is reopened."""


class BackToFront(Refused):
    """A span of days ends before it begins."""


class NothingSoFar(Refused):
    """No currency was named and there is no account to take it from."""


class BadAccountName(Refused):
    """An account's name is empty or too long."""


async def list_all(db: Db, *, owner: UserId) -> list[Account]:
    """Return every account of ``owner``, hidden and closed ones too, in the order to show."""
    return [_account(row) for row in await queries.accounts(db, owner)]


async def main_currency(db: Db, *, owner: UserId, chosen: Currency | None) -> Currency:
    """Return the currency that figures are in if none is asked for; see ``currencies_of``.

    Raises ``NothingSoFar``.
    """
    found = currencies_of(await list_all(db, owner=owner), chosen)
    if not found:
        raise NothingSoFar("Say which currency: there is no account yet.", field="currency")
    return found[0]


async def currency_asked(db: Db, *, owner: UserId, code: str) -> Currency:
    """Return the currency that figures are asked for in: of ISO 4217, or one of an account.

    Raises ``BadCurrency``.
    """
    with suppress(BadCurrency):
        found = money_currency(code)
        if is_official(found):
            return found
        if found in {one.currency for one in await list_all(db, owner=owner)}:
            return found
    raise BadCurrency(
        gettext("%(code)s is not a currency that is known.", code=code[:_SHOWN]),
        field="currency",
        hint=gettext("Write one by its three letters, such as NOK."),
    )


async def get(db: Db, *, owner: UserId, account_id: AccountId) -> Account:
    """Return one account. Raises ``AccountNotFound``."""
    rows = await queries.accounts(db, owner, account_id)
    if not rows:
        raise AccountNotFound("There is no such account.")
    return _account(rows[0])


async def open_manual(
    db: Db, *, owner: UserId, new: OpenManual, now: datetime, actor: str = "person"
) -> Account:
    """Add something that no bank reports, with its first dated value.

    Raises ``BadAccountName``, ``BadSubtype`` and ``BadValue``.
    """
    category = rules.MANUAL_SUBTYPES.get(new.subtype)
    if category is None:
        raise BadSubtype(
            f"{new.subtype!r} is not a kind of account.",
            field="subtype",
            hint=f"One of: {', '.join(rules.MANUAL_SUBTYPES)}.",
        )
    account_id = AccountId(new_id())
    await queries.insert_manual(
        db,
        {
            "owner": owner,
            "id": account_id,
            "name": checked_name(new.name),
            "type": "manual_liability" if category.is_debt else "manual_asset",
            "subtype": new.subtype,
            "category": category.value,
            "currency": new.value.currency,
            "now": now,
        },
    )
    account = await get(db, owner=owner, account_id=account_id)
    changed = await write_value(db, owner, account, new.value, new.day, now)
    await record(db, owner, "open_manual", actor, account_id, now)
    if changed:
        await net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, account_id=account_id)


async def revalue(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    value: Money,
    day: date,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Write what a manual account was worth at the end of ``day``; a debt is given unsigned too.

    Raises ``AccountNotFound``, ``AccountIsTheBanks``, ``AccountIsClosed`` and ``BadValue``.
    """
    account = await get(db, owner=owner, account_id=account_id)
    if not account.is_manual:
        raise AccountIsTheBanks(f"{account.name} gets its balance from the bank.")
    if account.closed_at is not None:
        raise AccountIsClosed(
            f"{account.name} is closed: reopen it first.", hint="A closed account counts as zero."
        )
    if not await write_value(db, owner, account, value, day, now):
        return account
    await record(db, owner, "revalue", actor, account_id, now)
    await net_worth_changed(db, owner=owner)
    return await get(db, owner=owner, account_id=account_id)


async def rename(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    name: str,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Call an account ``name``; syncs keep it. Raises ``BadAccountName``, ``AccountNotFound``."""
    changed = await queries.rename(db, owner, account_id, checked_name(name), now)
    account = await get(db, owner=owner, account_id=account_id)
    if changed:
        await record(db, owner, "rename", actor, account_id, now)
    return account


async def hide(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    hidden: bool,
    now: datetime,
    actor: str = "person",
) -> Account:
    """Leave an account out of lists, or bring it back. It counts in net worth either way.

    Raises ``AccountNotFound``.
    """
    changed = await queries.set_hidden(db, owner, account_id, hidden, now)
    account = await get(db, owner=owner, account_id=account_id)
    if changed:
        await record(db, owner, "hide" if hidden else "show", actor, account_id, now)
    return account


async def close(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    now: datetime,
    actor: str = "person",
    even_pending: bool = False,
) -> Account:
    """Close an account so that it counts as zero from today on. Its history stays.

    One that is closed already keeps the day it closed on. Refused while its bank has announced
    payments that are not booked yet, unless ``even_pending``: of an account whose link is ended
    none will be. Raises ``AccountNotFound`` and ``AccountHasPendingPayments``.
    """
    account = await get(db, owner=owner, account_id=account_id)
    if account.closed_at is None and not even_pending:
        await _check_nothing_pending(db, owner, account)
    return await _set_closed(db, owner, account_id, True, now, actor)


async def reopen(
    db: Db, *, owner: UserId, account_id: AccountId, now: datetime, actor: str = "person"
) -> Account:
    """Undo ``close``. Raises ``AccountNotFound``."""
    return await _set_closed(db, owner, account_id, False, now, actor)


async def balance_history(
    db: Db,
    *,
    owner: UserId,
    account_id: AccountId,
    since: date,
    until: date,
    every_day: bool = False,
) -> list[DayBalance]:
    """Return the balances that are known between two days, both included, oldest first.

    With ``every_day`` also the days between, on which the one before held on (``carried``): up to
    ``until``, which is then no later than the person's today.
    """
    read = queries.every_day if every_day else queries.balances
    rows = await read(db, owner, account_id, since, until)
    return [
        DayBalance(row.day, Money(row.balance, Currency(row.currency)), BalanceSource(row.source))
        for row in rows
    ]


async def make_partitions_for_all(db: Db, *, today: date) -> int:
    """Make the balance partitions that are missing; return how many were.

    Of the coming months, and of those that began while no worker was there to make them: what
    was stored in such a month moves to its partition.
    """
    first, last = (
        today - timedelta(days=31 * _MONTHS_BACK),
        today + timedelta(days=31 * _MONTHS_AHEAD),
    )
    return await queries.make_partitions(db, first, last)


async def write_value(
    db: Db, owner: UserId, account: Account, value: Money, day: date, now: datetime
) -> bool:
    """Write a manual account's value, and what a rate or schedule makes of it from then on.

    A debt is given without a sign. Below zero is an overdraft, or credit on a card, and taken
    for cash, bank accounts and cards. Returns whether it was otherwise. Raises ``BadValue``.
    """
    check_currency(value, account.currency, BadValue, "value")
    least = -_LARGEST if account.subtype in rules.MAY_TURN else Decimal(0)
    if not least <= value.amount <= _LARGEST:
        told = f"{least:,}" if least else "zero"
        raise BadValue(
            f"Give a value from {told} to {_LARGEST:,} in {account.currency}.", field="value"
        )
    if value.rounded() != value:
        decimals = minor_units(account.currency)
        raise BadValue(
            f"An amount in {account.currency} has at most {decimals} decimals.", field="value"
        )
    # No further than the person's own today: net worth now must be the newest day's snapshot.
    settings = await identity.get_settings(db, owner=owner)
    day_now = today(now, settings.time_zone)
    if not _EARLIEST <= day <= day_now:
        raise BadValue("Give a day between 1970 and today.", field="day")
    changed = await queries.set_balance(
        db,
        {
            "owner": owner,
            "id": account.id,
            "day": day,
            "balance": -value.amount if account.is_debt else value.amount,
            "currency": account.currency,
            "now": now,
        },
    )
    if changed:
        await project(db, owner=owner, account=account, today=day_now)
        await reminders.settle(db, owner=owner, account_id=account.id, now=now)
    return bool(changed)


async def _check_nothing_pending(db: Db, owner: UserId, account: Account) -> None:
    waiting = await asset_queries.pending(db, owner, account.id)
    if waiting.newest is not None:
        raise AccountHasPendingPayments(
            ngettext(
                "%(num)s payment is pending on %(name)s, of %(day)s.",
                "%(num)s payments are pending on %(name)s, the newest of %(day)s.",
                waiting.count,
                name=account.name,
                day=show_date(waiting.newest),
            ),
            field="closed",
            hint=gettext("Close it once the bank has booked or dropped them."),
        )


async def _set_closed(
    db: Db, owner: UserId, account_id: AccountId, closed: bool, now: datetime, actor: str
) -> Account:
    changed = await queries.set_closed(db, owner, account_id, closed, now)
    account = await get(db, owner=owner, account_id=account_id)
    if changed:
        await record(db, owner, "close" if closed else "reopen", actor, account_id, now)
        await net_worth_changed(db, owner=owner)
    return account


async def record(
    db: Db, owner: UserId, verb: str, actor: str, account_id: AccountId, now: datetime
) -> None:
    """Put on record what was done to which account; never what it is worth."""
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"accounts.{verb}",
        resource_type="account",
        resource_id=str(account_id),
        now=now,
    )


async def net_worth_changed(db: Db, *, owner: UserId) -> None:
    """Ask for net worth to be reckoned anew, once for whatever changes until then.

    Whoever asks for the same waits for the end of this unit of work: so after the audit log, whose
    lock others hold before they ask.
    """
    await enqueue(db, "net_worth.refresh", once=f"net_worth.refresh {owner}", owner=str(owner))
    name = "budgets.look_through"  # what comes again and again follows from the same rows
    await enqueue(db, name, lock=f"{name} {owner}", once=f"{name} {owner}", owner=str(owner))


def check_currency(amount: Money, own: Currency, refusal: type[Refused], field: str) -> None:
    """Raise ``refusal`` unless an amount is in its account's currency, ``own``."""
    code = amount.currency
    if code != own:
        raise refusal(
            gettext("The account is in %(own)s, and the amount in %(other)s.", own=own, other=code)
            if is_official(code)
            else gettext("%(code)s is not a currency that is known.", code=code),
            field=field,
            hint=gettext("Give the amount in %(own)s.", own=own),
        )


def checked_name(name: str) -> str:
    """Return a name without needless blanks. Raises ``BadAccountName``."""
    name = " ".join(name.split())
    if not 0 < len(name) <= _NAME_LENGTH:
        raise BadAccountName(f"A name has 1 to {_NAME_LENGTH} characters.", field="name")
    return name


def _account(row: queries.AccountRow) -> Account:
    code = Currency(row.currency)

    def money(amount: Decimal | None) -> Money | None:
        return None if amount is None else Money(amount, code)

    return Account(
        id=AccountId(row.id),
        item_id=row.item_id,
        plaid_account_id=row.plaid_account_id,
        name=row.name,
        official_name=row.official_name,
        type=row.type,
        subtype=row.subtype,
        category=Category(row.category),
        mask=row.mask,
        institution_name=row.institution_name,
        is_manual=row.is_manual,
        is_primary=row.is_primary,
        hidden_at=row.hidden_at,
        closed_at=row.closed_at,
        currency=code,
        balance=money(row.balance),
        available=money(row.available),
        credit_limit=money(row.credit_limit),
        balance_day=row.balance_day,
        balance_source=None if row.balance_source is None else BalanceSource(row.balance_source),
        reported_at=row.reported_at,
        told_at=row.told_at,
        unreported_since=row.unreported_since,
        revoked_at=row.revoked_at,
        created_at=row.created_at,
        iban=row.iban,
        valued_on=row.valued_on,
    )
