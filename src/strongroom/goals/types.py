"""The values of goals that are kept: what a person saves for, what each has, and its chance.

Plain data only. Amounts are positive; shares, rates and chances are fractions, 0 to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Currency, Money
from strongroom.core.time import months_before
from strongroom.goals.profile import StoodIn
from strongroom.goals.reasons import Reason
from strongroom.goals.simulation.types import Assumptions, Case

GoalId = NewType("GoalId", UUID)
RunId = NewType("RunId", UUID)

MOST_MONTHS: Final = 720
LOWEST_PRIORITY: Final = 99
KEPT: Final = "kept"
"""The assumption of how much stays where it is and counts for no goal. 0 where nobody says."""
ASSUMED: Final = (*Assumptions.__dataclass_fields__, KEPT)
"""The names of the assumptions that a goal may have its own of."""
MONEY_ASSUMED: Final = ("emergency_least", "emergency_most")
"""Those that are simulated with and are amounts, in the goal's currency, as ``KEPT`` is."""
SPEND_LESS: Final = "spend_less."
"""Before a category's key or id: an assumption of how much less is spent on it, a share of 1."""


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


class RunState(StrEnum):
    """How far a simulation is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_busy(self) -> bool:
        """Whether it has not ended yet."""
        return self in (RunState.QUEUED, RunState.RUNNING)


class AskedBy(StrEnum):
    """Who wanted a simulation: its person, or the program after their data changed."""

    PERSON = "person"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A simulation as lists show it. ``chance`` and ``median`` are None until it is done.

    ``target`` and ``months`` are those it was run with. ``archived``: kept compressed, and still
    there to be read and replayed. ``why``: it failed.
    """

    id: RunId
    goal_id: GoalId
    state: RunState
    by: AskedBy
    chance: Decimal | None
    standard_error: Decimal | None
    median: Money | None
    target: Money
    months: int
    paths: int
    paths_done: int
    seed: int
    engine: str
    asked_at: datetime
    ended_at: datetime | None
    archived: bool = False
    why: Reason | None = None


@dataclass(frozen=True, slots=True)
class NewGoal:
    """A goal as a person writes it. ``timeline_months`` count from the day it is stored.

    ``priority`` 1 comes first, and several goals may share one; None: after all there are.
    ``monthly_contribution`` None: whatever is left over. ``todays_money``: the target is in today's
    prices. ``assumptions``: those that are to differ from what accounts and defaults say, by
    ``ASSUMED`` name, and what is spent less, by ``SPEND_LESS`` and the category. ``accounts``:
    whose money is put aside for it.
    """

    name: str
    goal_type: GoalType
    target: Money
    timeline_months: int
    goal_text: str = ""
    priority: int | None = None
    monthly_contribution: Decimal | None = None
    todays_money: bool = False
    assumptions: Mapping[str, Decimal] = field(default_factory=dict)
    accounts: Sequence[AccountId] = ()


@dataclass(frozen=True, slots=True)
class GoalChange:
    """What is to change of a goal; None leaves it. ``assumptions`` and ``accounts`` replace all.

    ``timeline_months`` count from today; left out, the day stays. ``all_that_is_left``: put aside
    whatever is left over, in place of a contribution.
    """

    name: str | None = None
    goal_type: GoalType | None = None
    target: Money | None = None
    timeline_months: int | None = None
    goal_text: str | None = None
    priority: int | None = None
    monthly_contribution: Decimal | None = None
    all_that_is_left: bool = False
    todays_money: bool | None = None
    assumptions: Mapping[str, Decimal] | None = None
    accounts: Sequence[AccountId] | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """A goal. ``timeline_months`` is what was agreed on the day that it was made or changed.

    ``latest`` is the newest simulation that is done, None before the first; the other fields are
    those of ``NewGoal``.
    """

    id: GoalId
    name: str
    goal_text: str
    goal_type: GoalType
    target: Money
    timeline_months: int
    due_on: date
    priority: int
    monthly_contribution: Decimal | None
    todays_money: bool
    assumptions: Mapping[str, Decimal]
    accounts: Sequence[AccountId]
    created_at: datetime
    updated_at: datetime
    latest: RunSummary | None = None

    def months_left(self, today: date) -> int:
        """Return the months from today until it is due, a begun one as a whole; 0: the day came."""
        whole = (self.due_on.year - today.year) * 12 + self.due_on.month - today.month
        return max(0, whole + (months_before(today, -whole) < self.due_on))


class Why(StrEnum):
    """What decided a goal's share, in a word; pages and commands make sentences of it."""

    IN_CASH = "in_cash"
    """Part of it is held in cash as an emergency fund: it counts, and is not invested."""
    OTHERS_FIRST = "others_first"
    """Other goals come before it."""
    SHARED = "shared"
    """Goals of the same priority share with it, in proportion to what each needs."""
    BEYOND_MEANS = "beyond_means"
    """The contribution is more than there is in a month: what there is counts."""
    LEFT_OVER = "left_over"
    """It has whatever is left over, and is the first to have it."""
    PART_OF_LEFT_OVER = "part_of_left_over"
    """Several goals have what is left over: each has a part, the same every month."""


@dataclass(frozen=True, slots=True)
class Share:
    """What one goal has of the pool and of the month, in the goal's currency.

    ``from_accounts``: on accounts that are attached to it. ``from_pool``: of other liquid money.
    ``monthly``: what it has of a month, the average until it is due; ``wanted`` its contribution,
    None for whatever is left over. ``elsewhere``: what other goals have of a month meanwhile.
    ``part``: how much of the household's good and bad months, emergencies and debts is its, 0 to 1.
    ``in_cash``: how much of what it has is held in cash for emergencies, and not invested.
    ``liquid`` and ``left_in_a_month``: what there is for all goals together. ``kept``: what stays
    where it is beside that, the most that any of the goals says. ``with_others``: whether there
    are other goals that have a part, or might.
    """

    from_accounts: Decimal
    from_pool: Decimal
    monthly: Decimal
    wanted: Decimal | None
    elsewhere: Decimal
    part: Decimal
    in_cash: Decimal
    liquid: Decimal
    left_in_a_month: Decimal
    kept: Decimal = Decimal(0)
    why: Sequence[Why] = ()
    with_others: bool = False

    @property
    def saved(self) -> Decimal:
        """What there is for the goal today."""
        return self.from_accounts + self.from_pool


@dataclass(frozen=True, slots=True)
class Cut:
    """What is spent less on a category, and put aside for a goal on top of all else.

    ``name``: of the assumption. ``share`` of what is spent there, ``monthly`` what that is today,
    in the goal's currency: 0 where nothing is. ``category_id`` is None where nothing was spent
    there within a year. A default category has a ``key``, a person's own a ``label``.
    """

    name: str
    share: Decimal
    monthly: Decimal
    category_id: CategoryId | None
    key: str | None
    label: str | None


class AssumptionSource(StrEnum):
    """Where an assumption comes from."""

    DEFAULT = "default"
    ACCOUNTS = "accounts"
    """Reckoned from what the person's investments are."""
    TEXT = "text"
    """What the goal's text says."""
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Shared:
    """A case with its goal's share of the pool, and what it has of a month on average."""

    case: Case
    monthly: Decimal


Sharer = Callable[[Case], Shared]
"""Shares a pool anew for a goal's case that is another than planned, as keeping it would do."""


@dataclass(frozen=True, slots=True)
class CaseOf:
    """What a goal is simulated with today: the case in the goal's currency, and where it is from.

    ``rate``: what one unit of the profile's currency was worth in the goal's on ``day``, 1 where
    they are the same. ``sources``: of each assumption. ``data_hash``: the profile's. ``anew``: what
    the goal would have if its case were another. ``stood_in``: what was taken for figures that are
    not known. ``cuts``: what is spent less for the goal.
    """

    goal: Goal
    case: Case
    currency: Currency
    share: Share
    sources: Mapping[str, AssumptionSource]
    rate: Decimal
    day: date
    data_hash: bytes
    anew: Sharer = field(repr=False)
    stood_in: Sequence[StoodIn] = ()
    cuts: Sequence[Cut] = ()

    def assumed(self, name: str) -> Decimal:
        """Return the assumption of a name, as it holds for the goal."""
        if name == KEPT or name.startswith(SPEND_LESS):
            return self.goal.assumptions.get(name, Decimal(0))
        found: Decimal = getattr(self.case.assumptions, name)
        return found
