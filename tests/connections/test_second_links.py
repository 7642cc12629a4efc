"""A second link to accounts that are linked already: found, offered as a repair, or made anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from strongroom import accounts, audit, connections
from strongroom.connections import (
    Choice,
    FeedError,
    LinkSession,
    LinkSessionNotFound,
    LinkState,
    NothingToDecide,
    Status,
    attending,
    linking,
)
from strongroom.core.ids import ItemId
from tests import book as made
from tests.connections.conftest import BANK, Kari, Visit
from tests.sandbox_plaid.conftest import Refused, Sandbox


def start(kari: Kari, **more: Any) -> LinkSession:
    return kari.run(connections.start(kari.links, owner=kari.owner, **more))


def finish(kari: Kari, session: LinkSession) -> LinkSession:
    return kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session.id))


def decide(kari: Kari, session: LinkSession, choice: Choice) -> LinkSession:
    return kari.run(
        connections.decide(kari.links, owner=kari.owner, session_id=session.id, choice=choice)
    )


def link_by_page(kari: Kari, visit: Visit, *chosen: str) -> LinkSession:
    session = start(kari)
    visit(session).share(*chosen)
    return finish(kari, session)


def first_link(kari: Kari, visit: Visit, *chosen: str) -> ItemId:
    """A link made through the page and read to its end."""
    done = link_by_page(kari, visit, *chosen)
    assert (done.state, done.duplicate_of) == (LinkState.DONE, None)
    assert done.item_id is not None
    kari.sandbox.ready(kari.token(done.item_id))
    kari.sync(done.item_id)
    return done.item_id


def methods(kari: Kari) -> list[str]:
    return [one.method for one in kari.ask(connections.api_events, limit=200)]


def ids_of_accounts(kari: Kari) -> set[Any]:
    return {one.id for one in kari.ask(accounts.list_all)}


def tokens_kept(kari: Kari) -> int:
    ((kept,),) = made.values(
        kari.world,
        "SELECT count(public_token) FROM link_sessions WHERE user_id = %s",
        kari.owner,
    )
    return int(kept)


def test_it_is_found_before_anything_is_exchanged(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0", "1")
    second = link_by_page(kari, visit, "1", "2")
    assert (second.state, second.duplicate_of) == (LinkState.DUPLICATE, item_id)
    assert second.item_id is None
    assert [one.mask for one in second.accounts or ()] == ["1111", "2222"]
    assert methods(kari).count("/item/public_token/exchange") == 1
    assert kari.count("plaid_items") == 1
    held = kari.ask(connections.held_already, session=second)
    assert [(told.mask, ours.mask) for told, ours in held] == [("1111", "1111")]
    assert finish(kari, second) == second  # it waits for the person
    assert tokens_kept(kari) == 1


def test_leaving_it_changes_nothing(kari: Kari, visit: Visit) -> None:
    first_link(kari, visit, "0")
    second = link_by_page(kari, visit, "0")
    for _ in range(2):
        left = decide(kari, second, Choice.LEAVE)
        assert (left.id, left.state) == (second.id, LinkState.EXITED)
    assert tokens_kept(kari) == 0
    for choice in (Choice.ANYWAY, Choice.RECONNECT):
        with pytest.raises(NothingToDecide):
            decide(kari, second, choice)
    assert kari.count("plaid_items") == 1


def test_reconnecting_repairs_the_link_there_is(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0", "1")
    before = ids_of_accounts(kari)
    kari.sandbox.post("/sandbox/item/reset_login", access_token=kari.token(item_id))
    with pytest.raises(FeedError):
        kari.sync(item_id)
    second = link_by_page(kari, visit, "0", "1")
    assert second.duplicate_of == item_id
    repair = decide(kari, second, Choice.RECONNECT)
    assert (repair.mode, repair.purpose, repair.item_id) == ("update", "repair", item_id)
    visit(repair).send("credentials", username="user_good", password="pass_good")
    assert finish(kari, repair).state is LinkState.DONE
    assert kari.item(item_id).status is Status.ACTIVE
    assert ids_of_accounts(kari) == before
    left = kari.ask(connections.get_link_session, session_id=second.id)
    assert (left.state, tokens_kept(kari)) == (LinkState.EXITED, 0)
    assert left.item_id == item_id  # the link gone on with
    done = {one.action for one in kari.ask(audit.list_newest, limit=50)}
    assert "connections.start_repair" in done and "connections.leave_duplicate" not in done


def test_where_nothing_is_wrong_reconnecting_asks_for_accounts(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0")
    second = link_by_page(kari, visit, "0", "1")
    begun = decide(kari, second, Choice.RECONNECT)
    assert (begun.purpose, begun.item_id, begun.state) == ("accounts", item_id, LinkState.OPEN)


def test_someone_elses_sign_in_is_linked_anyway(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0")
    second = link_by_page(kari, visit, "0", "1")
    done = decide(kari, second, Choice.ANYWAY)
    assert done.state is LinkState.DONE
    assert done.item_id not in (None, item_id)
    assert done.item_id is not None
    kari.sandbox.ready(kari.token(done.item_id))
    kari.sync(done.item_id)
    held = [(one.item_id, one.mask) for one in kari.ask(accounts.list_all)]
    assert sorted(held, key=str) == sorted(
        [(item_id, "0000"), (done.item_id, "0000"), (done.item_id, "1111")], key=str
    )
    assert tokens_kept(kari) == 0


def test_other_accounts_and_other_banks_are_no_second_link(kari: Kari, visit: Visit) -> None:
    first_link(kari, visit, "0", "1")
    assert link_by_page(kari, visit, "2", "3").state is LinkState.DONE
    session = start(kari)
    visitor = visit(session)
    visitor.send("institution", institution_id="ins_109509")
    visitor.send("credentials", username="user_good", password="pass_good")
    visitor.send("accounts", account=["0", "1"])
    assert finish(kari, session).state is LinkState.DONE
    assert kari.count("plaid_items") == 3


def test_another_persons_link_is_no_second_one(
    kari: Kari, make_kari: Callable[..., Kari], visit: Visit
) -> None:
    first_link(kari, visit, "0")
    ola = make_kari()
    assert link_by_page(ola, visit, "0").state is LinkState.DONE
    second = link_by_page(kari, visit, "0")
    for choice in Choice:
        with pytest.raises(LinkSessionNotFound):
            decide(ola, second, choice)


def test_it_is_found_before_the_first_was_read(kari: Kari, visit: Visit) -> None:
    first = link_by_page(kari, visit, "0", "1")
    assert kari.ask(accounts.list_all) == []
    second = link_by_page(kari, visit, "1")
    assert (second.state, second.duplicate_of) == (LinkState.DUPLICATE, first.item_id)
    assert link_by_page(kari, visit, "2").state is LinkState.DONE


def test_two_attempts_that_end_at_once_make_one_link(kari: Kari, visit: Visit) -> None:
    sessions = [start(kari) for _ in range(3)]
    for session in sessions:
        visit(session).share("0", "1")

    async def crowd() -> None:
        await asyncio.gather(
            *(
                connections.finish(kari.links, owner=kari.owner, session_id=one.id)
                for one in sessions
            )
        )

    kari.run(crowd())
    states = sorted(finish(kari, one).state for one in sessions)
    assert states == [LinkState.DONE, LinkState.DUPLICATE, LinkState.DUPLICATE]
    assert kari.count("plaid_items") == 1


def test_who_never_chooses_has_changed_nothing(kari: Kari, visit: Visit) -> None:
    first_link(kari, visit, "0")
    second = link_by_page(kari, visit, "0")
    kari.clock.ahead += timedelta(minutes=31)
    kari.run(linking.finish_abandoned_for_all(kari.links))
    ended = kari.ask(connections.get_link_session, session_id=second.id)
    assert (ended.state, tokens_kept(kari)) == (LinkState.EXPIRED, 0)


# --- where Link tells nothing of the accounts


def link_without_page(kari: Kari, **more: Any) -> LinkSession:
    return kari.run(
        connections.link_without_page(kari.links, owner=kari.owner, institution_id=BANK, **more)
    )


def test_without_the_page_the_second_item_is_removed_again(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    second = link_without_page(kari)
    assert (second.state, second.duplicate_of, second.item_id) == (
        LinkState.DUPLICATE, item.id, None,
    )  # fmt: skip
    assert kari.only_item().id == item.id
    last = ["/item/remove", "/accounts/get", "/item/public_token/exchange"]
    assert methods(kari)[:3] == last, "each call is in the log, the newest first"
    assert kari.waiting("sync") == [
        one for one in kari.waiting("sync") if one["item"] == str(item.id)
    ]
    with pytest.raises(NothingToDecide):
        decide(kari, second, Choice.ANYWAY)
    assert decide(kari, second, Choice.LEAVE).state is LinkState.EXITED
    again = link_without_page(kari, anyway=True)
    assert again.state is LinkState.DONE
    assert kari.count("plaid_items") == 2


def test_one_that_was_compared_is_not_asked_for_a_second_time(kari: Kari) -> None:
    item = kari.link()
    assert item.next_try_at is None
    assert [one["item"] for one in kari.waiting("sync")] == [str(item.id)]


def fail_once(
    calm: Sandbox, endpoint: str = "/accounts/get", code: str = "INTERNAL_SERVER_ERROR"
) -> None:
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=[code], endpoints=[endpoint], most=1,
    )  # fmt: skip


def half_made(kari: Kari, calm: Sandbox) -> tuple[UUID, UUID]:
    """A new item whose accounts the bank did not tell, and the attempt that made it."""
    fail_once(calm)
    with pytest.raises(FeedError):
        link_without_page(kari)
    ((item, session),) = made.values(
        kari.world, "SELECT item_id, id FROM link_sessions WHERE state = 'exchanging'"
        " AND user_id = %s", kari.owner,
    )  # fmt: skip
    return item, session


def look_after(kari: Kari) -> None:
    """Let the jobs of one minute from now run, and what they ask for."""
    kari.clock.ahead += timedelta(minutes=1)
    kari.run(linking.finish_abandoned_for_all(kari.links))
    kari.run(attending.ask_silent_for_all(kari.links, silent_for=timedelta(hours=6)))
    for job in kari.waiting("sync_silent"):
        kari.run(kari.jobs()["sync_silent"](**job))


@pytest.mark.parametrize("job", ["sync_after_webhook", "sync_silent", "sync_rest"])
def test_nothing_reads_a_second_item_before_it_was_compared(
    kari: Kari, calm: Sandbox, job: str
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    second, _ = half_made(kari, calm)
    kari.run(kari.jobs()[job](str(kari.owner), str(second)))
    assert kari.only_item().id == item.id


def test_where_a_new_link_cannot_be_compared_its_read_fails_and_is_tried_again(
    kari: Kari, calm: Sandbox
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    second, _ = half_made(kari, calm)
    fail_once(calm)
    kari.run(kari.jobs()["sync_after_webhook"](str(kari.owner), str(second)))
    failed = next(one for one in kari.ask(connections.items) if one.id == second)
    assert (failed.error_code, failed.last_successful_update) == ("INTERNAL_SERVER_ERROR", None)
    (again,) = kari.waiting("sync_silent")
    kari.run(kari.jobs()["sync_silent"](**again))
    assert kari.only_item().id == item.id


def test_a_second_item_goes_although_its_repair_was_begun(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    kari.sync(item.id)
    second, _ = half_made(kari, calm)
    begun = kari.run(connections.start(kari.links, owner=kari.owner, repair=ItemId(second)))
    assert (begun.state, begun.mode) == (LinkState.OPEN, "update")
    look_after(kari)
    assert kari.only_item().id == item.id
    ended = kari.ask(connections.get_link_session, session_id=begun.id)
    assert ended.state is LinkState.EXPIRED


def test_a_crash_before_the_accounts_were_compared_is_taken_up(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    kari.sync(item.id)
    half_made(kari, calm)
    assert kari.count("plaid_items") == 2
    look_after(kari)
    assert kari.only_item().id == item.id


def test_one_whose_bank_wants_a_sign_in_is_compared_once_it_is_repaired(
    kari: Kari, calm: Sandbox, visit: Visit
) -> None:
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=["ITEM_LOGIN_REQUIRED"],
        endpoints=["/accounts/get"], most=2,
    )  # fmt: skip
    with pytest.raises(FeedError):
        link_without_page(kari)
    second = kari.only_item()
    look_after(kari)
    told = kari.item(second.id)
    assert told.status is Status.LOGIN_REQUIRED, "its person is told within a minute"
    assert told.next_try_at is None, "only its person can help"
    asked = methods(kari)
    kari.clock.ahead += timedelta(minutes=1)
    kari.run(linking.finish_abandoned_for_all(kari.links))
    assert methods(kari) == asked
    first = first_link(kari, visit, "0", "1")
    repair = start(kari, repair=second.id)
    visit(repair).send("credentials", username="user_good", password="pass_good")
    finish(kari, repair)
    for job in kari.waiting("sync"):
        kari.run(kari.jobs()["sync"](**job))
    assert kari.only_item().id == first


def test_one_that_is_made_late_is_compared_all_the_same(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    kari.sync(item.id)
    fail_once(calm, "/item/public_token/exchange")
    with pytest.raises(FeedError):
        link_without_page(kari)
    fail_once(calm, "/accounts/get", "ITEM_LOGIN_REQUIRED")
    kari.clock.ahead += timedelta(hours=5)
    kari.run(linking.finish_abandoned_for_all(kari.links))
    assert kari.count("plaid_items") == 2, "exchanged after the attempt had expired"
    look_after(kari)
    assert kari.only_item().id == item.id


def test_one_unlinked_before_it_was_compared_leaves_nothing_half_made(
    kari: Kari, calm: Sandbox
) -> None:
    item, session = half_made(kari, calm)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=ItemId(item)))
    asked = methods(kari)
    look_after(kari)
    assert methods(kari) == asked
    assert kari.ask(connections.get_link_session, session_id=session).state is LinkState.EXITED


def test_an_item_is_not_removed_while_it_is_being_read(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    kari.sync(item.id)
    second, session_id = half_made(kari, calm)

    async def finish_beside_a_read() -> LinkSession:
        async with kari.links.database.lease(f"item {second}") as ours:
            assert ours
            return await connections.finish(kari.links, owner=kari.owner, session_id=session_id)

    asked = methods(kari)
    assert kari.run(finish_beside_a_read()).state is LinkState.EXCHANGING
    assert (kari.count("plaid_items"), methods(kari)) == (2, asked)
    kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session_id))
    assert kari.only_item().id == item.id


def test_an_item_that_plaid_lost_before_it_was_compared_is_lost(kari: Kari, calm: Sandbox) -> None:
    half_made(kari, calm)
    item = kari.only_item()
    kari.sandbox.post("/item/remove", access_token=kari.token(item.id))
    look_after(kari)
    assert kari.ask(connections.items) == []


# --- linking again what was unlinked, or withdrawn


def test_what_was_unlinked_is_linked_again_with_its_history(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0", "1")
    before = ids_of_accounts(kari)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item_id))
    again = first_link(kari, visit, "0", "1")
    assert again != item_id
    assert ids_of_accounts(kari) == before
    assert {one.item_id for one in kari.ask(accounts.list_all)} == {again}


def test_what_is_gone_at_plaid_is_linked_again_by_reconnecting(kari: Kari, visit: Visit) -> None:
    item_id = first_link(kari, visit, "0", "1")
    before = ids_of_accounts(kari)
    token = kari.token(item_id)
    kari.sandbox.post("/item/remove", access_token=token)
    session = start(kari, repair=item_id)
    assert (session.mode, session.item_id) == ("link", None)
    gone = kari.item(item_id)
    assert (gone.status, gone.error_code) == (Status.REVOKED, "ITEM_NOT_FOUND")
    visitor = visit(session)
    visitor.send("credentials", username="user_good", password="pass_good")
    visitor.send("accounts", account=["0", "1"])
    done = finish(kari, session)
    assert (done.state, done.duplicate_of) == (LinkState.DONE, None)
    assert done.item_id is not None
    assert kari.item(item_id).status is Status.DISCONNECTED
    kari.sandbox.ready(kari.token(done.item_id))
    kari.sync(done.item_id)
    assert ids_of_accounts(kari) == before
    with pytest.raises(Refused):
        kari.sandbox.post("/item/get", access_token=token)
