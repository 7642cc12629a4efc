"""What accounts hold that are attached to goals, in one currency, and whether it is liquid."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from strongroom.accounts import Account, Category
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency
from strongroom.goals.profile.rules import KINDS


@dataclass(frozen=True, slots=True)
class Held:
    """What attached accounts hold, in one currency; ``beside``: what is not liquid of it."""

    by_account: Mapping[AccountId, Decimal]
    beside: Decimal


def held(
    known: Sequence[Account],
    wanted: Collection[AccountId],
    rates: Mapping[Currency, Decimal],
) -> Held:
    """Return what accounts hold. ``rates``: what one unit of each account's currency is worth.

    Closed ones, and those below zero or without a balance, hold nothing.
    """
    found: dict[AccountId, Decimal] = {}
    beside = Decimal(0)
    for one in known:
        if one.id not in wanted or one.closed_at is not None or one.balance is None:
            continue
        amount = max(one.balance.amount * rates[one.balance.currency], Decimal(0))
        found[one.id] = amount
        if not is_liquid(one):
            beside += amount
    return Held(found, beside)


def is_liquid(account: Account) -> bool:
    """Return whether an account is among a profile's liquid assets: not pensions and the like."""
    subtype = account.subtype or ""
    if account.category is Category.INVESTMENTS:
        return subtype in ("", *KINDS["sellable"])
    return account.category is not Category.CASH or subtype not in KINDS["tied"]
