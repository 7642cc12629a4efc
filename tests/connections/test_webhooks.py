"""Webhooks: stored before they are answered, drained once, and each moves its item on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from strongroom import accounts, connections, identity
from strongroom.connections import (
    BadWebhook,
    Item,
    LinkIsPaused,
    LinkState,
    Status,
    StoredWebhook,
    WebhookKeys,
    queries,
    standing,
)
from strongroom.connections import webhooks as drained
from strongroom.core.db import Database
from strongroom.core.errors import Unavailable
from strongroom.core.ids import SYSTEM, new_id
from tests import book as made
from tests.connections.conftest import Kari, Visit, Visitor, hook
from tests.connections.test_signatures import Plaid
from tests.connections.test_syncing import is_true
from tests.house import free_ports
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


def receive(kari: Kari, signer: Plaid, body: bytes, at: datetime | None = None) -> None:
    signature = signer.sign(body, at=at or kari.clock())
    kari.run(connections.receive(kari.links, WebhookKeys(signer.fetch), body, signature))


def tell(
    kari: Kari,
    signer: Plaid,
    item: Item | None,
    kind: str,
    code: str,
    more: str = "",
    at: datetime | None = None,
) -> None:
    """Receive a webhook in these words, signed now or ``at`` an earlier instant."""
    item_id = item.plaid_item_id if item else "nobody's"
    facts = f'"webhook_type": "{kind}", "webhook_code": "{code}", "item_id": "{item_id}"'
    receive(kari, signer, f"{{{facts}{more}}}".encode(), at)


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
    assert len(notices(kari)) == 1


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


def test_all_webhooks_of_one_event_ask_once_and_its_rows_go_and_come(
    kari: Kari, inbox: Inbox
) -> None:
    """Pending rows that post: Plaid tells of it by three webhooks, of which one names what went."""
    item = kari.linked("user_transactions_dynamic", "x")
    kari.sync(item.id)
    finish_jobs(kari)
    kari.sandbox.post("/transactions/refresh", access_token=kari.token(item.id))
    keys = connections.keys_for(kari.links)
    codes = ("SYNC_UPDATES_AVAILABLE", "TRANSACTIONS_REMOVED", "DEFAULT_UPDATE")
    for code in codes:
        kari.run(connections.receive(kari.links, keys, *hook(inbox, code, item)))
    assert drain(kari) == len(codes)
    assert {(code, state) for code, state, _, _ in states(kari)} == {(one, "done") for one in codes}
    (job,) = kari.waiting("sync_after_webhook")
    kari.run(kari.jobs()["sync_after_webhook"](**job))
    finish_jobs(kari)
    why = [one.refresh_type for one in kari.ask(connections.refreshes, item_id=item.id)]
    assert why.count(connections.Why.WEBHOOK) == 1
    is_true(kari, item)


_LOGIN = ', "error": {"error_code": "ITEM_LOGIN_REQUIRED"}'
_MOVES = [
    ("ERROR", _LOGIN, Status.ACTIVE, None),
    ("ERROR", ', "error": "a text"', Status.ACTIVE, None),
    ("PENDING_EXPIRATION", ', "consent_expiration_time": "2026-12-01T00:00:00Z"',
     Status.ACTIVE, None),
    ("PENDING_DISCONNECT", ', "reason": "INSTITUTION_MIGRATION"', Status.PENDING_DISCONNECT,
     "will stop"),
    ("PENDING_DISCONNECT", ', "disconnect_time": "2001-01-01T00:00:00Z"', Status.ACTIVE, None),
    # Moments that Python can write down and PostgreSQL cannot, or the other way round.
    ("PENDING_DISCONNECT", ', "disconnect_time": "0001-01-01T00:00:00+14:00"', Status.ACTIVE, None),
    ("PENDING_DISCONNECT", ', "disconnect_time": "9999-12-31T23:59:59-14:00"',
     Status.PENDING_DISCONNECT, "will stop"),
    ("USER_PERMISSION_REVOKED", "", Status.ACTIVE, None),
    ("USER_ACCOUNT_REVOKED", ', "account_id": "nobody\'s"', Status.ACTIVE, None),
    ("NEW_ACCOUNTS_AVAILABLE", "", Status.ACTIVE, "new account"),
    ("WEBHOOK_UPDATE_ACKNOWLEDGED", "", Status.ACTIVE, None),
    ("SOMETHING_NEW_AT_PLAID", "", Status.ACTIVE, None),
]  # fmt: skip
_ONLY_NOTED = {"WEBHOOK_UPDATE_ACKNOWLEDGED", "NEW_ACCOUNTS_AVAILABLE"}


@pytest.mark.parametrize(("code", "more", "status", "notice"), _MOVES)
def test_each_asks_and_only_what_no_answer_tells_is_noted(
    kari: Kari, signer: Plaid, code: str, more: str, status: Status, notice: str | None
) -> None:
    item = kari.link()
    tell(kari, signer, item, "ITEM", code, more)
    drain(kari)
    assert kari.item(item.id).status is status
    assert len(kari.waiting("sync_after_webhook")) == (code not in _ONLY_NOTED)
    told = notices(kari)
    assert len(told) == (notice is not None)
    assert notice is None or notice in told[0]
    # Said again in other words, it is the same state and no second notice.
    tell(kari, signer, item, "ITEM", code, more + ', "again": true')
    drain(kari)
    assert kari.item(item.id).status is status
    assert len(notices(kari)) == len(told)


@pytest.mark.parametrize(
    ("kind", "code"),
    [("TRANSACTIONS", "RECURRING_TRANSACTIONS_UPDATE"), ("HOLDINGS", "DEFAULT_UPDATE"),
     ("INVESTMENTS_TRANSACTIONS", "DEFAULT_UPDATE"),
     ("INVESTMENTS_TRANSACTIONS", "HISTORICAL_UPDATE"), ("LIABILITIES", "DEFAULT_UPDATE")],
)  # fmt: skip
def test_news_of_a_product_makes_us_ask(kari: Kari, signer: Plaid, kind: str, code: str) -> None:
    item = kari.link()
    tell(kari, signer, item, kind, code)
    drain(kari)
    assert len(kari.waiting("sync_after_webhook")) == 1


def test_what_was_never_asked_for_is_noted_and_nothing_more(kari: Kari, signer: Plaid) -> None:
    item = kari.link()
    tell(kari, signer, item, "IDENTITY", "DEFAULT_UPDATE")
    tell(kari, signer, None, "TRANSFER", "TRANSFER_EVENTS_UPDATE")
    drain(kari)
    assert [state for _, state, _, _ in states(kari)] == ["done", "done"]
    assert kari.waiting("sync_after_webhook") == []


def test_a_repaired_login_is_asked_for_and_the_answer_decides(kari: Kari, signer: Plaid) -> None:
    item = kari.linked()
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    heed(kari, signer, item, "ERROR", _LOGIN)
    assert kari.item(item.id).status is Status.LOGIN_REQUIRED
    # It comes late: the login is broken again by then, and nobody says that all is well.
    heed(kari, signer, item, "LOGIN_REPAIRED")
    assert kari.item(item.id).status is Status.LOGIN_REQUIRED
    break_item(kari, item, None)
    heed(kari, signer, item, "LOGIN_REPAIRED", ', "n": 2')
    assert kari.item(item.id).status is Status.ACTIVE
    newest = kari.ask(connections.refreshes, item_id=item.id)
    assert newest[0].refresh_type == "webhook"


def test_a_consent_that_ends_is_what_the_item_says(kari: Kari, signer: Plaid) -> None:
    item = kari.linked()
    kari.sync(item.id)
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/pending_expiration", days=5)
    heed(kari, signer, item, "PENDING_EXPIRATION")
    after = kari.item(item.id)
    assert after.status is Status.PENDING_EXPIRATION
    assert after.consent_expires_at is not None
    assert "consent" in notices(kari)[0]
    kari.sync(item.id)
    assert len(notices(kari)) == 1


def test_a_bank_that_ends_a_link_whose_consent_ends_anyhow_is_told_too(
    kari: Kari, signer: Plaid
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/pending_expiration", days=5)
    heed(kari, signer, item, "PENDING_EXPIRATION")
    ends = (kari.clock() + timedelta(days=3)).isoformat()
    heed(kari, signer, item, "PENDING_DISCONNECT", f', "disconnect_time": "{ends}"')
    after = kari.item(item.id)
    assert after.consent_expires_at is not None and after.disconnects_at is not None
    told = notices(kari)
    assert len(told) == 2
    assert any("will stop" in one for one in told) and any("consent" in one for one in told)
    kari.sync(item.id)
    assert len(notices(kari)) == 2


def test_a_warning_stands_until_it_is_heeded_and_does_not_come_back(
    kari: Kari, signer: Plaid
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    ends = (kari.clock() + timedelta(days=7)).isoformat()
    warned = f', "reason": "INSTITUTION_TOKEN_EXPIRATION", "disconnect_time": "{ends}"'
    heed(kari, signer, item, "PENDING_DISCONNECT", warned)
    assert kari.item(item.id).status is Status.PENDING_DISCONNECT  # though it was read well since

    async def repair(db: Any) -> None:
        found = await queries.lock_item(db, kari.owner, item.id)
        assert found is not None
        await standing.repaired(db, owner=kari.owner, item=found, now=kari.clock())

    kari.world.within(kari.owner, repair)
    assert kari.item(item.id).status is Status.ACTIVE
    told = notices(kari)
    kari.clock.ahead += timedelta(hours=2)
    for late in (warned, ', "reason": "INSTITUTION_MIGRATION"'):
        heed(kari, signer, item, "PENDING_DISCONNECT", late)
        assert kari.item(item.id).status is Status.ACTIVE
    assert notices(kari) == told
    heed(kari, signer, item, "NEW_ACCOUNTS_AVAILABLE")
    assert kari.item(item.id).new_accounts_at is not None  # a sign-in answers for no account
    kari.clock.ahead += timedelta(days=30)
    heed(kari, signer, item, "PENDING_DISCONNECT", ', "reason": "INSTITUTION_MIGRATION", "n": 2')
    assert kari.item(item.id).status is Status.PENDING_DISCONNECT


def test_accounts_just_chosen_are_offered_again_only_for_what_was_announced_since(
    kari: Kari, signer: Plaid, visit: Visit
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    heed(kari, signer, item, "NEW_ACCOUNTS_AVAILABLE")
    assert kari.item(item.id).new_accounts_at is not None
    before = kari.clock()
    session = kari.run(
        connections.start(kari.links, owner=kari.owner, repair=item.id, select_accounts=True)
    )
    visitor = visit(session)
    visitor.send("credentials", username="user_good", password="pass_good")
    visitor.send("accounts", account=["0", "1"])
    kari.clock.ahead += timedelta(seconds=2)
    done = kari.run(connections.finish(kari.links, owner=kari.owner, session_id=session.id))
    assert done.state is LinkState.DONE
    told = notices(kari)
    kari.clock.ahead += timedelta(minutes=2)
    for _ in range(2):  # late, and doubled
        heed(kari, signer, item, "NEW_ACCOUNTS_AVAILABLE", at=before)
        assert kari.item(item.id).new_accounts_at is None
    assert notices(kari) == told
    heed(kari, signer, item, "NEW_ACCOUNTS_AVAILABLE")  # in the same words, signed since
    assert kari.item(item.id).new_accounts_at is not None
    assert len(notices(kari)) >= len(told)


def test_an_announcement_that_waits_while_the_link_rests_hides_no_later_one(
    kari: Kari, signer: Plaid
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    kari.ask(connections.pause, item_id=item.id, actor="person", now=kari.clock())
    tell(kari, signer, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE")
    kari.clock.ahead += timedelta(minutes=1)
    chosen = kari.clock()
    made.values(
        kari.world,
        "INSERT INTO link_sessions (user_id, id, link_token, link_token_hash, mode, purpose,"
        " item_id, state, created_at, expires_at, updated_at) VALUES (%s, gen_random_uuid(), '',"
        " '', 'update', 'accounts', %s, 'done', %s, %s, %s) RETURNING 1",
        kari.owner, item.id, chosen, chosen, chosen,
    )  # fmt: skip
    kari.clock.ahead += timedelta(minutes=1)
    kari.ask(connections.resume, item_id=item.id, actor="person", now=kari.clock())
    drain(kari)
    assert kari.item(item.id).new_accounts_at is None
    tell(kari, signer, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE")
    drain(kari)
    assert kari.item(item.id).new_accounts_at is not None


def test_an_account_taken_back_is_withdrawn_until_it_is_reported_again(
    kari: Kari, signer: Plaid
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    gone = kari.ask(accounts.list_all)[0]
    kari.sandbox.control(
        "POST", f"/items/{item.plaid_item_id}/revoke_account", account_id=gone.plaid_account_id
    )
    named = f', "account_id": "{gone.plaid_account_id}"'
    heed(kari, signer, item, "USER_ACCOUNT_REVOKED", named)
    found = {one.id: one for one in kari.ask(accounts.list_all)}
    assert found[gone.id].revoked_at is not None
    assert [one.id for one in found.values() if one.revoked_at] == [gone.id]
    (told,) = kari.ask(identity.list_notifications, limit=50).items
    assert told.arguments["account"] == gone.name
    heed(kari, signer, item, "USER_ACCOUNT_REVOKED", named + ', "n": 2')
    assert len(notices(kari)) == 1


def test_a_link_that_rests_keeps_its_webhooks_until_it_is_woken(kari: Kari, signer: Plaid) -> None:
    item = kari.linked()
    kari.sync(item.id)
    finish_jobs(kari)
    kari.ask(connections.pause, item_id=item.id, actor="person", now=kari.clock())
    tell(kari, signer, item, "TRANSACTIONS", "SYNC_UPDATES_AVAILABLE")
    tell(kari, signer, item, "ITEM", "NEW_ACCOUNTS_AVAILABLE")
    assert drain(kari) == 0
    assert {state for _, state, _, _ in states(kari)} == {"received"}
    kari.clock.ahead += timedelta(days=3)
    kari.run(kari.jobs()["watch"]())
    assert kari.waiting("sync_silent") == []
    with pytest.raises(LinkIsPaused):
        kari.ask(connections.ask_for_sync, item_id=item.id, now=kari.clock())
    kari.ask(connections.resume, item_id=item.id, actor="person", now=kari.clock())
    assert len(kari.waiting("sync")) == 1
    assert drain(kari) == 2
    assert kari.item(item.id).new_accounts_at is not None


def test_dead_letters_are_listed_and_handled_again(kari: Kari, signer: Plaid) -> None:
    item = kari.link()
    tell(kari, signer, item, "ITEM", "PENDING_DISCONNECT", ', "disconnect_time": "soon"')
    tell(kari, signer, None, "TRANSACTIONS", "DEFAULT_UPDATE")
    while any(state != "dead" for _, state, _, _ in states(kari)):
        kari.clock.ahead += timedelta(hours=2)
        drain(kari)

    def dead() -> list[StoredWebhook]:
        return kari.world.within_all(lambda db: connections.list_for_all(db, dead=True))

    def replay(webhook_id: UUID | None) -> int:
        return kari.world.within_all(
            lambda db: connections.replay_for_all(db, webhook_id=webhook_id, now=kari.clock())
        )

    assert {one.known: bool(one.error) for one in dead()} == {True: True, False: False}
    stray = next(one for one in dead() if not one.known)
    made.values(kari.world, "UPDATE webhook_events SET plaid_item_id = %s WHERE id = %s"
                " RETURNING 1", item.plaid_item_id, stray.id)  # fmt: skip
    assert replay(stray.id) == 1
    drain(kari)
    assert len(kari.waiting("sync_after_webhook")) == 1
    assert replay(None) == 1
    with pytest.raises(connections.WebhookNotFound):
        replay(new_id())


def test_old_logs_are_forgotten_in_time_and_no_sooner(kari: Kari, signer: Plaid) -> None:
    item = kari.linked()
    kari.sync(item.id)
    tell(kari, signer, item, "TRANSACTIONS", "DEFAULT_UPDATE")
    drain(kari)
    calls = len(kari.ask(connections.api_events))
    assert calls
    forget = kari.jobs()["forget_old"]
    kari.clock.ahead += timedelta(days=29)
    kari.run(forget())
    assert len(states(kari)) == 1
    kari.clock.ahead += timedelta(days=2)
    kari.run(forget())
    assert states(kari) == []
    assert len(kari.ask(connections.api_events)) == calls
    kari.clock.ahead += timedelta(days=400)
    kari.run(forget())
    assert kari.ask(connections.api_events) == []


def test_what_cannot_be_stored_is_not_answered_with_success(kari: Kari, signer: Plaid) -> None:
    """The database is away: Plaid hears of it and sends again."""
    body = b'{"webhook_type": "ITEM", "webhook_code": "ERROR", "item_id": "x"}'
    (port,) = free_ports(1)
    away = Database(f"host=127.0.0.1 port={port} dbname=none connect_timeout=2")
    links = replace(kari.links, database=away)
    signature = signer.sign(body, at=kari.clock())
    with pytest.raises(Unavailable) as refused:
        kari.run(connections.receive(links, WebhookKeys(signer.fetch), body, signature))
    assert refused.value.status == 503
    assert states(kari) == []


def test_what_is_announced_of_others_links_is_not_shown(
    kari: Kari, make_kari: Any, signer: Plaid
) -> None:
    ola = make_kari()
    item = kari.link()
    tell(kari, signer, item, "TRANSACTIONS", "DEFAULT_UPDATE")
    drain(kari)
    assert [one.state for one in kari.ask(connections.webhooks_of, items=[item.id])] == ["done"]
    assert ola.ask(connections.webhooks_of, items=[item.id]) == []
    assert ola.waiting("sync_after_webhook") == []


def break_item(kari: Kari, item: Item, code: str | None) -> None:
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/error", code=code)


def heed(
    kari: Kari,
    signer: Plaid,
    item: Item,
    code: str,
    more: str = "",
    at: datetime | None = None,
) -> None:
    """Receive a webhook about an item and do what it makes us do."""
    tell(kari, signer, item, "ITEM", code, more, at)
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
    tell(kari, signer, item, "ITEM", "PENDING_DISCONNECT", ', "disconnect_time": "soon"')
    tell(kari, signer, item, "ITEM", "PENDING_DISCONNECT", ', "disconnect_time": {"day": 1}')
    tell(kari, signer, item, "TRANSACTIONS", "DEFAULT_UPDATE")
    assert drain(kari) == 3
    assert [(code, state) for code, state, _, _ in states(kari)] == [
        ("PENDING_DISCONNECT", "failed"), ("PENDING_DISCONNECT", "failed"),
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
