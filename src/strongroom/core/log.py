"""Logs to standard error without secrets: standard logging, one line an event, text or JSON.

Only plain values are written out; anything else shows as its type, so that a request, a row or a
key cannot slip in. Every line is then scrubbed of what looks like a token, and of the secrets
that this process was told of. Bodies, headers and query strings are never logged by anyone.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from decimal import Decimal
from types import TracebackType
from typing import Any, TextIO
from uuid import UUID

import psycopg

HIDDEN = "[secret]"

_PLAIN = (str, int, float, bool, type(None), UUID, Decimal, date)
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_QUIET = {
    "uvicorn.access": logging.CRITICAL,  # it writes query strings; core.http logs requests
    "uvicorn.error": logging.WARNING,
    "httpx": logging.WARNING,  # it writes whole addresses
    "httpcore": logging.WARNING,
    "urllib3": logging.ERROR,  # its own retries are not news; what fails for good we say
    "procrastinate": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
}

_SECRET_NAME = re.compile(r"(?i)password|passwd|secret|token|api_?key|authorization|cookie")

_context: ContextVar[dict[str, str]] = ContextVar("log_context", default={})  # noqa: B039
_known: set[str] = set()

# Shapes of secrets: Plaid's tokens, ours, bearer headers, JSON Web Tokens, passwords in addresses,
# anything called a secret, Plaid's secret (30 hex digits), and long random texts.
_SHAPES = (
    re.compile(
        r"\b(?:access|public|link|processor|user|asset-report|assets|stripe)-"
        r"(?:sandbox|development|production|local)-[\w.~+/=-]*"
    ),
    re.compile(r"\b(?:access|public|link)-[\w~+/=-]*\d[\w~+/=-]*"),
    re.compile(r"\bsr[a-z]_[\w~+/=-]+"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]{6,}"),
    re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"),
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(
        r"(?i)(?:password|passwd|secret|token|api_key|apikey|authorization|cookie|session_key)"
        r"[\"']?\s*[:=]\s*(?:\"[^\"]*\"|'[^']*'|[^\s,;&)}\]]+)"
    ),
    re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{30}(?![0-9A-Za-z])"),
    re.compile(r"(?<![\w-])(?=[\w-]*[A-Z0-9])[\w-]{40,}(?![\w-])"),
    re.compile(r"[A-Za-z0-9+/]{43}="),
)


def configure(
    *, as_json: bool = False, level: int = logging.INFO, stream: TextIO | None = None
) -> None:
    """Send every log line of this process to ``stream`` (standard error), scrubbed."""
    handler = logging.StreamHandler(sys.stderr if stream is None else stream)
    handler.setFormatter(JsonLines() if as_json else Lines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in _QUIET.items():
        logging.getLogger(name).setLevel(max(least, level))
    logging.captureWarnings(True)


def hide(secrets: Iterable[str | None]) -> None:
    """Never write these texts, whatever they look like: keys and passwords this process holds."""
    _known.update(secret for secret in secrets if secret and len(secret) >= 6)


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Add ``fields`` to every line that is logged inside."""
    token = _context.set({**_context.get(), **fields})
    try:
        yield
    finally:
        _context.reset(token)


def scrub(text: str) -> str:
    """Return ``text`` with everything that is or looks like a secret replaced."""
    for secret in _known:
        text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return text


class Lines(logging.Formatter):
    """One line of text an event, for a person; a trace follows where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, scrubbed."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        head = f"{at} {record.levelname.lower()} {record.name}: {_message(record)}{fields}"
        head = "".join(c if c.isprintable() else repr(c)[1:-1] for c in head)
        return scrub(head + _trace(record, "\n"))


class JsonLines(logging.Formatter):
    """One JSON object a line, for a log collector."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, each of its texts scrubbed."""
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "from": record.name,
            "message": _message(record),
        }
        line.update(_fields(record))
        trace = _trace(record, "")
        if trace:
            line["trace"] = trace
        return json.dumps({name: _shown(name, value) for name, value in line.items()})


def _shown(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return HIDDEN if _SECRET_NAME.search(name) else scrub(value)


def _message(record: logging.LogRecord) -> str:
    """Return the message with its arguments filled in, each as a plain value or as its type."""
    message = str(record.msg) if isinstance(record.msg, str) else _value(record.msg)
    arguments = record.args
    try:
        if isinstance(arguments, tuple) and arguments:
            return message % tuple(_argument(value) for value in arguments)
        if isinstance(arguments, dict) and arguments:
            return message % {name: _argument(value) for name, value in arguments.items()}
    except (TypeError, ValueError, KeyError):
        return message
    return message


def _argument(value: object) -> object:
    return value if isinstance(value, (int, float)) else _value(value)


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    """Return what was bound and what came as ``extra``, in plain values."""
    extra = {name: value for name, value in vars(record).items() if name not in _OWN}
    extra.pop("color_message", None)
    return {
        name: value if isinstance(value, (int, float, bool, type(None))) else _value(value)
        for name, value in {**_context.get(), **extra}.items()
    }


def _value(value: object) -> str:
    if isinstance(value, BaseException):
        return _say(value)
    return str(value) if isinstance(value, _PLAIN) else f"<{type(value).__name__}>"


def _trace(record: logging.LogRecord, before: str) -> str:
    """Return where an exception came from. What it says is told by its type: see ``_say``."""
    if not record.exc_info or record.exc_info[1] is None:
        return ""
    lines: list[str] = []
    error: BaseException | None = record.exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        lines[:0] = [*_frames(error.__traceback__), _say(error)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return before + "\n".join(lines)


def _frames(trace: TracebackType | None) -> list[str]:
    return [
        f"  {frame.filename}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(trace)
    ]


def _say(error: BaseException) -> str:
    """Return an exception in one line, without the rows or input that some kinds repeat."""
    name = type(error).__name__
    if isinstance(error, psycopg.Error) and error.sqlstate is not None:
        about = [error.sqlstate, error.diag.message_primary, error.diag.constraint_name]
        return f"{name}: {' '.join(part for part in about if part)}"
    faults = getattr(error, "errors", None)
    if callable(faults):
        # Validation errors repeat the input; where it was at fault and how is enough.
        try:
            found = [f"{'.'.join(map(str, e['loc']))} {e['type']}" for e in faults()]
        except (TypeError, KeyError):
            return name
        return f"{name}: {'; '.join(found)}"
    text = " ".join(str(error).split())
    return f"{name}: {text}" if text else name
