"""Every part in each of its states, with made-up data, for people who build pages and for tests.

Not mounted unless the web layer is asked to; reads nothing that is anyone's.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from strongroom.core.money import Currency, Money
from strongroom.ui.charts import (
    CashFlow,
    Chance,
    FanMonth,
    FlowMonth,
    GoalFan,
    Holdings,
    LeverBar,
    Mark,
    NetWorthBreakdown,
    NetWorthLine,
    Point,
    Sparkline,
    SpendingBar,
)
from strongroom.ui.language import gettext
from strongroom.ui.responses import render

router = APIRouter(include_in_schema=False)

NOW: Final = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
TODAY: Final = NOW.date()
EUR: Final = Currency("EUR")
RANGES: Final = {"1m": 30, "6m": 182, "1y": 365, "all": 1200}


@dataclass(frozen=True, slots=True)
class SpendingRow:
    """One category of the month; amounts are money out, so negative."""

    name: str
    href: str
    amount: Money
    last_month: Money

    def bar(self, largest: Money) -> SpendingBar:
        """Return the row's bar on the scale of the largest row."""
        return SpendingBar(self.amount, self.last_month, largest)


@router.get("/gallery")
async def gallery(request: Request) -> HTMLResponse:
    """Show each part, and each list and card loading, empty, partial, broken and stale."""
    return render(
        request,
        "ui/gallery.html",
        nav="overview",
        now=NOW,
        then=NOW - timedelta(days=3),
        today=TODAY,
        money_of=lambda text, code="EUR": Money(Decimal(text), Currency(code)),
        worth=worth_line(365),
        nothing=NetWorthLine(gettext("Net worth"), (), EUR),
        breakdown=NetWorthBreakdown(gettext("Net worth"), tuple(holdings(365)), EUR),
        flow=cash_flow(),
        fan=goal_fan(),
        chances=[Chance(Decimal(n) / 1000) for n in (2, 53, 530, 830, 998)],
        lever=LeverBar(Decimal("0.38"), Decimal("0.53"), Decimal("0.74")),
        spark=Sparkline("Groceries", tuple(Decimal(n) for n in (410, 380, 450, 420, 430, 370))),
    )


@router.get("/gallery/overview")
async def overview(request: Request, rng: str = "1y", view: str = "total") -> HTMLResponse:
    """Show a whole page of made-up data, as the Overview arranges it."""
    days = RANGES.get(rng, 365)
    held = holdings(days)
    spec = (
        NetWorthBreakdown(gettext("Net worth"), tuple(held), EUR)
        if view == "breakdown"
        else worth_line(days)
    )
    rows = spending()
    return render(
        request,
        "ui/gallery_overview.html",
        nav="overview",
        now=NOW,
        then=NOW - timedelta(days=3),
        rng=rng,
        view=view,
        spec=spec,
        worth=Money(held[-1].net, EUR),
        gain=Money(held[-1].net - held[0].net, EUR),
        ratio=(held[-1].net - held[0].net) / held[0].net,
        rows=rows,
        largest=max((row.amount for row in rows), key=abs),
        groups=accounts(),
        flow=cash_flow(),
    )


@router.get("/gallery/activity")
async def activity(request: Request, q: str = "", category: str = "") -> HTMLResponse:
    """Show a searchable list of made-up rows."""
    found = [
        row
        for row in movements()
        if q.casefold() in row.merchant.casefold() and category in {"", row.category}
    ]
    return render(
        request,
        "ui/gallery_activity.html",
        nav="activity",
        q=q,
        category=category,
        pairs=[(name, name) for name in sorted({row.category for row in movements()})],
        rows=found,
    )


def holdings(days: int) -> list[Holdings]:
    """Return a household's year or so: a flat, a fund, two accounts, a mortgage."""
    seeded = Random(7)
    cash, fund = Decimal(6200), Decimal(46000)
    found = []
    for n in range(days, -1, -1):
        day = TODAY - timedelta(days=n)
        cash += Decimal(seeded.randint(-190, 120)) + (3310 if day.day == 20 else 0)
        cash -= 1250 if day.day == 1 else 0
        fund *= 1 + Decimal(seeded.randint(-110, 125)) / 10000
        found.append(
            Holdings(
                day,
                property=Decimal(330000 + (365 - n) * 28 // 100 * 100),
                investments=fund.quantize(Decimal("0.01")),
                cash=cash,
                debt=Decimal(-239000 + (365 - n) * 14),
            )
        )
    return found


def worth_line(days: int) -> NetWorthLine:
    """Return the same household's total, with a gap, an estimated start and a failed sync."""
    points = tuple(
        Point(held.day, held.net, estimated=n < days // 12)
        for n, held in enumerate(holdings(days))
        if not days // 3 < n < days // 3 + max(3, days // 40)
    )
    marks = (Mark(TODAY - timedelta(days=days // 5), gettext("A bank did not answer")),)
    return NetWorthLine(gettext("Net worth"), points, EUR, marks)


def goal_fan() -> GoalFan:
    """Return ten years of saving towards a deposit."""
    middle = [Decimal(18_500) + 560 * n + n * n // 3 for n in range(121)]
    months = tuple(
        FanMonth(
            date(2026 + (10 + n) // 12, (10 + n) % 12 + 1, 1),
            tuple(amount + spread * n for spread in (-230, -130, 0, 150, 360)),
        )
        for n, amount in enumerate(middle)
    )
    return GoalFan(gettext("Where this could go"), months, Decimal(90_000), EUR)


def cash_flow() -> CashFlow:
    """Return six months of income and spending."""
    spent = (2410, 2890, 2260, 2540, 2270, 2330)
    months = tuple(
        FlowMonth(date(2026, 6 + n, 1), Decimal(3280 + 10 * n), Decimal(-out))
        for n, out in enumerate(spent)
    )
    return CashFlow(gettext("Cash flow"), months, EUR)


def spending() -> list[SpendingRow]:
    """Return this month's categories, longest first."""
    table = (
        ("Rent", "1250", "1250"),
        ("Groceries", "412.80", "453.60"),
        ("Dining", "238.40", "161.10"),
        ("Shopping", "164.30", "87.90"),
        ("Transport", "121", "139"),
        ("Utilities", "96.20", "101.30"),
        ("Health", "31", "74"),
    )
    return [
        SpendingRow(
            name,
            f"/transactions?category={name}",
            Money(-Decimal(now), EUR),
            Money(-Decimal(before), EUR),
        )
        for name, now, before in table
    ]


def accounts() -> list[tuple[str, list[tuple[str, str, Money, str]]]]:
    """Return groups of accounts: name, where, balance, trouble."""

    def eur(text: str) -> Money:
        return Money(Decimal(text), EUR)

    return [
        (
            gettext("Cash"),
            [
                ("Everyday", "North Bank •• 4821", eur("4210.35"), ""),
                ("Savings", "North Bank •• 7710", eur("9240"), ""),
            ],
        ),
        (gettext("Investments"), [("Index fund", "Harbour Invest", eur("61240.12"), "")]),
        (gettext("Property"), [("Flat, Storgata 12", "Added by you", eur("338500"), "")]),
        (
            gettext("Debt"),
            [
                ("Mortgage", "North Bank •• 0031", eur("-233800"), ""),
                ("Card", "Fjord Card •• 9032", eur("-612.44"), gettext("Needs sign-in")),
            ],
        ),
    ]


@dataclass(frozen=True, slots=True)
class Movement:
    """A row of the made-up activity."""

    id: str
    day: date
    merchant: str
    category: str
    account: str
    amount: Money


def movements() -> list[Movement]:
    """Return a few weeks of rows, newest first."""
    seeded = Random(11)
    shops = (
        ("Green Basket", "Groceries"),
        ("Café Nord", "Dining"),
        ("City Bikes", "Transport"),
        ("Noodle Lane", "Dining"),
        ("Home & Hearth", "Shopping"),
    )
    rows = [
        Movement(
            "r0", TODAY, "Acme Payroll", "Salary", "Everyday •• 4821", Money(Decimal(3310), EUR)
        )
    ]
    for n in range(1, 40):
        merchant, category = seeded.choice(shops)
        cents = Money(-Decimal(seeded.randint(300, 9000)) / 100, EUR)
        day = TODAY - timedelta(days=n // 3)
        rows.append(Movement(f"r{n}", day, merchant, category, "Card •• 9032", cents))
    return rows
