"""A user has one life at a bank: every link of it tells the same rows, under ids of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from tests.sandbox_plaid.conftest import Sandbox

USERS = [
    "user_good", "user_household", "user_yuppie", "user_small_business",
    "user_transactions_dynamic",
]  # fmt: skip


def life(sandbox: Sandbox, token: str) -> tuple[Counter[Any], list[Any]]:
    """The rows by mask, day, amount and name, and the balances by mask."""
    accounts = sandbox.post("/accounts/get", access_token=token)["accounts"]
    mask = {one["account_id"]: one["mask"] for one in accounts}
    rows = Counter(
        (mask[row["account_id"]], row["date"], row["amount"], row["name"], row["pending"])
        for row in sandbox.sync(token).rows.values()
    )
    return rows, [(one["mask"], one["balances"]["current"]) for one in accounts]


@pytest.mark.parametrize("username", USERS)
def test_only_ids_differ_between_two_links_of_one_user(sandbox: Sandbox, username: str) -> None:
    (first, one), (second, other) = sandbox.link(username), sandbox.link(username)
    sandbox.ready(first)
    sandbox.ready(second)
    assert one != other
    assert life(sandbox, first) == life(sandbox, second)
    ids = [set(sandbox.sync(token).rows) for token in (first, second)]
    assert ids[0] and not ids[0] & ids[1]


def test_two_banks_know_two_households(sandbox: Sandbox) -> None:
    tokens = [sandbox.link("user_household", bank=bank)[0] for bank in ("ins_109508", "ins_109509")]
    for token in tokens:
        sandbox.ready(token)
    assert life(sandbox, tokens[0]) != life(sandbox, tokens[1])


def test_a_household_linked_again_later_has_lived_on(
    make_sandbox: Callable[..., Sandbox],
) -> None:
    sandbox = make_sandbox()
    first, _ = sandbox.link("user_household")
    sandbox.ready(first)
    sandbox.control("POST", "/clock", offset_seconds=20 * 86_400)
    grown, balances = life(sandbox, first)
    sandbox.post("/item/remove", access_token=first)
    second, _ = sandbox.link("user_household")
    sandbox.ready(second)
    again, told = life(sandbox, second)
    # The second link asks for two years and no more: the oldest weeks are beyond them.
    oldest = min(day for _, day, *_ in again)
    assert Counter({row: n for row, n in grown.items() if row[1] > oldest}) == Counter(
        {row: n for row, n in again.items() if row[1] > oldest}
    )
    assert told == balances
