"""The engine of goals beside plain NumPy and beside the least it could cost: drawing its normals.

In one run, on two processors each. Further: what a fresh process waits for and holds, and how many
paths mirrored draws save.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import simulation_numpy as plain
from benchmarks.figures import milliseconds, show
from strongroom.goals import simulation
from strongroom.goals import simulation_kernel as kernel
from strongroom.goals.simulation_types import Aim, Case, Household, Loan

if TYPE_CHECKING:  # a fresh process is to load the engine and nothing else
    from tests.prove.ground import Ground

WORKERS = 2
SIZES = ((100_000, 36, 9), (1_000_000, 360, 1))
_SCALE = 1.0
_FRESH = """
import sys, time
from pathlib import Path
from benchmarks.simulation import case
from strongroom.goals import simulation
started = time.perf_counter()
simulation.prepare(Path(sys.argv[1]))
loaded = time.perf_counter()
simulation.simulate(case(int(sys.argv[3])), paths=int(sys.argv[2]), seed=1, workers=2)
done = time.perf_counter()
status = Path("/proc/self/status").read_text("ascii").split()
print(loaded - started, done - loaded, status[status.index("VmHWM:") + 1])
"""


def case(months: int) -> Case:
    """A household of middling means that saves for something it may just reach."""
    home = Household(
        Decimal(20_000), Decimal(5_000), Decimal(3_500),
        card_debt=Decimal(2_000), loans=[Loan(Decimal(10_000), Decimal(400))],
    )  # fmt: skip
    return Case(home, Aim(Decimal(70_000 if months == 36 else 2_000_000), months))


def run(ground: Ground, rows: int) -> None:
    """Measure and print; neither a database nor the number of rows matters."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        started = time.perf_counter()
        simulation.prepare(home)
        show("compiling, once on a machine", f"{time.perf_counter() - started:.1f} s")
        normals = kernel.normals(None)
        for paths, months, times in SIZES:
            _beside(paths, months, times, normals)
        for paths, months, _ in SIZES:
            _fresh(home, paths, months)
    _mirrored()


def _best(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return min(taken)


def _beside(paths: int, months: int, times: int, normals: Callable[..., None]) -> None:
    its = case(months)
    outcome = simulation.simulate(its, paths=paths, seed=1, workers=WORKERS)
    ours = _best(lambda: simulation.simulate(its, paths=paths, seed=1, workers=WORKERS), times)
    floor = _best(lambda: _draw(paths, months, normals), times)
    # A tenth of the longest run says enough: NumPy's time grows with paths.
    share = 1 if paths <= 100_000 else 10
    started = time.perf_counter()
    ends = _numpy(its, paths // share)
    theirs = (time.perf_counter() - started) * share
    print(f"  {paths:,} paths of {months} months")
    show("  the engine, percentiles and all", milliseconds(ours))
    show("  drawing that many normals", milliseconds(floor), f"{ours / floor:.2f} times the floor")
    note = "" if share == 1 else f", reckoned from a run of {paths // share:,}"
    show("  plain NumPy", milliseconds(theirs), f"{theirs / ours:.0f} times slower{note}")
    chance = float(np.mean(ends >= float(its.aim.target)))
    error = float(outcome.standard_error) * (1 + share) ** 0.5
    apart = abs(chance - float(outcome.chance)) / error
    show("  chance", f"{outcome.chance:.4f}", f"NumPy {chance:.4f}, {apart:.1f} s.e. apart")


def _draw(paths: int, months: int, normals: Callable[..., None]) -> None:
    blocks = -(-paths // kernel.LANES)
    # A pair each month, and one each half-year.
    steps = months + -(-months // 6)
    sums = np.empty(blocks)
    cuts = np.linspace(0, blocks, WORKERS * 4 + 1).astype(int)

    def part(one: int) -> None:
        normals(int(cuts[one]), int(cuts[one + 1]), steps, np.uint32(1), np.uint32(2), sums)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(part, range(WORKERS * 4)))


def _numpy(its: Case, paths: int, draws: type[plain.Plain] = plain.Plain) -> plain.Array:
    parameters = simulation._parameters(its, _SCALE)
    out, owed = simulation._payments(its, _SCALE)
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(
            lambda seed: plain.walk(parameters, out, owed, paths // WORKERS, draws(seed)),
            range(WORKERS),
        )
        return np.concatenate(list(parts))


def _fresh(home: Path, paths: int, months: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _FRESH, str(home), str(paths), str(months)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded, first, most = (float(one) for one in done.stdout.split())
    show(
        f"a fresh process, {paths:,} x {months}", f"{most / 1024:.0f} MB at most",
        f"loads in {loaded:.2f} s, first answer after another {first:.2f} s",
    )  # fmt: skip


def _mirrored() -> None:
    """Compare how far chances scatter, with and without mirrored draws."""
    its = case(36)
    parameters = simulation._parameters(its, _SCALE)
    out, owed = simulation._payments(its, _SCALE)
    kinds: dict[str, type[plain.Plain]] = {"plain": plain.Plain, "mirrored": plain.Antithetic}
    scatter = {}
    for name, kind in kinds.items():
        chances = [
            np.mean(plain.walk(parameters, out, owed, 1_000, kind(seed)) >= float(its.aim.target))
            for seed in range(400)
        ]
        scatter[name] = float(np.var(chances))
    gain = scatter["plain"] / scatter["mirrored"]
    show("paths that mirrored draws need for the same s.e.", f"{100 / gain:.0f} %")
