"""Linking a bank, repairing and ending it: through Plaid's own pages, and through crashes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from strongroom import accounts, audit, connections, transactions
from strongroom.connections import (
    FeedError,
    ItemNotFound,
    LinkIsDisconnected,
    LinkSession,
    LinkSessionNotFound,
    LinkState,
    Status,
    linking,
)
from strongroom.core.db import Database
from strongroom.core.ids import ItemId, new_id
from tests import book as made
from tests.connections.conftest import BANK, Kari, Visit
from tests.sandbox_plaid.conftest import Sandbox


def start(kari: Kari, **more: Any) -> LinkSession:
    return kari.run(connections.start(kari.links, owner=kari.owner, **more))


def finish(kari: Kari, session: LinkSession) -> LinkSession:
    return kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session.id))


def events(kari: Kari) -> list[tuple[Any, ...]]:
    return [
        (one.type, one.error_code, one.error_type, one.request_id is not None)
        for one in kari.ask(connections.link_events)
    ]


def actions(kari: Kari) -> list[str]:
    rows = kari.ask(audit.list_newest, limit=50)
    return [row.action for row in reversed(rows)]


def test_a_bank_is_linked_through_plaids_pages(kari: Kari, visit: Visit) -> None:
    session = start(kari)
    assert (session.mode, session.state, session.item_id) == ("link", LinkState.OPEN, None)
    assert finish(kari, session) == session  # nothing has happened at the bank yet
    visit(session).share("0", "1")
    done = finish(kari, session)
    item = kari.only_item()
    assert (done.state, done.item_id, done.error_code) == (LinkState.DONE, item.id, None)
    assert (item.status, item.institution_name) == (Status.ACTIVE, done.institution_name)
    assert events(kari) == [("success", None, None, False)]
    assert actions(kari) == ["connections.start_link", "connections.link"]
    assert [job["item"] for job in kari.waiting("sync")] == [str(item.id)]
    assert finish(kari, done) == done  # a second tab, a webhook, a sweep: all safe
    assert kari.count("plaid_items") == 1
    kari.sandbox.ready(kari.token(item.id))
    kari.sync(item.id)
    assert len(kari.ask(accounts.list_all)) == 2


def test_many_finish_at_once_one_item_is_made(kari: Kari, visit: Visit) -> None:
    session = start(kari)
    visit(session).share("0")

    async def crowd() -> None:
        await asyncio.gather(
            *(
                connections.finish(kari.links, owner=kari.owner, session_id=session.id)
                for _ in range(4)
            )
        )

    kari.run(crowd())
    assert finish(kari, session).state is LinkState.DONE
    assert kari.count("plaid_items") == 1
    assert len(events(kari)) == 1


def test_leaving_without_an_error(kari: Kari, visit: Visit) -> None:
    session = start(kari)
    visit(session).send("cancel")
    left = finish(kari, session)
    assert (left.state, left.error_code, left.item_id) == (LinkState.EXITED, None, None)
    assert events(kari) == [("exit", None, None, False)]
    assert kari.ask(connections.items) == []


def test_leaving_with_an_error(kari: Kari, visit: Visit) -> None:
    session = start(kari)
    visitor = visit(session)
    visitor.send("institution", institution_id=BANK)
    visitor.send("credentials", username="user_good", password="wrong")
    visitor.send("cancel")
    left = finish(kari, session)
    assert (left.state, left.error_code) == (LinkState.EXITED, "INVALID_CREDENTIALS")
    assert events(kari) == [("exit", "INVALID_CREDENTIALS", "ITEM_ERROR", True)]


def test_an_attempt_that_nobody_made_expires(kari: Kari) -> None:
    session = start(kari)
    kari.clock.ahead += session.expires_at - session.created_at + timedelta(seconds=1)
    assert finish(kari, session).state is LinkState.EXPIRED
    assert events(kari) == []


# --- crashes


def reserved(kari: Kari) -> tuple[LinkSession, str]:
    """An attempt whose process died before the exchange: the public token is kept, sealed."""
    session = start(kari, institution_id=BANK)
    feed = kari.links.feed()
    token = kari.run(
        feed.create_public_token(
            institution_id=BANK, username="user_good", password="pass_good",
            webhook=kari.links.webhook_url,
        )
    )  # fmt: skip

    async def keep(db: Any) -> None:
        sealed = await kari.links.seal(
            db, kari.owner, "link_sessions.public_token", session.id, token
        )
        await db.execute(
            "UPDATE link_sessions SET state = 'exchanging', public_token = %s WHERE id = %s",
            (sealed, session.id),
        )

    kari.world.within(kari.owner, keep)
    return session, token


def test_an_attempt_left_before_its_exchange_is_taken_up(kari: Kari) -> None:
    session, _ = reserved(kari)
    kari.clock.ahead += timedelta(minutes=2)
    assert kari.run(linking.finish_abandoned_for_all(kari.links)) >= 1
    done = kari.ask(connections.get_link_session, session_id=session.id)
    assert (done.state, done.item_id) == (LinkState.DONE, kari.only_item().id)
    assert tokens_kept(kari) == 0


def tokens_kept(kari: Kari) -> int:
    ((kept,),) = made.values(
        kari.world,
        "SELECT count(public_token) FROM link_sessions WHERE user_id = %s",
        kari.owner,
    )
    return int(kept)


def test_a_crash_between_exchange_and_store_is_found_and_said(kari: Kari) -> None:
    session, token = reserved(kari)
    kari.sandbox.post("/item/public_token/exchange", public_token=token)  # the process dies here
    lost = finish(kari, session)
    assert (lost.state, lost.error_code, lost.item_id) == (
        LinkState.LOST, "INVALID_PUBLIC_TOKEN", None,
    )  # fmt: skip
    assert kari.ask(connections.items) == []
    assert actions(kari) == ["connections.start_link", "connections.lose_link"]
    assert tokens_kept(kari) == 0
    refused = kari.ask(connections.api_events)[0]
    assert (refused.method, refused.error_code) == (
        "/item/public_token/exchange", "INVALID_PUBLIC_TOKEN",
    )  # fmt: skip
    assert refused.request_id
    assert finish(kari, session) == lost


def sweep(kari: Kari) -> int:
    return kari.run(linking.finish_abandoned_for_all(kari.links))


def state(kari: Kari, session: LinkSession) -> LinkState:
    return kari.ask(connections.get_link_session, session_id=session.id).state


def spoil(kari: Kari, session: LinkSession, token: str) -> None:
    """Make an attempt's link token one that Plaid does not know."""

    async def write(db: Any) -> None:
        sealed = await kari.links.seal(
            db, kari.owner, "link_sessions.link_token", session.id, token
        )
        await db.execute(
            "UPDATE link_sessions SET link_token = %s WHERE id = %s", (sealed, session.id)
        )

    kari.world.within(kari.owner, write)


def test_one_bad_attempt_does_not_stop_the_sweep_for_others(kari: Kari) -> None:
    unknown, unreadable = start(kari), start(kari)
    spoil(kari, unknown, "link-local-nobody-knows")
    made.values(kari.world, "UPDATE link_sessions SET link_token = '\\x00' WHERE id = %s"
                " RETURNING 1", unreadable.id)  # fmt: skip
    kari.clock.ahead += timedelta(seconds=1)
    good, _ = reserved(kari)
    kari.clock.ahead += timedelta(minutes=2)
    assert sweep(kari) >= 3
    assert state(kari, good) is LinkState.DONE
    assert state(kari, unknown) is state(kari, unreadable) is LinkState.OPEN
    assert sweep(kari) == 0  # they wait behind the others
    kari.clock.ahead += unknown.expires_at - unknown.created_at + timedelta(minutes=11)
    sweep(kari)
    assert state(kari, unknown) is state(kari, unreadable) is LinkState.EXPIRED
    kari.clock.ahead += timedelta(minutes=2)
    assert sweep(kari) == 0


def test_an_attempt_that_plaid_has_forgotten_has_expired(kari: Kari) -> None:
    session = start(kari)
    spoil(kari, session, "link-local-nobody-knows")
    with pytest.raises(FeedError) as refused:
        finish(kari, session)
    assert refused.value.error_code == "INVALID_LINK_TOKEN"
    kari.clock.ahead += session.expires_at - session.created_at + timedelta(seconds=1)
    assert finish(kari, session).state is LinkState.EXPIRED


def test_many_people_finish_at_once_on_few_connections(kari: Kari, visit: Visit) -> None:
    sessions = [start(kari) for _ in range(8)]
    visit(sessions[0]).share("0")

    async def crowd() -> list[LinkSession]:
        place = kari.world.place
        async with Database(place.app_dsn, size=1) as narrow:
            links = replace(kari.links, database=narrow)
            return await asyncio.gather(
                *(
                    connections.finish(links, owner=kari.owner, session_id=one.id)
                    for one in sessions
                )
            )

    done = kari.run(crowd())
    assert [one.state for one in done] == [LinkState.DONE] + [LinkState.OPEN] * 7


def test_the_bank_that_was_chosen_is_known_at_once(kari: Kari) -> None:
    session, _ = reserved(kari)
    finish(kari, session)
    assert kari.only_item().institution_id == BANK


def test_the_log_says_who_it_was(kari: Kari) -> None:
    reserved(kari)
    kari.clock.ahead += timedelta(minutes=2)
    sweep(kari)
    item = kari.only_item()
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id, actor="cli"))
    kari.run(connections.start(kari.links, owner=kari.owner, actor="token:t"))
    rows = [(row.action, row.actor) for row in reversed(kari.ask(audit.list_newest, limit=9))]
    assert rows == [
        ("connections.start_link", "person"), ("connections.link", "system"),
        ("connections.unlink", "cli"), ("connections.start_link", "token:t"),
    ]  # fmt: skip


def test_while_plaid_fails_an_attempt_stays_to_be_finished(kari: Kari, calm: Sandbox) -> None:
    session, _ = reserved(kari)
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=["INTERNAL_SERVER_ERROR"],
        endpoints=["/item/public_token/exchange"], most=1,
    )  # fmt: skip
    with pytest.raises(FeedError):
        finish(kari, session)
    assert kari.ask(connections.get_link_session, session_id=session.id).state == "exchanging"
    assert finish(kari, session).state is LinkState.DONE


def test_a_refusal_to_start_leaves_no_attempt_and_is_logged(kari: Kari) -> None:
    with pytest.raises(FeedError) as refused:
        start(kari, institution_id="ins_none")
    assert refused.value.error_code == "INVALID_INSTITUTION"
    assert kari.count("link_sessions") == 0
    assert [one.error_code for one in kari.ask(connections.api_events)] == ["INVALID_INSTITUTION"]


def test_wrong_keys_say_which_settings_to_check(make_kari: Callable[..., Kari]) -> None:
    stranger = make_kari(client_id="somebody-else")
    with pytest.raises(FeedError) as refused:
        start(stranger)
    assert refused.value.error_code == "INVALID_API_KEYS"
    assert refused.value.hint is not None and "PLAID_CLIENT_ID" in refused.value.hint


def test_when_nobody_answers_it_says_so(make_kari: Callable[..., Kari]) -> None:
    kari = make_kari(url="http://127.0.0.1:1")
    with pytest.raises(FeedError) as refused:
        start(kari)
    assert (refused.value.error_type, refused.value.error_code) == ("NETWORK", "NO_ANSWER")
    assert refused.value.will_pass
    assert [one.error_code for one in kari.ask(connections.api_events)] == ["NO_ANSWER"]


# --- repairing


def test_update_mode_repairs(kari: Kari, visit: Visit) -> None:
    item = kari.linked()
    kari.sync(item.id)
    token = kari.token(item.id)
    kari.sandbox.post("/sandbox/item/reset_login", access_token=token)
    with pytest.raises(FeedError):
        kari.sync(item.id)
    assert kari.item(item.id).status is Status.LOGIN_REQUIRED
    assert kari.item(item.id).needs_person
    held = kari.count("transactions")
    session = start(kari, repair=item.id)
    assert (session.mode, session.item_id) == ("update", item.id)
    visit(session).send("credentials", username="user_good", password="pass_good")
    done = finish(kari, session)
    assert (done.state, done.item_id) == (LinkState.DONE, item.id)
    after = kari.item(item.id)
    assert (after.status, after.error_code) == (Status.ACTIVE, None)
    assert actions(kari)[-2:] == ["connections.start_repair", "connections.repair"]
    assert kari.token(item.id) == token  # the item is the same, and so is its token
    kari.sync(item.id)
    assert kari.item(item.id).failures == 0
    assert kari.count("transactions") >= held
    assert kari.count("plaid_items") == 1


# --- ending


def test_unlinking_destroys_the_token_and_keeps_the_history(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    token, held = kari.token(item.id), kari.count("transactions")
    assert held > 0
    gone = kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert (gone.status, gone.update_status, gone.next_try_at) == (Status.DISCONNECTED, None, None)
    ((sealed,),) = made.values(
        kari.world, "SELECT access_token FROM plaid_items WHERE id = %s", item.id
    )
    assert sealed is None
    with pytest.raises(Exception, match="ITEM_NOT_FOUND"):
        kari.sandbox.post("/item/get", access_token=token)
    assert kari.count("transactions") == held
    assert len(kari.ask(accounts.list_all)) > 0
    page = kari.ask(transactions.search, filter=transactions.Filter(), limit=1)
    assert page.items[0].account_name
    assert actions(kari) == [
        "connections.start_link", "connections.link", "connections.unlink",
    ]  # fmt: skip
    for again in (
        connections.unlink(kari.links, owner=kari.owner, item_id=item.id),
        connections.start(kari.links, owner=kari.owner, repair=item.id),
    ):
        with pytest.raises(LinkIsDisconnected):
            kari.run(again)


def test_what_plaid_has_forgotten_can_be_unlinked(kari: Kari) -> None:
    item = kari.link()
    kari.sandbox.post("/item/remove", access_token=kari.token(item.id))
    gone = kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert gone.status is Status.DISCONNECTED


def test_while_plaid_fails_nothing_is_unlinked(kari: Kari, calm: Sandbox) -> None:
    item = kari.link()
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=["INTERNAL_SERVER_ERROR"],
        endpoints=["/item/remove"], most=1,
    )  # fmt: skip
    with pytest.raises(FeedError):
        kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert kari.item(item.id).status is Status.ACTIVE
    assert kari.token(item.id)


# --- whose it is


def test_another_persons_are_not_found(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item, session = kari.link(), start(kari)
    ola = make_kari()
    with pytest.raises(LinkSessionNotFound):
        finish(ola, session)
    with pytest.raises(LinkSessionNotFound):
        ola.ask(connections.get_link_session, session_id=session.id)
    for item_id in (item.id, ItemId(new_id())):
        with pytest.raises(ItemNotFound):
            ola.ask(connections.get_item, item_id=item_id)
        with pytest.raises(ItemNotFound):
            start(ola, repair=item_id)
        with pytest.raises(ItemNotFound):
            ola.run(connections.unlink(ola.links, owner=ola.owner, item_id=item_id))
        with pytest.raises(ItemNotFound):
            ola.ask(connections.ask_for_sync, item_id=item_id, now=ola.clock())
    for read in (connections.items, connections.refreshes, connections.link_events):
        assert ola.ask(read) == []
    assert [one.method for one in ola.ask(connections.api_events)] == []
    assert kari.item(item.id).status is Status.ACTIVE


def test_banks_are_found_by_name(kari: Kari) -> None:
    def names(query: str) -> set[str]:
        found = kari.run(connections.institutions(kari.links, owner=kari.owner, query=query))
        assert all(one.id.startswith("ins_") and one.countries for one in found)
        return {one.name for one in found}

    assert len(names("")) > 3
    assert any("Gingham" in name for name in names("gingham"))
    assert names("no bank of that name") == set()


def test_no_secret_is_kept_in_the_clear(kari: Kari) -> None:
    """Every column of every table, as the administrator of the database could read it."""
    item = kari.linked()
    session = start(kari)
    kari.sync(item.id)
    token = kari.token(item.id)
    tables = made.values(
        kari.world,
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'strongroom' AND c.relkind = 'r'"
        " AND has_table_privilege(c.oid, 'SELECT')",
    )
    assert len(tables) > 20
    for (table,) in tables:
        found = made.values(
            kari.world,
            f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%%access-%%'"
            " OR t::text LIKE '%%public-sandbox%%' OR t::text LIKE '%%link-sandbox%%'"
            " OR position(encode(%s, 'hex') in t::text) > 0",
            token.encode(),
        )
        assert found == [(0,)], table
    assert token.startswith("access-") and session.hosted_link_url is not None
    assert token not in repr(kari.links) and "secret-under-test" not in repr(kari.links)
