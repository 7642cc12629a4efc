"""Webhooks: queued in the state file, signed with ES256, delivered again until answered 200.

Signing follows Plaid's scheme (a JWS over the hash of the body); delivery reaches loopback
addresses only unless the options say otherwise.
"""

from __future__ import annotations

import base64
import hashlib
import http.client
import ipaddress
import json
import socket
import sqlite3
import time
import uuid
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from strongroom.sandbox.plaid import faults
from strongroom.sandbox.plaid.fields import invalid
from strongroom.sandbox.plaid.wire import pretty
from strongroom.sandbox.plaid.world import World

# The key id that Plaid's own tests ask for.
FIRST_KID: Final = "6c5516e1-92dc-479e-a8ff-5a51992e0001"
TIMEOUT_SECONDS: Final = 10.0
FIRST_RETRY_SECONDS: Final = 30.0
RETRY_FACTOR: Final = 4
GIVE_UP_SECONDS: Final = 24 * 3600.0
ENVIRONMENT: Final = "sandbox"
STALE_SECONDS: Final = 600
_OK: Final = 200


def ensure_key(db: sqlite3.Connection) -> None:
    """Make the first signing key when the state file has none."""
    if db.execute("SELECT count(*) FROM webhook_keys").fetchone()[0] == 0:
        _new_key(db, FIRST_KID)


def rotate_key(db: sqlite3.Connection) -> str:
    """Expire the present keys and make a new one; returns its kid."""
    db.execute("UPDATE webhook_keys SET expired_at = ? WHERE expired_at IS NULL", (time.time(),))
    kid = str(uuid.uuid4())
    _new_key(db, kid)
    return kid


def _new_key(db: sqlite3.Connection, kid: str) -> None:
    pem = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    db.execute("INSERT INTO webhook_keys VALUES (?, ?, ?, NULL)", (kid, pem.decode(), time.time()))


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_key(db: sqlite3.Connection, kid: str) -> dict[str, Any] | None:
    """Give the JWK for a key id, or None."""
    row = db.execute("SELECT * FROM webhook_keys WHERE kid = ?", (kid,)).fetchone()
    if row is None:
        return None
    key = serialization.load_pem_private_key(row["pem"].encode(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError("the state file holds a key that is not an EC key")
    numbers = key.public_key().public_numbers()
    return {
        "alg": "ES256",
        "created_at": int(row["created_at"]),
        "crv": "P-256",
        "expired_at": int(row["expired_at"]) if row["expired_at"] else None,
        "kid": kid,
        "kty": "EC",
        "use": "sig",
        "x": _b64(numbers.x.to_bytes(32, "big")),
        "y": _b64(numbers.y.to_bytes(32, "big")),
    }


def sign(db: sqlite3.Connection, body: bytes, *, issued_at: int, signed: int = faults.TRULY) -> str:
    """Make the compact JWS for the Plaid-Verification header.

    ``signed`` BY_A_STRANGER takes a key that nobody published, under the published key's id;
    LONG_AGO a true signature that was made ten minutes before.
    """
    if signed == faults.LONG_AGO:
        issued_at -= STALE_SECONDS
    row = db.execute(
        "SELECT * FROM webhook_keys WHERE expired_at IS NULL ORDER BY created_at DESC LIMIT 1"
    ).fetchone()
    header = {"alg": "ES256", "kid": row["kid"], "typ": "JWT"}
    claims = {"iat": issued_at, "request_body_sha256": hashlib.sha256(body).hexdigest()}
    text = ".".join(
        _b64(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims)
    )
    if signed == faults.BY_A_STRANGER:
        key: Any = ec.generate_private_key(ec.SECP256R1())
    else:
        key = serialization.load_pem_private_key(row["pem"].encode(), None)
    r, s = decode_dss_signature(key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def queue(
    world: World,
    *,
    item_id: str | None,
    url: str | None,
    kind: str,
    code: str,
    members: Mapping[str, Any],
) -> bool:
    """Queue one webhook; False when there is no address to send it to."""
    if not url:
        return False
    body: dict[str, Any] = {"webhook_type": kind, "webhook_code": code}
    if item_id is not None:
        body["item_id"] = item_id
    body |= members
    body["environment"] = ENVIRONMENT
    now = time.time()
    for copy in faults.webhook_copies(world):
        world.db.execute(
            "INSERT INTO webhooks (item_id, url, code, body, forged, queued_at, due_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (item_id, url, code, pretty(body), copy.signed, now, now + copy.delay_seconds),
        )
    world.wake()
    return True


def as_object(row: sqlite3.Row) -> dict[str, Any]:
    """Describe one queued or delivered webhook for the control door."""
    return {
        "id": row["id"], "item_id": row["item_id"], "url": row["url"], "code": row["code"],
        "attempts": row["attempts"], "outcome": row["outcome"], "done": row["due_at"] is None,
        "forged": row["forged"] == faults.BY_A_STRANGER, "stale": row["forged"] == faults.LONG_AGO,
    }  # fmt: skip


def send_again(world: World, number: str) -> int:
    """Queue a webhook's exact body once more; returns its new id. Raises INVALID_FIELD."""
    row = world.db.execute("SELECT * FROM webhooks WHERE id = ?", (number,)).fetchone()
    if row is None:
        raise invalid("id", "names no webhook")
    now = time.time()
    made = world.db.execute(
        "INSERT INTO webhooks (item_id, url, code, body, queued_at, due_at)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (row["item_id"], row["url"], row["code"], row["body"], now, now),
    ).lastrowid
    world.wake()
    return int(made or 0)


def take_due(db: sqlite3.Connection, busy: Collection[str]) -> list[sqlite3.Row]:
    """Give the webhooks whose time has come, oldest first, except for busy addresses."""
    marks = ",".join("?" * len(busy))
    found: list[sqlite3.Row] = db.execute(
        f"SELECT * FROM webhooks WHERE due_at <= ? AND url NOT IN ({marks})"  # noqa: S608
        " ORDER BY due_at, id LIMIT 50",
        (time.time(), *busy),
    ).fetchall()
    return found


def next_due(db: sqlite3.Connection, busy: Collection[str]) -> float | None:
    """Give when the next webhook is due (Unix time) at an address that is not busy, or None."""
    found = db.execute(
        "SELECT url, min(due_at) AS due FROM webhooks WHERE due_at IS NOT NULL GROUP BY url"
    )
    return min((float(row["due"]) for row in found if row["url"] not in busy), default=None)


def deliver(url: str, body: bytes, signature: str, *, anywhere: bool) -> tuple[bool, str]:
    """Send one webhook (blocking). Returns (accepted, what happened); never raises."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return False, "not an http address"
    if not anywhere and not _is_loopback(parts.hostname):
        return False, "not a loopback address; not sent"
    maker = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection = maker(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        connection.request(
            "POST",
            path,
            body,
            {
                "Content-Type": "application/json",
                "Plaid-Verification": signature,
                "User-Agent": "strongroom-plaid-sandbox",
            },
        )
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        return False, type(error).__name__
    finally:
        connection.close()
    return status == _OK, str(status)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(host, None)
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(one[4][0]).is_loopback for one in found)


def settle(world: World, row: sqlite3.Row, *, accepted: bool, outcome: str) -> None:
    """Write down how a delivery went, and when to try again."""
    attempts = int(row["attempts"]) + 1
    now = time.time()
    due: float | None = None
    if not accepted and "not sent" not in outcome:
        delay = FIRST_RETRY_SECONDS * RETRY_FACTOR ** (attempts - 1) / world.options.speed
        if now + delay - row["queued_at"] < GIVE_UP_SECONDS / world.options.speed:
            due = now + delay
    world.db.execute(
        "UPDATE webhooks SET attempts = ?, due_at = ?, outcome = ? WHERE id = ?",
        (attempts, due, outcome, row["id"]),
    )
    if row["item_id"] is not None:
        world.db.execute(
            "UPDATE items SET last_webhook_code = ?, last_webhook_at = ? WHERE item_id = ?",
            (row["code"], now, row["item_id"]),
        )
