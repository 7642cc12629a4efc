"""SQL of profiles as they are kept, and of what people say instead; reckoning is ``reckoning``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core import db as core_db
from strongroom.core.db import Db


@dataclass(frozen=True, slots=True)
class ProfileRow:
    """A profile's columns: what was derived."""

    currency: str
    as_of: date
    liquid_assets: Decimal | None
    credit_debt: Decimal | None
    loan_debt: Decimal | None
    monthly_income: Decimal | None
    monthly_bills: Decimal | None
    monthly_loan_payments: Decimal | None
    monthly_spending: Decimal | None
    income_volatility: Decimal | None
    spending_volatility: Decimal | None
    income_by_payer: list[dict[str, Any]]
    spending_by_category: list[dict[str, Any]]
    loans: list[dict[str, Any]]
    investment_allocation: dict[str, str] | None
    months_of_history: int
    left_out: list[str]
    data_hash: bytes
    computed_at: datetime


async def profile(db: Db, owner: UUID) -> ProfileRow | None:
    """Return a person's profile as it was last reckoned."""
    return await core_db.one(
        db,
        ProfileRow,
        """
        SELECT currency, as_of, liquid_assets, credit_debt, loan_debt, monthly_income,
               monthly_bills, monthly_loan_payments, monthly_spending, income_volatility,
               spending_volatility, income_by_payer, spending_by_category, loans,
               investment_allocation, months_of_history, left_out, data_hash, computed_at
        FROM financial_profiles WHERE user_id = %(owner)s
        """,
        {"owner": owner},
    )


async def changed_at(db: Db, owner: UUID) -> datetime | None:
    """Return when something last changed that a profile is made of, as far as is written down.

    An act of the person, a change to a row of the book, and a look for what comes again and again,
    which follows each sync.
    """
    found: datetime | None = await core_db.value(
        db,
        """
        SELECT greatest(
            (SELECT at FROM audit_log WHERE user_id = %(owner)s ORDER BY seq DESC LIMIT 1),
            (SELECT max(at) FROM book_changes WHERE user_id = %(owner)s),
            (SELECT looked_at FROM recurring_looks WHERE user_id = %(owner)s))
        """,
        {"owner": owner},
    )
    return found


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """What a person says of one figure: an amount (with its currency, if it is money) or shares."""

    figure: str
    currency: str | None
    amount: Decimal | None
    shares: dict[str, str] | None


async def overrides(db: Db, owner: UUID) -> list[OverrideRow]:
    """Return what a person says instead of what was derived."""
    return await core_db.many(
        db,
        OverrideRow,
        """
        SELECT figure, currency, amount, shares FROM profile_overrides
        WHERE user_id = %(owner)s ORDER BY figure
        """,
        {"owner": owner},
    )


async def write_override(db: Db, owner: UUID, row: OverrideRow, now: datetime) -> int:
    """Write what a person says of a figure; return 0 if they say so already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO profile_overrides AS o (user_id, figure, currency, amount, shares, set_at)
        VALUES (%(owner)s, %(figure)s, %(currency)s, %(amount)s, %(shares)s, %(now)s)
        ON CONFLICT (user_id, figure) DO UPDATE SET
            currency = excluded.currency, amount = excluded.amount, shares = excluded.shares,
            set_at = excluded.set_at
            WHERE (o.currency, o.amount, o.shares)
                IS DISTINCT FROM (excluded.currency, excluded.amount, excluded.shares)
        """,
        {
            "owner": owner,
            "figure": row.figure,
            "currency": row.currency,
            "amount": row.amount,
            "shares": None if row.shares is None else Jsonb(row.shares),
            "now": now,
        },
    )


async def said_since(db: Db, owner: UUID, figures: Sequence[str], since: datetime) -> int:
    """Return of how many of these figures a person said something after an instant."""
    found = await core_db.value(
        db,
        """
        SELECT count(*) FROM profile_overrides
        WHERE user_id = %(owner)s AND figure = ANY(%(figures)s) AND set_at > %(since)s
        """,
        {"owner": owner, "figures": list(figures), "since": since},
    )
    return int(found)


async def drop_override(db: Db, owner: UUID, figure: str) -> int:
    """Forget what a person says of a figure; return 0 if they say nothing of it."""
    return await core_db.execute(
        db,
        "DELETE FROM profile_overrides WHERE user_id = %(owner)s AND figure = %(figure)s",
        {"owner": owner, "figure": figure},
    )
