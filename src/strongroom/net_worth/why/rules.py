"""How an account's change becomes causes that add up to it exactly. Pure.

For each account the difference of its values in the base currency is taken apart: what opened and
closed, each row at the rate of its day, what no row explains at the last day's rate. What is then
still missing is what exchange rates did to what was held: it is zero where no rate is involved,
and includes the cents that rounding each part leaves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency, Money, total, zero
from strongroom.net_worth.changing import kind_of_projected
from strongroom.net_worth.converting import rounded
from strongroom.net_worth.types import AccountChange, RemainderKind
from strongroom.net_worth.why.types import Cause, CauseKind, Moved
from strongroom.transactions import Category

_FLOWS: Final = {
    "income": CauseKind.INCOME,
    "spending": CauseKind.SPENDING,
    "transfer": CauseKind.TRANSFERS,
    "debt": CauseKind.DEBT,
}
_REMAINDERS: Final = {
    RemainderKind.UNEXPLAINED: CauseKind.UNEXPLAINED,
    RemainderKind.MARKET: CauseKind.MARKET,
    RemainderKind.REVALUED: CauseKind.REVALUED,
    RemainderKind.GROWN: CauseKind.GROWN,
    RemainderKind.PAID_DOWN: CauseKind.PAID_DOWN,
}
BY_CATEGORY: Final = frozenset({CauseKind.INCOME, CauseKind.SPENDING})


def causes_of(
    change: AccountChange,
    moved: Sequence[Moved],
    base: Currency,
    *,
    opening: Decimal | None,
    ending: Decimal | None,
) -> list[Cause]:
    """Return what changed net worth through one account, undivided causes only.

    ``opening`` is the rate of the day the account came, ``ending`` that of the last day it counts;
    each None where unknown. The causes add up to ``value_after - value_before``, where None counts
    as nothing.
    """
    was = zero(base) if change.value_before is None else change.value_before
    now = zero(base) if change.value_after is None else change.value_after
    rate = counting_rate(change, ending)
    if rate is None:
        return _some([_of(change, _whole(change), now - was)])
    told = _told(change, moved, base, rate, rate if opening is None else opening)
    of_rates = now - was - total((one.amount for one in told), base)
    return _some([*told, _of(change, CauseKind.RATES, of_rates)])


def counting_rate(change: AccountChange, ending: Decimal | None) -> Decimal | None:
    """Return the rate at which what no row explains counts; None if the change stays whole.

    It does where no rate is known for what is held or was, or neither for the account's last day
    nor for what it held before.
    """
    if change.value_after is None or _unknown_before(change):
        return None
    before = None if change.rate_before is None else change.rate_before.rate
    return ending if ending is not None else before


def _unknown_before(change: AccountChange) -> bool:
    return change.before is not None and change.value_before is None


def _whole(change: AccountChange) -> CauseKind:
    if _unknown_before(change):
        return CauseKind.RATE_FOUND
    return CauseKind.RATE_LOST if change.value_after is None else CauseKind.CLOSED


def _told(
    change: AccountChange, moved: Sequence[Moved], base: Currency, rate: Decimal, opening: Decimal
) -> list[Cause]:
    """Return the causes that are known by themselves, in the base currency."""

    def at(amount: Money, of: Decimal) -> Money:
        if amount.currency == base:
            return amount
        return Money(rounded(amount.amount, of, base), base)

    rows = total((one.amount for one in moved), change.currency)
    remainder = change.remainder - change.projected + (change.moved - rows)
    return [
        _of(change, CauseKind.OPENED, at(change.opened, opening)),
        *(_flow(change, one) for one in moved),
        *(_of(change, CauseKind.UNRATED, at(one.unrated, rate)) for one in moved),
        _of(change, CauseKind.WAITING, at(change.waiting, rate)),
        _of(change, _REMAINDERS[change.kind], at(remainder, rate)),
        _of(change, _REMAINDERS[kind_of_projected(change.category)], at(change.projected, rate)),
        _of(change, CauseKind.CLOSED, -at(change.closed, rate)),
    ]


def _flow(change: AccountChange, moved: Moved) -> Cause:
    return Cause(
        _FLOWS[moved.flow],
        moved.converted,
        category_id=moved.category_id,
        account_id=change.account,
        account_name=change.name,
    )


def _of(change: AccountChange, kind: CauseKind, amount: Money) -> Cause:
    return Cause(kind, amount, account_id=change.account, account_name=change.name)


def _some(causes: Iterable[Cause]) -> list[Cause]:
    return [one for one in causes if one.amount]


def by_kind(
    causes: Iterable[Cause], base: Currency, categories: Mapping[CategoryId, Category]
) -> list[Cause]:
    """Return one cause of each kind, the largest first, divided into what it is made of.

    Income and spending: by group, then by category. Others: by account.
    """
    kinds: dict[CauseKind, list[Cause]] = defaultdict(list)
    for one in causes:
        kinds[one.kind].append(one)
    found = [
        _sum(
            Cause(kind, zero(base)),
            _by_category(theirs, base, categories)
            if kind in BY_CATEGORY
            else _by_account(theirs, base),
        )
        for kind, theirs in kinds.items()
    ]
    # What left one account and reached another changed nothing.
    return _largest_first(one for one in found if one.amount or one.kind is not CauseKind.TRANSFERS)


def _by_category(
    causes: Iterable[Cause], base: Currency, categories: Mapping[CategoryId, Category]
) -> list[Cause]:
    groups: dict[CategoryId, dict[CategoryId, Cause]] = defaultdict(dict)
    for one in causes:
        assert one.category_id is not None  # noqa: S101 - a flow always has its category
        category = categories[one.category_id]
        inside = groups[category.parent_id or category.id]
        before = inside.get(category.id, _named(one.kind, category, base))
        inside[category.id] = replace(before, amount=before.amount + one.amount)
    found = []
    for group, inside in groups.items():
        parts = list(inside.values())
        found.append(
            parts[0]
            if [one.category_id for one in parts] == [group]
            else _sum(_named(parts[0].kind, categories[group], base), parts)
        )
    return found


def _by_account(causes: Iterable[Cause], base: Currency) -> list[Cause]:
    accounts: dict[AccountId | None, Cause] = {}
    for one in causes:
        before = accounts.get(one.account_id)
        accounts[one.account_id] = replace(
            one,
            amount=one.amount if before is None else before.amount + one.amount,
            category_id=None,
        )
    return list(accounts.values())


def _named(kind: CauseKind, category: Category, base: Currency) -> Cause:
    return Cause(
        kind,
        zero(base),
        category_id=category.id,
        category_key=category.key,
        category_name=category.name,
    )


def _sum(cause: Cause, inside: Sequence[Cause]) -> Cause:
    whole = total((one.amount for one in inside), cause.amount.currency)
    return replace(cause, amount=whole, inside=_largest_first(inside))


def _largest_first(causes: Iterable[Cause]) -> list[Cause]:
    return sorted(
        causes,
        key=lambda one: (
            -abs(one.amount).amount,
            one.kind,
            one.category_key or one.category_name or one.account_name or "",
        ),
    )
