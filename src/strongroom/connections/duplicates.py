"""Finds out whether the accounts of a new link are linked already, before they are read twice.

Which account is which is for ``accounts`` to say. Calls no bank and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from strongroom import accounts
from strongroom.accounts import Account
from strongroom.connections import link_queries, queries
from strongroom.connections.links import Links
from strongroom.connections.types import Item, LinkAccount, LinkSession, Status
from strongroom.core.db import Db
from strongroom.core.ids import ItemId, UserId


@dataclass(frozen=True, slots=True)
class Held:
    """Who holds the accounts of a new link: nobody, as a rule.

    ``item_id`` is a link that lives and reads them; ``being_made`` says that another attempt is
    about to become one. ``replaces`` are links that the bank has ended: the new one takes over
    their accounts.
    """

    item_id: ItemId | None = None
    being_made: bool = False
    replaces: tuple[ItemId, ...] = ()


async def find(
    db: Db,
    links: Links,
    *,
    owner: UserId,
    session_id: UUID,
    institution_id: str | None,
    told: Sequence[LinkAccount] | None,
    beside: ItemId | None = None,
) -> Held:
    """Return who holds the accounts that were ``told`` of; ``beside`` is the new link itself.

    Hold ``one_link_at_a_time`` for as long as the answer must stay true.
    """
    if not told:
        return Held()
    pairs = await accounts.same_accounts(
        db,
        owner=owner,
        institution_id=institution_id,
        told=told,
        environment=links.environment,
    )
    holders = [one.item_id for _, one in pairs if one.item_id is not None]
    held = Counter(ItemId(item_id) for item_id in holders if item_id != beside)
    items = {one.id: one for one in await queries.items(db, owner)}
    # The link that holds most of them is the one to repair.
    most = [items[item_id] for item_id, _ in held.most_common()]
    living = next((one for one in most if _lives(one)), None)
    if living is not None:
        return Held(item_id=living.id)
    for other in await link_queries.told_not_read(db, owner, institution_id, links.environment):
        if session_id != other.session_id and accounts.match_accounts(list(other), told):
            made = None if other.item_id is None else ItemId(other.item_id)
            return Held(item_id=made, being_made=made is None)
    return Held(replaces=tuple(one.id for one in most if one.status is Status.REVOKED))


def _lives(item: Item) -> bool:
    return item.status not in (Status.REVOKED, Status.DISCONNECTED)


async def held_already(
    db: Db, *, owner: UserId, session: LinkSession
) -> list[tuple[LinkAccount, Account]]:
    """Return which accounts of an attempt are linked already, with ours for each."""
    items = {one.id: one for one in await queries.items(db, owner)}
    if session.duplicate_of is None or session.duplicate_of not in items:
        return []
    item = items[session.duplicate_of]
    pairs = await accounts.same_accounts(
        db,
        owner=owner,
        institution_id=item.institution_id,
        told=session.accounts or (),
        environment=item.environment,
    )
    return [(told, ours) for told, ours in pairs if ours.item_id == item.id]
