"""Text of files as the database can keep it: no NUL and no half of a surrogate pair.

PostgreSQL refuses both, also inside JSON. Each becomes U+FFFD, as a byte does that is no text.
"""

from __future__ import annotations

import re
from typing import Any

_LONGEST_NAME = 200
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")


def is_kept(text: str) -> bool:
    """Return whether the database keeps a text as it is."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def kept(text: str) -> str:
    """Return a text as the database can keep it."""
    return text if is_kept(text) else _NOT_KEPT.sub("\ufffd", text)


def shown_name(name: str) -> str:
    """Return a file's name without the folders that a browser may send, and nothing unprintable."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(c for c in last if c.isprintable())[-_LONGEST_NAME:].strip()
    return shown or "file"


def kept_json(value: Any) -> Any:
    """Return plain JSON with every text in it as the database can keep it."""
    if isinstance(value, str):
        return kept(value)
    if isinstance(value, dict):
        return {kept_json(name): kept_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [kept_json(one) for one in value]
    return value
