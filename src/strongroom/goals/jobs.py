"""The jobs of goals: reckon profiles after a sync, run long simulations, archive old ones."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from strongroom.core.db import Database
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime], home: Path) -> Jobs:
    """Return the domain's jobs. ``home``: where the compiled engine lies."""
    return Jobs("goals")
