"""What the tests of a module share: a database open on one event loop, or a person at a bank."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import TestDatabase
from tests.house import House, Person
from tests.identity.conftest import World, opened_world


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture(scope="module")
def kari(house: House) -> Person:
    person = house.person()
    house.link(person)
    return person


@pytest.fixture(scope="module")
def everyday(kari: Person) -> dict[str, Any]:
    found = kari.get("/accounts")["items"]
    return next(one for one in found if one["category"] == "cash")
