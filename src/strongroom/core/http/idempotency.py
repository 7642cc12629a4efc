"""Idempotency-Key: a POST that is repeated with the same key takes effect once.

What holds: the key, the effect and the answer are stored in one unit of work, so there is never
one without the other. A repeat gets the stored answer; two at the same moment run one after the
other, and the second gets the first's answer. The same key with another request is a conflict. A
request that failed stored nothing and may be repeated. Keys are forgotten after a day. An answer
that carries a secret must not go through here, for it is stored.

Where the effect is a flow of several units of work with calls to a bank in between
(``idempotent_flow``), the key is stored before it and the answer after it: a repeat meanwhile is
told to wait, and what a crash cut short is never done twice under one key.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Header
from fastapi.encoders import jsonable_encoder
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from strongroom.core import answers
from strongroom.core.answers import HEADER, Kept
from strongroom.core.db import Database, Db, execute
from strongroom.core.errors import Refused, Unavailable
from strongroom.core.ids import UserId

_LONGEST = 255


class IsUnderWay(Unavailable):
    """A request with this key has begun and was not answered yet."""


class BadKey(Refused):
    """The key is empty, too long, or not plain text."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks, for recognising its repeat. ``key`` is None when it carries none."""

    key: str | None
    request_hash: bytes


async def asked(
    request: Request,
    key: Annotated[
        str | None,
        Header(alias=HEADER, description="Repeat a request with the same key: it is done once."),
    ] = None,
) -> Asked:
    """Read the key and hash method, address and body. For JSON bodies. Raises ``BadKey``."""
    if key is not None and not (0 < len(key) <= _LONGEST and key.isascii() and key.isprintable()):
        raise BadKey(
            f"{HEADER} must be 1 to {_LONGEST} plain characters.",
            field=HEADER,
            hint="A fresh UUID for each new request will do.",
        )
    digest = hashlib.sha256()
    if key is not None:
        address = f"{request.method} {request.url.path}?{request.url.query}"
        digest.update(address.encode() + b"\0" + await request.body())
    return Asked(key, digest.digest())


AskedOnce = Annotated[Asked, Depends(asked)]
"""The parameter of a handler that takes an Idempotency-Key."""


@dataclass(slots=True)
class Turn:
    """One handling of a request. ``stored`` is the answer it got before, if it came before."""

    stored: Response | None
    _answer: Response | None = field(default=None, repr=False)

    def answer(self, body: Any, *, status: int = 200) -> Response:
        """Set what this request is answered, and every repeat of it; return it as a response."""
        self._answer = JSONResponse(jsonable_encoder(body), status)
        return self._answer


@asynccontextmanager
async def idempotent(db: Db, asked: Asked, *, owner: UserId, now: datetime) -> AsyncIterator[Turn]:
    """Handle a request once, inside the unit of work ``db`` that its effect belongs to.

    ::

        async with caller.unit_of_work() as db, idempotent(db, asked, owner=..., now=...) as turn:
            if turn.stored is not None:
                return turn.stored
            account = await accounts.rename(db, ...)
            return turn.answer(AccountOut.of(account))

    Raises ``KeyWasUsed``.
    """
    if asked.key is None:
        yield Turn(None)
        return
    stored = await answers.claim(db, asked.key, asked.request_hash, owner=owner, now=now)
    turn = Turn(None if stored is None else _response(stored))
    yield turn
    if stored is None:
        await _keep(db, asked.key, turn._answer, owner=owner)


async def _keep(db: Db, key: str, answer: Response | None, *, owner: UserId) -> None:
    if answer is None:
        raise RuntimeError("a request with an idempotency key ended without turn.answer(...)")
    await answers.keep(
        db,
        key,
        owner=owner,
        status=answer.status_code,
        body=bytes(answer.body),
        content_type=answer.media_type,
    )


def _response(stored: Kept) -> Response:
    return Response(
        stored.body or b"",
        stored.status or 200,
        media_type=stored.content_type,
        headers={"Idempotent-Replayed": "true"},
    )


@asynccontextmanager
async def idempotent_flow(
    database: Database, asked: Asked, *, owner: UserId, now: datetime
) -> AsyncIterator[Turn]:
    """Handle a request once whose effect is a flow that opens its own units of work.

    As ``idempotent``, but without one. Raises ``KeyWasUsed`` and ``IsUnderWay``.
    """
    if asked.key is None:
        yield Turn(None)
        return
    async with database.unit_of_work(owner) as db:
        stored = await answers.claim(db, asked.key, asked.request_hash, owner=owner, now=now)
    if stored is not None:
        if stored.status is None:
            raise IsUnderWay(
                f"A request with this {HEADER} is under way, or was cut short.",
                field=HEADER,
                hint="Repeat it in a moment; if it stays so, look what came of it.",
                retry_after_seconds=2,
            )
        yield Turn(_response(stored))
        return
    turn = Turn(None)
    try:
        yield turn
    except BaseException:
        async with database.unit_of_work(owner) as db:
            await execute(
                db,
                "DELETE FROM idempotency_keys WHERE user_id = %s AND key = %s",
                (owner, asked.key),
            )
        raise
    async with database.unit_of_work(owner) as db:
        await _keep(db, asked.key, turn._answer, owner=owner)
