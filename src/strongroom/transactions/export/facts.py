"""What a row, an account or a category is called and carries in every format: the shared names.

Returns texts; how a format quotes them is the format's own matter.
"""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from strongroom.core import ids
from strongroom.core.money import Currency
from strongroom.core.plain import amount_text
from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    CategoryLine,
    RowLine,
)

VERSION: Final = 1
"""Of the whole: raised when a reader of today could not read what is written then."""


def amount(number: Decimal, code: str) -> str:
    """Return an exact amount with at least the currency's decimals."""
    return amount_text(number, Currency(code))


def maybe(number: Decimal | None, code: str) -> str | None:
    """Return an amount, or None where there is none."""
    return None if number is None else amount(number, code)


def when(moment: date | datetime | None) -> str | None:
    """Return a day or an instant (UTC) as ISO 8601."""
    return None if moment is None else moment.isoformat()


def of_account(account: AccountLine) -> dict[str, str | bool | None]:
    """Return everything about an account; ``kind`` says where it counts in net worth."""
    return {
        "id": ids.show("acc", account.id),
        "name": account.name,
        "official_name": account.official_name,
        "type": account.type,
        "subtype": account.subtype,
        "kind": account.category,
        "mask": account.mask,
        "iban": account.iban,
        "institution": account.institution_name,
        "manual": account.is_manual,
        "currency": account.currency,
        "hidden_at": when(account.hidden_at),
        "closed_at": when(account.closed_at),
    }


def of_category(category: CategoryLine) -> dict[str, str | None]:
    """Return everything about a category: a default one has a ``key`` and no name."""
    parent = category.parent_id
    return {
        "id": ids.show("cat", category.id),
        "parent": None if parent is None else ids.show("cat", parent),
        "key": category.key,
        "name": category.name,
        "kind": category.kind,
    }


def of_balance(line: BalanceLine) -> dict[str, str | None]:
    """Return everything about a day's balance; positive is owned."""
    return {
        "account": ids.show("acc", line.account_id),
        "day": when(line.day),
        "balance": amount(line.balance, line.currency),
        "currency": line.currency,
        "source": line.source,
        "available": maybe(line.available, line.currency),
        "credit_limit": maybe(line.credit_limit, line.currency),
        "reported_at": when(line.reported_at),
    }


def of_row(row: RowLine) -> dict[str, str | bool | None]:
    """Return everything about a row of the book; positive is money in."""
    return {
        "id": ids.show("trn", row.id),
        "account": ids.show("acc", row.account_id),
        "day": when(row.day),
        "happened_on": when(row.happened_on),
        "amount": amount(row.amount, row.currency),
        "currency": row.currency,
        "description": row.description,
        "merchant": row.merchant,
        "category": ids.show("cat", row.category_id),
        "category_by": row.category_by,
        "origin": row.origin,
        "pending": row.pending,
        "note": row.note,
        "needs_review": row.needs_review,
        "reviewed_at": when(row.reviewed_at),
        "removed_by_bank": when(row.removed_by_bank),
        "never_booked_at": when(row.never_booked_at),
        "merchant_by": row.merchant_by,
    }


def goes_to(category: CategoryLine) -> str | None:
    """Return the category that took the place of one that was done away with."""
    return None if category.goes_to is None else ids.show("cat", category.goes_to)


def hands(row: RowLine) -> dict[str, object]:
    """Return what rules set on a row; nothing where none did."""
    told = [
        {
            "rule": ids.show("rul", one.rule_id),
            "field": one.field,
            "value": one.value,
            "was": one.was,
            "at": when(one.at),
        }
        for one in row.hands
    ]
    return {"hands": told} if told else {}


def marks(row: RowLine) -> dict[str, object]:
    """Return what hangs on a row: its tags, and its parts if it is split."""
    return {
        "tags": list(row.tags),
        "parts": [
            {
                "category": ids.show("cat", part.category_id),
                "amount": amount(part.amount, row.currency),
                "note": part.note,
            }
            for part in row.parts
        ],
    }


def marks_as_texts(row: RowLine) -> dict[str, str | None]:
    """Return the same where a cell or a line is all there is: names by commas, parts as JSON."""
    parts = marks(row)["parts"]
    return {
        "tags": ", ".join(row.tags) or None,
        "parts": json.dumps(parts, ensure_ascii=False) if parts else None,
    }


def unusual(row: RowLine, *, account: str) -> list[tuple[str, str]]:
    """Return what plain-text accounting has no place for, where it is not as it mostly is.

    ``account`` is the row's account by its name in the file: a row that is not in the balance
    posts elsewhere, and says here where it belongs.
    """
    facts: list[tuple[str, str | None]] = [
        ("id", ids.show("trn", row.id)),
        ("account", None if row.counts else account),
        ("note", row.note),
        ("happened", when(row.happened_on)),
        ("category-by", None if row.category_by == "bank" else row.category_by),
        ("origin", None if row.origin == "bank" else row.origin),
        ("pending", "yes" if row.pending else None),
        ("reviewed", when(row.reviewed_at)),
        ("review", None if row.needs_review or row.reviewed_at else "no"),
        ("removed-by-bank", when(row.removed_by_bank)),
        ("never-booked", when(row.never_booked_at)),
        ("merchant-by", None if row.merchant_by == "bank" else row.merchant_by),
        *marks_as_texts(row).items(),
    ]
    return [(name, text) for name, text in facts if text is not None]
