"""The web application of a local Ollama: version, tags and chat, as Ollama's API is documented.

Beside them a control door for tests (``/_sandbox``, loopback only): replies, faults, and the
requests that came. Everything is kept in memory.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from strongroom.sandbox.ollama.replies import BadScript, OllamaOptions, read_script, said_to

MAX_BODY_BYTES: Final = 4_000_000
_KEPT: Final = 200
_LOOPBACK: Final = ("127.", "::1", "testclient")
FAULTS: Final = ("silent_seconds", "trickle_seconds", "status", "content", "body", "cut")
"""What may go wrong: no answer for a while, a byte at a time, a status, or other words."""


class World:
    """One local Ollama: its options, the fault it has just now, and what it was asked."""

    def __init__(self, options: OllamaOptions) -> None:
        self.options = options
        self.fault: dict[str, Any] = {}
        self.requests: deque[dict[str, Any]] = deque(maxlen=_KEPT)


def create_app(options: OllamaOptions) -> Starlette:
    """Build the application of one local Ollama."""
    world = World(options)

    async def chat(request: Request) -> Response:
        return await _chat(world, request)

    async def tags(request: Request) -> Response:
        return JSONResponse({"models": [_model(name) for name in options.models]})

    async def version(request: Request) -> Response:
        return JSONResponse({"version": options.version})

    async def control(request: Request) -> Response:
        return await _control(world, request)

    app = Starlette(
        routes=[
            Route("/", lambda request: PlainTextResponse("Ollama is running")),
            Route("/api/version", version),
            Route("/api/tags", tags),
            Route("/api/chat", chat, methods=["POST"]),
            Route("/_sandbox/{what}", control, methods=["GET", "POST", "DELETE"]),
        ],
        exception_handlers={404: _unknown, 405: _not_so},
    )
    app.state.world = world
    return app


async def _unknown(request: Request, error: Exception) -> Response:
    return PlainTextResponse("404 page not found", 404)


async def _not_so(request: Request, error: Exception) -> Response:
    return PlainTextResponse("405 method not allowed", 405)


def _refused(status: int, said: str) -> Response:
    return JSONResponse({"error": said}, status)


def _model(name: str) -> dict[str, Any]:
    digest = hashlib.sha256(name.encode()).hexdigest()
    details = {
        "parent_model": "", "format": "gguf", "family": "practice", "families": ["practice"],
        "parameter_size": "1B", "quantization_level": "Q4_0",
    }  # fmt: skip
    return {
        "name": name,
        "model": name,
        "modified_at": "2026-01-01T00:00:00Z",
        "size": 1_000_000_000,
        "digest": digest,
        "details": details,
    }


async def _chat(world: World, request: Request) -> Response:
    raw = await request.body()
    if len(raw) > MAX_BODY_BYTES:
        return _refused(400, "the request body is too large")
    try:
        asked = json.loads(raw)
    except ValueError as error:
        return _refused(400, str(error))
    refusal = _check(world.options, asked)
    if refusal is not None:
        return refusal
    world.requests.append(asked)
    fault = world.fault
    if fault.get("silent_seconds"):
        await asyncio.sleep(fault["silent_seconds"])
    if fault.get("status"):
        return _refused(fault["status"], "the practice model was told to fail")
    if "body" in fault:
        return _sent(fault, fault["body"].encode())
    return _answer(world, asked)


def _check(options: OllamaOptions, asked: object) -> Response | None:
    """Refuse what Ollama refuses, in its words."""
    if not isinstance(asked, dict):
        return _refused(400, "json: cannot unmarshal into Go value of type api.ChatRequest")
    model = asked.get("model")
    if not isinstance(model, str) or not model:
        return _refused(400, "model is required")
    names = {*options.models, *(name.removesuffix(":latest") for name in options.models)}
    if model not in names:
        return _refused(404, f"model '{model}' not found")
    if asked.get("think") not in (None, False):
        return _refused(400, f'"{model}" does not support thinking')
    wanted = asked.get("format")
    if wanted not in (None, "", "json") and not isinstance(wanted, Mapping):
        return _refused(400, f'invalid format: {wanted!r}; expected "json" or a JSON schema')
    messages = asked.get("messages") or []
    if not isinstance(messages, list) or not all(_is_message(one) for one in messages):
        return _refused(400, "messages must be a list of objects with role and content")
    return None


def _is_message(one: object) -> bool:
    roles = ("system", "user", "assistant", "tool")
    return (
        isinstance(one, dict)
        and one.get("role") in roles
        and isinstance(one.get("content", ""), str)
    )


def _answer(world: World, asked: dict[str, Any]) -> Response:
    began = time.perf_counter_ns()
    messages = asked.get("messages") or []
    head = {"model": asked["model"], "created_at": _now()}
    if not messages:
        empty = {"role": "assistant", "content": ""}
        return JSONResponse({**head, "message": empty, "done": True, "done_reason": "load"})
    last = next((one["content"] for one in reversed(messages) if one["role"] == "user"), "")
    content = said_to(world.options, last, asked.get("format"))
    content = str(world.fault.get("content", content))
    words = content.split(" ")
    most = (asked.get("options") or {}).get("num_predict", -1)
    cut = isinstance(most, int) and 0 <= most < len(words)
    pieces = [words[0], *(f" {word}" for word in words[1:])][: most if cut else None]
    end = {
        "done": True,
        "done_reason": "length" if cut else "stop",
        "total_duration": time.perf_counter_ns() - began,
        "load_duration": 1,
        "prompt_eval_count": sum(len(one["content"].split()) for one in messages),
        "prompt_eval_duration": 1,
        "eval_count": len(pieces),
        "eval_duration": 1,
    }
    if asked.get("stream", True):
        lines = [
            {**head, "message": {"role": "assistant", "content": piece}, "done": False}
            for piece in pieces
        ]
        lines.append({**head, "message": {"role": "assistant", "content": ""}, **end})
        return StreamingResponse(_lines(lines), media_type="application/x-ndjson")
    message = {"role": "assistant", "content": "".join(pieces)}
    return _sent(world.fault, json.dumps({**head, "message": message, **end}).encode())


async def _lines(lines: list[dict[str, Any]]) -> AsyncIterator[bytes]:
    for line in lines:
        yield json.dumps(line).encode() + b"\n"


def _sent(fault: Mapping[str, Any], body: bytes) -> Response:
    """Send a whole answer: at once, byte by byte, or with its end cut off."""
    seconds, cut = fault.get("trickle_seconds"), fault.get("cut")
    if not seconds and not cut:
        return Response(body, media_type="application/json")

    async def slowly() -> AsyncIterator[bytes]:
        for place in range(len(body) // 2 if cut else len(body)):
            await asyncio.sleep(seconds or 0)
            yield body[place : place + 1]
        if cut:
            raise ConnectionAbortedError("cut, as was asked for")

    return StreamingResponse(slowly(), media_type="application/json")


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


async def _control(world: World, request: Request) -> Response:
    """Steer the stand-in: ``script``, ``fault`` and ``requests``."""
    if request.client is None or not request.client.host.startswith(_LOOPBACK):
        return _refused(403, "the control door is for this machine only")
    what, method = request.path_params["what"], request.method
    if what == "requests":
        if method == "DELETE":
            world.requests.clear()
        return JSONResponse({"requests": [*world.requests]})
    if what == "fault":
        told = await request.json() if method == "POST" else {}
        if not isinstance(told, dict) or set(told) - set(FAULTS):
            return _refused(400, f"a fault has the members {', '.join(FAULTS)}")
        world.fault = world.fault if method == "GET" else told
        return JSONResponse(world.fault)
    if what == "script" and method == "POST":
        try:
            world.options.replies = read_script((await request.body()).decode())
        except (BadScript, UnicodeDecodeError) as error:
            return _refused(400, str(error))
        return JSONResponse({"replies": len(world.options.replies)})
    return _refused(404, "there is script, fault and requests")
