"""/transactions/sync: pages through an item's numbered changes, by cursor.

A cursor names the item (and account), where the run began, how far it has read and which
change was the latest when it began. Any later change while pages are still to be read is a
mutation, and the run must start again.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any, Final

from strongroom.sandbox.plaid import items, views
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import invalid
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.wire import Raw
from strongroom.sandbox.plaid.world import World

NOW: Final = "now"
_PARTS: Final = 6
_SELECT: Final = (
    "SELECT c.seq, c.kind, c.transaction_id, c.account_id, t.head, t.category_v1, t.category_v2,"
    " t.original FROM changes c JOIN transactions t USING (transaction_id)"
    " WHERE c.item_id = ? AND c.seq > ? AND c.seq <= ?"
)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a reader of the changes stands. ``position`` = ``head``: between two runs."""

    item_id: str
    account_id: str
    start: int
    position: int
    head: int

    def encode(self) -> str:
        """Write the cursor as the opaque text that clients keep."""
        text = f"1:{self.item_id}:{self.account_id}:{self.start}:{self.position}:{self.head}"
        return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True, slots=True)
class Page:
    """One request for changes."""

    cursor: str = ""
    count: int = 100
    account_id: str = ""
    original: bool = False
    version: str = "v2"


def decode(text: str, item: Item, account_id: str) -> Cursor:
    """Read a client's cursor; raises INVALID_FIELD when it is not one of this stream."""
    refusal = invalid("cursor", "is not associated with the access_token")
    try:
        parts = base64.b64decode(text.encode(), validate=True).decode().split(":")
        start, position, head = (int(part) for part in parts[3:])
    except (ValueError, binascii.Error) as error:
        raise refusal from error
    if len(parts) != _PARTS or parts[:3] != ["1", item["item_id"], account_id]:
        raise refusal
    if not 0 <= start <= position <= head <= item["log_head"]:
        raise refusal
    return Cursor(item["item_id"], account_id, start, position, head)


def read(world: World, item: Item, page: Page) -> dict[str, Any]:
    """Answer one page; raises the mutation error when changes came in between two pages."""
    if item["txn_status"] == items.NOT_READY:
        return _answer(item, [], [], page, next_cursor="", has_more=False)
    head = int(item["log_head"])
    if page.cursor == NOW:
        here = Cursor(item["item_id"], page.account_id, head, head, head)
        return _answer(item, [], [], page, next_cursor=here.encode(), has_more=False)
    if page.cursor:
        cursor = decode(page.cursor, item, page.account_id)
        if cursor.position == cursor.head:
            cursor = Cursor(cursor.item_id, cursor.account_id, cursor.head, cursor.head, head)
        elif cursor.head != head:
            raise PlaidError("TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION")
    else:
        cursor = Cursor(item["item_id"], page.account_id, 0, 0, head)
    return _read_from(world, item, cursor, page)


def _read_from(world: World, item: Item, cursor: Cursor, page: Page) -> dict[str, Any]:
    sql, values = _SELECT, [cursor.item_id, cursor.position, cursor.head]
    if cursor.start == 0:
        # From the beginning everything that is there arrives as added; what is gone never came.
        sql += " AND c.kind = 'added' AND t.state = 'live'"
    else:
        sql += " AND c.kind <> 'withdrawn'"
    if page.account_id:
        sql += " AND c.account_id = ?"
        values.append(page.account_id)
    found = world.db.execute(f"{sql} ORDER BY c.seq LIMIT ?", (*values, page.count + 1)).fetchall()
    has_more = len(found) > page.count
    found = found[: page.count]
    position = cursor.head
    if has_more:
        position = found[-1]["seq"] if found else cursor.position
    following = Cursor(cursor.item_id, cursor.account_id, cursor.start, position, cursor.head)
    ids = {row["account_id"] for row in found}
    accounts = [
        views.account_object(row)
        for row in views.account_rows(world, item)
        if row["account_id"] in ids
    ]
    return _answer(item, found, accounts, page, next_cursor=following.encode(), has_more=has_more)


def _answer(
    item: Item,
    found: list[Any],
    accounts: list[dict[str, Any]],
    page: Page,
    *,
    next_cursor: str,
    has_more: bool,
) -> dict[str, Any]:
    status = item["txn_status"]
    return {
        "accounts": accounts,
        "added": _objects(found, "added", page),
        "modified": _objects(found, "modified", page),
        "removed": [
            {"account_id": row["account_id"], "transaction_id": row["transaction_id"]}
            for row in found
            if row["kind"] == "removed"
        ],
        "has_more": has_more,
        "next_cursor": next_cursor,
        "transactions_update_status": status if status != items.OFF else items.NOT_READY,
    }


def _objects(found: list[Any], kind: str, page: Page) -> Raw:
    return Raw(
        "[" + ",".join(transaction_text(row, page) for row in found if row["kind"] == kind) + "]"
    )


def transaction_text(row: Any, page: Page) -> str:
    """Finish a stored transaction: its category in the version asked for, and its last brace."""
    category = row["category_v1"] if page.version == "v1" else row["category_v2"]
    original = f',"original_description":{row["original"]}' if page.original else ""
    return f'{row["head"]},"personal_finance_category":{category}{original}}}'
