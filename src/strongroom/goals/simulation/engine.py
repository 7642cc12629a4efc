"""How likely a goal is: many made-up futures of one household, month by month, and what they say.

Pure: same case, paths and seed, same result to the last bit, whatever the number of workers.
NumPy and the compiled engine are loaded when first used and not before. Floats stand here and in
``kernel`` alone; what goes in and comes out is Decimal.

The model, each month: what is invested (all liquid money beyond the emergency fund) moves with the
markets, log-normal, rebalanced monthly; the rest earns the cash return, and what is missing costs
the borrowing rate. Then pay comes in and spending, payments on loans and cards, and emergencies
go out; pay and spending vary normally about levels that raises, promotions and prices move. Of
what is left, the planned contribution goes to the goal and the rest to free money; a month that
falls short takes free money first, then what is saved, which may go below zero. As the share of
free money earns what all money earns, a contribution never makes less of a goal.

The percentiles of the last month count every path; those of the months before count the first
4,096 paths, so that memory grows with paths and not with paths times months.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from strongroom.core.errors import Conflict
from strongroom.goals.reasons import CannotBeSimulated
from strongroom.goals.simulation.compiled import LANES, Walk, is_made, load
from strongroom.goals.simulation.part import PAID_ON_CARDS, of_its_part
from strongroom.goals.simulation.ranges import check, check_allocation
from strongroom.goals.simulation.types import ASSETS, CORRELATIONS, Case, Household, Outcome, Spread
from strongroom.ui import N_

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

ENGINE: Final = "1"
"""Raised whenever the same case and seed would give other bits."""
PATHS: Final = 100_000
SAMPLED_PATHS: Final = 4_096
_SHARES: Final = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
_CENT: Final = Decimal("0.01")
_MILLIONTH: Final = Decimal("0.000001")
_MOST_BLOCKS_AT_ONCE, _PARTS_EACH = 64, 12
_PART: Final = 8_192
_NO_CAP: Final = 3e38
_MOST_AMOUNT: Final = 1e18
# What single precision may lose on the way: so much below the target still reaches it.
_NEAR: Final = 1e-5

Progress = Callable[[int, int], None]
"""Told how many paths of how many are done; may be called from any worker."""


class SimulationWasStopped(Conflict):
    """The one who asked for it asked for its end."""


class AmountsAreBeyondReckoning(CannotBeSimulated):
    """The assumptions lead to amounts that no number here can hold."""


def prepare(home: Path) -> None:
    """Load the compiled engine, or compile it: seconds, once a machine.

    It is kept beside the source, or under ``home`` where that may not be written. Safe to call
    from any thread, and again; a simulation without it knows of no ``home``. Raises
    ``EngineCannotBeMade``.
    """
    _engine(home / "compiled")


def is_ready(home: Path) -> bool:
    """Return whether ``prepare`` would take no more than a moment."""
    return bool(_loaded) or is_made(home / "compiled")


_loading = threading.Lock()
_loaded: list[Walk] = []


def _engine(kept: Path | None = None) -> Walk:
    if not _loaded:
        with _loading:
            if not _loaded:
                _loaded.append(load(kept))
    return _loaded[0]


def portfolio(allocation: Mapping[str, Decimal]) -> tuple[Decimal, Decimal]:
    """Return the yearly return and standard deviation of shares that are kept by rebalancing.

    ``allocation``: shares of stocks, bonds, cash and other that come to 1. Raises
    ``SimulationInputIsWrong``.
    """
    check_allocation(allocation.items(), ASSETS)
    mean = sum((share * ASSETS[one].annual_return for one, share in allocation.items()), Decimal(0))
    variance = Decimal(0)
    for one, share in allocation.items():
        for other, other_share in allocation.items():
            sds = ASSETS[one].annual_sd * ASSETS[other].annual_sd
            variance += share * other_share * sds * _correlation(one, other)
    return mean.quantize(_MILLIONTH), variance.sqrt().quantize(_MILLIONTH)


def _correlation(one: str, other: str) -> Decimal:
    if one == other:
        return Decimal(1)
    return CORRELATIONS.get((one, other)) or CORRELATIONS.get((other, one)) or Decimal(0)


def simulate(
    case: Case,
    *,
    seed: int,
    paths: int = PATHS,
    workers: int | None = None,
    on_progress: Progress | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Outcome:
    """Return what comes of a case. ``workers``: threads; None is one for each processor.

    Raises ``SimulationInputIsWrong``, ``AmountsAreBeyondReckoning`` and, soon after ``stopped``
    says so, ``SimulationWasStopped``.
    """
    check(case, paths=paths, seed=seed)
    import numpy as np

    case = of_its_part(case)
    scale = 2.0 ** round(math.log2(float(case.aim.target)))
    out, owed = _payments(case, scale)
    blocks = -(-paths // LANES)
    ends = np.empty(blocks * LANES, np.float32)
    below = np.zeros(blocks, np.int64)
    in_sample = min(SAMPLED_PATHS, paths) // LANES * LANES
    sample = np.empty((case.aim.months, in_sample), np.float32)
    keys = np.array(_keys(seed), np.uint32)
    given = [np.array(one, np.float32) for one in (_parameters(case, scale), out, owed)]
    arrays: list[NDArray[Any]] = [keys, *given, ends, below, sample]
    addresses = [one.ctypes.data for one in arrays]
    walk = _engine()

    def part(first: int, last: int) -> None:
        walk(first, last, case.aim.months, in_sample, *addresses)

    _in_parts(part, blocks, workers or os.cpu_count() or 1, _told(on_progress, paths), stopped)
    return _outcome(case, ends[:paths], below, sample, scale=scale, paths=paths, seed=seed)


def _told(on_progress: Progress | None, paths: int) -> Callable[[int, int], None]:
    def tell(done: int, blocks: int) -> None:
        if on_progress is not None:
            on_progress(min(paths, paths * done // blocks), paths)

    return tell


def _in_parts(
    part: Callable[[int, int], None],
    blocks: int,
    workers: int,
    tell: Callable[[int, int], None],
    stopped: Callable[[], bool] | None,
) -> None:
    """Do all blocks, so many at a time that everyone is busy and a stop is soon heard."""
    at_once = max(1, min(_MOST_BLOCKS_AT_ONCE, blocks // (_PARTS_EACH * workers)))
    waiting: Iterator[int] = iter(range(0, blocks, at_once))
    turn, ended, done = threading.Lock(), threading.Event(), 0

    def work() -> None:
        nonlocal done
        while not ended.is_set():
            with turn:
                first = next(waiting, None)
            if first is None:
                return
            if stopped is not None and stopped():
                ended.set()
                return
            last = min(first + at_once, blocks)
            part(first, last)
            with turn:
                done += last - first
                tell(done, blocks)

    with ThreadPoolExecutor(max(1, workers - 1), "simulation") as pool:
        others = [pool.submit(work) for _ in range(workers - 1)]
        try:
            work()  # the one who asks is a worker too
        except BaseException:
            ended.set()
            raise
    for each in others:
        each.result()
    if ended.is_set():
        raise SimulationWasStopped(N_("The simulation was stopped."))


def _keys(seed: int) -> tuple[int, int]:
    """Scatter a seed into two words of 32 bits (the finisher of SplitMix64)."""
    x = (seed + 0x9E3779B97F4A7C15) % 2**64
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB % 2**64
    x ^= x >> 31
    return x % 2**32, x >> 32


def _monthly(yearly: Decimal) -> float:
    return math.expm1(math.log1p(float(yearly)) / 12)


def _parameters(case: Case, scale: float) -> list[float]:
    """Return what the kernel takes, in its order, amounts as multiples of ``scale``."""
    home, aim, its = case.household, case.aim, case.assumptions
    swing = float(its.annual_return_sd) / math.sqrt(12)
    chance = float(its.emergency_chance)
    least, most = float(its.emergency_least) / scale, float(its.emergency_most) / scale
    cap = aim.monthly_contribution
    start, free = float(home.saved), float(home.free)
    if cap is None:  # whatever is left over goes to the goal, and so does what is free now
        start, free = start + free, 0.0
    return [
        math.log1p(float(its.annual_return)) / 12 - swing * swing / 2,
        swing,
        _monthly(its.cash_return),
        _monthly(its.borrowing_rate),
        float(its.emergency_fund_months),
        float(home.monthly_income) / scale,
        float(home.income_volatility),
        float(home.monthly_spending) / scale,
        float(home.spending_volatility),
        chance,
        least,
        (most - least) / chance if chance else 0.0,
        math.log1p(float(its.inflation)) / 12,
        float(its.inflation_sd) / 12,
        float(its.raise_mean),
        float(its.raise_sd),
        float(its.promotion_chance),
        float(its.promotion_mean),
        float(its.promotion_sd),
        start / scale,
        free / scale,
        _NO_CAP if cap is None else float(cap + aim.extra_saving) / scale,
        float(aim.todays_money),
    ]


def _payments(case: Case, scale: float) -> tuple[list[float], list[float]]:
    """Return what leaves each month whatever happens, and what is owed on cards after it."""
    home, months = case.household, case.aim.months
    always = float(home.monthly_elsewhere - case.aim.extra_saving)
    out = [always] * months
    for loan in home.loans:
        paid, _ = _paid_off(
            float(loan.balance), float(loan.monthly_payment), _monthly(loan.annual_rate), months
        )
        out = [one + more for one, more in zip(out, paid, strict=True)]
    paid, owed = _paid_off(
        float(home.card_debt),
        _card_payment(home),
        _monthly(case.assumptions.borrowing_rate),
        months,
    )
    out = [one + more for one, more in zip(out, paid, strict=True)]
    return [one / scale for one in out], [one / scale for one in owed]


def _card_payment(home: Household) -> float:
    if home.card_payment is None:
        return float(home.card_debt) * float(PAID_ON_CARDS)
    return float(home.card_payment)


def _paid_off(
    owed: float, payment: float, rate: float, months: int
) -> tuple[list[float], list[float]]:
    """Return what is paid and what is still owed, month by month; the last payment is the rest."""
    paid: list[float] = []
    left: list[float] = []
    for _ in range(months):
        owed *= 1 + rate
        paid.append(min(payment, owed))
        owed -= paid[-1]
        left.append(owed)
    return paid, left


def _outcome(
    case: Case,
    ends: Floats,
    below: NDArray[np.int64],
    sample: Floats,
    *,
    scale: float,
    paths: int,
    seed: int,
) -> Outcome:
    import numpy as np

    ends.sort()
    sample.sort(axis=1)
    mean, sd = _moments(ends)
    target = float(case.aim.target) / scale * (1 - _NEAR)
    reached = paths - int(np.searchsorted(ends, np.float32(target), "left"))
    chance = reached / paths
    at_the_end = _spreads(ends.reshape(1, -1), scale)[0]
    today = case.household.saved - case.household.card_debt
    if case.aim.monthly_contribution is None:
        today += case.household.free
    return Outcome(
        chance=Decimal(chance).quantize(_MILLIONTH),
        standard_error=Decimal(math.sqrt(chance * (1 - chance) / paths)).quantize(_MILLIONTH),
        mean=_amount(mean * scale),
        sd=_amount(sd * scale),
        at_the_end=at_the_end,
        worst=_amount(float(ends[0]) * scale),
        best=_amount(float(ends[-1]) * scale),
        by_month=[
            Spread(*[today.quantize(_CENT)] * 7),
            *_spreads(sample[:-1], scale),
            at_the_end,
        ],
        # The last block walks to its end, and its every path counts here.
        chance_below_zero=Decimal(float(below.mean()) / LANES).quantize(_MILLIONTH),
        paths=paths,
        seed=seed,
        engine=ENGINE,
    )


def _moments(values: Floats) -> tuple[float, float]:
    """Return mean and standard deviation, reckoned in double precision a part at a time."""
    import numpy as np

    parts = [values[at : at + _PART] for at in range(0, len(values), _PART)]
    mean = math.fsum(float(part.sum(dtype=np.float64)) for part in parts) / len(values)
    squares = 0.0
    for part in parts:
        apart = np.subtract(part, mean, dtype=np.float64)
        np.square(apart, out=apart)
        squares += float(apart.sum())
    return mean, math.sqrt(squares / len(values))


def _spreads(rows: Floats, scale: float) -> list[Spread]:
    """Return the percentiles of each row in order, between two neighbours by their distance."""
    import numpy as np

    places = np.array(_SHARES) * (rows.shape[1] - 1)
    low = places.astype(np.int64)
    first, after = (
        rows[:, at].astype(np.float64) for at in (low, np.minimum(low + 1, rows.shape[1] - 1))
    )
    found = ((first + (after - first) * (places - low)) * scale).tolist()
    return [Spread(*map(_amount, row)) for row in found]


def _amount(value: float) -> Decimal:
    if not abs(value) < _MOST_AMOUNT:
        raise AmountsAreBeyondReckoning(
            N_("These assumptions lead to amounts that are too large to reckon with."),
            hint=N_("Take smaller rates or fewer months."),
        )
    return Decimal(f"{value:.2f}")
