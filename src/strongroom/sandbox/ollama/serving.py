"""Runs one local Ollama as a server of its own, until it is told to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable

import uvicorn

from strongroom.sandbox.ollama.app import create_app
from strongroom.sandbox.ollama.replies import OllamaOptions


class AddressInUse(Exception):
    """Another program already listens at the address that was asked for."""


def serve(
    options: OllamaOptions,
    host: str = "127.0.0.1",
    port: int = 8411,
    *,
    started: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until interrupted; port 0 picks a free one. ``started`` is told the address.

    Raises ``AddressInUse``.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Of a socket that names TCP asyncio sends each part at once; of others 40 ms later.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise AddressInUse(f"{host}:{port} cannot be used: {error.strerror}") from error
    shown = f"[{host}]" if ":" in host else host
    config = uvicorn.Config(
        create_app(options), log_level="warning", access_log=False, loop="asyncio", ws="none",
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    started(f"http://{shown}:{listener.getsockname()[1]}")
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
