"""What moves a chance: the levers, what a change of one does, and what several do together.

Plain data only. Amounts are in the currency of the case; shares, rates and chances are fractions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Final

from strongroom.core.errors import Refused
from strongroom.core.ids import CategoryId
from strongroom.goals.simulation.types import Case, Outcome

WANTED: Final = Decimal("0.8")
"""The chance that the smallest change is to reach, where nobody says another."""


class Lever(StrEnum):
    """What can be changed, each alone. The first seven are the source design's reruns.

    A lever has one ``value``: an amount a month, months, an amount, a share of today's, a chance
    or a rate, as each says.
    """

    INCOME = "income"
    """What comes in each month."""
    SPENDING = "spending"
    """What is spent each month, bills and all."""
    TIMELINE = "timeline"
    """The months until the goal is due."""
    TARGET = "target"
    """The amount to be reached."""
    STARTING_AMOUNT = "starting_amount"
    """What there is for the goal today."""
    VOLATILITY = "volatility"
    """How much pay, spending and markets swing, together: 1 is as much as today."""
    EMERGENCIES = "emergencies"
    """The chance of one in a month."""
    CONTRIBUTION = "contribution"
    """What is put aside each month; of a goal that takes whatever is left over, what is spent
    less each month, so that it is left over on top."""
    EXTRA_SAVING = "extra_saving"
    """What is spent less each month and put aside on top of a contribution. Of a goal that takes
    whatever is left over, that is what ``CONTRIBUTION`` is, and this is none of its levers."""
    RETURN = "return"
    """What investments give in a year, their swings as they are."""


@dataclass(frozen=True, slots=True)
class Change:
    """One lever moved, ``by`` so much, to ``value``; and the chance there is then."""

    lever: Lever
    value: Decimal
    by: Decimal
    chance: Decimal


@dataclass(frozen=True, slots=True)
class Effect:
    """A bar of the tornado: a lever, its value today, and one step ``down`` and one ``up``.

    None: there is no such step, such as fewer than one month. ``swing``: from the least to the
    greatest of the chances down, today and up.
    """

    lever: Lever
    value: Decimal
    down: Change | None
    up: Change | None
    swing: Decimal


@dataclass(frozen=True, slots=True)
class Reach:
    """The smallest change of one lever that makes the chance what is wanted.

    ``change`` None: out of reach, for all that was tried was up to ``limit``, a value of the lever.
    ``change.by`` 0: it is so already.
    """

    lever: Lever
    change: Change | None
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What would change a chance: ``effects`` by swing, the greatest first, and what reaches it.

    ``paths``: on how many of the same futures steps are compared. ``reaches``: in the order of
    ``effects``.
    """

    chance: Decimal
    wanted: Decimal
    effects: Sequence[Effect]
    reaches: Sequence[Reach]
    paths: int
    seed: int
    engine: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What is changed together; what is None stays as it is. Their order does not matter.

    ``all_that_is_left``: put aside whatever is left over, in place of a contribution.
    ``extra_saving`` is spent less each month and put aside on top. ``cuts``: by category, the share
    of its spending that is put aside instead, 0.2 for 20 % less.
    """

    monthly_contribution: Decimal | None = None
    all_that_is_left: bool = False
    months: int | None = None
    target: Decimal | None = None
    annual_return: Decimal | None = None
    extra_saving: Decimal = Decimal(0)
    cuts: Mapping[CategoryId, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What changes would do. ``before``: the chance as it is; ``outcome.chance``: as it would be.

    ``case`` is what was simulated, ``saved_by_cuts`` what the cuts leave in a month. ``monthly``:
    what the goal then has of a month on average; None where no pool is shared.
    """

    before: Decimal
    outcome: Outcome
    case: Case
    saved_by_cuts: Decimal
    monthly: Decimal | None = None


@dataclass(frozen=True, slots=True)
class CutRule:
    """A rule such as "spend 20 % less on restaurants", what it leaves in a month and what it does.

    ``key`` is a default category's, ``name`` a person's own.
    """

    category_id: CategoryId
    key: str | None
    name: str | None
    share: Decimal
    extra_saving: Decimal
    chance: Decimal


class WhatIfIsWrong(Refused):
    """A change contradicts another or names what cannot be cut; ``field`` says which."""
