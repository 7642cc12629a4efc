"""Tells which of a text's amounts is the goal's and which is put aside each month, or asks.

Of several that differ the one that is to be saved is the target, where all else is plainly
something else. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from strongroom.core.money import Currency
from strongroom.goals.parsing import amounts, currencies, standing
from strongroom.goals.parsing.amounts import Amount
from strongroom.goals.parsing.words import Token


@dataclass(frozen=True, slots=True)
class Sums:
    """What a text says of money. ``asks``: codes of questions about the target and its currency.

    ``asks_monthly``: the question about what is put aside each month, or ''.
    """

    target: Amount | None = None
    monthly: Amount | None = None
    asks: tuple[str, ...] = ()
    asks_monthly: str = ""
    currency: Currency | None = None
    """The first one named, whether its amount is the target or not."""


def find(
    tokens: Sequence[Token], taken: frozenset[int], home: Currency, *, is_debt: bool = False
) -> Sums:
    """Return the target and the monthly contribution, leaving tokens that are ``taken`` alone.

    ``home`` decides between dollars and between crowns. ``is_debt``: what is paid each month goes
    to the goal.
    """
    found = _with_periods(tokens, amounts.read(tokens, taken, home))
    lower = {one.at for one, other in pairwise(found) if _is_range(tokens, one, other)}
    whole = [one for one in found if not one.per and not standing.is_context(tokens, one)]
    whole = [one for one in whole if one.at not in lower]
    target, ask = _target(tokens, whole, taken)
    named = [one.currency for one in found if one.currency is not None]
    monthly, ask_monthly = _monthly(tokens, found, taken, lower, is_debt=is_debt)
    beside = None if named else currencies.mentioned(tokens, home)
    if target is not None and (
        target.unsure
        or (target.currency is None and (len({*named}) > 1 or (beside and beside.unsure)))
    ):
        ask = "currency"
    if target is None and monthly is not None and monthly.unsure:
        ask = ask or "currency"
    mentioned = named[0] if named else None
    if target is not None and target.currency is not None:
        mentioned = target.currency
    unread = amounts.unread(tokens, home)
    again = [one for one in found if one.per]
    if any(not _is_of(again, place) for place in unread):
        target, ask = None, ask or "unread"
    if monthly is not None and any(_is_of([monthly], place) for place in unread):
        monthly, ask_monthly = None, "monthly"
    if target is not None and standing.is_on_top(tokens, target):
        target, ask = None, "on_top"
    mentioned = beside.currency if beside is not None else mentioned
    code = (target and target.currency) or mentioned or home
    if monthly is not None and (monthly.currency or code) != code:
        monthly, ask_monthly = None, "monthly_currency"
    return Sums(target, monthly, (ask,) if ask else (), ask_monthly, mentioned)


def _is_of(found: Sequence[Amount], scale: int) -> bool:
    """Whether a scale that a word unknown stands before is part of, or beside, an amount."""
    return any(one.at <= scale <= one.end + 1 for one in found)


def wanted(tokens: Sequence[Token], taken: frozenset[int], home: Currency) -> list[Amount]:
    """Return every number that may be the amount: what a model points at has to be among them.

    What a person earns or has already, and what comes again and again, is left out.
    """
    found = _with_periods(tokens, amounts.read(tokens, taken, home, plainly=False))
    return [one for one in found if not one.per and not standing.is_context(tokens, one)]


def _with_periods(tokens: Sequence[Token], found: list[Amount]) -> list[Amount]:
    """Mark the sums that words before them say come each month: hver måned sparer jeg 500."""
    made, since = [], 0
    ends = [*(one.at for one in found), len(tokens)][1:]
    for one, until in zip(found, ends, strict=True):
        again = not one.per and standing.is_monthly(tokens, one, since, until)
        made.append(replace(one, per="month") if again else one)
        since = one.stop
    return made


def _is_range(tokens: Sequence[Token], one: Amount, other: Amount) -> bool:
    """Whether an amount is the lower end of what comes again and again: 300 to 400 a month."""
    return not one.per and bool(other.per) and standing.is_range(tokens, one, other)


def _target(
    tokens: Sequence[Token], whole: list[Amount], taken: frozenset[int]
) -> tuple[Amount | None, str]:
    """Choose the whole sum that is to be saved, or the question that finds it out."""
    if any(standing.is_range(tokens, *pair) for pair in pairwise(whole)) or any(
        standing.is_upper_end(tokens, one, whole, taken) for one in whole
    ):
        return None, "range"
    # 20 % of a house is not reckoned behind the person's back.
    shared = any(standing.is_share(tokens, place) for place in range(len(tokens)))
    governed = [one for one in whole if standing.is_governed(tokens, one)]
    if _differ(whole) or shared:
        others = [one for one in whole if one not in governed]
        plain = all(standing.is_attribute(tokens, one) for one in others)
        if len(governed) != 1 or not plain:
            return None, "share" if shared else "two_amounts"
        whole = governed
    if not whole:
        return None, ""
    return (whole[0], "") if whole[0].value > 0 else (None, "not_positive")


def _monthly(
    tokens: Sequence[Token], found: list[Amount], taken: frozenset[int], lower: set[int],
    *, is_debt: bool,
) -> tuple[Amount | None, str]:  # fmt: skip
    """Choose what is put aside each month, or the question that finds it out."""
    again = [one for one in found if one.per in ("month", "other")]
    again = [
        one for one in again
        if not standing.is_earned_or_spent(tokens, one) and not standing.is_of_a_part(tokens, one)
    ]  # fmt: skip
    monthly = [one for one in again if one.per == "month"]
    if not monthly:
        return None, "monthly_other" if again else ""
    between = lower and any(one.per == "month" for one in found)
    if between or any(standing.is_upper_end(tokens, one, found, taken) for one in monthly):
        return None, "monthly_range"
    if _differ(monthly):
        return None, "monthly_several"
    one = monthly[0]
    if one.value <= 0 or (standing.is_paid(tokens, one) and not is_debt):
        return None, "monthly"
    return one, ""


def _differ(whole: list[Amount]) -> bool:
    """Whether amounts are not one and the same: $5k (five thousand) is one."""
    named = {one.currency for one in whole if one.currency is not None}
    return len({one.value for one in whole}) > 1 or len(named) > 1
