"""SQL of what banks tell beside balances: holdings, and terms of what is owed. Decides nothing."""

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
class HoldingRow:
    """One holding's columns."""

    account_id: UUID
    place: int
    plaid_security_id: str
    name: str | None
    ticker: str | None
    isin: str | None
    type: str | None
    is_cash: bool
    quantity: Decimal
    price: Decimal | None
    price_day: date | None
    value: Decimal | None
    cost_basis: Decimal | None
    currency: str


async def holdings(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> list[HoldingRow]:
    """Return what accounts hold, in the order that the bank told it in."""
    return await core_db.many(
        db,
        HoldingRow,
        """
        SELECT account_id, place, plaid_security_id, name, ticker, isin, type, is_cash, quantity,
               price, price_day, value, cost_basis, currency
        FROM holdings WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)
        ORDER BY account_id, place
        """,
        {"owner": owner, "accounts": list(account_ids)},
    )


async def drop_holdings(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> int:
    """Forget what accounts hold, to be told anew."""
    return await core_db.execute(
        db,
        "DELETE FROM holdings WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)",
        {"owner": owner, "accounts": list(account_ids)},
    )


async def insert_holding(db: Db, columns: dict[str, Any]) -> None:
    """Add one holding."""
    await db.execute(
        """
        INSERT INTO holdings (
            user_id, account_id, place, plaid_security_id, name, ticker, isin, type, is_cash,
            quantity, price, price_day, value, cost_basis, currency)
        VALUES (%(owner)s, %(account_id)s, %(place)s, %(plaid_security_id)s, %(name)s, %(ticker)s,
                %(isin)s, %(type)s, %(is_cash)s, %(quantity)s, %(price)s, %(price_day)s,
                %(value)s, %(cost_basis)s, %(currency)s)
        """,
        columns,
    )


@dataclass(frozen=True, slots=True)
class LiabilityRow:
    """The columns of one account's terms, and the currency of the account."""

    kind: str
    apr: Decimal | None
    aprs: list[dict[str, str]]
    minimum_payment: Decimal | None
    due_on: date | None
    is_overdue: bool | None
    past_due: Decimal | None
    last_payment: Decimal | None
    last_paid_on: date | None
    statement_balance: Decimal | None
    statement_on: date | None
    original_principal: Decimal | None
    originated_on: date | None
    ends_on: date | None
    currency: str


async def liability(db: Db, owner: UUID, account_id: UUID) -> LiabilityRow | None:
    """Return on what terms an account is owed."""
    return await core_db.one(
        db,
        LiabilityRow,
        """
        SELECT l.kind, l.apr, l.aprs, l.minimum_payment, l.due_on, l.is_overdue, l.past_due,
               l.last_payment, l.last_paid_on, l.statement_balance, l.statement_on,
               l.original_principal, l.originated_on, l.ends_on, a.currency
        FROM liabilities l JOIN accounts a ON a.user_id = l.user_id AND a.id = l.account_id
        WHERE l.user_id = %(owner)s AND l.account_id = %(account_id)s
        """,
        {"owner": owner, "account_id": account_id},
    )


async def write_liability(db: Db, columns: dict[str, Any]) -> int:
    """Write on what terms an account is owed; return 0 if it is so already."""
    return await core_db.execute(
        db,
        """
        INSERT INTO liabilities AS l (
            user_id, account_id, kind, apr, aprs, minimum_payment, due_on, is_overdue, past_due,
            last_payment, last_paid_on, statement_balance, statement_on, original_principal,
            originated_on, ends_on)
        VALUES (%(owner)s, %(account_id)s, %(kind)s, %(apr)s, %(aprs)s::jsonb,
                %(minimum_payment)s, %(due_on)s, %(is_overdue)s, %(past_due)s, %(last_payment)s,
                %(last_paid_on)s, %(statement_balance)s, %(statement_on)s,
                %(original_principal)s, %(originated_on)s, %(ends_on)s)
        ON CONFLICT (user_id, account_id) DO UPDATE SET
            kind = excluded.kind, apr = excluded.apr, aprs = excluded.aprs,
            minimum_payment = excluded.minimum_payment, due_on = excluded.due_on,
            is_overdue = excluded.is_overdue, past_due = excluded.past_due,
            last_payment = excluded.last_payment, last_paid_on = excluded.last_paid_on,
            statement_balance = excluded.statement_balance, statement_on = excluded.statement_on,
            original_principal = excluded.original_principal,
            originated_on = excluded.originated_on, ends_on = excluded.ends_on
            WHERE l IS DISTINCT FROM excluded
        """,
        columns,
    )


async def drop_liabilities(db: Db, owner: UUID, account_ids: Sequence[UUID]) -> int:
    """Forget the terms of accounts that the bank tells none of any more."""
    return await core_db.execute(
        db,
        "DELETE FROM liabilities WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s)",
        {"owner": owner, "accounts": list(account_ids)},
    )
