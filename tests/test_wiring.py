"""The parts that wiring builds itself. The stand-in for Plaid lives as long as its process."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_ASK = """
import asyncio, json, sys
from pathlib import Path
from strongroom.core.errors import StrongroomError
from strongroom.core.settings import Settings
from strongroom.core.time import clock
from strongroom.wiring import LocalPlaid

async def tick(ticks):
    while True:
        ticks.append(1)
        await asyncio.sleep(0.001)

async def ask():
    ticks = []
    ticking = asyncio.create_task(tick(ticks))
    await asyncio.sleep(0)
    feed = LocalPlaid(Settings(home=Path(sys.argv[1]))).session(clock)
    before = [len(ticks), len(feed.calls)]
    try:
        names = [one.name for one in await feed.institutions("gingham")]
    except StrongroomError as error:
        return {"refused": [type(error).__name__, error.message]}
    finally:
        ticking.cancel()
    calls = [call.method for call in feed.calls]
    return {"before": before, "ticks": len(ticks), "names": names, "calls": calls}

print(json.dumps(asyncio.run(ask())))
"""


def asked(home: Path) -> Any:
    """What a process tells that asks the stand-in for a bank, and counts while it waits."""
    done = subprocess.run(
        [sys.executable, "-c", _ASK, str(home)],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_a_stand_in_that_has_to_start_first_holds_nothing_else_up(tmp_path: Path) -> None:
    found = asked(tmp_path)
    assert [name for name in found["names"] if "Gingham" in name]
    assert found["before"] == [1, 0]
    assert found["calls"] == ["/institutions/search"]
    assert found["ticks"] > 5


def test_a_stand_in_that_cannot_start_is_told(tmp_path: Path) -> None:
    (tmp_path / "plaid-sandbox.sqlite").mkdir()  # in the way of its file
    kind, message = asked(tmp_path)["refused"]
    assert kind == "NoSandbox"
    assert "did not start" in message
