"""Accounts that are attached to goals: which ones may be, and what they hold in one currency."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from strongroom import accounts
from strongroom.accounts import Account, Category
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency
from strongroom.goals.profile.rules import KINDS
from strongroom.ui import gettext

_MAY: Final = (Category.CASH, Category.INVESTMENTS, Category.DIGITAL_ASSETS)
_MOST: Final = 50


class AccountIsNoSavings(Refused):
    """Only money and investments can be put aside for a goal: no debt, no house, nothing closed."""


async def check(db: Db, *, owner: UserId, wanted: Sequence[AccountId]) -> None:
    """Look whether accounts may be attached. Raises ``AccountNotFound``, ``AccountIsNoSavings``."""
    if len(wanted) > _MOST:
        raise AccountIsNoSavings(gettext("At most 50 accounts can be attached."), field="accounts")
    if not wanted:
        return
    known = {one.id: one for one in await accounts.list_all(db, owner=owner)}
    for one in wanted:
        if one not in known:
            raise accounts.AccountNotFound(gettext("There is no such account."), field="accounts")
        if known[one].category not in _MAY or known[one].closed_at is not None:
            raise AccountIsNoSavings(
                gettext("%(name)s cannot be put aside for a goal.", name=known[one].name),
                field="accounts",
                hint=gettext("Attach open accounts with money or investments."),
            )


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
