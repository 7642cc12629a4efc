"""Runs one local Ollama as a server of its own, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable

import uvicorn

from strongroom.sandbox.listening import listen
from strongroom.sandbox.ollama.app import create_app
from strongroom.sandbox.ollama.replies import OllamaOptions


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
    listener = listen(host, port)
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
