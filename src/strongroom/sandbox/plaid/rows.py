"""Turns rows into Plaid's transaction objects, as JSON text written once and kept.

A transaction is kept as a head (without its last brace), its category in both versions and the
bank's own words, so that a page of 500 is joined text and not 500 objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, Final

from strongroom.sandbox.plaid import categories
from strongroom.sandbox.plaid.ids import stable_id
from strongroom.sandbox.plaid.persona import Row, split_currency
from strongroom.sandbox.plaid.wire import Raw, dumps, loads, number

_PAYMENT_META: Final = (
    '{"by_order_of":null,"payee":null,"payer":null,"payment_method":null,'
    '"payment_processor":null,"ppd_id":null,"reason":null,"reference_number":null}'
)


@dataclass(frozen=True, slots=True)
class Stored:
    """One transaction as the state file keeps it."""

    transaction_id: str
    account_id: str
    date: str
    amount: str
    pending: bool
    posts_on: str | None
    head: str
    category_v1: str
    category_v2: str
    original: str


def write(row: Row, account_id: str, transaction_id: str, pending_id: str | None = None) -> Stored:
    """Write a row out as it will be served."""
    iso, unofficial = split_currency(row.currency)
    amount = number(row.amount)
    body: dict[str, Any] = {
        "account_id": account_id,
        "account_owner": None,
        "amount": Raw(amount),
        "authorized_date": row.authorized.isoformat(),
        "authorized_datetime": None,
        "category": None,
        "category_id": None,
        "check_number": None,
        "counterparties": Raw(_counterparties(row)),
        "date": row.day.isoformat(),
        "datetime": None,
        "iso_currency_code": iso,
        "location": Raw(_location(row.city)),
        "logo_url": None,
        "merchant_entity_id": _merchant_id(row.merchant) if row.merchant else None,
        "merchant_name": row.merchant,
        "name": row.name,
        "payment_channel": row.channel,
        "payment_meta": Raw(_PAYMENT_META),
        "pending": row.pending,
        "pending_transaction_id": pending_id,
        "transaction_code": None,
        "transaction_id": transaction_id,
        "transaction_type": _legacy_type(row),
        "unofficial_currency_code": unofficial,
        "website": row.website,
    }
    return Stored(
        transaction_id=transaction_id,
        account_id=account_id,
        date=row.day.isoformat(),
        amount=amount,
        pending=row.pending,
        posts_on=row.posts_on.isoformat() if row.posts_on else None,
        head=dumps(body)[:-1],
        category_v1=dumps(categories.as_object(row.category, row.confidence, "v1")),
        category_v2=dumps(categories.as_object(row.category, row.confidence, "v2")),
        original=quoted(row.name),
    )


def changed(
    head: str, *, amount: Decimal | None = None, name: str | None = None
) -> tuple[str, str]:
    """Give (head, amount) of a transaction whose amount or name the bank has corrected."""
    body = loads(head + "}")
    if amount is not None:
        body["amount"] = amount
    if name is not None:
        body["name"] = name
    return dumps(body)[:-1], number(Decimal(body["amount"]))


def posted(
    head: str, *, transaction_id: str, day: date, amount: Decimal | None, linked: bool
) -> tuple[str, str]:
    """Give (head, amount) of the posted successor of a pending transaction.

    ``linked`` False is a bank whose posted rows do not say which pending row they were.
    """
    body = loads(head + "}")
    body |= {
        "pending": False,
        "pending_transaction_id": body["transaction_id"] if linked else None,
        "transaction_id": transaction_id,
        "date": day.isoformat(),
    }
    if amount is not None:
        body["amount"] = amount
    return dumps(body)[:-1], number(Decimal(body["amount"]))


@lru_cache(maxsize=512)
def _merchant_id(name: str) -> str:
    return stable_id("merchant", name)


def _counterparties(row: Row) -> str:
    if row.merchant is None:
        return "[]"
    return dumps(
        [
            {
                "confidence_level": "VERY_HIGH",
                "entity_id": _merchant_id(row.merchant),
                "logo_url": None,
                "name": row.merchant,
                "type": row.counterparty,
                "website": row.website,
            }
        ]
    )


def _location(city: str | None) -> str:
    return (
        f'{{"address":null,"city":{quoted(city) if city else "null"},"country":null,"lat":null,'
        '"lon":null,"postal_code":null,"region":null,"store_number":null}'
    )


def _legacy_type(row: Row) -> str:
    return {"online": "digital", "in store": "place"}.get(row.channel, "special")
