"""The values of simulations that are kept: one run with all that decided it, and its replay.

Plain data only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from strongroom.goals.profile import StoodIn
from strongroom.goals.simulation.types import Case, Outcome
from strongroom.goals.types import RunSummary

SHORT: Final = 100_000_000
"""Paths times months up to which a simulation is answered at once: well under a second."""
MOST_WAITING: Final = 3
"""How many long simulations of one person may wait or run at the same time."""

Stopped = Callable[[], bool]


def is_short(paths: int, months: int) -> bool:
    """Return whether so many paths of so many months are simulated while a person waits."""
    return paths * months <= SHORT


@dataclass(frozen=True, slots=True)
class Run:
    """One simulation: all that decided it, and what it found.

    ``case``, ``summary.paths``, ``summary.seed`` and ``summary.engine`` decide ``outcome`` to the
    last bit. ``outcome`` is None until it is done, and so is its hash (SHA-256 of its canonical
    JSON). ``data_hash``: of the financial profile that the case was made of. ``stood_in``: what was
    taken for figures of it that were not known.
    """

    summary: RunSummary
    case: Case
    data_hash: bytes
    outcome: Outcome | None
    outcome_hash: bytes | None
    stood_in: Sequence[StoodIn] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """A simulation run again from what is stored.

    ``same``: what came out is the same to the last bit. ``engine`` is that of today: another one
    than the run's may give other bits, and then nothing is said against the run.
    """

    run: Run
    outcome_hash: bytes
    engine: str

    @property
    def same(self) -> bool:
        """Whether the same came out, to the last bit."""
        return self.outcome_hash == self.run.outcome_hash
