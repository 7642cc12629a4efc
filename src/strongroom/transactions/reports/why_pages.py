"""The page "why did spending change": against another period, or since it was last known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse

from strongroom import identity
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency
from strongroom.core.time import zone
from strongroom.identity.access import may
from strongroom.transactions.labels import category_label
from strongroom.transactions.reports import asked, rules
from strongroom.transactions.reports.change_types import KnownWhy, PeriodWhy
from strongroom.transactions.reports.changes import explain_known, explain_periods
from strongroom.transactions.reports.labels import hand_label, period_label
from strongroom.transactions.reports.types import Line, Period, Step
from strongroom.transactions.types import Kind
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
_ROWS = 12
_CHOICES = 13


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the page is asked: a period, and another one or a day on which it was known."""

    step: Step
    kind: Kind
    period: Period
    against: Period
    known: date | None
    currency: Currency | None
    texts: Mapping[str, str]
    unread: list[str] = field(default_factory=list)

    def url(self, **changes: str) -> str:
        """Return the page's address with a part of it otherwise."""
        return asked.address("/why/spending", {**self.texts, **changes})

    def rows(self, period: Period, category_id: CategoryId | None, *, itself: bool = False) -> str:
        """Return the address of a category's rows in one of the two periods."""
        report = asked.Asked(self.step, [period], self.kind, self.currency, self.texts)
        line = Line((), category_id=category_id)
        return report.rows(period, line, itself=itself)


@router.get("/why/spending")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show why a month's spending is another: than another month's, or than it was known."""
    wanted = _read(request.query_params, caller)
    answer: PeriodWhy | KnownWhy
    async with caller.unit_of_work() as db:
        code = await asked.currency_of(db, caller, wanted.currency)
        if wanted.known is None:
            answer = await explain_periods(
                db, owner=caller.owner, currency=code, kind=wanted.kind, against=wanted.against,
                period=wanted.period,
            )  # fmt: skip
        else:
            answer = await explain_known(
                db, owner=caller.owner, currency=code, kind=wanted.kind, period=wanted.period,
                known_at=_end_of(wanted.known, caller.settings.time_zone),
            )  # fmt: skip
    newest = rules.period_of(caller.today, wanted.step)
    return render(
        request,
        "transactions/why_spending.html",
        nav="reports",
        wanted=wanted,
        found=answer,
        choices=_choices(newest, wanted),
        label=category_label,
        period_label=period_label,
        hand_label=hand_label,
        shown=_ROWS,
        today=caller.today,
    )


def _read(query: Mapping[str, str], caller: identity.Caller) -> _Asked:
    names = ("by", "of", "against", "known", "kind", "cur")
    texts = {name: query.get(name, "").strip()[:40] for name in names}
    unread: list[str] = []

    def period(name: str, otherwise: Period) -> Period:
        if not texts[name]:
            return otherwise
        try:
            return rules.read_period(texts[name], otherwise.step)
        except rules.BadPeriod:
            unread.append(name)
            texts[name] = ""
            return otherwise

    step = Step(texts["by"]) if texts["by"] in {one.value for one in Step} else Step.MONTH
    of = period("of", rules.period_of(caller.today, step))
    before = rules.period_of(of.first - timedelta(days=1), step)
    against = period("against", before)
    known = None
    try:
        known = date.fromisoformat(texts["known"]) if texts["known"] else None
    except ValueError:
        unread.append("known")
        texts["known"] = ""
    return _Asked(
        step=step,
        kind=Kind.INCOME if texts["kind"] == "income" else Kind.SPENDING,
        period=of,
        against=against,
        known=known,
        currency=asked.read_code(texts["cur"]),
        texts=texts,
        unread=unread,
    )


def _choices(newest: Period, wanted: _Asked) -> list[Period]:
    """Return the periods to choose from: the newest, and the two that are shown."""
    found = {one.key: one for one in rules.periods(newest.step, newest.first, _CHOICES)}
    found |= {one.key: one for one in (wanted.period, wanted.against)}
    return sorted(found.values(), key=lambda one: one.first, reverse=True)


def _end_of(day: date, time_zone: str) -> datetime:
    """Return the instant at which a day ends where the person lives."""
    after = day + timedelta(days=1) if day < date.max else day
    return datetime.combine(after, time(), zone(time_zone)).astimezone(UTC)
