"""SQL that takes a bank's reports of accounts in, set by set. Decides nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class Known:
    """An account of ours as its bank once described it, and how its link stands."""

    id: UUID
    item_id: UUID
    plaid_account_id: str
    persistent_account_id: str | None
    name: str
    mask: str | None
    type: str
    subtype: str | None
    category: str
    currency: str
    status: str


_KNOWN = """
    SELECT a.id, a.item_id, a.plaid_account_id, a.persistent_account_id,
           coalesce(a.told_name, a.name) AS name, a.mask, a.type, a.subtype, a.category,
           a.currency, i.status
    FROM accounts a JOIN plaid_items i ON i.user_id = a.user_id AND i.id = a.item_id
"""


async def of_institution(
    db: Db, owner: UUID, institution_id: str, environment: str | None
) -> list[Known]:
    """Return every account linked through an institution, oldest first."""
    return await core_db.many(
        db,
        Known,
        _KNOWN
        + """
        WHERE a.user_id = %(owner)s AND i.institution_id = %(institution_id)s
          AND (%(environment)s::text IS NULL OR i.environment = %(environment)s)
        ORDER BY a.created_at, a.id
        """,
        {"owner": owner, "institution_id": institution_id, "environment": environment},
    )


async def of_item(db: Db, owner: UUID, item_id: UUID) -> list[Known]:
    """Return an item's accounts, and those of ended links to the same institution."""
    return await core_db.many(
        db,
        Known,
        _KNOWN
        + """
        JOIN plaid_items me ON me.user_id = a.user_id AND me.id = %(item_id)s
        WHERE a.user_id = %(owner)s
          AND (i.id = me.id OR (i.status = 'disconnected' AND i.environment = me.environment
                                AND i.institution_id = me.institution_id))
        ORDER BY a.created_at, a.id
        """,
        {"owner": owner, "item_id": item_id},
    )


async def move(
    db: Db, owner: UUID, item_id: UUID, pairs: Sequence[tuple[UUID, str]], now: datetime
) -> int:
    """Give accounts the ids that their bank now calls them by, and the item that reports them."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts a SET plaid_account_id = p.told, item_id = %(item_id)s,
               revoked_at = NULL, updated_at = %(now)s
        FROM unnest(%(ids)s::uuid[], %(told)s::text[]) AS p (id, told)
        WHERE a.user_id = %(owner)s AND a.id = p.id
        """,
        {
            "owner": owner,
            "item_id": item_id,
            "ids": [one for one, _ in pairs],
            "told": [told for _, told in pairs],
            "now": now,
        },
    )


async def set_unreported(
    db: Db, owner: UUID, item_id: UUID, reported: Sequence[str], now: datetime
) -> int:
    """Note which accounts of an item its bank's list no longer holds; the rest is left alone."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts SET unreported_since = %(now)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND item_id = %(item_id)s AND unreported_since IS NULL
          AND plaid_account_id <> ALL(%(reported)s)
        """,
        {"owner": owner, "item_id": item_id, "reported": list(reported), "now": now},
    )


async def stage_reports(db: Db, rows: Sequence[tuple[object, ...]]) -> None:
    """Lay a bank's reports into a temporary table, for the statements that take them in."""
    await db.execute(
        """
        CREATE TEMPORARY TABLE reported_accounts (
            id uuid, plaid_account_id text, persistent_account_id text, name text,
            official_name text, type text, subtype text, category text, mask text, currency text,
            balance numeric, available numeric, credit_limit numeric, reported_at timestamptz,
            told_at timestamptz
        ) ON COMMIT DROP
        """
    )
    async with db.cursor().copy("COPY reported_accounts FROM STDIN") as copy:
        for row in rows:
            await copy.write_row(row)


async def take_in_accounts(
    db: Db, owner: UUID, item_id: UUID, institution: str, now: datetime
) -> dict[str, UUID]:
    """Add or update the reported accounts; return their ids by Plaid's. Keeps what people chose.

    One that was taken back since it was reported stays so until it is reported again.
    """
    cursor = await db.execute(
        """
        INSERT INTO accounts AS a (
            user_id, id, item_id, plaid_account_id, persistent_account_id, name, official_name,
            type, subtype, category, mask, currency, institution_name, told_name, told_at,
            created_at, updated_at)
        SELECT %(owner)s, r.id, %(item_id)s, r.plaid_account_id, r.persistent_account_id, r.name,
               r.official_name, r.type, r.subtype, r.category, r.mask, r.currency,
               %(institution)s, r.name, r.told_at, %(now)s, %(now)s
        FROM reported_accounts r
        ON CONFLICT (user_id, plaid_account_id) DO UPDATE SET
            persistent_account_id = excluded.persistent_account_id,
            official_name = excluded.official_name, type = excluded.type,
            subtype = excluded.subtype, category = excluded.category, mask = excluded.mask,
            currency = CASE WHEN excluded.currency = 'XXX' THEN a.currency
                            ELSE excluded.currency END,
            institution_name = excluded.institution_name,
            told_name = excluded.told_name, told_at = excluded.told_at,
            item_id = excluded.item_id, unreported_since = NULL,
            revoked_at = (SELECT CASE WHEN a.revoked_at > r.reported_at THEN a.revoked_at END
                          FROM reported_accounts r
                          WHERE r.plaid_account_id = a.plaid_account_id),
            updated_at = excluded.updated_at
        RETURNING a.plaid_account_id, a.id
        """,
        {"owner": owner, "item_id": item_id, "institution": institution, "now": now},
    )
    return dict(await cursor.fetchall())


async def take_in_balances(db: Db, owner: UUID, day: date) -> int:
    """Store the reported balances as the day's; return how many changed anything."""
    return await core_db.execute(
        db,
        """
        INSERT INTO account_balances AS b (
            user_id, account_id, day, balance, available, credit_limit, currency, source,
            reported_at)
        SELECT %(owner)s, a.id, %(day)s, r.balance, r.available, r.credit_limit, r.currency,
               'plaid', r.reported_at
        FROM reported_accounts r
        JOIN accounts a ON a.user_id = %(owner)s AND a.plaid_account_id = r.plaid_account_id
        WHERE r.balance IS NOT NULL
        ON CONFLICT (user_id, account_id, day) DO UPDATE SET
            balance = excluded.balance, available = excluded.available,
            credit_limit = excluded.credit_limit, currency = excluded.currency,
            source = excluded.source, reported_at = excluded.reported_at
        """,
        {"owner": owner, "day": day},
    )
