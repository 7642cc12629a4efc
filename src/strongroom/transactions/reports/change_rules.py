"""Taking a change of a figure apart, so that the parts add up to it exactly. Pure.

Between two periods: by category, and for what was spent in another currency, how much of it is the
rate's doing. Within one: row by row back through the journal, so that each change of each row has
what it did to the figure; what a row did in all is the sum of that, whatever its changes were.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Context, Decimal
from typing import Any
from uuid import UUID

from strongroom.core.money import Currency
from strongroom.transactions.reports.change_types import Hand, State, Step, Touched

# Of a state: what it adds to the figure, None where no rate of its day is known.
Weigh = Callable[[State], Decimal | None]
_EXACT = Context(prec=120)
_FLAGS = ("transfer_id", "removed_by_bank", "never_booked")


def state_of(facts: Mapping[str, Any], parts: Mapping[int, tuple[UUID, Decimal]]) -> State:
    """Return what decides where a row counts, of its facts as the journal writes them."""
    return State(
        account_id=UUID(facts["account_id"]),
        day=date.fromisoformat(facts["day"]),
        amount=Decimal(facts["amount"]),
        currency=Currency(facts["currency"]),
        category_id=UUID(facts["category_id"]),
        counts=not any(facts.get(name) for name in _FLAGS),
        parts=parts if facts["is_split"] else {},
    )


def effects(row: Touched, weigh: Weigh) -> tuple[dict[Hand, Decimal], bool]:
    """Return what each hand did to the figure through one row since it was known.

    The effects add up to what the row adds now less what it added then. A row that was not known
    then and is gone by now did nothing. Also whether some state could not be weighed, for want of
    a rate: it counts as nothing, as in every report.
    """
    if row.now is None and not row.was_known:
        return {}, False
    facts, parts = row.now, dict(row.parts)
    found: dict[Hand, Decimal] = {}
    lacking = False

    def weight() -> Decimal:
        nonlocal lacking
        added = Decimal(0) if facts is None else weigh(state_of(facts, parts))
        lacking = lacking or added is None
        return Decimal(0) if added is None else added

    after = weight()
    for step in reversed(row.steps):
        facts, parts = _undone(facts, parts, step)
        before = weight()
        if after != before:
            hand = Hand(step.cause)
            found[hand] = found.get(hand, Decimal(0)) + after - before
        after = before
    if not row.was_known and after:
        hand = Hand(f"late_{row.origin}")
        found[hand] = found.get(hand, Decimal(0)) + after
    return {hand: amount for hand, amount in found.items() if amount}, lacking


def _undone(
    facts: Mapping[str, Any] | None, parts: dict[int, tuple[UUID, Decimal]], step: Step
) -> tuple[Mapping[str, Any] | None, dict[int, tuple[UUID, Decimal]]]:
    """Return a row as it was before a change."""
    if step.part is not None:
        position, was = step.part
        rest = {key: part for key, part in parts.items() if key != position}
        return facts, rest if was is None else {**rest, position: was}
    if step.facts is None:
        return None, parts
    return {**(facts or {}), **step.facts}, parts


def by_rate(
    before: tuple[Decimal, Decimal],
    after: tuple[Decimal, Decimal],
    round_: Callable[[Decimal], Decimal],
) -> Decimal:
    """Return how much of a change in converted money is the rate's doing.

    Both are an amount in its own currency and what it was converted to. It is what the later
    amount came to, less what it had come to at the earlier average rate; nothing where one of the
    two is nothing, for then there is no rate to compare with.
    """
    (was, was_worth), (is_, is_worth) = before, after
    if not was or not is_:
        return Decimal(0)
    at_that_rate = _EXACT.divide(_EXACT.multiply(is_, was_worth), was)
    return _EXACT.subtract(is_worth, round_(at_that_rate))
