"""Refusals as answers: RFC 9457 problem JSON for programs, a page for people.

One table maps kinds of error to statuses and titles. The page's look is handed in by ``web``,
because templates stand above this layer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as member
from http import HTTPStatus
from typing import Any

import psycopg
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from strongroom.core import errors

MEDIA_TYPE = "application/problem+json"
_URN = "urn:problem-type:strongroom:"

# The one table from kinds of error to what HTTP says. The most special kind is looked up first.
KINDS: dict[type[errors.StrongroomError], tuple[int, str]] = {
    errors.SignInNeeded: (401, "Sign-in needed"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Conflict"),
    errors.Refused: (422, "Refused"),
    errors.TooManyRequests: (429, "Too many requests"),
    errors.Unavailable: (503, "Not available right now"),
}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as RFC 9457 writes it. ``code``, ``field``, ``hint`` are extensions.

    ``code`` is stable and for programs; ``detail`` is one sentence for people; ``field`` names
    the input at fault; ``request_id`` finds the request in the log.
    """

    type: str
    title: str
    status: int
    detail: str
    code: str
    field: str | None = None
    hint: str | None = None
    request_id: str | None = None
    extensions: Mapping[str, str | int] = member(default_factory=dict)


PageOf = Callable[[Request, Problem], Response]
"""Renders a problem as a page for a browser."""


class UnstorableText(errors.Refused):
    """A text holds a character that cannot be stored: NUL or half of a surrogate pair."""


def of(error: Exception, *, request_id: str | None = None) -> Problem:
    """Return the problem that an error is to the one who asked. Bugs tell nothing of themselves."""
    if isinstance(error, RequestValidationError):
        error = _first_fault(error)
    elif _unstorable(error):
        error = UnstorableText(
            "A text holds a character that cannot be stored.", hint="Remove control characters."
        )
    if isinstance(error, errors.StrongroomError):
        status, title = next(
            (KINDS[kind] for kind in error.kind.__mro__ if kind in KINDS), (500, "Our mistake")
        )
        return Problem(
            type=_URN + error.code,
            title=title,
            status=status,
            detail=error.message,
            code=error.code,
            field=error.field,
            hint=error.hint,
            request_id=request_id,
            extensions=error.extensions,
        )
    if isinstance(error, HTTPException):
        hint = getattr(error, "hint", None)
        return _plain(error.status_code, str(error.detail), request_id, hint=hint)
    return _plain(
        500, "Something went wrong on our side. Nothing was stored.", request_id,
        hint="Try again. If it stays so, the log has the request id.",
    )  # fmt: skip


def answer(request: Request, error: Exception, page: PageOf | None = None) -> Response:
    """Return the answer to a request that ended in ``error``; log it if it is a bug of ours."""
    problem = of(error, request_id=getattr(request.state, "request_id", None))
    if problem.status == HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.error("unexpected error", exc_info=error)
    response: Response | None = None
    if page is not None and wants_page(request):
        try:
            response = page(request, problem)
        except Exception:
            _log.exception("the page for a problem could not be rendered")
    if response is None:
        told = {**asdict(problem), "extensions": None, **problem.extensions}
        body = {name: value for name, value in told.items() if value is not None}
        response = JSONResponse(body, problem.status, media_type=MEDIA_TYPE)
    for name, value in _headers(request, error).items():
        response.headers.setdefault(name, value)
    return response


def wants_page(request: Request) -> bool:
    """Return whether a person's browser asks, not a program."""
    accepts = request.headers.get("accept", "")
    return "text/html" in accepts and not request.url.path.startswith("/api/")


def openapi_responses() -> dict[int | str, dict[str, Any]]:
    """Return what every operation may answer besides success, for the OpenAPI document."""
    return {
        "default": {
            "description": "A problem (RFC 9457)",
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    }


def problem_schema() -> dict[str, Any]:
    """Return the JSON schema of a problem."""
    text = {"type": "string"}
    return {
        "title": "Problem",
        "description": "What went wrong (RFC 9457).",
        "type": "object",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": {**text, "format": "uri-reference"},
            "title": text,
            "status": {"type": "integer"},
            "detail": {**text, "description": "One sentence for a person."},
            "code": {**text, "description": "The error's stable name, for programs."},
            "field": {**text, "description": "The input at fault."},
            "hint": {**text, "description": "What to do next."},
            "request_id": {**text, "description": "Finds the request in the log."},
            "line": {"type": "integer", "description": "Where in a file, counted from 1."},
            "plaid_error_type": {**text, "description": "Where Plaid refused: its own type."},
            "plaid_error_code": {**text, "description": "Where Plaid refused: its own code."},
        },
    }


def _headers(request: Request, error: Exception) -> Mapping[str, str]:
    if isinstance(error, HTTPException):
        return dict(error.headers or {})
    if isinstance(error, errors.Unavailable) and error.retry_after_seconds is not None:
        return {"Retry-After": str(max(1, error.retry_after_seconds))}
    if isinstance(error, errors.SignInNeeded) and not wants_page(request):
        return {"WWW-Authenticate": "Bearer"}
    return {}


def _plain(status: int, detail: str, request_id: str | None, *, hint: str | None = None) -> Problem:
    try:
        phrase = HTTPStatus(status)
        title, code = phrase.phrase, phrase.phrase.title().replace(" ", "").replace("-", "")
    except ValueError:
        title, code = "Error", f"Http{status}"
    if detail == title:
        detail = f"{title}."
    return Problem("about:blank", title, status, detail, code, None, hint, request_id)


class BadInput(errors.Refused):
    """A field of the request is missing or does not have the form it must have."""


_NOT_A_DAY = frozenset(
    {"date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"}
)
"""What the validator calls the ways in which something is no day."""


def _first_fault(error: RequestValidationError) -> BadInput:
    """Name the first field at fault in one sentence. What was sent is not repeated."""
    fault = error.errors()[0]
    where = [part for part in fault["loc"] if part not in ("body", "query", "path", "header")]
    field = ".".join(str(part) for part in where) or None
    kind, says = str(fault["type"]), str(fault["msg"])
    if kind == "json_invalid":
        return BadInput("The body is not valid JSON.", hint="Check it with a JSON validator.")
    if field is None:
        return BadInput("The body is missing or is not what this request takes.")
    if kind == "missing":
        return BadInput(f"{field} is missing.", field=field)
    if kind == "extra_forbidden":
        return BadInput(f"{field} is not a field of this request.", field=field)
    if kind in _NOT_A_DAY:
        return BadInput("Write a day as 2026-11-20.", field=field)
    says = says.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    if says.startswith("Input "):
        return BadInput(f"{field} {says.removeprefix('Input ')}.", field=field)
    return BadInput(f"{field}: {says}.", field=field)


def _unstorable(error: Exception) -> bool:
    """Whether a character stopped the database, which no border before it had looked at."""
    if isinstance(error, UnicodeEncodeError):
        return error.reason == "surrogates not allowed"
    if type(error) is psycopg.DataError:
        return "NUL" in str(error)
    return isinstance(
        error, (psycopg.errors.UntranslatableCharacter, psycopg.errors.CharacterNotInRepertoire)
    )
