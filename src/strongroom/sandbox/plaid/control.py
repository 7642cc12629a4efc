"""The control door under /_sandbox: truth, faults, mutations, clock, bulk data.

Not part of Plaid's API. Needs no credentials and answers loopback callers only.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom.sandbox.plaid import faults, items, ledger, views, webhooks
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import REQUIRED_TEXT, TEXT, Field, check
from strongroom.sandbox.plaid.ids import request_id
from strongroom.sandbox.plaid.institutions import BY_ID, Institution
from strongroom.sandbox.plaid.items import Item, NewItem
from strongroom.sandbox.plaid.persona import Account, Persona, Row
from strongroom.sandbox.plaid.store import saved, set_meta
from strongroom.sandbox.plaid.wire import BadJson, Raw, dumps, loads
from strongroom.sandbox.plaid.world import World

MOST_BULK: Final = 1_000_000
_BULK_CHUNK: Final = 2_000
Act = Callable[[World, Request, dict[str, Any]], dict[str, Any]]
_BULK_SHOPS: Final = (
    ("Daily Basket", "FOOD_AND_DRINK_GROCERIES"),
    ("Kopper Coffee", "FOOD_AND_DRINK_COFFEE"),
    ("Cityline Transit", "TRANSPORTATION_PUBLIC_TRANSIT"),
    ("Forestway Fuel", "TRANSPORTATION_GAS"),
    ("Willow Clothing", "GENERAL_MERCHANDISE_CLOTHING_AND_ACCESSORIES"),
    ("Sundew Pharmacy", "MEDICAL_PHARMACIES_AND_SUPPLEMENTS"),
    ("Trattoria Luna", "FOOD_AND_DRINK_RESTAURANT"),
)


def routes(world: World) -> list[Route]:
    """Give the control door's routes."""

    def route(path: str, method: str, act: Act) -> Route:
        return Route(path, _served(world, act), methods=[method])

    return [
        route("/health", "GET", health),
        route("/truth", "GET", truth),
        route("/items", "GET", list_items),
        route("/items/{item_id}/mutate", "POST", mutate),
        route("/items/{item_id}/error", "POST", set_error),
        route("/items/{item_id}/webhook", "POST", send_webhook),
        route("/faults", "GET", show_faults),
        route("/faults", "POST", put_faults),
        route("/faults", "DELETE", drop_faults),
        route("/clock", "GET", show_clock),
        route("/clock", "POST", set_clock),
        route("/bulk", "POST", bulk),
        route("/webhooks", "GET", list_webhooks),
        route("/webhook_keys/rotate", "POST", rotate_key),
    ]


def _served(world: World, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        if not _may_enter(request):
            return _json({"error": "the control door answers loopback callers only"}, 403)
        try:
            body = loads(raw or b"{}")
            if not isinstance(body, dict):
                raise BadJson("the body must be a JSON object")
            with saved(world.db):
                return _json(act(world, request, body))
        except BadJson as error:
            return _json(PlaidError("INVALID_BODY", str(error)).as_object(request_id()), 400)
        except PlaidError as error:
            return _json(error.as_object(request_id()), error.status)

    return serve


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(dumps(body), status, media_type="application/json")


def _may_enter(request: Request) -> bool:
    """Let in callers on this machine, but no page of another site in a browser on it."""
    site = request.headers.get("sec-fetch-site", "none")
    here = request.client is not None and _is_loopback(request.client.host)
    return here and site in ("none", "same-origin")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def health(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Say that the sandbox is up, and how full it is."""
    counted = world.db.execute(
        "SELECT count(*) AS items, coalesce(sum(log_head), 0) AS changes FROM items"
        " WHERE removed_at IS NULL"
    ).fetchone()
    return {"status": "ok", "items": counted["items"], "changes": counted["changes"],
            "today": world.today().isoformat()}  # fmt: skip


def list_items(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """List items without their tokens."""
    return {
        "items": [
            {"item_id": row["item_id"], "institution_id": row["institution_id"],
             "username": row["username"], "error_code": row["error_code"],
             "removed": row["removed_at"] is not None, "status": row["txn_status"]}
            for row in world.db.execute("SELECT * FROM items ORDER BY number")
        ]
    }  # fmt: skip


def truth(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Give an item's accounts and every transaction that a full sync must end with."""
    item = items.find(world, request.query_params.get("item_id", ""))
    items.advance(world, item)
    item = items.find(world, item["item_id"])
    rows = world.db.execute(
        "SELECT t.head, t.category_v2, t.original FROM transactions t"
        " JOIN accounts a USING (account_id)"
        " WHERE t.item_id = ? AND t.state = 'live' AND a.shared"
        " ORDER BY t.date, t.position, t.transaction_id",
        (item["item_id"],),
    )
    written = ",".join(
        f'{row["head"]},"personal_finance_category":{row["category_v2"]},'
        f'"original_description":{row["original"]}}}'
        for row in rows
    )
    return {
        "item": views.item_object(item),
        "status": item["txn_status"],
        "changes": item["log_head"],
        "removed": item["removed_at"] is not None,
        "accounts": [views.account_object(row) for row in views.account_rows(world, item)],
        "transactions": Raw(f"[{written}]"),
    }


def mutate(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Change rows of an item now, by seed, and send the webhook."""
    table = {"count": Field("int", low=1, high=10_000), "seed": Field("int"),
             "webhook": Field("bool")}  # fmt: skip
    wish = check(table, body)
    item = items.find(world, request.path_params["item_id"])
    items.advance(world, item)
    rng = items.draw(world, items.find(world, item["item_id"]))
    if "seed" in wish:
        rng.seed(f"{wish['seed']}|{item['number']}")
    made = ledger.shake(world.db, item["item_id"], rng, wish.get("count", 1), world.today())
    item = items.find(world, item["item_id"])
    if made and wish.get("webhook", True):
        items.announce(world, item, new_transactions=made)
    return {"changed": made, "changes": item["log_head"]}


def set_error(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Put an item into an error state, or out of it (``code`` null), with its webhook."""
    wish = check({"code": Field("str", nullable=True)}, body)
    item = items.find(world, request.path_params["item_id"])
    if wish.get("code"):
        try:
            items.set_error(world, item, wish["code"])
        except KeyError as error:
            raise PlaidError("INVALID_FIELD", "code is not a known error code") from error
    else:
        items.clear_error(world, item)
        items.fire(world, item, "ITEM", "LOGIN_REPAIRED")
    return {"error_code": wish.get("code")}


def send_webhook(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Send any webhook about an item, also those that Plaid's sandbox cannot fire."""
    table = {
        "webhook_type": REQUIRED_TEXT,
        "webhook_code": REQUIRED_TEXT,
        "members": Field("object", nullable=True),
    }
    wish = check(table, body)
    taken = {"webhook_type", "webhook_code", "item_id", "environment"}
    members = {key: value for key, value in wish.get("members", {}).items() if key not in taken}
    item = items.find(world, request.path_params["item_id"])
    url = item["webhook"]
    sent = webhooks.queue(
        world,
        item_id=item["item_id"],
        url=url,
        kind=wish["webhook_type"],
        code=wish["webhook_code"],
        members=members,
    )
    return {"sent": sent}


def show_faults(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Show the fault plan and how often it has struck."""
    return {"plan": faults.plan_of(world), "struck": faults.struck(world)}


def put_faults(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Set the fault plan."""
    return {"plan": faults.set_plan(world, body)}


def drop_faults(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Stop all faults."""
    faults.clear_plan(world)
    return {"plan": {}}


def show_clock(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Show the sandbox's time."""
    return {"now": stamp(world.now()), "speed": Decimal(str(world.clock.speed)),
            "offset_seconds": int(world.clock.offset_seconds())}  # fmt: skip


def set_clock(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Move the sandbox's time, or let it run faster; kept over restarts as an offset."""
    wish = check({"offset_seconds": Field("number"), "speed": Field("number")}, body)
    offset = wish.get("offset_seconds", Decimal(int(world.clock.offset_seconds())))
    speed = wish.get("speed", Decimal(str(world.clock.speed)))
    world.clock.set(offset_seconds=float(offset), speed=float(speed))
    set_meta(world.db, "clock", dumps({"offset_seconds": offset, "speed": speed}))
    world.wake()
    return show_clock(world, request, body)


def bulk(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Make an item with many transactions at once; returns its tokens."""
    table = {
        "count": Field("int", required=True, low=1, high=MOST_BULK),
        "client_id": REQUIRED_TEXT,
        "institution_id": TEXT,
        "accounts": Field("int", low=1, high=10),
        "webhook": Field("str", nullable=True),
    }
    wish = check(table | {"secret": TEXT}, {"client_id": None, **body}, "bulk.")
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


def list_webhooks(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """List the last webhooks: where to, which code, how delivery went."""
    rows = world.db.execute("SELECT * FROM webhooks ORDER BY id DESC LIMIT 200").fetchall()
    return {
        "webhooks": [
            {"id": row["id"], "item_id": row["item_id"], "url": row["url"], "code": row["code"],
             "attempts": row["attempts"], "outcome": row["outcome"],
             "done": row["due_at"] is None, "forged": bool(row["forged"])}
            for row in rows
        ]
    }  # fmt: skip


def rotate_key(world: World, request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Expire the webhook signing key and begin to sign with a new one."""
    return {"kid": webhooks.rotate_key(world.db)}
