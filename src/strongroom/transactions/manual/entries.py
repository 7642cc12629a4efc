"""The verbs of entries: write a transaction down, change it, delete it. Undoing is ``undoing``'s.

What a bank or a file told is not an entry: its facts are theirs, and only marks on it are a
person's (``editing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from strongroom import accounts, identity
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money, total
from strongroom.core.plain import amount_text
from strongroom.core.time import month_start, today
from strongroom.transactions import journal, matching, refunds, sorting, splits, totals
from strongroom.transactions.manual import queries, rules
from strongroom.transactions.manual.editing import checked_note, record
from strongroom.transactions.manual.types import Edit, EntryChange, NewEntry
from strongroom.transactions.rules import OTHER_INCOME, UNCATEGORISED
from strongroom.transactions.service import CategoryNotFound, TransactionNotFound, categories
from strongroom.ui import gettext as _

KEPT_FOR = timedelta(days=90)
"""How long what was deleted can be brought back."""


class NotAnEntry(Refused):
    """The row was told by a bank or a file; only what a person wrote can be changed so."""


class PartsDoNotFit(Refused):
    """The row is split, and its parts would not come to the new amount. Says by how much."""


class AccountIsClosed(Refused):
    """The account was closed before that day."""


class AccountIsValued(Refused):
    """The account is worth what its person tells: a row on it would count nowhere."""


async def add(
    db: Db, *, owner: UserId, new: NewEntry, now: datetime, actor: str = "person"
) -> tuple[TransactionId, Edit]:
    """Write a transaction down; return its id, and the act to take back.

    Without a category it stands where what has none does, until a rule or the person sorts it.
    Raises ``AccountNotFound``, ``AccountIsValued``, ``AccountIsClosed``, ``BadEntry``,
    ``OtherCurrency``, ``TooManyDecimals``, ``BadAmount``, ``NoteTooLong`` and
    ``CategoryNotFound``.
    """
    await totals.take_turn(db, owner)
    account = await accounts.get(db, owner=owner, account_id=new.account_id)
    _refuse_valued(account)
    amount = await _fits(db, owner, account, new.amount, new.day, now)
    text, note = rules.checked_text(new.text), checked_note(new.note)
    known = await categories(db, owner=owner)
    chosen = new.category_id
    if chosen is None:
        fallback = OTHER_INCOME if amount.amount > 0 else UNCATEGORISED
        chosen = next(one.id for one in known if one.key == fallback)
    elif chosen not in {one.id for one in known}:
        raise CategoryNotFound("There is no such category.", field="category")
    edit_id, transaction_id = new_id(), TransactionId(new_id())
    await queries.insert(
        db,
        {
            "owner": owner,
            "id": transaction_id,
            "account_id": new.account_id,
            "day": new.day,
            "amount": amount.amount,
            "currency": amount.currency,
            "text": text,
            "category_id": chosen,
            "category_by": "bank" if new.category_id is None else "person",
            "note": note or None,
            "now": now,
        },
    )
    await queries.tell_made(db, owner, [transaction_id], edit_id, now)
    await sorting.sort_written(db, owner=owner, transaction_id=transaction_id, now=now)
    await matching.match(db, owner=owner, days=[new.day], now=now)
    await totals.roll_up(db, owner, [month_start(new.day)])
    await record(db, owner, "add", actor, [transaction_id], now)
    await accounts.net_worth_changed(db, owner=owner)
    return transaction_id, Edit(edit_id, 1)


async def change_entry(
    db: Db,
    *,
    owner: UserId,
    transaction_id: TransactionId,
    change: EntryChange,
    now: datetime,
    actor: str = "person",
    edit_id: UUID | None = None,
) -> Edit:
    """Change what an entry says of the event. Raises as ``add`` does, and ``NotAnEntry``.

    A split entry keeps the amount that its parts come to, else ``PartsDoNotFit`` is raised.

    ``edit_id`` names the act where this is part of one. An amount must fit the account that the
    entry goes to: moved to one in another currency, it is to be given anew.
    """
    await totals.take_turn(db, owner)
    (row,) = await _entries(db, owner, [transaction_id])
    account = await accounts.get(
        db, owner=owner, account_id=change.account_id or AccountId(row.account_id)
    )
    if account.id != row.account_id:  # what stands there already stays, and can be corrected
        _refuse_valued(account)
    day = change.day or row.day
    told = change.amount or Money(row.amount, Currency(row.currency))
    amount = await _fits(db, owner, account, told, day, now)
    if amount != Money(row.amount, Currency(row.currency)):
        await _check_parts(db, owner, transaction_id, amount)
    text = None if change.text is None else rules.checked_text(change.text)
    edit_id = edit_id or new_id()
    await journal.because(db, cause="person", now=now, edit_id=edit_id)
    changed = await queries.change_entry(
        db,
        {
            "owner": owner,
            "id": transaction_id,
            "account_id": change.account_id,
            "day": change.day,
            "amount": None if change.amount is None else amount.amount,
            "currency": None if change.amount is None else amount.currency,
            "text": text,
            "now": now,
        },
    )
    if changed:
        await matching.match(db, owner=owner, days=[row.day, day], now=now)
        await journal.because(db, cause="person", now=now, edit_id=edit_id)
        await totals.roll_up(db, owner, sorted({month_start(row.day), month_start(day)}))
        await record(db, owner, "change", actor, [transaction_id], now)
        await accounts.net_worth_changed(db, owner=owner)
    return Edit(edit_id, changed)


async def delete(
    db: Db,
    *,
    owner: UserId,
    transaction_ids: Sequence[TransactionId],
    now: datetime,
    actor: str = "person",
) -> Edit:
    """Take entries out of the book, with all that hangs on them; for 90 days it can be undone.

    What came back for one of them is a refund of nothing any more, and stands where it stood.
    Raises ``TransactionNotFound`` and ``NotAnEntry``; then none is deleted.
    """
    await totals.take_turn(db, owner)
    rows = await _entries(db, owner, transaction_ids)
    edit = Edit(new_id(), len(rows))
    await queries.forget_kept(db, owner, now - KEPT_FOR)
    days = await take_out(db, owner, transaction_ids, edit.id, now)
    await refunds.match(db, owner=owner, days=days, now=now)
    await totals.roll_up(db, owner, sorted({month_start(row.day) for row in rows}))
    await record(db, owner, "delete", actor, transaction_ids, now)
    await accounts.net_worth_changed(db, owner=owner)
    return edit


async def take_out(
    db: Db, owner: UserId, transaction_ids: Sequence[TransactionId], edit_id: UUID, now: datetime
) -> list[date]:
    """Take entries out by an act that keeps them, and end links to them.

    Returns the days of what came back for them: it is matched anew by the caller, who sums months.
    """
    await queries.keep(db, owner, transaction_ids, edit_id, now)
    days = await refunds.let_go_of_rows(db, owner=owner, transaction_ids=transaction_ids, now=now)
    await journal.because(db, cause="person", now=now, edit_id=edit_id)
    await queries.delete(db, owner, transaction_ids)
    return days


async def _entries(
    db: Db, owner: UserId, transaction_ids: Sequence[TransactionId]
) -> list[queries.EntryRow]:
    found = await queries.rows(db, owner, transaction_ids)
    if len(found) != len(set(transaction_ids)) or not found:
        raise TransactionNotFound("There is no such transaction.")
    if any(row.origin != "manual" for row in found):
        raise NotAnEntry(
            _("What a bank or a file told is not changed by hand."),
            hint=_("Its category, merchant, note and marks are yours to change."),
        )
    return found


async def _check_parts(db: Db, owner: UserId, transaction_id: TransactionId, amount: Money) -> None:
    parts = (await splits.split_of(db, owner=owner, transaction_id=transaction_id)).parts
    if not parts:
        return
    if parts[0].amount.currency != amount.currency:
        raise PartsDoNotFit(
            _("It is split in %(currency)s.", currency=parts[0].amount.currency),
            field="account",
            hint=_("Make it whole again first."),
        )
    come_to = total((one.amount for one in parts), amount.currency)
    if come_to != amount:
        raise PartsDoNotFit(
            _(
                "It is split, and its parts come to %(parts)s: %(difference)s away from that.",
                parts=_shown(come_to),
                difference=_shown(abs(amount - come_to)),
            ),
            field="amount",
            hint=_("Change the parts first: make it whole, change the amount, and split it anew."),
        )


def _shown(amount: Money) -> str:
    return f"{amount_text(amount.amount, amount.currency)} {amount.currency}".replace("-", "−")


def _refuse_valued(account: accounts.Account) -> None:
    if account.is_valued:
        raise AccountIsValued(
            _("%(name)s is worth what you tell, and no payment changes that.", name=account.name),
            field="account",
            hint=_("Enter the payment on the account it was paid from."),
        )


async def _fits(
    db: Db, owner: UserId, account: accounts.Account, amount: Money, day: date, now: datetime
) -> Money:
    """Return the amount if the account can have it on that day."""
    time_zone = (await identity.get_settings(db, owner=owner)).time_zone
    rules.checked_day(day, today(now, time_zone))
    if account.closed_at is not None and day > today(account.closed_at, time_zone):
        raise AccountIsClosed(
            _("%(name)s is closed.", name=account.name),
            field="account",
            hint=_("Reopen it, or give an earlier day."),
        )
    return rules.checked_amount(amount, account.currency)
