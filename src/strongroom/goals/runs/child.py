"""The child process that simulates: work comes in on standard input, outcomes go out, a line each.

``python -m strongroom.goals.runs.child HOME``. Knows no database. It ends with its work, or when
nobody reads what it writes any more: a signal to all of a group or a service is its parent's to
hear, who begins the work again later.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

from strongroom.core.errors import Refused
from strongroom.goals import simulation
from strongroom.goals.reasons import Reason
from strongroom.goals.runs import canonical

_BETWEEN_SECONDS = 0.25
_POLITE = 10


class _Line:
    """What is said to the parent, a JSON object a line; ``is_cut`` once it does not listen."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._said_at = 0.0
        self.is_cut = False

    def say(self, what: dict[str, Any]) -> None:
        with self._turn:
            try:
                sys.stdout.write(json.dumps(what) + "\n")
                sys.stdout.flush()
            except OSError:
                self.is_cut = True

    def tell(self, done: int, _: int) -> None:
        """Say how far it is, a few times a second."""
        now = time.monotonic()
        with self._turn:
            if now - self._said_at < _BETWEEN_SECONDS:
                return
            self._said_at = now
        self.say({"done": done})


def main(home: Path) -> int:
    """Do the work that is asked for; return the exit code."""
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.SIG_IGN)
    line = _Line()
    asked = json.loads(sys.stdin.read())
    if not asked:
        with contextlib.suppress(OSError):
            os.nice(_POLITE)  # nobody waits for it
    simulation.prepare(home)
    for one in asked:
        try:
            outcome = simulation.simulate(
                canonical.case_of(one["case"]),
                seed=one["seed"],
                paths=one["paths"],
                on_progress=line.tell,
                stopped=lambda: line.is_cut,
            )
        except simulation.SimulationWasStopped:
            return 1
        except Refused as refused:
            line.say({"reason": Reason.of(refused).stored()})
        else:
            line.say({"outcome": canonical.outcome_json(outcome)})
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
