"""What the limits in a goal's text come to in its numbers, and which cannot be reckoned with.

Finds no limits itself. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from strongroom.core.money import Currency
from strongroom.goals.parsing.constraints import is_for_emergencies
from strongroom.goals.parsing.types import Constraint, ConstraintKind
from strongroom.goals.simulation.types import Assumptions
from strongroom.goals.types import KEPT


def is_reckoned(one: Constraint, code: Currency) -> bool:
    """Whether a goal in ``code`` is reckoned with a limit in mind.

    What has no amount, or one in another currency, is for the person alone to keep to.
    """
    return one.kind is ConstraintKind.NO_RISK or (one.amount is not None and one.currency == code)


def assumptions(limits: Sequence[Constraint], code: Currency) -> dict[str, Decimal]:
    """Return the assumptions of a goal in ``code`` that its limits make.

    Nothing invested is the return of cash, without swings. What is to stay comes to its sum; the
    same amount twice is the same money. Where it is for emergencies, nothing more is held for them.
    """
    found: dict[str, Decimal] = {}
    kept: set[Decimal] = set()
    for one in limits:
        if one.kind is ConstraintKind.NO_RISK:
            found |= {"annual_return": Assumptions().cash_return, "annual_return_sd": Decimal(0)}
        elif one.kind is not ConstraintKind.AT_MOST_A_MONTH and is_reckoned(one, code):
            kept.add(one.amount or Decimal(0))
            if is_for_emergencies(one.words):
                found["emergency_fund_months"] = Decimal(0)
    return found | ({KEPT: sum(kept, Decimal(0))} if kept else {})
