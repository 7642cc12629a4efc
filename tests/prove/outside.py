"""The processes around a case: a sandbox that stands for Plaid, and a worker to be killed."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from strongroom.sandbox.plaid.app import create_app
from strongroom.sandbox.plaid.options import SandboxOptions

_START_SECONDS = 60.0
INSTITUTION = "ins_109508"


@dataclass
class Sandbox:
    """A running sandbox and a client of its control door."""

    url: str
    http: httpx.Client
    pid: int | None = None
    """Of its process, where it has one of its own."""

    def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Call the control door; amounts come back as exact decimals."""
        sent = {"json": body} if method == "POST" else {"params": body}
        answer = self.http.request(method, f"{self.url}/_sandbox{path}", **sent)  # type: ignore[arg-type]
        answer.raise_for_status()
        read: dict[str, Any] = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)
        return read


@contextmanager
def sandbox(state: Path, *, seed: int = 0, speed: float = 60.0, log: Path | None = None,
            arguments: tuple[str, ...] = ()) -> Iterator[Sandbox]:  # fmt: skip
    """Start a sandbox on a free port; its state lies in ``state``. Ended on leaving."""
    command = [
        sys.executable, "-m", "strongroom.sandbox.plaid", "--port", "0", "--state", str(state),
        "--seed", str(seed), "--speed", str(speed), *arguments,
    ]  # fmt: skip
    errors = (log or state.with_suffix(".log")).open("a")
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        if "http://" not in line:
            raise RuntimeError(f"the sandbox did not start: {line} {errors.name}")
        with httpx.Client(timeout=60) as http:
            one = Sandbox("http://" + line.split("http://")[1].split()[0], http, process.pid)
            _await_health(one)
            yield one
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        errors.close()


@asynccontextmanager
async def sandbox_beside(state: Path, *, seed: int, speed: float = 60.0) -> AsyncIterator[Sandbox]:
    """Serve a sandbox over HTTP from this very loop: made in a moment, and gone with the block.

    Its control door must be called from another thread than the loop's.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    options = SandboxOptions(state_path=state, base_url=url, seed=seed, speed=speed)
    config = uvicorn.Config(
        create_app(options), log_config=None, access_log=False, lifespan="on", ws="none",
        timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        with httpx.Client(timeout=60) as http:
            yield Sandbox(url, http)
    finally:
        server.should_exit = True
        await serving
        listener.close()


def _await_health(one: Sandbox) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            one.control("GET", "/health")
            return
        except httpx.TransportError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment of a child: ours, without what would point it at another home."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("STRONGROOM_", "PLAID_", "DATABASE_"))
    }
    return {**kept, "STRONGROOM_HOME": str(home), **more}


def start_worker(env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """Start the real worker; it is in its caller's hands, to be killed or stopped."""
    with log.open("ab") as file:
        return subprocess.Popen(
            [sys.executable, "-m", "strongroom.worker"],
            stdin=subprocess.DEVNULL, stdout=file, stderr=file, env=env,
        )  # fmt: skip
