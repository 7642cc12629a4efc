"""Refuses what another website makes a person's browser send: cross-site request forgery.

Decides by what browsers say of themselves (Sec-Fetch-Site, Origin), so that no form needs a token.
Who the person is, it does not ask.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from strongroom.core.http import wants_page
from strongroom.identity.access import COOKIE, COOKIE_ON_HTTPS

# RFC 9110: these change nothing. No route of ours that answers them does.
_SAFE = frozenset(("GET", "HEAD", "OPTIONS", "TRACE"))
_DETAIL = "This request came from another website and was not carried out."
_HINT = (
    "Open the page itself and try again. A program sends an API token, or its Origin header "
    "with the address of this server."
)


class guard_origin:  # noqa: N801 - read as a verb: app.add_middleware(guard_origin, ...)
    """An ASGI layer that answers 403 to unsafe requests which another site may have caused.

    ``base_url`` is the address people reach this server by, which counts besides ``Host``.
    """

    def __init__(self, app: ASGIApp, *, base_url: str = "") -> None:
        self._app = app
        self._own = urlsplit(base_url).netloc.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it before anything was read of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] in _SAFE or is_ours(Headers(scope=scope), self._own):
            await self._app(scope, receive, send)
            return
        await _refusal(Request(scope))(scope, receive, send)


def is_ours(headers: Headers, own: str = "") -> bool:
    """Return whether an unsafe request with these headers cannot be another site's doing.

    A bearer token is never sent by a browser on its own, so it speaks for itself. All browsers of
    today send Sec-Fetch-Site: ``same-origin`` is us and ``none`` is the person (no site can cause
    it); ``same-site`` may be another program on this machine. Older browsers send Origin with
    every POST. Only a program sends neither; with a session cookie that is refused.
    """
    if headers.get("authorization", "").lower().startswith("bearer "):
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is None:
        return not _has_session(headers)
    sent_to = {headers.get("host", "").lower(), own} - {""}
    return urlsplit(origin).netloc.lower() in sent_to


def _has_session(headers: Headers) -> bool:
    names = [
        part.partition("=")[0].strip()
        for cookie in headers.getlist("cookie")
        for part in cookie.split(";")
    ]
    return COOKIE in names or COOKIE_ON_HTTPS in names


def _refusal(request: Request) -> JSONResponse | PlainTextResponse:
    if wants_page(request):
        return PlainTextResponse(f"{_DETAIL}\n{_HINT}\n", 403)
    problem = {
        "type": "urn:problem-type:strongroom:CameFromElsewhere",
        "title": "Not allowed",
        "status": 403,
        "detail": _DETAIL,
        "code": "CameFromElsewhere",
        "hint": _HINT,
    }
    return JSONResponse(problem, 403, media_type="application/problem+json")
