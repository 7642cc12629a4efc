"""The verbs on a person's profile and settings, and the house-keeping of identity.

Getting in is ``entrance``'s business; sessions, tokens and notifications have modules of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from strongroom import audit
from strongroom.core.db import Db
from strongroom.core.errors import NotFound
from strongroom.core.ids import SYSTEM, UserId
from strongroom.identity import queries, rules
from strongroom.identity.types import Client, Person, Settings

_KEEP_ENDED_SESSIONS = timedelta(days=30)
_KEEP_MADE_UP = timedelta(days=14)


class PersonGone(NotFound):
    """The account does not exist any more."""


async def get_person(db: Db, *, owner: UserId) -> Person:
    """Return who the owner is. Raises ``PersonGone``."""
    person = await queries.find_person(db, owner)
    if person is None:
        raise PersonGone("That account does not exist any more.")
    return person


async def rename(
    db: Db,
    *,
    owner: UserId,
    first_name: str,
    last_name: str,
    client: Client,
    now: datetime,
    actor: str = "person",
) -> Person:
    """Change what the owner is called. Raises ``BadName``."""
    first = rules.read_name(first_name, name_of="first_name")
    last = rules.read_name(last_name, name_of="last_name")
    await queries.rename_person(db, owner, first, last, now)
    fields = ["first_name", "last_name"]
    await _record(db, owner, "identity.profile_changed", fields, actor, client, now)
    return await get_person(db, owner=owner)


async def get_settings(db: Db, *, owner: UserId) -> Settings:
    """Return the owner's settings. Raises ``PersonGone``."""
    settings = await queries.find_settings(db, owner)
    if settings is None:
        raise PersonGone("That account does not exist any more.")
    return settings


async def owners_for_all(db: Db) -> list[UserId]:
    """Return everyone with an account, for work that is done for all."""
    return await queries.owners_for_all(db)


async def change_settings(
    db: Db,
    *,
    owner: UserId,
    wanted: Mapping[str, Any],
    client: Client,
    now: datetime,
    actor: str = "person",
) -> Settings:
    """Change the settings that ``wanted`` names, all or none; return them all.

    Raises ``BadChoice``, naming the field, and ``PersonGone``.
    """
    before = await queries.find_settings(db, owner, lock=True)
    if before is None:
        raise PersonGone("That account does not exist any more.")
    after = rules.changed(before, wanted)
    fields = sorted(name for name in wanted if getattr(before, name) != getattr(after, name))
    if fields:
        await queries.set_settings(db, owner, after, now)
        await _record(db, owner, "identity.settings_changed", fields, actor, client, now)
    return after


async def list_people_for_all(db: Db) -> list[Person]:
    """Return everyone with an account, oldest first. For the system role."""
    return await queries.people_for_all(db)


async def forget_ended_for_all(db: Db, *, now: datetime) -> int:
    """Delete sessions that ended a month ago, and limits long over; return how many sessions."""
    return await queries.forget_ended_for_all(db, now - _KEEP_ENDED_SESSIONS)


async def forget_made_up_for_all(db: Db, *, now: datetime) -> int:
    """Delete made-up households whose session has ended, or that are 14 days old; return how many.

    Everything of theirs goes, their data keys too; only the audit log keeps its rows.
    """
    people = await queries.made_up_people_for_all(db, now - _KEEP_MADE_UP, now)
    if people:
        await queries.forget_people_for_all(db, people)
        await audit.record(
            db,
            owner=SYSTEM,
            actor="system",
            action="identity.demos_removed",
            details={"people": len(people)},
            now=now,
        )
    return len(people)


async def _record(
    db: Db,
    owner: UserId,
    action: str,
    fields: list[str],
    actor: str,
    client: Client,
    now: datetime,
) -> None:
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=action,
        details={"fields": [*fields]},
        ip=client.ip,
        user_agent=client.user_agent,
        now=now,
    )
