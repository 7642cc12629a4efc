"""People, bank accounts and bank rows for the tests of the money domains, made at their doors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from strongroom import accounts, transactions
from strongroom.accounts import BankAccount, OpenManual
from strongroom.core.ids import AccountId, ItemId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import Applied, BankPage, BankTransaction, Filter, Transaction, manual
from strongroom.transactions.manual import RowChange
from tests.identity.conftest import World

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
TODAY = NOW.date()
NOK, USD, EUR = Currency("NOK"), Currency("USD"), Currency("EUR")


def person(world: World, time_zone: str = "UTC") -> UserId:
    """Someone new with settings, without the cost of hashing a password."""
    owner = UserId(new_id())

    async def make(db: Any) -> None:
        await db.execute(
            "INSERT INTO users (id, email, password_hash, created_at, updated_at)"
            " VALUES (%s, %s, 'none', %s, %s)",
            (owner, f"{owner.hex}@example.com", NOW, NOW),
        )
        await db.execute(
            "INSERT INTO settings (user_id, time_zone, updated_at) VALUES (%s, %s, %s)",
            (owner, time_zone, NOW),
        )

    world.within_all(make)
    return owner


def item(world: World, owner: UserId) -> ItemId:
    """A linked bank as far as accounts know of it."""
    item_id = ItemId(new_id())

    async def make(db: Any) -> None:
        await db.execute(
            "INSERT INTO plaid_items (user_id, id, plaid_item_id, environment, access_token,"
            " institution_name, created_at, updated_at)"
            " VALUES (%s, %s, %s, 'local', 'sealed', 'Fjord Bank', %s, %s)",
            (owner, item_id, item_id.hex, NOW, NOW),
        )

    world.within_all(make)
    return item_id


def report(plaid_account_id: str, current: str | None, **more: Any) -> BankAccount:
    """What a bank says of one account: a checking account in NOK unless told otherwise."""
    facts: dict[str, Any] = {
        "plaid_account_id": plaid_account_id,
        "persistent_account_id": None,
        "name": plaid_account_id.title(),
        "official_name": None,
        "type": "depository",
        "subtype": "checking",
        "mask": "0001",
        "currency": NOK,
        "current": None if current is None else Decimal(current),
        "available": None,
        "credit_limit": None,
        "reported_at": NOW,
        **more,
    }
    return BankAccount(**facts)


def take_in(
    world: World,
    owner: UserId,
    item_id: ItemId,
    *reports: BankAccount,
    today: date = TODAY,
    now: datetime = NOW,
) -> dict[str, AccountId]:
    """Let the bank report accounts; returns their ids by Plaid's."""
    taken = world.within(
        owner,
        lambda db: accounts.take_in(
            db, owner=owner, item_id=item_id, institution_name="Fjord Bank", reports=reports,
            today=today, now=now,
        ),
    )  # fmt: skip
    return dict(taken.ids)


def row(plaid_id: str, amount: str, day: date = TODAY, **more: Any) -> BankTransaction:
    """A row as a bank's feed gives it (Plaid's sign); its raw text holds every fact."""
    facts: dict[str, Any] = {
        "plaid_transaction_id": plaid_id,
        "plaid_account_id": "checking",
        "pending_transaction_id": None,
        "pending": False,
        "amount": Decimal(amount),
        "currency": NOK,
        "day": day,
        "authorized_date": None,
        "name": f"ROW {plaid_id}",
        "merchant_name": None,
        "pfc_primary": "FOOD_AND_DRINK",
        "pfc_detailed": "FOOD_AND_DRINK_GROCERIES",
        "payment_channel": "in store",
        **more,
    }
    raw = {**facts, "amount": 0, "day": str(day), "authorized_date": str(facts["authorized_date"])}
    facts.setdefault("raw", json.dumps(raw).replace('"amount": 0', f'"amount": {amount}'))
    return BankTransaction(**facts)


def page(*added: BankTransaction, modified: Any = (), removed: Any = ()) -> BankPage:
    """One page of a feed."""
    return BankPage(added=added, modified=modified, removed=removed)


def apply(
    world: World,
    owner: UserId,
    known: Mapping[str, AccountId],
    *pages: BankPage,
    now: datetime = NOW,
) -> Applied:
    """Take one run of pages into the book."""
    return world.within(
        owner,
        lambda db: transactions.apply(db, owner=owner, accounts=known, pages=pages, now=now),
    )


def book(world: World, owner: UserId, **narrowed: Any) -> list[Transaction]:
    """Every row of the book that a filter lets through, newest first."""
    found = world.within(
        owner,
        lambda db: transactions.search(db, owner=owner, filter=Filter(**narrowed), limit=500),
    )
    assert found.next is None
    return list(found.items)


def by_name(world: World, owner: UserId) -> dict[str, Transaction]:
    """The book by the bank's text."""
    rows = book(world, owner)
    found = {one.description: one for one in rows}
    assert len(found) == len(rows)
    return found


def category(world: World, owner: UserId, key: str) -> Any:
    """The id of the default category called ``key``."""
    known = world.within(owner, lambda db: transactions.categories(db, owner=owner))
    return next(one.id for one in known if one.key == key)


def choose(world: World, owner: UserId, key: str, *ids: TransactionId) -> None:
    """Let the person put rows into a category."""
    chosen = category(world, owner, key)
    world.within(
        owner,
        lambda db: transactions.set_category(
            db, owner=owner, transaction_ids=ids, category_id=chosen, now=NOW
        ),
    )


def note(world: World, owner: UserId, transaction_id: TransactionId, text: str) -> Transaction:
    """Let the person write a note."""
    world.within(
        owner,
        lambda db: manual.change(
            db, owner=owner, transaction_ids=[transaction_id], change=RowChange(note=text), now=NOW
        ),
    )
    return world.within(
        owner, lambda db: transactions.get(db, owner=owner, transaction_id=transaction_id)
    )


def review(world: World, owner: UserId, *ids: TransactionId, reviewed: bool = True) -> None:
    """Let the person mark rows as looked at."""
    world.within(
        owner,
        lambda db: manual.change(
            db, owner=owner, transaction_ids=ids, change=RowChange(reviewed=reviewed), now=NOW
        ),
    )


def values(world: World, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Rows of a query as the role that sees everyone's."""

    async def ask(db: Any) -> list[tuple[Any, ...]]:
        return await (await db.execute(query, parameters)).fetchall()

    return world.within_all(ask)


def by_hand(
    world: World,
    owner: UserId,
    name: str,
    subtype: str,
    value: str,
    day: date,
    code: Currency = NOK,
) -> AccountId:
    """Something that no bank reports, with a value of that day."""
    new = OpenManual(name, subtype, Money(Decimal(value), code), day)
    opened = world.within(owner, lambda db: accounts.open_manual(db, owner=owner, new=new, now=NOW))
    return opened.id
