"""Runs the cases of a proof side by side, in lanes that are processes, and says how many held.

A lane takes one case after the other. Where a proof's cases shake the database server itself, each
lane has a server of its own.
"""

from __future__ import annotations

import importlib
import logging
import multiprocessing
import os
import queue
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing.context import SpawnProcess
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
    own_ground: bool = False


PROOFS = {
    "sync": Proof(
        "after faults, crashes and edits the book equals the bank's truth",
        "sync",
        20,
        lanes=2,
        own_ground=True,
    ),
    "book": Proof(
        "figures are the sums of their parts, and causes come to the change", "book", 300
    ),
    "tenants": Proof("nobody reaches another person's rows", "tenants", 500),
    "goals": Proof("runs come again bit for bit, and bands hold what they say", "goals", 300),
    "secrets": Proof("no secret is found where it must not be", "canaries", 1),
}
_Outcome = tuple[int, list[str]]


def prove(name: str, count: int, seed: int, lanes: int | None = None) -> int:
    """Run ``count`` cases of one proof from ``seed`` on; print the outcome; return 0 if all hold.

    A proof's module offers ``holds(ground, seed)`` for one case, or ``run(ground, count, seed)``
    where its cases share one set-up; both say in words what did not hold.
    """
    proof = PROOFS[name]
    started = time.monotonic()
    lanes = min(count, lanes or proof.lanes * (os.cpu_count() or 1))
    failed = 0
    for case, wrong in _failures(proof, count, seed, lanes):
        failed += 1
        print(f"\nseed {case} does not hold:")
        print("\n".join(f"  {line}" for line in wrong[-40:]))
        print(f"  again: .venv/bin/python -m tests.prove {name} {_again(proof, count)} "
              f"--seed {_again_seed(proof, case, seed)}", flush=True)  # fmt: skip
    print(f"took {time.monotonic() - started:.0f} s")
    print(f"{name}: {count - failed} of {count} held, seed {seed}")
    return 1 if failed else 0


def _again(proof: Proof, count: int) -> int:
    return count if _shares_set_up(proof) else 1


def _again_seed(proof: Proof, failed: int, seed: int) -> int:
    return seed if _shares_set_up(proof) else failed


def _shares_set_up(proof: Proof) -> bool:
    return hasattr(_module(proof), "run")


def _module(proof: Proof) -> Any:
    return importlib.import_module(f"tests.prove.{proof.module}")


def _failures(proof: Proof, count: int, seed: int, lanes: int) -> Iterator[_Outcome]:
    seeds = range(seed, seed + count)
    if proof.own_ground:
        yield from _side_by_side(proof, seeds, lanes, None)
        return
    with ground.prepared() as shared:
        if _shares_set_up(proof):
            yield from _module(proof).run(shared, count, seed).items()
        else:
            yield from _side_by_side(proof, seeds, lanes, shared)


def _side_by_side(
    proof: Proof, seeds: range, lanes: int, shared: ground.Ground | None
) -> Iterator[_Outcome]:
    """Give every case to whichever lane is free; yield those that did not hold."""
    context = multiprocessing.get_context("spawn")
    waiting: multiprocessing.Queue[int | None] = context.Queue()
    ended: multiprocessing.Queue[_Outcome] = context.Queue()
    for one in [*seeds, *[None] * lanes]:
        waiting.put(one)
    started = [
        context.Process(target=_lane, args=(proof, shared, waiting, ended)) for _ in range(lanes)
    ]
    with _all_running(started):
        failed = 0
        for done in range(1, len(seeds) + 1):
            seed, wrong = _next(ended, started)
            if wrong:
                failed += 1
                yield seed, wrong
            if sys.stderr.isatty() or done % 20 == 0:
                print(f"{done} of {len(seeds)} done, {failed} failed", file=sys.stderr, flush=True)


@contextmanager
def _all_running(lanes: list[SpawnProcess]) -> Iterator[None]:
    for lane in lanes:
        lane.start()
    try:
        yield
        for lane in lanes:
            lane.join()
    finally:
        for lane in lanes:
            lane.terminate()


def _next(ended: multiprocessing.Queue[_Outcome], lanes: list[SpawnProcess]) -> _Outcome:
    while True:
        try:
            return ended.get(timeout=1)
        except queue.Empty:
            if any(lane.exitcode for lane in lanes):
                raise RuntimeError("a lane broke; what it said stands above") from None


def _lane(
    proof: Proof,
    shared: ground.Ground | None,
    waiting: multiprocessing.Queue[int | None],
    ended: multiprocessing.Queue[_Outcome],
) -> None:
    logging.disable(logging.CRITICAL)  # what faults make the program say is not news here
    module = _module(proof)
    with nullcontext(shared) if shared is not None else ground.prepared() as mine:
        while (seed := waiting.get()) is not None:
            try:
                ended.put((seed, module.holds(mine, seed)))
            except Exception:
                ended.put((seed, traceback.format_exc().splitlines()))
