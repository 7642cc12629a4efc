"""SQL of payments that come again and again. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class StreamRow:
    """One stream's columns, its account's name and the category its PFC falls into."""

    id: UUID
    account_id: UUID
    account_name: str
    description: str
    merchant: str | None
    category_key: str | None
    frequency: str
    status: str
    is_active: bool
    first_on: date | None
    last_on: date | None
    next_on: date | None
    average: Decimal | None
    last: Decimal | None
    currency: str


async def streams(db: Db, owner: UUID, account_id: UUID | None) -> list[StreamRow]:
    """Return streams, active ones first, then by the day that is next."""
    return await core_db.many(
        db,
        StreamRow,
        """
        SELECT s.id, s.account_id, a.name AS account_name, s.description, s.merchant,
               f.key AS category_key, s.frequency, s.status, s.is_active, s.first_on, s.last_on,
               s.next_on, s.average, s.last, s.currency
        FROM recurring_streams s
        JOIN accounts a ON a.user_id = s.user_id AND a.id = s.account_id
        LEFT JOIN pfc_categories f ON f.pfc_detailed = s.pfc_detailed
        WHERE s.user_id = %(owner)s
          AND (%(account_id)s::uuid IS NULL OR s.account_id = %(account_id)s)
        ORDER BY s.is_active DESC, s.next_on NULLS LAST, s.last_on DESC NULLS LAST, s.id
        """,
        {"owner": owner, "account_id": account_id},
    )


async def drop_others(
    db: Db, owner: UUID, account_ids: Sequence[UUID], plaid_ids: Sequence[str]
) -> int:
    """Forget the streams of accounts that are not among those told."""
    return await core_db.execute(
        db,
        """
        DELETE FROM recurring_streams
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
          AND plaid_stream_id <> ALL(%(told)s)
        """,
        {"owner": owner, "accounts": list(account_ids), "told": list(plaid_ids)},
    )


async def write(db: Db, columns: dict[str, Any]) -> int:
    """Write one stream as it is told; return 0 if it is so already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO recurring_streams AS s (
            user_id, id, account_id, plaid_stream_id, description, merchant, pfc_detailed,
            frequency, status, is_active, first_on, last_on, next_on, average, last, currency)
        VALUES (%(owner)s, %(id)s, %(account_id)s, %(plaid_stream_id)s, %(description)s,
                %(merchant)s, %(pfc_detailed)s, %(frequency)s, %(status)s, %(is_active)s,
                %(first_on)s, %(last_on)s, %(next_on)s, %(average)s, %(last)s, %(currency)s)
        ON CONFLICT (user_id, plaid_stream_id) DO UPDATE SET
            account_id = excluded.account_id, description = excluded.description,
            merchant = excluded.merchant, pfc_detailed = excluded.pfc_detailed,
            frequency = excluded.frequency, status = excluded.status,
            is_active = excluded.is_active, first_on = excluded.first_on,
            last_on = excluded.last_on, next_on = excluded.next_on,
            average = excluded.average, last = excluded.last, currency = excluded.currency
            WHERE (s.account_id, s.description, s.merchant, s.pfc_detailed, s.frequency, s.status,
                   s.is_active, s.first_on, s.last_on, s.next_on, s.average, s.last, s.currency)
                IS DISTINCT FROM
                  (excluded.account_id, excluded.description, excluded.merchant,
                   excluded.pfc_detailed, excluded.frequency, excluded.status, excluded.is_active,
                   excluded.first_on, excluded.last_on, excluded.next_on, excluded.average,
                   excluded.last, excluded.currency)
        """,
        columns,
    )
