"""A whole book in four formats: complete, exact, in order, harmless, and balanced."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Context, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom import accounts
from strongroom.core.ids import AccountId, UserId, new_id, show
from strongroom.transactions.export import ExportIsBeingWritten, Format, Part, ask
from strongroom.transactions.export.cells import as_it_was, harmless
from strongroom.transactions.export.chart import codes, component
from strongroom.transactions.export.whole import WRITERS
from tests import book
from tests.book import NOW, TODAY
from tests.conftest import TestDatabase
from tests.identity.conftest import World, opened_world
from tests.transactions.exported import HOSTILE, export, make
from tests.transactions.made_up import Made, books

_NUMBER = r"-?\d+(?:\.\d+)?"
_LEG = re.compile(rf"^ +([^\s;]\S*) +({_NUMBER}) (\S+)(?: = ({_NUMBER}) (\S+))?$")
_BALANCE = re.compile(rf"^(\d{{4}}-\d\d-\d\d) balance (\S+) ({_NUMBER}) (\S+)$")
_DATED = re.compile(r"^(\d{4}-\d\d-\d\d) [*!] ")


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


@pytest.fixture(scope="module")
def owner(world: World) -> UserId:
    return make(world)


def check(text: str) -> int:
    """Hold every entry and balance of a file against the sums, as accounting programs do."""
    held: dict[tuple[str, str], Decimal] = {}
    due: list[tuple[str, str, str, Decimal]] = []
    entries: list[tuple[str, list[tuple[str, str, Decimal]]]] = []
    checked = 0
    for line in text.split("\n"):
        if dated := _DATED.match(line):
            entries.append((dated[1], []))
        elif (leg := _LEG.match(line)) and leg[1] != "format":
            entries[-1][1].append((leg[1], leg[3], Decimal(leg[2])))
            if leg[4]:
                due.append((entries[-1][0] + "~", leg[1], leg[5], Decimal(leg[4])))
        elif found := _BALANCE.match(line):
            due.append((found[1], found[2], found[4], Decimal(found[3])))
    with localcontext(Context(prec=60)):
        for _day, legs in entries:
            for code in {code for _account, code, _amount in legs}:
                assert sum(amount for _account, one, amount in legs if one == code) == 0
        waiting = sorted(entries, key=lambda one: one[0])
        for day, account, code, amount in sorted(due, key=lambda one: one[0]):
            while waiting and waiting[0][0] < day:
                for to, of, moved in waiting.pop(0)[1]:
                    held[to, of] = held.get((to, of), Decimal(0)) + moved
            assert held.get((account, code), Decimal(0)) == amount, (day, account)
            checked += 1
    return checked


@pytest.mark.parametrize("format", [Format.BEANCOUNT, Format.LEDGER])
@settings(max_examples=40)
@given(made=books())
def test_every_entry_sums_to_zero_and_every_balance_holds(format: Format, made: Made) -> None:
    assert check(made.written(format)) == len(made.balances)


@pytest.mark.parametrize("format", [Format.BEANCOUNT, Format.LEDGER])
def test_the_check_itself_finds_what_is_wrong(world: World, owner: UserId, format: Format) -> None:
    told = export(world, owner, format).decode()
    assert check(told) > 5
    with pytest.raises(AssertionError):
        check(re.sub(r"(Expenses:\S+ +-?\d+)", r"\g<1>7", told, count=1))


@pytest.mark.parametrize("format", Format)
def test_the_same_book_gives_the_same_bytes(world: World, owner: UserId, format: Format) -> None:
    assert export(world, owner, format) == export(world, owner, format)


def test_json_tells_everything_in_the_books_order(world: World, owner: UserId) -> None:
    told = json.loads(export(world, owner, Format.JSON))
    rows = book.book(world, owner)
    assert [one["id"] for one in told["transactions"]] == [
        show("trn", row.id) for row in reversed(rows)
    ]
    by_id = {show("trn", row.id): row for row in rows}
    for one in told["transactions"]:
        row = by_id[one["id"]]
        assert Decimal(one["amount"]) == row.amount.amount
        assert one["currency"] == row.amount.currency
        assert (one["description"], one["note"]) == (row.description, row.note)
        assert one["pending"] == row.pending
        assert (one["removed_by_bank"] is None) == (row.removed_by_bank is None)
        assert one["category"] == show("cat", row.category_id)
    assert len(told["accounts"]) == 6
    known = world.within(owner, lambda db: accounts.list_all(db, owner=owner))
    assert sum(one["closed_at"] is not None for one in told["accounts"]) == 1
    assert sum(one["hidden_at"] is not None for one in told["accounts"]) == 1
    assert {one["name"] for one in told["accounts"]} == {one.name for one in known}
    assert len({one["id"] for one in told["categories"]}) == len(told["categories"]) > 50
    stored = book.values(world, "SELECT count(*) FROM account_balances WHERE user_id = %s", owner)
    assert len(told["balances"]) == stored[0][0] > 8


def test_no_cell_runs_as_a_formula_and_amounts_stay_numbers(world: World, owner: UserId) -> None:
    told = export(world, owner, Format.CSV).decode()
    lines = list(csv.DictReader(io.StringIO(told, newline="")))
    rows = [line for line in lines if line["record"] == "transaction"]
    assert {as_it_was(line["description"]) for line in rows} >= set(HOSTILE)
    for line in rows:
        for name, cell in line.items():
            if name == "amount":
                assert re.fullmatch(_NUMBER, cell)
            else:
                assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


@given(text=st.text())
def test_what_is_kept_from_running_is_undone_exactly(text: str) -> None:
    kept = harmless(text)
    assert as_it_was(kept) == text
    assert not kept.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d"))


def test_a_part_holds_what_it_names_and_no_more(world: World, owner: UserId) -> None:
    known = world.within(owner, lambda db: accounts.list_all(db, owner=owner))
    one = next(account for account in known if account.name == "Checking" and account.mask)
    since, until = TODAY - timedelta(days=9), TODAY - timedelta(days=2)
    part = Part(one.id, since, until)
    told = json.loads(export(world, owner, Format.JSON, part))
    assert [account["id"] for account in told["accounts"]] == [show("acc", one.id)]
    wanted = book.book(world, owner, account_id=one.id, since=since, until=until)
    assert len(told["transactions"]) == len(wanted) > 3
    assert check(export(world, owner, Format.BEANCOUNT, part).decode()) == len(told["balances"])
    every = export(world, owner, Format.BEANCOUNT, Part(since=TODAY - timedelta(days=9))).decode()
    assert check(every) > 4


def test_a_part_that_cannot_be_is_refused(world: World, owner: UserId) -> None:
    with pytest.raises(accounts.AccountNotFound):
        export(world, owner, Format.JSON, Part(AccountId(new_id())))
    with pytest.raises(accounts.BackToFront, match="before the first"):
        export(world, owner, Format.JSON, Part(since=TODAY, until=TODAY - timedelta(days=1)))
    stranger = book.person(world)
    theirs = json.loads(export(world, stranger, Format.JSON))
    assert (theirs["accounts"], theirs["transactions"]) == ([], [])


@pytest.mark.parametrize("format", WRITERS)
def test_an_empty_book_is_a_whole_file(world: World, format: Format) -> None:
    told = export(world, book.person(world), format).decode()
    assert told.endswith("\n")
    if format in (Format.BEANCOUNT, Format.LEDGER):
        assert check(told) == 0


def test_one_export_a_person_is_read_at_a_time(world: World, owner: UserId) -> None:
    async def both(db: Any) -> None:
        name = f"export {owner}"
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
        with pytest.raises(ExportIsBeingWritten):
            await _export(world, owner)

    world.within(owner, both)
    assert export(world, owner, Format.JSON)


async def _export(world: World, owner: UserId) -> None:
    from strongroom.transactions.export import write

    await write(world.database, owner=owner, format=Format.JSON, part=Part(), out=io.BytesIO())


def test_exports_are_on_record_and_counted(world: World) -> None:
    from strongroom import identity

    owner = book.person(world)
    for _ in range(20):
        world.within(owner, lambda db: ask(db, owner=owner, format=Format.CSV, now=NOW))
    with pytest.raises(identity.TooManyAttempts):
        world.within(owner, lambda db: ask(db, owner=owner, format=Format.CSV, now=NOW))
    assert world.actions(owner) == ["transactions.export"] * 20


def test_names_in_a_chart_are_ones_that_beancount_takes() -> None:
    assert component("checking; 0001") == "Checking-0001"
    assert component("\u666e\u901a") == "X\u666e\u901a"
    assert component("\U0001f600") == "X"
    assert component("--") == "X"
    assert component("\u00e5pen") == "\u00c5pen"
    assert codes(["NOK", "1INCH.", "X1INCH", "TRUE", "A_"]) == {
        "A_": "XA", "NOK": "NOK", "X1INCH": "X1INCH", "1INCH.": "X1INCH2", "TRUE": "XTRUE",
    }  # fmt: skip
