"""Made-up lives for measuring what is found and forecast: years of rows, each with its truth.

A life comes from its seed alone. It has wages, bills that move with weekends, prices that rise,
subscriptions that begin, pause and end, seasons, journeys and repairs; it knows nothing of how
they are looked for. Amounts above zero are money in.
"""

from __future__ import annotations

import random
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

EVERYDAY, CARD = "everyday", "card"
_SHOPS = (
    "Green Basket", "Corner Market", "Daily Loaf", "Kopper Coffee", "Noodle Corner", "Luna",
    "Northway Fuel", "Willow Clothing", "Pageworn Books", "Sundew Pharmacy", "Tinker & Pine",
    "Cityline", "Puppet Theatre", "Harbour Fish", "Stone Oven", "Bright Toys", "Old Mill Cafe",
)  # fmt: skip
_SUBSCRIPTIONS = (
    ("Hum Music", 11.99), ("Lantern Streaming", 13.99), ("Ironleaf Gym", 39.0), ("Cloudbox", 2.99),
    ("Morning Post", 24.0), ("Starfield Games", 9.99), ("Pallet Phone", 29.0),
    ("Box of Greens", 49.5),
)  # fmt: skip


@dataclass(frozen=True)
class LifeRow:
    """One row. ``label`` names the thing that comes again and again, None for all else."""

    day: date
    account: str
    amount: Decimal
    text: str
    merchant: str | None
    label: str | None = None
    inner: bool = False


@dataclass
class Life:
    """A household's rows, oldest first, and what its labels promise."""

    seed: int
    rows: list[LifeRow] = field(default_factory=list)
    opening: Decimal = Decimal(0)

    def labels(self, least: dict[str, int]) -> dict[str, list[LifeRow]]:
        """The rows of each thing that was seen often enough to be told, by its label."""
        found: dict[str, list[LifeRow]] = {}
        for row in self.rows:
            if row.label is not None:
                found.setdefault(row.label, []).append(row)
        return {
            name: rows for name, rows in found.items() if len(rows) >= least[name.split(":")[0]]
        }


def life(seed: int, *, first: date, last: date) -> Life:
    """Live from ``first`` to ``last``."""
    return _Living(seed, first, last).lived()


class _Living:
    def __init__(self, seed: int, first: date, last: date) -> None:
        self.any = random.Random(f"life {seed}")
        self.first, self.last = first, last
        self.wealth = self.any.choice((0.6, 0.8, 1.0, 1.0, 1.3, 1.8))
        self.found = Life(seed, opening=_money(self.any.uniform(500, 15_000)))

    def lived(self) -> Life:
        self._wages()
        self._home()
        self._bills()
        self._subscriptions()
        self._shopping()
        self._surprises()
        self._card_payments()
        self.found.rows.sort(key=lambda row: (row.day, row.text, row.amount))
        return self.found

    def _add(
        self,
        day: date,
        amount: float,
        text: str,
        merchant: str | None = None,
        *,
        account: str = EVERYDAY,
        label: str | None = None,
        inner: bool = False,
    ) -> None:
        if self.first <= day <= self.last:
            self.found.rows.append(
                LifeRow(day, account, _money(amount), text, merchant, label, inner)
            )

    def _months(self, day: int, every: int = 1, start: date | None = None) -> Iterator[date]:
        """Days of a month, banking days only: weekends go to the Monday after."""
        begun = start or self.first
        months = range(begun.year * 12 + begun.month - 1, self.last.year * 12 + self.last.month)
        for n in months[::every]:
            year, month = divmod(n, 12)
            due = date(year, month + 1, min(day, monthrange(year, month + 1)[1]))
            if due >= begun:
                yield due + timedelta(days=(0, 0, 0, 0, 0, 2, 1)[due.weekday()])

    def _wages(self) -> None:
        pay, how = 3_100 * self.wealth, self.any.random()
        employer = self.any.choice(("Northfell Design", "Harbour Works", "City Council"))
        changes = self._level(0.035)
        jitter = self.any.choice((0.0, 0.0, 0.02, 0.06))
        if how < 0.6:
            on = self.any.choice((12, 15, 20, 25, 31))
            days = [(self._before_weekend(day, on), 1.0) for day in self._months(1)]
            label = "monthly:wages"
        elif how < 0.85:
            start = self.first + timedelta(days=self.any.randrange(14))
            count = (self.last - start).days // 14 + 1
            days = [(start + timedelta(days=14 * n), 12 / 26) for n in range(count)]
            label = "biweekly:wages"
        else:
            days = [(day, 0.5) for day in self._months(1)] + [(d, 0.5) for d in self._months(15)]
            label = "semi_monthly:wages"
        for day, share in days:
            amount = pay * share * changes(day) * (1 + self.any.gauss(0, jitter))
            month = day.strftime("%B")
            self._add(day, amount, f"SALARY {month} {employer.upper()}", employer, label=label)
        if self.any.random() < 0.4:
            for day in self._months(self.any.randrange(1, 28), 12):
                self._add(day, pay * self.any.uniform(0.1, 0.5), f"BONUS {employer.upper()}")

    def _before_weekend(self, day: date, on: int) -> date:
        due = date(day.year, day.month, min(on, monthrange(day.year, day.month)[1]))
        return due - timedelta(days=(0, 0, 0, 0, 0, 1, 2)[due.weekday()])

    def _home(self) -> None:
        rent = 900 * self.wealth * self.any.uniform(0.7, 1.3)
        changes = self._level(0.03)
        for day in self._months(self.any.choice((1, 1, 1, 3, 28))):
            self._add(day, -round(rent * changes(day)), f"RENT {day:%m/%Y} Alder Lane 14", None,
                      label="monthly:rent")  # fmt: skip

    def _bills(self) -> None:
        on = self.any.randrange(1, 29)
        for day in self._months(on):
            season = 1 + 0.45 * _winter(day)
            amount = 75 * self.wealth * season * self.any.uniform(0.85, 1.15)
            self._add(day, -amount, f"Brightwell Energy inv {self.any.randrange(10**6)}",
                      "Brightwell Energy", label="monthly:energy")  # fmt: skip
        for name, every, kind, amount in (
            ("Clearbrook Water", 3, "quarterly", 95.0), ("Harbor Mutual", 12, "yearly", 620.0),
            ("Road Tax Office", 6, "half_yearly", 140.0), ("Chimney Care", 2, "bimonthly", 33.0),
        ):  # fmt: skip
            if self.any.random() < 0.6:
                changes = self._level(0.04)
                start = self.first + timedelta(days=self.any.randrange(30 * every))
                for day in self._months(self.any.randrange(1, 29), every, start):
                    late = timedelta(days=self.any.choice((0, 0, 0, 1, 2)))
                    self._add(day + late, -amount * changes(day), f"{name} {day:%Y}-{day:%m}", name,
                              label=f"{kind}:{name}")  # fmt: skip
        if self.any.random() < 0.3:
            start = self.first + timedelta(days=self.any.randrange(7))
            for n in range((self.last - start).days // 7 + 1):
                if self.any.random() < 0.96:
                    self._add(start + timedelta(days=7 * n), -45.0, "Sparkle Cleaning",
                              "Sparkle Cleaning", label="weekly:cleaning")  # fmt: skip

    def _subscriptions(self) -> None:
        for name, price in self.any.sample(_SUBSCRIPTIONS, self.any.randrange(2, 7)):
            start, end = self.first, self.last
            if self.any.random() < 0.35:
                start += timedelta(days=self.any.randrange(900))
            if self.any.random() < 0.25:
                end = start + timedelta(days=self.any.randrange(200, 900))
            on, cost = self.any.randrange(1, 29), price
            rises = self.any.randrange(3)
            paused = self.any.random() < 0.02
            for n, day in enumerate(self._months(on, 1, start)):
                if n and n % 14 == 0 and rises:
                    cost, rises = round(cost * self.any.uniform(1.05, 1.2), 2), rises - 1
                if day > end or (paused and 6 < n < 9) or self.any.random() < 0.005:
                    continue
                self._add(day, -cost, f"{name.upper()} {self.any.randrange(10**5)}", name,
                          account=CARD, label=f"monthly:{name}")  # fmt: skip
            if self.any.random() < 0.2:  # and is a shop as well
                for day in self._some_days(0.4):
                    self._add(day, -self.any.uniform(4, 90), f"{name.upper()} SHOP", name,
                              account=CARD)  # fmt: skip

    def _shopping(self) -> None:
        changes = self._level(0.04, jumps=0.25)
        for name in self.any.sample(_SHOPS, self.any.randrange(8, 15)):
            a_week = self.any.choice((0.15, 0.3, 0.5, 0.8, 1.5, 2.5))
            size = self.any.uniform(4, 60) * self.wealth / max(1.0, a_week * 0.8)
            for day in self._some_days(a_week):
                festive = 1.6 if day.month == 12 and day.day < 25 else 1.0
                amount = size * changes(day) * festive * self.any.lognormvariate(-0.15, 0.55)
                self._add(day, -amount, f"{name.upper()} {self.any.randrange(999)}", name,
                          account=CARD)  # fmt: skip

    def _surprises(self) -> None:
        for day in self._some_days(2.2 / 52):
            cost = self.any.lognormvariate(5.9, 0.8) * self.wealth
            whose = self.any.choice(("Roof & Pipe", "Garage Nord", "Dentist Vale", None))
            self._add(day, -cost, "Repair and replace", whose)
        for year in range(self.first.year, self.last.year + 1):
            trip = date(year, 7, self.any.randrange(1, 20))
            for n in range(self.any.randrange(4, 14)):
                self._add(trip + timedelta(days=n), -self.any.uniform(40, 260) * self.wealth,
                          "Journey", f"Hotel {self.any.randrange(40)}", account=CARD)  # fmt: skip

    def _card_payments(self) -> None:
        on = self.any.randrange(2, 12)
        for day in self._months(on):
            before = (day.replace(day=1) - timedelta(days=1)).replace(day=1)
            owed = -sum(
                row.amount for row in self.found.rows
                if row.account == CARD and not row.inner and before <= row.day < day.replace(day=1)
            )  # fmt: skip
            if owed > 0:
                self._add(day, -float(owed), "Card payment", None, inner=True)
                self._add(day, float(owed), "Payment received", None, account=CARD, inner=True)

    def _some_days(self, a_week: float) -> Iterator[date]:
        """Days on which something happens by chance, weekends twice as often."""
        for n in range((self.last - self.first).days + 1):
            day = self.first + timedelta(days=n)
            if self.any.random() < a_week / 9 * (2 if day.weekday() > 3 else 0.75):
                yield day

    def _level(self, yearly: float, jumps: float = 0.0):  # type: ignore[no-untyped-def]
        """How an amount moves over the years: a step each year, and sometimes for good."""
        on = self.any.randrange(1, 13)
        steps = [1 + self.any.uniform(0, 2 * yearly) for _ in range(20)]
        jump_on = self.first + timedelta(days=self.any.randrange((self.last - self.first).days))
        jump = self.any.uniform(0.75, 1.3) if self.any.random() < jumps else 1.0

        def at(day: date) -> float:
            level = 1.0
            for year in range(self.first.year, day.year + 1):
                if self.first <= date(year, on, 1) <= day:
                    level *= steps[year - self.first.year]
            return level * (jump if day >= jump_on else 1.0)

        return at


def _winter(day: date) -> float:
    """1 in January, -1 in July."""
    return 1 - abs((day.month - 1 + day.day / 31 + 6) % 12 - 6) / 3


def _money(amount: float) -> Decimal:
    return Decimal(repr(round(amount, 2)))
