"""The vault: seals secrets so that only the row they were sealed for can be opened.

AES-256-GCM under a data key of the person's own, which a key of the ring wraps; destroying that
data key is erasure. Keeps no key in memory between calls. Knows no secret's meaning.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from strongroom.core.db import Db, execute, many, one
from strongroom.core.errors import Refused
from strongroom.core.ids import UserId, new_id
from strongroom.core.keys import KeyRing

_VERSION = b"\x01"
_NONCE_BYTES = 12
_HEADER_BYTES = 1 + 16 + _NONCE_BYTES  # version, data key's id, nonce
_TAG_BYTES = 16
_BATCH = 200
KEYS_CHANGE = "keys leave the ring"
"""The lock that whoever wraps a data key shares, and whoever takes a key out of the ring has."""


class CannotOpen(Refused):
    """The sealed value was altered or moved, or the key that sealed it is not here."""


class KeyDestroyed(CannotOpen):
    """The person's data key is gone, and with it everything that it sealed."""


@dataclass(frozen=True, slots=True)
class _Wrapped:
    user_id: UUID
    id: UUID
    key_id: str
    wrapped: bytes


class Vault:
    """Seals and opens values of one installation.

    ``reload`` reads the key ring anew; it is asked when a data key was wrapped by a key that
    this process has not seen, as happens while another process rotates the ring, and before one
    is wrapped.

    Data keys are read from the database each time on purpose: a key kept in memory would open
    what erasure destroyed, and could seal under a key whose unit of work was never stored.
    Unwrapping takes a microsecond or two.
    """

    def __init__(self, ring: KeyRing, reload: Callable[[], KeyRing] | None = None) -> None:
        self._ring = ring
        self._reload = reload

    async def seal(
        self, db: Db, *, owner: UserId, table: str, column: str, row: UUID, plaintext: bytes
    ) -> bytes:
        """Return ``plaintext`` sealed for one column of one row of ``owner``.

        The form is version (1 byte), data key's id (16), nonce (12), ciphertext with tag. The
        person's data key is made when first needed, in this unit of work.
        """
        stored = await _newest_key(db, owner) or await self._make_key(db, owner)
        nonce = secrets.token_bytes(_NONCE_BYTES)
        header = _VERSION + stored.id.bytes + nonce
        bound = _bound(header, owner, table, column, row)
        return header + AESGCM(self._unwrap(stored)).encrypt(nonce, plaintext, bound)

    async def unseal(
        self, db: Db, *, owner: UserId, table: str, column: str, row: UUID, sealed: bytes
    ) -> bytes:
        """Return what was sealed for exactly this place. Raises ``CannotOpen``."""
        header, body = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
        if len(body) < _TAG_BYTES or header[:1] != _VERSION:
            raise _altered()
        stored = await _key(db, owner, UUID(bytes=header[1:17]))
        if stored is None:
            raise KeyDestroyed(
                "The key that sealed this is gone, so it cannot be opened.",
                hint="Link the bank again, or restore a backup that still has the key.",
            )
        bound = _bound(header, owner, table, column, row)
        try:
            return AESGCM(self._unwrap(stored)).decrypt(header[17:], body, bound)
        except InvalidTag as error:
            raise _altered() from error

    async def destroy_keys(self, db: Db, *, owner: UserId) -> int:
        """Destroy a person's data keys for good; return how many there were."""
        return await execute(db, "DELETE FROM data_keys WHERE user_id = %s", (owner,))

    async def rewrap_for_all(self, db: Db) -> int:
        """Wrap every data key that an older key of the ring wraps by the current one.

        For the system role, after the ring got a new key. Readers go on: what a data key sealed
        stays as it is. Takes one batch a call and returns its size; call until it returns 0.
        """
        stale = await many(
            db,
            _Wrapped,
            "SELECT user_id, id, key_id, wrapped FROM data_keys WHERE key_id <> %s"
            " ORDER BY user_id, id LIMIT %s FOR UPDATE",
            (self._ring.current, _BATCH),
        )
        for stored in stale:
            key_id, wrapped = self._wrap(stored.user_id, stored.id, self._unwrap(stored))
            await execute(
                db,
                "UPDATE data_keys SET key_id = %s, wrapped = %s WHERE user_id = %s AND id = %s",
                (key_id, wrapped, stored.user_id, stored.id),
            )
        return len(stale)

    async def _make_key(self, db: Db, owner: UserId) -> _Wrapped:
        """Make the person's data key, unless somebody else made it while we waited."""
        await db.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('data key ' || %s, 0))", (str(owner),)
        )
        made = await _newest_key(db, owner)
        if made is not None:
            return made
        await self._renew_ring(db)
        data_key_id = new_id()
        fresh = secrets.token_bytes(32)
        key_id, wrapped = self._wrap(owner, data_key_id, fresh)
        await execute(
            db,
            "INSERT INTO data_keys (user_id, id, key_id, wrapped, created_at)"
            " VALUES (%s, %s, %s, %s, now())",
            (owner, data_key_id, key_id, wrapped),
        )
        return _Wrapped(owner, data_key_id, key_id, wrapped)

    async def _renew_ring(self, db: Db) -> None:
        """Have the ring as it is now, which stays so until the unit of work ends.

        Else a process that was started before a rotation would wrap by a key on its way out.
        """
        if self._reload is not None:
            query = "SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))"
            await db.execute(query, (KEYS_CHANGE,))
            self._ring = self._reload()

    def _wrap(self, owner: UUID, data_key_id: UUID, data_key: bytes) -> tuple[str, bytes]:
        name = self._ring.current
        nonce = secrets.token_bytes(_NONCE_BYTES)
        bound = _bound_key(owner, data_key_id, name)
        return name, nonce + AESGCM(self._ring.keys[name]).encrypt(nonce, data_key, bound)

    def _unwrap(self, stored: _Wrapped) -> bytes:
        if stored.key_id not in self._ring.keys and self._reload is not None:
            self._ring = self._reload()
        key = self._ring.keys.get(stored.key_id)
        if key is None:
            raise CannotOpen(
                f"The key ring has no key {stored.key_id!r}.",
                hint="This database belongs to another key ring. Restore keys.json.",
            )
        nonce, body = stored.wrapped[:_NONCE_BYTES], stored.wrapped[_NONCE_BYTES:]
        bound = _bound_key(stored.user_id, stored.id, stored.key_id)
        try:
            return AESGCM(key).decrypt(nonce, body, bound)
        except InvalidTag as error:
            raise _altered() from error


def _bound(header: bytes, owner: UUID, table: str, column: str, row: UUID) -> bytes:
    """The place a value belongs to; fixed lengths and NUL keep two places from reading alike."""
    return header + owner.bytes + row.bytes + f"{table}\0{column}".encode()


def _bound_key(owner: UUID, data_key_id: UUID, name: str) -> bytes:
    return b"data key\0" + owner.bytes + data_key_id.bytes + name.encode()


def _altered() -> CannotOpen:
    return CannotOpen(
        "A sealed value was altered or moved and cannot be opened.",
        hint="Link the bank again, or restore a backup; see the log of the database.",
    )


async def _newest_key(db: Db, owner: UserId) -> _Wrapped | None:
    query = "SELECT user_id, id, key_id, wrapped FROM data_keys WHERE user_id = %s"
    return await one(db, _Wrapped, query + " ORDER BY id DESC LIMIT 1", (owner,))


async def _key(db: Db, owner: UserId, data_key_id: UUID) -> _Wrapped | None:
    query = "SELECT user_id, id, key_id, wrapped FROM data_keys WHERE user_id = %s AND id = %s"
    return await one(db, _Wrapped, query, (owner, data_key_id))
