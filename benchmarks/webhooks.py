"""Webhooks accepted (verified, stored, handed on), beside the least that could be done for each.

The least: a bare ES256 verification and one single-row insert with its commit, through the same
pool, into a table with nothing but a key. Both take eight at a time in one process.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import statistics
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from benchmarks import people
from benchmarks.figures import rate, show, timed
from strongroom import connections
from strongroom.connections import webhooks
from strongroom.core.ids import new_id
from strongroom.core.time import clock
from tests.prove import outside
from tests.prove.ground import Base, Ground

_EACH = 3_000
_ROUNDS = 5
_AT_ONCE = 8
_ITEMS = 50


@dataclass(frozen=True)
class _Sent:
    body: bytes
    signature: str


class _Signer:
    """Plaid's side: a key, what it signs, and where the key is looked up."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        public = json.loads(ECAlgorithm.to_jwk(self._key.public_key()))
        self._jwk = {**public, "kid": "bench", "alg": "ES256", "use": "sig", "expired_at": None}
        self.bare = jwt.PyJWK(self._jwk, algorithm="ES256")

    async def fetch(self, key_id: str) -> dict[str, Any]:
        """Answer as /webhook_verification_key/get does."""
        return self._jwk

    def sent(self, number: int, batch: str) -> _Sent:
        """A webhook of its own, for one of a few items."""
        told = {
            "webhook_type": "TRANSACTIONS", "webhook_code": "SYNC_UPDATES_AVAILABLE",
            "item_id": f"bench-{number % _ITEMS}", "environment": "sandbox",
            "initial_update_complete": True, "historical_update_complete": True,
            "number": f"{batch} {number}",
        }  # fmt: skip
        body = json.dumps(told, indent=2).encode()
        claims = {
            "iat": int(clock().timestamp()),
            "request_body_sha256": hashlib.sha256(body).hexdigest(),
        }
        return _Sent(body, jwt.encode(claims, self._key, "ES256", headers={"kid": "bench"}))


def run(ground: Ground, rows: int) -> None:
    """Measure and print; how many rows an account has does not matter here."""
    with (
        ground.database("bench_webhooks") as base,
        outside.sandbox(ground.directory / "webhooks.sqlite") as sandbox,
    ):
        asyncio.run(_measure(base, sandbox))


async def _measure(base: Base, sandbox: outside.Sandbox) -> None:
    with base.admin() as admin:
        admin.execute("CREATE TABLE bare_webhooks (id uuid PRIMARY KEY, body bytea NOT NULL)")
        admin.execute("GRANT INSERT ON bare_webhooks TO strongroom_app")
    signer = _Signer()
    async with people.at_home(base, sandbox) as links:
        keys = connections.WebhookKeys(signer.fetch)

        async def accept(one: _Sent) -> None:
            await connections.receive(links, keys, one.body, one.signature)

        async def least(one: _Sent) -> None:
            _verify(signer.bare, one.signature)
            async with links.database.unit_of_work_for_nobody() as db:
                await db.execute("INSERT INTO bare_webhooks VALUES (%s, %s)", (new_id(), one.body))

        ours: list[float] = []
        floor: list[float] = []
        for number in range(_ROUNDS):
            for found, take in ((floor, least), (ours, accept)):
                sent = [signer.sent(one, f"{number} {take.__name__}") for one in range(_EACH)]
                async with _drained(links, take is accept):
                    found.append(await _all_taken(take, sent))
        with timed() as drained:
            while await webhooks.drain_for_all(links):
                pass
    best, least_seconds = statistics.median(ours), statistics.median(floor)
    show("webhooks accepted", rate(_EACH, best).replace("rows", "webhooks"))
    show("the least: ES256 and one insert", rate(_EACH, least_seconds).replace("rows", "webhooks"))
    show("accepted as a share of the least", f"{least_seconds / best:.2f}", "target: at least 0.60")
    show("what was left to drain afterwards", f"{drained.seconds:.2f} s")


def _verify(key: jwt.PyJWK, signature: str) -> None:
    """Check nothing but the signature itself."""
    signed, _, own = signature.rpartition(".")
    algorithm = key.Algorithm
    assert algorithm.verify(signed.encode(), key.key, jwt.utils.base64url_decode(own))


@asynccontextmanager
async def _drained(links: connections.Links, wanted: bool) -> AsyncIterator[None]:
    """Empty the inbox beside it once a second, as a worker does; in this same process."""

    async def drain() -> None:
        while True:
            await asyncio.sleep(1)
            await webhooks.drain_for_all(links)

    draining = asyncio.create_task(drain()) if wanted else None
    try:
        yield
    finally:
        if draining is not None:
            draining.cancel()
            await asyncio.wait({draining})


async def _all_taken(take: Callable[[_Sent], Awaitable[None]], sent: list[_Sent]) -> float:
    waiting = iter(sent)

    async def lane() -> None:
        for one in waiting:
            await take(one)

    with timed() as took:
        await asyncio.gather(*(lane() for _ in range(_AT_ONCE)))
    return took.seconds
