"""The ways in: who is let in, who is not, and what the answers do not tell."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from strongroom import audit, identity
from strongroom.core.db import value
from strongroom.core.errors import Forbidden, SignInNeeded, TooManyRequests
from strongroom.core.ids import SYSTEM, new_id
from strongroom.identity import rules
from tests.identity.conftest import NOW, PASSWORD, World


def email() -> str:
    return f"{new_id().hex}@example.com"


def role(world: World, owner: Any) -> str:
    return world.within(owner, lambda db: identity.get_person(db, owner=owner)).role


def test_the_first_person_is_admin_and_signed_in_the_next_are_neither(own_world: World) -> None:
    first = own_world.sign_up("kari@example.com")
    assert role(own_world, first.owner) == "admin"
    assert own_world.sign_up("ola@example.com") is None
    assert role(own_world, own_world.sign_in("ola@example.com").owner) == "user"


def test_of_many_who_come_first_at_once_one_is_admin(own_world: World) -> None:
    async def all_at_once() -> list[Any]:
        return await asyncio.gather(
            *(
                identity.sign_up(
                    own_world.database,
                    identity.SignUp(f"p{number}@example.com", PASSWORD),
                    client=own_world.client(),
                    open_to_all=False,
                    now=NOW,
                )
                for number in range(6)
            ),
            return_exceptions=True,
        )

    answers = own_world.run(all_at_once())
    people = own_world.within_all(identity.list_people_for_all)
    assert [person.role for person in people].count("admin") == 1
    assert sum(isinstance(answer, identity.NewSession) for answer in answers) == 1


def test_a_made_up_household_does_not_take_the_first_place(own_world: World) -> None:
    demo = own_world.run(
        identity.make_demo(own_world.database, client=own_world.client(), language="nb", now=NOW)
    )
    person = own_world.within(demo.owner, lambda db: identity.get_person(db, owner=demo.owner))
    assert (person.is_demo, person.role) == (True, "user")
    assert role(own_world, own_world.sign_up("kari@example.com").owner) == "admin"
    for password in ("", "!", PASSWORD):
        with pytest.raises(identity.WrongEmailOrPassword):
            own_world.sign_in(person.email, password)


def test_a_taken_address_gets_the_same_answer_and_keeps_its_password(world: World) -> None:
    world.person()
    address = email()
    fresh = world.sign_up(address)
    repeated = world.sign_up(address.upper(), "a quite different password")
    assert fresh is repeated is None
    owner = world.sign_in(address).owner
    assert world.actions(owner) == ["sign_up", "sign_in"]
    with pytest.raises(identity.WrongEmailOrPassword):
        world.sign_in(address, "a quite different password")
    rows = world.within(SYSTEM, lambda db: audit.list_newest(db, owner=SYSTEM))
    assert "identity.sign_up_repeated" in [row.action for row in rows]
    assert all(address not in str(row.details) for row in rows)


def test_sign_up_may_be_closed_to_all_but_the_first(own_world: World) -> None:
    with pytest.raises(identity.BadEmail):
        own_world.sign_up("not an address", open_to_all=False)
    assert own_world.sign_up("kari@example.com", open_to_all=False) is not None
    with pytest.raises(identity.SignUpClosed) as caught:
        own_world.sign_up("ola@example.com", open_to_all=False)
    assert isinstance(caught.value, Forbidden)


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(world: World) -> None:
    world.person()
    address = email()
    world.sign_up(address)
    answers = []
    for given, password in ((address, "wrong"), (email(), PASSWORD), ("no address", PASSWORD)):
        with pytest.raises(SignInNeeded) as caught:
            world.sign_in(given, password)
        answers.append((caught.value.code, caught.value.message, caught.value.hint))
    assert len(set(answers)) == 1
    owner = world.sign_in(address).owner
    assert world.actions(owner) == ["sign_up", "sign_in_refused", "sign_in"]


def test_case_space_and_composition_of_letters_do_not_matter(world: World) -> None:
    world.person()
    local = new_id().hex
    world.sign_up(f" {local}@Example.COM ", "blåbær og fire lamper")
    assert world.sign_in(f"{local.upper()}@example.com", "bla\u030abær og fire lamper")


def test_signing_in_again_ends_the_session_that_the_browser_had(world: World) -> None:
    person, other = world.person(), world.person()
    address = world.within(
        person.owner, lambda db: identity.get_person(db, owner=person.owner)
    ).email
    again = world.sign_in(address, replaces=person.secret)
    assert again.secret != person.secret
    assert _open(world, person.owner) == {again.id}
    switched = world.sign_in(address, replaces=other.secret)
    assert _open(world, other.owner) == set()
    assert _open(world, person.owner) == {again.id, switched.id}
    assert world.actions(other.owner)[-1] == "sign_out"


def _open(world: World, owner: Any, now: Any = NOW) -> set[Any]:
    found = world.within(owner, lambda db: identity.list_sessions(db, owner=owner, now=now))
    return {session.id for session in found}


def test_too_many_wrong_passwords_from_one_place_wait_and_others_do_not(world: World) -> None:
    world.person()
    address = email()
    world.sign_up(address)
    stranger, owner = world.client(), world.client()
    for _ in range(20):
        with pytest.raises(identity.WrongEmailOrPassword):
            world.sign_in(address, "wrong", client=stranger)
    with pytest.raises(TooManyRequests) as caught:
        world.sign_in(address, client=stranger)
    assert caught.value.retry_after_seconds == 15 * 60
    assert world.sign_in(address, client=owner)
    with pytest.raises(TooManyRequests) as caught:
        world.sign_in(address, client=stranger, now=NOW + timedelta(minutes=14))
    assert caught.value.retry_after_seconds == 60
    assert world.sign_in(address, client=stranger, now=NOW + timedelta(minutes=15))


def test_a_browser_that_signed_in_before_is_let_in_whatever_strangers_try(world: World) -> None:
    world.person()
    address = email()
    world.sign_up(address)
    owner, other = world.sign_in(address).owner, world.person().owner
    most = rules.SIGN_INS_PER_EMAIL

    async def strangers(db: Any) -> None:
        for _ in range(most.count):
            await identity.take(db, f"sign-in email {address}", 10_000, most.window, now=NOW)

    world.within_all(strangers)
    known = identity.known_browser(owner)
    for shown in ("", known[:-1], f"x{known}", identity.known_browser(other), "é.é", "."):
        with pytest.raises(TooManyRequests):
            world.sign_in(address, known_by=shown)
    assert world.sign_in(address, known_by=known).owner == owner
    # What is shown opens nothing, and whoever has stolen it cannot guess without end either.
    for _ in range(rules.SIGN_INS_PER_KNOWN_BROWSER.count - 1):
        with pytest.raises(identity.WrongEmailOrPassword):
            world.sign_in(address, "wrong", known_by=known)
    with pytest.raises(TooManyRequests):
        world.sign_in(address, known_by=known)
    assert world.sign_in(address, known_by=identity.known_browser(owner))


def test_too_many_attempts_from_one_place_are_refused_whoever_they_are_for(world: World) -> None:
    client = world.client()
    refused = 0
    for _ in range(61):
        try:
            world.sign_in(email(), client=client)
        except TooManyRequests:
            refused += 1
        except identity.WrongEmailOrPassword:
            pass
    assert refused == 1


def test_changing_the_password_ends_every_other_session(world: World) -> None:
    person = world.person()
    address = world.within(
        person.owner, lambda db: identity.get_person(db, owner=person.owner)
    ).email
    world.sign_in(address)
    new = "seven wooden boats at dawn"

    def change(current: str, wanted: str) -> Any:
        return world.run(
            identity.change_password(
                world.database,
                owner=person.owner,
                current=current,
                new=wanted,
                client=world.client(),
                now=NOW,
            )
        )

    with pytest.raises(identity.WrongPassword):
        change("wrong", new)
    with pytest.raises(identity.BadPassword) as caught:
        change(PASSWORD, "short")
    assert caught.value.field == "new"
    assert len(_open(world, person.owner)) == 2
    session = change(PASSWORD, new)
    assert _open(world, person.owner) == {session.id}
    assert world.sign_in(address, new)
    with pytest.raises(identity.WrongEmailOrPassword):
        world.sign_in(address, PASSWORD)


def test_the_command_line_resets_a_password_and_ends_sessions(world: World) -> None:
    person = world.person()
    address = world.within(
        person.owner, lambda db: identity.get_person(db, owner=person.owner)
    ).email
    new = "seven wooden boats at dawn"
    reset = identity.reset_password_for_all(world.database, email=address, new=new, now=NOW)
    assert world.run(reset) == 1
    assert _open(world, person.owner) == set()
    assert world.sign_in(address, new)
    assert "password_reset" in world.actions(person.owner)
    with pytest.raises(identity.PersonNotFound):
        world.run(identity.reset_password_for_all(world.database, email=email(), new=new, now=NOW))


def test_a_bcrypt_hash_brought_from_elsewhere_is_read_once_and_made_anew(world: World) -> None:
    bcrypt = pytest.importorskip("bcrypt")
    person = world.person()
    address = world.within(
        person.owner, lambda db: identity.get_person(db, owner=person.owner)
    ).email
    brought = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    with psycopg.connect(world.place.admin_dsn) as db:
        change = "UPDATE strongroom.users SET password_hash = %s WHERE id = %s"
        db.execute(change, (brought, person.owner))
    with pytest.raises(identity.WrongEmailOrPassword):
        world.sign_in(address, PASSWORD + "x" * 80)
    assert world.sign_in(address)
    stored = world.within(person.owner, lambda db: value(db, "SELECT password_hash FROM users"))
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert world.sign_in(address)


def test_nothing_secret_is_stored_as_it_is(world: World) -> None:
    person = world.person()
    made = world.within(
        person.owner,
        lambda db: identity.create_token(
            db,
            owner=person.owner,
            name="script",
            scopes=["accounts:read"],
            client=world.client(),
            now=NOW,
        ),
    )
    with psycopg.connect(world.place.admin_dsn) as db:
        tables = ("users", "sessions", "api_tokens", "audit_log", "rate_limits")
        dump = "".join(
            str(row)
            for table in tables
            for row in db.execute(f"SELECT t::text FROM strongroom.{table} t")  # type: ignore[arg-type]
        )
    for secret in (PASSWORD, person.secret, made.secret, made.secret.removeprefix("srt_")):
        assert secret not in dump
        assert secret.encode().hex() not in dump
        assert secret not in repr((person, made))


def test_every_time_zone_that_may_be_chosen_is_one_that_postgresql_knows(world: World) -> None:
    async def unknown(db: Any) -> list[str]:
        rows = await db.execute(
            "SELECT wanted FROM unnest(%s::text[]) wanted"
            " WHERE wanted NOT IN (SELECT name FROM pg_timezone_names)",
            (sorted(rules.time_zones()),),
        )
        return [row[0] for row in await rows.fetchall()]

    assert len(rules.time_zones()) > 400
    assert world.within_all(unknown) == []
