"""Everything that a person made here goes out with an export and comes back with an import."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator, Mapping
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from strongroom import budgets, goals, identity
from strongroom.connections import imports
from strongroom.core.money import Money
from strongroom.core.vault import Vault
from strongroom.transactions import attachments
from strongroom.transactions.export import Format
from tests import book
from tests.book import NOW, TODAY
from tests.conftest import TestDatabase
from tests.connections.households import (
    LATER,
    PNG,
    Household,
    Maker,
    all_sections,
    same,
    summary,
)
from tests.identity.conftest import World, opened_world

TOLD = (
    "settings", "tags", "rules", "rejections", "transfers", "refunds", "attachments", "budgets",
    "recurring", "goals", "profile",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


def somebody(world: World) -> Household:
    return Household(world, book.person(world), all_sections(world))


def made_up(world: World, seed: int = 7) -> Household:
    household = somebody(world)
    Maker(household, random.Random(seed)).everything()
    return household


@pytest.fixture(scope="module")
def here(world: World) -> Household:
    return made_up(world)


@pytest.fixture(scope="module")
def packed(here: Household) -> bytes:
    return here.export()


@settings(
    max_examples=3, deadline=None, phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
@given(seed=st.integers(0, 10**6))
def test_what_goes_out_comes_back(world: World, seed: int) -> None:
    here, there = made_up(world, seed), somebody(world)
    done = there.bring(here.export())
    assert (done.state, done.problem_count, done.skipped) == ("done", 0, 0), done.problems
    before, after = same(here.told()), same(there.told())
    assert after.keys() == before.keys()
    for name, records in before.items():
        assert after[name] == records, name
    assert summary(there) == summary(here)
    again = there.bring(here.export(), "again.zip")
    assert (again.imported, again.problem_count, again.made) == (0, 0, {})
    assert same(there.told()) == after


def test_a_book_tells_all_there_is(here: Household) -> None:
    told = here.told()
    assert tuple(name for name in told if name in TOLD) == TOLD
    assert all(told[name] for name in ("rules", "attachments", "budgets", "recurring", "goals"))
    assert any(one.get("hands") for one in told["transactions"])
    assert here.export() == here.export()
    with zipfile.ZipFile(BytesIO(here.export())) as archive:
        assert json.loads(archive.read("strongroom.json")) == told
        for one in told["attachments"]:
            assert archive.read(one["file"]).startswith(PNG)


def test_what_is_brought_into_where_it_came_from_changes_nothing(world: World) -> None:
    here = made_up(world, 11)
    before = here.told()
    done = here.bring(here.export())
    assert (done.imported, done.made, done.made_accounts) == (0, {}, [])
    assert here.told() == before


def test_undo_takes_out_all_of_it(world: World, here: Household) -> None:
    there = somebody(world)
    done = there.bring(here.export())
    there.ask(imports.undo, import_id=done.id, now=LATER, sections=there.sections)
    left = there.told()
    gone = (*TOLD[1:], "accounts", "balances", "transactions")
    assert {name: left[name] for name in gone} == {name: [] for name in gone}
    assert there.bring(here.export()).problem_count == 0  # and all of it comes in again
    assert same(there.told()) == same(here.told())


def test_json_alone_says_what_it_lacks(world: World, here: Household) -> None:
    there = somebody(world)
    done = there.bring(here.export(Format.JSON), "book.json")
    told = here.told()
    assert [one.field for one in done.problems] == ["attachments"]
    assert done.problem_count == len(told["attachments"])
    assert there.told()["goals"]


def test_what_is_here_stays_as_it_is(world: World, here: Household) -> None:
    there = somebody(world)
    wanted = {"theme": "light"}
    there.ask(identity.change_settings, wanted=wanted, client=world.client(), now=LATER)
    mine = budgets.NewBudget(
        None, Money(Decimal(77), book.NOK), budgets.Every.MONTH, TODAY, budgets.Carry.BOTH
    )
    there.ask(budgets.add_budget, new=mine, today=TODAY, now=NOW)
    there.bring(here.export())
    assert there.ask(identity.get_settings).theme == "light"
    kept = [one.budget for one in there.ask(budgets.budget_progress, today=TODAY)]
    assert [one.amount for one in kept if (one.category_id, one.every) == (None, "month")] == [
        mine.amount
    ]


def test_a_book_without_a_row_is_one(world: World) -> None:
    here, there = somebody(world), somebody(world)
    new = goals.NewGoal("Boat", goals.GoalType.CUSTOM, Money(Decimal(9), book.NOK), 12)
    here.ask(goals.add, new=new, now=NOW)
    done = there.bring(here.export())
    assert (done.state, done.told["goals"], done.problem_count) == ("done", 1, 0)
    assert [one.name for one in there.ask(goals.list_all)] == ["Boat"]


def test_a_token_brings_back_only_what_it_may_write(world: World, here: Household) -> None:
    there = somebody(world)
    may = there.sections.writable({"transactions:write"})
    done = there.bring(here.export(), sections=may)
    assert {one.field for one in done.problems} == {
        "settings", "budgets", "recurring", "goals", "profile",
    }  # fmt: skip
    left = there.told()
    assert (left["goals"], left["budgets"]) == ([], [])
    assert left["rules"]


def _rules(told: dict[str, Any]) -> None:
    told["rules"] = [
        {**told["rules"][0], "id": f"rul_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"texts": ["("], "text_how": "matches"}, {"merchants": "Kiwi"}, {"name": None},
             {"category": "cat_1"}, {"amount_from": "1e999999"}, {"merchants": ["x" * 5000]},
             {"id": "../../etc"}, {"parts": [{"category": 3}]},
             {"accounts": [], "text_how": "matches", "texts": ["("]})
        )
    ]  # fmt: skip


def _goals(told: dict[str, Any]) -> None:
    told["goals"] = [
        {**told["goals"][0], "id": f"goal_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"target_amount": "-1"}, {"target_amount": "NaN"}, {"due_on": "20026-01-01"},
             {"due_on": "9999-12-31"}, {"assumptions": []}, {"name": "x" * 500},
             {"currency": "nonsense"}, {"timeline_months": "10" * 400}, {"accounts": None})
        )
    ]  # fmt: skip


def _budgets(told: dict[str, Any]) -> None:
    told["budgets"] = [
        {**told["budgets"][0], "id": f"bdg_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"starts_on": "0001-01-01"}, {"amounts": []}, {"amounts": [{"since": 1}]},
             {"every": "hour"}, {"category": "cat_x"}, {"currency": "XXXX"})
        )
    ]  # fmt: skip


def _attachments(told: dict[str, Any]) -> None:
    one = told["attachments"][0]
    told["attachments"] = [
        {**one, "id": f"att_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"file": "../strongroom.json"}, {"file": "attachments/program"},
             {"file": "attachments/bomb"}, {"file": "nowhere"}, {"transaction": "trn_1"})
        )
    ]  # fmt: skip


def _pairs(told: dict[str, Any]) -> None:
    account, (out, into) = (
        told["accounts"][0]["id"],
        [one["id"] for one in told["transactions"]][:2],
    )
    link = {"out": out, "into": into, "kind": "transfer", "state": "matched", "score": "90",
            "reasons": [], "made_by": "person", "confirmed_at": None, "made_at": NOW.isoformat(),
            "rival": into, "rival_side": "out", "rival_score": "50"}  # fmt: skip
    told["transfers"] = [
        {**link, "id": f"trf_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"rival_score": "99999999999"}, {"out": account}, {"score": "NaN"})
        )
    ]
    pair = {"kind": "transfer", "one": out, "other": into, "rejected_at": NOW.isoformat()}
    told["rejections"] = [{**pair, "one": account}, {**pair, "other": "cat_1"}]
    item = {"verdict": "confirmed", "account": account, "rows": [], "payee": "x", "title": "x",
            "cadence": "monthly", "standing": "live", "currency": "NOK", "varies": False,
            "inner_move": False, "count": "3", "first_on": "2026-01-01", "last_on": "2026-03-01",
            "next_on": "2026-04-01", "due_on": None, "changed_on": None, "amount": "5",
            "low": "5", "high": "5", "last": "5", "was": None}  # fmt: skip
    told["recurring"] = [
        {**item, "id": f"rec_{number:032x}", **wrong}
        for number, wrong in enumerate[Mapping[str, Any]](
            ({"amount": "NaN"}, {"currency": "?"}, {"next_on": "9999-12-31"}, {"count": 1})
        )
    ]


def test_what_cannot_be_is_told_and_stops_nothing(world: World, here: Household) -> None:
    told, there = here.told(), somebody(world)
    for spoil in (_rules, _goals, _budgets, _attachments, _pairs):
        spoil(told)
    nonsense = [{}, {"id": 3, "name": ["x"], "currency": {}}, {"rows": "trn_1", "one": None}]
    told["refunds"] = []
    wrong = ("transfers", "refunds", "rejections", "recurring", "profile", "tags", "strange")
    told |= {name: [*told.get(name, ()), *nonsense] for name in wrong[:4]}
    told |= dict.fromkeys(wrong[4:], nonsense) | {"settings": [{"theme": "pink"}]}
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("strongroom.json", json.dumps(told, indent=1))
        archive.writestr("attachments/program", b"MZ" + bytes(100))
        archive.writestr("attachments/bomb", b"%PDF-" + bytes(12 << 20))
    done = there.bring(out.getvalue())
    left = there.told()
    spoilt = ("rules", "goals", "budgets", "attachments", *wrong)
    assert not any(left[name] for name in spoilt if name in left and name != "tags")
    assert {one.field: one.message.split()[0] for one in done.problems} == {
        **{name: str(len(told[name])) for name in spoilt}, "settings": "1",
    }  # fmt: skip
    assert done.problem_count == sum(len(told[name]) for name in spoilt) + 1
    assert len(left["transactions"]) == len(told["transactions"])


def test_a_file_that_tells_without_end_is_refused(world: World, here: Household) -> None:
    told = here.told()
    told["goals"] = [{"name": "x" * 900_000}] * 80
    with pytest.raises(Exception, match="too much beside its rows"):
        somebody(world).bring(json.dumps(told).encode(), "book.json")


def test_attachments_open_as_they_were(world: World, here: Household) -> None:
    there = somebody(world)
    there.bring(here.export())
    (first, *_) = there.told()["attachments"]
    rows = [one.id for one in book.book(world, there.owner)]
    held = there.ask(attachments.attachments_of, transaction_ids=rows)
    opened = there.ask(
        attachments.open_attachment, Vault(world.place.ring), attachment_id=held[0].id
    )
    assert (opened.attachment.name, opened.content[:8]) == (first["name"], PNG[:8])
