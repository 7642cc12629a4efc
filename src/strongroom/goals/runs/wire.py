"""Simulations as they stand in JSON: the same over HTTP and at the terminal."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel

from strongroom.core.plain import plain
from strongroom.core.wire import WireId, WireMoney
from strongroom.goals.profile import FigureName, StoodIn
from strongroom.goals.runs.types import Run
from strongroom.goals.simulation.types import Outcome, Spread
from strongroom.goals.types import AskedBy, GoalId, RunId, RunState, RunSummary

GoalRef = Annotated[GoalId, WireId("goal")]
RunRef = Annotated[RunId, WireId("run")]


class SimulationSummary(BaseModel):
    """A simulation as lists show it.

    ``state``: queued, running, done, stopped or failed. ``asked_by``: the person, or the program
    after their data changed (refresh). ``chance`` and ``median`` are null until it is done.
    """

    id: RunRef
    goal: GoalRef
    state: RunState
    asked_by: AskedBy
    chance: Decimal | None
    standard_error: Decimal | None
    median: WireMoney | None
    target: WireMoney
    months: int
    paths: int
    paths_done: int
    seed: int
    engine: str
    asked_at: datetime
    ended_at: datetime | None
    archived: bool
    error: str | None

    @classmethod
    def of(cls, one: RunSummary) -> SimulationSummary:
        """Return the simulation as it stands in JSON."""
        return cls(
            id=one.id,
            goal=one.goal_id,
            state=one.state,
            asked_by=one.by,
            chance=one.chance,
            standard_error=one.standard_error,
            median=one.median,
            target=one.target,
            months=one.months,
            paths=one.paths,
            paths_done=one.paths_done,
            seed=one.seed,
            engine=one.engine,
            asked_at=one.asked_at,
            ended_at=one.ended_at,
            archived=one.archived,
            error=None if one.why is None else one.why.text(),
        )


class StoodInOut(BaseModel):
    """What was taken for a figure that is not known. ``why``: as the profile says it.

    ``value``: in the profile's currency, or a fraction for a volatility.
    """

    figure: FigureName
    value: Decimal
    why: str | None

    @classmethod
    def of(cls, one: StoodIn) -> StoodInOut:
        """Return it as it stands in JSON."""
        return cls(figure=one.figure, value=one.value, why=one.why)


class SpreadOut(BaseModel):
    """Seven percentiles of what is saved: half of all futures lie below ``p50``."""

    p5: Decimal
    p10: Decimal
    p25: Decimal
    p50: Decimal
    p75: Decimal
    p90: Decimal
    p95: Decimal

    @classmethod
    def of(cls, one: Spread) -> SpreadOut:
        """Return the percentiles as they stand in JSON."""
        return cls(
            p5=one.p5, p10=one.p10, p25=one.p25, p50=one.p50, p75=one.p75, p90=one.p90, p95=one.p95
        )


class OutcomeOut(BaseModel):
    """What a simulation found, in the currency of its target.

    ``by_month``: from today (month 0) to the last month. ``below_zero_probability``: the share of
    futures in which all liquid money was used up in some month.
    """

    success_probability: Decimal
    standard_error: Decimal
    mean: Decimal
    std: Decimal
    percentiles: SpreadOut
    worst_case: Decimal
    best_case: Decimal
    below_zero_probability: Decimal
    by_month: list[SpreadOut]

    @classmethod
    def of(cls, one: Outcome) -> OutcomeOut:
        """Return the outcome as it stands in JSON."""
        return cls(
            success_probability=one.chance,
            standard_error=one.standard_error,
            mean=one.mean,
            std=one.sd,
            percentiles=SpreadOut.of(one.at_the_end),
            worst_case=one.worst,
            best_case=one.best,
            below_zero_probability=one.chance_below_zero,
            by_month=[SpreadOut.of(month) for month in one.by_month],
        )


class SimulationOut(SimulationSummary):
    """A simulation with all that decided it (``inputs``), and what it found.

    ``inputs`` with ``paths``, ``seed`` and ``engine`` give ``outcome`` again to the last bit.
    ``data_hash``: of the financial profile that they were made of; ``outcome_hash``: SHA-256.
    ``stood_in``: what in ``inputs`` was taken for figures that were not known.
    """

    inputs: dict[str, Any]
    stood_in: list[StoodInOut]
    data_hash: str
    outcome: OutcomeOut | None
    outcome_hash: str | None

    @classmethod
    def of_run(cls, one: Run) -> SimulationOut:
        """Return the simulation as it stands in JSON."""
        return cls(
            **SimulationSummary.of(one.summary).__dict__,
            inputs=plain(one.case),
            stood_in=[StoodInOut.of(each) for each in one.stood_in],
            data_hash=one.data_hash.hex(),
            outcome=None if one.outcome is None else OutcomeOut.of(one.outcome),
            outcome_hash=None if one.outcome_hash is None else one.outcome_hash.hex(),
        )
