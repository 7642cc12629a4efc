"""Reading which two days are asked about, and writing addresses of the rows behind a cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from strongroom.core import ids
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency, currency
from strongroom.net_worth.why.service import Behind
from strongroom.net_worth.why.types import Cause, CauseKind

FLOWS: Final = {
    CauseKind.INCOME: "income",
    CauseKind.SPENDING: "spending",
    CauseKind.TRANSFERS: "transfer",
    CauseKind.DEBT: "debt",
}
_NAMES = ("since", "until", "cur")
_EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Two days, the first before the last, and a currency. ``unread`` names what was left out."""

    since: date
    until: date
    currency: Currency | None
    texts: Mapping[str, str]
    unread: list[str] = field(default_factory=list)

    def url(self, **changes: str) -> str:
        """Return the page's address with a part of it otherwise."""
        return address("/why", {**self.texts, **changes})

    def link(self, cause: Cause, *, itself: bool = False) -> str:
        """Return where the rows behind a cause are shown, or its account; nothing for a sum."""
        days = {"since": self.since.isoformat(), "until": self.until.isoformat()}
        more = {"cur": self.texts.get("cur", ""), "itself": "1" if itself else ""}
        flow = FLOWS.get(cause.kind)
        if flow is not None:
            category = "" if cause.category_id is None else ids.show("cat", cause.category_id)
            account = "" if cause.account_id is None else ids.show("acc", cause.account_id)
            parts = {**days, "flow": flow, "category": category, "account": account, **more}
            return address("/why/rows", parts)
        if cause.account_id is not None:
            return f"/accounts/{ids.show('acc', cause.account_id)}"
        return ""


def read(query: Mapping[str, str], today: date) -> Asked:
    """Read the two days: this month so far, if nothing else is asked for.

    No day after today is asked about, and none before 1900. What cannot be read is left out and
    named.
    """
    texts = {name: query.get(name, "").strip()[:40] for name in _NAMES}
    unread: list[str] = []

    def day(name: str) -> date | None:
        try:
            found = date.fromisoformat(texts[name]) if texts[name] else None
        except ValueError:
            found = date.min
        if found is None or found >= _EARLIEST:
            return found
        unread.append(name)
        texts[name] = ""
        return None

    until = min(day("until") or today, today)
    since = day("since")
    if since is not None and since >= until:
        unread.append("since")
        since, texts["since"] = None, ""
    code = currency(texts["cur"]) if texts["cur"] else None
    first = since or until.replace(day=1) - timedelta(days=1)
    return Asked(first, until, code, texts, unread)


def read_behind(query: Mapping[str, str]) -> Behind:
    """Read which cause's rows are asked for. Raises ``NotFound`` for a bad id."""
    flow = query.get("flow", "")
    if flow not in FLOWS.values():
        raise NotFound("There is no such cause.")
    category, account = query.get("category", ""), query.get("account", "")
    return Behind(
        flow,
        CategoryId(ids.parse("cat", category)) if category else None,
        query.get("itself") == "1",
        AccountId(ids.parse("acc", account)) if account else None,
    )


def address(path: str, parts: Mapping[str, str]) -> str:
    """Return an address; a part whose text is empty is left out."""
    query = {name: text for name, text in parts.items() if text}
    return f"{path}?{urlencode(query)}" if query else path
