"""What a person is told of a bank link, as texts that the pages translate. Decides nothing."""

from __future__ import annotations

from datetime import datetime

from strongroom import identity
from strongroom.connections.types import Item
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.ui import N_

REVOKED = N_("%(bank)s no longer lets us read your accounts")
CONSENT_ENDS = N_("%(bank)s needs your consent again soon")
WILL_STOP = N_("%(bank)s will stop unless you sign in again")
NEW_ACCOUNT = N_("%(bank)s has a new account that you can add")
ACCOUNT_REVOKED = N_("%(bank)s no longer lets us read your account %(account)s")
SILENT = N_("Nothing new has come from %(bank)s for two days")
_KEPT = N_("Your history is kept.")


async def tell(
    db: Db, owner: UserId, item: Item, news: str, now: datetime, **arguments: str
) -> None:
    """Notify the owner of one of the texts above, about one of their banks."""
    await identity.notify(
        db,
        owner=owner,
        type="connection",
        title=news,
        body=_KEPT,
        arguments={"bank": item.institution_name, **arguments},
        link=f"/connections/{item.id}",
        now=now,
    )
