"""A migrated database, open on one event loop, that the tests of a module share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from strongroom.goals.simulation import prepare
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture
def own_world(database: TestDatabase) -> Iterator[World]:
    yield from opened_world(database)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.getbasetemp().parent / "engine"
    prepare(found)
    return found
