"""What banks report of accounts: taking it in, and finding an account again under another id.

Which is which is ``rules.match_accounts``; nothing here calls a bank or sums net worth.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import TypeVar

from strongroom.accounts import bank_queries, rules
from strongroom.accounts.bank_queries import Known
from strongroom.accounts.service import list_all
from strongroom.accounts.types import Account, BankAccount, Described, NotTaken, TakenIn
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, ItemId, UserId, new_id

Told = TypeVar("Told", bound=Described)


async def same_accounts(
    db: Db,
    *,
    owner: UserId,
    institution_id: str | None,
    told: Sequence[Told],
    environment: str | None = None,
) -> list[tuple[Told, Account]]:
    """Return which of the accounts that a bank offers are linked already, with ours for each.

    Accounts of living links are looked through first, then those of links that were ended. With
    ``environment``, only links made there. An unknown institution matches nothing.
    """
    if institution_id is None or not told:
        return []
    known = await bank_queries.of_institution(db, owner, institution_id, environment)
    ours = {one.id: one for one in await list_all(db, owner=owner)}
    left, found = list(told), list[tuple[Told, Account]]()
    for ended in (False, True):
        some = [one for one in known if (one.status == "disconnected") is ended]
        pairs = rules.match_accounts(some, left)
        found += [(left[theirs], ours[AccountId(some[mine].id)]) for mine, theirs in pairs]
        taken = {theirs for _, theirs in pairs}
        left = [one for place, one in enumerate(left) if place not in taken]
    return found


async def take_in(
    db: Db,
    *,
    owner: UserId,
    item_id: ItemId,
    institution_name: str,
    reports: Sequence[BankAccount],
    today: date,
    now: datetime,
    listed: Collection[str] | None = None,
) -> TakenIn:
    """Store what a bank reports of its accounts, with today's balances.

    A name that the owner chose stays. An account that the bank calls by another id than before,
    or that comes back after its link was ended, stays the account it was. A report in another
    currency, or one that turns what is owned into what is owed, is not taken: the account keeps
    its last state. ``listed``: Plaid's ids of all that the bank lists, where that is known;
    accounts of this item that are not among them are noted as no longer reported.
    """
    known = {one.plaid_account_id: one for one in await bank_queries.of_item(db, owner, item_id)}
    pairs = _renamed(known, reports)
    moved = {report.plaid_account_id: ours for ours, report in pairs}
    if pairs:
        told = [(ours.id, report.plaid_account_id) for ours, report in pairs]
        await bank_queries.move(db, owner, item_id, told, now)
    known |= moved
    back = {one.id for one in known.values() if one.item_id != item_id}
    refused = [one for report in reports if (one := _refusal(known, report)) is not None]
    untaken = {one.plaid_account_id for one in refused}
    await bank_queries.stage_reports(
        db, [_staged(one) for one in reports if one.plaid_account_id not in untaken]
    )
    found = await bank_queries.take_in_accounts(db, owner, item_id, institution_name, now)
    await bank_queries.take_in_balances(db, owner, today)
    if listed is not None:
        await bank_queries.set_unreported(db, owner, item_id, sorted(listed), now)
    ids = {plaid_id: AccountId(one) for plaid_id, one in found.items()}
    ids |= {plaid_id: AccountId(known[plaid_id].id) for plaid_id in untaken}
    again = {one.id for one in moved.values()} | (back & set(ids.values()))
    return TakenIn(ids, frozenset(AccountId(one) for one in again), refused)


def _renamed(
    known: Mapping[str, Known], reports: Sequence[BankAccount]
) -> list[tuple[Known, BankAccount]]:
    """Return which unheard-of reports are accounts of ours that were not reported by their id."""
    told = {one.plaid_account_id for one in reports}
    ours = [one for one in known.values() if one.plaid_account_id not in told]
    news = [one for one in reports if one.plaid_account_id not in known]
    pairs = [(ours[mine], news[theirs]) for mine, theirs in rules.match_accounts(ours, news)]
    return [(mine, report) for mine, report in pairs if rules.contradiction(mine, report) is None]


def _refusal(known: Mapping[str, Known], report: BankAccount) -> NotTaken | None:
    was = known.get(report.plaid_account_id)
    reason = None if was is None else rules.contradiction(was, report)
    return None if reason is None else NotTaken(report.plaid_account_id, reason)


def _staged(report: BankAccount) -> tuple[object, ...]:
    return (
        new_id(),
        report.plaid_account_id,
        report.persistent_account_id,
        report.name,
        report.official_name,
        rules.account_type(report.type),
        report.subtype,
        rules.category(report.type, report.subtype).value,
        report.mask,
        report.currency,
        rules.net_worth_balance(report),
        report.available,
        report.credit_limit,
        report.reported_at,
        report.told_at,
    )
