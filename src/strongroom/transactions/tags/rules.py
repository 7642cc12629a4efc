"""What a tag may be called, and reading several from one text. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

LONGEST: Final = 50
MOST_OF_A_ROW: Final = 30
_MARKS = re.compile(r"[\x00-\x1f\x7f]")


def clean(name: str) -> str:
    """Return a name without a leading ``#`` and with single spaces."""
    return " ".join(_MARKS.sub(" ", name).split()).lstrip("#").strip()


def is_name(name: str) -> bool:
    """Return whether a clean text may be a tag: to be seen, no comma, at most 50 characters."""
    return any(map(_is_seen, name)) and "," not in name and len(name) <= LONGEST


def _is_seen(char: str) -> bool:
    """Whether a letter, number, mark or sign: not one of no width, nor a blank."""
    return unicodedata.category(char)[0] in "LNPS"


def read_names(text: str) -> list[str]:
    """Return the names in a text that parts them by commas, each once, as they are written."""
    return once(clean(part) for part in text.split(","))


def once(names: Iterable[str]) -> list[str]:
    """Return each name that is not empty once; two that differ in case are the same."""
    found: dict[str, str] = {}
    for name in names:
        if name:
            found.setdefault(name.lower(), name)
    return list(found.values())
