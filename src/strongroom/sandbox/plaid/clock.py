"""The sandbox's own time: real UTC, moved by an offset and run faster when asked.

Only the edge (app, background task) asks it; rules get ``now`` or ``today`` as arguments.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """``now`` = anchor + (real time since anchor) x speed; ``speed`` 1 and no offset is real."""

    speed: float = 1.0
    _anchor_real: float = field(default_factory=time.time)
    _anchor_shown: float = field(default_factory=time.time)

    def now(self) -> datetime:
        """Give the sandbox's present instant, aware, in UTC."""
        shown = self._anchor_shown + (time.time() - self._anchor_real) * self.speed
        return datetime.fromtimestamp(shown, UTC)

    def today(self) -> date:
        """Give the sandbox's present UTC date."""
        return self.now().date()

    def set(self, *, offset_seconds: float, speed: float) -> None:
        """Show real time plus ``offset_seconds`` now, and run ``speed`` times as fast from here."""
        self._anchor_real = time.time()
        self._anchor_shown = self._anchor_real + offset_seconds
        self.speed = speed

    def offset_seconds(self) -> float:
        """Give how far ahead of real time the sandbox is at this moment."""
        return self.now().timestamp() - time.time()


def stamp(moment: datetime) -> str:
    """Write an instant as Plaid does: ``2026-11-21T10:00:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_stamp(text: str) -> datetime:
    """Read what ``stamp`` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def later(moment: datetime, seconds: float) -> datetime:
    """Give the instant ``seconds`` after ``moment``."""
    return moment + timedelta(seconds=seconds)
