"""The web process: one application that mounts every domain's routes (JSON) and pages (HTML).

Registers and serves; decides nothing. ``python -m strongroom.web`` runs it.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from strongroom import __version__, connections, identity, transactions, ui, wiring
from strongroom.accounts import pages as accounts_pages
from strongroom.accounts import routes as accounts_routes
from strongroom.budgets import pages as budgets_pages
from strongroom.budgets import routes as budgets_routes
from strongroom.connections import pages as connections_pages
from strongroom.connections import routes as connections_routes
from strongroom.core import http, log, schema
from strongroom.core.db import value
from strongroom.core.errors import StrongroomError, Unavailable
from strongroom.core.settings import Settings
from strongroom.fx import pages as fx_pages
from strongroom.fx import routes as fx_routes
from strongroom.goals import pages as goals_pages
from strongroom.goals import routes as goals_routes
from strongroom.home import pages as home_pages
from strongroom.identity import pages as identity_pages
from strongroom.identity import routes as identity_routes
from strongroom.identity.access import COOKIE, browsers_only, may, sign_in_address, visitor
from strongroom.identity.origin import guard_origin
from strongroom.net_worth import pages as net_worth_pages
from strongroom.net_worth import routes as net_worth_routes
from strongroom.transactions import pages as transactions_pages
from strongroom.transactions import routes as transactions_routes
from strongroom.ui import pages as ui_pages
from strongroom.ui.assets import MOUNTED_AT, static_app
from strongroom.ui.responses import render, swap_targets
from strongroom.upkeep import pages as upkeep_pages
from strongroom.upkeep import routes as upkeep_routes

JSON_ROUTES: tuple[APIRouter, ...] = (
    identity_routes.router,
    connections_routes.router,
    accounts_routes.router,
    transactions_routes.router,
    net_worth_routes.router,
    fx_routes.router,
    upkeep_routes.router,
    budgets_routes.router,
    goals_routes.router,
)
"""Every domain's JSON, mounted under ``/api/v1``."""

PAGES: tuple[APIRouter, ...] = (
    ui_pages.router,
    identity_pages.router,
    connections_pages.router,
    accounts_pages.router,
    transactions_pages.router,
    budgets_pages.router,
    goals_pages.router,
    upkeep_pages.router,
    net_worth_pages.router,
    fx_pages.router,
    home_pages.router,  # last: /accounts/{id} must not stand before /accounts/link
)
"""Every domain's HTML."""

API = "/api/v1"
_STOP_SECONDS = 8
_AROUND_A_FILE = 64 * 1024  # what a form writes around it
_log = logging.getLogger("strongroom.web")


def create_app(services: wiring.Services | None) -> FastAPI:
    """Return the application. Without services it can describe itself and serve no request."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if services is None:
            raise RuntimeError("an application without services cannot serve")
        async with services:
            # The bank's client takes a while to load: not in the way of the first answers.
            loading = asyncio.create_task(asyncio.to_thread(getattr, services, "links"))
            yield
            await loading

    app = FastAPI(
        title="Strongroom",
        version=__version__,
        summary="A self-hosted money platform.",
        docs_url=None,  # that page loads scripts from elsewhere
        redoc_url=None,
        openapi_url=None,  # served below, at two addresses
        lifespan=lifespan,
        responses=http.openapi_responses(),
        separate_input_output_schemas=False,
    )
    app.state.services = services
    app.state.trusted_proxies = http.networks(() if services is None else services.settings.proxies)
    _mount(app)
    _answer_errors(app)
    _surround(app, services)
    return app


def _mount(app: FastAPI) -> None:
    app.mount(MOUNTED_AT, static_app, name="static")
    app.include_router(_own)
    for router in JSON_ROUTES:
        app.include_router(router, prefix=API, dependencies=[Depends(http.no_key_twice)])
    for router in PAGES:
        app.include_router(
            router,
            include_in_schema=False,
            dependencies=[Depends(browsers_only), Depends(_count)],
        )
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]


def _answer_errors(app: FastAPI) -> None:
    async def answer(request: Request, error: Exception) -> Response:
        return http.answer(request, error, _page)

    for kind in (StrongroomError, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, answer)


def _surround(app: FastAPI, services: wiring.Services | None) -> None:
    """Wrap the application; what is added last is outermost."""
    headers = {**ui.SECURITY_HEADERS, "Cache-Control": "no-store"}
    base_url = "" if services is None else services.settings.base_url
    if base_url.startswith("https://"):
        headers["Strict-Transport-Security"] = "max-age=31536000"
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=5)
    app.add_middleware(Reader)
    app.add_middleware(guard_origin, base_url=base_url)
    app.add_middleware(http.Edge, headers=headers, page=_page, larger=_larger(services))


def _larger(services: wiring.Services | None) -> dict[tuple[str, str], http.Most]:
    """Return where files may come that are larger than other bodies, and how large."""
    mebibytes = 0 if services is None else services.settings.import_mebibytes
    most = {
        "/imports": http.Most((mebibytes << 20) + _AROUND_A_FILE, _FILE_TOO_LARGE),
        "/attachments": http.Most(
            transactions.LARGEST_ATTACHMENT + _AROUND_A_FILE, _ATTACHMENT_TOO_LARGE
        ),
    }
    return {("POST", way + path): limit for path, limit in most.items() for way in (API, "")}


_FILE_TOO_LARGE = ui.N_(
    "Export a shorter time, or have whoever runs this server set STRONGROOM_IMPORT_MB higher."
)
_ATTACHMENT_TOO_LARGE = ui.N_("Attach a smaller picture, or the document without pictures.")


class Reader:
    """Decides in what language and look to speak, also where no page is rendered.

    Once it is known who reads, what they saved takes over (``visitor``).
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read the preferences from cookies and ``Accept-Language``."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request.state.preferences = ui.read_preferences(
            request.cookies, accept_language=request.headers.get("accept-language", "")
        )
        with ui.using(request.state.preferences):
            await self._app(scope, receive, send)


async def _count(
    request: Request, caller: Annotated[identity.Caller | None, Depends(visitor)]
) -> None:
    """Count what the navigation of a whole page tells: banks that need the person, and news."""
    if caller is None or not http.wants_page(request) or swap_targets(request):
        return
    async with caller.unit_of_work() as db:
        items = await connections.items(db, owner=caller.owner)
        request.state.badges = {
            "connections": sum(item.needs_attention for item in items),
            "notifications": await identity.count_unread(db, owner=caller.owner),
        }


def _page(request: Request, problem: http.Problem) -> Response:
    """Return a problem as a page: signing in where that is what is missing."""
    if problem.status == 401:
        return RedirectResponse(sign_in_address(request), status_code=303)
    preferences = getattr(request.state, "preferences", None) or ui.Preferences()
    with ui.using(preferences):
        texts = {
            "title": ui.gettext(_TITLES.get(problem.status, problem.title)),
            "message": ui.gettext(_message(problem)),
            "safe": ui.gettext(problem.hint or ""),
            "action": ui.gettext(ui.N_("Go to the first page")),
        }
    return render(
        request,
        "ui/error.html",
        status=problem.status,
        href="/",
        code=problem.code,
        reference=problem.request_id or "",
        **texts,
    )


# What a person reads in place of HTTP's own words.
_TITLES = {
    400: ui.N_("That was not understood"),
    403: ui.N_("You may not do this"),
    404: ui.N_("There is nothing here"),
    405: ui.N_("That does not work here"),
    409: ui.N_("That cannot be done now"),
    413: ui.N_("That is too large"),
    422: ui.N_("That cannot be taken"),
    429: ui.N_("Too many attempts"),
    500: ui.N_("Something went wrong"),
    503: ui.N_("Not available right now"),
}
_MESSAGES = {
    400: ui.N_("What your browser sent could not be read."),
    404: ui.N_("The address is wrong, or what was there is gone."),
    405: ui.N_("This address cannot be used in that way."),
    413: ui.N_("What you sent is larger than this server takes."),
}


def _message(problem: http.Problem) -> str:
    """Return what a problem says; our own sentence where it has but HTTP's name of its status."""
    if problem.status == 413 or problem.detail.rstrip(".") == problem.title:
        return _MESSAGES.get(problem.status, problem.detail)
    return problem.detail


_own = APIRouter()


@_own.get("/healthz", tags=["process"], summary="Whether the process is alive")
async def healthz() -> dict[str, str]:
    """Answer as long as the process runs, whatever the database does."""
    return {"status": "ok", "version": __version__}


@_own.get("/readyz", tags=["process"], summary="Whether the process can serve")
async def readyz(request: Request) -> JSONResponse:
    """Answer 200 if the database answers at this program's schema and takes jobs, else 503."""
    checks = await _checks(request.app.state.services)
    ready = all(found == "ok" for found in checks.values())
    return JSONResponse(
        {"status": "ok" if ready else "unavailable", **checks}, 200 if ready else 503
    )


async def _checks(services: wiring.Services) -> dict[str, str]:
    try:
        async with services.database.unit_of_work_for_nobody() as db:
            version = await value(db, "SELECT version_num FROM schema_version")
            queue = await value(
                db,
                "SELECT to_regclass('procrastinate_jobs') IS NOT NULL AND has_function_privilege("
                "'enqueue(text, text, text, jsonb, timestamptz)', 'EXECUTE')",
            )
    except StrongroomError as error:
        return {"database": error.message, "schema": "unknown", "queue": "unknown"}
    wanted = schema.versions()[-1]
    schema_says = "ok" if version == wanted else f"is {version}, this program wants {wanted}"
    return {"database": "ok", "schema": schema_says, "queue": "ok" if queue else "missing"}


@_own.get("/openapi.json", include_in_schema=False)
@_own.get(f"{API}/openapi.json", include_in_schema=False)
async def openapi(request: Request) -> JSONResponse:
    """Answer with the OpenAPI document of the JSON interface."""
    return JSONResponse(request.app.openapi())


def _openapi(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document: problems and sign-in described, no address of this machine."""
    if app.openapi_schema is None:
        document: dict[str, Any] = FastAPI.openapi(app)
        components = document.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = http.problem_schema()
        components["securitySchemes"] = {
            "token": {"type": "http", "scheme": "bearer", "description": "An API token: srt_..."},
            "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
        }
        for router in JSON_ROUTES:
            for route in router.routes:
                if isinstance(route, APIRoute) and route.include_in_schema and _guarded(route):
                    for method in route.methods or ():
                        operation = document["paths"][API + route.path][method.lower()]
                        operation["security"] = [{"token": []}, {"session": []}]
        app.openapi_schema = document
    return app.openapi_schema


def _guarded(route: APIRoute) -> bool:
    """Whether a route asks who the caller is: one of its dependencies is ``may(...)``."""
    waiting = [route.dependant]
    while waiting:
        found = waiting.pop()
        if getattr(found.call, "__qualname__", "").startswith(may.__qualname__ + "."):
            return True
        waiting += found.dependencies
    return False


class OwnNamesOnly:
    """Refuses a request for a host that is not ours, while only this machine can reach us.

    A page elsewhere can make its own name point at 127.0.0.1 (DNS rebinding); it must not be
    answered as if it were ours.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._names = {"localhost", "127.0.0.1", "::1", settings.host}
        self._names.add(urlsplit(settings.base_url).hostname or "")
        self._any = settings.host not in ("localhost", "127.0.0.1", "::1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer 421."""
        if scope["type"] == "http" and not self._any:
            host = urlsplit(f"//{Headers(scope=scope).get('host', '')}").hostname
            if host not in self._names:
                refusal = Response("This server has another name.\n", 421)
                await refusal(scope, receive, send)
                return
        await self._app(scope, receive, send)


class CannotListen(Unavailable):
    """The address is in use, or not this machine's, or not ours to take."""


def _listen(settings: Settings) -> socket.socket:
    """Take the port before anything heavy is built. Raises ``CannotListen``."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        raise CannotListen(
            f"Cannot listen at {settings.host} port {settings.port}: {error.strerror}.",
            field="STRONGROOM_PORT",
            hint="Stop the program that uses it, or set STRONGROOM_PORT to another.",
        ) from error


def main() -> int:
    """Serve until SIGTERM or SIGINT; return the exit code."""
    import uvicorn

    try:
        settings = Settings.from_environment()
        log.configure(as_json=settings.log_format == "json")
        listener = _listen(settings)
        services = wiring.build(settings, role="web")
    except StrongroomError as error:
        sys.stderr.write(f"strongroom: {error.message} {error.hint or ''}".rstrip() + "\n")
        return error.exit_code
    server = uvicorn.Server(
        uvicorn.Config(
            OwnNamesOnly(create_app(services), settings),
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            proxy_headers=False,  # core.http.client_address reads them, from named proxies only
            timeout_graceful_shutdown=_STOP_SECONDS,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    _log.info("serving at %s", settings.base_url)
    for number in (signal.SIGTERM, signal.SIGINT):
        # The server handles these while it runs, and sends itself the signal again at its end:
        # by then all is done that it asked for.
        signal.signal(number, lambda *_: None)
    server.run(sockets=[listener])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
