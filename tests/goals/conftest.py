"""A migrated database, open on one event loop, that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture
def own_world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)
