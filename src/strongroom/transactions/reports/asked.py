"""Reading what a report is asked for from an address, and writing addresses that change a part.

What cannot be read is left out and named: a page says so and shows the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from strongroom import accounts, identity
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import BadCurrency, Currency, currency
from strongroom.transactions.reports.rules import MOST, USUAL, BadPeriod, periods, read_period
from strongroom.transactions.reports.types import Cell, Line, Period, Step
from strongroom.transactions.types import Kind

NAMES = ("by", "until", "n", "kind", "cur")
_LONGEST = 200
_IF_NOTHING_SAYS = Currency("EUR")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is of. ``texts`` are the parts of the address that could be read."""

    step: Step
    periods: list[Period]
    kind: Kind
    currency: Currency | None
    texts: Mapping[str, str]
    unread: tuple[str, ...] = ()

    def url(self, path: str, **changes: str) -> str:
        """Return an address of the same but for ``changes``; an empty text drops a part."""
        return address(path, {**self.texts, **changes})

    def older(self, path: str) -> str:
        """Return the address of as many periods before these."""
        return self.url(path, until=_before(self.periods[0]))

    def newer(self, path: str, today: date) -> str:
        """Return the address of the periods after these, nothing if these reach today."""
        if self.periods[-1].last >= today:
            return ""
        last = periods_after(self.periods[-1], len(self.periods))
        return self.url(path, until="" if last.last >= today else last.key)

    def rows(self, period: Period | None, line: Line | None = None, *, itself: bool = False) -> str:
        """Return the address of the rows behind a figure; of all periods without one."""
        first = self.periods[0].first if period is None else period.first
        last = self.periods[-1].last if period is None else period.last
        parts = {"since": first.isoformat(), "until": last.isoformat(), "flow": self.kind.value}
        if line is not None and line.category_id is not None:
            parts["category"] = ids.show("cat", line.category_id)
        if line is not None and line.merchant is not None:
            parts["merchant"] = line.merchant
        if itself:
            parts["itself"] = "1"
        return address("/reports/rows", {**parts, "cur": self.texts.get("cur", "")})


def read(query: Mapping[str, str], today: date, *, kind: Kind = Kind.SPENDING) -> Asked:
    """Read what a report is asked to be of: the newest months, if nothing else is asked for."""
    texts = {name: query.get(name, "").strip()[:_LONGEST] for name in NAMES}
    unread: list[str] = []

    def left_out(name: str) -> None:
        unread.append(name)
        texts[name] = ""

    step = Step.MONTH
    if texts["by"]:
        if texts["by"] in {one.value for one in Step}:
            step = Step(texts["by"])
        else:
            left_out("by")
    if texts["kind"] in (Kind.INCOME, Kind.SPENDING):
        kind = Kind(texts["kind"])
    elif texts["kind"]:
        left_out("kind")
    count = USUAL[step]
    if texts["n"]:
        if texts["n"].isdecimal() and len(texts["n"]) < 3 and 0 < int(texts["n"]) <= MOST:
            count = int(texts["n"])
        else:
            left_out("n")
    last = today
    if texts["until"]:
        try:
            last = read_period(texts["until"], step).first
        except BadPeriod:
            left_out("until")
    code = read_code(texts["cur"])
    try:
        wanted = periods(step, last, count)
    except BadPeriod:
        left_out("until")
        wanted = periods(step, today, count)
    return Asked(step, wanted, kind, code, texts, tuple(unread))


def read_cell(query: Mapping[str, str], today: date) -> tuple[Cell, Currency | None]:
    """Read which rows are asked for. Raises ``BackToFront``, and ``NotFound`` for a bad id."""
    since = _day(query.get("since", "")) or date(today.year, today.month, 1)
    until = _day(query.get("until", "")) or today
    if since > until:
        raise accounts.BackToFront("The last day is before the first one.", field="until")
    flow = query.get("flow", "")
    return (
        Cell(
            since,
            until,
            flow=flow if flow in (Kind.INCOME, Kind.SPENDING) else "",
            category_id=read_category(query.get("category", "")),
            itself=query.get("itself") == "1",
            merchant=query.get("merchant") or None,
            account_id=_account(query.get("account", "")),
            alone=query.get("alone") == "1",
        ),
        read_code(query.get("cur", "")),
    )


def read_category(text: str) -> CategoryId | None:
    """Return the category that a ``cat_…`` names, None for nothing. Raises ``NotFound``."""
    return CategoryId(ids.parse("cat", text)) if text else None


def read_code(text: str) -> Currency | None:
    """Return a currency of an address, None where there is none that can be read."""
    try:
        return currency(text) if text else None
    except BadCurrency:
        return None


async def currency_of(db: Db, caller: identity.Caller, code: Currency | None) -> Currency:
    """Return the currency that a report is in: the one asked for, or the person's own."""
    chosen = code or caller.settings.currency
    if chosen is not None:
        return chosen
    held = await accounts.list_all(db, owner=caller.owner)
    return next(iter(accounts.currencies_of(held, None)), _IF_NOTHING_SAYS)


def periods_after(last: Period, count: int) -> Period:
    """Return the last of the ``count`` periods that come after one."""
    found = last
    for _ in range(count):
        found = periods(found.step, date.fromordinal(found.last.toordinal() + 1), 1)[0]
    return found


def _before(first: Period) -> str:
    return periods(first.step, date.fromordinal(first.first.toordinal() - 1), 1)[0].key


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _account(text: str) -> AccountId | None:
    try:
        return AccountId(ids.parse("acc", text)) if text else None
    except NotFound:
        return None


def address(path: str, parts: Mapping[str, str]) -> str:
    """Return an address; a part whose text is empty is left out."""
    query = {name: text for name, text in parts.items() if text}
    return f"{path}?{urlencode(query)}" if query else path


async def currency_named(db: Db, caller: identity.Caller, code: str) -> Currency:
    """Return what ``currency_of`` does, of a code as it was sent. Raises ``BadCurrency``."""
    named = await accounts.currency_asked(db, owner=caller.owner, code=code) if code else None
    return await currency_of(db, caller, named)
