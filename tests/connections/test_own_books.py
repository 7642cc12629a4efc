"""A book that was exported and is imported by somebody new is the same book, in every format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from strongroom import transactions
from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.core.ids import UserId
from strongroom.transactions import own_categories
from strongroom.transactions.export import Format
from tests import book
from tests.book import NOW
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world
from tests.transactions.exported import export, make, own_category


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture(scope="module")
def owner(world: World) -> UserId:
    return make(world)


def bring(world: World, owner: UserId, told: bytes, name: str) -> Any:
    """Import a file as a person does: look at it, and take it in."""

    async def work(db: Any) -> Any:
        source = Source.of(told, name)
        begun = await imports.begin(db, owner=owner, source=source, now=NOW)
        return await imports.confirm(db, owner=owner, import_id=begun.id, include=None, now=NOW)

    return world.within(owner, work)


def same(told: dict[str, Any]) -> dict[str, Any]:
    """A book without what is new in another place: ids, who told of rows and balances, sources."""
    accounts = {one["id"]: number for number, one in enumerate(told["accounts"])}
    categories = {one["id"]: one for one in told["categories"]}

    def path(key: str | None) -> Any:
        one = categories.get(key or "")
        return one and (path(one["parent"]), one["key"], one["name"], one["kind"])

    without = {"id", "account", "category", "origin", "parent", "manual", "iban"}
    return {
        "accounts": [
            {name: fact for name, fact in one.items() if name not in without}
            for one in told["accounts"]
        ],
        "categories": [str(path(one["id"])) for one in told["categories"]],
        "balances": sorted(
            (accounts[one["account"]], one["day"], one["balance"], one["currency"])
            for one in told["balances"]
        ),
        "transactions": [
            {
                **{name: fact for name, fact in one.items() if name not in without},
                "account": accounts[one["account"]],
                "category": path(one["category"]),
                "parts": [{**part, "category": path(part["category"])} for part in one["parts"]],
            }
            for one in told["transactions"]
        ],
    }


def summary(world: World, owner: UserId) -> transactions.Summary:
    everything = transactions.Filter()
    return world.within(owner, lambda db: transactions.summary(db, owner=owner, filter=everything))


def book_of(world: World, owner: UserId) -> dict[str, Any]:
    return same(json.loads(export(world, owner, Format.JSON)))


@pytest.mark.parametrize("format", Format)
def test_the_same_book_stands_there_again(world: World, owner: UserId, format: Format) -> None:
    there = book.person(world)
    done = bring(world, there, export(world, owner, format), f"book.{format}")
    assert (done.state, done.problem_count, done.skipped) == ("done", 0, 0)
    before, after = book_of(world, owner), book_of(world, there)
    for part in ("accounts", "categories", "balances", "transactions"):
        assert after[part] == before[part], part
    assert summary(world, there) == summary(world, owner)


def test_what_was_done_away_with_is_so_again(world: World) -> None:
    owner, there = make(world), book.person(world)
    coffee, dining = (book.category(world, owner, key) for key in ("coffee", "dining"))
    mine = own_category(world, owner, "Mine", None)
    world.within(
        owner,
        lambda db: own_categories.remove(db, owner=owner, category_id=mine, into=coffee, now=NOW),
    )
    world.within(
        owner,
        lambda db: own_categories.remove(db, owner=owner, category_id=coffee, into=dining, now=NOW),
    )
    told = export(world, owner, Format.JSON)
    done = bring(world, there, told, "book.json")
    assert (done.problem_count, done.skipped) == (0, 0)
    live = world.within(there, lambda db: transactions.categories(db, owner=there))
    assert not {"coffee", "Mine"} & {one.key or one.name for one in live}
    tree = world.within(there, lambda db: own_categories.list_tree(db, owner=there))
    assert [(one.category.key, one.goes_to) for one in tree.removed] == [
        ("coffee", book.category(world, there, "dining"))
    ]


def test_a_tree_that_is_none_changes_nothing_else(world: World, owner: UserId) -> None:
    there = book.person(world)
    told = json.loads(export(world, owner, Format.JSON))
    for one in told["categories"]:
        if one["key"] == "food":
            one["parent"] = next(c["id"] for c in told["categories"] if c["key"] == "groceries")
        if one["key"] == "income":
            one["kind"] = "spending"
    bring(world, there, json.dumps(told, indent=1).encode(), "book.json")
    live = world.within(there, lambda db: transactions.categories(db, owner=there))
    by_key = {one.key: one for one in live}
    assert by_key["food"].parent_id is None
    assert by_key["income"].kind == "income"


def test_a_book_that_is_brought_twice_changes_nothing(world: World, owner: UserId) -> None:
    there = book.person(world)
    told = export(world, owner, Format.JSON)
    bring(world, there, told, "book.json")
    first = book_of(world, there)
    again = bring(world, there, told, "book.json")
    assert again.imported == 0
    assert book_of(world, there) == first


def test_a_book_is_taken_out_again_whole(world: World, owner: UserId) -> None:
    there = book.person(world)
    done = bring(world, there, export(world, owner, Format.BEANCOUNT), "book.beancount")
    world.within(there, lambda db: imports.undo(db, owner=there, import_id=done.id, now=NOW))
    left = json.loads(export(world, there, Format.JSON))
    assert (left["accounts"], left["transactions"], left["balances"]) == ([], [], [])
    assert all(one["key"] for one in left["categories"])


@pytest.mark.parametrize("format", Format)
def test_undo_of_a_book_asks_only_about_what_was_changed_since(
    world: World, owner: UserId, format: Format
) -> None:
    there = book.person(world)
    done = bring(world, there, export(world, owner, format), f"book.{format}")

    def edited() -> int:
        return int(
            world.within(there, lambda db: imports.edited_since(db, owner=there, import_id=done.id))
        )

    assert edited() == 0
    ((row, before),) = book.values(
        world,
        "SELECT id, category_id FROM transactions"
        " WHERE user_id = %s AND category_by = 'person' ORDER BY id LIMIT 1",
        there,
    )
    other = next(
        one.id
        for one in world.within(there, lambda db: transactions.categories(db, owner=there))
        if one.id != before
    )
    world.within(
        there,
        lambda db: transactions.set_category(
            db, owner=there, transaction_ids=[row], category_id=other,
            now=NOW + timedelta(minutes=1),
        ),
    )  # fmt: skip
    assert edited() == 1
