"""Proof: whatever a person, their banks and their rules do, the book and net worth hold together.

Each case is one person of a database that a lane keeps for all its cases: no case can see another.
"""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from multiprocessing.util import Finalize

from strongroom import audit, fx, identity
from strongroom.core.db import Database
from tests import book as made
from tests.conftest import TestDatabase
from tests.identity.conftest import World
from tests.prove import book_checks as checks
from tests.prove.book_life import CURRENCIES, Life
from tests.prove.ground import Ground, ring

_LONGEST_PAST = 140
_PER_EURO = {"NOK": "11.50", "USD": "1.15", "JPY": "170.1", "KWD": "0.353", "GBP": "0.85"}
_UNKNOWN = {"KWD": range(25, 50), "GBP": range(60, 63)}
"""Days before now on which a currency has no rate: one for long, one so shortly that it helps."""
_CHECKS = (
    checks.what_was_chosen_stands,
    checks.net_worth_is_the_sum_of_its_parts,
    checks.causes_add_up,
    checks.days_before_lead_to_the_first_report,
    checks.what_was_known_is_known_again,
    checks.rules_twice_are_rules_once,
)
_lane: dict[str, World] = {}
_open = ExitStack()


def holds(ground: Ground, seed: int) -> list[str]:
    """Live the life of ``seed``; return what did not hold, and after which acts."""
    rng = random.Random(seed)
    life = Life.begun(_world(ground), rng)
    acts: list[str] = []
    for number in range(rng.randint(6, 14)):
        acts.append(life.act())
        if rng.random() < 0.4:
            checks.remember_spending(life)
        wrong = [*checks.what_was_chosen_stands(life)]
        if number % 4 == 3:
            wrong += [said for check in _CHECKS[1:3] for said in check(life)]
        if wrong:
            return [f"after {', '.join(acts)}:", *wrong]
    wrong = [said for check in _CHECKS for said in check(life)]
    return [f"after {', '.join(acts)}:", *wrong] if wrong else []


def _world(ground: Ground) -> World:
    """Return this lane's database, with rates in it; it goes with the server."""
    if "world" not in _lane:
        Finalize(None, _open.close, exitpriority=1)  # a lane's process knows no other end
        base = _open.enter_context(ground.database(f"book_{os.getpid()}"))
        audit.use_key(ring().derive("audit chain"))
        identity.use_key(ring().derive("rate limit"))
        runner = asyncio.Runner()
        database = Database(base.app_dsn, base.system_dsn, size=2)
        runner.run(database.open())
        place = TestDatabase("book", base.admin_dsn, base.app_dsn, base.system_dsn, ring())
        _lane["world"] = World(runner, database, place)
        _load_rates(_lane["world"])
    return _lane["world"]


def _load_rates(world: World) -> None:
    rng = random.Random(1)
    lines = ["day,base,quote,rate"]
    for back in range(_LONGEST_PAST):
        day = made.TODAY - timedelta(days=back)
        for code in CURRENCIES:
            if code != "EUR" and back not in _UNKNOWN.get(code, ()):
                rate = Decimal(_PER_EURO[code]) * (1 + Decimal(rng.randint(-300, 300)) / 10_000)
                lines.append(f"{day},EUR,{code},{rate:f}")
    world.within_all(
        lambda db: fx.load_for_all(
            db, text="\n".join(lines), source="a table", accept_odd=True, today=made.TODAY,
            now=made.NOW,
        )
    )  # fmt: skip
