"""Reports and causes as they stand in JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel

from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.wire import WireId, WireMoney
from strongroom.transactions.reports.change_types import Difference, KnownWhy, PeriodWhy
from strongroom.transactions.reports.types import (
    Flow,
    FlowReport,
    Line,
    LineReport,
    PartPage,
    PartRow,
    Period,
    Unknown,
)


class UnknownOut(BaseModel):
    """Rows of one currency that no rate was known for: they are in no sum."""

    amount: WireMoney
    count: int
    first: date
    last: date

    @classmethod
    def of(cls, one: Unknown) -> UnknownOut:
        """Return it as it stands in JSON."""
        return cls(amount=one.amount, count=one.count, first=one.first, last=one.last)


class PeriodOut(BaseModel):
    """A month, quarter or year: what it is called, and its first and last day."""

    key: str
    first: date
    last: date

    @classmethod
    def of(cls, period: Period) -> PeriodOut:
        """Return the period as it stands in JSON."""
        return cls(key=period.key, first=period.first, last=period.last)


class FlowOut(PeriodOut):
    """Income and spending of one period, above zero as a rule; ``left`` is their difference."""

    income: WireMoney
    spending: WireMoney
    left: WireMoney

    @classmethod
    def of_flow(cls, one: Flow) -> FlowOut:
        """Return the period's flow as it stands in JSON."""
        period = one.period
        return cls(key=period.key, first=period.first, last=period.last, income=one.income,
                   spending=one.spending, left=one.left)  # fmt: skip


class FlowReportOut(BaseModel):
    """Income against spending by period, oldest first."""

    currency: str
    income: WireMoney
    spending: WireMoney
    left: WireMoney
    items: list[FlowOut]
    unknown: list[UnknownOut]

    @classmethod
    def of(cls, report: FlowReport) -> FlowReportOut:
        """Return the report as it stands in JSON."""
        return cls(
            currency=report.currency, income=report.income, spending=report.spending,
            left=report.left, items=[FlowOut.of_flow(one) for one in report.flows],
            unknown=[UnknownOut.of(one) for one in report.unknown],
        )  # fmt: skip


class CategoryOfLine(BaseModel):
    """A category or a group. A default one has a ``key``, a person's own a ``name``."""

    id: Annotated[CategoryId, WireId("cat")]
    key: str | None
    name: str | None


class LineOut(BaseModel):
    """A category's or merchant's sums in the order of the periods; ``inside`` are a group's."""

    category: CategoryOfLine | None
    merchant: str | None
    amounts: list[WireMoney]
    total: WireMoney
    inside: list[LineOut]

    @classmethod
    def of(cls, line: Line) -> LineOut:
        """Return the line as it stands in JSON."""
        return cls(
            category=_category(line.category_id, line.key, line.name),
            merchant=line.merchant,
            amounts=list(line.amounts),
            total=line.total,
            inside=[cls.of(one) for one in line.inside],
        )


class LineReportOut(BaseModel):
    """Sums by category or merchant, largest first; ``rest`` are the other merchants together."""

    kind: str
    currency: str
    periods: list[PeriodOut]
    items: list[LineOut]
    rest: LineOut | None
    rest_count: int
    totals: list[WireMoney]
    total: WireMoney
    unknown: list[UnknownOut]

    @classmethod
    def of(cls, report: LineReport) -> LineReportOut:
        """Return the report as it stands in JSON."""
        return cls(
            kind=report.kind,
            currency=report.currency,
            periods=[PeriodOut.of(one) for one in report.periods],
            items=[LineOut.of(one) for one in report.lines],
            rest=None if report.rest is None else LineOut.of(report.rest),
            rest_count=report.rest_count,
            totals=report.totals,
            total=report.total,
            unknown=[UnknownOut.of(one) for one in report.unknown],
        )


class PartOut(BaseModel):
    """One part of a transaction: the whole of it, or what a split put into a category.

    ``counted`` is what it counts in the report's currency, null where no rate is known.
    """

    transaction: Annotated[TransactionId, WireId("trn")]
    position: int
    day: date
    title: str
    account: Annotated[AccountId, WireId("acc")]
    account_name: str
    category: CategoryOfLine
    amount: WireMoney
    counted: WireMoney | None
    pending: bool

    @classmethod
    def of(cls, row: PartRow) -> PartOut:
        """Return the part as it stands in JSON."""
        return cls(
            transaction=row.transaction_id, position=row.position, day=row.day, title=row.title,
            account=row.account_id, account_name=row.account_name,
            category=CategoryOfLine(
                id=row.category_id, key=row.category_key, name=row.category_name
            ),
            amount=row.amount, counted=row.converted, pending=row.pending,
        )  # fmt: skip


class PartPageOut(BaseModel):
    """Some of the rows behind a figure; ``count`` and ``sum`` are of all of them."""

    items: list[PartOut]
    next: str | None
    count: int
    sum: WireMoney
    unknown: list[UnknownOut]

    @classmethod
    def of(cls, page: PartPage, next: str | None) -> PartPageOut:
        """Return the page as it stands in JSON."""
        return cls(
            items=[PartOut.of(one) for one in page.items], next=next, count=page.count,
            sum=page.sum, unknown=[UnknownOut.of(one) for one in page.unknown],
        )  # fmt: skip


class DifferenceOut(BaseModel):
    """One cause: a category's, or exchange rates' where ``category`` is null."""

    category: CategoryOfLine | None
    before: WireMoney
    after: WireMoney
    amount: WireMoney
    inside: list[DifferenceOut]

    @classmethod
    def of(cls, one: Difference) -> DifferenceOut:
        """Return the cause as it stands in JSON."""
        return cls(
            category=_category(one.category_id, one.key, one.name), before=one.before,
            after=one.after, amount=one.amount, inside=[cls.of(part) for part in one.inside],
        )  # fmt: skip


class PeriodWhyOut(BaseModel):
    """Two periods, and the causes that add up to their difference."""

    kind: str
    currency: str
    against: PeriodOut
    period: PeriodOut
    before: WireMoney
    after: WireMoney
    difference: WireMoney
    causes: list[DifferenceOut]
    unknown: list[UnknownOut]

    @classmethod
    def of(cls, found: PeriodWhy) -> PeriodWhyOut:
        """Return the answer as it stands in JSON."""
        return cls(
            kind=found.kind, currency=found.currency, against=PeriodOut.of(found.against),
            period=PeriodOut.of(found.period), before=found.before, after=found.after,
            difference=found.difference, causes=[DifferenceOut.of(one) for one in found.causes],
            unknown=[UnknownOut.of(one) for one in found.unknown],
        )  # fmt: skip


class RowChangeOut(BaseModel):
    """What a row's changes by one hand did to the figure."""

    transaction: Annotated[TransactionId, WireId("trn")]
    day: date
    title: str
    amount: WireMoney
    last_at: datetime
    is_gone: bool


class HandOut(BaseModel):
    """What one hand did to the figure, and the rows it did it to."""

    hand: str
    amount: WireMoney
    rows: list[RowChangeOut]


class KnownWhyOut(BaseModel):
    """A period as it was known then and is known now, and what was done in between."""

    kind: str
    currency: str
    period: PeriodOut
    known_at: datetime
    before: WireMoney
    after: WireMoney
    difference: WireMoney
    causes: list[HandOut]
    unrated: list[Annotated[TransactionId, WireId("trn")]]

    @classmethod
    def of(cls, found: KnownWhy) -> KnownWhyOut:
        """Return the answer as it stands in JSON."""
        return cls(
            kind=found.kind, currency=found.currency, period=PeriodOut.of(found.period),
            known_at=found.known_at, before=found.before, after=found.after,
            difference=found.difference, unrated=list(found.unrated),
            causes=[
                HandOut(hand=one.hand, amount=one.amount, rows=[
                    RowChangeOut(transaction=row.transaction_id, day=row.day, title=row.title,
                                 amount=row.amount, last_at=row.last_at, is_gone=row.is_gone)
                    for row in one.rows
                ])
                for one in found.causes
            ],
        )  # fmt: skip


def _category(
    category_id: CategoryId | None, key: str | None, name: str | None
) -> CategoryOfLine | None:
    return None if category_id is None else CategoryOfLine(id=category_id, key=key, name=name)
