"""What would change a chance: the tornado, and the smallest change of each lever that is enough.

The source design's seven reruns are of income, spending, timeline, target, starting amount,
volatility and emergencies; contribution, return and extra saving come on top. Each lever is moved
one step down and one step up, all else as it is, on the same made-up futures: ``steps`` says how
far. Where goals share a pool, it is shared anew for each change, as keeping it would do.
Pure: the same case, seed and paths give the same numbers, whatever the number of workers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Final

from strongroom.core.errors import Refused
from strongroom.goals.levers.chances import (
    COMPARED,
    SOUGHT,
    STEPPED,
    Chances,
    futures,
    hashable,
    tried,
)
from strongroom.goals.levers.steps import (
    SHARED_BY,
    TURNING,
    at,
    grid,
    levers_of,
    limit,
    moved,
    steps,
    value_of,
)
from strongroom.goals.levers.types import WANTED, Change, Effect, Lever, Reach, Sensitivity
from strongroom.goals.simulation import (
    ENGINE,
    PATHS,
    AmountsAreBeyondReckoning,
    SimulationInputIsWrong,
    check,
)
from strongroom.goals.simulation.types import Case
from strongroom.goals.types import Sharer
from strongroom.ui import N_

_ORDER: Final = list(Lever)


class WantedIsNoChance(Refused):
    """A chance that is wanted lies between 0 and 1."""


def sensitivity(
    case: Case,
    *,
    seed: int,
    paths: int = PATHS,
    own: Decimal | None = None,
    anew: Sharer | None = None,
    wanted: Decimal = WANTED,
    workers: int | None = None,
    stopped: Callable[[], bool] | None = None,
) -> Sensitivity:
    """Return what would change a case's chance, and the smallest change that is enough.

    ``own``: the case's chance by that seed and so many paths, where it is known already; None
    has it reckoned. ``anew``: shares the pool of several goals with each change. Raises
    ``WantedIsNoChance``, what ``simulate`` raises of the case as it is, and
    ``SimulationWasStopped`` soon after ``stopped`` says so.
    """
    _check_wanted(wanted)
    check(case, paths=paths, seed=seed)
    if workers is None and stopped is None:
        return _remembered(hashable(case), seed, paths, own, wanted, anew)
    chances = Chances(
        case, seed=seed, paths=paths, own=own, anew=anew, workers=workers, stopped=stopped
    )
    return _sensitivity(chances, seed, wanted)


@lru_cache(maxsize=64)
def _remembered(
    case: Case,
    seed: int,
    paths: int,
    own: Decimal | None,
    wanted: Decimal,
    anew: Sharer | None,
) -> Sensitivity:
    """Return what is asked again each time that a goal's page is looked at."""
    chances = Chances(case, seed=seed, paths=paths, own=own, anew=anew)
    return _sensitivity(chances, seed, wanted)


def _sensitivity(chances: Chances, seed: int, wanted: Decimal) -> Sensitivity:
    case = chances.case
    effects = _tornado(chances, levers_of(case))
    return Sensitivity(
        chance=chances.own,
        wanted=wanted,
        effects=effects,
        reaches=tuple(
            Reach(one.lever, _smallest(chances, one.lever, wanted), limit(case, one.lever))
            for one in effects
        ),
        paths=_compared(chances),
        seed=seed,
        engine=ENGINE,
    )


def tornado(
    case: Case,
    *,
    seed: int,
    paths: int = PATHS,
    own: Decimal | None = None,
    anew: Sharer | None = None,
    levers: Iterable[Lever] | None = None,
    workers: int | None = None,
) -> Sequence[Effect]:
    """Return what one step down and one step up of each lever do, the greatest swing first.

    ``levers`` None: all that the case has, which is what ``steps.levers_of`` says.
    Levers of the same swing stand in the order in which ``Lever`` names them. ``own`` and what is
    raised: as of ``sensitivity``.
    """
    asked = levers_of(case) if levers is None else levers
    chances = Chances(case, seed=seed, paths=paths, own=own, anew=anew, workers=workers)
    return _tornado(chances, asked)


def smallest_change(
    case: Case,
    lever: Lever,
    *,
    wanted: Decimal = WANTED,
    seed: int,
    paths: int = PATHS,
    own: Decimal | None = None,
    anew: Sharer | None = None,
    workers: int | None = None,
) -> Change | None:
    """Return the smallest change of a lever that makes the chance ``wanted``.

    None: there is none up to ``steps.limit``. A change by 0 says that the chance is that
    good already. Found by bisection, in steps of ``steps.grid``. More time and less
    volatility may help at first and harm later, and so may all that moves a share of a pool: of
    these it is the first change that doubling finds. Raises what ``sensitivity`` does.
    """
    _check_wanted(wanted)
    chances = Chances(case, seed=seed, paths=paths, own=own, anew=anew, workers=workers)
    return _smallest(chances, lever, wanted)


def _check_wanted(wanted: Decimal) -> None:
    if not wanted.is_finite() or not 0 < wanted < 1:
        raise WantedIsNoChance(
            N_("The chance that is wanted has to lie between 0 and 1."),
            field="wanted",
            hint=N_("Write 0.8 for 80 in 100."),
        )


def _compared(chances: Chances) -> int:
    return futures(chances.case.aim.months, most=chances.paths, budget=STEPPED)


def _tornado(chances: Chances, levers: Iterable[Lever]) -> Sequence[Effect]:
    found = [_effect(chances, lever) for lever in set(levers)]
    return tuple(sorted(found, key=lambda one: (-one.swing, _ORDER.index(one.lever))))


def _effect(chances: Chances, lever: Lever) -> Effect:
    each = steps(chances.case, lever)
    paths = _compared(chances)
    down, up = (_changed(chances, lever, value, paths=paths) for value in (each.down, each.up))
    seen = [chances.own, *(one.chance for one in (down, up) if one is not None)]
    return Effect(lever, value_of(chances.case, lever), down, up, max(seen) - min(seen))


def _changed(chances: Chances, lever: Lever, value: Decimal | None, *, paths: int) -> Change | None:
    """Return one change of a lever; None where there is none, or nobody can reckon with it."""
    if value is None:
        return None
    try:
        chance = chances.of(moved(chances.case, lever, value), paths)
    except (SimulationInputIsWrong, AmountsAreBeyondReckoning):
        return None
    return Change(lever, value, value - value_of(chances.case, lever), chance)


@dataclass(frozen=True, slots=True)
class _Search:
    """Tries changes of one lever, each counted in the finest that are worth naming."""

    chances: Chances
    lever: Lever
    wanted: Decimal
    seen: dict[tuple[int, int], Change | None] = field(default_factory=dict)

    def futures(self, count: int, budget: int | None) -> int:
        """Return by how many futures so many of the finest changes can be judged.

        ``budget`` None: those that judge what a person tries.
        """
        was = self.chances.case
        case = moved(was, self.lever, at(was, self.lever, count))
        months, most = max(was.aim.months, case.aim.months), self.chances.paths
        if budget is None:
            return tried(months, most=most)
        return futures(months, most=most, budget=budget)

    def change(self, count: int, paths: int) -> Change | None:
        """Return so many of the finest changes; None where nobody can reckon with them."""
        if (count, paths) not in self.seen:
            value = at(self.chances.case, self.lever, count)
            self.seen[count, paths] = _changed(self.chances, self.lever, value, paths=paths)
        return self.seen[count, paths]

    def judge(self, paths: int) -> Callable[[int], bool]:
        """Return what says whether so many changes are enough, as far as so many futures tell."""

        def enough(count: int) -> bool:
            found = self.change(count, paths)
            return found is not None and found.chance >= self.wanted

        return enough


def _smallest(chances: Chances, lever: Lever, wanted: Decimal) -> Change | None:
    """Look with few futures for where to look closer, and there with more, at last with all."""
    now = value_of(chances.case, lever)
    if chances.own >= wanted:
        return Change(lever, now, Decimal(0), chances.own)
    _, most = grid(chances.case, lever)
    if not most:
        return None
    search = _Search(chances, lever, wanted)
    coarsely = search.judge(search.futures(most, SOUGHT))
    if lever in TURNING or (chances.shares and lever in SHARED_BY):
        about = _about(coarsely, 1, most) or most
    elif coarsely(most):
        about = _between(coarsely, 0, most)
    else:
        about = most
    near = _about(search.judge(search.futures(about, COMPARED)), about, most)
    if near is None:
        return None
    # As it will be once it is tried: what is told here and there is one number.
    every = search.futures(near, None)
    count = _about(search.judge(every), near, most)
    return None if count is None else search.change(count, every)


def _about(enough: Callable[[int], bool], start: int, most: int) -> int | None:
    """Return the smallest count that is enough, looked for around ``start``, up to ``most``.

    One less than it is not enough. None: neither ``most`` nor what was tried before it is.
    """
    far = 1
    if enough(start):
        high, low = start, start - 1
        while low > 0 and enough(low):
            high, far = low, far * 2
            low = max(0, high - far)
        return _between(enough, low, high)
    low = start
    while low < most:
        high = min(most, low + far)
        if enough(high):
            return _between(enough, low, high)
        low, far = high, far * 2
    return None


def _between(enough: Callable[[int], bool], low: int, high: int) -> int:
    """Return by bisection a count that is enough while one less is not.

    ``low`` is not enough, ``high`` is.
    """
    while high - low > 1:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high
