"""From what a link's state was and what happened to it, to what it is. No clock, no database.

Plaid sends webhooks late, twice and out of order, so none of them decides alone: each makes us ask
Plaid for the item, and that answer decides. Only of a coming disconnection it says nothing: there
the warning stands until somebody signs in again, or until its day has passed and all is well.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from strongroom.connections.troubles import trouble_of
from strongroom.connections.types import Status

WARNED_AHEAD = timedelta(days=7)
"""How long before the end of a consent or a link Plaid warns."""

SENT_AGAIN_FOR = timedelta(hours=24)
"""For so long Plaid goes on sending a webhook that was not taken."""

_FARTHEST = timedelta(days=366)
"""Nobody warns longer ahead; a later end is a slip of the pen, and may not even be storable."""


@dataclass(frozen=True, slots=True)
class Health:
    """What decides a link's state, and the state."""

    status: Status = Status.ACTIVE
    error_code: str | None = None
    consent_expires_at: datetime | None = None
    disconnects_at: datetime | None = None
    repaired_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadWell:
    """The bank was read, and this is what Plaid said of the item afterwards."""

    error_code: str | None = None
    consent_expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ReadFailed:
    """The bank could not be read."""

    error_code: str
    error_type: str | None = None


@dataclass(frozen=True, slots=True)
class WarnedOfEnd:
    """Plaid says that the link will end; ``at`` may be left out, then a week from now is meant."""

    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Repaired:
    """The person has signed in again through us."""


@dataclass(frozen=True, slots=True)
class Unlinked:
    """The link was ended here, for good."""


Event = ReadWell | ReadFailed | WarnedOfEnd | Repaired | Unlinked


def after(health: Health, event: Event, now: datetime) -> Health:
    """Return what a link is once ``event`` has happened to it."""
    if health.status is Status.DISCONNECTED:
        return health
    match event:
        case Unlinked():
            return Health(Status.DISCONNECTED, repaired_at=health.repaired_at)
        case Repaired():
            return Health(Status.ACTIVE, repaired_at=now)
        case WarnedOfEnd(at):
            return _after_warning(health, at, now)
        case ReadFailed(code, kind):
            return _after_failure(health, code, kind)
        case ReadWell(code, consent):
            told = replace(health, error_code=code, consent_expires_at=consent)
            return replace(told, status=_standing(told, now), disconnects_at=_still(told, now))


def is_late(repaired_at: datetime | None, now: datetime) -> bool:
    """Whether a webhook that comes now may have been made before the person set the link right."""
    return repaired_at is not None and now - repaired_at < SENT_AGAIN_FOR


def _standing(health: Health, now: datetime) -> Status:
    """Return the state that the facts make, where Plaid has answered."""
    if health.error_code is not None:
        status = trouble_of(health.error_code).status
        if status is not None:
            return status
    expires = health.consent_expires_at
    if expires is not None and expires - now <= WARNED_AHEAD:
        return Status.PENDING_EXPIRATION
    return Status.ACTIVE if _still(health, now) is None else Status.PENDING_DISCONNECT


def _still(health: Health, now: datetime) -> datetime | None:
    """Return when the link will end, if that warning still stands."""
    at = health.disconnects_at
    return None if at is None or at <= now else at


def _after_warning(health: Health, at: datetime | None, now: datetime) -> Health:
    if at is not None and at - now > _FARTHEST:
        at = None
    ends = at or health.disconnects_at or now + WARNED_AHEAD
    if ends <= now:
        return health  # whether it did end is what the next answer tells
    repaired = health.repaired_at
    if is_late(repaired, now) and (at is None or at <= (repaired or now) + WARNED_AHEAD):
        return health  # made before the repair that it asks for
    warned = replace(health, disconnects_at=ends)
    return replace(warned, status=_standing(warned, now))


def _after_failure(health: Health, code: str, kind: str | None) -> Health:
    status = trouble_of(code, kind).status
    if status is None:
        return health
    waits_for_person = health.status not in (Status.ACTIVE, Status.ERROR)
    if status is Status.ERROR and waits_for_person:
        return health  # what only the person mends is still to be done after a bank's bad day
    return replace(health, status=status, error_code=code)
