"""What comes to a household again and again: pay, rent, subscriptions, bills, standing orders."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.household_draft import Draft
from benchmarks.household_moves import move
from benchmarks.labels import SeriesLabel

_MONTHS = {"monthly": 1, "quarterly": 3, "yearly": 12}
_DAYS = {"weekly": 7, "biweekly": 14}
_FEWEST = {"weekly": 5, "biweekly": 4, "monthly": 3, "quarterly": 3, "yearly": 2}


@dataclass(frozen=True)
class _Kind:
    """How a series goes. Prices in dollars; below zero is paid. ``often``: in how many homes."""

    merchant: str
    pfc: str
    period: str
    low: float
    high: float
    often: float
    varies: float = 0.0
    card: bool = False


_KINDS = (
    _Kind("Hillside Works Payroll", "INCOME_SALARY", "monthly", 2600, 5200, 0.7, 0.02),
    _Kind("Bridge Shipping Wages", "INCOME_SALARY", "biweekly", 1100, 2400, 0.35, 0.05),
    _Kind("Bakken Eiendom Rent", "RENT_AND_UTILITIES_RENT", "monthly", -1900, -700, 0.8),
    _Kind("Streamwell", "ENTERTAINMENT_TV_AND_MOVIES", "monthly", -19, -9, 0.8, card=True),
    _Kind("Tunebird", "ENTERTAINMENT_MUSIC_AND_AUDIO", "monthly", -15, -8, 0.7, card=True),
    _Kind("Cloudshelf", "GENERAL_SERVICES_OTHER_GENERAL_SERVICES", "monthly", -6, -1, 0.5,
          card=True),
    _Kind("Northline Mobile", "RENT_AND_UTILITIES_TELEPHONE", "monthly", -60, -20, 0.8, 0.05),
    _Kind("Aurora Power", "RENT_AND_UTILITIES_GAS_AND_ELECTRICITY", "monthly", -180, -60, 0.85,
          0.35),
    _Kind("Fibrelight", "RENT_AND_UTILITIES_INTERNET_AND_CABLE", "monthly", -80, -40, 0.7),
    _Kind("Iron Gym", "PERSONAL_CARE_GYMS_AND_FITNESS_CENTERS", "monthly", -60, -25, 0.5),
    _Kind("Tryggve Insurance", "GENERAL_SERVICES_INSURANCE", "quarterly", -300, -90, 0.5),
    _Kind("Waterworks", "RENT_AND_UTILITIES_WATER", "quarterly", -160, -60, 0.5, 0.15),
    _Kind("Road Toll Office", "GOVERNMENT_AND_NON_PROFIT_TAX_PAYMENT", "yearly", -350, -200, 0.5),
    _Kind("Alpine Club", "ENTERTAINMENT_SPORTING_EVENTS_AMUSEMENT_PARKS_AND_MUSEUMS", "yearly",
          -120, -60, 0.4, card=True),
    _Kind("Little Acorns Childcare", "GENERAL_SERVICES_CHILDCARE", "monthly", -420, -180, 0.35),
    _Kind("Clean Corner Laundry", "PERSONAL_CARE_LAUNDRY_AND_DRY_CLEANING", "weekly", -28, -12,
          0.35, 0.1),
    _Kind("Farm Box", "FOOD_AND_DRINK_GROCERIES", "weekly", -55, -30, 0.35),
    _Kind("Piano Lessons Berg", "GENERAL_SERVICES_EDUCATION", "biweekly", -60, -35, 0.3),
)  # fmt: skip


def repeat(draft: Draft) -> None:
    """Write the series of a household down, with their labels."""
    cards = [one.key for one in draft.accounts.values() if one.type == "credit"]
    for kind in _KINDS:
        if draft.chance(kind.often):
            account = draft.rng.choice(cards) if kind.card and cards else "checking"
            _series(draft, kind, account)
    _standing_order(draft)


def _series(draft: Draft, kind: _Kind, account: str) -> None:
    amount = draft.money(kind.low, kind.high)
    if abs(kind.high) < 100 and draft.chance(0.6):
        amount = Decimal(round(amount)) + (Decimal("0.01") if amount < 0 else 0)
    text, seen = _text(draft, kind.merchant), kind.merchant if draft.chance(0.75) else None
    due, last = _due_days(draft, kind.period)
    rows: list[str] = []
    rises: list[str] = []
    missed: list[date] = []
    rises_at = draft.rng.randrange(3, len(due)) if len(due) > 6 and draft.chance(0.4) else -1
    misses_at = draft.rng.randrange(2, len(due) - 1) if len(due) > 6 and draft.chance(0.15) else -1
    for number, day in enumerate(due):
        if number == rises_at:
            amount = round(amount * Decimal(draft.rng.randint(105, 120)) / 100, 2)
        if number == misses_at:
            missed.append(day)
            continue
        paid = round(amount * (1 + Decimal(str(draft.rng.uniform(-kind.varies, kind.varies)))), 2)
        booked = draft.workday(day + timedelta(days=draft.rng.choice((0, 0, 0, 0, 1))))
        words = text.format(n=draft.rng.randint(10_000, 99_999))
        if key := draft.add(account, booked, paid, words, seen, kind.pfc):
            rows.append(key)
            rises += [key] if number == rises_at else []
    _label(draft, account, rows, kind, rises, missed, last)


def _due_days(draft: Draft, period: str) -> tuple[list[date], date | None]:
    """The days on which something is due, and the next one after today; None where it has ended."""
    step = _DAYS.get(period) or 30 * _MONTHS[period]
    start = draft.first_day + timedelta(days=draft.rng.randint(0, step - 1))
    if period not in ("yearly", "quarterly") and draft.chance(0.2):  # taken up some time later
        start = draft.day(start, draft.today - timedelta(days=5 * step))
    ends = draft.day(start + timedelta(days=6 * step), draft.today - timedelta(days=3 * step)) if (
        period in ("weekly", "biweekly", "monthly") and draft.chance(0.12)
        and (draft.today - start).days > 10 * step) else None  # fmt: skip
    days, number = [], 0
    while (day := _due(start, period, number)) <= (ends or draft.today):
        days.append(day)
        number += 1
    return days, None if ends else _due(start, period, number)


def _due(start: date, period: str, number: int) -> date:
    if period in _DAYS:
        return start + timedelta(days=_DAYS[period] * number)
    month = start.month - 1 + _MONTHS[period] * number
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


def _label(
    draft: Draft,
    account: str,
    rows: list[str],
    kind: _Kind,
    rises: list[str],
    missed: list[date],
    next_on: date | None,
) -> None:
    if len(rows) >= _FEWEST[kind.period]:
        draft.series.append(
            SeriesLabel(
                account, tuple(rows), kind.period, kind.merchant, kind.varies > 0,
                kind.pfc.startswith("TRANSFER"), tuple(rises), tuple(missed), next_on is None,
                next_on,
            )
        )  # fmt: skip


def _text(draft: Draft, merchant: str) -> str:
    kinds = ("AvtaleGiro {m}", "{m} AS", "{m} KID {{n}}") if draft.norwegian else (
        "{m} PPD ID {{n}}", "{m} RECURRING", "{m}")  # fmt: skip
    text = draft.rng.choice(kinds).format(m=merchant)
    return text.upper().replace("{N}", "{n}") if draft.chance(0.5) else text


def _standing_order(draft: Draft) -> None:
    """Put something aside every month, by standing order between own accounts."""
    kind = _Kind("Savings", "TRANSFER_OUT_SAVINGS", "monthly", 0, 0, 1)
    due, last = _due_days(draft, kind.period)
    amount = Decimal(draft.rng.choice((100, 200, 300, 500)) * draft.scale)
    out, into = draft.accounts["checking"], draft.accounts["savings"]
    rows = [move(draft, out, into, amount, draft.workday(day)) for day in due]
    _label(draft, "checking", [key for key in rows if key], kind, [], [], last)
