"""How a simulation is put away: inputs and outcome as JSON, compressed by Zstandard (RFC 8878)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import zstandard

from strongroom.goals.runs.canonical import canonical

_LEVEL: Final = 12
_MOST_BYTES: Final = 8 * 1024 * 1024


def pack(inputs: Mapping[str, Any], outcome: Mapping[str, Any]) -> bytes:
    """Return both, compressed."""
    text = canonical({"inputs": inputs, "outcome": outcome})
    return zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(text)


def unpack(body: bytes) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return inputs and outcome. Raises ``ZstdError`` for what was damaged."""
    text = zstandard.ZstdDecompressor().decompress(body, max_output_size=_MOST_BYTES)
    found = json.loads(text)
    return found["inputs"], found["outcome"]
