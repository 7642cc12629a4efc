"""While the engine is made on a new machine nobody waits for it in a request."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import strongroom

NEW_MACHINE = """
import asyncio, sys, time
from pathlib import Path
from strongroom.goals import runs, simulation
from strongroom.goals.simulation.compiled import EngineCannotBeMade

home = Path(sys.argv[1])
assert not simulation.is_ready(home)
assert not runs.engine_is_ready(home)
try:
    runs.check_engine(home)
except runs.EngineIsBeingMade as refused:
    print(refused.status, refused.retry_after_seconds)
(home / "go").touch()
ends = time.monotonic() + 120
while not runs.engine_is_ready(home) and time.monotonic() < ends:
    time.sleep(0.05)
runs.check_engine(home)
try:
    asyncio.run(runs.off_the_loop(lambda: 1, home=home))
except EngineCannotBeMade as problem:
    print(problem.hint)
"""
# In place of the compiler: waits to be told, and fails.
KERNEL = """
import sys, time
from pathlib import Path
while not Path({go!r}).exists():
    time.sleep(0.05)
sys.exit("there is no compiler here")
"""


def test_it_is_said_to_be_on_its_way_and_why_it_cannot_be(tmp_path: Path) -> None:
    home, source = tmp_path / "home", tmp_path / "src" / "strongroom"
    home.mkdir()
    shutil.copytree(
        Path(strongroom.__file__).parent, source, ignore=shutil.ignore_patterns("__pycache__")
    )
    kernel = KERNEL.format(go=str(home / "go"))
    (source / "goals" / "simulation" / "kernel.py").write_text(kernel, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", NEW_MACHINE, str(home)],
        env={**os.environ, "PYTHONPATH": str(source.parent), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == ["503 5", "there is no compiler here"]
