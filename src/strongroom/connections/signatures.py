"""Checks that a webhook is Plaid's: ES256 signature, age, and hash of the raw body.

Follows Plaid's "webhook verification": compact JWS, key by ``kid``, claims ``iat`` and
``request_body_sha256``. Keys are kept in process for a day, or until a new one appears. Anybody
can name a key that is not Plaid's: ids that are not known as good are asked for 30 times a minute
at most, in each process, and what they use up is never taken from keys that have proven good.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from asyncio import Lock
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from weakref import WeakValueDictionary

import jwt

from strongroom.connections.errors import BadWebhook, FeedError

_ALGORITHM = "ES256"
_OLDEST = timedelta(minutes=5)
_CLOCKS_DIFFER_BY = timedelta(seconds=30)
_KEEP_KEY_FOR = timedelta(hours=24)
_KEEP_UNKNOWN_FOR = timedelta(minutes=1)
_MOST_UNKNOWN = 30
_KEY_ID = re.compile(r"[\w.-]{1,100}", re.ASCII)
_MALFORMED = (jwt.PyJWTError, AttributeError, LookupError, TypeError, ValueError)

FetchKey = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Known:
    key: jwt.PyJWK
    until: datetime


class WebhookKeys:
    """Plaid's verification keys by id, fetched when first needed, one look-up at a time an id."""

    def __init__(self, fetch: FetchKey) -> None:
        self._fetch = fetch
        self._good: dict[str, _Known] = {}
        self._unknown: dict[str, datetime] = {}
        """Ids that Plaid did not know or whose key has expired, and until when that stands."""
        self._asked: deque[datetime] = deque()
        """When ids that are not known as good were asked for, within the last minute."""
        self._turns: WeakValueDictionary[str, Lock] = WeakValueDictionary()

    async def verify(self, body: bytes, signature: str | None, now: datetime) -> datetime:
        """Return when Plaid signed ``body`` (UTC, to the second or finer).

        Raises ``BadWebhook`` unless ``signature`` is Plaid's for it, made just now.
        """
        if not signature:
            raise BadWebhook("The message is not signed.")
        try:
            header = jwt.get_unverified_header(signature)
        except jwt.InvalidTokenError as error:
            raise BadWebhook("The message's signature cannot be read.") from error
        # Before any key is looked up: no other algorithm is ever tried.
        key_id = header.get("kid")
        named = isinstance(key_id, str) and _KEY_ID.fullmatch(key_id)
        if header.get("alg") != _ALGORITHM or not named:
            raise BadWebhook("The message is signed in a way that Plaid does not use.")
        key = await self._key(str(key_id), now)
        if key is None:
            raise BadWebhook("The message is signed with an unknown key.")
        return _check_claims(_claims(signature, key), body, now)

    async def _key(self, key_id: str, now: datetime) -> jwt.PyJWK | None:
        known = self._good.get(key_id)
        if known is not None and known.until > now:
            return known.key
        turn = self._turns.setdefault(key_id, Lock())
        async with turn:
            return await self._look_up(key_id, now)

    async def _look_up(self, key_id: str, now: datetime) -> jwt.PyJWK | None:
        known = self._good.get(key_id)
        if known is not None and known.until > now:
            return known.key  # somebody before us in the row has asked
        self._unknown = {name: until for name, until in self._unknown.items() if until > now}
        if key_id in self._unknown or (known is None and not self._may_ask(now)):
            return None
        key = await self._ask(key_id)
        if key is None:
            self._good.pop(key_id, None)
            self._unknown[key_id] = now + _KEEP_UNKNOWN_FOR
        else:
            if known is None:
                # Plaid has begun to sign with another key: whether the older ones still hold is
                # asked for anew, each when it is next used.
                self._good = {name: _Known(one.key, now) for name, one in self._good.items()}
            self._good[key_id] = _Known(key, now + _KEEP_KEY_FOR)
        return key

    def _may_ask(self, now: datetime) -> bool:
        """Whether one more id that is not known as good may be asked for; it counts as asked."""
        while self._asked and self._asked[0] <= now - _KEEP_UNKNOWN_FOR:
            self._asked.popleft()
        if len(self._asked) >= _MOST_UNKNOWN:
            return False
        self._asked.append(now)
        return True

    async def _ask(self, key_id: str) -> jwt.PyJWK | None:
        try:
            jwk = await self._fetch(key_id)
        except FeedError as error:
            if error.will_pass:
                raise
            return None
        if jwk.get("expired_at") is not None:
            return None
        try:
            return jwt.PyJWK(jwk, algorithm=_ALGORITHM)
        except _MALFORMED:
            return None


def _claims(signature: str, key: jwt.PyJWK) -> dict[str, Any]:
    try:
        # Age is checked below against the caller's clock, on both sides.
        claims: dict[str, Any] = jwt.decode(
            signature,
            key,
            algorithms=[_ALGORITHM],
            options={"require": ["iat"], "verify_iat": False, "verify_aud": False},
        )
    except jwt.InvalidTokenError as error:
        raise BadWebhook("The message was not signed by Plaid.") from error
    return claims


def _check_claims(claims: dict[str, Any], body: bytes, now: datetime) -> datetime:
    made = claims["iat"]
    if not isinstance(made, int | float):
        raise BadWebhook("The message does not say when it was made.")
    age = now.timestamp() - made
    if not -_CLOCKS_DIFFER_BY.total_seconds() <= age <= _OLDEST.total_seconds():
        raise BadWebhook(
            "The message is too old.", hint="Check this server's clock if it happens often."
        )
    promised = claims.get("request_body_sha256")
    actual = hashlib.sha256(body).hexdigest()
    if not isinstance(promised, str) or not hmac.compare_digest(promised.encode(), actual.encode()):
        raise BadWebhook("The message was altered on its way.")
    return datetime.fromtimestamp(made, UTC)
