"""Made-up households told to the program as banks, files and people tell it, sync by sync.

Everything goes in through the doors; nothing here looks at what the program makes of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID

import psycopg

from benchmarks.labels import HouseAccount, Household, HouseRow
from strongroom import accounts, audit, fx, identity, transactions
from strongroom.accounts import BankAccount
from strongroom.core.db import Database
from strongroom.core.ids import AccountId, ItemId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import BankPage, BankTransaction, FileTarget, manual
from tests.prove.ground import Base, ring

_MANY = 200


@dataclass
class Told:
    """One household in the program: its person, its accounts, and what was asked at its import.

    ``rows`` are ids of rows that did not come from a bank, by their keys; ``asked`` those pairs of
    a file's and another row that the import asked about.
    """

    house: Household
    owner: UserId
    accounts: dict[str, AccountId] = field(default_factory=dict)
    rows: dict[str, UUID] = field(default_factory=dict)
    asked: list[tuple[UUID, UUID]] = field(default_factory=list)


@asynccontextmanager
async def opened(base: Base) -> AsyncIterator[Database]:
    """The program's database, as its processes open it."""
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    async with Database(base.app_dsn, base.system_dsn) as database:
        yield database


def noon(day: date) -> datetime:
    """Midday of a banking day."""
    return datetime.combine(day, time(12), UTC)


async def tell(database: Database, admin: psycopg.Connection, house: Household) -> Told:
    """Let somebody new live through a household's months; return who they are."""
    told = Told(house, UserId(new_id()))
    first = min(row.told_on for row in house.rows)
    _person(admin, told.owner, house, noon(first))
    await _load_rates(database, house)
    for bank in dict.fromkeys(one.bank for one in house.accounts):
        await _link(database, admin, told, bank, noon(first))
    for day in sorted(
        {row.told_on for row in house.rows} | {row.gone_on for row in house.rows if row.gone_on}
    ):
        await _day(database, told, day)
        if sum(row.told_on == day for row in house.rows) >= _MANY:
            admin.execute("SELECT refresh_statistics()")  # as the worker does after a large sync
    return told


def _person(admin: psycopg.Connection, owner: UserId, house: Household, now: datetime) -> None:
    admin.execute(
        "INSERT INTO users (id, email, password_hash, first_name, last_name, created_at,"
        " updated_at) VALUES (%s, %s, 'none', 'Kari', 'Nordmann', %s, %s)",
        (owner, f"{owner.hex}@example.org", now, now),
    )
    admin.execute(
        "INSERT INTO settings (user_id, time_zone, updated_at) VALUES (%s, 'UTC', %s)",
        (owner, now),
    )


async def _load_rates(database: Database, house: Household) -> None:
    if not house.rates:
        return
    lines = [f"{one.day},{one.base},{one.quote},{one.rate}" for one in house.rates]
    async with database.unit_of_work_for_all() as db:
        await fx.load_for_all(
            db, text="\n".join(["day,base,quote,rate", *lines]), source="made up",
            accept_odd=True, today=house.today, now=noon(house.today),
        )  # fmt: skip


async def _link(
    database: Database, admin: psycopg.Connection, told: Told, bank: str, now: datetime
) -> None:
    item_id = ItemId(new_id())
    admin.execute(
        "INSERT INTO plaid_items (user_id, id, plaid_item_id, environment, access_token,"
        " institution_name, created_at, updated_at)"
        " VALUES (%s, %s, %s, 'local', 'sealed', %s, %s, %s)",
        (told.owner, item_id, item_id.hex, bank, now, now),
    )
    reports = [_report(one, now) for one in told.house.accounts if one.bank == bank]
    async with database.unit_of_work(told.owner) as db:
        taken = await accounts.take_in(
            db, owner=told.owner, item_id=item_id, institution_name=bank, reports=reports,
            today=now.date(), now=now,
        )  # fmt: skip
    told.accounts |= dict(taken.ids)


def _report(one: HouseAccount, now: datetime) -> BankAccount:
    return BankAccount(
        plaid_account_id=one.key, persistent_account_id=None, name=one.name, official_name=None,
        type=one.type, subtype=one.subtype, mask=one.mask, currency=Currency(one.currency),
        current=Decimal(1000), available=None, credit_limit=None, reported_at=now,
    )  # fmt: skip


async def _day(database: Database, told: Told, day: date) -> None:
    """Tell what one day tells: by hand first, then a file, then each bank."""
    new = [row for row in told.house.rows if row.told_on == day]
    for row in new:
        if row.origin == "manual":
            await _by_hand(database, told, row, noon(day))
    if of_file := [row for row in new if row.origin == "file"]:
        await _file(database, told, of_file, noon(day))
    changes: dict[str, tuple[list[HouseRow], list[str]]] = defaultdict(lambda: ([], []))
    bank_of = {one.key: one.bank for one in told.house.accounts}
    for row in new:
        if row.origin == "bank":
            changes[bank_of[row.account]][0].append(row)
    for row in told.house.rows:
        if row.gone_on == day:
            changes[bank_of[row.account]][1].append(row.key)
    for bank, (added, removed) in changes.items():
        known = {key: told.accounts[key] for key, of in bank_of.items() if of == bank}
        await _sync(database, told, known, added, removed, noon(day))


async def _sync(
    database: Database,
    told: Told,
    known: Mapping[str, AccountId],
    added: Sequence[HouseRow],
    removed: Sequence[str],
    now: datetime,
) -> None:
    page = BankPage(added=[_bank_row(row) for row in added], removed=removed)
    async with database.unit_of_work(told.owner) as db:
        await transactions.apply(db, owner=told.owner, accounts=known, pages=[page], now=now)


def _bank_row(row: HouseRow) -> BankTransaction:
    raw = {"transaction_id": row.key, "name": row.text, "date": str(row.day),
           "amount": str(-row.amount), "pending": row.pending}  # fmt: skip
    return BankTransaction(
        plaid_transaction_id=row.key, plaid_account_id=row.account,
        pending_transaction_id=row.follows, pending=row.pending, amount=-row.amount,
        currency=Currency(row.currency), day=row.day, authorized_date=None, name=row.text,
        merchant_name=row.merchant, pfc_primary=None, pfc_detailed=row.pfc,
        payment_channel="other", raw=json.dumps(raw),
    )  # fmt: skip


async def _by_hand(database: Database, told: Told, row: HouseRow, now: datetime) -> None:
    entry = manual.NewEntry(
        account_id=told.accounts[row.account], day=row.day,
        amount=Money(row.amount, Currency(row.currency)), text=row.text,
    )  # fmt: skip
    async with database.unit_of_work(told.owner) as db:
        told.rows[row.key], _ = await manual.add(db, owner=told.owner, new=entry, now=now)


async def _file(database: Database, told: Told, rows: Sequence[HouseRow], now: datetime) -> None:
    """Bring a file. What it is asked about is left out, as a person who looks would."""
    import_id = new_id()
    told.rows |= {row.key: new_id() for row in rows}
    account = next(one for one in told.house.accounts if one.key == "checking")
    target = FileTarget(told.accounts["checking"], Currency(account.currency))
    async with database.unit_of_work(told.owner) as db:
        await transactions.begin_file(db)
        await transactions.stage_file(db, rows=[
            (told.rows[row.key], line, "file", row.day, row.amount, row.currency, row.text, None,
             None, None, None, None, False, False, None, row.text, False)
            for line, row in enumerate(rows, 1)
        ])  # fmt: skip
        await transactions.keep_file(db, owner=told.owner, import_id=import_id)
        await transactions.compare_file(
            db, owner=told.owner, import_id=import_id, accounts={"file": target}
        )
        alike = await transactions.preview_file(
            db, owner=told.owner, import_id=import_id, mark="alike", limit=1000
        )
        told.asked = [(one.id, one.rival_id) for one in alike if one.rival_id]
        await transactions.take_in_file(
            db, owner=told.owner, import_id=import_id, accounts={"file": target}, include=(),
            now=now,
        )  # fmt: skip
