"""One pool for all goals: who has which money, and which part of each month, by priority.

Pure, and exact: in fractions, so that twice of everything gives twice of everything and no euro is
made by rounding. Of a dozen goals and more, what is far below any coin is cut off: else fractions
of fractions would grow without end. What decides is priority and need; neither order nor id ever
does. The rules are written down in decision record 0018.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import Final, Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)

_LONGEST: Final = 512
"""Bits of a denominator up to which a fraction stays as it is."""
_FINEST: Final = 10**40


@dataclass(frozen=True, slots=True)
class Claim(Generic[Key]):
    """What one goal asks for. Amounts are of one currency for all claims, and positive.

    ``wish``: what is to be put aside each month, None for whatever is left over. ``accounts``:
    those whose money is put aside for it.
    """

    key: Key
    priority: int
    target: Fraction
    months: int
    wish: Fraction | None
    accounts: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Means:
    """What there is: liquid money, and what is left in a month.

    ``accounts``: what the accounts hold that are attached to goals; it is part of ``liquid``.
    """

    liquid: Fraction
    monthly: Fraction
    accounts: Mapping[Hashable, Fraction] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Allotment:
    """What one goal has. Together they never have more than there is.

    ``attached`` and ``pooled``: of liquid money. ``monthly``: of a month, on average until it is
    due. ``elsewhere``: what others have of a month, on average. ``part``: of the household's ups
    and downs, 0 to 1; over all months they come to the household's. ``raises``: of what more or
    less there is in a month later.
    """

    attached: Fraction
    pooled: Fraction
    monthly: Fraction
    elsewhere: Fraction
    part: Fraction
    raises: Fraction

    @property
    def saved(self) -> Fraction:
        """What there is for the goal today."""
        return self.attached + self.pooled


def share(claims: Sequence[Claim[Key]], means: Means) -> dict[Key, Allotment]:
    """Return what each goal has, by key: first accounts for their goals, then all other money."""
    attached, rest = _of_accounts(claims, means)
    pooled = _fill(claims, attached, rest)
    has = {one.key: attached[one.key] + pooled[one.key] for one in claims}
    by_month = _of_months(claims, has, max(means.monthly, Fraction(0)))
    part = _fractions(claims, has, by_month)
    raises = _raises(claims, by_month, part) if means.monthly > 0 else part
    return {
        one.key: Allotment(
            attached=attached[one.key],
            pooled=pooled[one.key],
            monthly=by_month.average(one),
            elsewhere=by_month.elsewhere(one),
            part=part[one.key],
            raises=raises[one.key],
        )
        for one in claims
    }


def _of_accounts(
    claims: Sequence[Claim[Key]], means: Means
) -> tuple[dict[Key, Fraction], Fraction]:
    """Return what attached accounts give to each goal, and the liquid money besides.

    An account of several goals fills their needs by priority. What is over belongs to them all
    the same, in proportion to their targets. Accounts of the same goals are one.
    """
    has = {one.key: Fraction(0) for one in claims}
    held: dict[frozenset[Key], Fraction] = {}
    for account, amount in means.accounts.items():
        theirs = frozenset(one.key for one in claims if account in one.accounts)
        if theirs and amount > 0:
            held[theirs] = held.get(theirs, Fraction(0)) + amount
    liquid, total = max(means.liquid, Fraction(0)), sum(held.values(), Fraction(0))
    part = min(Fraction(1), liquid / total) if total else Fraction(1)
    for size in sorted({len(theirs) for theirs in held}):
        # Those of as many goals at once: none of them comes first.
        before = dict(has)
        for theirs, amount in held.items():
            if len(theirs) == size:
                group = [one for one in claims if one.key in theirs]
                for key, given in _fill(group, before, amount * part).items():
                    has[key] += given
    return has, liquid - total * part


def _fill(
    group: Sequence[Claim[Key]], has: Mapping[Key, Fraction], amount: Fraction
) -> dict[Key, Fraction]:
    """Give all of an amount to a group: needs by priority, and what is beyond them by targets."""
    given = {one.key: Fraction(0) for one in group}
    for level in _levels(group):
        needs = {one.key: max(one.target - has[one.key], Fraction(0)) for one in level}
        for key, more in _parts(needs, amount).items():
            given[key] += more
            amount -= more
    for key, more in _parts({one.key: one.target for one in group}, amount, all_of_it=True).items():
        given[key] += more
    return given


@dataclass(frozen=True, slots=True)
class _Months(Generic[Key]):
    """Who has what of all months until a goal is due.

    ``own``: each goal, until it is due itself. ``together``: all, until so many months are over.
    """

    own: Mapping[Key, Fraction]
    together: Mapping[int, Fraction]

    def average(self, one: Claim[Key]) -> Fraction:
        """Return what a goal has of a month, on average until it is due."""
        return self.own[one.key] / one.months

    def elsewhere(self, one: Claim[Key]) -> Fraction:
        """Return what others have of a month, on average until this goal is due."""
        return self.together[one.months] / one.months - self.average(one)


def _of_months(
    claims: Sequence[Claim[Key]], has: Mapping[Key, Fraction], monthly: Fraction
) -> _Months[Key]:
    """Share what is left in a month; after a goal is due, its part is the others'."""
    own = {one.key: Fraction(0) for one in claims}
    together: dict[int, Fraction] = {}
    saved, given = dict(has), Fraction(0)
    for start, end in pairwise(sorted({0, *(one.months for one in claims)})):
        going = [one for one in claims if one.months > start]
        parts = _month(going, saved, start, monthly)
        for key, part in parts.items():
            saved[key] = _fine(saved[key] + part * (end - start))
            own[key] = _fine(own[key] + part * (end - start))
        given = _fine(given + sum(parts.values(), Fraction(0)) * (end - start))
        together[end] = given
    return _Months(own, together)


def _month(
    going: Sequence[Claim[Key]], saved: Mapping[Key, Fraction], start: int, monthly: Fraction
) -> dict[Key, Fraction]:
    """Share one month: contributions by priority, then what is left over by priority and need.

    What is left over beyond every need goes to the first of those goals that want it.
    """
    parts = {one.key: Fraction(0) for one in going}
    for level in _levels(one for one in going if one.wish is not None):
        wishes = {one.key: one.wish or Fraction(0) for one in level}
        for key, part in _parts(wishes, monthly).items():
            parts[key] += part
            monthly -= part
    levels = _levels(one for one in going if one.wish is None)
    needs = [
        {
            one.key: _fine(max(one.target - saved[one.key], Fraction(0)) / (one.months - start))
            for one in level
        }
        for level in levels
    ]
    for found in needs:
        for key, part in _parts(found, monthly).items():
            parts[key] += part
            monthly -= part
    if levels:
        weights = needs[0] if any(needs[0].values()) else {one.key: one.target for one in levels[0]}
        for key, part in _parts(weights, monthly, all_of_it=True).items():
            parts[key] += part
    return parts


def _fractions(
    claims: Sequence[Claim[Key]], has: Mapping[Key, Fraction], by_month: _Months[Key]
) -> dict[Key, Fraction]:
    """Return which part of the household each goal is: as much as of the money of its months.

    Of all that goals have today and that comes to them until this one is due. Goals of one day
    come to 1; a long one bears what it does on average, so that over all months all come to no
    more than the household.
    """
    targets, saved = sum((one.target for one in claims), Fraction(0)), sum(has.values())
    found: dict[Key, Fraction] = {}
    for one in claims:
        mine = by_month.average(one)
        every = saved + (mine + by_month.elsewhere(one)) * one.months
        its = (has[one.key] + mine * one.months) / every if every else one.target / targets
        found[one.key] = _fine(min(its, Fraction(1)))
    return found


def _raises(
    claims: Sequence[Claim[Key]], by_month: _Months[Key], part: Mapping[Key, Fraction]
) -> dict[Key, Fraction]:
    """Return which part of what more or less comes later is each goal's.

    Those that want more than they have share it by their part. To all others it makes their own
    part of free money more or less.
    """
    wanting = [one for one in claims if one.wish is None or by_month.average(one) < one.wish]
    found = dict(part)
    if not wanting:
        return found
    total = sum((part[one.key] for one in wanting), Fraction(0))
    if total:
        return found | {one.key: _fine(part[one.key] / min(Fraction(1), total)) for one in wanting}
    first = _levels(wanting)[0]
    targets = sum((one.target for one in first), Fraction(0))
    return found | {one.key: _fine(one.target / targets) for one in first}


def _levels(claims: Iterable[Claim[Key]]) -> list[list[Claim[Key]]]:
    """Return claims by priority, the first first."""
    found: dict[int, list[Claim[Key]]] = {}
    for one in claims:
        found.setdefault(one.priority, []).append(one)
    return [found[priority] for priority in sorted(found)]


def _parts(
    wanted: Mapping[Key, Fraction], amount: Fraction, *, all_of_it: bool = False
) -> dict[Key, Fraction]:
    """Share an amount in proportion: nobody gets more than is wanted, unless it is all to go."""
    total = sum(wanted.values(), Fraction(0))
    if total <= 0 or amount <= 0:
        return {}
    part = amount / total if all_of_it else min(Fraction(1), amount / total)
    return {key: _fine(one * part) for key, one in wanted.items()}


def _fine(value: Fraction) -> Fraction:
    """Return a value that is not negative; of one that takes long to reckon with, 40 decimals."""
    if value.denominator.bit_length() <= _LONGEST:
        return value
    return Fraction(value.numerator * _FINEST // value.denominator, _FINEST)
