"""Endpoints for transactions: sync, the older get, refresh and recurring streams."""

from __future__ import annotations

from typing import Any, Final

from strongroom.sandbox.plaid import dynamic, items, ledger, logins, recurring, sync, views
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.endpoint import Call, endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import ANY, FLAG, REQUIRED_TEXT, Field, invalid
from strongroom.sandbox.plaid.items import Item
from strongroom.sandbox.plaid.wire import Raw

_VERSION: Final = Field("str", nullable=True, choices=("v1", "v2"))
_DAYS: Final = Field("int", nullable=True, low=1, high=items.MOST_DAYS)
_COUNT: Final = Field("int", nullable=True, low=1, high=500)
_REQUIRED_DATE: Final = Field("date", required=True)
_COMMON: Final = {
    "include_original_description": FLAG,
    "include_personal_finance_category": FLAG,
    "include_logo_and_counterparty_beta": FLAG,
    "personal_finance_category_version": _VERSION,
    "days_requested": _DAYS,
}


def _page(call: Call, **more: Any) -> sync.Page:
    return sync.Page(
        original=bool(call.options.get("include_original_description")),
        version=call.options.get("personal_finance_category_version", "v2"),
        **more,
    )


def _item_with_transactions(call: Call) -> Item:
    """Give the item; its first transactions call may start Transactions with a window."""
    item = call.item()
    if item["txn_status"] == items.OFF:
        items.need_product(call.world, item, "transactions")
        days = call.options.get("days_requested") or item["days_requested"]
        items.start_transactions(call.world, item, days)
    return items.find(call.world, item["item_id"])


@endpoint(
    "/transactions/sync",
    access_token=REQUIRED_TEXT,
    cursor=Field("str", nullable=True),
    count=_COUNT,
    options=Field("object", members={**_COMMON, "account_id": Field("str", nullable=True)}),
)
def sync_transactions(call: Call) -> dict[str, Any]:
    """Give what changed since a cursor."""
    item = _item_with_transactions(call)
    account_id = call.options.get("account_id", "")
    if account_id:
        views.account_rows(call.world, item, [account_id])
    page = _page(
        call,
        cursor=call.body.get("cursor", ""),
        count=int(call.body.get("count", 100) * call.page_share),
        account_id=account_id,
    )
    answer = sync.read(call.world, item, page)
    if not item["synced"]:
        call.world.db.execute("UPDATE items SET synced = 1 WHERE item_id = ?", (item["item_id"],))
    return answer


@endpoint(
    "/transactions/get",
    access_token=REQUIRED_TEXT,
    start_date=_REQUIRED_DATE,
    end_date=_REQUIRED_DATE,
    options=Field(
        "object",
        members={
            **_COMMON,
            "include_personal_finance_category_beta": FLAG,
            "account_ids": Field("strings", nullable=True),
            "count": _COUNT,
            "offset": Field("int", nullable=True, low=0),
        },
    ),
)
def get_transactions(call: Call) -> dict[str, Any]:
    """Give transactions of a span of days, newest first."""
    start, end = call.body["start_date"], call.body["end_date"]
    if start > end:
        raise invalid("start_date", "must not be after end_date")
    item = _item_with_transactions(call)
    accounts = views.account_rows(call.world, item, call.options.get("account_ids"))
    if item["txn_status"] == items.NOT_READY:
        raise PlaidError("PRODUCT_NOT_READY")
    marks = ",".join("?" * len(accounts))
    where = f"item_id = ? AND state = 'live' AND date BETWEEN ? AND ? AND account_id IN ({marks})"
    values = (
        item["item_id"], start.isoformat(), end.isoformat(),
        *(row["account_id"] for row in accounts),
    )  # fmt: skip
    total = call.world.db.execute(
        f"SELECT count(*) FROM transactions WHERE {where}",  # noqa: S608  (only marks)
        values,
    ).fetchone()[0]
    found = call.world.db.execute(
        f"SELECT * FROM transactions WHERE {where}"  # noqa: S608  (only marks)
        " ORDER BY date DESC, position DESC LIMIT ? OFFSET ?",
        (*values, call.options.get("count", 100), call.options.get("offset", 0)),
    ).fetchall()
    page = _page(call)
    written = ",".join(sync.transaction_text(row, page) for row in found)
    return {
        "accounts": list(map(views.account_object, accounts)),
        "item": views.item_object(item),
        "total_transactions": total,
        "transactions": Raw(f"[{written}]"),
    }


@endpoint("/transactions/refresh", access_token=REQUIRED_TEXT)
def refresh(call: Call) -> dict[str, Any]:
    """Ask for a look at the bank now; what it finds comes by webhook and sync."""
    item = _item_with_transactions(call)
    if item["txn_status"] == items.NOT_READY:
        # The first look is under way and will bring everything.
        return {}
    if item["username"] == logins.DYNAMIC:
        rng = items.draw(call.world, item)
        dynamic.stir(call.world.db, item["item_id"], rng, call.world.today())
    ledger.post_due(call.world.db, item["item_id"], call.world.today())
    call.world.db.execute(
        "UPDATE items SET updated_at = ? WHERE item_id = ?",
        (call.world.now().timestamp(), item["item_id"]),
    )
    if ledger.log_head(call.world.db, item["item_id"]) > item["log_head"]:
        items.announce(call.world, item, since=item["log_head"])
    return {}


@endpoint(
    "/transactions/recurring/get",
    access_token=REQUIRED_TEXT,
    account_ids=Field("strings", nullable=True),
    options=Field(
        "object",
        members={"include_personal_finance_category": ANY,
                 "personal_finance_category_version": _VERSION},
    ),
)  # fmt: skip
def get_recurring(call: Call) -> dict[str, Any]:
    """Give the streams of regular income and spending found in the item's rows."""
    item = _item_with_transactions(call)
    accounts = views.account_rows(call.world, item, call.body.get("account_ids") or None)
    if item["txn_status"] == items.NOT_READY:
        raise PlaidError("PRODUCT_NOT_READY")
    version = call.options.get("personal_finance_category_version", "v2")
    inflow, outflow = recurring.find(
        call.world.db, [row["account_id"] for row in accounts], version, call.world.today()
    )
    return {
        "inflow_streams": inflow,
        "outflow_streams": outflow,
        "personal_finance_category_version": version,
        "updated_datetime": stamp(call.world.now()),
    }
