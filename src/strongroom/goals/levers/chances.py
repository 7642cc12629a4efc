"""Chances of cases on the same made-up futures, so that what differs is the cases' doing.

Fewer futures answer sooner: they are the first of the many, and what the many say of the case as
it is puts right what the few say of the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Final

from strongroom.goals.simulation import check, simulate
from strongroom.goals.simulation.types import Case, Outcome
from strongroom.goals.types import Shared, Sharer

AT_ONCE: Final = 36_000_000
"""Paths times months that are reckoned while a person moves a slider."""
STEPPED: Final = 12_000_000
"""Paths times months of one run of a tornado's two a lever."""
COMPARED: Final = 4_000_000
"""Paths times months of one run of many that are compared."""
SOUGHT: Final = 600_000
"""Paths times months of one run of the search for where to look closer."""
_FEWEST: Final = {STEPPED: 4_096, COMPARED: 4_096, SOUGHT: 1_024}
_MILLIONTH: Final = Decimal("0.000001")


def futures(months: int, *, most: int, budget: int) -> int:
    """Return how many paths of so many months a budget of paths times months allows.

    What is compared takes 4,096 at least, so that the standard error stays below one in a hundred.
    """
    return min(most, max(_FEWEST[budget], budget // months))


def tried(months: int, *, most: int) -> int:
    """Return how many paths judge what a person tries: all where there is time for them.

    Where there is not, few are walked twice: as it is and as it would be.
    """
    if most * months <= AT_ONCE:
        return most
    return futures(months, most=most, budget=COMPARED)


def levelled(found: Decimal, *, of_few: Decimal, of_all: Decimal) -> Decimal:
    """Return what all futures would say about, where the few say ``found``.

    ``of_few`` and ``of_all`` are what either say of the case as it is: it comes out as ``of_all``.
    0 stays 0 unless the few say so of the case as it is, 1 likewise, and the order is kept.
    """
    if found == of_few:
        return of_all
    if found < of_few:
        return (found * of_all / of_few).quantize(_MILLIONTH)
    return (of_all + (found - of_few) * (1 - of_all) / (1 - of_few)).quantize(_MILLIONTH)


def hashable(case: Case) -> Case:
    """Return the same case in a form that can be a key."""
    return replace(case, household=replace(case.household, loans=tuple(case.household.loans)))


@lru_cache(maxsize=256)
def _remembered(case: Case, seed: int, paths: int) -> Decimal:
    """Return a chance; whoever moves a slider asks for that of the same case again and again."""
    return simulate(case, seed=seed, paths=paths).chance


class Chances:
    """The chances of cases beside one ``case``, whose own chance is ``own``.

    ``own`` None is found by ``paths`` of its futures. One seed holds for all. ``anew`` shares the
    pool of several goals anew for each case. Raises what ``simulate`` does, and
    ``SimulationWasStopped`` soon after ``stopped`` says so.
    """

    def __init__(
        self,
        case: Case,
        *,
        seed: int,
        paths: int,
        own: Decimal | None = None,
        anew: Sharer | None = None,
        workers: int | None = None,
        stopped: Callable[[], bool] | None = None,
    ) -> None:
        check(case, paths=paths, seed=seed)
        self.case, self.paths = case, paths
        self._anew = anew
        self._seed, self._workers, self._stopped = seed, workers, stopped
        self._found: dict[int, Decimal] = {}
        self.own = self._as_it_is(paths) if own is None else own
        self._found[self.paths] = self.own

    @property
    def shares(self) -> bool:
        """Whether a pool is shared anew for each case."""
        return self._anew is not None

    def shared(self, changed: Case) -> Shared | None:
        """Return a changed case with what its goal then has of the pool; None where it has all.

        Raises ``SimulationInputIsWrong`` for what no pool can be shared for.
        """
        if self._anew is None:
            return None
        check(changed, paths=self.paths, seed=self._seed)
        return self._anew(changed)

    def of(self, changed: Case, paths: int) -> Decimal:
        """Return a changed case's chance, with its share, by so many futures, put right by all."""
        shared = self.shared(changed)
        return self.outcome(changed if shared is None else shared.case, paths).chance

    def outcome(self, case: Case, paths: int) -> Outcome:
        """Return what comes of a case as it stands by so many futures, its chance put right."""
        if paths not in self._found:
            self._found[paths] = self._as_it_is(paths)
        found = self._simulated(case, paths)
        chance = levelled(found.chance, of_few=self._found[paths], of_all=self.own)
        return replace(found, chance=chance)

    def _as_it_is(self, paths: int) -> Decimal:
        if self._workers is None and self._stopped is None:
            return _remembered(hashable(self.case), self._seed, paths)
        return self._simulated(self.case, paths).chance

    def _simulated(self, case: Case, paths: int) -> Outcome:
        return simulate(
            case, seed=self._seed, paths=paths, workers=self._workers, stopped=self._stopped
        )
