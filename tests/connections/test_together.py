"""Ten clients at one bank link at once, over HTTP, with webhooks coming in and two workers at it.

One read at a time, everybody is served, and nothing stands twice.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.house import API, House, Person
from tests.processes import wait_until

CLIENTS = 10
ROUNDS = 4


@contextmanager
def second_worker(house: House) -> Iterator[None]:
    """Another worker process beside the house's own."""
    with (house.place / "worker-2.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "strongroom.worker"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, **house.environment},
        )
    try:
        yield
        assert process.poll() is None, "the second worker ended"
    finally:
        process.terminate()
        process.wait(30)


def plaid_id(house: House, item: str) -> str:
    with house.admin() as db:
        row = db.execute(
            "SELECT plaid_item_id FROM strongroom.plaid_items WHERE id = %s",
            (item.rpartition("_")[2],),
        ).fetchone()
    assert row is not None
    return str(row[0])


def client(house: House, person: Person, number: int, calls: list[tuple[str, int | str]]) -> None:
    """One client of the person's: a session of its own, asking and looking all the while."""
    item = person.items[0]
    with httpx.Client(
        base_url=house.url,
        headers=dict(person.api.headers),
        cookies=dict(person.api.cookies.items()),
        timeout=60,
    ) as http:
        for _ in range(ROUNDS):
            house.sandbox(f"/_sandbox/items/{plaid_id(house, item)}/mutate", count=3, seed=number)
            for method, path in (
                ("POST", f"/connections/{item}/sync"),
                ("GET", f"/connections/{item}"),
                ("GET", "/connections"),
                ("GET", "/transactions"),
                ("GET", "/accounts"),
            ):
                answer = http.request(method, API + path)
                told = answer.status_code
                if answer.status_code == 429 and "retry-after" in answer.headers:
                    told = answer.json()["code"]  # asked a moment ago: told when to ask again
                calls.append((f"{method} {path}", told))


@pytest.mark.slow
def test_ten_clients_at_one_link_are_served_and_it_is_read_once_at_a_time(house: House) -> None:
    person = house.person()
    item = house.link(person, "user_transactions_dynamic")
    bank = plaid_id(house, item)
    calls: list[tuple[str, int | str]] = []
    with second_worker(house), ThreadPoolExecutor(CLIENTS + 1) as pool:
        running = [pool.submit(client, house, person, number, calls) for number in range(CLIENTS)]
        at_once = pool.submit(most_at_once, house, bank, lambda: all(one.done() for one in running))
        for one in running:
            one.result(timeout=240)
        assert at_once.result(timeout=60) == 1
        house.until_quiet()
        settle(house, person, item)
    assert len(calls) == CLIENTS * ROUNDS * 5
    answers = Counter(status for _, status in calls)
    assert set(answers) <= {200, 202, "SyncTooSoon"}, answers
    assert answers[202] > 0
    assert {status for call, status in calls if call.startswith("GET")} == {200}
    assert differences(house, person, item) == []


def most_at_once(house: House, bank: str, is_over: Callable[[], bool]) -> int:
    """How many reads of the item were seen to hold its lease in the same moment, at most."""
    most = 0
    with house.admin() as db:
        query = """
            SELECT count(*) FROM pg_locks l, strongroom.plaid_items i
            WHERE l.locktype = 'advisory' AND l.granted AND i.plaid_item_id = %s
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND ((l.classid::bigint << 32) | l.objid::bigint)
                  = hashtextextended('item ' || i.id, 0)
        """
        running = """
            SELECT count(*) FROM strongroom.data_refresh_logs r
            JOIN strongroom.plaid_items i ON (i.user_id, i.id) = (r.user_id, r.item_id)
            WHERE i.plaid_item_id = %s AND r.status = 'running'
        """
        while not is_over():
            for one in (query, running):
                row = db.execute(one, (bank,)).fetchone()
                most = max(most, 0 if row is None else int(row[0]))
    return most


def settle(house: House, person: Person, item: str) -> None:
    """Wait until what the last webhooks told is in the book."""
    wait_until(lambda: not differences(house, person, item), "the book is the bank's", seconds=90)


def differences(house: House, person: Person, item: str) -> list[Any]:
    """Rows that the bank tells and the book lacks, holds twice, or holds beside them."""
    answer = httpx.get(
        f"{house.sandbox_url}/_sandbox/truth",
        params={"item_id": plaid_id(house, item)},
        timeout=60,
    )
    told = Counter(row["transaction_id"] for row in answer.json()["transactions"])
    with house.admin() as db:
        held = Counter(
            row[0]
            for row in db.execute(
                """
                SELECT p.plaid_transaction_id FROM strongroom.transactions t
                JOIN strongroom.plaid_transactions p
                  ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
                JOIN strongroom.accounts a ON (a.user_id, a.id) = (t.user_id, t.account_id)
                WHERE a.item_id = %s AND t.removed_by_bank IS NULL
                """,
                (item.rpartition("_")[2],),
            ).fetchall()
        )
    return [*(told - held), *(held - told)]
