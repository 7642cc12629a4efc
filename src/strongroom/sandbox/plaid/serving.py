"""Runs one sandbox as a server of its own, until it is told to stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import uvicorn

from strongroom.sandbox.listening import listen
from strongroom.sandbox.plaid.app import create_app
from strongroom.sandbox.plaid.options import SandboxOptions

_KEEP_ALIVE_SECONDS: Final = 75
# By what this machine reaches itself where every address is listened on.
_EVERY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - as they are written


def serve(
    options: SandboxOptions,
    host: str = "127.0.0.1",
    port: int = 8410,
    *,
    started: Callable[[str], None] = lambda address: None,
) -> None:
    """Serve until interrupted; port 0 picks a free one. ``started`` is told the address.

    Raises ``AddressInUse`` and ``NotOurFile``.
    """
    listener = listen(host, port)
    reached = _EVERY_ADDRESS.get(host, host)
    shown = f"[{reached}]" if ":" in reached else reached
    address = f"http://{shown}:{listener.getsockname()[1]}"
    # Where every address is listened on, which one browsers reach is what each request says.
    known = "" if host in _EVERY_ADDRESS else address
    app = create_app(replace(options, base_url=options.base_url or known))
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="on",
        loop="asyncio",  # as fast as this needs, and smaller than the alternative
        ws="none",
        # Plaid's SDKs keep connections and clients often ask again every five seconds, which is
        # just when the server's default would hang up under them.
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=2,
    )
    started(address)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    finally:
        listener.close()
