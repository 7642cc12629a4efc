"""What people do to their book stands in their audit log: which row, never what it says."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from strongroom import audit, transactions
from strongroom.audit import Entry
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.transactions import TransactionNotFound, manual
from strongroom.transactions.manual import RowChange
from tests import book as made
from tests.book import NOW, page, row
from tests.identity.conftest import World


def recorded(world: World, owner: UserId) -> list[Entry]:
    """The person's chain, oldest first; it must hold."""
    rows = world.within(owner, lambda db: audit.list_newest(db, owner=owner, limit=500))
    assert world.within(owner, lambda db: audit.verify(db, owner=owner)).holds
    return list(reversed(rows))


def test_each_edit_is_recorded_once_and_no_change_never(world: World) -> None:
    owner = made.person(world)
    known = made.take_in(world, owner, made.item(world, owner), made.report("checking", "1"))
    made.apply(world, owner, known, page(*(row(name, "1") for name in "abc")))
    rows = made.by_name(world, owner)
    one, two, three = (rows[f"ROW {name}"].id for name in "abc")
    chosen = made.category(world, owner, "uncategorised")
    steps: list[tuple[Any, dict[str, Any]]] = [
        (transactions.set_category, {"transaction_ids": [one], "category_id": chosen}),
        (manual.change, {"transaction_ids": [one], "change": RowChange(note="Not to be told")}),
        (manual.change, {"transaction_ids": [one, two, three], "change": RowChange(reviewed=True)}),
        (manual.change, {"transaction_ids": [two], "change": RowChange(reviewed=False)}),
        (manual.change, {"transaction_ids": [one, two], "change": RowChange(note="")}),
    ]
    for verb, more in steps:
        for _again in range(2):
            world.within(owner, partial(verb, owner=owner, now=NOW, actor="token:7", **more))
    found = recorded(world, owner)
    assert [(one.action, one.resource_id, one.details) for one in found] == [
        ("transactions.set_category", str(one), {}),
        ("transactions.edit", str(one), {}),
        ("transactions.edit", None, {"count": 3}),
        ("transactions.edit", str(two), {}),
        ("transactions.edit", None, {"count": 1}),
    ]
    assert {(one.actor, one.resource_type) for one in found} == {("token:7", "transaction")}
    with pytest.raises(TransactionNotFound):
        world.within(
            owner,
            partial(
                manual.change, owner=owner, change=RowChange(reviewed=True), now=NOW,
                transaction_ids=[two, TransactionId(new_id())],
            ),
        )  # fmt: skip
    assert recorded(world, owner) == found
