"""Access tokens: renewed by age and on demand, lost answers found out, destroyed at the end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from strongroom import accounts, audit, connections, identity
from strongroom.connections import (
    FeedError,
    Item,
    ItemNotFound,
    LinkIsDisconnected,
    LinkState,
    Status,
    SyncIsRunning,
    tokens,
)
from strongroom.core.ids import ItemId, new_id
from tests import book as made
from tests.connections.conftest import Kari, Visit
from tests.sandbox_plaid.conftest import Refused, Sandbox

INVALIDATE = "/item/access_token/invalidate"


@pytest.fixture
def item(kari: Kari) -> Item:
    """A link that was read to its end."""
    linked = kari.linked()
    kari.sync(linked.id)
    return kari.item(linked.id)


def renew(kari: Kari, item: Item) -> Item:
    return kari.run(connections.renew_token(kari.links, owner=kari.owner, item_id=item.id))


def actions(kari: Kari) -> list[str]:
    return [row.action for row in reversed(kari.ask(audit.list_newest, limit=50))]


def works(kari: Kari, token: str) -> bool:
    try:
        kari.sandbox.post("/item/get", access_token=token)
    except Refused as refused:
        assert refused.code == "INVALID_ACCESS_TOKEN"
        return False
    return True


def asked(kari: Kari, item: Item) -> bool:
    ((at,),) = made.values(
        kari.world, "SELECT token_asked_at FROM plaid_items WHERE id = %s", item.id
    )
    return at is not None


def look_after(kari: Kari) -> None:
    kari.clock.ahead += timedelta(minutes=3)
    kari.run(tokens.look_after_lost_for_all(kari.links))


def test_on_demand_the_old_token_is_dead_and_reading_goes_on(kari: Kari, item: Item) -> None:
    old, rows = kari.token(item.id), kari.count("transactions")
    kari.clock.ahead += timedelta(hours=1)
    renewed = renew(kari, item)
    assert renewed.token_renewed_at is not None and item.token_renewed_at is not None
    assert renewed.token_renewed_at > item.token_renewed_at
    new = kari.token(item.id)
    assert (works(kari, old), works(kari, new)) == (False, True)
    assert kari.sync(item.id).status == "success"
    assert kari.count("transactions") == rows
    assert actions(kari)[-1] == "connections.renew_token"
    assert not asked(kari, item)


def test_neither_token_is_told_to_anybody(kari: Kari, item: Item) -> None:
    old = kari.token(item.id)
    renew(kari, item)
    calls = kari.ask(connections.api_events, limit=200)
    assert [one.arguments for one in calls if one.method == INVALIDATE] == [{}]
    told = repr(calls) + repr(kari.ask(audit.list_newest, limit=50)) + repr(kari.item(item.id))
    assert old not in told
    assert kari.token(item.id) not in told


def test_it_is_renewed_by_age_once(kari: Kari, item: Item) -> None:
    old = kari.token(item.id)
    kari.run(tokens.renew_old_for_all(kari.links))
    assert kari.token(item.id) == old
    kari.clock.ahead += timedelta(days=91)
    never = replace(kari.links, token_life=None)
    assert kari.run(tokens.renew_old_for_all(never)) == 0
    kari.run(tokens.renew_old_for_all(kari.links))
    new = kari.token(item.id)
    assert new != old
    kari.run(tokens.renew_old_for_all(kari.links))
    assert kari.token(item.id) == new
    assert kari.ask(audit.list_newest, limit=1)[0].actor == "system"


def test_the_daily_job_is_there(kari: Kari) -> None:
    kari.run(kari.jobs()["renew_tokens"]())


def test_of_many_each_is_renewed(kari: Kari) -> None:
    held = [kari.link("user_custom", _custom(place)).id for place in range(3)]
    before = [kari.token(one) for one in held]
    kari.clock.ahead += timedelta(days=91)
    small = kari.run(_in_batches_of(kari, 2))
    assert small >= 3
    assert all(kari.token(one) != old for one, old in zip(held, before, strict=True))


def _custom(place: int) -> str:
    return (
        '{"override_accounts": [{"type": "depository", "subtype": "checking",'
        f' "meta": {{"name": "Account {place}", "mask": "000{place}"}}}}]}}'
    )


async def _in_batches_of(kari: Kari, size: int) -> int:
    return await tokens.renew_old_for_all(kari.links, batch=size)


def test_while_it_is_read_it_keeps_its_token(kari: Kari, item: Item) -> None:
    old = kari.token(item.id)
    kari.clock.ahead += timedelta(days=91)

    async def while_read() -> None:
        async with kari.links.database.lease(f"item {item.id}") as ours:
            assert ours
            await tokens.renew_old_for_all(kari.links)
            with pytest.raises(SyncIsRunning):
                await connections.renew_token(kari.links, owner=kari.owner, item_id=item.id)

    kari.run(while_read())
    assert kari.token(item.id) == old


def test_a_plain_no_changes_nothing(kari: Kari, item: Item, calm: Sandbox) -> None:
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=["INVALID_FIELD"],
        endpoints=[INVALIDATE], most=1,
    )  # fmt: skip
    old = kari.token(item.id)
    with pytest.raises(FeedError):
        renew(kari, item)
    assert (kari.token(item.id), works(kari, old), asked(kari, item)) == (old, True, False)
    assert kari.item(item.id).status is Status.ACTIVE


def test_a_question_that_never_arrived_is_found_to_have_done_nothing(
    kari: Kari, item: Item, make_kari: Callable[..., Kari]
) -> None:
    old = kari.token(item.id)
    nowhere = make_kari(url="http://127.0.0.1:1").links.provider
    with pytest.raises(FeedError):
        kari.run(
            connections.renew_token(
                replace(kari.links, provider=nowhere), owner=kari.owner, item_id=item.id
            )
        )
    assert asked(kari, item)
    look_after(kari)
    assert not asked(kari, item)
    assert (kari.token(item.id), kari.item(item.id).status) == (old, Status.ACTIVE)


def test_a_lost_answer_is_found_out_said_and_mended_by_linking_again(
    kari: Kari, item: Item, calm: Sandbox, visit: Visit
) -> None:
    before = {one.id for one in kari.ask(accounts.list_all)}
    rows = kari.count("transactions")
    old = kari.token(item.id)
    calm.control("POST", "/faults", rates={"cut": 1}, endpoints=[INVALIDATE], most=1)
    with pytest.raises(FeedError):
        renew(kari, item)
    assert not works(kari, old)
    assert asked(kari, item)
    look_after(kari)
    lost = kari.item(item.id)
    assert (lost.status, lost.error_code, lost.needs_person) == (
        Status.REVOKED, connections.TOKEN_LOST, True,
    )  # fmt: skip
    assert actions(kari)[-1] == "connections.lose_token"
    assert len(kari.ask(identity.list_notifications, limit=10).items) == 1
    look_after(kari)
    assert len(kari.ask(identity.list_notifications, limit=10).items) == 1
    # No update mode without a token: the way back is a new link, and it takes the history over.
    session = kari.run(connections.start(kari.links, owner=kari.owner, repair=item.id))
    assert session.mode == "link"
    visitor = visit(session)
    visitor.send("credentials", username="user_good", password="pass_good")
    visitor.send("accounts", account=[str(place) for place in range(12)])
    done = kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session.id))
    assert done.state is LinkState.DONE and done.item_id is not None
    kari.sandbox.ready(kari.token(done.item_id))
    kari.sync(done.item_id)
    assert {one.id for one in kari.ask(accounts.list_all)} == before
    assert kari.item(item.id).status is Status.DISCONNECTED
    shown = kari.ask(connections.items)
    assert [one.status for one in shown] == [Status.DISCONNECTED, Status.ACTIVE]
    assert rows > 0


def test_a_read_that_meets_the_dead_token_first_is_told_apart_later(
    kari: Kari, item: Item, calm: Sandbox
) -> None:
    calm.control("POST", "/faults", rates={"cut": 1}, endpoints=[INVALIDATE], most=1)
    with pytest.raises(FeedError):
        renew(kari, item)
    with pytest.raises(FeedError):
        kari.sync(item.id)
    assert kari.item(item.id).error_code == "INVALID_ACCESS_TOKEN"
    look_after(kari)
    assert kari.item(item.id).error_code == connections.TOKEN_LOST


def _ask_nowhere(kari: Kari, make_kari: Callable[..., Kari], item: Item) -> Kari:
    """Have a new token asked for where nothing answers; return the person who asks there."""
    nowhere = make_kari(url="http://127.0.0.1:1").links.provider
    there = replace(kari, links=replace(kari.links, provider=nowhere))
    with pytest.raises(FeedError):
        renew(there, item)
    assert asked(kari, item)
    kari.clock.ahead += timedelta(minutes=1)
    return there


def _looked_into(kari: Kari) -> list[str | None]:
    calls = kari.ask(connections.api_events, limit=200)
    return [one.error_code for one in calls if one.method == "/item/get"]


def test_a_silent_plaid_is_waited_for_once(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    look_after(kari)  # what earlier tests left
    first, second = (kari.link("user_custom", _custom(place)) for place in range(2))
    there = _ask_nowhere(kari, make_kari, first)
    _ask_nowhere(kari, make_kari, second)
    before = len(_looked_into(kari))
    look_after(there)
    assert len(_looked_into(kari)) == before + 1
    assert (asked(kari, first), asked(kari, second)) == (True, True)
    look_after(kari)
    assert (asked(kari, first), asked(kari, second)) == (False, False)


def test_one_that_cannot_be_found_out_about_goes_behind_the_others(
    kari: Kari, make_kari: Callable[..., Kari], calm: Sandbox
) -> None:
    look_after(kari)  # what earlier tests left
    first, second = (kari.link("user_custom", _custom(place)) for place in range(2))
    for one in (first, second):
        _ask_nowhere(kari, make_kari, one)
    calm.control(
        "POST", "/faults", rates={"error": 1}, error_codes=["INVALID_FIELD"],
        endpoints=["/item/get"], most=1,
    )  # fmt: skip
    kari.clock.ahead += timedelta(minutes=3)
    assert kari.run(tokens.look_after_lost_for_all(kari.links, batch=1)) == 0
    assert kari.run(tokens.look_after_lost_for_all(kari.links, batch=1)) == 1
    assert (asked(kari, first), asked(kari, second)) == (True, False)
    look_after(kari)
    assert not asked(kari, first)


def test_whoever_stops_waiting_breaks_nothing(kari: Kari, item: Item, calm: Sandbox) -> None:
    calm.control(
        "POST", "/faults", rates={"slow": 1}, slow_seconds=1, endpoints=[INVALIDATE], most=1
    )

    async def give_up() -> None:
        asking = asyncio.create_task(
            connections.renew_token(kari.links, owner=kari.owner, item_id=item.id)
        )
        while not await _is_asked(kari, item):
            await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking

    kari.run(give_up())
    assert works(kari, kari.token(item.id))
    assert not asked(kari, item)


async def _is_asked(kari: Kari, item: Item) -> bool:
    async with kari.links.database.unit_of_work(kari.owner) as db:
        found = await db.execute(
            "SELECT token_asked_at IS NOT NULL FROM plaid_items WHERE id = %s", (item.id,)
        )
        row = await found.fetchone()
    return bool(row and row[0])


def test_it_is_not_renewed_without_end(kari: Kari, item: Item) -> None:
    for _ in range(5):
        renew(kari, item)
    with pytest.raises(identity.TooManyAttempts):
        renew(kari, item)
    assert works(kari, kari.token(item.id))


def test_only_its_person_renews_it(kari: Kari, item: Item, make_kari: Callable[..., Kari]) -> None:
    ola, old = make_kari(), kari.token(item.id)
    for item_id in (item.id, ItemId(new_id())):
        with pytest.raises(ItemNotFound):
            ola.run(connections.renew_token(ola.links, owner=ola.owner, item_id=item_id))
    assert kari.token(item.id) == old


# --- destroyed


def test_unlinking_destroys_it_at_once(kari: Kari, item: Item) -> None:
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert _tokens(kari) == [None]
    with pytest.raises(LinkIsDisconnected):
        renew(kari, item)


def test_erasing_a_person_leaves_no_token(kari: Kari, item: Item) -> None:
    assert len(_tokens(kari)) == 1
    made.values(kari.world, "DELETE FROM users WHERE id = %s RETURNING 1", kari.owner)
    assert _tokens(kari) == []
    assert kari.count("link_sessions") == 0


def _tokens(kari: Kari) -> list[Any]:
    rows = made.values(
        kari.world, "SELECT access_token FROM plaid_items WHERE user_id = %s", kari.owner
    )
    return [token for (token,) in rows]
