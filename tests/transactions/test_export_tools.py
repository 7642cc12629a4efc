"""What other programs say of our exports: beancount, hledger and ledger check every balance."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from strongroom.core.ids import UserId
from strongroom.transactions.export import Format
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world
from tests.transactions.exported import export, make, run, saved, tool
from tests.transactions.made_up import Made, books, small_amounts

_FEW = settings(max_examples=15, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture(scope="module")
def owner(world: World) -> UserId:
    return make(world)


def test_beancount_takes_it_and_every_balance_holds(
    world: World, owner: UserId, tmp_path: Path
) -> None:
    check = tool("bean-check", "beancount, on PyPI")
    told = export(world, owner, Format.BEANCOUNT)
    assert run(check, saved(tmp_path, "book.beancount", told)) == ""


def test_hledger_takes_it_strictly_and_every_balance_holds(
    world: World, owner: UserId, tmp_path: Path
) -> None:
    told = export(world, owner, Format.LEDGER)
    run(tool("hledger", "hledger"), "-f", saved(tmp_path, "b.journal", told), "check", "--strict")


def test_ledger_takes_it_pedantically_and_every_balance_holds(
    world: World, owner: UserId, tmp_path: Path
) -> None:
    told = export(world, owner, Format.LEDGER)
    place = saved(tmp_path, "book.ledger", told)
    program = tool("ledger", "ledger")
    assert run(program, "-f", place, "--strict", "--pedantic", "bal", "Nothing") == ""


@_FEW
@given(made=books(small_amounts))
def test_beancount_takes_any_book(tmp_path_factory: pytest.TempPathFactory, made: Made) -> None:
    place = tmp_path_factory.mktemp("made")
    told = made.written(Format.BEANCOUNT).encode()
    run(tool("bean-check", "beancount, on PyPI"), saved(place, "book.beancount", told))


@_FEW
@given(made=books())
def test_hledger_and_ledger_take_any_book(
    tmp_path_factory: pytest.TempPathFactory, made: Made
) -> None:
    told = saved(tmp_path_factory.mktemp("made"), "b.ledger", made.written(Format.LEDGER).encode())
    run(tool("hledger", "hledger"), "-f", told, "check", "--strict")
    run(tool("ledger", "ledger"), "-f", told, "--strict", "--pedantic", "bal", "Nothing")
