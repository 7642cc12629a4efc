"""Who a request comes from and what they may do: the session cookie, the bearer token, scopes.

The door of identity for edges, beside the one for everybody: they depend on ``may(scope)``, and
nothing below an edge sees a request. Where the request itself comes from (another site or ours)
is ``origin``'s question.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import Annotated, Protocol
from urllib.parse import quote, unquote, urlsplit

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from strongroom import ui
from strongroom.core.db import Database
from strongroom.core.errors import Forbidden, SignInNeeded
from strongroom.core.http import client_address
from strongroom.core.settings import Settings as Installation
from strongroom.core.time import clock
from strongroom.identity import callers, tokens
from strongroom.identity.callers import Caller
from strongroom.identity.types import (
    EVERYONE,
    SCOPES,
    SESSION_ONLY,
    Client,
    NewSession,
    Settings,
)
from strongroom.ui.responses import here, is_local

COOKIE = "strongroom_session"
COOKIE_ON_HTTPS = "__Host-strongroom_session"
_KNOWN = "strongroom_known"
_KNOWN_SECONDS = 400 * 24 * 3600  # the longest that browsers keep a cookie
_LONGEST_AGENT = 300


class NotSignedIn(SignInNeeded):
    """No session or token came with the request, or it has ended."""


class ScopeMissing(Forbidden):
    """The API token was not given the scope that this needs."""


class PagesAreForBrowsers(Forbidden):
    """An API token came to a page; tokens are for the JSON interface only."""


class Services(Protocol):
    """What identity needs of ``app.state.services``."""

    @property
    def settings(self) -> Installation:
        """What the environment decided."""

    @property
    def database(self) -> Database:
        """The pools."""


async def visitor(request: Request) -> Caller | None:
    """Return who sent the request, None for a stranger; tell templates about them either way.

    Sets ``request.state.person`` and ``request.state.preferences``. Depends on it once for the
    whole application and every page speaks the reader's language.
    """
    caller = await _find(request)
    saved = None if caller is None else _preferences(caller.settings)
    request.state.caller = request.state.person = caller
    request.state.preferences = ui.read_preferences(
        request.cookies,
        accept_language=request.headers.get("accept-language", ""),
        saved=saved,
    )
    ui.speak(request.state.preferences)
    return caller


async def browsers_only(request: Request) -> None:
    """Refuse API tokens: the dependency of every page.

    What a page shows and does is not divided by scopes; the JSON interface is. Raises
    ``PagesAreForBrowsers``.
    """
    if request.headers.get("authorization", "").strip().lower().startswith("bearer"):
        raise PagesAreForBrowsers(
            ui.N_("Pages are for people who signed in: an API token opens none."),
            hint=ui.N_("Use the JSON interface, under /api/v1."),
        )


@cache
def may(scope: str) -> Callable[..., Awaitable[Caller]]:
    """Return the dependency that lets in who may do ``scope``, and gives the handler the caller.

    It raises ``NotSignedIn`` and ``ScopeMissing``. ``ValueError`` for a scope that is not one.
    """
    if scope not in (*SCOPES, *EVERYONE, *SESSION_ONLY):
        raise ValueError(f"there is no scope {scope!r}")

    async def allowed(caller: Annotated[Caller | None, Depends(visitor)]) -> Caller:
        if caller is None:
            raise NotSignedIn(
                ui.N_("You are not signed in, or your session has ended."),
                hint=ui.N_("Sign in and try again."),
            )
        if scope not in caller.scopes:
            raise ScopeMissing(
                f"This API token may not do that: it lacks the scope {scope}."
                if scope in SCOPES
                else "An API token may not do that.",
                hint="Make a token with that scope in Settings." if scope in SCOPES else "Sign in.",
            )
        return caller

    return allowed


def client_of(request: Request) -> Client:
    """Return where a request comes from, with a user agent of bounded length."""
    agent = request.headers.get("user-agent")
    if agent is not None:
        agent = "".join(c if c.isprintable() else " " for c in agent)[:_LONGEST_AGENT]
    return Client(client_address(request), agent)


def services_of(request: Request) -> Services:
    """Return what wiring built for this application."""
    services: Services = request.app.state.services
    return services


def secret_of(request: Request) -> str | None:
    """Return the secret in the session cookie. Over HTTPS only a ``__Host-`` cookie counts."""
    return request.cookies.get(_cookie_name(request))


def give_session(response: Response, request: Request, session: NewSession, now: datetime) -> None:
    """Put a new session's secret into the browser's cookie."""
    secure = _is_https(request)
    response.set_cookie(
        COOKIE_ON_HTTPS if secure else COOKIE,
        session.secret,
        max_age=int((session.expires_at - now).total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def known_by(request: Request) -> str:
    """Return what the browser shows to be known by, for ``sign_in``; nothing if it has none."""
    return request.cookies.get(_known_name(request), "")


def remember_browser(response: Response, request: Request, known: str) -> None:
    """Give the browser of someone who just signed in what it is known by (``known_browser``).

    It stays when the session ends.
    """
    response.set_cookie(
        _known_name(request),
        known,
        max_age=_KNOWN_SECONDS,
        path="/",
        secure=_is_https(request),
        httponly=True,
        samesite="lax",
    )


def drop_session(response: Response, request: Request) -> None:
    """Take the cookie out of the browser; the session itself is ended by ``sign_out``."""
    secure = _is_https(request)
    name = COOKIE_ON_HTTPS if secure else COOKIE
    response.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")


def sign_in_address(request: Request) -> str:
    """Return the path to send a stranger to, who comes back afterwards where a GET wanted to go.

    What was sent by a form is lost: sign-in says so, and leads back to the page of the form.
    """
    if request.method not in ("GET", "HEAD"):
        return f"/login?next={quote(_page_of_form(request), safe='')}&ended=1"
    wanted = here(request)
    return "/welcome" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"


def _page_of_form(request: Request) -> str:
    """Return where the form stood that was sent, as far as it can be opened again."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:  # no address at all
        came = urlsplit("")
    own = urlsplit(services_of(request).settings.base_url).netloc.lower()
    sent_to = {request.headers.get("host", "").lower(), own} - {""}
    before = came._replace(scheme="", netloc="", fragment="").geturl()
    if came.netloc.lower() in sent_to and is_local(before) and _opens(request, came.path):
        return before
    return request.url.path if _opens(request, request.url.path) else "/"


def _opens(request: Request, path: str) -> bool:
    """Return whether something of ours answers a GET of a path."""
    scope = {**request.scope, "method": "GET", "path": unquote(path)}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


async def _find(request: Request) -> Caller | None:
    """Find who sent the request. A token, where one is sent, is the only thing that counts."""
    now, client = clock(), client_of(request)
    database = services_of(request).database
    header = request.headers.get("authorization")
    if header is not None:
        kind, _, secret = header.partition(" ")
        if kind.lower() != "bearer" or not secret.startswith(tokens.PREFIX):
            return None
        async with database.unit_of_work_for_nobody() as db:
            return await callers.by_token(db, database, secret.strip(), client, now)
    secret = secret_of(request) or ""
    if not secret:
        return None
    async with database.unit_of_work_for_nobody() as db:
        return await callers.by_session(db, database, secret, client, now)


def _preferences(settings: Settings) -> ui.Preferences:
    usual = ui.Preferences()
    return ui.Preferences(
        locale=settings.language,
        theme=settings.theme,
        hide_amounts=settings.hide_amounts,
        currency=settings.currency or usual.currency,
        time_zone=settings.time_zone,
        shortcuts=settings.shortcuts,
        date_format=settings.date_format,
    )


def _cookie_name(request: Request) -> str:
    return COOKIE_ON_HTTPS if _is_https(request) else COOKIE


def _known_name(request: Request) -> str:
    return f"__Host-{_KNOWN}" if _is_https(request) else _KNOWN


def _is_https(request: Request) -> bool:
    """Whether browsers speak HTTPS to us, or to a proxy that stands at the public address."""
    return "https" in (request.url.scheme, urlsplit(services_of(request).settings.base_url).scheme)
