"""Items with very many rows at once, for measuring. Invents nothing believable."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from strongroom.sandbox.plaid import items, ledger
from strongroom.sandbox.plaid.ask import Ask
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import REQUIRED_TEXT, TEXT, Field, check
from strongroom.sandbox.plaid.institutions import BY_ID, Institution
from strongroom.sandbox.plaid.items import Item, NewItem
from strongroom.sandbox.plaid.persona import Account, Persona, Row
from strongroom.sandbox.plaid.world import World

MOST_BULK: Final = 1_000_000
_BULK_CHUNK: Final = 2_000
_BULK_SHOPS: Final = (
    ("Daily Basket", "FOOD_AND_DRINK_GROCERIES"),
    ("Kopper Coffee", "FOOD_AND_DRINK_COFFEE"),
    ("Cityline Transit", "TRANSPORTATION_PUBLIC_TRANSIT"),
    ("Forestway Fuel", "TRANSPORTATION_GAS"),
    ("Willow Clothing", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES"),
    ("Sundew Pharmacy", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS"),
    ("Trattoria Luna", "FOOD_AND_DRINK_RESTAURANT"),
)


def bulk(ask: Ask) -> dict[str, Any]:
    """Make an item with many transactions at once; returns its tokens."""
    world = ask.world
    table = {
        "count": Field("int", required=True, low=1, high=MOST_BULK),
        "client_id": REQUIRED_TEXT,
        "institution_id": TEXT,
        "accounts": Field("int", low=1, high=10),
        "webhook": Field("str", nullable=True),
    }
    wish = check(table | {"secret": TEXT}, {"client_id": None, **ask.body}, "bulk.")
    bank = BY_ID.get(wish.get("institution_id", "ins_109508"))
    if bank is None:
        raise PlaidError("INVALID_INSTITUTION")
    number = items.reserve_number(world)
    accounts = wish.get("accounts", 3)
    new = NewItem(wish["client_id"], bank, items.BULK, ("transactions",),
                  webhook=wish.get("webhook"))  # fmt: skip
    persona = Persona(
        [
            Account(
                "depository",
                "checking",
                f"Bulk {index + 1}",
                None,
                f"{index:04d}",
                Decimal("1000.00"),
                Decimal("1000.00"),
                currency=bank.currency,
            )
            for index in range(accounts)
        ],
        (),
    )
    item_id = items.create(world, new, persona, number)
    account_ids = [
        items.account_id_of(items.seed_of(world, number), index) for index in range(accounts)
    ]
    # In chunks, so that a large item does not need its rows in memory all at once.
    for start in range(0, wish["count"], _BULK_CHUNK):
        indexes = range(start, min(start + _BULK_CHUNK, wish["count"]))
        chunk = [_bulk_row(world, index, wish["count"], accounts, bank) for index in indexes]
        ledger.stage(world.db, item_id, account_ids, chunk, first=start)
    # There is nothing to wait for: the first update is over when this call returns.
    world.db.execute(
        "UPDATE items SET initial_at = ?, historical_at = ? WHERE item_id = ?",
        (time.time() - 2, time.time() - 1, item_id),
    )
    items.advance(world, items.find(world, item_id))
    item: Item = items.find(world, item_id)
    return {
        "access_token": items.new_access_token(world, item),
        "item_id": item_id,
        "transactions": wish["count"],
    }


def _bulk_row(world: World, index: int, count: int, accounts: int, bank: Institution) -> Row:
    day = world.today() - timedelta(days=(index * 730) // count)
    name, category = _BULK_SHOPS[index % len(_BULK_SHOPS)]
    cents = (index * 7919) % 25_000 + 101
    return Row(
        account=index % accounts,
        day=day,
        authorized=day,
        amount=Decimal(-cents if index % 20 == 0 else cents).scaleb(-2),
        name=f"{name.upper()} {index:07d}",
        category=category,
        merchant=name,
        currency=bank.currency,
        channel="in store",
    )
