"""What surrounds every request: its id, its size limit, its log line, and the last catch.

An ASGI layer outside everything else. Logs no body, header, query string, or id of a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import time
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import NamedTuple

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from strongroom.core import log
from strongroom.core.http import problems
from strongroom.core.ids import new_id

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_BODY_BYTES = 2 * 1024 * 1024
_DRAIN_BYTES = 64 * 1024 * 1024
_DRAIN_SECONDS = 20
_QUIET = ("/healthz", "/readyz", "/static/")
_log = logging.getLogger(__name__)


class Edge:
    """Wraps an application: ids, limit, ``headers`` on every answer, one log line a request.

    An error that nothing inside has answered is logged here, once, and becomes a plain 500.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        headers: Mapping[str, str],
        page: problems.PageOf | None = None,
        max_body_bytes: int = MAX_BODY_BYTES,
        larger: Mapping[tuple[str, str], Most] | None = None,
    ) -> None:
        """``larger`` are other limits, by method and path."""
        self._app = app
        self._headers = dict(headers)
        self._page = page
        self._most = Most(max_body_bytes)
        self._larger = dict(larger or {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or pass on what is not one."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        with log.bound(request=request_id):
            await self._handle(scope, receive, send, request_id)

    async def _handle(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        began, status = time.perf_counter(), 0

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        limit = self._larger.get((scope["method"], scope["path"]), self._most)
        limited = _limited(scope, receive, limit)
        # HEAD is answered as GET is; the server leaves the body out.
        inner = {**scope, "method": "GET" if scope["method"] == "HEAD" else scope["method"]}
        try:
            await self._app(inner, limited, send_on)
        except ClientDisconnect:
            return  # nobody is left to answer
        except Exception as error:
            response = problems.answer(Request(scope, receive), error, self._page)
            if not status:  # else it is too late for another answer: the server hangs up
                await response(scope, receive, send_on)
        finally:
            _log_request(inner, status, time.perf_counter() - began)


class Most(NamedTuple):
    """How large a body may be, in bytes, and what to do about one that is larger."""

    size: int
    hint: str = "Send it in smaller parts."


class TooLarge(HTTPException):
    """The body is larger than this server takes; ``hint`` says what to do."""

    def __init__(self, limit: Most) -> None:
        mebibytes = limit.size >> 20
        most = f"{mebibytes} MiB" if mebibytes else f"{limit.size // 1024} KiB"
        super().__init__(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"The body is larger than {most}.",
            headers={"Connection": "close"},
        )
        self.hint = limit.hint


def _limited(scope: Scope, receive: Receive, limit: Most) -> Receive:
    """Return ``receive`` that raises ``TooLarge`` instead of passing on more than ``limit``.

    Before that it lets the rest of the body run out, up to a bound: a client that is still sending
    when the connection closes would see that, and not the answer.
    """
    declared = dict(scope["headers"]).get(b"content-length", b"0")
    too_large = declared.isdigit() and int(declared) > limit.size
    received = 0

    async def receive_some() -> Message:
        nonlocal received
        if too_large:
            await _drain(receive)
            raise TooLarge(limit)
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit.size:
            if message.get("more_body"):
                await _drain(receive)
            raise TooLarge(limit)
        return message

    return receive_some


async def _drain(receive: Receive) -> None:
    """Take what is still coming and keep nothing of it."""
    left, more = _DRAIN_BYTES, True
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_DRAIN_SECONDS):
            while more and left > 0:
                message = await receive()
                left -= len(message.get("body", b""))
                more = bool(message.get("more_body"))


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    if status < 500 and scope["path"].startswith(_QUIET):
        return
    fields = {"ms": round(seconds * 1000, 1)}
    _log.info("%s %s %d", scope["method"], _pattern(scope), status, extra=fields)


def _pattern(scope: Scope) -> str:
    """Return the path with its parameters' names in place of their values: those may be ids."""
    if "endpoint" not in scope:
        return "-"  # no route: then anything may stand in it
    names = {str(found): name for name, found in scope.get("path_params", {}).items()}
    parts = scope["path"].split("/")
    return "/".join(f"{{{names[part]}}}" if part in names else part for part in parts)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read addresses and networks such as ``10.0.0.0/8``. Raises ``ValueError``."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


def client_address(request: Request) -> str | None:
    """Return the address that a request came from.

    ``X-Forwarded-For`` is believed as far as it was written by proxies that the settings name
    (``app.state.trusted_proxies``): from its end, the first address that is not one of them.
    """
    peer = None if request.client is None else request.client.host
    trusted: tuple[Network, ...] = getattr(request.app.state, "trusted_proxies", ())
    hops = [hop.strip() for hop in ",".join(request.headers.getlist("x-forwarded-for")).split(",")]
    found = _address(peer)
    while found is not None and hops and any(found in network for network in trusted):
        further = _address(hops.pop())
        if further is None:
            break
        found = further
    return None if found is None else str(found)


def _address(text: str | None) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text or "")
    except ValueError:
        return None
