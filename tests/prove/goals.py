"""Proof: a simulation comes again bit for bit, and its bands hold as many futures as they say.

One case in three is a kept run that another process repeats; the others are households whose
futures are drawn by code that shares nothing with the engine.
"""

from __future__ import annotations

import multiprocessing
import os
import statistics
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from strongroom.goals import simulation
from tests.prove.goals_coverage import FUTURES, Covered, cover
from tests.prove.goals_replays import replayed
from tests.prove.ground import Ground

_REPLAYS_OF = 3
"""One case of so many is a replay."""


def run(ground: Ground, count: int, seed: int) -> dict[int, list[str]]:
    """Return what did not hold, by the seed of the case."""
    home = ground.directory / "engine"
    simulation.prepare(home)
    replays = max(1, count // _REPLAYS_OF)
    wrong = dict(replayed(ground, range(seed, seed + replays), home))
    households = range(seed + replays, seed + count)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), context, simulation.prepare, (home,)) as pool:
        found = dict(zip(households, pool.map(cover, households), strict=True))
    print(f"{replays} simulations run again by another process, some from the archive")
    _tell(found.values())
    wrong.update({one: covered.wrong for one, covered in found.items()})
    return {one: said for one, said in wrong.items() if said}


def _tell(found: Iterable[Covered]) -> None:
    ends, halves = [one.at_the_end for one in found], [one.half_way for one in found]
    for name, shares in (("at the end", ends), ("half way", halves)):
        if shares:
            mean, least, most = statistics.fmean(shares), min(shares), max(shares)
            print(
                f"p10 to p90 {name}: {mean:.2%} of {FUTURES:,} futures each of {len(shares)}"
                f" households; from {least:.2%} to {most:.2%}"
            )
