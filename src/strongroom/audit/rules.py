"""The arithmetic of the chain: what a row's hash covers, and how a chain is checked.

Pure: no database, no clock. The hash is keyed (HMAC-SHA256), so that someone who can write to
the database, but has not the key ring, cannot make a chain that holds.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC
from ipaddress import IPv6Address, ip_address
from uuid import UUID

from strongroom.audit.types import Details, Entry, Scalar, Verified

GENESIS = bytes(32)
"""What the first row of a chain follows."""

_LONGEST_TEXT = 500


def link(key: bytes, entry: Entry) -> bytes:
    """Return the hash of ``entry``: HMAC-SHA256 over its canonical JSON, ``prev_hash`` included."""
    return hmac.digest(key, canonical(entry), hashlib.sha256)


def canonical(entry: Entry) -> bytes:
    """Return the one text form of a row: JSON with sorted keys, no spaces, UTC microseconds."""
    row = {
        "user_id": str(entry.user_id),
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "resource_type": entry.resource_type,
        "resource_id": entry.resource_id,
        "details": entry.details,
        "ip_address": entry.ip_address,
        "user_agent": entry.user_agent,
        "prev_hash": entry.prev_hash.hex(),
    }
    return json.dumps(row, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def check(
    key: bytes,
    rows: Iterable[Entry],
    *,
    so_far: Verified,
    published: Mapping[int, bytes],
) -> Verified:
    """Go on checking a chain with its next ``rows``, in order of ``seq``.

    ``published`` are hashes by ``seq`` that were kept outside the database: a chain that was
    written anew, even by someone with the key, differs from them.
    """
    for row in rows:
        if not so_far.holds:
            return so_far
        expected = so_far.count + 1
        if row.seq != expected:
            return replace(so_far, broken_at=expected, fault="missing")
        kept = published.get(row.seq, row.hash)
        follows = hmac.compare_digest(row.prev_hash, so_far.head)
        if not (
            follows
            and hmac.compare_digest(row.hash, link(key, row))
            and hmac.compare_digest(row.hash, kept)
        ):
            return replace(so_far, broken_at=row.seq, fault="altered")
        so_far = replace(so_far, count=row.seq, head=row.hash)
    return so_far


def finish(so_far: Verified, published: Mapping[int, bytes]) -> Verified:
    """Return the verdict once all rows were checked: the newest may have been cut off."""
    last = max(published, default=0)
    if so_far.holds and so_far.count < last:
        return replace(so_far, broken_at=so_far.count + 1, fault="cut off")
    return so_far


def start(user_id: UUID) -> Verified:
    """Return the state before the first row of a chain."""
    return Verified(user_id, 0, GENESIS)


def clean_details(details: Details | None) -> Details:
    """Return ``details`` as they will be read back. Raises ``TypeError`` for other values.

    Floats are refused: PostgreSQL may write them in another way than Python did.
    """
    return {str(name): _clean(value) for name, value in (details or {}).items()}


def clean_text(text: str | None) -> str | None:
    """Return text from outside as it may be stored: printable, and of bounded length."""
    if text is None:
        return None
    kept = "".join(character if character.isprintable() else " " for character in text)
    return kept[:_LONGEST_TEXT]


def clean_address(text: str | None) -> str | None:
    """Return an IP address in its one form, or None for what is no address."""
    try:
        address = ip_address((text or "").split("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return address.compressed


def _clean(value: Scalar | list[Scalar]) -> Scalar | list[Scalar]:
    if isinstance(value, list):
        return [_clean_scalar(item) for item in value]
    return _clean_scalar(value)


def _clean_scalar(value: Scalar) -> Scalar:
    if isinstance(value, str):
        return clean_text(value)
    # The annotation says so already, but what a row may hold is worth a check at run time.
    if value is None or isinstance(value, bool | int):
        return value
    raise TypeError(f"an audit detail cannot be a {type(value).__name__}")
