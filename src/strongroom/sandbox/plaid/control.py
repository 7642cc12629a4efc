"""The control door under /_sandbox: truth, faults, clock, webhooks, and what befalls items.

Not part of Plaid's API. Needs no credentials and answers loopback callers only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom.sandbox.plaid import bulk, control_items, faults, rate_limits, webhooks
from strongroom.sandbox.plaid.ask import Act, Ask
from strongroom.sandbox.plaid.clock import stamp
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.fields import Field, check
from strongroom.sandbox.plaid.ids import request_id
from strongroom.sandbox.plaid.store import empty, saved, set_meta
from strongroom.sandbox.plaid.wire import BadJson, dumps, loads
from strongroom.sandbox.plaid.world import World

_NAMES_OF_HERE: Final = ("localhost", "testserver")


def routes(world: World) -> list[Route]:
    """Give the control door's routes."""

    def route(path: str, method: str, act: Act) -> Route:
        return Route(path, _served(world, act), methods=[method])

    return [
        route("/health", "GET", health),
        route("/truth", "GET", control_items.truth),
        route("/items", "GET", control_items.list_items),
        route("/items/{name}/webhooks", "GET", control_items.sent_webhooks),
        *(route(f"/items/{{name}}/{act}", "POST", one)
          for act, one in control_items.ACTS.items()),
        route("/faults", "GET", show_faults),
        route("/faults", "POST", put_faults),
        route("/faults", "DELETE", drop_faults),
        route("/rate_limits", "GET", show_rate_limits),
        route("/rate_limits", "POST", set_rate_limits),
        route("/clock", "GET", show_clock),
        route("/clock", "POST", set_clock),
        route("/bulk", "POST", bulk.bulk),
        route("/webhooks", "GET", list_webhooks),
        route("/webhooks/{name}/again", "POST", send_again),
        route("/webhook_keys/rotate", "POST", rotate_key),
        route("/reset", "POST", reset),
    ]  # fmt: skip


def _served(world: World, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        if not may_enter(world, request):
            return _json({"error": "the control door answers loopback callers only"}, 403)
        try:
            body = loads(raw or b"{}")
            if not isinstance(body, dict):
                raise BadJson("the body must be a JSON object")
            ask = Ask(world, request.path_params.get("name", ""), body, request.query_params)
            with saved(world.db):
                return _json(act(ask))
        except BadJson as error:
            return _json(PlaidError("INVALID_BODY", str(error)).as_object(request_id()), 400)
        except PlaidError as error:
            return _json(error.as_object(request_id()), error.status)

    return serve


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(dumps(body), status, media_type="application/json")


def may_enter(world: World, request: Request, *, looks: bool = False) -> bool:
    """Let in callers on this machine, but no page of another site in a browser on it.

    The Host must be a name of this machine too, or a foreign site could lend its own to it.
    Who only ``looks`` may follow a link from anywhere.
    """
    site = request.headers.get("sec-fetch-site", "none")
    caller = request.client is not None and _is_loopback(request.client.host)
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    own = urlsplit(world.options.base_url).hostname
    here = host in (*_NAMES_OF_HERE, own) or _is_loopback(host)
    told = looks and request.headers.get("sec-fetch-mode") == "navigate"
    return caller and here and (told or site in ("none", "same-origin"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def health(ask: Ask) -> dict[str, Any]:
    """Say that the sandbox is up, and how full it is."""
    counted = ask.world.db.execute(
        "SELECT count(*) AS items, coalesce(sum(log_head), 0) AS changes FROM items"
        " WHERE removed_at IS NULL"
    ).fetchone()
    return {"status": "ok", "items": counted["items"], "changes": counted["changes"],
            "today": ask.world.today().isoformat()}  # fmt: skip


def show_faults(ask: Ask) -> dict[str, Any]:
    """Show the fault plan and how often it has struck."""
    return {"plan": faults.plan_of(ask.world), "struck": faults.struck(ask.world)}


def put_faults(ask: Ask) -> dict[str, Any]:
    """Set the fault plan."""
    return {"plan": faults.set_plan(ask.world, dict(ask.body))}


def drop_faults(ask: Ask) -> dict[str, Any]:
    """Stop all faults."""
    faults.clear_plan(ask.world)
    return {"plan": {}}


def show_rate_limits(ask: Ask) -> dict[str, Any]:
    """Show which limits are in force."""
    return {"tier": rate_limits.tier_of(ask.world)}


def set_rate_limits(ask: Ask) -> dict[str, Any]:
    """Put Plaid's limits for its sandbox or its production in force, or none."""
    wish = check({"tier": Field("str", required=True, choices=rate_limits.TIERS)}, ask.body)
    rate_limits.set_tier(ask.world, wish["tier"])
    return wish


def show_clock(ask: Ask) -> dict[str, Any]:
    """Show the sandbox's time."""
    clock = ask.world.clock
    return {"now": stamp(ask.world.now()), "speed": Decimal(str(clock.speed)),
            "offset_seconds": int(clock.offset_seconds())}  # fmt: skip


def set_clock(ask: Ask) -> dict[str, Any]:
    """Move the sandbox's time, or let it run faster; kept over restarts as an offset."""
    wish = check({"offset_seconds": Field("number"), "speed": Field("number")}, ask.body)
    world = ask.world
    offset = wish.get("offset_seconds", Decimal(int(world.clock.offset_seconds())))
    speed = wish.get("speed", Decimal(str(world.clock.speed)))
    world.clock.set(offset_seconds=float(offset), speed=float(speed))
    set_meta(world.db, "clock", dumps({"offset_seconds": offset, "speed": speed}))
    world.wake()
    return show_clock(ask)


def list_webhooks(ask: Ask) -> dict[str, Any]:
    """List the last webhooks: where to, which code, how delivery went."""
    rows = ask.world.db.execute("SELECT * FROM webhooks ORDER BY id DESC LIMIT 200").fetchall()
    return {"webhooks": list(map(webhooks.as_object, rows))}


def send_again(ask: Ask) -> dict[str, Any]:
    """Deliver a webhook once more, as it was."""
    return {"sent": webhooks.send_again(ask.world, ask.name)}


def rotate_key(ask: Ask) -> dict[str, Any]:
    """Expire the webhook signing key and begin to sign with a new one."""
    return {"kid": webhooks.rotate_key(ask.world.db)}


def reset(ask: Ask) -> dict[str, Any]:
    """Forget everything but the signing keys; the same seed then makes the same items again."""
    check({}, ask.body)
    empty(ask.world.db)
    ask.world.clock.set(offset_seconds=0.0, speed=1.0)
    ask.world.counted.clear()
    return {"reset": True}
