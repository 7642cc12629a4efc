"""Bringing back accounts from an exported book: everything a person chose, as it was.

Only for accounts that were made for that book: nothing is laid over an account that was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom.accounts import rules
from strongroom.accounts.asset_types import Details, LoanTerms, Method
from strongroom.accounts.assets import describe
from strongroom.accounts.loans import set_loan_terms
from strongroom.accounts.types import Category
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Money, currency

_UNREADABLE = (Refused, LookupError, TypeError, ValueError, ArithmeticError)
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
    is_primary: bool = False
    details: Mapping[str, Any] | None = None
    """Note, rate and reminder, as an export writes them."""
    loan: Mapping[str, Any] | None = None
    """On what terms a loan is paid back, as an export writes them."""


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
        if one.is_primary:
            await _be_primary(db, owner, one.id)
        await _say(db, owner, one, now)


async def restore_values(
    db: Db, *, owner: UserId, values: Sequence[tuple[AccountId, date, Decimal]], now: datetime
) -> None:
    """Write values that their owner told by hand; a day that has one keeps it.

    ``values`` are positive for what is owned, in the currency of their accounts.
    """
    await core_db.execute(
        db,
        """
        INSERT INTO account_balances (user_id, account_id, day, balance, currency, source,
                                      reported_at)
        SELECT %(owner)s, v.account_id, v.day, v.balance, a.currency, 'manual', %(now)s
        FROM unnest(%(accounts)s::uuid[], %(days)s::date[], %(balances)s::numeric[])
             AS v (account_id, day, balance)
        JOIN accounts a ON a.user_id = %(owner)s AND a.id = v.account_id AND a.is_manual
        ON CONFLICT (user_id, account_id, day) DO NOTHING
        """,
        {
            "owner": owner,
            "accounts": [one[0] for one in values],
            "days": [one[1] for one in values],
            "balances": [one[2] for one in values],
            "now": now,
        },
    )


async def forget_restored_values(
    db: Db, *, owner: UserId, account_ids: Sequence[UUID], until: datetime
) -> None:
    """Take values away again that were told by hand up to an instant, and what was made of them."""
    params = {"owner": owner, "accounts": list(account_ids), "until": until}
    await core_db.execute(
        db,
        """
        DELETE FROM account_balances
        WHERE user_id = %(owner)s AND account_id = ANY(%(accounts)s::uuid[])
          AND source = 'manual' AND reported_at <= %(until)s
        """,
        params,
    )
    await core_db.execute(
        db,
        """
        DELETE FROM account_balances b
        WHERE b.user_id = %(owner)s AND b.account_id = ANY(%(accounts)s::uuid[])
          AND b.source = 'projected'
          AND NOT EXISTS (SELECT 1 FROM account_balances v
                          WHERE v.user_id = b.user_id AND v.account_id = b.account_id
                            AND v.source = 'manual')
        """,
        params,
    )


async def _be_primary(db: Db, owner: UserId, account_id: AccountId) -> None:
    """Let an account be the primary one, where none is."""
    await core_db.execute(
        db,
        """
        UPDATE accounts SET is_primary = true
        WHERE user_id = %(owner)s AND id = %(id)s
          AND NOT EXISTS (SELECT 1 FROM accounts WHERE user_id = %(owner)s AND is_primary)
        """,
        {"owner": owner, "id": account_id},
    )


async def _say(db: Db, owner: UserId, one: Restored, now: datetime) -> None:
    """Write what a book's owner said of an account; what of it cannot be is left out."""
    with suppress(*_UNREADABLE):
        if one.details is not None:
            said = _details(one.details)
            await describe(db, owner=owner, account_id=one.id, said=said, now=now)
    with suppress(*_UNREADABLE):
        if one.loan is not None:
            terms = _terms(one.loan)
            await set_loan_terms(db, owner=owner, account_id=one.id, terms=terms, now=now)


def _details(told: Mapping[str, Any]) -> Details:
    rate, months = told.get("yearly_percent"), told.get("remind_months")
    return Details(
        note=None if told.get("note") is None else str(told["note"]),
        yearly_percent=None if rate is None else Decimal(str(rate)),
        remind_months=None if months is None else int(months),
    )


def _terms(told: Mapping[str, Any]) -> LoanTerms:
    def money(name: str) -> Money:
        return Money(Decimal(str(told[name]["amount"])), currency(str(told[name]["currency"])))

    return LoanTerms(
        principal=money("principal"),
        yearly_percent=Decimal(str(told["yearly_percent"])),
        first_payment=date.fromisoformat(told["first_payment"]),
        payments=None if told.get("payments") is None else int(told["payments"]),
        payment=None if told.get("payment") is None else money("payment"),
        method=Method(told["method"]),
        every_months=int(told["every_months"]),
        follows=told.get("follows") is True,
    )
