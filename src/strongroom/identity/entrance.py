"""The ways in: sign up, sign in, the made-up household, and changing a password.

These open their own units of work, because hashing a password takes long enough that no database
connection should wait for it. What a sign-up or sign-in answers never says who has an account.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from strongroom import audit
from strongroom.core.db import Database, Db
from strongroom.core.errors import Conflict, Forbidden, NotFound, SignInNeeded
from strongroom.core.ids import SYSTEM, UserId, new_id
from strongroom.core.queue import enqueue
from strongroom.identity import limits, passwords, queries, rules, sessions
from strongroom.identity.types import (
    Client,
    Language,
    Limit,
    NewSession,
    Person,
    Role,
    SessionId,
    Settings,
)
from strongroom.ui import N_


class WrongEmailOrPassword(SignInNeeded):
    """The address is unknown or the password is wrong; which of them is not told."""


class WrongPassword(Forbidden):
    """The current password that was given to confirm a change is not the right one."""


class SignUpClosed(Forbidden):
    """Strangers may not create accounts here."""


class EmailTaken(Conflict):
    """Someone has that e-mail address. For the command line only."""


class PersonNotFound(NotFound):
    """Nobody has that e-mail address. For the command line only."""


@dataclass(frozen=True, slots=True)
class SignUp:
    """What someone gives to create an account."""

    email: str
    password: str
    name: str = ""
    language: Language = "en"


async def sign_up(
    database: Database,
    new: SignUp,
    *,
    client: Client,
    open_to_all: bool,
    start_session: bool = True,
    now: datetime,
) -> NewSession | None:
    """Create an account unless the address has one, and answer the same either way.

    Nothing is ever mailed, so nothing can be confirmed by mail. So that the answer cannot tell
    whether the address was taken, a sign-up does not sign in: it answers None, the same page and
    the same work (one hash, one audit row), and the person signs in with the password they chose.
    If the address was taken, its password is as it was. Only the very first person, whom nobody
    can be mistaken for, becomes admin and is signed in at once (unless not ``start_session``).

    Raises ``BadEmail``, ``BadName``, ``BadPassword``, ``SignUpClosed``, ``TooManyAttempts``.
    """
    email = rules.read_email(new.email)
    name = rules.read_name(new.name, name_of="name")
    password = rules.check_new_password(new.password, email=email, name=name)
    async with database.unit_of_work_for_nobody() as db:
        await _take(db, f"sign-up address {client.ip}", rules.SIGN_UPS_PER_ADDRESS, now)
        if not open_to_all and not await queries.no_person_yet(db):
            raise SignUpClosed(
                N_("New accounts are not open on this server."),
                hint=N_("Ask whoever runs it for one."),
            )
    password_hash = await passwords.hash_password(password)
    owner = UserId(new_id())
    async with database.unit_of_work(owner) as db:
        await queries.lock_sign_up(db)
        first = await queries.no_person_yet(db)
        person = _person(owner, email, name, "admin" if first else "user", now)
        added = await _add(db, person, password_hash, _settings(new.language), client, now)
        if added and first and start_session:
            return await _enter(db, owner, client, now)
    if not added:
        async with database.unit_of_work(SYSTEM) as db:
            await _record(db, SYSTEM, "identity.sign_up_repeated", client, now, email=email)
    return None


async def sign_in(
    database: Database,
    *,
    email: str,
    password: str,
    client: Client,
    now: datetime,
    replaces: str | None = None,
    known_by: str = "",
) -> NewSession:
    """Check the password and start a session; the one that ``replaces`` is a secret of ends.

    ``known_by`` is what ``known_browser`` gave this browser, if it has signed in before. An
    unknown address takes as long as a wrong password. An outdated hash is made anew. Raises
    ``WrongEmailOrPassword`` and ``TooManyAttempts``.
    """
    address = _email_or_none(email)
    async with database.unit_of_work_for_nobody() as db:
        await _take(db, f"sign-in address {client.ip}", rules.SIGN_INS_PER_ADDRESS, now)
        login = None if address is None else await queries.find_login(db, address)
        if login is not None and _is_known(known_by, login.user_id):
            # Whatever strangers try with this address, they do not count against its owner.
            await _take(db, f"sign-in known {known_by}", rules.SIGN_INS_PER_KNOWN_BROWSER, now)
        else:
            key = f"sign-in email {address} from {client.ip}"
            await _take(db, key, rules.SIGN_INS_PER_EMAIL_AND_ADDRESS, now)
            await _take(db, f"sign-in email {address}", rules.SIGN_INS_PER_EMAIL, now)
    given = rules.normal_password(password[: rules.LONGEST_PASSWORD + 1])
    known_hash = None if login is None else login.password_hash
    if not await passwords.check(known_hash, given) or login is None:
        owner = SYSTEM if login is None else login.user_id
        async with database.unit_of_work(owner) as db:
            await _record(db, owner, "identity.sign_in_refused", client, now, email=address)
        raise _wrong()
    renewed = None
    if passwords.is_outdated(login.password_hash):
        renewed = await passwords.hash_password(given)
    async with database.unit_of_work(login.user_id) as db:
        # The password may have been changed while this one was checked.
        if await queries.password_hash(db, login.user_id) != login.password_hash:
            raise _wrong()
        if renewed is not None:
            await queries.set_password(db, login.user_id, renewed, now)
        session = await _enter(db, login.user_id, client, now)
    await _end_replaced(database, replaces, client, now)
    return session


def known_browser(owner: UserId) -> str:
    """Return what a browser that ``owner`` signed in with may show at its next ``sign_in``.

    It opens nothing: it only tells the owner's browser from a stranger's where attempts are
    counted. Signed with the key of the limits.
    """
    nonce = secrets.token_urlsafe(16)
    return f"{nonce}.{limits.hashed(f'known browser {owner} {nonce}')}"


def _is_known(known_by: str, owner: UserId) -> bool:
    nonce, _, signature = known_by.partition(".")
    expected = limits.hashed(f"known browser {owner} {nonce}")
    return hmac.compare_digest(signature.encode(), expected.encode())


async def make_demo(
    database: Database,
    *,
    client: Client,
    language: Language,
    now: datetime,
    replaces: str | None = None,
) -> NewSession:
    """Create a made-up household, marked as such, and sign in to it in place of ``replaces``.

    No password opens its account; it lives as long as the session. Its bank is linked by the job
    ``connections.link_demo``, which is stored with it. Raises ``TooManyAttempts``.
    """
    async with database.unit_of_work_for_nobody() as db:
        await _take(db, f"sign-up address {client.ip}", rules.SIGN_UPS_PER_ADDRESS, now)
    owner = UserId(new_id())
    email = f"household-{owner.hex[-12:]}@demo.invalid"
    person = Person(owner, email, "Kari", "Nordmann", "user", True, now, None)
    async with database.unit_of_work(owner) as db:
        await _add(db, person, passwords.NO_PASSWORD, _settings(language), client, now)
        await enqueue(db, "connections.link_demo", owner=str(owner))
        session = await _enter(db, owner, client, now)
    await _end_replaced(database, replaces, client, now)
    return session


async def change_password(
    database: Database,
    *,
    owner: UserId,
    current: str,
    new: str,
    client: Client,
    now: datetime,
) -> NewSession:
    """Change the password, end every session, and start one for the browser that asked.

    API tokens go on working: they are listed and ended on their own. Raises ``WrongPassword``,
    ``BadPassword`` and ``TooManyAttempts``.
    """
    async with database.unit_of_work(owner) as db:
        await _take(db, f"password of {owner}", rules.PASSWORD_CHECKS_PER_PERSON, now)
        stored = await queries.password_hash(db, owner)
        person = await queries.find_person(db, owner)
    if person is None or not await passwords.check(stored, rules.normal_password(current)):
        raise WrongPassword(
            N_("That is not your current password."),
            field="current",
            hint=N_("Check it and try again."),
        )
    password = rules.check_new_password(new, email=person.email, name=person.name, field="new")
    fresh = await passwords.hash_password(password)
    async with database.unit_of_work(owner) as db:
        if not await queries.set_password(db, owner, fresh, now, instead_of=stored):
            raise WrongPassword(N_("The password was changed meanwhile."), field="current")
        await queries.end_sessions_but(db, owner, None, now)
        session = await sessions.start(db, owner=owner, client=client, now=now)
        await _record(db, owner, "identity.password_changed", client, now)
    return session


async def add_person_for_all(database: Database, new: SignUp, *, now: datetime) -> UserId:
    """Create an account from the command line, where it may be said that an address is taken.

    The first person becomes admin here too. Raises ``EmailTaken``, ``BadEmail``, ``BadName``,
    ``BadPassword``.
    """
    email = rules.read_email(new.email)
    name = rules.read_name(new.name, name_of="name")
    password = rules.check_new_password(new.password, email=email, name=name)
    password_hash = await passwords.hash_password(password)
    owner = UserId(new_id())
    async with database.unit_of_work_for_all() as db:
        await queries.lock_sign_up(db)
        role: Role = "admin" if await queries.no_person_yet(db) else "user"
        person = _person(owner, email, name, role, now)
        if not await queries.add_person(db, person, password_hash):
            raise EmailTaken(f"{email} has an account already.", field="email")
        await queries.add_settings(db, owner, _settings(new.language), now)
        details: audit.Details = {"role": role}
        await audit.record(
            db, owner=owner, actor="cli", action="identity.sign_up", details=details, now=now
        )
    return owner


async def reset_password_for_all(database: Database, *, email: str, new: str, now: datetime) -> int:
    """Give someone a new password from the command line and end their sessions; return how many.

    For the system role. Raises ``PersonNotFound``, ``BadEmail``, ``BadPassword``.
    """
    address = rules.read_email(email)
    password = rules.check_new_password(new, email=address, name="")
    fresh = await passwords.hash_password(password)
    async with database.unit_of_work_for_all() as db:
        login = await queries.find_login(db, address)
        if login is None:
            raise PersonNotFound(f"Nobody has the e-mail address {address}.", field="email")
        await queries.set_password(db, login.user_id, fresh, now)
        ended = await queries.end_sessions_but(db, login.user_id, None, now)
        await audit.record(
            db, owner=login.user_id, actor="cli", action="identity.password_reset", now=now
        )
    return ended


def _person(owner: UserId, email: str, name: str, role: Role, now: datetime) -> Person:
    first, _, last = name.partition(" ")
    return Person(owner, email, first, last, role, False, now, None)


def _settings(language: Language) -> Settings:
    return Settings(language=language, time_zone="Europe/Oslo" if language == "nb" else "UTC")


async def _add(
    db: Db,
    person: Person,
    password_hash: str,
    settings: Settings,
    client: Client,
    now: datetime,
) -> bool:
    if not await queries.add_person(db, person, password_hash):
        return False
    await queries.add_settings(db, person.id, settings, now)
    action = "identity.demo_made" if person.is_demo else "identity.sign_up"
    await _record(db, person.id, action, client, now, role=person.role)
    return True


async def _enter(db: Db, owner: UserId, client: Client, now: datetime) -> NewSession:
    await queries.note_login(db, owner, now)
    session = await sessions.start(db, owner=owner, client=client, now=now)
    await _record(db, owner, "identity.sign_in", client, now)
    return session


async def _end_replaced(
    database: Database, secret: str | None, client: Client, now: datetime
) -> None:
    """End the session that the browser had before, whoever's it was."""
    if not secret:
        return
    async with database.unit_of_work_for_nobody() as db:
        found = await sessions.find(db, secret, now=now)
        if found is not None:
            await queries.become(db, found.user_id)
            await sessions.sign_out(
                db,
                owner=found.user_id,
                session_id=SessionId(found.session_id),
                client=client,
                now=now,
            )


def _email_or_none(text: str) -> str | None:
    try:
        return rules.read_email(text)
    except rules.BadEmail:
        return None


async def _take(db: Db, key: str, limit: Limit, now: datetime) -> None:
    await limits.take(db, key, limit.count, limit.window, now=now)


def _wrong() -> WrongEmailOrPassword:
    return WrongEmailOrPassword(
        N_("The e-mail address or the password is wrong."), hint=N_("Check both and try again.")
    )


async def _record(
    db: Db,
    owner: UserId,
    action: str,
    client: Client,
    now: datetime,
    *,
    email: str | None = None,
    role: str | None = None,
) -> None:
    """Record what happened at the door. An address that is not the owner's is kept as a hash."""
    details: audit.Details = {} if role is None else {"role": role}
    if owner == SYSTEM and email is not None:
        details["email_key"] = limits.hashed(f"audit {email}")[:16]
    await audit.record(
        db,
        owner=owner,
        actor="person",
        action=action,
        details=details,
        ip=client.ip,
        user_agent=client.user_agent,
        now=now,
    )
