"""Stands between a client of its own making (an SDK, an application) and a sandbox.

Passes every request on and holds every answer against Plaid's document.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox_plaid import openapi
from tests.sandbox_plaid.conftest import judge


@dataclass
class Judge:
    """Where clients go instead of the sandbox, what was asked, and what was wrong with answers."""

    url: str
    asked: list[tuple[str, int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


@contextmanager
def standing_before(url: str) -> Iterator[Judge]:
    """Listen on a free port and pass on to the sandbox at ``url``."""
    target = urlsplit(url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            onward = http.client.HTTPConnection(str(target.hostname), target.port, timeout=60)
            kept = {name: value for name, value in self.headers.items() if name.lower() != "host"}
            onward.request("POST", self.path, raw, kept)
            answer = onward.getresponse()
            body = answer.read()
            onward.close()
            note(self.path, answer.status, body)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.headers["Content-Type"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    def note(path: str, status: int, body: bytes) -> None:
        found.asked.append((path, status))
        if openapi.DOCUMENT.exists():
            found.problems += [f"{path}: {one}" for one in judge(path, status, json.loads(body))]

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found = Judge(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
