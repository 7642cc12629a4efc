"""A web address that takes webhooks in, over real HTTP, through the door of bank links."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom import connections
from strongroom.core.errors import StrongroomError


@asynccontextmanager
async def receiving(
    build: Callable[[str], connections.Links],
) -> AsyncIterator[connections.Links]:
    """Take webhooks in at a free port for the links that ``build`` makes for its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    links = build(f"http://127.0.0.1:{listener.getsockname()[1]}")
    config = uvicorn.Config(
        _app(links), log_config=None, access_log=False, lifespan="off", ws="none",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield links
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _app(links: connections.Links) -> Starlette:
    keys = connections.keys_for(links)

    async def take(request: Request) -> Response:
        signature = request.headers.get("plaid-verification")
        try:
            await connections.receive(links, keys, await request.body(), signature)
        except StrongroomError as refusal:
            return Response(status_code=refusal.status)
        return Response()

    return Starlette(routes=[Route(connections.WEBHOOK_PATH, take, methods=["POST"])])
