"""An account that its bank no longer lets anybody read. Its history stays as it is."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import UserId


async def revoke(
    db: Db, *, owner: UserId, item_id: UUID, plaid_account_id: str, now: datetime
) -> str | None:
    """Note that a bank took one account back, until it reports it again.

    Returns the account's name, or None where it is not there or was taken back before.
    """
    name: str | None = await core_db.value(
        db,
        """
        UPDATE accounts SET revoked_at = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND item_id = %(item_id)s
          AND plaid_account_id = %(account)s AND revoked_at IS NULL
        RETURNING name
        """,
        {"owner": owner, "item_id": item_id, "account": plaid_account_id, "now": now},
    )
    return name
