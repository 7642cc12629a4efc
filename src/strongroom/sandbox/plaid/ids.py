"""Makes identifiers of the shapes that Plaid uses. Knows nothing of what they name."""

from __future__ import annotations

import hashlib
import secrets
import string
import uuid
from typing import Final

_ALPHABET: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
ID_LENGTH: Final = 37
REQUEST_ID_LENGTH: Final = 15


def stable_id(*parts: object) -> str:
    """Give a 37-character identifier that depends on ``parts`` alone."""
    text = "\x1f".join(map(str, parts))
    number = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    letters = []
    for _ in range(ID_LENGTH):
        number, digit = divmod(number, len(_ALPHABET))
        letters.append(_ALPHABET[digit])
    return "".join(letters)


def request_id() -> str:
    """Give a fresh 15-character request id."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(REQUEST_ID_LENGTH))


def token(kind: str) -> str:
    """Give a fresh unguessable token such as ``access-sandbox-<uuid>``."""
    return f"{kind}-sandbox-{uuid.UUID(bytes=secrets.token_bytes(16), version=4)}"


def fresh_uuid() -> str:
    """Give a fresh random UUID as text."""
    return str(uuid.UUID(bytes=secrets.token_bytes(16), version=4))
