"""Reminding people of values that have grown old, as they asked for. Decides no value.

A reminder is a notification, told once for each value; a new value lets it pass.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from strongroom import identity
from strongroom.accounts import asset_queries
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.ui import N_

_TITLE = N_("What is %(account)s worth now?")
_BODY = N_("Its last value is of %(day)s. Tell a new one, or leave it as it is.")


async def remind(
    db: Db, *, owner: UserId, account_id: UUID, name: str, day: date, now: datetime
) -> bool:
    """Remind the owner that the value of ``day`` is old; return whether it was the first time."""
    if not await asset_queries.set_reminded(db, owner, account_id, day):
        return False
    await identity.notify(
        db,
        owner=owner,
        type="account",
        title=_TITLE,
        body=_BODY,
        arguments={"account": name, "day": day.isoformat()},
        link=_page(account_id),
        now=now,
    )
    return True


async def settle(db: Db, *, owner: UserId, account_id: UUID, now: datetime) -> None:
    """Let a reminder pass: a new value was told, or none is wanted any more."""
    await identity.settle_notifications(
        db, owner=owner, link=_page(account_id), titles=[_TITLE], now=now
    )


def _page(account_id: UUID) -> str:
    return f"/accounts/{ids.show('acc', account_id)}"
