"""Every address the web process answers at, from the documents that describe it.

JSON endpoints come from the published OpenAPI document, pages from the routers that web mounts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from strongroom import web

# An id's prefix tells what it is of: the table that holds it, in a column that is ``id`` unless
# another is named.
TABLE_OF_PREFIX = {
    "acc": "accounts", "asd": "set_aside_rows", "att": "attachments", "bdg": "budgets",
    "cat": "categories", "dbl": "doubles", "edt": "book_changes.edit_id", "goal": "goals",
    "imp": "file_imports", "itm": "plaid_items", "lnk": "link_sessions", "mrg": "entry_matches",
    "ntf": "notifications", "rec": "recurring_items", "rfd": "refunds", "rfr": "data_refresh_logs",
    "rul": "sorting_rules", "run": "simulation_runs", "ses": "sessions", "tag": "tags",
    "tok": "api_tokens", "trf": "transfers", "trn": "transactions",
}  # fmt: skip
DAY = "2026-11-02"
# Parts of paths that are no ids: a word that is valid there.
WORDS = {
    "day": DAY, "name": "net_worth.take_snapshots", "what": "transfers",
    "figure": "monthly_income",
}  # fmt: skip
PLAIN = "plain "  # before the prefix: the path takes the bare UUID
# Pages whose paths take plain text say by the name what it is of.
_BY_NAME = {
    "session": "ses",
    "token": "tok",
    "notification": "ntf",
    "session_id": PLAIN + "lnk",
    "item": "itm",
    "ref": "trf",
    "row": PLAIN + "asd",
}
_PREFIX = re.compile(r"\^([a-z]+)_\[0-9a-f\]")


@dataclass(frozen=True)
class Address:
    """One method of one path. ``ids``: the prefix of the id that each part of the path takes."""

    method: str
    path: str
    ids: dict[str, str]
    has_body: bool
    page: bool

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    def filled(self, given: dict[str, str]) -> str:
        """The path with ids and words in it; ``given`` maps prefixes to ids."""
        path = self.path
        for name, word in WORDS.items():
            path = path.replace(f"{{{name}}}", word)
        for name, prefix in self.ids.items():
            shown = given[prefix.removeprefix(PLAIN)]
            if prefix.startswith(PLAIN):
                shown = str(UUID(shown.rpartition("_")[2]))
            path = path.replace(f"{{{name}}}", shown)
        return path


def place_of(prefix: str) -> tuple[str, str]:
    """Return the table and the column that hold the ids of a prefix."""
    table, _, column = TABLE_OF_PREFIX[prefix].partition(".")
    return table, column or "id"


def every() -> list[Address]:
    """All addresses, JSON and pages."""
    app = web.create_app(None)
    return [*_read(app.openapi(), page=False), *_read(_of_pages(), page=True)]


def _of_pages() -> dict[str, Any]:
    routes = []
    for router in web.PAGES:
        for route in _leaves(router):
            route.include_in_schema = True  # in this process only
            routes.append(route)
    return get_openapi(title="pages", version="0", routes=routes)


def _leaves(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        elif hasattr(route, "original_router"):
            yield from _leaves(route.original_router)


def _read(document: dict[str, Any], *, page: bool) -> Iterator[Address]:
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            ids = {
                one["name"]: _prefix(one["schema"]) or _BY_NAME.get(one["name"], "")
                for one in described.get("parameters", ())
                if one["in"] == "path" and one["name"] not in WORDS
            }
            yield Address(method.upper(), path, ids, "requestBody" in described, page)


def _prefix(schema: dict[str, Any]) -> str:
    found = _PREFIX.search(schema.get("pattern", ""))
    return "" if found is None else found[1]
