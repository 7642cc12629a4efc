"""How likely a case is to reach its target: the engine, its input and output. The room's door."""

from __future__ import annotations

from strongroom.goals.simulation.engine import (
    ENGINE,
    PATHS,
    AmountsAreBeyondReckoning,
    SimulationWasStopped,
    is_ready,
    portfolio,
    prepare,
    simulate,
)
from strongroom.goals.simulation.ranges import (
    FEWEST_PATHS,
    MOST,
    MOST_MONTHS,
    MOST_PATHS,
    MOST_SEED,
    RANGES,
    SimulationInputIsWrong,
    check,
)

__all__ = [
    "ENGINE",
    "FEWEST_PATHS",
    "MOST",
    "MOST_MONTHS",
    "MOST_PATHS",
    "MOST_SEED",
    "PATHS",
    "RANGES",
    "AmountsAreBeyondReckoning",
    "SimulationInputIsWrong",
    "SimulationWasStopped",
    "check",
    "is_ready",
    "portfolio",
    "prepare",
    "simulate",
]
