"""The key ring: the secrets that everything else is derived from or wrapped by.

Read from the environment or from ``keys.json`` (mode 0600) under the home, which the first start
makes. Sealing data is ``core/vault.py``'s; this module only keeps and derives keys.
"""

from __future__ import annotations

import json
import os
import re
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from strongroom.core.errors import Refused
from strongroom.core.settings import Settings

_KEY_BYTES = 32


class BadKeyRing(Refused):
    """The key ring is missing, unreadable, weak, or open to other users of the machine."""


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Wrapping keys by id (``current`` wraps anew, the others still open), and a root secret.

    The root never rotates with them: role passwords, hash keys and the like derive from it.
    """

    current: str
    keys: dict[str, bytes] = field(repr=False)
    root: bytes = field(repr=False)

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte secret for ``purpose`` (HKDF-SHA256, RFC 5869)."""
        info = b"strongroom/" + purpose.encode()
        return HKDF(hashes.SHA256(), _KEY_BYTES, salt=None, info=info).derive(self.root)

    def with_new_key(self) -> KeyRing:
        """Return a ring whose current key is fresh; the former ones still open what they sealed."""
        # Past the highest number, not the count: a ring whose oldest keys were taken out has gaps.
        numbers = [int(name[1:]) for name in self.keys if re.fullmatch("k[0-9]{1,9}", name)]
        name = f"k{max(numbers, default=0) + 1}"
        fresh = {**self.keys, name: secrets.token_bytes(_KEY_BYTES)}
        return KeyRing(current=name, keys=fresh, root=self.root)

    def fingerprint(self) -> str:
        """Return what tells this ring from another and gives nothing of it away; survives rotation.

        A database and the server's roles carry it, so that no other ring is taken for theirs.
        """
        return self.derive("fingerprint of the ring")[:16].hex()

    def to_json(self) -> str:
        """Return the text form that ``STRONGROOM_KEYS`` and ``keys.json`` hold. A secret."""
        shown = {name: b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps(
            {"current": self.current, "keys": shown, "root": b64encode(self.root).decode()}
        )


def new_ring() -> KeyRing:
    """Return a ring of fresh random keys."""
    return KeyRing("k1", {"k1": secrets.token_bytes(_KEY_BYTES)}, secrets.token_bytes(_KEY_BYTES))


def path_of(settings: Settings) -> Path:
    """Return where the ring lies when ``STRONGROOM_KEYS`` does not hold it."""
    return settings.home / "keys.json"


def load(settings: Settings, *, may_make: bool = True) -> KeyRing:
    """Read the key ring, making ``keys.json`` at the first start. Raises ``BadKeyRing``.

    ``may_make`` is false where a database is there already: a new ring would open nothing of it.
    """
    if settings.key_ring is not None:
        return _read(settings.key_ring, "STRONGROOM_KEYS")
    path = path_of(settings)
    try:
        if path.stat().st_mode & 0o077:
            raise BadKeyRing(f"{path} can be read by other users.", hint=f"Run: chmod 600 {path}")
        return _read(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        if not may_make or (settings.database_url and settings.plaid_env == "production"):
            raise BadKeyRing(
                f"There is no key ring at {path}.",
                hint="The database needs the key ring it was set up with: put its keys.json there, "
                "set STRONGROOM_HOME to where that is, or give it in STRONGROOM_KEYS.",
            ) from None
        return _make(path)


def save(path: Path, ring: KeyRing) -> None:
    """Write the ring to ``path`` so that a crash leaves the old file or the new, never half."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = path.with_suffix(".new")
    _write(partial, ring)
    partial.replace(path)
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _write(path: Path, ring: KeyRing) -> None:
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(ring.to_json())
        file.flush()
        os.fsync(file.fileno())


def _make(path: Path) -> KeyRing:
    ring = new_ring()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    complete = path.with_suffix(f".{os.getpid()}")
    _write(complete, ring)
    try:
        # A link never replaces: of two processes that start at once, one ring wins.
        os.link(complete, path)
    except FileExistsError:
        ring = _read(path.read_text(encoding="utf-8"), str(path))
    finally:
        complete.unlink()
    return ring


def _read(text: str, where: str) -> KeyRing:
    try:
        stored: dict[str, Any] = json.loads(text)
        keys = {str(name): b64decode(key, validate=True) for name, key in stored["keys"].items()}
        ring = KeyRing(str(stored["current"]), keys, b64decode(stored["root"], validate=True))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadKeyRing(f"{where} is not a key ring.", hint="Restore it from a backup.") from error
    secrets_held = [*ring.keys.values(), ring.root]
    if ring.current not in ring.keys or any(
        len(key) != _KEY_BYTES or len(set(key)) < 8 for key in secrets_held
    ):
        raise BadKeyRing(f"{where} holds a weak or missing key.", hint="Restore it from a backup.")
    return ring
