"""The made-up household: one practice bank linked without its page, and a flat valued by hand.

Works at the local stand-in for Plaid only. Repeating it changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from strongroom import accounts
from strongroom.accounts import OpenManual
from strongroom.connections import queries
from strongroom.connections.linking import link_without_page
from strongroom.connections.links import Links
from strongroom.core.ids import UserId
from strongroom.core.money import Currency, Money

INSTITUTION_ID = "ins_109508"
USERNAME = "user_household"
# What the practice bank of that id reports in.
_CURRENCY = Currency("USD")
_FLAT = "Flat, Storgata 12"
# Days ago and what the flat was valued at then, oldest first.
_VALUATIONS = (
    (760, 318_000),
    (540, 324_500),
    (365, 330_000),
    (190, 334_000),
    (19, 338_500),
)


async def link_demo(links: Links, *, owner: UserId) -> None:
    """Give a made-up household its bank and its flat. Does nothing but at the local stand-in."""
    if links.environment != "local":
        return
    async with links.database.unit_of_work(owner) as db:
        items = await queries.items(db, owner)
    await _add_flat(links, owner)
    if not items:
        await link_without_page(
            links, owner=owner, institution_id=INSTITUTION_ID, username=USERNAME
        )


async def _add_flat(links: Links, owner: UserId) -> None:
    now = links.clock()
    async with links.database.unit_of_work(owner) as db:
        held = await accounts.list_all(db, owner=owner)
        if any(account.is_manual for account in held):
            return
        first, *later = [
            (now.date() - timedelta(days=ago), Money(Decimal(value), _CURRENCY))
            for ago, value in _VALUATIONS
        ]
        flat = await accounts.open_manual(
            db,
            owner=owner,
            new=OpenManual(name=_FLAT, subtype="real_estate", value=first[1], day=first[0]),
            now=now,
        )
        for day, value in later:
            await accounts.revalue(
                db, owner=owner, account_id=flat.id, value=value, day=day, now=now
            )
