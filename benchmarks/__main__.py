"""The command: ``python -m benchmarks [NAME ...] [--rows N]``; without a name, all of them."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable

from benchmarks import (
    actual,
    apply,
    book,
    forecast,
    imports,
    levers,
    matching,
    memory,
    nightly,
    pages,
    simulation,
    sync,
    webhooks,
)
from tests.prove import ground

BENCHMARKS: dict[str, tuple[str, Callable[[ground.Ground, int], None]]] = {
    "apply": ("taking a bank's rows into the book, beside COPY into bare tables", apply.run),
    "sync": ("a first sync end to end, and one that finds nothing new", sync.run),
    "webhooks": (
        "webhooks verified and stored, beside the least that each could cost",
        webhooks.run,
    ),
    "imports": ("files into searchable rows, beside programs that read the same", imports.run),
    "actual": ("the same rows into Actual Budget, beside our sync", actual.run),
    "pages": ("Overview and Activity over HTTP", pages.run),
    "book": ("ten years of one person's rows, beside bare engines and plain text", book.run),
    "matching": ("transfers, refunds, doubles and merges, judged by 50 households", matching.run),
    "forecast": ("what comes again, and ninety days ahead, held against the truth", forecast.run),
    "simulation": ("a goal's futures, beside plain NumPy and bare normals", simulation.run),
    "levers": ("a goal's slider, and what would change its chance", levers.run),
    "nightly": ("everyone's snapshots in one statement, beside a loop over people", nightly.run),
    "memory": ("web, worker and sandbox at rest", memory.run),
}
_ROWS = 100_000


def main() -> int:
    """Run what was asked for; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--rows", type=int, default=_ROWS)
    wish = parser.parse_args()
    unknown = set(wish.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"there is no benchmark {min(unknown)}; there are {', '.join(BENCHMARKS)}")
    print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    with ground.prepared(durable=True) as prepared:
        for name in wish.names or BENCHMARKS:
            says, run = BENCHMARKS[name]
            print(f"\n{name}: {says} ({wish.rows:,} rows)", flush=True)
            run(prepared, wish.rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
