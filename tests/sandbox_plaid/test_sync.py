"""Cursor semantics of /transactions/sync, under changes at every moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sandbox_plaid.conftest import Book, Refused, Sandbox

MUTATION = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


@pytest.fixture(scope="module")
def quick(sandbox: Sandbox) -> Iterator[Sandbox]:
    """Give the same sandbox, without the document's judgement of each page."""
    yield replace(sandbox, judged=False)


@pytest.fixture(scope="module")
def item(quick: Sandbox) -> tuple[str, str]:
    token, item_id = quick.link("user_transactions_dynamic")
    quick.ready(token)
    return token, item_id


def expected(sandbox: Sandbox, item_id: str) -> dict[str, Any]:
    found = {}
    for row in sandbox.truth(item_id)["transactions"]:
        del row["original_description"]
        found[row["transaction_id"]] = row
    return found


def read_run(sandbox: Sandbox, token: str, book: Book, count: int, strikes: set[int]) -> int:
    """Read one run, letting the bank change rows before the pages in ``strikes``.

    Returns how often the run had to start again.
    """
    first, restarts, page_number = book.cursor, 0, 0
    item_id = sandbox.post("/item/get", access_token=token)["item"]["item_id"]
    while True:
        cursor, pages = first, []
        try:
            while True:
                if page_number in strikes:
                    sandbox.control("POST", f"/items/{item_id}/mutate", count=2, seed=page_number)
                page_number += 1
                page = sandbox.post(
                    "/transactions/sync", access_token=token, cursor=cursor, count=count
                )
                pages.append(page)
                cursor = page["next_cursor"]
                if not page["has_more"]:
                    break
        except Refused as error:
            assert error.code == MUTATION
            restarts += 1
            continue
        for page in pages:
            book.apply(page)
        book.cursor = cursor
        return restarts


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(
    data=st.data(),
    count=st.integers(1, 7),
    rounds=st.lists(st.tuples(st.integers(1, 9), st.integers()), min_size=1, max_size=4),
)
def test_pages_give_the_truth(
    quick: Sandbox, item: tuple[str, str], data: st.DataObject, count: int, rounds: list[Any]
) -> None:
    token, item_id = item
    book = quick.sync(token)
    assert book.rows == expected(quick, item_id)
    for changes, seed in rounds:
        quick.control("POST", f"/items/{item_id}/mutate", count=changes, seed=seed)
        strikes = data.draw(st.sets(st.integers(0, 6), max_size=2))
        read_run(quick, token, book, count, strikes)
        assert book.rows == expected(quick, item_id)


def test_small_pages_and_large_pages_agree(quick: Sandbox, item: tuple[str, str]) -> None:
    token, item_id = item
    assert quick.sync(token, count=3).rows == quick.sync(token, count=500).rows
    assert quick.sync(token).rows == expected(quick, item_id)


def test_mutation_while_paging(quick: Sandbox, item: tuple[str, str]) -> None:
    token, item_id = item
    first = quick.post("/transactions/sync", access_token=token, cursor="", count=5)
    assert first["has_more"] is True
    quick.control("POST", f"/items/{item_id}/mutate", count=1)
    for _ in range(2):
        with pytest.raises(Refused) as caught:
            quick.post("/transactions/sync", access_token=token, cursor=first["next_cursor"])
        assert caught.value.code == MUTATION
        assert caught.value.body["error_type"] == "TRANSACTIONS_ERROR"
    assert quick.sync(token).rows == expected(quick, item_id)


def test_a_cursor_can_be_used_again(quick: Sandbox, item: tuple[str, str]) -> None:
    token, item_id = item
    book = quick.sync(token)
    assert len(book.cursor) <= 256
    for _ in range(2):
        page = quick.post("/transactions/sync", access_token=token, cursor=book.cursor)
        assert (page["added"], page["modified"], page["removed"]) == ([], [], [])
        assert page["has_more"] is False
    quick.control("POST", f"/items/{item_id}/mutate", count=4)
    once = quick.post("/transactions/sync", access_token=token, cursor=book.cursor)
    again = quick.post("/transactions/sync", access_token=token, cursor=book.cursor)
    assert [once[key] for key in ("added", "modified", "removed")] == [
        again[key] for key in ("added", "modified", "removed")
    ]


def test_now_skips_history(quick: Sandbox, item: tuple[str, str]) -> None:
    token, item_id = item
    page = quick.post("/transactions/sync", access_token=token, cursor="now")
    assert page["added"] == [] and page["next_cursor"]
    quick.control("POST", f"/items/{item_id}/mutate", count=3)
    later = quick.post("/transactions/sync", access_token=token, cursor=page["next_cursor"])
    assert 3 <= sum(len(later[key]) for key in ("added", "modified", "removed")) <= 6


def test_one_account_is_a_stream_of_its_own(quick: Sandbox, item: tuple[str, str]) -> None:
    token, item_id = item
    account = quick.post("/accounts/get", access_token=token)["accounts"][1]["account_id"]
    book = quick.sync(token, account_id=account)
    wanted = {
        key: row for key, row in expected(quick, item_id).items() if row["account_id"] == account
    }
    assert book.rows == wanted
    with pytest.raises(Refused) as caught:
        quick.post("/transactions/sync", access_token=token, cursor=book.cursor)
    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.parametrize("cursor", ["zzz", "MTox", "///", "é", "a" * 300])
def test_wrong_cursors(quick: Sandbox, item: tuple[str, str], cursor: str) -> None:
    with pytest.raises(Refused) as caught:
        quick.post("/transactions/sync", access_token=item[0], cursor=cursor)
    assert caught.value.code == "INVALID_FIELD"


def test_the_cursor_of_another_item(quick: Sandbox, item: tuple[str, str]) -> None:
    other, _ = quick.link("user_transactions_dynamic")
    quick.ready(other)
    with pytest.raises(Refused) as caught:
        quick.post("/transactions/sync", access_token=item[0], cursor=quick.sync(other).cursor)
    assert caught.value.code == "INVALID_FIELD"


def test_refresh_moves_the_dynamic_person_on(quick: Sandbox) -> None:
    token, item_id = quick.link("user_transactions_dynamic", "anything")
    quick.ready(token)
    book = quick.sync(token)
    assert len(book.rows) == 50
    pending = {key for key, row in book.rows.items() if row["pending"]}
    assert pending
    quick.post("/transactions/refresh", access_token=token)
    page = book.read(quick, token, book.cursor, 500)
    posted = {row["pending_transaction_id"] for row in page["added"] if not row["pending"]}
    assert posted == pending
    assert {row["transaction_id"] for row in page["removed"]} == pending
    assert len(page["modified"]) == 1
    assert any(row["pending"] for row in page["added"])
    assert book.rows == expected(quick, item_id)


def test_the_dynamic_person_tells_all_rows_unless_fewer_days_are_asked_for(quick: Sandbox) -> None:
    plain, _ = quick.link("user_transactions_dynamic", days=None)
    month, _ = quick.link("user_transactions_dynamic", days=30)
    for token in (plain, month):
        quick.ready(token)
    assert len(quick.sync(plain).rows) == 50
    assert 0 < len(quick.sync(month).rows) < 50


def test_a_refresh_before_the_first_update_is_taken(quick: Sandbox) -> None:
    token, item_id = quick.link("user_transactions_dynamic", products=("auth",))
    quick.post("/transactions/refresh", access_token=token)  # the item's first call for rows
    quick.ready(token)
    book = quick.sync(token)
    assert len(book.rows) == 50
    assert book.rows == expected(quick, item_id)


def test_category_versions_and_original_words(quick: Sandbox) -> None:
    token, _ = quick.link("user_household")
    quick.ready(token)
    plain = quick.sync(token).rows
    asked: dict[str, Any] = {
        "personal_finance_category_version": "v1",
        "include_original_description": True,
    }
    old = quick.sync(token, **asked).rows
    pay = next(key for key, row in plain.items() if "PAYROLL" in row["name"])
    assert plain[pay]["personal_finance_category"]["detailed"] == "INCOME_SALARY"
    assert old[pay]["personal_finance_category"]["detailed"] == "INCOME_WAGES"
    assert "original_description" not in plain[pay]
    assert old[pay]["original_description"] == "NORTHFELL DESIGN PAYROLL"


def test_the_default_window_is_ninety_days(quick: Sandbox) -> None:
    short, _ = quick.link("user_household", days=None)
    long, _ = quick.link("user_household", days=730)
    for token in (short, long):
        quick.ready(token)
    assert 0 < len(quick.sync(short).rows) * 5 < len(quick.sync(long).rows)
