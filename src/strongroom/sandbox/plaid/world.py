"""Everything one running sandbox holds on to: options, state file, clock and the bell.

Passed to every endpoint; has no behaviour beyond small look-ups of its own state.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from strongroom.sandbox.plaid.clock import Clock
from strongroom.sandbox.plaid.options import SandboxOptions


@dataclass(slots=True)
class World:
    """One sandbox. ``wake`` rings the background task when something has become due.

    ``pause_seconds`` is how long a slow bank holds back the answer being made. ``counted`` are
    the requests of ``counted_minute``, for rate limits.
    """

    options: SandboxOptions
    db: sqlite3.Connection
    clock: Clock = field(default_factory=Clock)
    wake: Callable[[], None] = lambda: None
    pause_seconds: float = 0.0
    counted: Counter[tuple[str, ...]] = field(default_factory=Counter)
    counted_minute: int = 0

    def take_pause(self) -> float:
        """Give, once, how long the answer just made is to be held back."""
        pause, self.pause_seconds = self.pause_seconds, 0.0
        return pause

    def now(self) -> datetime:
        """Give the sandbox's present instant (UTC)."""
        return self.clock.now()

    def today(self) -> date:
        """Give the sandbox's present UTC date."""
        return self.clock.today()
