"""Serves an application on loopback for the time of a test, as the real server would."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn
from starlette.types import ASGIApp

from tests.processes import wait_until


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """The address at which ``app`` answers, over real HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, http="httptools", loop="uvloop", ws="none", log_config=None, access_log=False,
        server_header=False, proxy_headers=False, lifespan="on", timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive(), "the server has started")
        assert thread.is_alive(), "the server ended at its start"
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        listener.close()
    assert not thread.is_alive(), "the server did not stop"


@contextmanager
def client_of(app: ASGIApp, **options: object) -> Iterator[httpx.Client]:
    """A client of ``app`` that follows no redirect, and waits as long as a busy machine takes."""
    options = {"timeout": 60, **options}
    with serving(app) as address, httpx.Client(base_url=address, **options) as client:  # type: ignore[arg-type]
        yield client
