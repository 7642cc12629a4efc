"""What accounts hold that are attached to goals, in one currency, and whether it is liquid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from strongroom.accounts import Account, Category
from strongroom.core.ids import AccountId
from strongroom.core.money import Currency, Money
from strongroom.goals.profile.rules import KINDS


@dataclass(frozen=True, slots=True)
class Holding:
    """What one open account holds, in its own currency."""

    id: AccountId
    balance: Money
    is_liquid: bool


@dataclass(frozen=True, slots=True)
class Held:
    """What accounts hold, in one currency; ``beside``: what is not liquid of it."""

    by_account: Mapping[AccountId, Decimal]
    beside: Decimal

    @property
    def liquid(self) -> Decimal:
        """What is liquid of it."""
        return sum(self.by_account.values(), Decimal(0)) - self.beside


def holding(account: Account) -> Holding | None:
    """Return what an account holds; None of one that is closed or without a balance."""
    if account.closed_at is not None or account.balance is None:
        return None
    return Holding(account.id, account.balance, _is_liquid(account))


def held(known: Sequence[Holding], rates: Mapping[Currency, Decimal]) -> Held:
    """Return what accounts hold. ``rates``: what one unit of each of their currencies is worth.

    Those below zero hold nothing.
    """
    found = {
        one.id: max(one.balance.amount * rates[one.balance.currency], Decimal(0)) for one in known
    }
    beside = sum((found[one.id] for one in known if not one.is_liquid), Decimal(0))
    return Held(found, beside)


def _is_liquid(account: Account) -> bool:
    """Return whether an account is among a profile's liquid assets: not pensions and the like."""
    subtype = account.subtype or ""
    if account.category is Category.INVESTMENTS:
        return subtype in ("", *KINDS["sellable"])
    return account.category is not Category.CASH or subtype not in KINDS["tied"]
