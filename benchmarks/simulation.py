"""The engine of goals beside plain NumPy and beside the least it could cost: drawing its normals.

In one run, on two processors each, by turns, so that what else runs on the machine weighs on all.
Further: what a fresh process waits for and holds, and how many paths other draws would save.
"""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from benchmarks import simulation_draws as draws
from benchmarks import simulation_floor as floors
from benchmarks import simulation_numpy as plain
from benchmarks.figures import milliseconds, show
from strongroom.goals import simulation
from strongroom.goals.simulation.compiled import LANES
from strongroom.goals.simulation.types import Aim, Case, Household, Loan

if TYPE_CHECKING:
    from tests.prove.ground import Ground

WORKERS = 2
SIZES = ((100_000, 36, 99), (1_000_000, 360, 2))
_TRIES = 200
_FRESH = """
import pickle, sys, time
from pathlib import Path
case = pickle.loads(sys.stdin.buffer.read())
started = time.perf_counter()
from strongroom.goals import simulation
from strongroom.goals.simulation.compiled import LANES
simulation.prepare(Path(sys.argv[1]))
loaded = time.perf_counter()
simulation.simulate(case, paths=int(sys.argv[2]), seed=1, workers=2)
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
        _compile(home)
        simulation.prepare(home)
        normals = floors.normals()
        for paths, months, times in SIZES:
            _beside(paths, months, times, normals)
        for paths, months, _ in SIZES:
            _fresh(home, paths, months)
    _other_draws()


def _compile(folder: Path) -> None:
    started = time.perf_counter()
    command = [sys.executable, "-m", "strongroom.goals.simulation.kernel", str(folder / "new.o")]
    subprocess.run(command, check=True)
    show("compiling, once on a machine", f"{time.perf_counter() - started:.1f} s")


@dataclass
class Least:
    """The least seconds that something took, on the clock and of all processors together."""

    clock: float = math.inf
    processor: float = math.inf


def _by_turns(works: Sequence[Callable[[], object]], times: int) -> list[Least]:
    """Return the least that each took; they take turns, and share what disturbs them."""
    least = [Least() for _ in works]
    for _ in range(times):
        for one, work in zip(least, works, strict=True):
            clock, processor = time.perf_counter(), time.process_time()
            work()
            one.processor = min(one.processor, time.process_time() - processor)
            one.clock = min(one.clock, time.perf_counter() - clock)
    return least


def _beside(paths: int, months: int, times: int, normals: Callable[..., None]) -> None:
    its = case(months)
    outcome = simulation.simulate(its, paths=paths, seed=1, workers=WORKERS)
    ours, floor = _by_turns(
        [
            lambda: simulation.simulate(its, paths=paths, seed=1, workers=WORKERS),
            lambda: _draw(paths, months, normals),
        ],
        times,
    )
    # A tenth of the longest run says enough: NumPy's time grows with paths.
    share = 1 if paths <= 100_000 else 10
    (theirs,) = _by_turns([lambda: _numpy(its, paths // share)], 3 if share == 1 else 1)
    ends = _numpy(its, paths // share)
    print(f"  {paths:,} paths of {months} months")
    _show("  the engine, percentiles and all", ours, ours)
    _show("  drawing that many normals", floor, ours)
    _show(f"  plain NumPy, {paths // share:,} paths", theirs, ours, share)
    chance = float(np.mean(ends >= float(its.aim.target)))
    error = float(outcome.standard_error) * (1 + share) ** 0.5
    apart = abs(chance - float(outcome.chance)) / error
    show("  chance", f"{outcome.chance:.4f}", f"NumPy {chance:.4f}, {apart:.1f} s.e. apart")


def _show(what: str, took: Least, ours: Least, share: int = 1) -> None:
    """Print what something took, and the ratio: of the engine to less, of more to the engine."""
    clock, processor = ours.clock / took.clock / share, ours.processor / took.processor / share
    note = f"{milliseconds(took.processor)} of processor"
    if clock > 1:
        note += f"; the engine takes {clock:.2f} times as long, {processor:.2f} of processor"
    elif clock < 1:
        note += f"; the engine is {1 / clock:.0f} times faster, {1 / processor:.0f} of processor"
    show(what, milliseconds(took.clock), note)


def _draw(paths: int, months: int, normals: Callable[..., None]) -> None:
    blocks = -(-paths // LANES)
    # A pair each month, and one each half-year.
    steps = months + -(-months // 6)
    sums = np.empty(blocks)
    cuts = np.linspace(0, blocks, WORKERS * 4 + 1).astype(int)

    def part(one: int) -> None:
        normals(int(cuts[one]), int(cuts[one + 1]), steps, np.uint32(1), np.uint32(2), sums)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(part, range(WORKERS * 4)))


def _numpy(its: Case, paths: int) -> plain.Array:
    with ThreadPoolExecutor(WORKERS) as pool:
        parts = pool.map(
            lambda seed: plain.walk(its, paths // WORKERS, draws.Plain(seed)), range(WORKERS)
        )
        return np.concatenate(list(parts))


def _fresh(home: Path, paths: int, months: int) -> None:
    """Print what the first answer of a process costs whose engine was compiled before."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _FRESH, str(home), str(paths)],
        input=pickle.dumps(case(months)), capture_output=True, check=True,
    )  # fmt: skip
    whole = time.perf_counter() - started
    loaded, first, most = (float(one) for one in done.stdout.split())
    show(
        f"a fresh process, {paths:,} x {months}", f"{most / 1024:.0f} MB at most",
        f"loads in {loaded:.2f} s, answers in {first:.2f} s, ends after {whole:.2f} s",
    )  # fmt: skip


def _other_draws() -> None:
    """Print how many paths of each kind give the standard error of so many plain ones."""
    its, paths = case(36), 8_192
    kinds: dict[str, Callable[[int], plain.Draws]] = {
        "mirrored": draws.Mirrored,
        "Sobol's": lambda seed: draws.Sobol(seed, months=36, paths=paths),
    }
    for name, kind in kinds.items():
        with ThreadPoolExecutor(WORKERS) as pool:
            chances = list(pool.map(lambda seed: _chance(its, paths, kind(seed)), range(_TRIES)))  # noqa: B023
        mean = float(np.mean(chances))
        gain = mean * (1 - mean) / paths / float(np.var(chances, ddof=1))
        show(
            f"{name} draws, {paths:,} paths, {_TRIES} times", f"{100 / gain:.0f} %",
            f"of the plain paths that give the same s.e.: {100_000 / gain:,.0f} for 100,000",
        )  # fmt: skip


def _chance(its: Case, paths: int, kind: plain.Draws) -> float:
    return float(np.mean(plain.walk(its, paths, kind) >= float(its.aim.target)))
