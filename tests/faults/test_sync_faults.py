"""Short sets of the seeded proofs, as ``make prove`` runs them, each in its own process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.prove.sync_plan import plan

_FIRST_SEED = 7000
_SCHEDULES = 4
_ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "count"), [("sync", _SCHEDULES), ("tenants", 40), ("secrets", 1)])
def test_what_we_promise_holds(name: str, count: int) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.prove", name, str(count), "--seed", str(_FIRST_SEED)],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    told = ran.stdout.splitlines() or [""]
    assert told[-1] == f"{name}: {count} of {count} held, seed {_FIRST_SEED}", (
        ran.stdout + ran.stderr
    )
    assert ran.returncode == 0


def test_the_short_set_kills_both_worker_and_database() -> None:
    kills = {plan(seed).kills for seed in range(_FIRST_SEED, _FIRST_SEED + _SCHEDULES)}
    assert kills == {"", "worker", "database"}


def test_every_tenth_schedule_kills() -> None:
    assert sum(bool(plan(seed).kills) for seed in range(1, 1001)) == 100
