"""SQL of accounts and their balances, one function a statement. Decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.accounts.types import BalanceSource
from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account's columns and its newest balance's."""

    id: UUID
    item_id: UUID | None
    plaid_account_id: str | None
    name: str
    official_name: str | None
    type: str
    subtype: str | None
    category: str
    mask: str | None
    institution_name: str | None
    is_manual: bool
    is_primary: bool
    hidden_at: datetime | None
    closed_at: datetime | None
    currency: str
    balance: Decimal | None
    available: Decimal | None
    credit_limit: Decimal | None
    balance_day: date | None
    balance_source: str | None
    valued_on: date | None
    reported_at: datetime | None
    told_at: datetime | None
    unreported_since: datetime | None
    revoked_at: datetime | None
    created_at: datetime
    iban: str | None


async def accounts(db: Db, owner: UUID, account_id: UUID | None = None) -> list[AccountRow]:
    """Return the owner's accounts with their newest balance, or the one asked for."""
    return await core_db.many(
        db,
        AccountRow,
        """
        SELECT a.id, a.item_id, a.plaid_account_id, a.name, a.official_name, a.type, a.subtype,
               a.category, a.mask, a.institution_name, a.is_manual, a.is_primary, a.hidden_at,
               a.closed_at, a.currency, b.balance, b.available, b.credit_limit,
               b.day AS balance_day, b.source AS balance_source, v.day AS valued_on, b.reported_at,
               a.told_at, a.unreported_since, a.revoked_at, a.created_at, a.iban
        FROM accounts a
        LEFT JOIN account_type_config c ON c.type = a.type AND c.subtype = a.subtype
        LEFT JOIN LATERAL (
            SELECT * FROM account_balances b
            WHERE b.user_id = a.user_id AND b.account_id = a.id ORDER BY b.day DESC LIMIT 1
        ) b ON true
        LEFT JOIN LATERAL (
            SELECT v.day FROM account_balances v
            WHERE b.source = 'projected' AND v.user_id = a.user_id AND v.account_id = a.id
              AND v.day < b.day AND v.source IN ('manual', 'file', 'plaid')
            ORDER BY v.day DESC LIMIT 1
        ) v ON true
        WHERE a.user_id = %(owner)s
          AND (%(account_id)s::uuid IS NULL OR a.id = %(account_id)s)
        ORDER BY c.sort_order NULLS LAST, a.created_at, a.id
        """,
        {"owner": owner, "account_id": account_id},
        same_plan=True,  # the partitions of balances are many to plan for
    )


async def insert_manual(db: Db, columns: dict[str, object]) -> None:
    """Add an account that no bank reports."""
    await db.execute(
        """
        INSERT INTO accounts (
            user_id, id, name, type, subtype, category, currency, is_manual, created_at,
            updated_at)
        VALUES (%(owner)s, %(id)s, %(name)s, %(type)s, %(subtype)s, %(category)s, %(currency)s,
                true, %(now)s, %(now)s)
        """,
        columns,
    )


async def set_balance(db: Db, columns: dict[str, object]) -> int:
    """Write what a manual account was worth on a day, in place of what was written before.

    Returns 0 if just that was written before.
    """
    return await core_db.execute(
        db,
        """
        INSERT INTO account_balances AS b (
            user_id, account_id, day, balance, currency, source, reported_at)
        VALUES (%(owner)s, %(id)s, %(day)s, %(balance)s, %(currency)s, 'manual', %(now)s)
        ON CONFLICT (user_id, account_id, day) DO UPDATE SET
            balance = excluded.balance, source = excluded.source,
            reported_at = excluded.reported_at
            WHERE b.balance IS DISTINCT FROM excluded.balance
               OR b.source IN ('estimated', 'projected')
        """,
        columns,
    )


@dataclass(frozen=True, slots=True)
class DayBalanceRow:
    """One day of one account."""

    day: date
    balance: Decimal
    currency: str
    source: BalanceSource


async def balances(
    db: Db, owner: UUID, account_id: UUID, since: date, until: date
) -> list[DayBalanceRow]:
    """Return an account's daily balances between two days, both included, oldest first."""
    return await core_db.many(
        db,
        DayBalanceRow,
        """
        SELECT day, balance, currency, source FROM account_balances
        WHERE user_id = %(owner)s AND account_id = %(account_id)s
          AND day BETWEEN %(since)s AND %(until)s
        ORDER BY day
        """,
        {"owner": owner, "account_id": account_id, "since": since, "until": until},
    )


async def every_day(
    db: Db, owner: UUID, account_id: UUID, since: date, until: date
) -> list[DayBalanceRow]:
    """Return what ``balances`` does with the days between: a balance holds until the next one.

    As snapshots have it: up to ``until``, or to the day before the account closed. Days before the
    first balance are nobody's to tell.
    """
    return await core_db.many(
        db,
        DayBalanceRow,
        """
        WITH known AS (
            SELECT b.day, b.balance, b.currency, b.source,
                   lead(b.day) OVER (ORDER BY b.day) - 1 AS until
            FROM account_balances b
            WHERE b.user_id = %(owner)s AND b.account_id = %(account_id)s AND b.day <= %(until)s
              AND b.day >= coalesce(
                  (SELECT max(p.day) FROM account_balances p
                   WHERE p.user_id = %(owner)s AND p.account_id = %(account_id)s
                     AND p.day <= %(since)s), %(since)s)
        )
        SELECT d::date AS day, k.balance, k.currency,
               CASE WHEN d::date = k.day THEN k.source ELSE 'carried' END AS source
        FROM known k
        JOIN accounts a ON a.user_id = %(owner)s AND a.id = %(account_id)s
        JOIN settings s ON s.user_id = a.user_id
        CROSS JOIN LATERAL zone_or_utc(s.time_zone) AS z (zone)
        CROSS JOIN LATERAL generate_series(
            greatest(k.day, %(since)s),
            greatest(k.day, least(k.until, %(until)s,
                                  (a.closed_at AT TIME ZONE z.zone)::date - 1)),
            interval '1 day') d
        ORDER BY d
        """,
        {"owner": owner, "account_id": account_id, "since": since, "until": until},
    )


async def rename(db: Db, owner: UUID, account_id: UUID, name: str, now: datetime) -> int:
    """Give an account the name its owner chose; return 0 if it has it."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts SET name = %(name)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(account_id)s AND name <> %(name)s
        """,
        {"owner": owner, "account_id": account_id, "name": name, "now": now},
    )


async def set_hidden(db: Db, owner: UUID, account_id: UUID, hidden: bool, now: datetime) -> int:
    """Hide an account from lists, or show it again; return 0 if it is so."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts
        SET hidden_at = CASE WHEN %(hidden)s THEN %(now)s::timestamptz END, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(account_id)s
          AND (hidden_at IS NOT NULL) <> %(hidden)s
        """,
        {"owner": owner, "account_id": account_id, "hidden": hidden, "now": now},
    )


async def set_closed(db: Db, owner: UUID, account_id: UUID, closed: bool, now: datetime) -> int:
    """Close an account, or open it again; return 0 if it is so."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts
        SET closed_at = CASE WHEN %(closed)s THEN %(now)s::timestamptz END, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(account_id)s
          AND (closed_at IS NOT NULL) <> %(closed)s
        """,
        {"owner": owner, "account_id": account_id, "closed": closed, "now": now},
    )


async def make_partitions(db: Db, first_day: date, last_day: date) -> int:
    """Make the monthly partitions of balances between two days that do not exist yet."""
    made = await core_db.value(db, "SELECT make_balance_partitions(%s, %s)", (first_day, last_day))
    return int(made)
