"""How a transaction, and a filter of them, stand in JSON and in addresses of ``/api/v1``.

Shared by the routes of the book; asks for nothing but a category that a text names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import BaseModel

from strongroom import accounts, identity, transactions
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.wire import WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions.types import Filter, Transaction

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
TransactionRef = Annotated[TransactionId, WireId("trn")]
_LONGEST_TEXT = 200


class CategoryRef(BaseModel):
    """A transaction's category. ``key`` is stable for the default ones."""

    id: Annotated[CategoryId, WireId("cat")]
    key: str | None
    name: str | None
    kind: str


class TransactionOut(BaseModel):
    """One transaction; ``amount`` above zero is money in.

    ``category_by`` and ``merchant_by`` tell whose hand it is: bank, rule or person. ``transfer``:
    it is a leg of a matched transfer between your own accounts. ``found`` is what a search by
    category found of it: of a split row the parts in that category, else the whole ``amount``.
    """

    id: TransactionRef
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    day: date
    happened_on: date | None
    amount: WireMoney
    found: WireMoney
    title: str
    description: str
    merchant: str | None
    category: CategoryRef
    category_by: str
    merchant_by: str
    split: bool
    transfer: bool
    origin: str
    pending: bool
    note: str | None
    reviewed_at: datetime | None
    removed_by_bank: datetime | None
    never_booked_at: datetime | None
    tags: list[str]

    @classmethod
    def of(cls, row: Transaction) -> TransactionOut:
        """Return the transaction as it stands in JSON."""
        return cls(
            id=row.id,
            account=row.account_id,
            account_name=row.account_name,
            day=row.day,
            happened_on=row.happened_on,
            amount=row.amount,
            found=row.found,
            title=row.title,
            description=row.description,
            merchant=row.merchant,
            category=CategoryRef(
                id=row.category_id, key=row.category_key, name=row.category_name, kind=row.kind
            ),
            category_by=row.category_by,
            merchant_by=row.merchant_by,
            split=row.is_split,
            transfer=row.transfer_id is not None,
            origin=row.origin,
            pending=row.pending,
            note=row.note,
            reviewed_at=row.reviewed_at,
            removed_by_bank=row.removed_by_bank,
            never_booked_at=row.never_booked_at,
            tags=list(row.tags),
        )


def filter_of(
    q: Annotated[str, Query(max_length=_LONGEST_TEXT, description="Text or amount")] = "",
    category: Annotated[
        str, Query(max_length=100, description="A category's key or id (cat_…)")
    ] = "",
    account: Annotated[str, Query(description="acc_…")] = "",
    since: Annotated[date | None, Query(description="First day")] = None,
    until: Annotated[date | None, Query(description="Last day")] = None,
    to_review: Annotated[bool, Query()] = False,
    pending: Annotated[bool | None, Query()] = None,
    tag: Annotated[str, Query(max_length=100, description="A tag's name")] = "",
) -> Filter:
    """Read a filter from an address. Raises ``BackToFront`` and ``NotFound`` for a bad id."""
    if since is not None and until is not None and since > until:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    return Filter(
        text=q.strip(),
        category=category,
        account_id=AccountId(ids.parse("acc", account)) if account else None,
        since=since,
        until=until,
        to_review=to_review,
        pending=pending,
        tag=tag.strip(),
    )


Wanted = Annotated[Filter, Depends(filter_of)]


async def find_category(db: Db, caller: identity.Caller, text: str) -> CategoryId:
    """Return the category that a ``cat_…`` id or a key names. Raises ``CategoryNotFound``."""
    known = await transactions.categories(db, owner=caller.owner)
    for category in known:
        if text in (category.key, ids.show("cat", category.id)):
            return category.id
    raise transactions.CategoryNotFound("There is no such category.", field="category")
