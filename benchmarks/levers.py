"""What a person waits for who moves a goal's slider, and who looks what would change its chance.

Without the page around it. Where the futures of a long goal are too many for a slider, fewer are
walked: how far their answer is from that of all stands beside the time.
"""

from __future__ import annotations

import statistics
import time
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.figures import milliseconds, show
from strongroom.goals import levers, simulation
from strongroom.goals.levers import Changes
from strongroom.goals.simulation.types import Aim, Case, Household, Loan

if TYPE_CHECKING:
    from tests.prove.ground import Ground

GOALS = ((36, 60_000), (120, 190_000), (360, 4_500_000), (720, 60_000_000))
_TIMES = 21


def run(ground: Ground, rows: int) -> None:
    """Measure and print; neither a database nor the number of rows matters."""
    home = Household(
        Decimal(20_000), Decimal(5_000), Decimal(3_800),
        card_debt=Decimal(2_000), loans=[Loan(Decimal(10_000), Decimal(400))],
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        simulation.prepare(Path(folder))
        for months, target in GOALS:
            _measure(Case(home, Aim(Decimal(target), months)))


def _measure(case: Case) -> None:
    months, own = case.aim.months, simulation.simulate(case, seed=1).chance
    taken, apart, paths = [], [], 0
    for n in range(_TIMES):
        changes = Changes(extra_saving=Decimal(10 * n))
        started = time.perf_counter()
        found = levers.what_if(case, changes, seed=1, own=own)
        taken.append(time.perf_counter() - started)
        every, paths = simulation.simulate(found.case, seed=1).chance, found.outcome.paths
        apart.append(abs(found.outcome.chance - every) * 100)
    note = f"{milliseconds(max(taken))} at most, {paths:,} futures"
    if max(apart):
        note += f", {max(apart):.2f} in 100 from what all say"
    show(f"a slider moved, {months} months", milliseconds(statistics.median(taken)), note)
    started = time.perf_counter()
    told = levers.sensitivity(case, seed=1, own=own)
    seconds = time.perf_counter() - started
    reached = sum(one.change is not None for one in told.reaches)
    show(f"  what would change {own:.2f}", f"{seconds:.2f} s", f"{reached} levers reach 0.80")
