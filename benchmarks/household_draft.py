"""A household while it is being made up: its chance, its accounts, and its rows so far."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from benchmarks.labels import (
    DoubleLabel,
    HouseAccount,
    HouseRate,
    HouseRow,
    PendingLabel,
    RefundLabel,
    SeriesLabel,
    TransferLabel,
)


@dataclass
class Draft:
    """What is made up so far. ``syncs`` are the days on which banks are asked, oldest first."""

    rng: random.Random
    home: str
    first_day: date
    today: date
    syncs: Sequence[date]
    accounts: dict[str, HouseAccount] = field(default_factory=dict)
    rows: dict[str, HouseRow] = field(default_factory=dict)
    transfers: list[TransferLabel] = field(default_factory=list)
    refunds: list[RefundLabel] = field(default_factory=list)
    doubles: list[DoubleLabel] = field(default_factory=list)
    twins: list[tuple[str, ...]] = field(default_factory=list)
    pending: list[PendingLabel] = field(default_factory=list)
    series: list[SeriesLabel] = field(default_factory=list)
    rates: list[HouseRate] = field(default_factory=list)

    @property
    def norwegian(self) -> bool:
        """Whether its banks write Norwegian."""
        return self.home == "NOK"

    @property
    def scale(self) -> int:
        """How many units of home money buy what one dollar does."""
        return 10 if self.norwegian else 1

    def chance(self, share: float) -> bool:
        """Whether something happens that happens in this share of all cases."""
        return self.rng.random() < share

    def day(self, first: date | None = None, last: date | None = None) -> date:
        """Some day between two, both included; else of all the days there are."""
        start, end = first or self.first_day, last or self.today
        return start + timedelta(days=self.rng.randint(0, max(0, (end - start).days)))

    def workday(self, day: date) -> date:
        """The day itself, or the Monday after a weekend."""
        return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() >= 5 else 0)

    def money(self, low: float, high: float) -> Decimal:
        """An amount of home money between two of dollars, with cents."""
        return Decimal(self.rng.randint(round(low * 100), round(high * 100)) * self.scale) / 100

    def price(self, low: float, high: float) -> Decimal:
        """A price as shops make them: often round, or just below."""
        amount = self.money(low, high)
        if self.chance(0.5):
            return max(Decimal(1), Decimal(round(amount))) - (
                self.rng.choice((0, 0, 1)) and Decimal("0.10")
            )
        return amount

    def next_sync(self, day: date) -> date:
        """The first sync from a day on; the last one for what is after them all."""
        return next((one for one in self.syncs if one >= day), self.syncs[-1])

    def add(
        self,
        account: str,
        day: date,
        amount: Decimal,
        text: str,
        merchant: str | None = None,
        pfc: str | None = None,
        **more: object,
    ) -> str:
        """Write one row down; return its key. Days after today are no rows: then it is empty."""
        if day > self.today or day < self.first_day:
            return ""
        key = f"r{len(self.rows):05d}"
        told = self.next_sync(day + timedelta(days=self.rng.choice((0, 0, 1, 1, 2))))
        facts: dict[str, object] = {"told_on": told, **more}
        self.rows[key] = HouseRow(
            key=key, account=account, day=day, amount=amount,
            currency=self.accounts[account].currency, text=text, merchant=merchant, pfc=pfc,
            **facts,  # type: ignore[arg-type]
        )  # fmt: skip
        return key
