"""API tokens: making one, finding whose it is, listing and revoking them.

A token is shown once, when it is made; the database holds its SHA-256. It can do what its scopes
say, and never make tokens or end sessions.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from strongroom import audit
from strongroom.core.db import Db, execute, many, one
from strongroom.core.errors import Conflict, NotFound, Refused
from strongroom.core.ids import UserId, new_id
from strongroom.identity import rules
from strongroom.identity.sessions import fingerprint
from strongroom.identity.types import ApiToken, Client, NewApiToken, TokenId
from strongroom.ui import N_

PREFIX: Final = "srt_"
_MOST_TOKENS = 50


class TokenNotFound(NotFound):
    """There is no API token with that id."""


class TooManyTokens(Refused):
    """The person has as many API tokens as one may have."""


class TokenIsMade(Conflict):
    """The same request has made its token before; the secret was shown then."""


class ExpiryHasPassed(Refused):
    """A token cannot end before it begins."""


@dataclass(frozen=True, slots=True)
class FoundToken:
    """Whose token it is and what it may do."""

    user_id: UserId
    token_id: TokenId
    scopes: list[str]


async def create_token(
    db: Db,
    *,
    owner: UserId,
    name: str,
    scopes: list[str],
    expires_at: datetime | None = None,
    token_id: TokenId | None = None,
    actor: str = "person",
    client: Client,
    now: datetime,
) -> NewApiToken:
    """Make an API token. Its secret is in the answer and nowhere else.

    ``token_id`` comes from a form that must not make two when it is sent twice. Raises
    ``BadName``, ``BadChoice`` for a scope, ``ExpiryHasPassed``, ``TooManyTokens``, ``TokenIsMade``.
    """
    name = rules.read_name(name, name_of="name") or "API"
    scopes = rules.read_scopes(scopes)
    if expires_at is not None and expires_at <= now:
        raise ExpiryHasPassed(
            N_("That expiry is in the past."),
            field="expires_at",
            hint=N_("Choose a later one."),
        )
    if len(await list_tokens(db, owner=owner, now=now)) >= _MOST_TOKENS:
        raise TooManyTokens(
            N_("You have as many API tokens as one can have."),
            hint=N_("Revoke one that you no longer use."),
        )
    token = ApiToken(token_id or TokenId(new_id()), name, scopes, now, None, expires_at)
    secret = PREFIX + secrets.token_urlsafe(32)
    made = await execute(
        db,
        "INSERT INTO api_tokens (user_id, id, name, token_hash, scopes, created_at, expires_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT (user_id, id) DO NOTHING",
        (owner, token.id, name, fingerprint(secret), scopes, now, expires_at),
    )
    if not made:
        raise TokenIsMade(
            N_("This token was made already, and its secret was shown then."),
            hint=N_("If you no longer have the secret, revoke the token and make another."),
        )
    details: audit.Details = {"scopes": [*scopes], "expires": expires_at is not None}
    await _record(db, owner, "identity.token_made", token.id, actor, client, now, details)
    return NewApiToken(token, secret)


async def list_tokens(db: Db, *, owner: UserId, now: datetime) -> list[ApiToken]:
    """Return the tokens that still work, newest first."""
    return await many(
        db,
        ApiToken,
        "SELECT id, name, scopes, created_at, last_used_at, expires_at FROM api_tokens"
        " WHERE user_id = %s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %s)"
        " ORDER BY created_at DESC, id",
        (owner, now),
    )


async def revoke_token(
    db: Db,
    *,
    owner: UserId,
    token_id: TokenId,
    actor: str = "person",
    client: Client,
    now: datetime,
) -> None:
    """End a token at once. Raises ``TokenNotFound``."""
    revoked = await execute(
        db,
        "UPDATE api_tokens SET revoked_at = %s"
        " WHERE user_id = %s AND id = %s AND revoked_at IS NULL",
        (now, owner, token_id),
    )
    if not revoked:
        raise TokenNotFound("There is no API token with that id.")
    await _record(db, owner, "identity.token_revoked", token_id, actor, client, now, {})


async def find(db: Db, secret: str, *, now: datetime) -> FoundToken | None:
    """Return whose token a secret is, if it still works. Any unit of work will do."""
    return await one(
        db,
        FoundToken,
        "SELECT user_id, token_id, scopes FROM find_api_token(%s, %s)",
        (fingerprint(secret), now),
    )


async def note_use(db: Db, *, owner: UserId, token_id: TokenId, now: datetime) -> None:
    """Keep when a token was last used, to the minute."""
    await execute(
        db,
        "UPDATE api_tokens SET last_used_at = %s WHERE user_id = %s AND id = %s"
        " AND (last_used_at IS NULL OR last_used_at < %s)",
        (now, owner, token_id, now - rules.SEEN_EVERY),
    )


async def _record(
    db: Db,
    owner: UserId,
    action: str,
    token_id: TokenId,
    actor: str,
    client: Client,
    now: datetime,
    details: audit.Details,
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=action,
        resource_type="api_token",
        resource_id=str(token_id),
        details=details,
        ip=client.ip,
        user_agent=client.user_agent,
        now=now,
    )
