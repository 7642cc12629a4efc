"""A whole book that is imported: what it tells besides rows, kept until it is taken in.

Accounts without rows, balances by day, categories, what a person chose, and sections: what every
domain tells of its own. The rows themselves go the way of every file's: see ``imports``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from psycopg.types.json import Json

from strongroom import accounts, transactions
from strongroom.accounts import Restored
from strongroom.connections.files import (
    Beside,
    FileAccount,
    FileBalance,
    FileCategory,
    Limits,
    Problem,
    Reading,
)
from strongroom.connections.imports.kept import unpacked
from strongroom.connections.imports.text import kept_json
from strongroom.connections.imports.types import FileTold
from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.core.ids import UserId
from strongroom.core.sections import Known, Outcome, Sections, Told, mentioned
from strongroom.transactions import BookCategory, FileTarget
from strongroom.ui import gettext

_BY_HAND = "manual"
_OF_ITS_OWN = (_BY_HAND, "estimated")
"""Who told of balances that an account which was there before has of itself."""
_OF_AN_ACCOUNT = ("key", "name", "type", "subtype", "mask", "more")


@dataclass(frozen=True, slots=True)
class ImportedBook:
    """What an exported book tells besides its rows; of another file nothing."""

    accounts: Mapping[str, FileAccount] = field(default_factory=dict)
    balances: Sequence[FileBalance] = ()
    categories: Sequence[FileCategory] = ()
    sections: Told = field(default_factory=dict)

    def __bool__(self) -> bool:
        """Whether it is a book: only ours tell their categories, and what stands beside rows."""
        return bool(self.categories or self.sections)


def silent(reading: Reading, held: Sequence[FileAccount], keys: Iterable[str]) -> list[FileTold]:
    """Return a book's accounts that no row is in: they come along with their balances."""
    if not reading.is_book:
        return []
    heard = set(keys)
    return [
        FileTold(
            key=one.key, name=one.name, type=one.type, subtype=one.subtype, mask=one.mask,
            iban=one.iban, currency=one.currency, balance=one.balance,
            balance_day=one.balance_day,
        )
        for one in held
        if one.key not in heard
    ]  # fmt: skip


async def keep(
    db: Db, *, owner: UserId, import_id: UUID, reading: Reading, held: Sequence[FileAccount]
) -> None:
    """Keep what a book tells until it is taken in; in place of an earlier reading."""
    await _forget(db, owner, import_id)
    if not reading.is_book:
        return
    told = {
        "accounts": [{name: getattr(one, name) for name in _OF_AN_ACCOUNT} for one in held],
        "balances": [
            [one.account, one.day.isoformat(), f"{one.balance:f}", one.currency, one.source]
            for one in reading.balances
        ],
        "categories": [list(one) for one in reading.categories],
        "sections": dict(reading.sections),
    }
    await core_db.execute(
        db,
        "INSERT INTO import_books (user_id, import_id, book) VALUES (%(owner)s, %(id)s, %(book)s)",
        {"owner": owner, "id": import_id, "book": Json(kept_json(told))},
    )


async def find(db: Db, *, owner: UserId, import_id: UUID) -> ImportedBook:
    """Return what was kept of a book, which of other files is nothing."""
    told = await core_db.value(
        db,
        "SELECT book FROM import_books WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        {"owner": owner, "import_id": import_id},
    )
    if told is None:
        return ImportedBook()
    return ImportedBook(
        {one["key"]: FileAccount(**one) for one in told["accounts"]},
        [
            FileBalance(key, date.fromisoformat(day), Decimal(balance), *more)
            for key, day, balance, *more in told["balances"]
        ],
        [FileCategory(*one) for one in told["categories"]],
        told.get("sections", {}),
    )


async def restore_categories(
    db: Db, *, owner: UserId, book: ImportedBook, now: datetime
) -> transactions.BookCategories:
    """Make the person's own categories that a book tells of; before its rows are taken in."""
    told = [BookCategory(*one[:-1]) for one in book.categories]
    return await transactions.restore_categories(db, owner=owner, told=told, now=now)


async def restore(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    book: ImportedBook,
    targets: Mapping[str, FileTarget],
    made: Sequence[UUID],
    categories: transactions.BookCategories,
    today: date,
    now: datetime,
) -> None:
    """Bring back the rest of a book once its rows are in, before balances are written.

    An account that was there before keeps what it says of itself.
    """
    if not book:
        return
    await transactions.restore_rows(
        db, owner=owner, import_id=import_id, paths=categories.paths, now=now
    )
    new = {key: target for key, target in targets.items() if target.account_id in set(made)}
    told = [_restored(book.accounts[key], target) for key, target in new.items()]
    await accounts.restore(db, owner=owner, accounts=told, now=now)
    days = [
        (targets[one.account], one)
        for one in book.balances
        if one.account in targets
        and one.day <= today
        and one.currency in (None, targets[one.account].currency)
        and (one.account in new or one.source not in _OF_ITS_OWN)
    ]
    values = [(to.account_id, one.day, one.balance) for to, one in days if one.source == _BY_HAND]
    await accounts.restore_values(db, owner=owner, values=values, now=now)
    await _tell(db, owner, import_id, [(to, one) for to, one in days if one.source != _BY_HAND])


async def bring_back(
    db: Db,
    *,
    owner: UserId,
    import_id: UUID,
    file_name: str,
    book: ImportedBook,
    targets: Mapping[str, FileTarget],
    categories: transactions.BookCategories,
    sections: Sections,
    limits: Limits,
    now: datetime,
) -> Outcome:
    """Hand the sections of a book back to their domains, once its rows and accounts are in."""
    outcome = Outcome()
    if book.sections:
        rows = {
            **{key: target.account_id for key, target in targets.items()},
            **{
                one.id: categories.paths[one.path]
                for one in book.categories
                if one.path in categories.paths
            },
            **await transactions.rows_of_book(
                db,
                owner=owner,
                import_id=import_id,
                keys=mentioned(book.sections, "trn"),
                accounts=[target.account_id for target in targets.values()],
            ),
        }
        async with unpacked(db, owner=owner, import_id=import_id, name=file_name) as source:
            with Beside(source, limits) as beside:
                known = Known(rows, beside.read)
                outcome = await sections.bring_back(
                    db, owner=owner, told=book.sections, known=known, now=now
                )
        await transactions.restore_hands(db, owner=owner, import_id=import_id)
    await _forget(db, owner, import_id)
    return outcome


def left_out(outcome: Outcome) -> list[Problem]:
    """Return what could not be brought back, in words; it stands in no line."""
    return [
        Problem(0, name, gettext("%(count)s of these could not be brought back.", count=count))
        for name, count in outcome.left_out.items()
    ]


async def _forget(db: Db, owner: UserId, import_id: UUID) -> None:
    await core_db.execute(
        db,
        "DELETE FROM import_books WHERE user_id = %(owner)s AND import_id = %(import_id)s",
        {"owner": owner, "import_id": import_id},
    )


def _restored(one: FileAccount, target: FileTarget) -> Restored:
    more: dict[str, Any] = kept_json(json.loads(one.more or "{}"))

    def instant(name: str) -> datetime | None:
        return datetime.fromisoformat(more[name]) if name in more else None

    return Restored(
        id=target.account_id,
        type=one.type,
        subtype=one.subtype,
        kind=more.get("kind"),
        official_name=more.get("official_name"),
        mask=one.mask,
        institution_name=more.get("institution"),
        hidden_at=instant("hidden_at"),
        closed_at=instant("closed_at"),
        is_primary=more.get("primary") is True,
        details=more.get("details"),
        loan=more.get("loan"),
    )


async def _tell(
    db: Db, owner: UserId, import_id: UUID, days: Sequence[tuple[FileTarget, FileBalance]]
) -> None:
    """Keep what a book says accounts had at the end of each day."""
    await core_db.execute(
        db,
        """
        INSERT INTO file_balances (user_id, import_id, account_id, day, balance, currency)
        SELECT DISTINCT ON (b.account_id, b.day)
               %(owner)s, %(import_id)s, b.account_id, b.day, b.balance, b.currency
        FROM unnest(%(accounts)s::uuid[], %(days)s::date[], %(balances)s::numeric[],
                    %(currencies)s::text[]) AS b (account_id, day, balance, currency)
        ON CONFLICT (user_id, import_id, account_id, day) DO UPDATE SET balance = excluded.balance
        """,
        {
            "owner": owner,
            "import_id": import_id,
            "accounts": [target.account_id for target, _one in days],
            "days": [one.day for _target, one in days],
            "balances": [one.balance for _target, one in days],
            "currencies": [target.currency for target, _one in days],
        },
    )
