"""The verbs of accounts that files feed: open one, write the balances files tell, take one back.

Such an account is the person's own (no bank reports it); what a file says is ``connections``'.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from strongroom import audit
from strongroom.accounts import rules
from strongroom.accounts.service import BadAccountName, get
from strongroom.accounts.types import Account
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency

_NAME_LENGTH = 100


@dataclass(frozen=True, slots=True)
class OpenFromFile:
    """An account to be fed by files. ``type`` and ``subtype`` are Plaid's words."""

    name: str
    type: str
    subtype: str | None
    currency: Currency
    mask: str | None = None
    iban: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a file, or the person beside it, says an account had at the end of a day.

    ``balance`` is positive for what is owned, negative for what is owed.
    """

    day: date
    balance: Decimal


async def open_from_file(
    db: Db, *, owner: UserId, new: OpenFromFile, now: datetime, actor: str = "person"
) -> Account:
    """Add an account that files feed, without a balance yet. Raises ``BadAccountName``."""
    name = " ".join(new.name.split())
    if not 0 < len(name) <= _NAME_LENGTH:
        raise BadAccountName(f"A name has 1 to {_NAME_LENGTH} characters.", field="name")
    account_id = AccountId(new_id())
    kind = rules.account_type(new.type)
    await db.execute(
        """
        INSERT INTO accounts (
            user_id, id, name, type, subtype, category, mask, iban, currency, is_manual,
            created_at, updated_at)
        VALUES (%(owner)s, %(id)s, %(name)s, %(type)s, %(subtype)s, %(category)s, %(mask)s,
                %(iban)s, %(currency)s, true, %(now)s, %(now)s)
        """,
        {
            "owner": owner,
            "id": account_id,
            "name": name,
            "type": kind,
            "subtype": new.subtype,
            "category": rules.category(kind, new.subtype).value,
            "mask": new.mask,
            "iban": new.iban,
            "currency": new.currency,
            "now": now,
        },
    )
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action="accounts.open_from_file",
        resource_type="account",
        resource_id=str(account_id),
        now=now,
    )
    return await get(db, owner=owner, account_id=account_id)


async def ibans(db: Db, *, owner: UserId) -> dict[str, AccountId]:
    """Return the owner's accounts by the IBAN that is known of them."""
    cursor = await db.execute(
        "SELECT iban, id FROM accounts WHERE user_id = %(owner)s AND iban IS NOT NULL",
        {"owner": owner},
    )
    return {iban: AccountId(account_id) for iban, account_id in await cursor.fetchall()}


async def person_valued(db: Db, *, owner: UserId, account_id: AccountId) -> bool:
    """Return whether the person, or a bank, has said what the account is worth."""
    return bool(
        await core_db.value(
            db,
            """
            SELECT EXISTS (SELECT 1 FROM account_balances
                           WHERE user_id = %(owner)s AND account_id = %(id)s
                             AND source IN ('manual', 'plaid'))
            """,
            {"owner": owner, "id": account_id},
        )
    )


async def tell_file_balances(
    db: Db, *, owner: UserId, told: Mapping[AccountId, Sequence[Told]], now: datetime
) -> None:
    """Make these the balances that files tell of these accounts, in place of earlier ones.

    A day that the person or a bank has spoken of stays as they said. The caller asks for net worth
    to follow, with ``net_worth_changed``; a rate or schedule moves the new ones on within the hour.
    """
    await db.execute(
        """
        DELETE FROM account_balances
        WHERE user_id = %(owner)s AND account_id = ANY(%(ids)s)
          AND source IN ('file', 'estimated', 'projected')
        """,
        {"owner": owner, "ids": list(told)},
    )
    facts = [(key, one.day, one.balance) for key, balances in told.items() for one in balances]
    await db.execute(
        """
        INSERT INTO account_balances (user_id, account_id, day, balance, currency, source,
                                      reported_at)
        SELECT %(owner)s, f.account_id, f.day, f.balance, a.currency, 'file', %(now)s
        FROM unnest(%(ids)s::uuid[], %(days)s::date[], %(balances)s::numeric[])
             AS f (account_id, day, balance)
        JOIN accounts a ON a.user_id = %(owner)s AND a.id = f.account_id
        ON CONFLICT (user_id, account_id, day) DO NOTHING
        """,
        {
            "owner": owner,
            "ids": [key for key, _, _ in facts],
            "days": [day for _, day, _ in facts],
            "balances": [balance for _, _, balance in facts],
            "now": now,
        },
    )


async def drop_unused(db: Db, *, owner: UserId, account_ids: Sequence[UUID]) -> int:
    """Delete those of the accounts that nothing stands in: no row, no value that anybody told.

    For accounts that were made to take a file in, once the file is taken out again.
    """
    return await core_db.execute(
        db,
        """
        DELETE FROM accounts a
        WHERE a.user_id = %(owner)s AND a.id = ANY(%(ids)s) AND a.is_manual
          AND NOT EXISTS (SELECT 1 FROM transactions t
                          WHERE t.user_id = %(owner)s AND t.account_id = a.id)
          AND NOT EXISTS (SELECT 1 FROM account_balances b
                          WHERE b.user_id = %(owner)s AND b.account_id = a.id
                            AND b.source <> 'estimated')
        """,
        {"owner": owner, "ids": list(account_ids)},
    )
