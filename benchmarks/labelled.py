"""Made-up households whose every fact is known: what matching and forecasts are judged by.

Seeded: the same seed makes the same households. Nothing here knows how anything is matched.
"""

from __future__ import annotations

import random
from datetime import date, timedelta

from benchmarks.household_draft import Draft
from benchmarks.household_life import odd_incomes, purchases, told_later, told_twice
from benchmarks.household_moves import card_payments, exchanges, lookalikes, own_transfers
from benchmarks.household_series import repeat
from benchmarks.labels import (
    DoubleLabel,
    HouseAccount,
    Household,
    HouseRate,
    HouseRow,
    PendingLabel,
    RefundLabel,
    SeriesLabel,
    TransferLabel,
)

__all__ = [
    "DoubleLabel",
    "HouseAccount",
    "HouseRate",
    "HouseRow",
    "Household",
    "PendingLabel",
    "RefundLabel",
    "SeriesLabel",
    "TransferLabel",
    "household",
    "households",
]

TODAY = date(2026, 11, 20)
_MONTHS = 26
_SYNCED_DAYS = 60
_BANKS = ("Fjord Bank", "Nordkort", "Spar Vest", "Harbour Credit Union")


def households(count: int = 50, seed: int = 2026) -> list[Household]:
    """Return ``count`` households; one seed makes the same ones."""
    return [household(seed * 1_000 + number) for number in range(count)]


def household(seed: int, today: date = TODAY, months: int = _MONTHS) -> Household:
    """Return one household with a history of ``months``.

    Its banks are linked 60 days before ``today``: that sync tells all that was, and from then on
    there is one every second day.
    """
    rng = random.Random(seed)
    first = today - timedelta(days=round(months * 30.44))
    syncs = [today - timedelta(days=days) for days in range(_SYNCED_DAYS, -1, -2)]
    draft = Draft(rng, rng.choice(("NOK", "USD")), first, today, syncs)
    _open_accounts(draft)
    repeat(draft)
    own_transfers(draft)
    card_payments(draft)
    exchanges(draft)
    lookalikes(draft)
    purchases(draft)
    odd_incomes(draft)
    told_later(draft)
    told_twice(draft)
    return Household(
        seed, draft.home, first, today, tuple(draft.accounts.values()), tuple(draft.rows.values()),
        tuple(draft.transfers), tuple(draft.refunds), tuple(draft.doubles), tuple(draft.twins),
        tuple(draft.pending), tuple(draft.series), tuple(draft.rates),
    )  # fmt: skip


def _open_accounts(draft: Draft) -> None:
    words = ("Brukskonto", "Sparekonto", "Felleskonto", "Regningskonto") if draft.norwegian else (
        "Everyday Checking", "Rainy Day Savings", "Joint Checking", "Bills Checking")  # fmt: skip
    kinds = [
        ("checking", 0, words[0], "depository", "checking", 1.0),
        ("savings", 0, words[1], "depository", "savings", 1.0),
        ("card", 1, "Nordkort Visa", "credit", "credit card", 0.9),
        ("joint", 2, words[2], "depository", "checking", 0.45),
        ("bills", 0, words[3], "depository", "checking", 0.35),
        ("card2", 3, "Harbour Mastercard", "credit", "credit card", 0.35),
        ("abroad", 2, "Euro account", "depository", "checking", 0.3),
    ]
    for key, bank, name, kind, subtype, often in kinds:
        if draft.chance(often):
            currency = "EUR" if key == "abroad" else draft.home
            draft.accounts[key] = HouseAccount(
                key,
                _BANKS[bank],
                name,
                kind,
                subtype,
                f"{draft.rng.randint(0, 9999):04d}",
                currency,
            )
