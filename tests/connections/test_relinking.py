"""Linking a bank again, or having it call its accounts otherwise: one history, edits kept."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from strongroom import accounts, connections, identity, transactions
from strongroom.connections import Item
from strongroom.core.ids import ItemId
from tests import book as made
from tests.connections.conftest import Kari
from tests.connections.test_syncing import is_true, many
from tests.serving import serving


def history(kari: Kari) -> Counter[Any]:
    return Counter(
        made.values(
            kari.world,
            "SELECT account_id, day, amount, description FROM transactions"
            " WHERE user_id = %s AND removed_by_bank IS NULL", kari.owner,
        )
    )  # fmt: skip


def edited(kari: Kari) -> Any:
    """One booked row that the person put into another category, with a note."""
    one = next(row for row in made.book(kari.world, kari.owner) if not row.pending)
    made.choose(kari.world, kari.owner, "travel", one.id)
    made.note(kari.world, kari.owner, one.id, "with Ola")
    return one.id


def is_edited(kari: Kari, transaction_id: Any) -> bool:
    (one,) = [row for row in made.book(kari.world, kari.owner) if row.id == transaction_id]
    return (one.category_key, one.note) == ("travel", "with Ola")


def test_a_bank_linked_again_after_it_was_unlinked_goes_on(kari: Kari) -> None:
    item = kari.linked("user_custom", many(300))
    kari.sync(item.id)
    held, before, mine = ids(kari), history(kari), edited(kari)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    assert history(kari) == before
    again = kari.linked("user_custom", many(300))
    assert again.id != item.id
    kari.sync(again.id)
    kari.sync(again.id)
    assert ids(kari) == held
    assert {one.item_id for one in kari.ask(accounts.list_all)} == {again.id}
    assert history(kari) == before
    is_true(kari, again)
    assert is_edited(kari, mine)


def ids(kari: Kari) -> set[Any]:
    return {one.id for one in kari.ask(accounts.list_all)}


def test_a_bank_that_renumbers_its_accounts_goes_on(kari: Kari) -> None:
    item = kari.linked()
    kari.sync(item.id)
    held, before, mine = ids(kari), history(kari), edited(kari)
    _renumber(kari, item.id)
    kari.sync(item.id)
    assert ids(kari) == held
    assert history(kari) == before
    assert is_edited(kari, mine)


def _renumber(kari: Kari, item_id: ItemId) -> None:
    """As if the accounts and rows that we hold had been told under other ids."""
    for table, column in (
        ("accounts", "plaid_account_id"), ("plaid_transactions", "plaid_transaction_id"),
    ):  # fmt: skip
        made.values(
            kari.world,
            f"UPDATE {table} SET {column} = 'was ' || {column} WHERE user_id = %s RETURNING 1",
            kari.owner,
        )
    made.values(
        kari.world, "UPDATE sync_cursors SET cursor = '' WHERE item_id = %s RETURNING 1", item_id
    )


@contextmanager
def renumbering(
    kari: Kari, make_kari: Callable[..., Kari], item: Item, times: int
) -> Iterator[Kari]:
    """The same person at a bank that renumbers accounts just before it lists them."""
    left = iter(range(times))

    async def pass_on(request: Request) -> Response:
        if request.url.path == "/accounts/get" and next(left, None) is not None:
            at_bank = f"/items/{item.plaid_item_id}/migrate_accounts"
            await asyncio.to_thread(kari.sandbox.control, "POST", at_bank, removed=False)
        async with httpx.AsyncClient(timeout=30) as client:
            answer = await client.post(
                kari.sandbox.url + request.url.path,
                content=await request.body(),
                headers={one: told for one, told in request.headers.items() if one != "host"},
            )
        return Response(answer.content, answer.status_code, media_type="application/json")

    with serving(Starlette(routes=[Route("/{rest:path}", pass_on, methods=["POST"])])) as address:
        provider = make_kari(url=address).links.provider
        yield replace(kari, links=replace(kari.links, provider=provider))


def told_now(kari: Kari) -> Counter[str]:
    """The bank's ids of what is in the book, but for history under ids that it gave up."""
    rows = made.values(
        kari.world,
        "SELECT p.plaid_transaction_id FROM transactions t"
        " JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)"
        " WHERE t.user_id = %s AND t.removed_by_bank IS NULL AND p.left_behind_at IS NULL",
        kari.owner,
    )
    return Counter(str(one) for (one,) in rows)


@pytest.mark.parametrize("times", [1, 2])
def test_a_bank_that_renumbers_its_accounts_while_it_is_read_goes_on(
    kari: Kari, make_kari: Callable[..., Kari], times: int
) -> None:
    item = kari.linked()
    kari.sync(item.id)
    held = ids(kari)
    kari.sandbox.control("POST", f"/items/{item.plaid_item_id}/mutate", count=30, seed=4)
    with renumbering(kari, make_kari, item, times) as there:
        there.sync(item.id)
    assert ids(kari) == held
    kari.sync(item.id)
    assert ids(kari) == held
    told = kari.sandbox.truth(item.plaid_item_id)["transactions"]
    assert told_now(kari) == Counter(one["transaction_id"] for one in told)


def test_a_household_linked_again_has_lived_once(kari: Kari) -> None:
    item = kari.linked("user_household")
    kari.sync(item.id)
    before, sums = history(kari), totals(kari)
    assert len(before) > 500
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    again = kari.linked("user_household")
    kari.sync(again.id)
    assert history(kari) == before
    assert totals(kari) == sums


def totals(kari: Kari) -> Any:
    found = kari.ask(transactions.summary, filter=transactions.Filter())
    return found.count, found.totals


def test_a_bank_that_tells_another_history_says_so(kari: Kari) -> None:
    item = kari.linked("user_custom", many(60))
    kari.sync(item.id)
    before = history(kari)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    _retell(kari)
    again = kari.linked("user_custom", many(60))
    kari.sync(again.id)
    kari.sync(again.id)
    assert sum(history(kari).values()) == 2 * sum(before.values())
    (one,) = kari.ask(connections.other_histories, item_id=again.id)
    (account,) = kari.ask(accounts.list_all)
    assert (one.account_id, one.account) == (account.id, account.name)
    told = [
        one for one in kari.ask(identity.list_notifications).items if "another history" in one.title
    ]
    assert len(told) == 1
    assert told[0].arguments["account"] == account.name


def test_a_history_that_is_found_again_is_no_news(kari: Kari) -> None:
    item = kari.linked("user_custom", many(60))
    kari.sync(item.id)
    kari.run(connections.unlink(kari.links, owner=kari.owner, item_id=item.id))
    again = kari.linked("user_custom", many(60))
    refresh = kari.sync(again.id)
    assert (refresh.added, refresh.modified) == (0, 60)
    assert kari.ask(connections.other_histories, item_id=again.id) == []


def _retell(kari: Kari) -> None:
    """As if the bank had told other amounts until now."""
    made.values(
        kari.world,
        "UPDATE plaid_transactions SET amount = amount + 0.01 WHERE user_id = %s RETURNING 1",
        kari.owner,
    )
    made.values(
        kari.world,
        "UPDATE transactions SET amount = amount - 0.01 WHERE user_id = %s RETURNING 1", kari.owner,
    )  # fmt: skip
