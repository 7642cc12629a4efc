"""Everyday spending as seeded habits: what a person buys, how often, and for how much.

Gives the same rows for the same seed and day, whenever they are asked for; knows no balances.
"""

from __future__ import annotations

import calendar
import hashlib
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from strongroom.sandbox.plaid.persona import Row


@dataclass(frozen=True, slots=True)
class Habit:
    """Something bought again and again, on the persona's account number ``account``.

    ``day_of_month`` set: once a month on that day (the last day where a month is shorter), every
    ``every_months`` months; else on any day with chance ``a_week`` / 7. The amount lies between
    ``low`` and ``high``, in minor units, with Plaid's sign. ``settles_days`` is the longest
    that the row stays pending (0: posts the same day).
    """

    account: int
    name: str
    category: str
    low: int
    high: int
    merchant: str | None = None
    website: str | None = None
    channel: str = "in store"
    a_week: float = 0.0
    day_of_month: int | None = None
    every_months: int = 1
    settles_days: int = 0
    counterparty: str = "merchant"
    city: str | None = None
    numbered: bool = False


def days(first: date, last: date) -> Iterator[date]:
    """Give every day from ``first`` to ``last``, both included."""
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def falls_on(day: date, day_of_month: int, every_months: int = 1) -> bool:
    """Say whether a monthly habit falls on ``day``."""
    last = calendar.monthrange(day.year, day.month)[1]
    return day.day == min(day_of_month, last) and (day.year * 12 + day.month) % every_months == 0


def on_day(
    habits: Sequence[Habit], seed: object, day: date, today: date, currency: str = "USD"
) -> list[Row]:
    """Give the rows that happen on ``day``, as the bank shows them on ``today``."""
    rows = []
    for index, habit in enumerate(habits):
        # Every habit and day has choices of its own: a new habit leaves other rows as they were.
        key = f"{seed}|{index}|{day.isoformat()}"
        if habit.day_of_month is not None:
            happens = falls_on(day, habit.day_of_month, habit.every_months)
        else:
            happens = _chance(key) < habit.a_week / 7
        if happens:
            rows.append(_row(habit, random.Random(key), day, today, currency))
    return rows


def _chance(key: str) -> float:
    """Give a number from 0 to 1 that depends on ``key`` alone; much cheaper than a generator."""
    digest = hashlib.blake2b(key.encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**48


def _row(habit: Habit, rng: random.Random, day: date, today: date, currency: str) -> Row:
    amount = Decimal(rng.randint(habit.low, habit.high)).scaleb(-2)
    name = f"{habit.name} #{rng.randint(100, 999)}" if habit.numbered else habit.name
    wait = rng.randint(1, habit.settles_days) if habit.settles_days else 0
    posts_on = day + timedelta(days=wait)
    pending = posts_on > today
    return Row(
        account=habit.account,
        day=day if pending else posts_on,
        authorized=day,
        amount=amount,
        name=name,
        category=habit.category,
        merchant=habit.merchant,
        website=habit.website,
        channel=habit.channel,
        currency=currency,
        pending=pending,
        posts_on=posts_on if pending else None,
        confidence="VERY_HIGH" if habit.merchant else "HIGH",
        counterparty=habit.counterparty,
        city=habit.city,
    )
