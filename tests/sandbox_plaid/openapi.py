"""Plaid's published OpenAPI document as a judge of answers.

The document is not part of this repository; tests that need it skip where it is absent, and say
so. Where ``PLAID_OPENAPI`` promises it, its absence is an error.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema_rs import Draft7Validator

DOCUMENT = Path(
    os.environ.get("PLAID_OPENAPI")
    or Path(__file__).parents[3] / "shared" / "data" / "plaid" / "openapi.yml"
)
CUSTOM_USERS = DOCUMENT.parent / "custom-users"
WHY_ABSENT = (
    f"Plaid's OpenAPI document is not at {DOCUMENT}: no answer of the local Plaid is held against "
    "it. PLAID_OPENAPI may name it"
)
if os.environ.get("PLAID_OPENAPI") and not DOCUMENT.is_file():
    raise FileNotFoundError(WHY_ABSENT)


@cache
def document() -> dict[str, Any]:
    """Read the document once; parsed YAML is kept beside other temporary files as JSON."""
    raw = DOCUMENT.read_bytes()
    kept = Path(tempfile.gettempdir()) / f"plaid-{hashlib.sha256(raw).hexdigest()[:16]}.json"
    try:
        return json.loads(kept.read_text())
    except (OSError, ValueError):
        parsed = yaml.load(raw, Loader=yaml.CSafeLoader)
        text = json.dumps(parsed, default=str)
        own = kept.with_suffix(f".{os.getpid()}")
        own.write_text(text)
        own.replace(kept)
        return json.loads(text)


def _nullable(schema: Any) -> Any:
    """Turn OpenAPI 3.0's ``nullable`` into JSON Schema."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {
        key: _nullable(value)
        for key, value in schema.items()
        if key not in ("nullable", "example", "examples", "discriminator", "description")
        or not isinstance(value, bool | str | dict)
        or (key == "description" and isinstance(value, dict))
    }
    if schema.get("nullable") is True:
        return {"anyOf": [{"type": "null"}, plain]}
    return plain


@cache
def _components() -> dict[str, Any]:
    return _nullable(document()["components"]["schemas"])


@cache
def _validator(name: str) -> Draft7Validator:
    schema = {"allOf": [{"$ref": name}], "components": {"schemas": _components()}}
    if name.startswith("/"):
        answer = document()["paths"][name]["post"]["responses"]["200"]
        schema["allOf"] = [_nullable(answer["content"]["application/json"]["schema"])]
    return Draft7Validator(schema, validate_formats=True)


@cache
def webhook_schemas() -> dict[tuple[str, str], str]:
    """Find the schema of every webhook by its type and code; a processor's own are left out."""
    found: dict[tuple[str, str], str] = {}
    for name, schema in document()["components"]["schemas"].items():
        members = schema.get("properties", {})
        if name.endswith("Webhook") and {"webhook_type", "webhook_code"} <= set(members):
            told = (members[one].get("description", "") for one in ("webhook_type", "webhook_code"))
            key = tuple(text.strip('`"') for text in told)
            if not name.startswith("Processor"):
                found.setdefault((key[0], key[1]), name)
    return found


def webhook_problems(body: dict[str, Any]) -> list[str]:
    """List what the document has against a webhook; one that it does not know is a problem."""
    name = webhook_schemas().get((body["webhook_type"], body["webhook_code"]))
    if name is None:
        return [f"no webhook {body['webhook_type']} {body['webhook_code']} is in the document"]
    return problems(name, body)


def knows(path: str) -> bool:
    """Say whether the document has an endpoint of this path."""
    return path in document()["paths"]


def problems(name: str, body: Any) -> list[str]:
    """List what the document has against a body; ``name`` is a path or a schema's name."""
    ref = name if name.startswith("/") else f"#/components/schemas/{name}"
    found = _validator(ref).iter_errors(body)
    return [f"{_place(error.instance_path)}: {error.message[:200]}" for error in found]


def _place(path: list[str | int]) -> str:
    return "$" + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)
