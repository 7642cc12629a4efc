"""JSON bodies in which a key stands twice: refused, as it is not known which of the two is meant.

Looks at bodies that a route takes as JSON only; what they have to hold is the route's own matter.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from fastapi import Request
from starlette.exceptions import HTTPException

from strongroom.core import errors

_SHOWN: Final = 60


class KeyStandsTwice(errors.Refused):
    """A JSON object has a key more than once; RFC 8259 leaves open what that means."""


async def no_key_twice(request: Request) -> None:
    """Look at the body of a request: a dependency of routes that take JSON.

    The body is read and is JSON by then; it is parsed again because the first time tells nothing
    of a key that gave way to its double. Raises ``KeyStandsTwice``.
    """
    if getattr(request.scope.get("route"), "body_field", None) is None:
        return
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not (kind.startswith("application/") and kind.endswith(("/json", "+json"))):
        return
    if body := await request.body():
        try:
            json.loads(body, object_pairs_hook=_once)
        except RecursionError:  # here, a few calls deeper, and not yet when it was parsed first
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The body is nested too deeply.") from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Return nothing: what the object holds is known already."""
    seen = {name for name, _ in pairs}
    if len(seen) == len(pairs):
        return
    for name, _ in pairs:
        if name not in seen:
            raise KeyStandsTwice(
                f"{name[:_SHOWN]} stands twice in one object.",
                field=name[:_SHOWN],
                hint="Take one of the two out.",
            )
        seen.remove(name)
