"""Sessions, limits, settings and notifications through the door, on a real database."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from strongroom import audit, identity
from strongroom.core.db import value
from strongroom.core.errors import NotFound
from strongroom.core.ids import new_id
from strongroom.core.paging import BadCursor
from strongroom.identity import callers, queries, sessions
from tests.identity.conftest import NOW, World

DAY = timedelta(days=1)


def opens(world: World, session: identity.NewSession, at: Any) -> bool:
    async def find() -> bool:
        async with world.database.unit_of_work_for_nobody() as db:
            return await sessions.find(db, session.secret, now=at) is not None

    return world.run(find())


def use(world: World, session: identity.NewSession, at: Any) -> None:
    """Do what a request does to the session it comes with."""

    async def touch() -> None:
        async with world.database.unit_of_work_for_nobody() as db:
            found = await callers.by_session(db, world.database, session.secret, world.client(), at)
            assert found is not None

    world.run(touch())


def test_a_session_ends_after_two_weeks_without_use(world: World) -> None:
    session = world.person()
    assert opens(world, session, NOW + 14 * DAY - timedelta(seconds=1))
    assert not opens(world, session, NOW + 14 * DAY)


def test_a_session_ends_after_ninety_days_however_much_it_is_used(world: World) -> None:
    session = world.person()
    at = NOW
    while at < NOW + 80 * DAY:
        at += 10 * DAY
        use(world, session, at)
    assert opens(world, session, NOW + 90 * DAY - timedelta(seconds=1))
    assert not opens(world, session, NOW + 90 * DAY)
    assert session.expires_at == NOW + 90 * DAY


def test_the_last_use_is_kept_to_the_minute(world: World) -> None:
    session = world.person()

    def seen() -> Any:
        return world.within(
            session.owner, lambda db: value(db, "SELECT last_seen_at FROM sessions")
        )

    use(world, session, NOW + timedelta(seconds=59))
    assert seen() == NOW
    later = NOW + timedelta(seconds=61)
    use(world, session, later)
    assert seen() == later


def test_nobody_ends_or_sees_anothers_session(world: World) -> None:
    kari, ola = world.person(), world.person()
    with pytest.raises(identity.SessionNotFound) as caught:
        world.within(
            ola.owner,
            lambda db: identity.end_session(
                db, owner=ola.owner, session_id=kari.id, client=world.client(), now=NOW
            ),
        )
    assert isinstance(caught.value, NotFound)
    # Not even by giving another owner than the unit of work has.
    listed = world.within(
        ola.owner, lambda db: identity.list_sessions(db, owner=kari.owner, now=NOW)
    )
    assert listed == []
    assert opens(world, kari, NOW)


def test_a_made_up_secret_opens_nothing(world: World) -> None:
    session = world.person()
    for secret in ("", session.secret[:-1], session.secret + "A", "A" * 43):
        forged = identity.NewSession(session.owner, session.id, session.expires_at, secret)
        assert not opens(world, forged, NOW)


def test_what_has_ended_long_ago_is_forgotten(own_world: World) -> None:
    kept, ended = own_world.sign_up("kari@example.com"), own_world.sign_in("kari@example.com")
    own_world.within(
        ended.owner,
        lambda db: identity.sign_out(
            db, owner=ended.owner, session_id=ended.id, client=own_world.client(), now=NOW
        ),
    )
    forget = identity.forget_ended_for_all
    assert own_world.within_all(lambda db: forget(db, now=NOW + 29 * DAY)) == 0
    assert own_world.within_all(lambda db: forget(db, now=NOW + 31 * DAY)) == 1
    assert own_world.within_all(lambda db: value(db, "SELECT count(*) FROM rate_limits")) == 0
    left = own_world.within(kept.owner, lambda db: value(db, "SELECT id FROM sessions"))
    assert left == kept.id


def test_a_limit_lets_exactly_so_many_through_however_they_come(world: World) -> None:
    key = f"test {new_id()}"

    async def attempt() -> bool:
        try:
            async with world.database.unit_of_work_for_nobody() as db:
                await identity.take(db, key, 7, timedelta(minutes=1), now=NOW)
        except identity.TooManyAttempts:
            return False
        return True

    async def many() -> list[bool]:
        return await asyncio.gather(*(attempt() for _ in range(30)))

    assert world.run(many()).count(True) == 7
    assert world.run(many()).count(True) == 0
    stored = world.within_all(
        lambda db: value(db, "SELECT count(*) FROM rate_limits WHERE key LIKE %s", ("test%",))
    )
    assert stored == 0  # the key is a hash


def test_settings_change_together_or_not_at_all_and_the_log_names_fields_only(
    world: World,
) -> None:
    person = world.person()

    def change(**wanted: Any) -> identity.Settings:
        return world.within(
            person.owner,
            lambda db: identity.change_settings(
                db, owner=person.owner, wanted=wanted, client=world.client(), now=NOW
            ),
        )

    assert change(currency="nok", time_zone="Europe/Oslo").currency == "NOK"
    with pytest.raises(identity.BadChoice):
        change(currency="SEK", theme="pink")
    kept = world.within(person.owner, lambda db: identity.get_settings(db, owner=person.owner))
    assert (kept.currency, kept.time_zone, kept.theme) == ("NOK", "Europe/Oslo", "auto")
    change(currency="NOK")  # changes nothing, so nothing is recorded
    rows = world.within(person.owner, lambda db: audit.list_newest(db, owner=person.owner))
    changes = [row.details for row in rows if row.action == "identity.settings_changed"]
    assert changes == [{"fields": ["currency", "time_zone"]}]


def test_notifications_come_newest_first_page_by_page_and_are_read_once(world: World) -> None:
    person, other = world.person(), world.person()

    async def fill(db: Any) -> None:
        for number in range(7):
            await identity.notify(
                db,
                owner=person.owner,
                type="test",
                title=f"Number {number}",
                body="…",
                link="/connections",
                now=NOW + timedelta(seconds=number // 2),  # some at the same instant
            )

    world.within(person.owner, fill)

    def page(after: str | None = None) -> Any:
        return world.within(
            person.owner,
            lambda db: identity.list_notifications(db, owner=person.owner, after=after, limit=3),
        )

    seen, cursor = [], None
    while True:
        found = page(cursor)
        seen += [one.title for one in found.items]
        cursor = found.next
        if cursor is None:
            break
    assert seen == [f"Number {number}" for number in reversed(range(7))]
    with pytest.raises(BadCursor):
        page("nonsense")

    newest = page().items[0].id

    def read(owner: Any, at: Any) -> None:
        world.within(
            owner,
            lambda db: identity.read_notification(db, owner=owner, notification_id=newest, now=at),
        )

    read(person.owner, NOW)
    read(person.owner, NOW + DAY)
    assert page().items[0].read_at == NOW
    with pytest.raises(identity.NotificationNotFound):
        read(other.owner, NOW)

    def unread() -> int:
        return world.within(person.owner, lambda db: identity.count_unread(db, owner=person.owner))

    assert unread() == 6
    world.within(
        person.owner,
        lambda db: identity.read_all_notifications(db, owner=person.owner, now=NOW),
    )
    assert unread() == 0


@pytest.mark.parametrize("link", ["https://evil.example", "//evil.example", "/\\evil", "x"])
def test_a_notification_links_to_our_own_pages_only(world: World, link: str) -> None:
    person = world.person()
    with pytest.raises(ValueError, match="page of ours"):
        world.within(
            person.owner,
            lambda db: identity.notify(
                db, owner=person.owner, type="t", title="t", body="b", link=link, now=NOW
            ),
        )


def test_a_token_ends_when_it_was_told_to(world: World) -> None:
    person = world.person()

    def create(**more: Any) -> identity.NewApiToken:
        return world.within(
            person.owner,
            lambda db: identity.create_token(
                db,
                owner=person.owner,
                name="script",
                scopes=["accounts:read"],
                client=world.client(),
                now=NOW,
                **more,
            ),
        )

    def works(made: identity.NewApiToken, at: Any) -> bool:
        async def find() -> bool:
            async with world.database.unit_of_work_for_nobody() as db:
                found = await callers.by_token(db, world.database, made.secret, world.client(), at)
                return found is not None

        return world.run(find())

    short, endless = create(expires_at=NOW + DAY), create()
    assert works(short, NOW + DAY - timedelta(seconds=1))
    assert not works(short, NOW + DAY)
    assert works(endless, NOW + 1000 * DAY)
    with pytest.raises(identity.ExpiryHasPassed):
        create(expires_at=NOW)
    with pytest.raises(identity.TooManyTokens):
        for _ in range(60):
            create()


def test_a_unit_of_work_may_go_on_only_as_the_one_it_found(world: World) -> None:
    kari, ola = world.person(), world.person()

    async def look() -> tuple[Any, Any]:
        async with world.database.unit_of_work_for_nobody() as db:
            before = await value(db, "SELECT count(*) FROM users")
            await queries.become(db, kari.owner)
            return before, await value(db, "SELECT array_agg(id) FROM users")

    assert world.run(look()) == (0, [kari.owner])

    async def after() -> Any:
        async with world.database.unit_of_work_for_nobody() as db:
            return await value(db, "SELECT count(*) FROM users")

    assert world.run(after()) == 0  # nothing is carried over in the pool
    assert ola.owner != kari.owner
