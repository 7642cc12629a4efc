"""Runs the web or the worker process as it is, but logging everything that anybody has to say."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

import uvicorn

from strongroom import web, wiring, worker
from strongroom.core import log
from strongroom.core.settings import Settings


def main(which: str) -> None:
    """Serve as ``which`` until SIGTERM."""
    settings = Settings.from_environment()
    log.configure(as_json=settings.log_format == "json", level=logging.DEBUG)
    for name in ("httpx", "httpcore", "urllib3", "procrastinate", "alembic", "asyncio", "psycopg",
                 "psycopg.pool", "uvicorn.error", "uvicorn.access", "plaid"):  # fmt: skip
        logging.getLogger(name).setLevel(logging.DEBUG)
    services = wiring.build(settings, role="web" if which == "web" else "worker")
    if which == "web":
        uvicorn.run(
            web.create_app(services), host=settings.host, port=settings.port, log_config=None,
            log_level="debug", access_log=True, timeout_graceful_shutdown=5,
        )  # fmt: skip
    else:
        asyncio.run(_work(services))


async def _work(services: wiring.Services) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await worker.work(services, stop)


if __name__ == "__main__":
    main(sys.argv[1])
