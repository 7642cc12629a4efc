"""Changing how a file is to be read: as the person says.

Pure. Refuses what cannot be, naming the field.
"""

from __future__ import annotations

import codecs
import hashlib
import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from strongroom.connections.files import SIGNS, Guess, is_currency
from strongroom.connections.imports.types import BadMapping
from strongroom.ui import N_, gettext

ROLES: Final = (
    "date", "amount", "debit", "credit", "type", "balance", "description", "payee", "note",
    "category", "tags", "account", "currency", "fitid", "counter_account", "status",
    "fee",
)  # fmt: skip
DATE_ORDERS: Final = ("ymd", "dmy", "mdy")
DECIMAL_MARKS: Final = (".", ",")
DELIMITERS: Final = (",", ";", "\t", "|")
ENCODINGS: Final = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "iso-8859-1", "iso-8859-15", "cp850")
_MOST_COLUMNS = 1_000


def signature(guess: Guess) -> str:
    """Return what makes two files of one source: format, marks between cells, headings."""
    facts = [guess.format, guess.delimiter, [name.strip().casefold() for name in guess.header]]
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()


def changed(guess: Guess, changes: Mapping[str, Any]) -> Guess:
    """Return the guess with what the person says otherwise. Raises ``BadMapping``.

    ``columns`` are added to those there are; a place of None takes a role away.
    """
    facts = {name: _read(name, value) for name, value in changes.items() if name != "columns"}
    if "columns" in changes:
        facts["columns"] = _columns(guess, changes["columns"])
    return guess.changed(**facts, confidence=100)


def _read(name: str, value: object) -> object:
    allowed = {
        "sign": SIGNS,
        "date_order": DATE_ORDERS,
        "decimal_mark": DECIMAL_MARKS,
        "delimiter": DELIMITERS,
    }
    if name in allowed:
        if value not in allowed[name]:
            choices = ", ".join(repr(one)[1:-1] for one in allowed[name])
            raise BadMapping(f"{name} must be one of: {choices}.", field=name)
        return value
    if name == "encoding":
        return _encoding(str(value))
    if name == "currency":
        return _currency(value)
    if name == "header_line":
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1_000:
            raise BadMapping("header_line must be a line's number, 0 for none.", field=name)
        return value
    raise BadMapping(f"{name} is not something that can be changed.", field=name)


def _encoding(name: str) -> str:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        found = None
    # Some of Python's codecs are not of text at all.
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise BadMapping(
            N_("There is no such encoding."),
            field="encoding",
            hint=N_("For example utf-8 or cp1252."),
        )
    return found.name


def _currency(value: object) -> str | None:
    if value in (None, ""):
        return None
    code = str(value).strip().upper()
    if not is_currency(code):
        raise BadMapping(
            gettext("“%(text)s” is not a currency.", text=str(value)[:40]),
            field="currency",
            hint=N_("Such as NOK."),
        )
    return code


def _columns(guess: Guess, wanted: object) -> Mapping[str, int | str]:
    if not isinstance(wanted, Mapping):
        raise BadMapping("columns must map roles to columns.", field="columns")
    columns = dict(guess.columns)
    width = max([len(guess.header), *(len(line) for line in guess.cells)], default=0)
    for role, place in wanted.items():
        if role not in ROLES:
            raise BadMapping(
                f"{role!r} is not a role of a column.",
                field=f"columns.{role}",
                hint=f"One of: {', '.join(ROLES)}.",
            )
        if place is None or place == "":
            columns.pop(role, None)
        elif (
            isinstance(place, int)
            and not isinstance(place, bool)
            and 0 <= place < (width or _MOST_COLUMNS)
        ) or (isinstance(place, str) and place in guess.header):
            columns[role] = place
        else:
            raise BadMapping(
                gettext("The file has no column “%(name)s”.", name=str(place)[:60]),
                field=f"columns.{role}",
                hint="Name a heading, or its place counted from 0.",
            )
    return MappingProxyType(columns)
