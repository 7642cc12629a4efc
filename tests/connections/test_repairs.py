"""Update mode: repairing a link in every order things can happen, and choosing accounts anew."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from strongroom import accounts, audit, connections, identity
from strongroom.connections import (
    FeedError,
    Item,
    LinkIsDisconnected,
    LinkSession,
    LinkState,
    Status,
)
from tests import book as made
from tests.connections.conftest import Kari, Visit
from tests.sandbox_plaid.conftest import Refused


def start(kari: Kari, **more: Any) -> LinkSession:
    return kari.run(connections.start(kari.links, owner=kari.owner, **more))


def finish(kari: Kari, session: LinkSession) -> LinkSession:
    return kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session.id))


def sign_in(visit: Visit, session: LinkSession) -> None:
    visit(session).send("credentials", username="user_good", password="pass_good")


def actions(kari: Kari) -> list[str]:
    return [row.action for row in reversed(kari.ask(audit.list_newest, limit=50))]


@pytest.fixture
def broken(kari: Kari) -> Item:
    """A link that was read, and now wants a new sign-in."""
    item = kari.linked()
    kari.sync(item.id)
    kari.sandbox.post("/sandbox/item/reset_login", access_token=kari.token(item.id))
    with pytest.raises(FeedError):
        kari.sync(item.id)
    return kari.item(item.id)


def test_a_repair_keeps_token_accounts_and_history(kari: Kari, visit: Visit, broken: Item) -> None:
    before = {one.id: one.item_id for one in kari.ask(accounts.list_all)}
    token, rows = kari.token(broken.id), kari.count("transactions")
    session = start(kari, repair=broken.id)
    assert (session.mode, session.purpose, session.state) == ("update", "repair", LinkState.OPEN)
    sign_in(visit, session)
    assert finish(kari, session).state is LinkState.DONE
    kari.sync(broken.id)
    assert {one.id: one.item_id for one in kari.ask(accounts.list_all)} == before
    assert (kari.token(broken.id), kari.count("plaid_items")) == (token, 1)
    assert kari.count("transactions") == rows


def test_two_repairs_at_once_one_sign_in_serves_both(
    kari: Kari, visit: Visit, broken: Item
) -> None:
    one, other = (start(kari, repair=broken.id) for _ in range(2))
    assert finish(kari, other).state is LinkState.OPEN
    sign_in(visit, one)
    assert finish(kari, one).state is LinkState.DONE
    assert finish(kari, other).state is LinkState.DONE
    assert finish(kari, one).state is LinkState.DONE  # twice is well
    assert actions(kari).count("connections.repair") == 2
    assert kari.item(broken.id).status is Status.ACTIVE


def test_who_leaves_a_page_that_another_window_made_needless_is_done(
    kari: Kari, visit: Visit, broken: Item
) -> None:
    one, other = (start(kari, repair=broken.id) for _ in range(2))
    sign_in(visit, one)
    visit(other).send("cancel")
    assert finish(kari, other).state is LinkState.DONE  # Plaid says that nothing is wrong
    assert kari.item(broken.id).status is Status.ACTIVE


def test_what_was_repaired_elsewhere_needs_no_sign_in(
    kari: Kari, visit: Visit, broken: Item
) -> None:
    sign_in(visit, start(kari, repair=broken.id))  # and nobody told us how it went
    assert kari.item(broken.id).status is Status.LOGIN_REQUIRED
    at_once = start(kari, repair=broken.id)
    assert at_once.state is LinkState.DONE
    assert kari.item(broken.id).status is Status.ACTIVE
    assert [one["item"] for one in kari.waiting("sync")][-1] == str(broken.id)


def test_leaving_or_waiting_too_long_repairs_nothing(
    kari: Kari, visit: Visit, broken: Item
) -> None:
    left, late = start(kari, repair=broken.id), start(kari, repair=broken.id)
    visit(left).send("cancel")
    assert finish(kari, left).state is LinkState.EXITED
    kari.clock.ahead += late.expires_at - late.created_at + timedelta(seconds=1)
    assert finish(kari, late).state is LinkState.EXPIRED
    assert kari.item(broken.id).status is Status.LOGIN_REQUIRED


def test_a_person_may_sign_in_again_where_nothing_is_wrong(kari: Kari, visit: Visit) -> None:
    item = kari.linked()
    kari.sync(item.id)
    session = start(kari, repair=item.id)
    assert (session.purpose, session.state) == ("consent", LinkState.OPEN)
    assert finish(kari, session).state is LinkState.OPEN
    visit(session).send("cancel")
    assert finish(kari, session).state is LinkState.EXITED  # not done: consent was not given


def test_a_link_that_was_ended_meanwhile_is_not_repaired(
    kari: Kari, visit: Visit, broken: Item
) -> None:
    session = start(kari, repair=broken.id)
    sign_in(visit, session)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=broken.id))
    finish(kari, session)
    assert kari.item(broken.id).status is Status.DISCONNECTED
    with pytest.raises(LinkIsDisconnected):
        kari.sync(broken.id)


# --- accounts chosen anew


def offer(kari: Kari, item: Item) -> None:
    """The bank has one more account, and its person was asked."""
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/new_account", webhook=False)
    made.values(
        kari.world,
        "UPDATE plaid_items SET new_accounts_at = now() WHERE id = %s RETURNING 1",
        item.id,
    )


def link_some(kari: Kari, visit: Visit, *chosen: str) -> Item:
    session = start(kari)
    visit(session).share(*chosen)
    done = finish(kari, session)
    assert done.item_id is not None
    kari.sandbox.ready(kari.token(done.item_id))
    kari.sync(done.item_id)
    return kari.item(done.item_id)


def test_a_new_account_is_added_when_the_person_chooses_it(kari: Kari, visit: Visit) -> None:
    item = link_some(kari, visit, "0", "1")
    before = {one.id for one in kari.ask(accounts.list_all)}
    offer(kari, item)
    session = start(kari, repair=item.id, select_accounts=True)
    assert session.purpose == "accounts"
    visitor = visit(session)
    visitor.send("credentials", username="user_good", password="pass_good")
    visitor.send("accounts", account=["0", "1", "12"])
    assert finish(kari, session).state is LinkState.DONE
    assert kari.item(item.id).new_accounts_at is None
    assert actions(kari)[-1] == "connections.choose_accounts"
    kari.sync(item.id)
    after = kari.ask(accounts.list_all)
    assert before < {one.id for one in after}
    assert [one.name for one in after if one.id not in before] == ["New Savings"]


def test_new_accounts_may_be_left_out(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    offer(kari, item)
    for _ in range(2):
        told = kari.ask(connections.dismiss_new_accounts, item_id=item.id, now=kari.clock())
        assert told.new_accounts_at is None
    held = len(kari.ask(accounts.list_all))
    kari.sync(item.id)
    assert len(kari.ask(accounts.list_all)) == held


# --- limits, and ending


def test_no_more_attempts_begin_than_an_hour_allows(kari: Kari) -> None:
    for _ in range(30):
        start(kari)
    with pytest.raises(identity.TooManyAttempts) as refused:
        start(kari)
    assert refused.value.retry_after_seconds
    assert kari.count("link_sessions") == 30
    kari.clock.ahead += timedelta(hours=1, seconds=1)
    start(kari)


def test_banks_are_not_searched_without_end(kari: Kari) -> None:
    async def search() -> None:
        for _ in range(121):
            await connections.institutions(kari.links, owner=kari.owner, query="platypus")

    with pytest.raises(identity.TooManyAttempts):
        kari.run(search())


@pytest.mark.parametrize("closing", [False, True], ids=["kept", "closed"])
def test_unlinking_keeps_accounts_counting_or_closes_them(kari: Kari, closing: bool) -> None:
    item = kari.linked()
    kari.sync(item.id)
    token = kari.token(item.id)
    kari.run(
        connections.unlink(kari.links, owner=kari.owner, item_id=item.id, close_accounts=closing)
    )
    held = kari.ask(accounts.list_all)
    assert {one.closed_at is not None for one in held} == {closing}
    with pytest.raises(Refused):
        kari.sandbox.post("/item/get", access_token=token)


def test_waking_a_link_again_and_again_reads_its_bank_no_more_often_than_asking(kari: Kari) -> None:
    item = kari.linked()
    asked = len(kari.waiting("sync"))
    for _ in range(5):
        kari.ask(connections.pause, item_id=item.id, actor="person", now=kari.clock())
        kari.ask(connections.resume, item_id=item.id, actor="person", now=kari.clock())
    assert len(kari.waiting("sync")) == asked + 1
    soon = kari.item(item.id).next_try_at
    assert soon is not None and soon - kari.clock() <= timedelta(seconds=30)
    kari.clock.ahead += timedelta(seconds=31)
    kari.run(kari.jobs()["watch"]())
    assert [one["item"] for one in kari.waiting("sync_silent")] == [str(item.id)]
