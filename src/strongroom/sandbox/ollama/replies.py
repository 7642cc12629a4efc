"""What a local Ollama says: replies by script, and else the least that fits the schema.

Deterministic: the same request gets the same words. No model, no network.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class BadScript(ValueError):
    """A script is not a list of replies."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a person whose last words match ``when`` (a regular expression).

    ``say`` is a text, or an object of which a request with a schema gets the members it asks for.
    """

    when: str
    say: str | Mapping[str, Any]


@dataclass(slots=True)
class OllamaOptions:
    """How one local Ollama behaves. The first of ``replies`` that matches is said."""

    models: Sequence[str] = ("practice:latest",)
    replies: list[Reply] = field(default_factory=list)
    version: str = "0.12.6"


def read_script(text: str) -> list[Reply]:
    """Read replies from JSON: ``[{"when": "car", "say": {"goal_type": "major_purchase"}}]``.

    Raises ``BadScript``.
    """
    try:
        rows = json.loads(text)
        found = [Reply(row["when"], row["say"]) for row in rows]
        for one in found:
            re.compile(one.when)
            if not isinstance(one.say, str | dict):
                raise BadScript("say must be a text or an object")
    except (ValueError, TypeError, KeyError, re.error) as error:
        raise BadScript(
            f'a script is a JSON list of {{"when": PATTERN, "say": REPLY}}: {error}'
        ) from error
    return found


def said_to(options: OllamaOptions, words: str, wanted: object) -> str:
    """Return the reply to a person's words. ``wanted``: the request's ``format``."""
    reply = next(
        (one.say for one in options.replies if re.search(one.when, words, re.IGNORECASE)), None
    )
    if isinstance(wanted, Mapping):
        return json.dumps(_fitting(wanted, reply), ensure_ascii=False)
    if reply is None:
        return "{}" if wanted == "json" else f"You said: {words}"
    return reply if isinstance(reply, str) else json.dumps(reply, ensure_ascii=False)


def _fitting(schema: Mapping[str, Any], reply: object) -> object:
    """Return what fits a schema: the reply's own members, and the least for the others."""
    if schema.get("type") == "object" or "properties" in schema:
        given = reply if isinstance(reply, Mapping) else {}
        return {
            name: given[name] if name in given else _fitting(part, None)
            for name, part in schema.get("properties", {}).items()
        }
    if "enum" in schema:
        return schema["enum"][-1]
    least: dict[str, object] = {"string": "", "array": [], "boolean": False, "null": None}
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list) else [kind]
    return None if "null" in kinds else least.get(str(kinds[0]), 0)
