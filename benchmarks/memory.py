"""What web, worker and sandbox hold at rest: proportional set size, so that nothing counts twice.

PostgreSQL is not counted: it takes what it is given.
"""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.figures import show
from tests.prove import house
from tests.prove.ground import Ground

_MEGABYTE = 1_000_000


def run(ground: Ground, rows: int) -> None:
    """Measure and print; the number of rows does not matter at rest."""
    with (
        ground.database("bench_memory") as base,
        house.opened(ground, base, "bench-memory") as home,
    ):
        person = home.person("kari@example.org", "a long way round 7")
        home.link(person)
        for path in ("/", "/transactions", "/accounts"):
            person.http.get(path)
        home.until_quiet()
        pids = {name: process.pid for name, process in home.processes.items()}
        assert home.sandbox.pid is not None
        pids["sandbox"] = home.sandbox.pid
        sizes = {name: _proportional_bytes(pid) for name, pid in pids.items()}
    for name, size in sizes.items():
        show(name, f"{size / _MEGABYTE:.0f} MB")
    total = sum(sizes.values())
    show("together", f"{total / _MEGABYTE:.0f} MB", "target: under 250 MB")


def _proportional_bytes(pid: int) -> int:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    found = re.search(r"^Pss:\s+(\d+) kB", text, re.M)
    return 0 if found is None else int(found[1]) * 1024
