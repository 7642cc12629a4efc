"""The SQL of people, settings and sessions: one function a statement."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from strongroom.core.db import Db, execute, many, one, value
from strongroom.core.ids import UserId
from strongroom.identity.types import Client, Login, Person, Session, SessionId, Settings


@dataclass(frozen=True, slots=True)
class FoundSession:
    """Whose session a token opens."""

    user_id: UserId
    session_id: SessionId


async def become(db: Db, owner: UserId) -> None:
    """Let a unit of work that began for nobody go on as ``owner``, who was just found by it."""
    await execute(
        db, "SELECT set_config('strongroom.user_id', %s, true)", (str(owner),), same_plan=True
    )


async def find_login(db: Db, email: str) -> Login | None:
    """Return what is on file for an address, whoever asks."""
    return await one(db, Login, "SELECT user_id, password_hash FROM find_login(%s)", (email,))


async def lock_sign_up(db: Db) -> None:
    """Let one sign-up at a time decide who is first."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('sign-up', 0))")


async def no_person_yet(db: Db) -> bool:
    """Return whether only made-up households have accounts."""
    return bool(await value(db, "SELECT no_person_yet()"))


async def add_person(db: Db, person: Person, password_hash: str) -> bool:
    """Add a person unless the address is taken; return whether they were added."""
    added = await execute(
        db,
        "INSERT INTO users (id, email, password_hash, first_name, last_name, role, is_demo,"
        " created_at, updated_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " ON CONFLICT DO NOTHING",
        (
            person.id,
            person.email,
            password_hash,
            person.first_name,
            person.last_name,
            person.role,
            person.is_demo,
            person.created_at,
            person.created_at,
        ),
    )
    return added == 1


async def find_person(db: Db, owner: UserId) -> Person | None:
    """Return the person themselves."""
    return await one(
        db,
        Person,
        "SELECT id, email, first_name, last_name, role, is_demo, created_at, last_login_at"
        " FROM users WHERE id = %s",
        (owner,),
        same_plan=True,
    )


async def rename_person(
    db: Db, owner: UserId, first_name: str, last_name: str, now: datetime
) -> None:
    """Change what a person is called."""
    await execute(
        db,
        "UPDATE users SET first_name = %s, last_name = %s, updated_at = %s WHERE id = %s",
        (first_name, last_name, now, owner),
    )


async def password_hash(db: Db, owner: UserId) -> str | None:
    """Return the hash of the person's password."""
    found: str | None = await value(db, "SELECT password_hash FROM users WHERE id = %s", (owner,))
    return found


async def set_password(
    db: Db, owner: UserId, new_hash: str, now: datetime, *, instead_of: str | None = None
) -> bool:
    """Store a new hash, if the stored one is still ``instead_of`` (where given)."""
    touched = await execute(
        db,
        "UPDATE users SET password_hash = %(new)s, updated_at = %(now)s WHERE id = %(owner)s"
        " AND (%(old)s::text IS NULL OR password_hash = %(old)s)",
        {"new": new_hash, "now": now, "owner": owner, "old": instead_of},
    )
    return touched == 1


async def note_login(db: Db, owner: UserId, now: datetime) -> None:
    """Keep when the person last signed in."""
    await execute(db, "UPDATE users SET last_login_at = %s WHERE id = %s", (now, owner))


async def people_for_all(db: Db) -> list[Person]:
    """Return everyone, oldest account first."""
    return await many(
        db,
        Person,
        "SELECT id, email, first_name, last_name, role, is_demo, created_at, last_login_at"
        " FROM users ORDER BY created_at, id",
    )


async def add_settings(db: Db, owner: UserId, settings: Settings, now: datetime) -> None:
    """Add a person's settings."""
    await execute(
        db,
        "INSERT INTO settings (user_id, currency, language, theme, time_zone, hide_amounts,"
        " shortcuts, date_format, dashboard_layout, updated_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (owner, *_columns(settings), now),
    )


async def find_settings(db: Db, owner: UserId, *, lock: bool = False) -> Settings | None:
    """Return a person's settings; ``lock`` keeps others from changing them until we are done."""
    if lock:
        await db.execute("SELECT 1 FROM settings WHERE user_id = %s FOR UPDATE", (owner,))
    return await one(
        db,
        Settings,
        "SELECT currency, language, theme, time_zone, hide_amounts, shortcuts, date_format,"
        " dashboard_layout"
        " FROM settings WHERE user_id = %s",
        (owner,),
        same_plan=True,
    )


async def has_settings_untouched(db: Db, owner: UserId) -> bool:
    """Return whether a person's settings are still those that they began with."""
    cursor = await db.execute(
        "SELECT s.updated_at = u.created_at FROM settings s JOIN users u ON u.id = s.user_id"
        " WHERE s.user_id = %s",
        (owner,),
    )
    found = await cursor.fetchone()
    return found is not None and bool(found[0])


async def owners_for_all(db: Db) -> list[UserId]:
    """Return everyone who has settings, for the system role."""
    cursor = await db.execute("SELECT user_id FROM settings ORDER BY user_id")
    return [row[0] for row in await cursor.fetchall()]


async def set_settings(db: Db, owner: UserId, settings: Settings, now: datetime) -> None:
    """Change a person's settings."""
    await execute(
        db,
        "UPDATE settings SET currency = %s, language = %s, theme = %s, time_zone = %s,"
        " hide_amounts = %s, shortcuts = %s, date_format = %s, dashboard_layout = %s,"
        " updated_at = %s WHERE user_id = %s",
        (*_columns(settings), now, owner),
    )


def _columns(settings: Settings) -> tuple[object, ...]:
    return (
        settings.currency,
        settings.language,
        settings.theme,
        settings.time_zone,
        settings.hide_amounts,
        settings.shortcuts,
        settings.date_format,
        Jsonb(settings.dashboard_layout),
    )


async def find_session(db: Db, token_hash: bytes, now: datetime) -> FoundSession | None:
    """Return whose session it is that a token opens, if it has not ended; whoever asks."""
    return await one(
        db,
        FoundSession,
        "SELECT user_id, session_id FROM find_session(%s, %s)",
        (token_hash, now),
        same_plan=True,
    )


async def add_session(
    db: Db, owner: UserId, session: Session, token_hash: bytes, client: Client
) -> None:
    """Add a session."""
    await execute(
        db,
        "INSERT INTO sessions (user_id, id, token_hash, ip_address, user_agent, created_at,"
        " last_seen_at, idle_until, expires_at)"
        " VALUES (%s, %s, %s, %s::inet, %s, %s, %s, %s, %s)",
        (
            owner,
            session.id,
            token_hash,
            client.ip,
            client.user_agent,
            session.created_at,
            session.last_seen_at,
            session.idle_until,
            session.expires_at,
        ),
    )


async def touch_session(
    db: Db, owner: UserId, session: UUID, now: datetime, idle_until: datetime, seen_before: datetime
) -> None:
    """Note that a session was used, unless that was noted since ``seen_before``."""
    await execute(
        db,
        "UPDATE sessions SET last_seen_at = %s, idle_until = %s"
        " WHERE user_id = %s AND id = %s AND last_seen_at < %s AND revoked_at IS NULL",
        (now, idle_until, owner, session, seen_before),
        same_plan=True,
    )


async def open_sessions(db: Db, owner: UserId, now: datetime) -> list[Session]:
    """Return the sessions that have not ended, last used first."""
    return await many(
        db,
        Session,
        "SELECT id, host(ip_address) AS ip_address, user_agent, created_at, last_seen_at,"
        " idle_until, expires_at FROM sessions"
        " WHERE user_id = %(owner)s AND revoked_at IS NULL AND idle_until > %(now)s"
        " AND expires_at > %(now)s ORDER BY last_seen_at DESC, id",
        {"owner": owner, "now": now},
    )


async def end_session(db: Db, owner: UserId, session: UUID, now: datetime) -> bool:
    """End an open session; return whether there was one."""
    ended = await execute(
        db,
        "UPDATE sessions SET revoked_at = %(now)s WHERE user_id = %(owner)s AND id = %(id)s"
        " AND revoked_at IS NULL AND idle_until > %(now)s AND expires_at > %(now)s",
        {"owner": owner, "id": session, "now": now},
    )
    return ended == 1


async def end_sessions_but(db: Db, owner: UserId, kept: UUID | None, now: datetime) -> int:
    """End every open session of a person except ``kept``; return how many."""
    return await execute(
        db,
        "UPDATE sessions SET revoked_at = %(now)s WHERE user_id = %(owner)s"
        " AND (%(kept)s::uuid IS NULL OR id <> %(kept)s) AND revoked_at IS NULL"
        " AND idle_until > %(now)s AND expires_at > %(now)s",
        {"owner": owner, "kept": kept, "now": now},
    )


async def made_up_people_for_all(db: Db, made_before: datetime, now: datetime) -> list[UUID]:
    """Return made-up households that are old or that no session opens; not while a job runs."""
    rows = await db.execute(
        "SELECT u.id FROM users u WHERE u.is_demo AND (u.created_at < %(made_before)s"
        " OR NOT EXISTS (SELECT 1 FROM sessions s WHERE s.user_id = u.id"
        " AND s.revoked_at IS NULL AND s.idle_until > %(now)s AND s.expires_at > %(now)s))"
        " AND NOT EXISTS (SELECT 1 FROM procrastinate_jobs j"
        " WHERE j.status = 'doing' AND j.args ->> 'owner' = u.id::text)",
        {"made_before": made_before, "now": now},
    )
    return [row[0] for row in await rows.fetchall()]


async def forget_people_for_all(db: Db, people: list[UUID]) -> None:
    """Delete people and every row of theirs but what the audit log says of them."""
    await db.execute("CALL forget_people(%s)", (people,))


async def forget_ended_for_all(db: Db, before: datetime) -> int:
    """Delete sessions that ended before an instant, and rate limits that are long over."""
    await execute(db, "DELETE FROM rate_limits WHERE reset_at < %s", (before,))
    return await execute(
        db,
        "DELETE FROM sessions WHERE least(revoked_at, idle_until, expires_at) < %s",
        (before,),
    )
