"""Undoing the import of a whole book: nothing of it stays, nothing of the person's goes unasked."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from strongroom import budgets, goals
from strongroom.budgets import Carry, Every, NewBudget, Verdict
from strongroom.connections import imports
from strongroom.connections.imports.types import MayNotUndo, RowsWereEdited
from strongroom.core import ids
from strongroom.core.ids import CategoryId
from strongroom.core.money import Money
from strongroom.goals import GoalChange, NewGoal, profile
from strongroom.goals.profile import FigureName
from strongroom.transactions import own_categories, sorting, splits
from strongroom.transactions.sorting import Actions, Conditions, Draft
from strongroom.transactions.splits import Part
from tests import book
from tests.book import NOK, NOW, TODAY
from tests.conftest import TestDatabase
from tests.connections.households import LATER, PNG, Household, Maker, all_sections
from tests.house import API, House
from tests.identity.conftest import World, opened_world

SINCE = LATER + timedelta(hours=5)
FACTS = {"today": TODAY, "now": NOW}
SAID_AT = "2026-10-01T10:00:00+00:00"


@pytest.fixture(scope="module")
def world(module_database: TestDatabase) -> Iterator[World]:
    yield from opened_world(module_database)


def somebody(world: World) -> Household:
    return Household(world, book.person(world), all_sections(world))


def with_rows(world: World) -> tuple[Household, Maker]:
    household = somebody(world)
    maker = Maker(household, random.Random(3))
    maker._accounts()
    maker._rows()
    return household, maker


def planner(world: World) -> Household:
    """Somebody with one goal, rule, budget and figure of their own, and no row."""
    here = somebody(world)
    new = NewGoal("Boat", goals.GoalType.CUSTOM, Money(Decimal(9), NOK), 12)
    here.ask(goals.add, new=new, now=NOW)
    draft = Draft("Shop", Conditions(merchants=("Kiwi",)), Actions(review=True))
    here.ask(sorting.add_rule, draft=draft, now=NOW)
    here.ask(budgets.add_budget, new=budget(9), **FACTS)
    here.ask(profile.override, figure=FigureName.INVESTMENT_ALLOCATION, shares=shares(9), now=NOW)
    return here


def shares(tenths: int) -> dict[str, Decimal]:
    return {"stocks": Decimal(tenths) / 10, "bonds": Decimal(10 - tenths) / 10}


def budget(amount: int, category: Any = None) -> NewBudget:
    return NewBudget(category, Money(Decimal(amount), NOK), Every.MONTH, TODAY, Carry.BOTH)


def undo(there: Household, done: Any, **more: Any) -> None:
    more.setdefault("sections", there.sections)
    there.ask(imports.undo, import_id=done.id, now=SINCE + timedelta(hours=1), **more)


def changed(there: Household) -> None:
    """Change each thing that the book brought."""
    (goal,) = there.ask(goals.list_all)
    there.ask(goals.change, goal_id=goal.id, change=GoalChange(name="Ship"), now=SINCE)
    (rule,) = there.ask(sorting.list_rules)
    there.ask(sorting.set_rule_on, rule_id=rule.id, is_on=False, now=SINCE)
    (held,) = there.ask(budgets.budget_progress, today=TODAY)
    facts = {"today": TODAY, "now": SINCE}
    there.ask(budgets.change_budget, budget_id=held.budget.id, new=budget(11), **facts)
    there.ask(
        profile.override, figure=FigureName.INVESTMENT_ALLOCATION, shares=shares(7), now=SINCE
    )


def test_undo_asks_before_what_was_changed_since_goes(world: World) -> None:
    there = somebody(world)
    done = there.bring(planner(world).export())
    assert {name: len(keys) for name, keys in done.made.items()} == {
        "rules": 1, "budgets": 1, "goals": 1, "profile": 1,
    }  # fmt: skip
    changed(there)
    with pytest.raises(RowsWereEdited, match="1 of its goals") as asked:
        undo(there, done)
    assert asked.value.count == 4
    assert [one.name for one in there.ask(goals.list_all)] == ["Ship"]
    undo(there, done, even_edited=True)
    assert there.ask(goals.list_all) == []


def test_undo_does_not_ask_where_nothing_was_changed(world: World) -> None:
    there = somebody(world)
    undo(there, there.bring(planner(world).export()))
    assert there.ask(goals.list_all) == []


def test_only_who_may_write_what_was_made_may_undo_it(world: World) -> None:
    there = somebody(world)
    done = there.bring(planner(world).export())
    with pytest.raises(MayNotUndo, match="made goals, budgets, profile"):
        undo(there, done, sections=there.sections.writable({"transactions:write"}))
    assert len(there.ask(goals.list_all)) == 1


def link(prefix: str, **facts: Any) -> dict[str, Any]:
    return {
        "id": ids.show(prefix, ids.new_id()), "state": "matched", "score": 90, "reasons": [],
        "made_by": "person", "confirmed_at": SAID_AT, "made_at": SAID_AT, "rival": None, **facts,
    }  # fmt: skip


def packed(told: dict[str, Any]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("strongroom.json", json.dumps(told, indent=1))
        archive.writestr("attachments/one.png", PNG)
    return out.getvalue()


def shown(maker: Maker, name: str) -> str:
    return ids.show("trn", maker.rows[name].id)


def test_what_hangs_on_rows_that_were_there_goes_with_the_import(world: World) -> None:
    here, maker = with_rows(world)
    odd = [
        book.row("odd-1", "91.17", TODAY - timedelta(days=40), name="Zebra", merchant_name=None),
        book.row("odd-2", "-44.40", TODAY - timedelta(days=2), name="Quill", merchant_name=None),
    ]
    book.apply(world, here.owner, maker.known, book.page(*odd))
    maker.rows = {one.description: one for one in book.book(world, here.owner)}
    before = here.told()
    pairs = {(one["out"], one["into"]) for one in before["transfers"]}
    legs = ("MOVE out", "MOVE in") if not pairs else ("MOVE o2", "MOVE i2")
    out, into = (shown(maker, name) for name in legs)
    assert out not in str(before["transfers"]) and into not in str(before["transfers"])
    back, buy = shown(maker, "Quill"), shown(maker, "Zebra")
    assert back not in str(before["refunds"]) and buy not in str(before["refunds"])
    assert before["rejections"] == before["attachments"] == []
    brought = {
        **before,
        "transfers": [*before["transfers"], link("trf", out=out, into=into, kind="transfer",
                                                 rival_side=None, rival_score=None)],
        "refunds": [link("rfd", refund=back, purchase=buy, rival_score=None,
                         category_before=None)],
        "rejections": [{"kind": "double", "one": back, "other": buy, "rejected_at": SAID_AT}],
        "attachments": [{"id": ids.show("att", ids.new_id()), "transaction": buy, "name": "a.png",
                         "media_type": "image/png", "size": 1, "created_at": SAID_AT,
                         "file": "attachments/one.png"}],
    }  # fmt: skip
    done = here.bring(packed(brought))
    names = ("transfers", "refunds", "rejections", "attachments")
    assert done.problems == []
    assert {name: len(keys) for name, keys in done.made.items()} == dict.fromkeys(names, 1)
    undo(here, done)
    assert here.told() == before


def test_a_rejection_that_comes_ends_no_link_of_rows_that_were_there(world: World) -> None:
    here, maker = with_rows(world)
    book.apply(
        world, here.owner, maker.known,
        book.page(
            book.row("a", "912", name="Betaling 123", pfc_detailed=None),
            book.row("b", "-912", plaid_account_id="savings", name="Fra konto ••0001",
                     pfc_detailed="INCOME_OTHER"),
        ),
    )  # fmt: skip
    before = here.told()
    live = [one for one in before["transfers"] if one["confirmed_at"] is None]
    assert live, "some transfer was matched that nobody confirmed"
    said = [
        {"kind": "transfer", "one": one["out"], "other": one["into"], "rejected_at": SAID_AT}
        for one in live
    ]
    done = here.bring(packed({**before, "rejections": said}))
    assert (here.told(), done.made) == (before, {})


def test_a_verdict_that_an_item_here_was_given_goes_with_the_import(world: World) -> None:
    here, _maker = with_rows(world)
    world.run(budgets.look_through(world.database, owner=here.owner, now=NOW))
    (item, *_) = here.ask(budgets.recurring_items)
    judge = {"item_id": item.id, "now": NOW}
    here.ask(budgets.judge_recurring, verdict=Verdict.CONFIRMED, **judge)
    brought = here.export()
    here.ask(budgets.judge_recurring, verdict=None, **judge)
    done = here.bring(brought)
    assert [one["verdict"] for one in here.told()["recurring"]] == ["confirmed"]
    undo(here, done)
    assert here.told()["recurring"] == []
    assert item.id in {one.id for one in here.ask(budgets.recurring_items)}


def own_category(here: Household, name: str) -> CategoryId:
    made: CategoryId = here.ask(own_categories.create, name=name, now=NOW).id
    return made


def test_a_category_that_came_stays_where_the_person_uses_it(world: World) -> None:
    there, maker = with_rows(world)
    source = somebody(world)
    for name in ("Split", "Budget", "Rule", "Parts", "Nothing"):
        own_category(source, name)
    done = there.bring(source.export())
    held = {one["name"]: one["id"] for one in there.told()["categories"] if not one["key"]}
    came = {name: CategoryId(ids.parse("cat", key)) for name, key in held.items()}
    assert set(came) == {"Split", "Budget", "Rule", "Parts", "Nothing"}
    one = maker.plain[0]
    half = round(one.amount.amount / 4, 2)
    parts = [Part(came["Split"], half), Part(there.key("gifts"), one.amount.amount - half)]
    there.ask(splits.split, transaction_id=one.id, parts=parts, now=NOW)
    there.ask(budgets.add_budget, new=budget(5, came["Budget"]), **FACTS)
    shop = Conditions(merchants=("Kiwi",))
    mine = Draft("Mine", shop, Actions(category_id=came["Rule"]))
    there.ask(sorting.add_rule, draft=mine, now=NOW)
    shares = tuple(sorting.Part(key, Decimal(50)) for key in (came["Parts"], there.key("gifts")))
    shared = replace(mine, name="Shared", conditions=Conditions(merchants=("Fjord Gym",)),
                     actions=Actions(parts=shares))  # fmt: skip
    there.ask(sorting.add_rule, draft=shared, now=NOW)
    before = there.told()
    undo(there, done)
    after = there.told()
    left = {one["name"] for one in after["categories"] if not one["key"]}
    assert left == {"Split", "Budget", "Rule", "Parts"}
    assert (after["budgets"], after["rules"]) == (before["budgets"], before["rules"])


def test_undo_says_what_goes_and_who_did_what(house: House) -> None:
    kari, ola = house.person(), house.person()
    goal = {"name": "Boat", "goal_type": "custom", "target": {"amount": "9000", "currency": "NOK"},
            "timeline_months": 30}  # fmt: skip
    assert kari.api.post(f"{API}/goals", json=goal).is_success
    assert kari.api.patch(f"{API}/settings", json={"theme": "dark"}).is_success
    told = kari.api.get(f"{API}/export", params={"format": "json"}).content
    found = ola.api.post(f"{API}/imports", files={"file": ("book.json", told)}).json()
    path = f"/imports/{found['id']}"
    assert ola.api.post(f"{API}{path}/confirm").json()["state"] == "done"
    assert "by a file that you imported" in ola.text("/settings/security")
    page = ola.text(f"{path}/undo")
    assert "Goals: 1" in page and "You have changed" not in page
    (made,) = ola.get("/goals")["items"]
    assert ola.api.patch(f"{API}/goals/{made['id']}", json={"name": "Ship"}).is_success
    assert "You have changed some of what it made" in ola.text(f"{path}/undo")
    given = {"name": "x", "scopes": ["transactions:read", "transactions:write"]}
    secret = ola.api.post(f"{API}/tokens", json=given).json()["secret"]
    as_token = {"Authorization": f"Bearer {secret}", "Cookie": ""}
    refused = ola.api.post(f"{API}{path}/undo", headers=as_token, json={"even_edited": True})
    assert (refused.status_code, "goals" in refused.text) == (403, True), refused.text
    asked = ola.api.post(f"{API}{path}/undo")
    assert (asked.status_code, "1 of its goals" in asked.text) == (409, True), asked.text
    assert ola.pages.post(f"{path}/undo", data={"even_edited": "1"}).is_success
    assert ola.get("/goals")["items"] == []
