"""Bringing back accounts from an exported book: everything a person chose, as it was.

Only for accounts that were made for that book: nothing is laid over an account that was there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from strongroom.accounts import rules
from strongroom.accounts.types import Category
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId

_MANUAL = frozenset({"manual_asset", "manual_liability"})


@dataclass(frozen=True, slots=True)
class Restored:
    """What a book says of one account beside its name, currency and balances.

    ``type`` and ``subtype`` are Plaid's words or ours for what is held without a bank; ``kind`` is
    where it counts in net worth. What is not known here is left as it is.
    """

    id: AccountId
    type: str | None = None
    subtype: str | None = None
    kind: str | None = None
    official_name: str | None = None
    mask: str | None = None
    institution_name: str | None = None
    hidden_at: datetime | None = None
    closed_at: datetime | None = None


async def restore(db: Db, *, owner: UserId, accounts: Sequence[Restored], now: datetime) -> None:
    """Write what a book says of these accounts."""
    for one in accounts:
        known = one.type in rules.KNOWN_TYPES or one.type in _MANUAL
        kinds = {kind.value for kind in Category}
        await core_db.execute(
            db,
            """
            UPDATE accounts SET
                type = coalesce(%(type)s, type), subtype = coalesce(%(subtype)s, subtype),
                category = coalesce(%(kind)s, category), official_name = %(official_name)s,
                mask = coalesce(%(mask)s, mask), institution_name = %(institution)s,
                hidden_at = %(hidden_at)s, closed_at = %(closed_at)s, updated_at = %(now)s
            WHERE user_id = %(owner)s AND id = %(id)s AND is_manual
            """,
            {
                "owner": owner,
                "id": one.id,
                "type": one.type if known else None,
                "subtype": one.subtype if known else None,
                "kind": one.kind if one.kind in kinds else None,
                "official_name": one.official_name,
                "mask": one.mask,
                "institution": one.institution_name,
                "hidden_at": one.hidden_at,
                "closed_at": one.closed_at,
                "now": now,
            },
        )
