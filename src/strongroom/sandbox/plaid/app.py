"""The web application: parses, checks credentials, draws faults, answers and keeps state.

Each API request is one unit of work on the state file: all of it is kept, or none.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send

from strongroom.sandbox.plaid import (
    api_items,
    api_link,
    api_products,
    api_sandbox,
    api_transactions,
    api_users,
    control,
    faults,
    items,
    ledger,
    link_pages,
    panel,
    rate_limits,
    unserved,
    webhooks,
)
from strongroom.sandbox.plaid.clock import Clock
from strongroom.sandbox.plaid.endpoint import ENDPOINTS, Call, Endpoint
from strongroom.sandbox.plaid.errors import PlaidError
from strongroom.sandbox.plaid.faults import Fault
from strongroom.sandbox.plaid.fields import check, invalid
from strongroom.sandbox.plaid.ids import request_id
from strongroom.sandbox.plaid.options import SandboxOptions
from strongroom.sandbox.plaid.store import get_meta, open_store, saved
from strongroom.sandbox.plaid.wire import BadJson, Raw, dumps, loads
from strongroom.sandbox.plaid.world import World

# Naming the modules keeps their endpoints registered.
API_MODULES: Final = (
    api_items, api_link, api_products, api_sandbox, api_transactions, api_users,
)  # fmt: skip
VERSIONS: Final = ("", "2020-09-14")
MAX_BODY_BYTES: Final = 4_000_000
_LONGEST_REST_SECONDS: Final = 20.0
_log = logging.getLogger("strongroom.sandbox.plaid")


def create_app(options: SandboxOptions) -> Starlette:
    """Build the application of one sandbox over its state file.

    Raises ``NotOurFile`` when ``options.state_path`` is something else.
    """
    world = World(options, open_store(options.state_path), Clock())
    with saved(world.db):
        webhooks.ensure_key(world.db)
    kept = get_meta(world.db, "clock")
    if kept:
        set_to = loads(kept)
        world.clock.set(
            offset_seconds=float(set_to["offset_seconds"]), speed=float(set_to["speed"])
        )
    routes = [
        Route(path, _api(world, path, one), methods=["POST"]) for path, one in ENDPOINTS.items()
    ]
    app = Starlette(
        routes=[
            *routes,
            Mount("/_sandbox", routes=[*panel.routes(world), *control.routes(world)]),
            *link_pages.routes(world),
            Route(
                "/{path:path}", _unserved(world), methods=["GET", "POST", "PUT", "PATCH", "DELETE"]
            ),
        ],
        lifespan=_lifespan(world),
        exception_handlers={405: _unknown, 404: _unknown, 500: _broken},
    )
    app.state.world = world
    return app


def answer(body: dict[str, Any] | Raw, status: int = 200) -> Response:
    """Wrap a JSON body."""
    return Response(dumps(body), status, media_type="application/json")


async def _unknown(request: Request, error: Exception | None = None) -> Response:
    return answer(PlaidError("NOT_FOUND").as_object(request_id()), 404)


def _unserved(world: World) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        refusal = unserved.refusal(request.url.path) if request.method == "POST" else None
        if refusal is None:
            return await _unknown(request)
        try:
            _credentials(world, request, _body(await request.body()))
        except PlaidError as error:
            refusal = error
        return answer(refusal.as_object(request_id()), refusal.status)

    return serve


async def _broken(request: Request, error: Exception) -> Response:
    _log.error("%s failed", request.url.path, exc_info=error)
    return Response("The sandbox has made a mistake; its log says more. Please try again.", 500)


def _api(world: World, path: str, one: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        with saved(world.db):
            fault = faults.for_request(world, path)
        if fault.kind == "slow" or (fault.kind == "timeout" and not fault.after_work):
            await asyncio.sleep(fault.seconds)
        if fault.kind in ("error", "rate_limit"):
            return _forced(fault)
        response = carry_out(world, path, one, request, raw, fault)
        await asyncio.sleep(world.take_pause())
        if fault.kind == "timeout":
            await asyncio.sleep(fault.seconds if fault.after_work else 0)
        if fault.kind == "cut":
            return _Cut(bytes(response.body), response.status_code, fault.cut_share)
        return response

    return serve


def carry_out(
    world: World, path: str, one: Endpoint, request: Request, raw: bytes, fault: Fault
) -> Response:
    """Check and run one request as one unit of work; every failure becomes an error object."""
    number = request_id()
    try:
        with saved(world.db):
            body = _body(raw)
            client_id = "" if one.public else _credentials(world, request, body)
            call = Call(world, client_id, check(one.table, body), base_url_of(world, request),
                        fault.page_share, new_users=_asks_for_new_users(request))  # fmt: skip
            rate_limits.count(world, path, client_id, call.body.get("access_token") or "")
            if fault.kind == "mutate":
                _mutate(world, call, fault)
            result = one.handler(call)
        return answer({**result, "request_id": number})
    except PlaidError as error:
        return answer(error.as_object(number), error.status)
    except sqlite3.OperationalError as error:
        _log.error("%s: the state file could not be used: %s", path, error)
        failure = PlaidError("INTERNAL_SERVER_ERROR", "the sandbox cannot use its state file")
        return answer(failure.as_object(number), failure.status)
    except Exception:
        _log.exception("%s failed", path)
        failure = PlaidError("INTERNAL_SERVER_ERROR")
        return answer(failure.as_object(number), failure.status)


def base_url_of(world: World, request: Request) -> str:
    """Give the address under which browsers reach this sandbox, without a last slash."""
    return world.options.base_url.rstrip("/") or str(request.base_url).rstrip("/")


def _body(raw: bytes) -> dict[str, Any]:
    if len(raw) > MAX_BODY_BYTES:
        raise PlaidError("INVALID_BODY", "the request body is too large")
    try:
        body = loads(raw or b"{}")
    except BadJson as error:
        raise PlaidError("INVALID_BODY", f"the body could not be read as JSON: {error}") from error
    if not isinstance(body, dict):
        raise PlaidError("INVALID_BODY")
    return body


def _credentials(world: World, request: Request, body: dict[str, Any]) -> str:
    """Take client_id and secret from body or headers and check them; returns the client_id."""
    if request.headers.get("plaid-version", "") not in VERSIONS:
        raise PlaidError("INCOMPATIBLE_API_VERSION")
    given = {
        name: body.get(name) or request.headers.get(f"plaid-{name.replace('_', '-')}")
        for name in ("client_id", "secret")
    }
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise PlaidError(
            "MISSING_FIELDS", f"the following required fields are missing: {', '.join(missing)}"
        )
    for name, value in given.items():
        if not isinstance(value, str):
            raise invalid(name, "must be a string")
    wanted = {"client_id": world.options.client_id, "secret": world.options.secret}
    if any(wanted[name] and wanted[name] != given[name] for name in wanted):
        raise PlaidError("INVALID_API_KEYS")
    return str(given["client_id"])


def _asks_for_new_users(request: Request) -> bool:
    return request.headers.get("plaid-new-user-api-enabled", "").lower() == "true"


def _mutate(world: World, call: Call, fault: Fault) -> None:
    """Let the bank change rows just before this page is read."""
    item = call.item()
    rng = items.draw(world, item)
    if ledger.shake(world.db, item["item_id"], rng, fault.mutations, world.today()):
        items.announce(world, item, since=item["log_head"])


def _forced(fault: Fault) -> Response:
    if fault.error_code == faults.HTML:
        return Response("<html><body>502 Bad Gateway</body></html>", 502, media_type="text/html")
    error = PlaidError(fault.error_code)
    return answer(error.as_object(request_id()), error.status)


class _Cut(Response):
    """An answer whose connection breaks before the body has ended."""

    def __init__(self, body: bytes, status: int, share: float) -> None:
        super().__init__(body, status, media_type="application/json")
        self.share = share

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(
            {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        )
        part = self.body[: int(len(self.body) * self.share)]
        await send({"type": "http.response.body", "body": part, "more_body": True})


def _lifespan(world: World) -> Callable[[Starlette], contextlib.AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def run(app: Starlette) -> AsyncIterator[None]:
        bell = asyncio.Event()
        world.wake = bell.set
        task = asyncio.create_task(_keep_time(world, bell))
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
            world.db.close()

    return run


async def _keep_time(world: World, bell: asyncio.Event) -> None:
    """Advance items and deliver webhooks whenever something is due."""
    busy: dict[str, asyncio.Task[None]] = {}
    try:
        while True:
            bell.clear()
            try:
                with saved(world.db):
                    _advance_due(world)
                _deliver_due(world, busy, bell)
                rest = _rest_seconds(world, busy)
            except sqlite3.Error as error:
                _log.error("background work was put off: %s", error)
                rest = 1.0
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), rest)
    finally:
        for task in busy.values():
            task.cancel()


def _advance_due(world: World) -> None:
    """Look after items with something to do: updates due, a new day begun, a login expired."""
    now, shown = time.time(), world.now()
    for row in world.db.execute(
        "SELECT item_id FROM items WHERE removed_at IS NULL AND ("
        " (txn_status = 'NOT_READY' AND initial_at <= ?)"
        " OR (txn_status = 'INITIAL_UPDATE_COMPLETE' AND historical_at <= ?)"
        " OR (error_code IS NULL AND (grown_to < ?"
        " OR min(coalesce(login_expires_at, 1e12), coalesce(disconnect_at, 1e12),"
        " coalesce(consent_expires_at - ? * (1 - consent_warned), 1e12)) <= ?)))",
        (now, now, shown.date().isoformat(), items.WARNING_SECONDS, shown.timestamp()),
    ).fetchall():
        items.advance(world, items.find(world, row["item_id"]))


def _deliver_due(world: World, busy: dict[str, asyncio.Task[None]], bell: asyncio.Event) -> None:
    """Start delivery to every address that has something due and is not being served.

    One address gets its webhooks one after the other; a slow one holds up no other.
    """
    waiting: dict[str, list[sqlite3.Row]] = {}
    for row in webhooks.take_due(world.db, busy):
        waiting.setdefault(row["url"], []).append(row)
    for url, rows in waiting.items():
        busy[url] = asyncio.create_task(_deliver_all(world, rows))

        def done(task: asyncio.Task[None], url: str = url) -> None:
            del busy[url]
            if not task.cancelled() and (error := task.exception()):
                _log.error("a webhook could not be delivered: %s", error)
            bell.set()

        busy[url].add_done_callback(done)


async def _deliver_all(world: World, rows: list[sqlite3.Row]) -> None:
    for row in rows:
        body = row["body"].encode()
        signature = webhooks.sign(world.db, body, issued_at=int(time.time()), signed=row["forged"])
        accepted, outcome = await asyncio.to_thread(
            webhooks.deliver, row["url"], body, signature, anywhere=world.options.webhooks_anywhere
        )
        with saved(world.db):
            webhooks.settle(world, row, accepted=accepted, outcome=outcome)


def _rest_seconds(world: World, busy: Collection[str]) -> float:
    """Give how long the background task may sleep unless the bell rings."""
    now = time.time()
    # A faster clock brings new days sooner.
    moments = [now + _LONGEST_REST_SECONDS / max(1.0, min(world.clock.speed, 40.0))]
    due = webhooks.next_due(world.db, busy)
    if due is not None:
        moments.append(due)
    row = world.db.execute(
        "SELECT min(CASE txn_status WHEN 'NOT_READY' THEN initial_at ELSE historical_at END)"
        " FROM items WHERE removed_at IS NULL"
        " AND txn_status IN ('NOT_READY', 'INITIAL_UPDATE_COMPLETE')"
    ).fetchone()
    if row[0] is not None:
        moments.append(float(row[0]))
    return max(0.01, min(moments) - now)
