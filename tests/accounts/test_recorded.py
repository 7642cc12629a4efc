"""What people do to their accounts stands in their audit log: which one, never what it is worth."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from strongroom import accounts, audit
from strongroom.accounts import BadValue, OpenManual
from strongroom.audit import Entry
from strongroom.core.ids import UserId
from strongroom.core.money import Money
from tests import book as made
from tests.book import NOK, NOW, TODAY
from tests.identity.conftest import World

_FLAT = OpenManual("Secret flat", "real_estate", Money(Decimal("123456.78"), NOK), TODAY)


def recorded(world: World, owner: UserId) -> list[Entry]:
    """The person's chain, oldest first; it must hold."""
    rows = world.within(owner, lambda db: audit.list_newest(db, owner=owner, limit=500))
    assert world.within(owner, lambda db: audit.verify(db, owner=owner)).holds
    return list(reversed(rows))


def test_each_change_is_recorded_once_and_no_change_never(world: World) -> None:
    owner = made.person(world)
    flat = world.within(
        owner, partial(accounts.open_manual, owner=owner, new=_FLAT, now=NOW, actor="token:7")
    )
    worth, yesterday = partial(Money, currency=NOK), TODAY - timedelta(days=1)
    steps: list[tuple[str, Any, dict[str, Any]]] = [
        ("revalue", accounts.revalue, {"value": worth(Decimal(5)), "day": TODAY}),
        ("revalue", accounts.revalue, {"value": worth(Decimal(5)), "day": yesterday}),
        ("rename", accounts.rename, {"name": "Another secret"}),
        ("hide", accounts.hide, {"hidden": True}),
        ("show", accounts.hide, {"hidden": False}),
        ("close", accounts.close, {}),
        ("reopen", accounts.reopen, {}),
    ]
    for _, verb, more in steps:
        for _again in range(2):
            world.within(owner, partial(verb, owner=owner, account_id=flat.id, now=NOW, **more))
    found = recorded(world, owner)
    assert [one.action for one in found] == [
        f"accounts.{name}" for name in ("open_manual", *(name for name, _, _ in steps))
    ]
    assert [one.actor for one in found] == ["token:7"] + ["person"] * len(steps)
    assert {(one.resource_type, one.resource_id) for one in found} == {("account", str(flat.id))}
    told = repr(found).lower()
    assert "secret" not in told and "123456" not in told


def test_what_is_refused_is_not_recorded(world: World) -> None:
    owner = made.person(world)
    tomorrow = OpenManual("Flat", "real_estate", Money(Decimal(1), NOK), TODAY + timedelta(days=1))
    with pytest.raises(BadValue):
        world.within(owner, partial(accounts.open_manual, owner=owner, new=tomorrow, now=NOW))
    assert recorded(world, owner) == []
