"""Webhooks: stored before they are answered, drained once, and each moves its item on."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from strongroom import connections, identity
from strongroom.connections import BadWebhook, Item, LinkState, Status, WebhookKeys
from strongroom.connections import webhooks as drained
from strongroom.core.ids import SYSTEM
from tests import book as made
from tests.connections.conftest import Kari, Visitor, hook
from tests.connections.test_signatures import Plaid
from tests.identity.conftest import World
from tests.sandbox_plaid.conftest import Inbox, Sandbox, wait_until


@pytest.fixture(autouse=True)
def _empty(world: World) -> None:
    """Only this test's webhooks wait."""

    async def forget(db: Any) -> None:
        await db.execute("DELETE FROM webhook_events")

    world.within_all(forget)


@pytest.fixture
def signer(kari: Kari) -> Plaid:
    """Plaid's signature for bodies of the test's own."""
    return Plaid()


def receive(kari: Kari, signer: Plaid, body: bytes) -> None:
    signature = signer.sign(body, at=kari.clock())
    kari.run(connections.receive(kari.links, WebhookKeys(signer.fetch), body, signature))


def tell(
    kari: Kari, signer: Plaid, item: Item | None, kind: str, code: str, more: str = ""
) -> None:
    item_id = item.plaid_item_id if item else "nobody's"
    facts = f'"webhook_type": "{kind}", "webhook_code": "{code}", "item_id": "{item_id}"'
    receive(kari, signer, f"{{{facts}{more}}}".encode())


def drain(kari: Kari) -> int:
    return kari.run(drained.drain_for_all(kari.links))


def states(kari: Kari) -> list[tuple[Any, ...]]:
    return made.values(
        kari.world, "SELECT webhook_code, state, attempts, times_seen FROM webhook_events"
        " ORDER BY received_at, id",
    )  # fmt: skip


def notices(kari: Kari) -> list[str]:
    found = kari.ask(identity.list_notifications, limit=50)
    return [one.title for one in found.items]


def test_plaids_own_are_stored_once_though_sent_thrice(kari: Kari, inbox: Inbox) -> None:
    item = kari.linked()
    body, signature = hook(inbox, "HISTORICAL_UPDATE", item)
    keys = connections.keys_for(kari.links)
    for _ in range(3):
        kari.run(connections.receive(kari.links, keys, body, signature))
    assert states(kari) == [("HISTORICAL_UPDATE", "received", 0, 3)]
    assert drain(kari) == 1
    assert drain(kari) == 0
    assert states(kari) == [("HISTORICAL_UPDATE", "done", 1, 3)]
    assert kari.waiting("sync_after_webhook") == [
        {"owner": str(kari.owner), "item": str(item.id)}
    ]  # fmt: skip
    events = made.values(
        kari.world, "SELECT method FROM plaid_api_events WHERE user_id = %s", SYSTEM
    )
    assert ("/webhook_verification_key/get",) in events


def test_what_is_not_plaids_leaves_no_trace(kari: Kari, signer: Plaid) -> None:
    body = b'{"webhook_type": "ITEM", "webhook_code": "ERROR"}'
    keys = WebhookKeys(signer.fetch)
    attempts = [
        (body, None),
        (body, signer.sign(b"other", at=kari.clock())),
        (body, signer.sign(body, at=kari.clock() - timedelta(minutes=6))),
        (b"not json", signer.sign(b"not json", at=kari.clock())),
        (b"[]", signer.sign(b"[]", at=kari.clock())),
        (b"x" * 300_000, signer.sign(b"x" * 300_000, at=kari.clock())),
    ]
    for sent, signature in attempts:
        with pytest.raises(BadWebhook):
            kari.run(connections.receive(kari.links, keys, sent, signature))
    assert states(kari) == []


def test_the_same_words_later_are_news_again(kari: Kari, signer: Plaid) -> None:
    """Plaid's SYNC_UPDATES_AVAILABLE reads the same each day, and each day it means new rows."""
    item = kari.link()
    for day in range(3):
        tell(kari, signer, item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE")
        assert states(kari)[0][1] == "received"
        assert drain(kari) == 1
        assert states(kari) == [("SYNC_UPDATES_AVAILABLE", "done", 1, day + 1)]
        assert len(kari.waiting("sync_after_webhook")) == 1
        finish_jobs(kari)
        kari.clock.ahead += timedelta(days=1)


def finish_jobs(kari: Kari) -> None:
    async def finish(db: Any) -> None:
        await db.execute("UPDATE procrastinate_jobs SET status = 'succeeded'")

    kari.world.within_all(finish)


def test_two_drainers_at_once_handle_each_once(kari: Kari, signer: Plaid) -> None:
    item = kari.link()
    for number in range(40):
        tell(kari, signer, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE", f', "n": {number}')

    async def both() -> list[int]:
        return await asyncio.gather(*(drained.drain_for_all(kari.links) for _ in range(4)))

    assert sum(kari.run(both())) == 40
    assert {(state, attempts) for _, state, attempts, _ in states(kari)} == {("done", 1)}
    assert len(notices(kari)) == 40


def test_an_unknown_item_waits_an_hour_then_is_set_aside(kari: Kari, signer: Plaid) -> None:
    tell(kari, signer, None, "TRANSACTIONS", "INITIAL_UPDATE")
    assert drain(kari) == 1
    assert states(kari)[0][:3] == ("INITIAL_UPDATE", "failed", 1)
    assert drain(kari) == 0  # it rests before it is tried again
    kari.clock.ahead += timedelta(minutes=30)
    assert drain(kari) == 1
    assert states(kari)[0][1] == "failed"
    kari.clock.ahead += timedelta(minutes=31)
    assert drain(kari) == 1
    assert states(kari)[0][1] == "dead"
    kari.clock.ahead += timedelta(days=1)
    assert drain(kari) == 0


def test_a_webhook_that_overtakes_its_exchange_is_handled_after_it(
    kari: Kari, signer: Plaid
) -> None:
    item = kari.link()
    made.values(kari.world, "UPDATE plaid_items SET plaid_item_id = 'on its way' WHERE id = %s"
                " RETURNING 1", item.id)  # fmt: skip
    tell(kari, signer, item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE")
    drain(kari)
    assert kari.waiting("sync_after_webhook") == []
    made.values(kari.world, "UPDATE plaid_items SET plaid_item_id = %s WHERE id = %s RETURNING 1",
                item.plaid_item_id, item.id)  # fmt: skip
    kari.clock.ahead += timedelta(seconds=10)
    assert drain(kari) == 1
    assert states(kari)[0][1:3] == ("done", 2)
    assert len(kari.waiting("sync_after_webhook")) == 1


@pytest.mark.parametrize("code", ["SYNC_UPDATES_AVAILABLE", "INITIAL_UPDATE", "HISTORICAL_UPDATE",
                                  "DEFAULT_UPDATE", "TRANSACTIONS_REMOVED"])  # fmt: skip
def test_new_rows_make_us_ask_once(kari: Kari, signer: Plaid, code: str) -> None:
    item = kari.link()
    for number in range(3):
        tell(kari, signer, item, "TRANSACTIONS", code, f', "new_transactions": {number}')
    drain(kari)
    assert kari.waiting("sync_after_webhook") == [{"owner": str(kari.owner), "item": str(item.id)}]


_LOGIN = ', "error": {"error_code": "ITEM_LOGIN_REQUIRED"}'
_MOVES = [
    ("ERROR", _LOGIN, Status.ACTIVE, None, None),
    ("ERROR", ', "error": "a text"', Status.ACTIVE, None, None),
    ("PENDING_EXPIRATION", ', "consent_expiration_time": "2026-12-01T00:00:00Z"',
     Status.PENDING_EXPIRATION, None, "consent"),
    ("PENDING_DISCONNECT", ', "reason": "INSTITUTION_MIGRATION"', Status.PENDING_DISCONNECT,
     "INSTITUTION_MIGRATION", "will stop"),
    ("PENDING_DISCONNECT", ', "reason": "a\\u0000b"', Status.PENDING_DISCONNECT, "a\ufffdb",
     "will stop"),
    ("USER_PERMISSION_REVOKED", "", Status.ACTIVE, None, None),
    ("USER_ACCOUNT_REVOKED", "", Status.ACTIVE, None, None),
    ("NEW_ACCOUNTS_AVAILABLE", "", Status.ACTIVE, None, "new account"),
    ("WEBHOOK_UPDATE_ACKNOWLEDGED", "", Status.ACTIVE, None, None),
    ("SOMETHING_NEW_AT_PLAID", "", Status.ACTIVE, None, None),
]  # fmt: skip


@pytest.mark.parametrize(("code", "more", "status", "error", "notice"), _MOVES)
def test_each_moves_its_item(
    kari: Kari, signer: Plaid, code: str, more: str, status: Status, error: str | None,
    notice: str | None,
) -> None:  # fmt: skip
    item = kari.link()
    tell(kari, signer, item, "ITEM", code, more)
    drain(kari)
    after = kari.item(item.id)
    assert (after.status, after.error_code) == (status, error)
    told = notices(kari)
    assert len(told) == (notice is not None)
    assert notice is None or notice in told[0]
    if code == "PENDING_EXPIRATION":
        assert str(after.consent_expires_at) == "2026-12-01 00:00:00+00:00"
    # Said again in other words, it is the same state and no second notice.
    if status is not Status.ACTIVE:
        tell(kari, signer, item, "ITEM", code, more + ', "again": true')
        drain(kari)
        assert kari.item(item.id).status is status
        assert len(notices(kari)) == len(told)


def test_a_repaired_login_is_read_at_once(kari: Kari, signer: Plaid) -> None:
    item = kari.linked()
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    heed(kari, signer, item, "ERROR", _LOGIN)
    assert kari.item(item.id).status is Status.LOGIN_REQUIRED
    before = len(kari.ask(connections.refreshes, item_id=item.id))
    tell(kari, signer, item, "ITEM", "LOGIN_REPAIRED")
    drain(kari)
    assert kari.item(item.id).status is Status.ACTIVE
    newest = kari.ask(connections.refreshes, item_id=item.id)
    assert len(newest) == before + 1
    assert newest[0].refresh_type == "webhook"


def break_item(kari: Kari, item: Item, code: str | None) -> None:
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/error", code=code)


def heed(kari: Kari, signer: Plaid, item: Item, code: str, more: str = "") -> None:
    """Receive a webhook about an item and do what it makes us do."""
    tell(kari, signer, item, "ITEM", code, more)
    drain(kari)
    for job in kari.waiting("sync_after_webhook"):
        kari.run(kari.jobs()["sync_after_webhook"](**job))
    finish_jobs(kari)


@pytest.mark.parametrize(
    ("code", "error", "status", "said"),
    [
        ("ERROR", "ITEM_LOGIN_REQUIRED", Status.LOGIN_REQUIRED, "sign in again"),
        ("ERROR", "USER_PERMISSION_REVOKED", Status.REVOKED, "no longer lets us"),
        ("USER_PERMISSION_REVOKED", "USER_PERMISSION_REVOKED", Status.REVOKED, "no longer lets us"),
    ],
)
def test_a_broken_item_is_found_so_and_told_once(
    kari: Kari, signer: Plaid, code: str, error: str, status: Status, said: str
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    break_item(kari, item, error)
    for number in range(3):
        heed(kari, signer, item, code, f', "error": {{"error_code": "{error}"}}, "n": {number}')
        assert (kari.item(item.id).status, kari.item(item.id).error_code) == (status, error)
    assert len(notices(kari)) == 1
    assert said in notices(kari)[0]


def test_bad_news_that_comes_late_or_twice_leaves_a_healthy_link_alone(
    kari: Kari, signer: Plaid
) -> None:
    """Plaid sends again for a day; meanwhile the person has signed in and all is well."""
    item = kari.linked()
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    heed(kari, signer, item, "ERROR", _LOGIN)
    assert kari.item(item.id).needs_person
    break_item(kari, item, None)
    heed(kari, signer, item, "LOGIN_REPAIRED")
    kari.sync(item.id)
    told = notices(kari)
    for code in ("ERROR", "USER_PERMISSION_REVOKED"):
        heed(kari, signer, item, code, _LOGIN)
        assert kari.item(item.id).status is Status.ACTIVE
    assert notices(kari) == told


def test_an_unlinked_bank_is_left_alone(kari: Kari, signer: Plaid) -> None:
    item = kari.link()
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    tell(kari, signer, item, "ITEM", "ERROR", _LOGIN)
    tell(kari, signer, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE")
    assert drain(kari) == 2
    assert kari.item(item.id).status is Status.DISCONNECTED
    assert notices(kari) == []


def test_one_that_cannot_be_handled_never_blocks_the_rest(kari: Kari, signer: Plaid) -> None:
    item = kari.link()
    tell(kari, signer, item, "ITEM", "PENDING_EXPIRATION", ', "consent_expiration_time": "soon"')
    # A moment that Python can write down and PostgreSQL cannot.
    tell(kari, signer, item, "ITEM", "PENDING_EXPIRATION",
         ', "consent_expiration_time": "0001-01-01T00:00:00+14:00"')  # fmt: skip
    tell(kari, signer, item, "TRANSACTIONS", "DEFAULT_UPDATE")
    assert drain(kari) == 3
    assert [(code, state) for code, state, _, _ in states(kari)] == [
        ("PENDING_EXPIRATION", "failed"), ("PENDING_EXPIRATION", "failed"),
        ("DEFAULT_UPDATE", "done"),
    ]  # fmt: skip
    assert kari.item(item.id).status is Status.ACTIVE  # half a step is none
    tries = 1
    while states(kari)[0][1] == "failed":
        kari.clock.ahead += timedelta(minutes=10)
        tries += drain(kari) // 2
        assert tries < 20
    assert [state for _, state, _, _ in states(kari)] == ["dead", "dead", "done"]
    assert tries == 10


def test_the_end_of_a_link_session_is_finished_by_a_job(
    kari: Kari, sandbox: Sandbox, inbox: Inbox
) -> None:
    session = kari.run(connections.start(kari.links, owner=kari.owner))
    visitor = Visitor(session.hosted_link_url)
    visitor.share("0")
    visitor.close()
    wait_until(lambda: "SESSION_FINISHED" in inbox.codes(), "the end of the session")
    body, signature = next(
        (raw, signature) for told, raw, signature in inbox.got
        if told["webhook_code"] == "SESSION_FINISHED"
    )  # fmt: skip
    keys = connections.keys_for(kari.links)
    kari.run(connections.receive(kari.links, keys, body, signature))
    assert b'"public_token' in body and b'"link_token"' in body
    ((kept,),) = made.values(kari.world, "SELECT body FROM webhook_events")
    assert b"public-" not in kept and b'"link_token"' not in kept
    drain(kari)
    (job,) = kari.waiting("finish_link")
    assert job == {"owner": str(kari.owner), "session": str(session.id)}
    kari.run(kari.jobs()["finish_link"](**job))
    done = kari.ask(connections.get_link_session, session_id=session.id)
    assert (done.state, done.item_id) == (LinkState.DONE, kari.only_item().id)


def test_the_end_of_an_unknown_session_is_set_aside(kari: Kari, signer: Plaid) -> None:
    receive(
        kari,
        signer,
        b'{"webhook_type": "LINK", "webhook_code": "SESSION_FINISHED", "link_token": "link-x"}',
    )
    drain(kari)
    assert states(kari)[0][1] == "dead"


@pytest.mark.parametrize(
    "body",
    [
        '{"webhook_type": "ITEM\\u0000", "webhook_code": "ERROR"}',
        '{"webhook_type": "ITEM", "webhook_code": "ERR\\ud800OR"}',
        '{"webhook_type": "ITEM", "webhook_code": 7}',
        '{"webhook_type": null, "webhook_code": "ERROR"}',
        '{"webhook_code": "ERROR"}',
        '{"webhook_type": "ITEM", "webhook_code": "ERROR", "item_id": 7}',
        '{"webhook_type": "ITEM", "webhook_code": "ERROR", "item_id": "a\\u0000"}',
    ],
)
def test_what_cannot_be_stored_is_refused(kari: Kari, signer: Plaid, body: str) -> None:
    with pytest.raises(BadWebhook, match="is not a text"):
        receive(kari, signer, body.encode())
    assert states(kari) == []
