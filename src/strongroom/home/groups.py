"""How accounts are grouped for people: cash, investments, property, other, debt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from strongroom.accounts import Account, Category
from strongroom.core.money import Money, total
from strongroom.net_worth import WorthSnapshot
from strongroom.ui import N_
from strongroom.ui.charts import Holdings

LABELS: Final = {
    "cash": N_("Cash"),
    "investments": N_("Investments"),
    "property": N_("Property"),
    "other": N_("Other"),
    "debt": N_("Debt"),
}
_OF_CATEGORY: Final = {
    Category.CASH: "cash",
    Category.INVESTMENTS: "investments",
    Category.DIGITAL_ASSETS: "investments",
    Category.PROPERTY: "property",
}
# The colours of the breakdown, by the names in the style sheet.
MARKS: Final = {"property": "c2", "investments": "c1", "cash": "c3", "other": "c5", "debt": "c4"}


@dataclass(frozen=True, slots=True)
class Group:
    """Accounts that belong together, and their sum in each currency, most accounts first.

    ``elsewhere``: what of the sums counts in another part of net worth. An overdraft is debt, a
    card's credit something owned.
    """

    key: str
    accounts: tuple[Account, ...]
    totals: tuple[Money, ...]
    elsewhere: tuple[Money, ...]

    @property
    def label(self) -> str:
        """The group's name, to be translated."""
        return LABELS[self.key]


def group_of(category: str) -> str:
    """Return the group that an account category is shown in."""
    found = Category(category)
    return "debt" if found.is_debt else _OF_CATEGORY.get(found, "other")


def part_of(account: Account, value: Money) -> str:
    """Return the part of net worth that an account with this value counts in."""
    group = group_of(account.category)
    if value.amount < 0:
        return "debt"
    return "other" if group == "debt" else group


def grouped(accounts: Iterable[Account]) -> list[Group]:
    """Return the groups that have accounts, in the order to show."""
    held = list(accounts)
    groups = []
    for key in LABELS:
        inside = [one for one in held if group_of(one.category) == key]
        if inside:
            turned = [one for one in inside if one.balance and part_of(one, one.balance) != key]
            groups.append(Group(key, tuple(inside), _totals(inside), _totals(turned)))
    return groups


def holdings(day: WorthSnapshot) -> Holdings:
    """Return a day's net worth by group: what is owned above zero, all debt below."""
    sums = _sums(day.asset_breakdown)
    return Holdings(
        day=day.day,
        property=sums["property"],
        investments=sums["investments"],
        cash=sums["cash"],
        other=sums["other"] + sums["debt"],
        debt=-day.liabilities.amount,
        missing=bool(day.unknown),
    )


def _sums(parts: Mapping[str, Money]) -> dict[str, Decimal]:
    sums = dict.fromkeys(LABELS, Decimal(0))
    for category, amount in parts.items():
        sums[group_of(category)] += amount.amount
    return sums


def _totals(accounts: list[Account]) -> tuple[Money, ...]:
    known = [one.balance for one in accounts if one.balance is not None and one.closed_at is None]
    codes = dict.fromkeys(amount.currency for amount in known)
    return tuple(total((one for one in known if one.currency == code), code) for code in codes)
