"""Asks a language model that Ollama runs on a machine of the person's own, over its HTTP API.

One call, ``POST /api/chat`` with a JSON schema as ``format``, through urllib3, which is here for
Plaid already. Knows nothing of goals; what the model says is handed on as it is, unchecked.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping

import urllib3
from urllib3.response import BaseHTTPResponse

from strongroom.goals.parsing.types import Interpreter, ModelIsSilent

_CONNECT_SECONDS = 2
_MOST_SECONDS = 20
"""A person waits for it: by then the rules alone have to do."""
_LONGEST_ANSWER = 64 * 1024
_MOST_TOKENS = 256
_AT_ONCE = 2
"""Ollama answers one after the other; more than this wait here, not in threads."""


def interpreter(url: str | None, model: str | None) -> Interpreter:
    """Return what goals are read with; without an address no model is asked."""
    return Interpreter() if url is None or model is None else Interpreter(Ollama(url, model))


class Ollama:
    """One model of one Ollama server. ``seconds``: how long an answer may take in all."""

    def __init__(self, url: str, model: str, *, seconds: int = _MOST_SECONDS) -> None:
        self._address = url.rstrip("/") + "/api/chat"
        self._model = model
        self._seconds = seconds
        self._pool = urllib3.PoolManager(retries=False, maxsize=_AT_ONCE)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    @property
    def name(self) -> str:
        """The model's name, as Ollama lists it."""
        return self._model

    async def answer(
        self, *, task: str, text: str, schema: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Return what the model says of ``text``. Raises ``ModelIsSilent``."""
        body = {
            "model": self._model,
            "messages": [
                {"role": "system", "content": task},
                {"role": "user", "content": text},
            ],
            "format": schema,
            "stream": False,
            "think": False,
            "options": {"temperature": 0, "seed": 1, "num_predict": _MOST_TOKENS},
        }
        try:
            async with asyncio.timeout(self._seconds), self._turns:
                return _object_in(await asyncio.to_thread(self._ask, json.dumps(body).encode()))
        except TimeoutError as late:
            raise ModelIsSilent("The local model did not answer in time.") from late
        except (urllib3.exceptions.HTTPError, OSError) as silence:
            raise ModelIsSilent("The local model cannot be reached.") from silence

    def _ask(self, body: bytes) -> bytes:
        """Send one request and return the body of its answer, all of it before the deadline."""
        ends = time.monotonic() + self._seconds
        response = self._pool.request(
            "POST",
            self._address,
            body=body,
            headers={"Content-Type": "application/json"},
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=self._seconds),
            redirect=False,
            preload_content=False,
        )
        try:
            if response.status != 200:
                raise ModelIsSilent(
                    f"The local model's server answered with status {response.status}.",
                    hint="Is the model there? `ollama list` shows those that are.",
                )
            return _whole(response, ends)
        finally:
            response.close()


def _whole(response: BaseHTTPResponse, ends: float) -> bytes:  # seconds of the monotonic clock
    """Read to the end, piece by piece: a server that trickles must not hold a thread."""
    found = b""
    while piece := response.read1(_LONGEST_ANSWER):
        found += piece
        if len(found) > _LONGEST_ANSWER:
            raise ModelIsSilent("The local model's answer is too long.")
        if time.monotonic() > ends:
            raise ModelIsSilent("The local model did not answer in time.")
    return found


def _object_in(body: bytes) -> Mapping[str, object]:
    """Return the object in the message of an answer. Raises ``ModelIsSilent``."""
    try:
        told = json.loads(body)
        content = told["message"]["content"]
        found = json.loads(content)
    except (ValueError, LookupError, TypeError, RecursionError) as nonsense:
        raise ModelIsSilent("The local model's answer makes no sense.") from nonsense
    if not isinstance(found, dict):
        raise ModelIsSilent("The local model's answer makes no sense.")
    return found
