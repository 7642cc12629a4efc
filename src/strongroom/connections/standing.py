"""Writes what happened to a link: its state as ``states`` decides, and word of it to its person.

Called inside the unit of work that stored the cause. Calls no bank.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from strongroom.connections import news, state_queries, states
from strongroom.connections.states import Event, Health, ReadFailed, ReadWell
from strongroom.connections.troubles import trouble_of
from strongroom.connections.types import Item, ItemReport, Status
from strongroom.core.db import Db
from strongroom.core.ids import UserId

TOLD_AFTER_FAILURES = 3
_FIRST_BACK_OFF = timedelta(seconds=30)
_LONGEST_BACK_OFF = timedelta(hours=6)
_LOOK_AGAIN = timedelta(minutes=30)


def health_of(item: Item) -> Health:
    """Return what decides an item's state."""
    return Health(
        item.status, item.error_code, item.consent_expires_at, item.disconnects_at, item.repaired_at
    )


async def read_well(
    db: Db, *, owner: UserId, item: Item, report: ItemReport | None, now: datetime
) -> Status:
    """Note that a bank was read and what Plaid says of the item; ``report`` None: not asked."""
    told = ReadWell(None, item.consent_expires_at)
    if report is not None:
        told = ReadWell(report.error_code, report.consent_expires_at)
    health = await _move(db, owner, item, told, now)
    # The rows that Plaid has were read, and yet the bank does not answer Plaid: look again soon.
    again = now + _LOOK_AGAIN if health.status is Status.ERROR else None
    await state_queries.read_well(db, owner, item.id, again, now)
    if health.status is Status.ACTIVE and item.alerted_at is not None:
        await news.settle(db, owner, item, now)  # the silence, which is no state of its own
    return health.status


async def read_failed(
    db: Db, *, owner: UserId, item: Item, failure: ReadFailed, message: str, now: datetime
) -> Status:
    """Note that a bank could not be read, and when it is tried again, later each time."""
    health = await _move(db, owner, item, failure, now)
    trouble = trouble_of(failure.error_code, failure.error_type)
    wait = min(_FIRST_BACK_OFF * 2 ** min(item.failures, 12), _LONGEST_BACK_OFF)
    failures = await state_queries.read_failed(
        db, owner, item.id, message, now + wait if trouble.will_pass else None, now
    )
    lasts = failures >= TOLD_AFTER_FAILURES or not trouble.will_pass
    if _told_at_once(health):
        await state_queries.alerted(db, owner, item.id, now)
    elif lasts and trouble.status and item.alerted_at is None and not item.needs_person:
        if health.status is Status.ERROR:
            await news.tell(db, owner, item, trouble.title, now, trouble.advice)
        await state_queries.alerted(db, owner, item.id, now)
    return health.status


async def warned_of_end(
    db: Db, *, owner: UserId, item: Item, at: datetime | None, now: datetime
) -> None:
    """Note that Plaid says the link will end unless its person signs in again."""
    await _move(db, owner, item, states.WarnedOfEnd(at), now)


async def repaired(db: Db, *, owner: UserId, item: Item, now: datetime) -> None:
    """Note that the person has signed in at the bank again through us."""
    await _move(db, owner, item, states.Repaired(), now)
    await state_queries.forget_alert(db, owner, item.id)
    await news.settle(db, owner, item, now)


async def ended(db: Db, *, owner: UserId, item: Item, code: str, now: datetime) -> None:
    """Note that no token opens a link any more; ``code`` says why."""
    await _move(db, owner, item, ReadFailed(code), now)


async def _move(db: Db, owner: UserId, item: Item, event: Event, now: datetime) -> Health:
    before = health_of(item)
    health = states.after(before, event, now)
    if health != before:
        await state_queries.set_health(db, owner, item.id, health, now)
    # What is repeated is told once.
    if health.status is not before.status or _ends_for_good(before) != _ends_for_good(health):
        await news.settle(db, owner, item, now)  # what was told before is over, or told otherwise
        title, advice = _NEWS.get(health.status), None
        if _told_at_once(health):
            trouble = trouble_of(health.error_code or "")
            title, advice = trouble.title, trouble.advice
        if title is not None:
            await news.tell(db, owner, item, title, now, advice)
    elif health.status is Status.PENDING_EXPIRATION and _other_end(before, health):
        await news.tell(db, owner, item, news.WILL_STOP, now)
    return health


def _other_end(before: Health, health: Health) -> bool:
    """Whether a bank whose consent ends anyhow has warned of another day now."""
    ends = health.disconnects_at
    return ends is not None and ends != before.disconnects_at


def _told_at_once(health: Health) -> bool:
    """Whether a link's trouble stays until its person does something."""
    return health.status in (Status.LOGIN_REQUIRED, Status.REVOKED) or _ends_for_good(health)


def _ends_for_good(health: Health) -> bool:
    """Whether a link is in a trouble that neither time nor a sign-in mends."""
    return health.status is Status.ERROR and trouble_of(health.error_code or "").ends_for_good


_NEWS = {
    Status.PENDING_EXPIRATION: news.CONSENT_ENDS,
    Status.PENDING_DISCONNECT: news.WILL_STOP,
}
