"""Update mode: the person signs in again, and item, token, accounts and history stay the same.

A link that works again by another way (another window, another program, the bank) counts as
repaired too: Plaid is asked before a sign-in is, and when one was left. New links are in
``exchanging``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from strongroom.connections import attempts, link_queries, news, standing
from strongroom.connections.errors import GONE, TOKEN_LOST, FeedError
from strongroom.connections.links import Links
from strongroom.connections.syncing import ask_in
from strongroom.connections.types import (
    BankFeed,
    Item,
    LinkOutcome,
    LinkSession,
    LinkState,
    Purpose,
    Status,
    Why,
)
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId


@dataclass(frozen=True, slots=True)
class Update:
    """The link that update mode is for. ``token`` is a secret."""

    item: Item
    purpose: Purpose
    token: str = field(repr=False)

    @property
    def is_gone(self) -> bool:
        """Whether no update mode can bring the link back: it has to be linked anew."""
        return self.item.status is Status.REVOKED and self.item.error_code in {*GONE, TOKEN_LOST}


async def prepare(links: Links, owner: UserId, item_id: ItemId, select_accounts: bool) -> Update:
    """Return what update mode of a link needs.

    Raises ``ItemNotFound``, ``LinkIsDisconnected`` and ``LinkedElsewhere``.
    """
    async with links.database.unit_of_work(owner) as db:
        item = await attempts.item_of(db, owner, item_id)
        token, _ = await links.access_token(db, owner, item_id)
    purpose = Purpose.ACCOUNTS if select_accounts else Purpose.CONSENT
    if item.status in (Status.LOGIN_REQUIRED, Status.REVOKED):
        purpose = Purpose.REPAIR
    return Update(item, purpose, token)


async def ask_health(
    links: Links, feed: BankFeed, owner: UserId, update: Update
) -> tuple[bool, Update | None]:
    """Ask Plaid how a link is before its person is troubled; return whether it works after all.

    And the update that is left to do: none where the link is gone, and has to be made anew.
    Raises ``FeedError``.
    """
    if update.is_gone:
        return False, None
    try:
        return await is_well(feed, update), update
    except FeedError as error:
        if error.error_code not in GONE:
            raise
        await note_gone(links, owner, update.item, error)
        return False, None


async def is_well(feed: BankFeed, update: Update) -> bool:
    """Whether a link that wanted a new sign-in works after all. Raises ``FeedError``."""
    report = await feed.item(update.token)
    return update.purpose is Purpose.REPAIR and report.error_code is None


async def note_gone(links: Links, owner: UserId, item: Item, error: FeedError) -> None:
    """Note that Plaid knows a link no more, and tell its person if that is news."""
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        await standing.ended(db, owner=owner, item=item, code=error.error_code, now=now)


async def resolve(
    links: Links, owner: UserId, session: LinkSession, link_token: str, actor: str
) -> None:
    """Ask how an attempt at update mode went. Raises ``FeedError``."""
    feed = links.feed()
    has_expired = session.expires_at <= links.clock()
    try:
        ends = await attempts.outcomes(feed, link_token, has_expired=has_expired)
        success = next((one for one in ends if one.public_token), None)
        is_over = has_expired or bool(ends)
        works = success is None and await _works(links, feed, owner, session, is_over)
    finally:
        await attempts.log_calls(links, owner, session.item_id, feed.calls)
    async with links.database.unit_of_work(owner) as db:
        if success is not None or works:
            await repaired(db, links, owner, session, success, actor)
        elif ends:
            await attempts.leave(db, links, owner, session.id, ends[-1])
        elif has_expired:
            await link_queries.move_link_session(
                db, owner, session.id, links.clock(), state=LinkState.EXPIRED
            )


async def _works(
    links: Links, feed: BankFeed, owner: UserId, session: LinkSession, is_over: bool
) -> bool:
    """Whether a link works again though nobody finished this attempt.

    Plaid is asked only once the attempt is over: a page that waits looks every few seconds.
    """
    if session.purpose is not Purpose.REPAIR or session.item_id is None:
        return False
    update = await prepare(links, owner, session.item_id, False)
    if update.purpose is not Purpose.REPAIR:
        return True
    return is_over and await is_well(feed, update)


async def repaired(
    db: Db,
    links: Links,
    owner: UserId,
    session: LinkSession,
    outcome: LinkOutcome | None,
    actor: str,
) -> None:
    """Store that an attempt at update mode went well, and ask for what is new at the bank."""
    item_id = session.item_id
    assert item_id is not None  # noqa: S101 - an update-mode session is made with its item
    now = links.clock()
    await link_queries.move_link_session(db, owner, session.id, now, state=LinkState.DONE)
    item = await attempts.item_of(db, owner, item_id)
    await standing.repaired(db, owner=owner, item=item, now=now)
    if outcome is not None:
        await attempts.log_end(db, links, owner, outcome)
    if session.purpose is Purpose.ACCOUNTS:
        await link_queries.answer_new_accounts(db, owner, item_id, now)
        await news.settle(db, owner, item, now, (news.NEW_ACCOUNT,))
    await ask_in(db, owner=owner, item_id=item_id, why=Why.MANUAL, now=now)
    done = "choose_accounts" if session.purpose is Purpose.ACCOUNTS else "repair"
    await attempts.record(db, links, owner, actor, done, "item", item_id)


async def dismiss_new_accounts(db: Db, *, owner: UserId, item_id: ItemId, now: datetime) -> Item:
    """Leave out the accounts that a bank offers; it may offer others. Raises ``ItemNotFound``."""
    item = await attempts.item_of(db, owner, item_id)
    await link_queries.answer_new_accounts(db, owner, item_id, now)
    await news.settle(db, owner, item, now, (news.NEW_ACCOUNT,))
    return await attempts.item_of(db, owner, item_id)
