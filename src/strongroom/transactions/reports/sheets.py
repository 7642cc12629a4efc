"""Reports as CSV (RFC 4180): exact amounts, and no cell that a spreadsheet would run."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO

from strongroom.core import ids
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.transactions.export.cells import harmless
from strongroom.transactions.labels import category_label
from strongroom.transactions.reports.types import FlowReport, Line, LineReport, PartRow, Unknown
from strongroom.ui import ngettext


def flow_sheet(report: FlowReport) -> str:
    """Return income against spending, a line a period."""
    return _written(
        ("period", "income", "spending", "left_over", "currency"),
        (
            (one.period.key, *_amounts((one.income, one.spending, one.left)), report.currency)
            for one in report.flows
        ),
        report.unknown,
    )


def line_sheet(report: LineReport) -> str:
    """Return sums by category or merchant: a line each, a column a period.

    A group's own line is not told beside its categories': a sheet is for adding up.
    """
    rows = [
        (_name(group) if group.inside else "", _name(line), *_amounts(line.amounts),
         *_amounts([line.total]), report.currency)
        for group in report.lines
        for line in (group.inside or (group,))
    ]  # fmt: skip
    if report.rest is not None:
        rest = report.rest
        others = ngettext("%(num)s other", "%(num)s others", report.rest_count)
        rows.append(("", others, *_amounts(rest.amounts), *_amounts([rest.total]),
                     report.currency))  # fmt: skip
    heads = ("group", "name", *(one.key for one in report.periods), "total", "currency")
    return _written(heads, rows, report.unknown)


def row_sheet(rows: Iterable[PartRow], *, header: bool = False) -> str:
    """Return rows behind a figure: in their own currency, and in the report's."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(("date", "what", "category", "account", "amount", "currency", "counted",
                         "counted_currency", "id"))  # fmt: skip
    for row in rows:
        counted = (
            ("", "")
            if row.converted is None
            else (amount_text(row.converted.amount, row.converted.currency), row.converted.currency)
        )
        writer.writerow((
            row.day.isoformat(), harmless(row.title),
            harmless(category_label(row.category_key, row.category_name)),
            harmless(row.account_name), amount_text(row.amount.amount, row.amount.currency),
            row.amount.currency, *counted, ids.show("trn", row.transaction_id),
        ))  # fmt: skip
    return out.getvalue()


def _written(
    heads: Sequence[str], rows: Iterable[Sequence[str]], unknown: Iterable[Unknown]
) -> str:
    out = StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heads)
    writer.writerows(rows)
    for one in unknown:
        # In no sum above: said at the end, in its own currency.
        amount = amount_text(one.amount.amount, one.amount.currency)
        says = ngettext("not counted: %(num)s row", "not counted: %(num)s rows", one.count)
        writer.writerow((says, amount, one.amount.currency))
    return out.getvalue()


def _amounts(amounts: Iterable[Money]) -> list[str]:
    return [amount_text(one.amount, one.currency) for one in amounts]


def _name(line: Line) -> str:
    if line.merchant is not None:
        return harmless(line.merchant)
    return harmless(category_label(line.key, line.name))
