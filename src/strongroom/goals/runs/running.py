"""Simulating off the event loop: in a thread for what is short, in a child process for the rest.

The compiled engine is loaded where it is first used and not before. A child ends with its work:
what it took of memory is given back.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar, cast

from strongroom.core.errors import Unavailable
from strongroom.goals import simulation
from strongroom.goals.reasons import Reason
from strongroom.goals.runs import canonical
from strongroom.goals.simulation.types import Case, Outcome
from strongroom.ui import N_

T = TypeVar("T")

# Each uses all processors: more at the same time would only make all of them slower.
_room: Final = threading.BoundedSemaphore(2)
_LONGEST_LINE: Final = 1 << 20
_MADE_SOON_SECONDS: Final = 5
_log = logging.getLogger(__name__)

Progress = Callable[[int], Awaitable[bool]]
"""Told how many paths are done; returns whether to go on."""


class EngineBroke(RuntimeError):
    """The child process that simulates ended without an answer."""


class EngineIsBeingMade(Unavailable):
    """The engine was never compiled on this machine, and is just now."""


_making: Final = threading.Lock()
_makers: Final[dict[Path, threading.Thread]] = {}


def engine_is_ready(home: Path) -> bool:
    """Return whether simulations can begin at once; if not, let the engine be made meanwhile.

    Nobody should wait for a compiler in a request. Where making it failed, it is called ready: the
    next simulation says why it cannot be.
    """
    if simulation.is_ready(home):
        return True
    with _making:
        if home not in _makers:
            _makers[home] = threading.Thread(target=_make, args=(home,), name="engine", daemon=True)
            _makers[home].start()
        return not _makers[home].is_alive()


def check_engine(home: Path) -> None:
    """Raise ``EngineIsBeingMade`` while it is."""
    if not engine_is_ready(home):
        raise EngineIsBeingMade(
            N_("The engine of simulations is made ready on this machine just now."),
            hint=N_("That can take a minute. Try again then."),
            retry_after_seconds=_MADE_SOON_SECONDS,
        )


def _make(home: Path) -> None:
    try:
        simulation.prepare(home)
    except Exception:
        _log.exception("the engine could not be made")


@dataclass(frozen=True, slots=True)
class Work:
    """One simulation to be done."""

    case: Case
    paths: int
    seed: int


async def off_the_loop(work: Callable[[], T], *, home: Path) -> T:
    """Call what simulates in a thread, with the engine that lies under ``home``; for short work.

    No thread is waited for when the process ends.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def tell(found: T | None, problem: BaseException | None) -> None:
        if answer.done():  # nobody waits any more
            return
        if problem is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(cast("T", found))

    def run() -> None:
        found, problem = None, None
        try:
            with _room:
                simulation.prepare(home)
                found = context.run(work)
        except BaseException as error:  # told to whoever waits
            problem = error
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(tell, found, problem)

    threading.Thread(target=run, name="simulation", daemon=True).start()
    return await answer


async def apart(
    work: Sequence[Work], *, home: Path, on_progress: Progress | None = None
) -> list[Outcome | Reason]:
    """Simulate one after the other in a child process, which ends with this call however it ends.

    What cannot be simulated gives the reason in its place. Without work it makes the engine ready
    under ``home``. Raises ``SimulationWasStopped`` soon after ``on_progress`` says so, and
    ``EngineBroke``.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "strongroom.goals.runs.child", str(home),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=_LONGEST_LINE,
    )  # fmt: skip
    try:
        await _tell(process, work)
        outcomes = [one async for one in _outcomes(process, on_progress)]
        if await process.wait() or len(outcomes) != len(work):
            raise EngineBroke(f"the engine ended with {process.returncode}")
        return outcomes
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _tell(process: asyncio.subprocess.Process, work: Sequence[Work]) -> None:
    asked = [
        {"case": canonical.case_json(one.case), "paths": one.paths, "seed": one.seed}
        for one in work
    ]
    if process.stdin is None:
        raise EngineBroke("the engine has no input")
    process.stdin.write(json.dumps(asked).encode())
    await process.stdin.drain()
    process.stdin.close()


async def _outcomes(
    process: asyncio.subprocess.Process, on_progress: Progress | None
) -> AsyncIterator[Outcome | Reason]:
    while process.stdout is not None and (line := await process.stdout.readline()):
        said: Mapping[str, Any] = json.loads(line)
        if "reason" in said:
            yield Reason.read(said["reason"])
        elif "outcome" in said:
            yield canonical.outcome_of(said["outcome"])
        elif on_progress is not None and not await on_progress(said["done"]):
            raise simulation.SimulationWasStopped("The simulation was stopped.")
