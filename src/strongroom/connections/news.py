"""What a person is told of a bank link, as texts that the pages translate. Decides nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from strongroom import identity
from strongroom.connections.troubles import CODES, TYPES, UNKNOWN
from strongroom.connections.types import Item
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.ui import N_

REVOKED = N_("%(bank)s no longer lets us read your accounts")
CONSENT_ENDS = N_("%(bank)s needs your consent again soon")
WILL_STOP = N_("%(bank)s will stop unless you sign in again")
NEW_ACCOUNT = N_("%(bank)s has a new account that you can add")
ACCOUNT_REVOKED = N_("%(bank)s no longer lets us read your account %(account)s")
OTHER_HISTORY = N_("%(bank)s now tells another history for %(account)s from %(day)s")
LOOK_FOR_TWICE = N_("Look whether rows stand twice there: what was told before was kept.")
SILENT = N_("Nothing new has come from %(bank)s for two days")
_KEPT = N_("Your history is kept.")
_BODIES = {
    CONSENT_ENDS: N_("Sign in again to keep it current."),
    WILL_STOP: N_("Sign in again to keep it current."),
    NEW_ACCOUNT: N_("It is added only if you choose it at the bank."),
}
TROUBLES = frozenset(one.title for one in (*CODES.values(), *TYPES.values(), UNKNOWN)) | {
    CONSENT_ENDS,
    WILL_STOP,
    SILENT,
}
"""What passes once a link works."""


async def tell(
    db: Db,
    owner: UserId,
    item: Item,
    news: str,
    now: datetime,
    advice: str | None = None,
    **arguments: str,
) -> None:
    """Notify the owner of one of the texts above, or of a trouble with its ``advice``.

    What was told of the same bank before is told once more, not a second time beside it.
    """
    await identity.notify(
        db,
        owner=owner,
        type="connection",
        title=news,
        body=advice or _BODIES.get(news, _KEPT),
        arguments={"bank": item.institution_name, **arguments},
        link=_page(item),
        fold=True,
        now=now,
    )


async def settle(
    db: Db, owner: UserId, item: Item, now: datetime, titles: Collection[str] = TROUBLES
) -> None:
    """Mark what was told of a bank as passed: all its troubles, or what has these titles."""
    await identity.settle_notifications(db, owner=owner, link=_page(item), titles=titles, now=now)


def _page(item: Item) -> str:
    return f"/connections/{item.id}"
