"""A small site over real HTTP that shows the gallery under the product's own headers."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI, Form, Request
from starlette.responses import Response, StreamingResponse

from strongroom import ui
from strongroom.ui import gallery, pages
from strongroom.ui.assets import MOUNTED_AT, static_app
from strongroom.ui.responses import redirect, render


@dataclass(frozen=True)
class Kari:
    name: str = "Kari Nordmann"
    email: str = "kari@example.org"
    is_demo: bool = False


def application() -> FastAPI:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.middleware("http")
    async def edge(
        request: Request, call_next: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        request.state.preferences = ui.read_preferences(
            request.cookies, accept_language=request.headers.get("accept-language", "")
        )
        request.state.person = None if "signed-out" in request.url.query else Kari()
        request.state.badges = {"connections": 1}
        with ui.using(request.state.preferences):
            response = await call_next(request)
        response.headers.update(ui.SECURITY_HEADERS)
        return response

    @app.get("/error")
    async def error(request: Request) -> Response:
        return render(
            request,
            "ui/error.html",
            status=503,
            title="Could not save.",
            message="North Bank <did> not answer.",
            safe="Nothing was changed.",
            action="Try again",
            href="/",
            code="BankNotAnswering",
            reference="",
        )

    @app.get("/saved")
    async def saved() -> Response:
        return redirect("/gallery/activity", toast="Category changed & kept")

    @app.post("/ask")
    async def ask(question: str = Form()) -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            for word in ("You ", "asked: ", question):
                yield f"event: token\ndata: {word}\n\n"
                await asyncio.sleep(0)
            yield "event: card\ndata: <p id='a-card'>23 transactions</p>\n\n"
            yield "event: done\ndata:\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    app.mount(MOUNTED_AT, static_app)
    app.include_router(pages.router)
    app.include_router(gallery.router)
    return app


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """Serve ``app`` on a free loopback port while inside; yields its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < deadline, "the site did not start"
        assert thread.is_alive(), "the site stopped while starting"
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()
