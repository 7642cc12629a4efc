"""Proof: a simulation comes again bit for bit, and its bands hold as many futures as they say.

One case in three is a run that another process, with another number of workers, repeats; the others
are households whose futures are drawn by code of its own.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import statistics
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from strongroom.goals import simulation
from strongroom.goals.simulation_types import Case
from tests.prove.goals_coverage import FUTURES, Covered, cover
from tests.prove.goals_households import household
from tests.prove.ground import Ground

_REPLAYS_OF = 3
"""One case of so many is a replay."""


def run(ground: Ground, count: int, seed: int) -> dict[int, list[str]]:
    """Return what did not hold, by the seed of the case."""
    home = ground.directory / "engine"
    simulation.prepare(home)
    replays = max(1, count // _REPLAYS_OF)
    wrong = dict(_replayed(home, range(seed, seed + replays)))
    with _processes(home) as pool:
        households = range(seed + replays, seed + count)
        found = dict(zip(households, pool.map(cover, households), strict=True))
    _tell(found.values())
    wrong.update({one: covered.wrong for one, covered in found.items()})
    return {one: said for one, said in wrong.items() if said}


def _processes(home: Path) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), simulation.prepare, (home,)
    )


def _tell(found: Iterable[Covered]) -> None:
    ends, halves = [one.at_the_end for one in found], [one.half_way for one in found]
    for name, shares in (("at the end", ends), ("half way", halves)):
        if shares:
            mean, least, most = statistics.fmean(shares), min(shares), max(shares)
            print(f"p10 to p90 {name}: {mean:.2%} of {FUTURES:,} futures each of {len(shares)} "
                  f"households; from {least:.2%} to {most:.2%}")  # fmt: skip


def _replayed(home: Path, seeds: range) -> Iterator[tuple[int, list[str]]]:
    first = {one: _result(*_run(one), 2) for one in seeds}
    with _processes(home) as pool:
        asked = {one: pool.submit(_result, *_run(one), 1 + one % 7) for one in seeds}
        for one, again in asked.items():
            yield one, [] if again.result() == first[one] else ["another result came"]


def _run(seed: int) -> tuple[Case, int, int]:
    rng = random.Random(f"replay {seed}")
    return household(rng), rng.randrange(1_000, 60_000), rng.getrandbits(63)


def _result(case: Case, paths: int, seed: int, workers: int) -> str:
    return repr(simulation.simulate(case, paths=paths, seed=seed, workers=workers))
