"""Reading a bank: whole runs or nothing, through mutations, failures and waits."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom import accounts, connections, identity
from strongroom.connections import (
    FeedError,
    Item,
    ItemNotFound,
    LinkIsDisconnected,
    Refresh,
    RefreshNotFound,
    Status,
    SyncIsRunning,
    SyncTooSoon,
    Why,
    attending,
)
from strongroom.connections.errors import LinkedElsewhere
from strongroom.core.errors import Unavailable
from strongroom.core.ids import new_id
from strongroom.core.vault import CannotOpen
from strongroom.sandbox.plaid import SandboxOptions
from strongroom.sandbox.plaid.app import create_app
from tests import book as made
from tests.connections.conftest import Kari
from tests.sandbox_plaid.conftest import CLIENT_ID, SECRET, Sandbox
from tests.serving import serving


def many(count: int) -> str:
    """A person with one account and so many rows."""
    day = datetime.now(UTC).date()
    rows = [
        {"date_transacted": str(day - timedelta(days=n % 300)),
         "date_posted": str(day - timedelta(days=n % 300)),
         "amount": round(1 + n / 100, 2), "description": f"Row {n}"}
        for n in range(count)
    ]  # fmt: skip
    account = {"type": "depository", "subtype": "checking", "transactions": rows}
    return json.dumps({"override_accounts": [account]})


def is_true(kari: Kari, item: Item) -> None:
    """The book equals what the bank says, row by row, and so do the balances."""
    truth = kari.sandbox.truth(item.plaid_item_id)
    held = {one.plaid_account_id: one for one in kari.ask(accounts.list_all)}
    wanted = Counter(
        (held[row["account_id"]].id, date.fromisoformat(row["date"]), -Decimal(row["amount"]),
         row["iso_currency_code"] or row["unofficial_currency_code"], row["name"], row["pending"])
        for row in truth["transactions"]
    )  # fmt: skip
    query = (
        "SELECT account_id, day, amount, currency, description, pending FROM transactions"
        " WHERE user_id = %s AND removed_by_bank IS NULL"
    )
    assert Counter(made.values(kari.world, query, kari.owner)) == wanted
    for told in truth["accounts"]:
        balance, current = held[told["account_id"]].balance, told["balances"]["current"]
        sign = -1 if told["type"] in ("credit", "loan") else 1
        assert balance is not None and balance.amount == current * sign


def mutate(kari: Kari, item: Item, count: int) -> None:
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/mutate", count=count, webhook=False)


def break_item(kari: Kari, item: Item, code: str | None) -> None:
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/error", code=code)


def fails(kari: Kari, item: Item) -> FeedError:
    with pytest.raises(FeedError) as failed:
        kari.sync(item.id)
    return failed.value


def notices(kari: Kari) -> list[str]:
    return [one.title for one in kari.ask(identity.list_notifications, limit=50).items]


def test_a_bank_is_read_whole_then_only_what_changed(kari: Kari) -> None:
    item = kari.linked()
    first = kari.sync(item.id)
    is_true(kari, item)
    assert (first.status, first.error_code, first.is_over) == ("success", None, True)
    assert first.added == first.rows_fetched == kari.count("transactions") > 0
    assert first.accounts_updated == len(kari.ask(accounts.list_all)) > 0
    after = kari.item(item.id)
    assert after.history_complete
    assert (after.status, after.failures, after.next_try_at) == (Status.ACTIVE, 0, None)
    assert after.last_successful_update == after.last_attempt_at is not None
    assert after.institution_name == "First Platypus Bank"
    assert kari.cursor(item.id) != ""
    again = kari.sync(item.id)
    assert (again.added, again.modified, again.removed) == (0, 0, 0)
    is_true(kari, item)
    mutate(kari, item, 25)
    third = kari.sync(item.id)
    assert 0 < third.rows_fetched <= 60
    assert third.added + third.modified + third.removed > 0
    is_true(kari, item)


def test_a_dynamic_bank_stays_true_through_many_rounds(kari: Kari) -> None:
    item = kari.linked("user_transactions_dynamic", "x")
    for _ in range(6):
        kari.sync(item.id)
        is_true(kari, item)
        mutate(kari, item, 40)


def test_a_change_while_paging_starts_the_run_again(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked("user_custom", many(1100))
    kari.refresh(item.id)
    calm.control(
        "POST", "/faults", rates={"mutate": 1}, most=2, mutations=3,
        endpoints=["/transactions/sync"],
    )  # fmt: skip
    refresh = kari.sync(item.id)
    assert calm.control("GET", "/faults")["struck"] == 2
    is_true(kari, item)
    assert refresh.added == kari.count("transactions") >= 1095
    pages = [one for one in reversed(kari.ask(connections.api_events, item_id=item.id))
             if one.method == "/transactions/sync"]  # fmt: skip
    begun = [n for n, one in enumerate(pages) if "cursor" not in one.arguments]
    broken = [n for n, one in enumerate(pages) if one.error_code is not None]
    assert {pages[n].error_code for n in broken} == {"TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"}
    assert begun == [0, *(n + 1 for n in broken)]  # each time from the run's first cursor


@contextmanager
def refusing(kari: Kari, table: str) -> Iterator[None]:
    """A database that refuses to write one table, as a full disk would."""
    with psycopg.connect(kari.world.place.admin_dsn, autocommit=True) as db:
        db.execute("SET search_path = strongroom")
        db.execute(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'refused'; END $$"
        )
        db.execute(
            f"CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        try:
            yield
        finally:
            db.execute(f"DROP TRIGGER refuse ON {table}")


@pytest.mark.parametrize("table", ["transactions", "sync_cursors", "account_balances"])
def test_rows_and_cursor_are_stored_together_or_not_at_all(kari: Kari, table: str) -> None:
    item = kari.linked()
    refresh = kari.refresh(item.id)
    with refusing(kari, table), pytest.raises(psycopg.errors.RaiseException):
        kari.sync(item.id)
    for held in ("transactions", "plaid_transactions", "accounts", "account_balances"):
        assert kari.count(held) == 0
    assert kari.cursor(item.id) == ""
    troubled = kari.item(item.id)
    assert (troubled.status, troubled.error_code) == (Status.ERROR, "INTERNAL_ERROR")
    assert troubled.last_successful_update is None
    assert troubled.last_attempt_at is not None and troubled.next_try_at is not None
    failed = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (failed.status, failed.error_code, failed.is_over) == ("failed", "INTERNAL_ERROR", True)
    # The job is tried again, with the same refresh.
    done = kari.run(
        connections.sync(kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id)
    )
    assert (done.id, done.status, done.error_code) == (refresh.id, "success", None)
    assert kari.item(item.id).status is Status.ACTIVE
    is_true(kari, item)
    cursor = kari.cursor(item.id)
    mutate(kari, item, 10)
    with refusing(kari, "sync_cursors"), pytest.raises(psycopg.errors.RaiseException):
        kari.sync(item.id)
    assert kari.cursor(item.id) == cursor
    kari.sync(item.id)
    is_true(kari, item)


def test_two_syncs_at_once_one_runs(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    calm.control("POST", "/faults", rates={"slow": 1}, slow_seconds=0.3,
                 endpoints=["/accounts/get"])  # fmt: skip
    refresh = kari.refresh(item.id)

    async def both() -> list[Refresh | BaseException]:
        return await asyncio.gather(
            *(
                connections.sync(
                    kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id
                )
                for _ in range(2)
            ),
            return_exceptions=True,
        )

    results = kari.run(both())
    assert sorted(type(one).__name__ for one in results) == ["Refresh", "SyncIsRunning"]
    is_true(kari, item)
    kari.sync(item.id)  # the lease was given back

    async def held() -> None:
        # Another process reads it: the job comes back soon, so that nothing told is lost.
        async with kari.links.database.lease(f"item {item.id}") as ours:
            assert ours
            with pytest.raises(Unavailable) as busy:
                await kari.jobs()["sync"](str(kari.owner), str(item.id), str(refresh.id))
            assert busy.value.retry_after_seconds == 2
            with pytest.raises(Unavailable):
                await kari.jobs()["sync_after_webhook"](str(kari.owner), str(item.id))
            assert isinstance(busy.value.__cause__, SyncIsRunning)

    kari.run(held())
    assert all(one.is_over for one in kari.ask(connections.refreshes))  # none is left waiting


# --- waiting for the bank


@contextmanager
def slow_bank(
    make_kari: Callable[..., Kari], place: Path, initial: float, historical: float
) -> Iterator[Kari]:
    """Someone at a local Plaid that takes its time to collect."""
    options = SandboxOptions(
        state_path=place / "slow.sqlite", client_id=CLIENT_ID, secret=SECRET,
        initial_delay_seconds=initial, historical_delay_seconds=historical,
    )  # fmt: skip
    with serving(create_app(options)) as address:
        kari = make_kari(url=address)
        kari.sandbox = Sandbox(place, url=address, judged=False)
        try:
            yield kari
        finally:
            kari.sandbox.http.close()


def told(kari: Kari, item: Item) -> int:
    """How often the bank was asked for accounts and for the item."""
    calls = [one.method for one in kari.ask(connections.api_events, item_id=item.id)]
    return calls.count("/accounts/get") + calls.count("/item/get")


def test_nothing_yet_keeps_the_cursor_and_asks_again(
    make_kari: Callable[..., Kari], tmp_path: Path
) -> None:
    with slow_bank(make_kari, tmp_path, 3600, 3600) as kari:
        item = kari.link()
        early = kari.sync(item.id)
        assert (early.status, early.added) == ("success", 0)
        assert kari.cursor(item.id) == ""
        assert kari.item(item.id).update_status == "NOT_READY"
        assert not kari.item(item.id).history_complete
        assert kari.count("accounts") > 0  # accounts and balances are there at once
        (at,) = scheduled(kari)
        assert timedelta(0) < at - kari.clock() <= timedelta(seconds=3)
        asked = told(kari, item)
        for _ in range(3):
            kari.sync(item.id)
        assert kari.cursor(item.id) == ""
        assert scheduled(kari) == [at]  # whatever else asks, one look waits
        assert told(kari, item) == asked  # what stands is not asked for again


def test_looks_at_a_bank_that_collects_grow_rarer_and_end(
    make_kari: Callable[..., Kari], tmp_path: Path
) -> None:
    with slow_bank(make_kari, tmp_path, 3600 * 48, 3600 * 48) as kari:
        item, looks = kari.link(), []
        kari.sync(item.id)
        while found := scheduled(kari):
            looks.append(found[0] - item.created_at)
            forget_jobs(kari)
            kari.clock.ahead += found[0] - kari.clock()
            kari.run(kari.jobs()["sync_rest"](str(kari.owner), str(item.id)))
            assert len(looks) < 200
        gaps = [later - earlier for earlier, later in pairwise(looks)]
        assert len([gap for gap in gaps if gap < timedelta(minutes=9)]) < 12
        assert max(gaps) < timedelta(minutes=11)
        assert timedelta(hours=23) < looks[-1] < timedelta(hours=25)
        assert kari.item(item.id).status is Status.ACTIVE


def forget_jobs(kari: Kari) -> None:
    made.values(kari.world, "DELETE FROM procrastinate_jobs WHERE args->>'owner' = %s RETURNING 1",
                str(kari.owner))  # fmt: skip


def scheduled(kari: Kari) -> list[datetime]:
    found = made.values(
        kari.world,
        "SELECT scheduled_at FROM procrastinate_jobs WHERE task_name = 'connections.sync_rest'"
        " AND args->>'owner' = %s ORDER BY id",
        str(kari.owner),
    )
    return [at for (at,) in found]


def test_the_first_month_comes_before_the_whole_history(
    make_kari: Callable[..., Kari], tmp_path: Path
) -> None:
    with slow_bank(make_kari, tmp_path, 0, 3600) as kari:
        item = kari.link("user_custom", many(400))
        kari.sync(item.id)
        month = kari.count("transactions")
        assert 0 < month < 150
        assert kari.cursor(item.id) != ""
        assert kari.item(item.id).update_status == "INITIAL_UPDATE_COMPLETE"
        (later,) = scheduled(kari)
        assert timedelta(seconds=1) < later - kari.clock() < timedelta(seconds=30)


# --- what goes wrong


@pytest.mark.parametrize(
    ("code", "status", "notice"),
    [
        ("ITEM_LOGIN_REQUIRED", Status.LOGIN_REQUIRED, "sign in again"),
        ("ITEM_LOCKED", Status.LOGIN_REQUIRED, "locked"),
        ("USER_PERMISSION_REVOKED", Status.REVOKED, "no longer lets us"),
        ("INSTITUTION_DOWN", Status.ERROR, None),
        ("INSTITUTION_NOT_RESPONDING", Status.ERROR, None),
    ],
)
def test_errors_move_the_item_and_keep_what_was_read(
    kari: Kari, code: str, status: Status, notice: str | None
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    cursor, held = kari.cursor(item.id), kari.count("transactions")
    break_item(kari, item, code)
    failed = fails(kari, item)
    assert failed.error_code == code
    after = kari.item(item.id)
    assert (after.status, after.error_code, after.failures) == (status, code, 1)
    assert (after.next_try_at is None) == (status is not Status.ERROR)
    assert after.last_attempt_at is not None and after.last_successful_update is not None
    assert after.last_attempt_at > after.last_successful_update
    newest = kari.ask(connections.refreshes, item_id=item.id)[0]
    assert (newest.status, newest.error_code, newest.is_over) == ("failed", code, True)
    assert (kari.cursor(item.id), kari.count("transactions")) == (cursor, held)
    assert [notice is not None and notice in one for one in notices(kari)] == [True] * bool(notice)
    fails(kari, item)
    assert len(notices(kari)) == bool(notice)  # told once
    break_item(kari, item, None)
    kari.sync(item.id)
    well = kari.item(item.id)
    assert (well.status, well.error_code, well.failures) == (Status.ACTIVE, None, 0)
    is_true(kari, item)


def test_a_token_that_plaid_no_longer_knows(kari: Kari) -> None:
    item = kari.linked()
    kari.sandbox.post("/item/access_token/invalidate", access_token=kari.token(item.id))
    assert fails(kari, item).error_code == "INVALID_ACCESS_TOKEN"
    assert kari.item(item.id).status is Status.REVOKED


def test_a_bad_day_at_the_bank_does_not_hide_what_the_person_must_do(kari: Kari) -> None:
    item = kari.linked()
    made.values(
        kari.world, "UPDATE plaid_items SET status = 'pending_disconnect',"
        " disconnects_at = %s WHERE id = %s RETURNING 1", kari.clock() + timedelta(days=5), item.id,
    )  # fmt: skip
    break_item(kari, item, "INSTITUTION_DOWN")
    fails(kari, item)
    assert kari.item(item.id).status is Status.PENDING_DISCONNECT
    break_item(kari, item, None)
    kari.sync(item.id)
    assert kari.item(item.id).status is Status.PENDING_DISCONNECT


def test_tries_grow_rarer_and_the_person_is_told_once(kari: Kari) -> None:
    item = kari.linked()
    break_item(kari, item, "INSTITUTION_DOWN")
    waits = []
    for _ in range(5):
        fails(kari, item)
        after = kari.item(item.id)
        assert after.next_try_at is not None and after.last_attempt_at is not None
        waits.append((after.next_try_at - after.last_attempt_at).total_seconds())
    assert waits == [30, 60, 120, 240, 480]
    assert len(notices(kari)) == 1
    assert "not answering" in notices(kari)[0]


@pytest.mark.parametrize(
    "fault", [{"rates": {"error": 1}, "error_codes": ["HTML"]}, {"rates": {"cut": 1}}]
)
@pytest.mark.parametrize("path", ["/accounts/get", "/transactions/sync", "/item/get"])
def test_broken_answers_store_nothing(
    kari: Kari, calm: Sandbox, fault: dict[str, Any], path: str
) -> None:
    item = kari.linked()
    kari.refresh(item.id)
    calm.control("POST", "/faults", **fault, endpoints=[path], most=1)
    failed = fails(kari, item)
    assert failed.will_pass
    assert failed.hint is not None
    assert kari.item(item.id).status is Status.ERROR
    assert (kari.count("accounts"), kari.count("transactions")) == (0, 0)
    assert kari.cursor(item.id) == ""
    kari.sync(item.id)
    is_true(kari, item)


_ROW = (
    b'{"transaction_id": "t", "account_id": "stranger", "pending": false, "amount": 1,'
    b' "date": "2026-11-01", "name": "x"}'
)


@contextmanager
def saying(kari: Kari, make_kari: Callable[..., Kari], answers: dict[str, bytes]) -> Iterator[Kari]:
    """The same person at a bank that gives these answers, whatever it is asked."""

    async def say(request: Request) -> Response:
        return Response(answers[request.url.path], media_type="application/json")

    with serving(Starlette(routes=[Route("/{rest:path}", say, methods=["POST"])])) as address:
        provider = make_kari(url=address).links.provider
        yield replace(kari, links=replace(kari.links, provider=provider))


def answers_with(*rows: bytes, accounts: bytes = b"") -> dict[str, bytes]:
    return {
        "/accounts/get": b'{"accounts": [' + accounts + b"]}",
        "/item/get": b'{"item": {}}',
        "/transactions/sync": b'{"added": [' + b",".join(rows) + b'], "modified": [],'
        b' "removed": [], "next_cursor": "c", "has_more": false,'
        b' "transactions_update_status": "HISTORICAL_UPDATE_COMPLETE",'
        b' "request_id": "r23456789012345"}',
    }


@pytest.mark.parametrize(
    ("row", "reason"), [(_ROW.replace(b"x", b"\xff"), "not text"), (b"{", "not JSON")]
)
def test_nonsense_from_the_bank_is_noted_and_stores_nothing(
    kari: Kari, make_kari: Callable[..., Kari], row: bytes, reason: str
) -> None:
    item = kari.linked()
    with saying(kari, make_kari, answers_with(row)) as elsewhere:
        refresh = kari.refresh(item.id)
        failed = fails(elsewhere, item)
    assert reason in failed.message
    assert failed.will_pass
    ended = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (ended.status, ended.error_code) == ("failed", "ANSWER_MAKES_NO_SENSE")
    assert kari.item(item.id).status is Status.ERROR
    assert kari.item(item.id).next_try_at is not None
    assert (kari.cursor(item.id), kari.count("accounts"), kari.count("transactions")) == ("", 0, 0)
    kari.sync(item.id)
    is_true(kari, item)


# --- asking


def test_asking_twice_at_once_is_too_soon(kari: Kari) -> None:
    item = kari.link()
    now = kari.clock()
    asked = kari.ask(connections.ask_for_sync, item_id=item.id, now=now)
    assert (asked.status, asked.refresh_type) == ("pending", Why.MANUAL)
    with pytest.raises(SyncTooSoon) as refused:
        kari.ask(connections.ask_for_sync, item_id=item.id, now=now + timedelta(seconds=10))
    assert refused.value.retry_after_seconds == 21
    kari.ask(connections.ask_for_sync, item_id=item.id, now=now + timedelta(seconds=31))
    with pytest.raises(RefreshNotFound):
        kari.ask(connections.get_refresh, refresh_id=new_id())


def test_looking_asks_for_what_is_stale(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)

    def stale(minutes: int) -> int:
        at = kari.clock() + timedelta(minutes=minutes)
        return kari.ask(connections.ask_if_stale, items=kari.ask(connections.items), now=at)

    assert stale(50) == 0
    assert stale(70) == 1
    assert stale(71) == 0  # asked a moment ago
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    kari.clock.ahead += timedelta(hours=3)
    fails(kari, item)
    assert stale(300) == 0  # only the person can help


def test_silent_banks_are_asked_once(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)

    def asked(hours: float) -> int:
        kari.clock.ahead += timedelta(hours=hours)
        for _ in range(2):
            kari.run(attending.ask_silent_for_all(kari.links, silent_for=timedelta(hours=6)))
        found = len(kari.waiting("sync_silent"))
        forget_jobs(kari)
        return found

    assert asked(1) == 0
    assert asked(6) == 1
    kari.sync(item.id)
    break_item(kari, item, "INSTITUTION_DOWN")
    fails(kari, item)
    assert asked(0) == 0
    assert asked(1) == 1  # its next try was due
    assert asked(0.1) == 0
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    fails(kari, item)
    assert asked(20) == 0
    assert asked(5) == 1  # what was told of it may be old: once a day


def test_a_broken_link_that_was_mended_elsewhere_is_found_well(kari: Kari) -> None:
    item = kari.linked()
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    fails(kari, item)
    break_item(kari, item, None)
    kari.clock.ahead += timedelta(hours=25)
    kari.run(attending.ask_silent_for_all(kari.links, silent_for=timedelta(hours=6)))
    (job,) = kari.waiting("sync_silent")
    kari.run(kari.jobs()["sync_silent"](**job))
    assert kari.item(item.id).status is Status.ACTIVE


def test_a_token_never_reaches_another_environment(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    made.values(kari.world, "UPDATE plaid_items SET environment = 'production' WHERE id = %s"
                " RETURNING 1", item.id)  # fmt: skip
    calls = kari.count("plaid_api_events")
    refresh = kari.refresh(item.id)
    with pytest.raises(LinkedElsewhere, match="real environment") as refused:
        kari.run(
            connections.sync(kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id)
        )
    assert "PLAID_ENV" in str(refused.value.hint)
    with pytest.raises(LinkedElsewhere):
        kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    with pytest.raises(LinkedElsewhere):
        kari.run(connections.start(kari.links, owner=kari.owner, repair=item.id))
    assert kari.count("plaid_api_events") == calls
    ended = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (ended.status, ended.error_code) == ("failed", "LinkedElsewhere")
    assert kari.item(item.id).status is Status.ACTIVE
    kari.clock.ahead += timedelta(hours=8)
    kari.run(attending.ask_silent_for_all(kari.links, silent_for=timedelta(hours=6)))
    assert kari.waiting("sync_silent") == []
    later = kari.clock() + timedelta(hours=3)
    for where, asked in (("local", 0), ("production", 1)):
        look = {"items": kari.ask(connections.items), "now": later, "environment": where}
        assert kari.ask(connections.ask_if_stale, **look) == asked


def test_a_key_that_is_lost_ends_the_refresh_and_shows(kari: Kari) -> None:
    item = kari.linked()
    refresh = kari.refresh(item.id)
    made.values(kari.world, "UPDATE plaid_items SET access_token = '\\x00' WHERE id = %s"
                " RETURNING 1", item.id)  # fmt: skip
    with pytest.raises(CannotOpen):
        kari.run(
            connections.sync(kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id)
        )
    ended = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (ended.status, ended.is_over, ended.error_code) == ("failed", True, "CannotOpen")
    troubled = kari.item(item.id)
    assert (troubled.status, troubled.failures) == (Status.ERROR, 1)
    assert troubled.last_attempt_at is not None


def test_a_read_and_an_unlinking_take_turns(kari: Kari, calm: Sandbox) -> None:
    item = kari.linked()
    refresh = kari.refresh(item.id)
    calm.control("POST", "/faults", rates={"slow": 1}, slow_seconds=0.4,
                 endpoints=["/accounts/get"])  # fmt: skip

    async def both() -> None:
        reading = asyncio.ensure_future(
            connections.sync(kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id)
        )
        await asyncio.sleep(0.1)
        gone = await connections.unlink(kari.links, owner=kari.owner, item_id=item.id)
        assert gone.status is Status.DISCONNECTED
        assert (await reading).status == "success"

    kari.run(both())
    assert kari.item(item.id).update_status is None  # no cursor came back
    assert kari.item(item.id).status is Status.DISCONNECTED


def test_a_refresh_of_an_unlinked_bank_ends(kari: Kari) -> None:
    item = kari.linked()
    refresh = kari.refresh(item.id)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    with pytest.raises(LinkIsDisconnected):
        kari.run(
            connections.sync(kari.links, owner=kari.owner, item_id=item.id, refresh_id=refresh.id)
        )
    ended = kari.ask(connections.get_refresh, refresh_id=refresh.id)
    assert (ended.status, ended.error_code) == ("failed", "LinkIsDisconnected")
    kari.run(kari.jobs()["sync"](str(kari.owner), str(item.id), str(refresh.id)))  # does not raise
    kari.run(kari.jobs()["sync_after_webhook"](str(kari.owner), str(item.id)))
    assert all(one.is_over for one in kari.ask(connections.refreshes)[:2])
    with pytest.raises(LinkIsDisconnected):
        kari.ask(connections.ask_for_sync, item_id=item.id, now=kari.clock())


def test_jobs_try_again_only_what_can_pass(kari: Kari) -> None:
    item = kari.linked()
    for code, tried_again in (("INSTITUTION_DOWN", True), ("ITEM_LOGIN_REQUIRED", False)):
        break_item(kari, item, code)
        made.values(kari.world, "UPDATE procrastinate_jobs SET status = 'succeeded' RETURNING 1")
        refresh = kari.refresh(item.id)
        kari.run(kari.jobs()["sync"](str(kari.owner), str(item.id), str(refresh.id)))
        assert len(kari.waiting("sync_silent")) == tried_again
    # The job that tries again holds up nobody who asks for the link meanwhile.
    locks = made.values(
        kari.world,
        "SELECT lock FROM procrastinate_jobs"
        " WHERE task_name = 'connections.sync_silent' AND args->>'item' = %s",
        str(item.id),
    )
    assert locks == [(None,)]


def test_a_refresh_has_plaid_look_once_however_often_it_is_tried(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    refresh = kari.refresh(item.id)
    arguments = (str(kari.owner), str(item.id), str(refresh.id), "", "yes")
    with refusing(kari, "sync_cursors"), pytest.raises(psycopg.errors.RaiseException):
        kari.run(kari.jobs()["sync"](*arguments))
    kari.run(kari.jobs()["sync"](*arguments))
    assert kari.ask(connections.get_refresh, refresh_id=refresh.id).status == "success"
    called = [one.method for one in kari.ask(connections.api_events, item_id=item.id)]
    assert called.count("/transactions/refresh") == 1


# --- the logs


def test_calls_are_logged_with_request_ids_and_no_secret(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    break_item(kari, item, "ITEM_LOGIN_REQUIRED")
    fails(kari, item)
    token, cursor = kari.token(item.id), kari.cursor(item.id)
    events = kari.ask(connections.api_events, limit=50)
    assert {one.method for one in events} == {
        "/link/token/create", "/sandbox/public_token/create", "/item/public_token/exchange",
        "/accounts/get", "/transactions/sync", "/item/get",
    }  # fmt: skip
    for one in events:
        assert one.request_id is not None and len(one.request_id) == 15, one.method
        assert one.duration_ms >= 0
        told = json.dumps(one.arguments)
        for secret in (token, "pass_good", SECRET, CLIENT_ID, "access-", "public-", "link-sandbox"):
            assert secret not in told, one.method
    assert events[0].error_code == "ITEM_LOGIN_REQUIRED"
    assert cursor not in token
    mine = kari.ask(connections.api_events, item_id=item.id)
    assert {one.item_id for one in mine} == {item.id}
    kinds = [one.refresh_type for one in kari.ask(connections.refreshes, item_id=item.id)]
    assert kinds == [Why.MANUAL, Why.SCHEDULED]


def test_nobody_reads_anothers_bank(kari: Kari, make_kari: Callable[..., Kari]) -> None:
    item = kari.linked()
    refresh = kari.refresh(item.id)
    ola = make_kari()
    with pytest.raises((ItemNotFound, LinkIsDisconnected)):
        ola.run(
            connections.sync(ola.links, owner=ola.owner, item_id=item.id, refresh_id=refresh.id)
        )
    assert ola.count("accounts") == 0
    assert kari.ask(connections.get_refresh, refresh_id=refresh.id) == refresh
