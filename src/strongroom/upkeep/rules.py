"""Pure decisions of upkeep: how a job stands, from when it fell due and how its last run went."""

from __future__ import annotations

from datetime import datetime, timedelta

from strongroom.upkeep.types import Outcome, Run, Standing

# A run may wait for others, or for a worker that starts; and no run of ours takes half a day.
GRACE = timedelta(minutes=5)
_LONGEST = timedelta(hours=12)


def is_missed(due: datetime, known_since: datetime, last: datetime | None, now: datetime) -> bool:
    """Return whether a job that last fell due at ``due`` has not begun since.

    ``last``: when its last run began. What fell due before the job was known is not missed.
    """
    begun = last is not None and last >= due
    return not begun and due >= known_since and now - due >= GRACE


def standing(due: datetime, known_since: datetime, last: Run | None, now: datetime) -> Standing:
    """Return how a job stands."""
    if is_missed(due, known_since, None if last is None else last.started_at, now):
        return Standing.LATE
    if last is None:
        return Standing.NEVER
    if last.outcome is Outcome.RUNNING and now - last.started_at < _LONGEST:
        return Standing.RUNNING
    return Standing.FINE if last.outcome is Outcome.DONE else Standing.FAILED
