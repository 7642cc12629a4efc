"""SQL of values told by hand, of what people say of their accounts, and of loans' terms.

One function a statement. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom.accounts.queries import DayBalanceRow
from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class KindRow:
    """A row of the table of account types."""

    type: str
    subtype: str
    display_name: str
    category: str
    icon: str


async def kinds(db: Db) -> list[KindRow]:
    """Return every kind of account, in the order to show."""
    return await core_db.many(
        db,
        KindRow,
        "SELECT type, subtype, display_name, category, icon FROM account_type_config"
        " ORDER BY sort_order, type, subtype",
    )


async def kind_name(db: Db, type: str, subtype: str | None) -> str | None:
    """Return what a type and subtype are called, None where nobody gave them a name."""
    found: str | None = await core_db.value(
        db,
        "SELECT display_name FROM account_type_config WHERE type = %(type)s"
        " AND subtype = %(subtype)s",
        {"type": type, "subtype": subtype},
    )
    return found


async def told(db: Db, owner: UUID, account_id: UUID) -> list[DayBalanceRow]:
    """Return the values that somebody told of an account, oldest first."""
    return await core_db.many(
        db,
        DayBalanceRow,
        """
        SELECT day, balance, currency, source FROM account_balances
        WHERE user_id = %(owner)s AND account_id = %(account_id)s
          AND source IN ('plaid', 'manual', 'file')
        ORDER BY day
        """,
        {"owner": owner, "account_id": account_id},
    )


async def drop_value(db: Db, owner: UUID, account_id: UUID, day: date) -> int:
    """Delete the value that a person told for a day; return 0 if there is none."""
    return await core_db.execute(
        db,
        """
        DELETE FROM account_balances
        WHERE user_id = %(owner)s AND account_id = %(account_id)s AND day = %(day)s
          AND source = 'manual'
        """,
        {"owner": owner, "account_id": account_id, "day": day},
    )


async def drop_projected(db: Db, owner: UUID, account_id: UUID, kept: Sequence[date]) -> int:
    """Delete the projected balances of an account but those of the days ``kept``."""
    return await core_db.execute(
        db,
        """
        DELETE FROM account_balances
        WHERE user_id = %(owner)s AND account_id = %(account_id)s AND source = 'projected'
          AND day <> ALL(%(kept)s::date[])
        """,
        {"owner": owner, "account_id": account_id, "kept": list(kept)},
    )


async def write_projected(
    db: Db, owner: UUID, account_id: UUID, days: Sequence[tuple[date, Decimal]], code: str
) -> int:
    """Write projected balances; what somebody told of a day stays. Returns how many changed."""
    return await core_db.execute(
        db,
        """
        INSERT INTO account_balances AS b (user_id, account_id, day, balance, currency, source)
        SELECT %(owner)s, %(account_id)s, n.day, n.balance, %(code)s, 'projected'
        FROM unnest(%(days)s::date[], %(balances)s::numeric[]) AS n (day, balance)
        ON CONFLICT (user_id, account_id, day) DO UPDATE SET
            balance = excluded.balance, source = excluded.source
            WHERE b.source IN ('estimated', 'projected')
              AND (b.balance, b.source) IS DISTINCT FROM (excluded.balance, excluded.source)
        """,
        {
            "owner": owner,
            "account_id": account_id,
            "code": code,
            "days": [day for day, _ in days],
            "balances": [balance for _, balance in days],
        },
    )


@dataclass(frozen=True, slots=True)
class DetailsRow:
    """What a person says of an account."""

    note: str | None
    yearly_percent: Decimal | None
    remind_months: int | None


async def details(db: Db, owner: UUID, account_id: UUID) -> DetailsRow | None:
    """Return what a person says of an account, None where they said nothing."""
    return await core_db.one(
        db,
        DetailsRow,
        "SELECT note, yearly_percent, remind_months FROM account_details"
        " WHERE user_id = %(owner)s AND account_id = %(account_id)s",
        {"owner": owner, "account_id": account_id},
    )


async def set_details(db: Db, columns: dict[str, object]) -> int:
    """Write what a person says of an account; return 0 if just that was said before."""
    return await core_db.execute(
        db,
        """
        INSERT INTO account_details AS d (
            user_id, account_id, note, yearly_percent, remind_months, updated_at)
        VALUES (%(owner)s, %(account_id)s, %(note)s, %(yearly_percent)s, %(remind_months)s,
                %(now)s)
        ON CONFLICT (user_id, account_id) DO UPDATE SET
            note = excluded.note, yearly_percent = excluded.yearly_percent,
            remind_months = excluded.remind_months, updated_at = excluded.updated_at
            WHERE (d.note, d.yearly_percent, d.remind_months) IS DISTINCT FROM
                  (excluded.note, excluded.yearly_percent, excluded.remind_months)
        """,
        columns,
    )


@dataclass(frozen=True, slots=True)
class LoanRow:
    """The terms of a loan; amounts in ``currency``."""

    principal: Decimal
    yearly_percent: Decimal
    method: str
    every_months: int
    first_payment: date
    payments: int | None
    payment: Decimal | None
    follows: bool
    currency: str


async def loan(db: Db, owner: UUID, account_id: UUID) -> LoanRow | None:
    """Return the terms that a person gave of a loan, None where they gave none."""
    return await core_db.one(
        db,
        LoanRow,
        """
        SELECT l.principal, l.yearly_percent, l.method, l.every_months, l.first_payment,
               l.payments, l.payment, l.follows, a.currency
        FROM loan_terms l JOIN accounts a ON a.user_id = l.user_id AND a.id = l.account_id
        WHERE l.user_id = %(owner)s AND l.account_id = %(account_id)s
        """,
        {"owner": owner, "account_id": account_id},
    )


async def set_loan(db: Db, columns: dict[str, object]) -> int:
    """Write the terms of a loan; return 0 if they are just those already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO loan_terms AS l (
            user_id, account_id, principal, yearly_percent, method, every_months,
            first_payment, payments, payment, follows, updated_at)
        VALUES (%(owner)s, %(account_id)s, %(principal)s, %(yearly_percent)s, %(method)s,
                %(every_months)s, %(first_payment)s, %(payments)s, %(payment)s, %(follows)s,
                %(now)s)
        ON CONFLICT (user_id, account_id) DO UPDATE SET
            principal = excluded.principal, yearly_percent = excluded.yearly_percent,
            method = excluded.method, every_months = excluded.every_months,
            first_payment = excluded.first_payment, payments = excluded.payments,
            payment = excluded.payment, follows = excluded.follows,
            updated_at = excluded.updated_at
            WHERE (l.principal, l.yearly_percent, l.method, l.every_months, l.first_payment,
                   l.payments, l.payment, l.follows) IS DISTINCT FROM
                  (excluded.principal, excluded.yearly_percent, excluded.method,
                   excluded.every_months, excluded.first_payment, excluded.payments,
                   excluded.payment, excluded.follows)
        """,
        columns,
    )


async def drop_loan(db: Db, owner: UUID, account_id: UUID) -> int:
    """Delete the terms of a loan; return 0 if there are none."""
    return await core_db.execute(
        db,
        "DELETE FROM loan_terms WHERE user_id = %(owner)s AND account_id = %(account_id)s",
        {"owner": owner, "account_id": account_id},
    )


async def set_kind(
    db: Db, owner: UUID, account_id: UUID, kind: tuple[str, str, str], now: datetime
) -> int:
    """Make an account one of another type, subtype and category; return 0 if it is."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts SET type = %(type)s, subtype = %(subtype)s, category = %(category)s,
               updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(account_id)s AND is_manual
          AND (type, subtype, category) IS DISTINCT FROM (%(type)s, %(subtype)s, %(category)s)
        """,
        {
            "owner": owner, "account_id": account_id, "now": now,
            "type": kind[0], "subtype": kind[1], "category": kind[2],
        },
    )  # fmt: skip


async def take_turn(db: Db, owner: UUID) -> None:
    """Wait until no other unit of work moves the mark of the primary account."""
    await db.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"primary account {owner}",)
    )


async def unset_primary(db: Db, owner: UUID, but: UUID, now: datetime) -> int:
    """Take the mark of the primary account off every account but one."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts SET is_primary = false, updated_at = %(now)s
        WHERE user_id = %(owner)s AND is_primary AND id <> %(but)s
        """,
        {"owner": owner, "but": but, "now": now},
    )


async def set_primary(db: Db, owner: UUID, account_id: UUID, primary: bool, now: datetime) -> int:
    """Mark an account as the primary one, or take the mark off; return 0 if it is so."""
    return await core_db.execute(
        db,
        """
        UPDATE accounts SET is_primary = %(primary)s, updated_at = %(now)s
        WHERE user_id = %(owner)s AND id = %(account_id)s AND is_primary <> %(primary)s
        """,
        {"owner": owner, "account_id": account_id, "primary": primary, "now": now},
    )


@dataclass(frozen=True, slots=True)
class PendingRow:
    """Payments of an account that its bank has not booked yet."""

    count: int
    newest: date | None


async def pending(db: Db, owner: UUID, account_id: UUID) -> PendingRow:
    """Count an account's payments that its bank has announced and not booked."""
    found = await core_db.one(
        db,
        PendingRow,
        """
        SELECT count(*)::int AS count, max(day) AS newest FROM transactions
        WHERE user_id = %(owner)s AND account_id = %(account_id)s AND pending
          AND removed_by_bank IS NULL AND never_booked_at IS NULL
        """,
        {"owner": owner, "account_id": account_id},
    )
    return found or PendingRow(0, None)


async def has_rows(db: Db, owner: UUID, account_id: UUID) -> bool:
    """Return whether any row of the book stands on an account."""
    return bool(
        await core_db.value(
            db,
            "SELECT EXISTS (SELECT 1 FROM transactions"
            " WHERE user_id = %(owner)s AND account_id = %(account_id)s)",
            {"owner": owner, "account_id": account_id},
        )
    )


async def drop_account(db: Db, owner: UUID, account_id: UUID) -> int:
    """Delete an account that no bank reports, with its values."""
    return await core_db.execute(
        db,
        "DELETE FROM accounts WHERE user_id = %(owner)s AND id = %(account_id)s AND is_manual",
        {"owner": owner, "account_id": account_id},
    )


@dataclass(frozen=True, slots=True)
class Due:
    """An account of somebody's that a job has something to do for."""

    user_id: UUID
    account_id: UUID


async def projected_for_all(db: Db, now: datetime) -> list[Due]:
    """Return the open accounts that a rate or a schedule may move on, as of ``now``.

    Those with a rate once their newest balance is a month old where they live; those with a
    schedule whenever that is older than today.
    """
    return await core_db.many(
        db,
        Due,
        """
        WITH moving AS (
            SELECT user_id, account_id, interval '1 month' AS step FROM account_details
            WHERE yearly_percent <> 0
            UNION
            SELECT user_id, account_id, interval '1 day' FROM loan_terms WHERE follows
        )
        SELECT m.user_id, m.account_id
        FROM moving m
        JOIN accounts a ON a.user_id = m.user_id AND a.id = m.account_id AND a.closed_at IS NULL
                       AND a.is_manual
        JOIN settings s ON s.user_id = m.user_id
        CROSS JOIN LATERAL zone_or_utc(s.time_zone) AS z (zone)
        CROSS JOIN LATERAL (
            SELECT max(b.day) AS day FROM account_balances b
            WHERE b.user_id = m.user_id AND b.account_id = m.account_id) newest
        WHERE newest.day + m.step <= (%(now)s AT TIME ZONE z.zone)::date
        ORDER BY m.user_id, m.account_id
        """,
        {"now": now},
    )


@dataclass(frozen=True, slots=True)
class OldValue:
    """A value that is older than its owner wanted it to become."""

    user_id: UUID
    account_id: UUID
    name: str
    day: date


async def old_values_for_all(db: Db, now: datetime) -> list[OldValue]:
    """Return the accounts whose owner is to be reminded of an old value, and was not yet."""
    return await core_db.many(
        db,
        OldValue,
        """
        SELECT d.user_id, d.account_id, a.name, newest.day
        FROM account_details d
        JOIN accounts a ON a.user_id = d.user_id AND a.id = d.account_id AND a.closed_at IS NULL
        JOIN settings s ON s.user_id = d.user_id
        CROSS JOIN LATERAL zone_or_utc(s.time_zone) AS z (zone)
        CROSS JOIN LATERAL (
            SELECT max(b.day) AS day FROM account_balances b
            WHERE b.user_id = d.user_id AND b.account_id = d.account_id
              AND b.source IN ('manual', 'file')) newest
        WHERE d.remind_months IS NOT NULL AND d.reminded_of IS DISTINCT FROM newest.day
          AND newest.day + make_interval(months => d.remind_months)
              <= (%(now)s AT TIME ZONE z.zone)::date
        ORDER BY d.user_id, d.account_id
        """,
        {"now": now},
    )


async def set_reminded(db: Db, owner: UUID, account_id: UUID, day: date) -> int:
    """Note the value whose age its owner was reminded of; return 0 if it is noted."""
    return await core_db.execute(
        db,
        """
        UPDATE account_details SET reminded_of = %(day)s
        WHERE user_id = %(owner)s AND account_id = %(account_id)s
          AND reminded_of IS DISTINCT FROM %(day)s
        """,
        {"owner": owner, "account_id": account_id, "day": day},
    )
