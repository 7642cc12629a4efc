"""Checks that a webhook is Plaid's: ES256 signature, age, and hash of the raw body.

Follows Plaid's "webhook verification": compact JWS, key by ``kid``, claims ``iat`` and
``request_body_sha256``. Keys are kept in process; look-ups of unknown ids are bounded, so that
forged ids cannot cause a flood of requests.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jwt

from strongroom.connections.errors import BadWebhook, FeedError

_ALGORITHM = "ES256"
_OLDEST = timedelta(minutes=5)
_CLOCKS_DIFFER_BY = timedelta(seconds=30)
_KEEP_KEY_FOR = timedelta(hours=24)
_KEEP_UNKNOWN_FOR = timedelta(minutes=1)
_MOST_KEYS = 100

FetchKey = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class _Known:
    key: jwt.PyJWK | None
    until: datetime


class WebhookKeys:
    """Plaid's verification keys by id, fetched when first needed."""

    def __init__(self, fetch: FetchKey) -> None:
        self._fetch = fetch
        self._known: dict[str, _Known] = {}

    async def verify(self, body: bytes, signature: str | None, now: datetime) -> None:
        """Raise ``BadWebhook`` unless ``signature`` is Plaid's for ``body``, made just now."""
        if not signature:
            raise BadWebhook("The message is not signed.")
        try:
            header = jwt.get_unverified_header(signature)
        except jwt.InvalidTokenError as error:
            raise BadWebhook("The message's signature cannot be read.") from error
        # Before any key is looked up: no other algorithm is ever tried.
        if header.get("alg") != _ALGORITHM or not isinstance(header.get("kid"), str):
            raise BadWebhook("The message is signed in a way that Plaid does not use.")
        key = await self._key(header["kid"], now)
        if key is None:
            raise BadWebhook("The message is signed with an unknown key.")
        _check_claims(_claims(signature, key), body, now)

    async def _key(self, key_id: str, now: datetime) -> jwt.PyJWK | None:
        known = self._known.get(key_id)
        if known is None or known.until <= now:
            known = await self._look_up(key_id, now)
        return known.key

    async def _look_up(self, key_id: str, now: datetime) -> _Known:
        self._known = {name: one for name, one in self._known.items() if one.until > now}
        if len(self._known) >= _MOST_KEYS:
            return _Known(None, now)
        try:
            jwk = await self._fetch(key_id)
        except FeedError as error:
            if error.will_pass:
                raise
            found = _Known(None, now + _KEEP_UNKNOWN_FOR)
        else:
            expired = jwk.get("expired_at") is not None
            key = None if expired else jwt.PyJWK(jwk, algorithm=_ALGORITHM)
            found = _Known(key, now + (_KEEP_UNKNOWN_FOR if expired else _KEEP_KEY_FOR))
        self._known[key_id] = found
        return found


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


def _check_claims(claims: dict[str, Any], body: bytes, now: datetime) -> None:
    made = claims["iat"]
    if not isinstance(made, int | float):
        raise BadWebhook("The message does not say when it was made.")
    age = now.timestamp() - made
    if age > _OLDEST.total_seconds() or age < -_CLOCKS_DIFFER_BY.total_seconds():
        raise BadWebhook(
            "The message is too old.", hint="Check this server's clock if it happens often."
        )
    promised = claims.get("request_body_sha256")
    actual = hashlib.sha256(body).hexdigest()
    if not isinstance(promised, str) or not hmac.compare_digest(promised.encode(), actual.encode()):
        raise BadWebhook("The message was altered on its way.")
