"""Whether a kept simulation comes again bit for bit, through the program and its database.

Somebody made up wants something and simulates it; some runs are put into the archive; then their
figures and the goal change. Another process, with another number of workers, runs it again from
what is stored.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from strongroom import audit, goals, identity
from strongroom.core.db import Database
from strongroom.core.ids import UserId
from strongroom.core.money import Money
from strongroom.goals import GoalChange, RunId, runs, simulation
from strongroom.goals.runs import canonical
from tests.book import NOK, NOW
from tests.conftest import TestDatabase
from tests.goals.savers import Saver, saver
from tests.identity.conftest import World
from tests.prove.goals_households import household
from tests.prove.ground import Base, Ground, ring

_BEFORE = NOW - timedelta(days=40)
_MOST_WORKERS = 7


@dataclass(frozen=True)
class Kept:
    """A simulation that is kept, and whose it is."""

    seed: int
    owner: UUID
    run: UUID


def replayed(ground: Ground, seeds: range, home: Path) -> Iterator[tuple[int, list[str]]]:
    """Make and keep a simulation for each seed; yield what did not come again as it was."""
    with ground.database("goals") as base:
        with _opened(base) as world:
            kept = [_kept(world, seed, home) for seed in seeds]
            _put_away(world)
            for one in kept:
                _change_everything(Saver(world, UserId(one.owner), home))
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, context) as other:
            yield from other.submit(_again, base, kept, home).result()


@contextmanager
def _opened(base: Base) -> Iterator[World]:
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    with asyncio.Runner() as runner:
        database = Database(base.app_dsn, base.system_dsn, size=2)
        runner.run(database.open())
        place = TestDatabase("goals", base.admin_dsn, base.app_dsn, base.system_dsn, ring())
        try:
            yield World(runner, database, place)
        finally:
            runner.run(database.close())


def _kept(world: World, seed: int, home: Path) -> Kept:
    rng = random.Random(f"replay {seed}")
    case = household(rng)
    has, wants = case.household, case.aim
    kari = saver(
        world, home, liquid_assets=int(has.saved + has.free),
        monthly_income=int(has.monthly_income), monthly_spending=int(has.monthly_spending),
        credit_debt=int(has.card_debt), loan_debt=int(sum(one.balance for one in has.loans)),
        monthly_loan_payments=int(sum(one.monthly_payment for one in has.loans)),
    )  # fmt: skip
    for number in range(rng.randint(0, 2)):  # others draw from the same pool
        kari.wants(f"Other {number}", rng.randint(5_000, 90_000), rng.randint(3, 90))
    every = {one.name: getattr(case.assumptions, one.name) for one in fields(case.assumptions)}
    goal = kari.wants(
        "Goal", int(wants.target) + 1, wants.months, priority=rng.randint(1, 2),
        todays_money=wants.todays_money,
        monthly_contribution=rng.choice((None, Decimal(rng.randint(100, 5_000)))),
        assumptions=dict(rng.sample(sorted(every.items()), rng.randint(0, len(every)))),
    )  # fmt: skip
    asked = {} if rng.random() < 0.5 else {"seed": rng.getrandbits(63)}
    now = rng.choice((NOW, _BEFORE))
    run = kari.simulates(goal, paths=rng.randint(1_000, 60_000), now=now, **asked)
    return Kept(seed, kari.owner, run.summary.id)


def _put_away(world: World) -> None:
    world.run(runs.put_away(world.database, now=NOW))


def _change_everything(kari: Saver) -> None:
    kari.says(monthly_income=1_000, monthly_spending=1)
    for goal in kari.ask(goals.list_all):
        change = GoalChange(target=Money(goal.target.amount + 1, NOK), timeline_months=2)
        kari.ask(goals.change, goal_id=goal.id, change=change, now=NOW)


def _again(base: Base, kept: Sequence[Kept], home: Path) -> list[tuple[int, list[str]]]:
    with _opened(base) as world:
        return [(one.seed, _differs(world, one, home)) for one in kept]


def _differs(world: World, one: Kept, home: Path) -> list[str]:
    owner, run_id = UserId(one.owner), RunId(one.run)
    found = world.run(goals.replay(world.database, owner=owner, run_id=run_id, home=home))
    wrong = (
        [] if found.same else [f"replayed, run {one.run} came out as {found.outcome_hash.hex()}"]
    )
    run, workers = found.run, 1 + one.seed % _MOST_WORKERS
    outcome = simulation.simulate(
        run.case, paths=run.summary.paths, seed=run.summary.seed, workers=workers
    )
    if outcome != run.outcome or canonical.outcome_hash(outcome) != run.outcome_hash:
        wrong.append(f"by {workers} workers, run {one.run} comes out otherwise")
    return wrong
