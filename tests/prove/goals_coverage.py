"""Whether bands hold what they say: four in five futures, where other code draws the futures.

The other code is the plain NumPy version of the model in ``benchmarks``: written apart, in double
precision, with random numbers of its own.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

import numpy as np

from benchmarks.simulation_draws import Plain
from benchmarks.simulation_numpy import Array, Futures
from strongroom.goals.simulation import simulate
from strongroom.goals.simulation.types import Case, Outcome
from tests.prove.goals_households import household

FUTURES = 40_000
_SHARE, _APART = 0.80, 0.03
# Of a chance: so many standard errors of both sides together, and what single precision may do.
_ERRORS, _ROUNDING = 5.0, 0.0005


@dataclass(frozen=True)
class Covered:
    """What became of one household: the share of futures inside its bands, and what is wrong.

    ``at_the_end`` counts every path of the engine, ``half_way`` a sample of 4,096.
    """

    at_the_end: float
    half_way: float
    wrong: list[str]


def cover(seed: int, *, paths: int = 100_000, futures: int = FUTURES) -> Covered:
    """Make a household up, simulate it, and hold its bands and its chance against its futures."""
    rng = random.Random(f"coverage {seed}")
    case = household(rng)
    found = simulate(case, paths=paths, seed=rng.getrandbits(63), workers=1)
    half, months = -(-case.aim.months // 2), case.aim.months
    true = _futures(case, rng.getrandbits(63), futures, (half, months))
    inside = {month: _inside(found, month, values) for month, values in true.items()}
    wrong = [
        f"month {month} of {months}: {share:.1%} of futures lie from p10 to p90"
        for month, share in inside.items()
        if abs(share - _SHARE) > _APART
    ]
    wrong += _chance_is_wrong(case, found, true[months], paths)
    return Covered(inside[months], inside[half], [*wrong, repr(case)] if wrong else [])


def _futures(case: Case, seed: int, futures: int, wanted: tuple[int, ...]) -> dict[int, Array]:
    walking, found = Futures(case, futures, Plain(seed)), {}
    for month in range(1, case.aim.months + 1):
        walking.pass_month()
        if month in wanted:
            found[month] = walking.saved()
    return found


def _inside(found: Outcome, month: int, values: Array) -> float:
    band = found.by_month[month]
    return float(np.mean((values >= float(band.p10)) & (values <= float(band.p90))))


def _chance_is_wrong(case: Case, found: Outcome, ends: Array, paths: int) -> list[str]:
    chance, true = float(found.chance), float(np.mean(ends >= float(case.aim.target)))
    both = (chance * paths + true * len(ends)) / (paths + len(ends))
    error = math.sqrt(both * (1 - both) * (1 / paths + 1 / len(ends)))
    if abs(chance - true) <= _ERRORS * error + _ROUNDING:
        return []
    return [f"the chance is {chance:.4f}, of the futures {true:.4f} reach the target"]
