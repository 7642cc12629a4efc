"""Banks that, linked again, tell mostly other rows than before: which, and word of it.

What is kept and found again is decided in transactions; nothing here changes a row.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from strongroom import accounts, transactions
from strongroom.connections import news
from strongroom.connections.types import Item
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, ItemId, UserId


@dataclass(frozen=True, slots=True)
class OtherHistory:
    """An account that its bank tells mostly otherwise since ``since``: rows may stand twice."""

    account_id: AccountId
    account: str
    since: date


async def other_histories(db: Db, *, owner: UserId, item_id: ItemId) -> list[OtherHistory]:
    """Return the accounts of a link of whose earlier rows most were not told again."""
    held = await accounts.list_all(db, owner=owner)
    names = {one.id: one.name for one in held if one.item_id == item_id}
    found = await transactions.other_histories(db, owner=owner, accounts=list(names))
    return [
        OtherHistory(AccountId(one.account_id), names[AccountId(one.account_id)], one.since)
        for one in found
    ]


async def tell_new(
    db: Db, *, owner: UserId, item: Item, known: Collection[OtherHistory], now: datetime
) -> None:
    """Tell the person of accounts that are told otherwise and were not among the ``known``."""
    before = {one.account_id for one in known}
    for one in await other_histories(db, owner=owner, item_id=item.id):
        if one.account_id not in before:
            await news.tell(
                db, owner, item, news.OTHER_HISTORY, now, news.LOOK_FOR_TWICE,
                account=one.account, day=one.since.isoformat(),
            )  # fmt: skip
