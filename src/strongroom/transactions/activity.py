"""Reading Activity's filters from an address, and writing addresses that change one of them.

Knows the page's query string and nothing of how rows are found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from strongroom.core import ids
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId
from strongroom.transactions.types import Category, Filter

NAMES = ("q", "category", "account", "since", "until", "to_review", "pending", "tag")
_LONGEST_TEXT = 200


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the address asks for. ``unread`` names the parts that could not be understood."""

    filter: Filter
    texts: Mapping[str, str]
    unread: tuple[str, ...] = ()

    def url(self, path: str = "/transactions", **changes: str) -> str:
        """Return an address with the same filters but for ``changes``; an empty text drops one."""
        query = {name: text for name, text in {**self.texts, **changes}.items() if text}
        return f"{path}?{urlencode(query)}" if query else path

    def instead(self, text: str) -> Wanted:
        """Return the same with another text to look for."""
        return replace(
            self, filter=replace(self.filter, text=text), texts={**self.texts, "q": text}
        )

    def among(self, known: Sequence[Category]) -> Wanted:
        """Return the same with a category as the ``known`` one's own address names it.

        Without one that is none of them; it is unread then.
        """
        asked = self.filter.category
        if not asked:
            return self
        named = [one for one in known if asked in (one.ref, ids.show("cat", one.id))]
        found = next(iter(named or [one for one in known if one.name == asked]), None)
        ref = "" if found is None else found.ref
        return Wanted(
            replace(self.filter, category=ref),
            {**self.texts, "category": ref},
            self.unread if found else (*self.unread, "category"),
        )

    def is_narrowed(self) -> bool:
        """Whether any filter is on besides what waits for review."""
        return any(text for name, text in self.texts.items() if name != "to_review")


def read(query: Mapping[str, str]) -> Wanted:
    """Read the filters; what cannot be understood is left out and named, never an error page."""
    texts = {name: query.get(name, "").strip()[:_LONGEST_TEXT] for name in NAMES}
    unread: list[str] = []
    since, until = _day(texts, "since", unread), _day(texts, "until", unread)
    if since is not None and until is not None and since > until:
        unread.append("until")
        until, texts["until"] = None, ""
    flags = {"1": True, "0": False}
    found = Filter(
        text=texts["q"],
        category=texts["category"],
        account_id=_account(texts, unread),
        since=since,
        until=until,
        to_review=texts["to_review"] == "1",
        pending=flags.get(texts["pending"]),
        tag=texts["tag"],
    )
    return Wanted(found, texts, tuple(unread))


def _day(texts: dict[str, str], name: str, unread: list[str]) -> date | None:
    if not texts[name]:
        return None
    try:
        return date.fromisoformat(texts[name])
    except ValueError:
        unread.append(name)
        texts[name] = ""
        return None


def _account(texts: dict[str, str], unread: list[str]) -> AccountId | None:
    if not texts["account"]:
        return None
    try:
        return AccountId(ids.parse("acc", texts["account"]))
    except NotFound:
        unread.append("account")
        texts["account"] = ""
        return None
