"""Goals, and what each has of the pool, as they stand in JSON: over HTTP and at the terminal."""

from __future__ import annotations

from collections.abc import Container, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel

from strongroom.core.ids import AccountId
from strongroom.core.money import Money
from strongroom.core.wire import WireId, WireMoney
from strongroom.goals.runs.wire import SimulationSummary, StoodInOut
from strongroom.goals.types import (
    AssumptionSource,
    CaseOf,
    Goal,
    GoalId,
    GoalType,
    RunSummary,
    Why,
)

GoalRef = Annotated[GoalId, WireId("goal")]
_PART = Decimal("0.000001")
AccountRef = Annotated[AccountId, WireId("acc")]


class Newest(SimulationSummary):
    """The newest simulation of a goal that is done.

    ``outdated``: it is not of today's data, months or engine; the worker makes one anew if it can.
    """

    outdated: bool

    @classmethod
    def of_goal(cls, one: RunSummary, outdated: bool) -> Newest:
        """Return the simulation as it stands in JSON."""
        return cls(**SimulationSummary.of(one).__dict__, outdated=outdated)


class GoalOut(BaseModel):
    """A goal. ``timeline_months`` was agreed when it was made; ``months_left`` are from today.

    ``monthly_contribution`` null: whatever is left over. ``todays_money``: the target is in
    today's prices. ``assumptions``: those that differ from what accounts and defaults say.
    ``latest``: the newest simulation that is done, null before the first; ``outdated`` where it is
    not of today's data.
    """

    id: GoalRef
    name: str
    goal_text: str
    goal_type: GoalType
    target: WireMoney
    timeline_months: int
    due_on: date
    months_left: int
    priority: int
    monthly_contribution: WireMoney | None
    todays_money: bool
    assumptions: dict[str, Decimal]
    accounts: list[AccountRef]
    created_at: datetime
    updated_at: datetime
    latest: Newest | None

    @classmethod
    def of(cls, one: Goal, today: date, outdated: Container[GoalId] = ()) -> GoalOut:
        """Return the goal as it stands in JSON."""
        code, planned = one.target.currency, one.monthly_contribution
        return cls(
            id=one.id,
            name=one.name,
            goal_text=one.goal_text,
            goal_type=one.goal_type,
            target=one.target,
            timeline_months=one.timeline_months,
            due_on=one.due_on,
            months_left=one.months_left(today),
            priority=one.priority,
            monthly_contribution=None if planned is None else Money(planned, code),
            todays_money=one.todays_money,
            assumptions=dict(one.assumptions),
            accounts=list(one.accounts),
            created_at=one.created_at,
            updated_at=one.updated_at,
            latest=None if one.latest is None else Newest.of_goal(one.latest, one.id in outdated),
        )


class GoalMade(GoalOut):
    """A goal that was just made. ``comes_after``: those that take their part before it."""

    comes_after: list[GoalRef]

    @classmethod
    def made(cls, one: Goal, before: Sequence[Goal], today: date) -> GoalMade:
        """Return the goal with those that come before it."""
        said = GoalOut.of(one, today)
        return cls(**dict(said), comes_after=[other.id for other in before])


class AssumptionOut(BaseModel):
    """A number that is assumed, and where it is from: default, accounts, text or person."""

    value: Decimal
    source: AssumptionSource


class KeptCut(BaseModel):
    """What is spent less on a category for a goal: a ``share``, and what that is a month today.

    A default category has a ``key``, a person's own a ``name``; ``monthly`` is 0 where nothing is
    spent there now.
    """

    assumption: str
    key: str | None
    name: str | None
    share: Decimal
    monthly: WireMoney


class ShareOut(BaseModel):
    """What a goal has of the one pool, today, and why; no euro of it is another goal's.

    ``saved``: on accounts attached to it, and of other liquid money. ``monthly``: of a month, on
    average; ``wanted`` its contribution, null for whatever is left over. ``elsewhere``: what other
    goals have of a month. ``part``: how much of the household's bad months, emergencies and debts
    is its, 0 to 1: with other goals they count once for all of them. ``in_cash``: how much of it is
    held in cash for emergencies. ``liquid`` and ``left_in_a_month``: what there is for all goals
    together; ``kept``: what stays where it is beside that and counts for none. ``cuts``: what is
    spent less for it, and put aside on top of ``monthly``.
    """

    saved: WireMoney
    from_accounts: WireMoney
    from_pool: WireMoney
    monthly: WireMoney
    wanted: WireMoney | None
    elsewhere: WireMoney
    part: Decimal
    in_cash: WireMoney
    liquid: WireMoney
    left_in_a_month: WireMoney
    kept: WireMoney
    why: list[Why]
    months: int
    rate: Decimal
    assumptions: dict[str, AssumptionOut]
    cuts: list[KeptCut]
    stood_in: list[StoodInOut]

    @classmethod
    def of(cls, one: CaseOf) -> ShareOut:
        """Return the share as it stands in JSON, in the goal's currency."""
        share = one.share

        def money(amount: Decimal) -> Money:
            return Money(amount, one.currency).rounded()

        return cls(
            saved=money(share.saved),
            from_accounts=money(share.from_accounts),
            from_pool=money(share.from_pool),
            monthly=money(share.monthly),
            wanted=None if share.wanted is None else money(share.wanted),
            elsewhere=money(share.elsewhere),
            part=share.part.quantize(_PART),
            in_cash=money(share.in_cash),
            liquid=money(share.liquid),
            left_in_a_month=money(share.left_in_a_month),
            kept=money(share.kept),
            why=list(share.why),
            months=one.case.aim.months,
            rate=one.rate,
            assumptions={
                name: AssumptionOut(value=one.assumed(name), source=source)
                for name, source in one.sources.items()
            },
            cuts=[
                KeptCut(
                    assumption=each.name,
                    key=each.key,
                    name=each.label,
                    share=each.share,
                    monthly=money(each.monthly),
                )
                for each in one.cuts
            ],
            stood_in=[StoodInOut.of(each) for each in one.stood_in],
        )
