"""Whatever the bank does while pages are read, what was read ends equal to the truth."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.sandbox_plaid.conftest import Book, Refused, Sandbox

MOVES = some.sampled_from(["mutate", "mutate", "migrate", "migrate_told", "revoke_told", "refresh"])
STALE = "TRANSACTIONS_SYNC_MUTATION_DURING_PAGINATION"


def move(sandbox: Sandbox, token: str, item_id: str, name: str, size: int) -> None:
    """Let one thing happen at the bank."""
    if name == "mutate":
        sandbox.control("POST", f"/items/{item_id}/mutate", count=size, seed=size)
    elif name == "refresh":
        sandbox.post("/transactions/refresh", access_token=token)
    elif name == "revoke_told":
        if len(sandbox.truth(item_id)["accounts"]) > 1:
            sandbox.control("POST", f"/items/{item_id}/revoke_account", rows="remove")
    else:
        sandbox.control(
            "POST", f"/items/{item_id}/migrate_accounts", removed=name == "migrate_told"
        )


def bare(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "original_description"}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    counts=some.lists(some.integers(1, 120), min_size=1, max_size=6),
    moves=some.lists(some.tuples(some.integers(0, 3), MOVES, some.integers(1, 12)), max_size=5),
    partial=some.sampled_from([0, 0.5, 0.9]),
    seed=some.integers(0, 1_000),
)
def test_the_union_of_pages_is_the_truth(
    sandbox: Sandbox,
    counts: list[int],
    moves: list[tuple[int, str, int]],
    partial: float,
    seed: int,
) -> None:
    token, item_id = sandbox.link("user_transactions_dynamic")
    sandbox.ready(token)
    sandbox.control("POST", "/faults", seed=seed, rates={"partial_page": partial})
    book, start, cursor, pages = Book(), "", "", 0
    kept = dict(book.rows)
    try:
        while True:
            for wait, name, size in [one for one in moves if one[0] <= pages]:
                move(sandbox, token, item_id, name, size)
                moves.remove((wait, name, size))
            count = counts[pages % len(counts)]
            pages += 1
            assert pages < 2_000
            try:
                page = sandbox.post(
                    "/transactions/sync", access_token=token, cursor=cursor, count=count
                )
            except Refused as refused:
                assert refused.code == STALE
                book.rows, cursor = dict(kept), start
                continue
            assert sum(len(page[kind]) for kind in ("added", "modified", "removed")) <= count
            book.apply(page)
            cursor = page["next_cursor"]
            if not page["has_more"]:
                kept, start = dict(book.rows), cursor
                if not moves:
                    break
    finally:
        sandbox.control("DELETE", "/faults")
    truth = sandbox.truth(item_id)
    # Rows of account ids that are gone without a word are the client's to leave behind.
    living = {one["account_id"] for one in truth["accounts"]}
    read = {key: bare(row) for key, row in book.rows.items() if row["account_id"] in living}
    assert read == {row["transaction_id"]: bare(row) for row in truth["transactions"]}
