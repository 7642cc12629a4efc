"""The jobs of budgets: look again for what comes again and again, for everyone each night."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from strongroom.core.db import Database
from strongroom.core.queue import Jobs


def build(database: Database, clock: Callable[[], datetime]) -> Jobs:
    """Return the domain's jobs."""
    return Jobs("budgets")
