"""Runs the cases of a proof side by side, each in a process, and says how many held."""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import sys
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Any

from tests.prove import ground


@dataclass(frozen=True)
class Proof:
    """One proof: what it shows, how many cases by default, and where it lies.

    ``lanes`` cases run side by side on each processor: more where cases mostly wait.
    """

    says: str
    module: str
    count: int
    lanes: int = 1


PROOFS = {
    "sync": Proof(
        "after faults, crashes and edits the book equals the bank's truth", "sync", 20, 4
    ),
    "tenants": Proof("nobody reaches another person's rows", "tenants", 500),
    "secrets": Proof("no secret is found where it must not be", "canaries", 1),
}


def prove(name: str, count: int, seed: int, lanes: int | None = None) -> int:
    """Run ``count`` cases of one proof from ``seed`` on; print the outcome; return 0 if all hold.

    A proof's module offers ``holds(ground, seed)`` for one case, or ``run(ground, count, seed)``
    where its cases share one set-up; both say in words what did not hold.
    """
    proof = PROOFS[name]
    started = time.monotonic()
    with ground.prepared() as prepared:
        failures = _run(proof, prepared, count, seed, lanes or proof.lanes * (os.cpu_count() or 1))
    for failed, wrong in sorted(failures.items()):
        print(f"\nseed {failed} does not hold:")
        print("\n".join(f"  {line}" for line in wrong[-40:]))
        print(f"  again: .venv/bin/python -m tests.prove {name} {_again(proof, count)} "
              f"--seed {_again_seed(proof, failed, seed)}")  # fmt: skip
    print(f"took {time.monotonic() - started:.0f} s")
    print(f"{name}: {count - len(failures)} of {count} held, seed {seed}")
    return 1 if failures else 0


def _again(proof: Proof, count: int) -> int:
    return count if _shares_set_up(proof) else 1


def _again_seed(proof: Proof, failed: int, seed: int) -> int:
    return seed if _shares_set_up(proof) else failed


def _shares_set_up(proof: Proof) -> bool:
    return hasattr(_module(proof), "run")


def _module(proof: Proof) -> Any:
    return importlib.import_module(f"tests.prove.{proof.module}")


def _run(
    proof: Proof, prepared: ground.Ground, count: int, seed: int, lanes: int
) -> dict[int, list[str]]:
    module = _module(proof)
    if hasattr(module, "run"):
        shared: dict[int, list[str]] = module.run(prepared, count, seed)
        return shared
    failures: dict[int, list[str]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(lanes, count), mp_context=context) as pool:
        waiting: dict[Future[list[str]], int] = {
            pool.submit(_one, module.holds, prepared, one): one for one in range(seed, seed + count)
        }
        for done, future in enumerate(as_completed(waiting), 1):
            wrong = future.result()
            if wrong:
                failures[waiting[future]] = wrong
            if sys.stderr.isatty() or done % 20 == 0:
                print(f"{done} of {count} done, {len(failures)} failed", file=sys.stderr)
    return failures


def _one(
    holds: Callable[[ground.Ground, int], list[str]], prepared: ground.Ground, seed: int
) -> list[str]:
    logging.disable(logging.CRITICAL)  # what faults make the program say is not news here
    try:
        return holds(prepared, seed)
    except Exception:
        return traceback.format_exc().splitlines()
