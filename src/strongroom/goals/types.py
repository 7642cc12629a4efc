"""The values of goals: what a person wants, by when, and what was understood of their words.

Plain data only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from strongroom.core.money import Currency


class GoalType(StrEnum):
    """What a goal is for."""

    RETIREMENT = "retirement"
    MAJOR_PURCHASE = "major_purchase"
    EMERGENCY_FUND = "emergency_fund"
    DEBT_PAYOFF = "debt_payoff"
    TRAVEL = "travel"
    EDUCATION = "education"
    INVESTMENT = "investment"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked before a goal can be made, and the field that the answer fills."""

    field: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a goal's text. What is None was not said, or not plainly.

    ``target_amount`` is positive, as it was written. ``timeline_months`` is 1 to 720, counted from
    today. ``covers_months``: months of spending that a reserve is to last. ``confidence``: 0 to 1,
    the share of the three things a goal needs that the text says plainly. ``source``: ``rules``,
    or ``model`` where a local model filled a gap.
    """

    goal_text: str
    goal_type: GoalType
    target_amount: Decimal | None
    currency: Currency
    timeline_months: int | None
    monthly_contribution: Decimal | None
    covers_months: Decimal | None
    said_amount: str | None
    said_time: str | None
    assumed: Sequence[str]
    questions: Sequence[Question]
    confidence: Decimal
    source: str = "rules"

    @property
    def needs_clarification(self) -> bool:
        """Whether something must be asked before a goal can be made of it."""
        return bool(self.questions)
