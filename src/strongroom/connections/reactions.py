"""What each of Plaid's webhooks about an item makes us do. Reads no bank itself.

A webhook never decides alone: nearly all of them ask for a read, whose answer decides. What is
noted at once is what that answer cannot tell: a coming end, an account taken back, one on offer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from strongroom import accounts
from strongroom.connections import news, standing, state_queries, states, wire
from strongroom.connections.types import Item
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.queue import enqueue


@dataclass(frozen=True, slots=True)
class Said:
    """One webhook about an item, and whose it is. The item is locked until the work ends."""

    db: Db
    owner: UserId
    item: Item
    message: Mapping[str, Any]
    now: datetime


SIGNED_AT = "signed_at"
"""Added to a message of ``BY_SIGNATURE`` where it is stored: when Plaid signed it, in ISO 8601."""

BY_SIGNATURE = frozenset({("ITEM", "NEW_ACCOUNTS_AVAILABLE")})
"""Announcements that say by no word which they are: signed anew, it is another one."""

React = Callable[[Said], Awaitable[None]]


async def ask(said: Said) -> None:
    """Ask for a read, which takes in whatever is new and finds out how the item is.

    A burst of webhooks asks once: the job that waits will see what all of them told.
    """
    await enqueue(
        said.db,
        "connections.sync_after_webhook",
        lock=f"item {said.item.id}",
        once=f"connections.sync_after_webhook {said.item.id}",
        owner=str(said.owner),
        item=str(said.item.id),
    )


async def note(said: Said) -> None:
    """Information only: it is in the log, and changes nothing here."""


async def disconnecting(said: Said) -> None:
    """Note when the link will end, which the item itself does not tell; then ask for it."""
    told = said.message.get("disconnect_time")
    at = None if told is None else wire.instant(str(told))
    await standing.warned_of_end(said.db, owner=said.owner, item=said.item, at=at, now=said.now)
    await ask(said)


async def account_revoked(said: Said) -> None:
    """Count the account as withdrawn until the bank reports it again; then ask which are left."""
    name = await accounts.revoke(
        said.db,
        owner=said.owner,
        item_id=said.item.id,
        plaid_account_id=str(said.message.get("account_id")),
        now=said.now,
    )
    if name is not None:
        what = news.ACCOUNT_REVOKED
        await news.tell(said.db, said.owner, said.item, what, said.now, account=name)
    await ask(said)


async def new_accounts(said: Said) -> None:
    """Offer the new account, once; not where the person has chosen since it was announced.

    Every announcement reads the same: when Plaid signed it tells a new one from an old one that
    comes late. Of one stored without that, whatever may have been sent before counts as old.
    """
    signed = said.message.get(SIGNED_AT)
    since = datetime.fromisoformat(signed) if signed else said.now - states.SENT_AGAIN_FOR
    if await state_queries.offer_accounts(said.db, said.owner, said.item.id, since, said.now):
        await news.tell(said.db, said.owner, said.item, news.NEW_ACCOUNT, said.now)


REACTIONS: Mapping[tuple[str, str], React] = {
    ("TRANSACTIONS", "SYNC_UPDATES_AVAILABLE"): ask,
    ("TRANSACTIONS", "INITIAL_UPDATE"): ask,
    ("TRANSACTIONS", "HISTORICAL_UPDATE"): ask,
    ("TRANSACTIONS", "DEFAULT_UPDATE"): ask,
    ("TRANSACTIONS", "TRANSACTIONS_REMOVED"): ask,
    ("TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE"): ask,
    ("HOLDINGS", "DEFAULT_UPDATE"): ask,
    ("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE"): ask,
    ("INVESTMENTS_TRANSACTIONS", "HISTORICAL_UPDATE"): ask,
    ("LIABILITIES", "DEFAULT_UPDATE"): ask,
    # Whether it is so still is for the read to find out; it tells the person.
    ("ITEM", "ERROR"): ask,
    ("ITEM", "LOGIN_REPAIRED"): ask,
    ("ITEM", "PENDING_EXPIRATION"): ask,
    ("ITEM", "USER_PERMISSION_REVOKED"): ask,
    ("ITEM", "PENDING_DISCONNECT"): disconnecting,
    ("ITEM", "USER_ACCOUNT_REVOKED"): account_revoked,
    ("ITEM", "NEW_ACCOUNTS_AVAILABLE"): new_accounts,
    ("ITEM", "WEBHOOK_UPDATE_ACKNOWLEDGED"): note,
    ("LINK", "EVENTS"): note,
}
"""Every webhook that Plaid's document names for what is asked for here. ``webhooks`` itself
handles the end of a Link session, which is about no item yet."""

NOT_ASKED_FOR = frozenset(
    """ASSETS AUTH BANK_TRANSFERS BASE_REPORT BEACON CASH_FLOW_UPDATES CHECK_REPORT CRA_INCOME
    CRA_INSIGHTS DASHBOARD_CONFIGURED_ALERT ENTITY_SCREENING IDENTITY IDENTITY_VERIFICATION INCOME
    ISSUES LAYER LINK_DELIVERY PARTNER PAYMENT_INITIATION PROCESSOR_TOKEN PROTECT SCREENING
    STATEMENTS TRANSFER WALLET""".split()
)
"""Types of webhooks of products that no link of ours has: noted in the log, nothing more."""


def reaction_to(webhook_type: str, webhook_code: str) -> React:
    """Return what to do about a webhook; one that is not known yet makes us ask."""
    if webhook_type in NOT_ASKED_FOR:
        return note
    return REACTIONS.get((webhook_type, webhook_code), ask)
