"""The values of reading a goal: what was understood of a person's words, and by whom.

Plain data only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from strongroom.core.errors import Unavailable
from strongroom.core.money import Currency
from strongroom.goals.types import GoalType


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be asked before a goal can be made, and the field that the answer fills."""

    field: str
    code: str
    text: str


class Source(StrEnum):
    """Who read something in a goal's text: the rules alone, or a local model where they saw none.

    What a model gives is read and checked by the rules all the same.
    """

    RULES = "rules"
    MODEL = "model"


class ModelUse(StrEnum):
    """What became of the local model when a goal's text was read.

    ``OFF``: none is set up, or it was not wanted. ``NOT_NEEDED``: the rules left no gap.
    ``FILLED`` at least one gap. ``NO_HELP``: it answered, but nothing that stands in the text.
    ``SILENT``: it did not answer in time or made no sense; the rules alone decided.
    """

    OFF = "off"
    NOT_NEEDED = "not_needed"
    FILLED = "filled"
    NO_HELP = "no_help"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one field of what was understood comes from: who read it, and from which words.

    ``words`` stand in the text exactly so, from ``start`` up to ``end`` (counted in characters).
    """

    field: str
    source: Source
    words: str
    start: int
    end: int


class ConstraintKind(StrEnum):
    """What a person sets as a limit on how the goal is reached."""

    AT_MOST_A_MONTH = "at_most_a_month"
    """No more than ``amount`` is put aside in a month."""
    KEEP = "keep"
    """``amount`` stays where it is and is counted for no goal."""
    LEAVE_ALONE = "leave_alone"
    """Something named in the words is not to be touched: an emergency fund, other savings."""
    NO_RISK = "no_risk"
    """Nothing of it is to be invested."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """A limit that the text sets, in its own words. ``amount`` is positive, in ``currency``.

    ``reckoned``: whether the goal's chance is reckoned with it; else it is the person's to keep to.
    """

    kind: ConstraintKind
    words: str
    amount: Decimal | None = None
    currency: Currency | None = None
    reckoned: bool = False


@dataclass(frozen=True, slots=True)
class Understood:
    """What was understood of a goal's text. What is None was not said, or not plainly.

    ``target_amount`` is positive, as it was written. ``timeline_months`` is 1 to 720, counted from
    today. ``covers_months``: months of spending that a reserve is to last. ``confidence``: 0 to 1,
    the share of the three things a goal needs that the text says plainly. ``origins``: for each
    field that was read, by whom and from which words; ``source`` sums them up. ``model``: what
    became of the local model, ``model_name`` its name where it was asked.
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
    origins: Sequence[Origin] = ()
    constraints: Sequence[Constraint] = ()
    model: ModelUse = ModelUse.OFF
    model_name: str | None = None

    @property
    def source(self) -> Source:
        """``MODEL`` where a local model filled a gap, else ``RULES``."""
        filled = any(one.source is Source.MODEL for one in self.origins)
        return Source.MODEL if filled else Source.RULES

    @property
    def needs_clarification(self) -> bool:
        """Whether something must be asked before a goal can be made of it."""
        return bool(self.questions)


class ModelIsSilent(Unavailable):
    """The local model cannot be reached, does not answer in time, or answers no JSON object."""


class LocalModel(Protocol):
    """A language model on a machine of the person's own. What it says is not to be trusted."""

    @property
    def name(self) -> str:
        """The model's name, such as ``llama3.2:3b``."""

    async def answer(
        self, *, task: str, text: str, schema: Mapping[str, object]
    ) -> Mapping[str, object]:
        """Return what the model says of ``text`` as an object; nothing says that it fits.

        ``task`` are our words, ``text`` a stranger's. Raises ``ModelIsSilent``.
        """


@dataclass(frozen=True, slots=True)
class Interpreter:
    """What goals are read with beside the rules: a local model, or None where none is set up."""

    model: LocalModel | None = None
