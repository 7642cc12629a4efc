"""A person's tree of categories: two levels, names that differ, and a home for every row."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from strongroom import transactions
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import CategoryId, UserId, new_id
from strongroom.transactions import Kind, manual, own_categories, splits
from strongroom.transactions.labels import category_label
from strongroom.transactions.own_categories import (
    BadCategory,
    CategoryExists,
    CategoryIsNeeded,
    NeedsAnother,
)
from strongroom.transactions.splits import Part
from tests.book import (
    NOK,
    NOW,
    TODAY,
    apply,
    book,
    category,
    choose,
    item,
    page,
    person,
    report,
    row,
    take_in,
    values,
)
from tests.book import by_name as named
from tests.identity.conftest import World
from tests.transactions.counted import statements

_TAXONOMY = Path(
    os.environ.get("PFC_TAXONOMY")
    or Path(__file__).parents[3] / "shared" / "data" / "plaid" / "pfc-taxonomy-v1-v2.csv"
)


@dataclass
class Home:
    """Somebody with the default categories."""

    world: World
    owner: UserId

    def do(self, verb: Callable[..., Any], **more: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, now=NOW, **more))

    def make(self, name: str, parent: str | None = None, **more: Any) -> Any:
        parent_id = None if parent is None else self.id(parent)
        return self.do(own_categories.create, name=name, parent_id=parent_id, **more)

    def id(self, called: str) -> CategoryId:
        """The id of what is called so: by its key or its own name."""
        known = self.world.within(
            self.owner, lambda db: transactions.categories(db, owner=self.owner)
        )
        return next(one.id for one in known if called in (one.key, one.name))

    def tree(self) -> dict[str, list[str]]:
        found = self.world.within(
            self.owner, lambda db: own_categories.list_tree(db, owner=self.owner)
        )
        return {
            shown(branch.group): [shown(leaf) for leaf in branch.inside]
            for branch in found.branches
        }

    def removed(self) -> list[str]:
        found = self.world.within(
            self.owner, lambda db: own_categories.list_tree(db, owner=self.owner)
        )
        return [one.category.name or one.category.key or "" for one in found.removed]

    def removed_to(self) -> list[tuple[CategoryId, CategoryId]]:
        found = self.world.within(
            self.owner, lambda db: own_categories.list_tree(db, owner=self.owner)
        )
        return [(one.category.id, one.goes_to) for one in found.removed]

    def removed_ids(self) -> list[CategoryId]:
        return [one for one, _goes in self.removed_to()]


def shown(leaf: own_categories.Leaf) -> str:
    return category_label(leaf.category.key, leaf.category.name)


@pytest.fixture
def home(world: World) -> Iterator[Home]:
    owner = person(world)
    world.within(owner, lambda db: transactions.categories(db, owner=owner))
    yield Home(world, owner)


def test_every_code_of_plaid_leads_to_a_category(world: World) -> None:
    if not _TAXONOMY.is_file():
        pytest.skip(f"Plaid's codes are not at {_TAXONOMY}; PFC_TAXONOMY may name the file")
    with _TAXONOMY.open(newline="") as lines:
        told = list(csv.DictReader(lines))
    codes = {row[name] for row in told for name in ("v1_detailed", "v2_detailed") if row[name]}
    assert len(codes) > 120
    known = dict(values(world, "SELECT pfc_detailed, key FROM pfc_categories"))
    assert codes - known.keys() == set()
    kinds = dict(values(world, "SELECT key, kind FROM default_categories"))
    assert set(known.values()) <= kinds.keys()
    wrong = {
        code: kinds[known[code]] for code in codes
        if (code.startswith("INCOME_") and kinds[known[code]] != "income")
        or (code.startswith(("FOOD_", "TRAVEL_", "MEDICAL_")) and kinds[known[code]] != "spending")
        or (code.startswith("LOAN_DISBURSEMENTS_") and kinds[known[code]] != "transfer")
    }  # fmt: skip
    assert wrong == {}


def test_categories_are_made_in_groups_and_as_groups(home: Home) -> None:
    made = home.make("  Cat   food ", "shopping")
    assert (made.name, made.kind) == ("Cat food", Kind.SPENDING)
    group = home.make("Boat", kind=Kind.SPENDING)
    inside = home.make("Mooring", "Boat")
    assert inside.parent_id == group.id
    tree = home.tree()
    assert tree["Shopping"][-1] == "Cat food"
    assert tree["Boat"] == ["Mooring"]
    assert list(tree)[-1] == "Boat"
    assert home.make("Bonus", "income").kind == Kind.INCOME


@pytest.mark.parametrize(
    ("name", "parent", "kind", "error", "says"),
    [
        ("", None, None, BadCategory, "needs a name"),
        ("\x00 \t", None, None, BadCategory, "needs a name"),
        ("x" * 101, None, None, BadCategory, "at most 100 characters"),
        ("Deep", "groceries", None, BadCategory, "two levels"),
        ("Odd", "income", Kind.SPENDING, BadCategory, "counts as the group does"),
        ("GROCERIES", "food", None, CategoryExists, "GROCERIES"),
        ("food", None, None, CategoryExists, "in that place already"),
    ],
)
def test_what_cannot_be_made_is_refused(
    home: Home, name: str, parent: str | None, kind: Kind | None,
    error: type[StrongroomError], says: str,
) -> None:  # fmt: skip
    before = home.tree()
    with pytest.raises(error, match=says):
        home.make(name, parent, kind=kind)
    assert home.tree() == before


def test_a_default_category_is_renamed_and_has_its_own_name_again(home: Home) -> None:
    dining = home.id("dining")
    home.do(own_categories.rename, category_id=dining, name="Out with friends")
    assert "Out with friends" in home.tree()["Food"]
    with pytest.raises(CategoryExists):
        home.do(own_categories.rename, category_id=dining, name="coffee")
    home.do(own_categories.rename, category_id=dining, name="")
    assert "Dining" in home.tree()["Food"]
    own = home.make("Boat")
    with pytest.raises(BadCategory, match="needs a name"):
        home.do(own_categories.rename, category_id=own.id, name=" ")


def test_a_moved_category_counts_as_its_new_group_does(home: Home) -> None:
    moved = home.do(
        own_categories.move, category_id=home.id("loan_received"), parent_id=home.id("income")
    )
    assert moved.kind == Kind.INCOME
    assert home.tree()["Income"][-1] == "Loan received"
    alone = home.do(own_categories.move, category_id=home.id("pets"), parent_id=None)
    assert alone.parent_id is None
    assert home.tree()["Pets"] == []
    back = home.do(own_categories.move, category_id=alone.id, parent_id=home.id("family"))
    assert home.tree()["Family"][-1] == "Pets"
    assert back.kind == Kind.SPENDING


def test_what_cannot_be_moved_stays(home: Home) -> None:
    before = home.tree()
    for called, parent, error in (
        ("food", "home", BadCategory),
        ("food", "food", BadCategory),
        ("coffee", "dining", BadCategory),
        ("own_transfer", "home", CategoryIsNeeded),
    ):
        with pytest.raises(error):
            home.do(own_categories.move, category_id=home.id(called), parent_id=home.id(parent))
    home.make("Coffee", "leisure")
    with pytest.raises(CategoryExists):
        home.do(
            own_categories.move, category_id=category(home.world, home.owner, "coffee"),
            parent_id=home.id("leisure"),
        )  # fmt: skip
    before["Leisure"] = [*before["Leisure"], "Coffee"]
    assert home.tree() == before


def test_a_group_counts_as_told_and_what_the_book_needs_does_not_change(home: Home) -> None:
    boat = home.make("Boat")
    home.make("Rent of it", "Boat")
    home.do(own_categories.set_kind, category_id=boat.id, kind=Kind.INCOME)
    assert home.world.within(
        home.owner, lambda db: transactions.categories(db, owner=home.owner)
    )[-1].kind == Kind.INCOME  # fmt: skip
    with pytest.raises(BadCategory, match="counts as the group does"):
        home.do(own_categories.set_kind, category_id=home.id("Rent of it"), kind=Kind.TRANSFER)
    with pytest.raises(CategoryIsNeeded):
        home.do(own_categories.set_kind, category_id=home.id("transfers"), kind=Kind.SPENDING)


def test_a_category_takes_its_place_among_those_beside_it(home: Home) -> None:
    home.do(own_categories.place, category_id=home.id("coffee"), before=home.id("groceries"))
    assert home.tree()["Food"] == ["Coffee", "Groceries", "Dining", "Alcohol"]
    home.do(own_categories.place, category_id=home.id("coffee"), before=None)
    assert home.tree()["Food"] == ["Groceries", "Dining", "Alcohol", "Coffee"]
    home.do(own_categories.place, category_id=home.id("food"), before=home.id("income"))
    assert next(iter(home.tree())) == "Food"
    with pytest.raises(transactions.CategoryNotFound):
        home.do(own_categories.place, category_id=home.id("coffee"), before=home.id("pets"))


def _with_rows(home: Home) -> Any:
    known = take_in(home.world, home.owner, item(home.world, home.owner), report("checking", "1"))
    rows = [row("a", "10"), row("b", "20"), row("c", "30", pfc_detailed="FOOD_AND_DRINK_COFFEE")]
    apply(home.world, home.owner, known, page(*rows))
    return known


def test_rows_of_a_removed_category_go_where_it_is_said(home: Home) -> None:
    known = _with_rows(home)
    groceries, food = home.id("groceries"), home.make("Kitchen", "home")
    choose(home.world, home.owner, "groceries", named(home.world, home.owner)["ROW a"].id)
    parts = [Part(groceries, Decimal(-12)), Part(home.id("pets"), Decimal(-18))]
    row_c = named(home.world, home.owner)["ROW c"].id
    home.do(splits.split, transaction_id=row_c, parts=parts)
    with pytest.raises(NeedsAnother, match="takes the place of “Groceries”"):
        home.do(own_categories.remove, category_id=groceries, into=None)
    with pytest.raises(NeedsAnother, match="goes away itself"):
        home.do(own_categories.remove, category_id=groceries, into=groceries)
    assert home.do(own_categories.remove, category_id=groceries, into=food.id) == 3
    assert "Groceries" not in home.tree()["Food"]
    rows = named(home.world, home.owner)
    assert {rows["ROW a"].category_id, rows["ROW b"].category_id} == {food.id}
    assert (rows["ROW a"].category_by, rows["ROW b"].category_by) == ("person", "bank")
    assert home.world.within(
        home.owner, lambda db: splits.split_of(db, owner=home.owner, transaction_id=row_c)
    ).parts[0].category_id == food.id  # fmt: skip
    assert _sums(home) == {"Kitchen": Decimal(-42), "pets": Decimal(-18)}
    # What the bank still calls groceries goes there, too.
    later = page(row("d", "5"), modified=[row("b", "25")])
    apply(home.world, home.owner, known, later, now=NOW + timedelta(hours=1))
    assert {one.category_id for one in book(home.world, home.owner, category="Kitchen")} == {
        food.id, category(home.world, home.owner, "coffee"),
    }  # fmt: skip


def _sums(home: Home) -> dict[str, Decimal]:
    rows = values(
        home.world,
        "SELECT coalesce(c.name, c.key), sum(m.counted) FROM monthly_totals m"
        " JOIN categories c ON c.user_id = m.user_id AND c.id = m.category_id"
        " WHERE m.user_id = %s GROUP BY 1 HAVING sum(m.counted) <> 0",
        home.owner,
    )
    return dict(rows)


def test_spending_is_told_by_group_with_its_persons_name_for_it(home: Home) -> None:
    _with_rows(home)
    home.make("Boat")
    home.make("Mooring", "Boat")
    home.make("Fuel for it", "Boat")
    home.do(own_categories.rename, category_id=home.id("food"), name="Mat")
    rows = named(home.world, home.owner)
    for text, called in (("ROW a", "Mooring"), ("ROW b", "Fuel for it")):
        home.do(
            transactions.set_category, transaction_ids=[rows[text].id], category_id=home.id(called)
        )
    told = home.world.within(
        home.owner,
        lambda db: transactions.spending(db, owner=home.owner, currency=NOK, today=NOW.date()),
    )
    assert [(one.key, one.name, one.this_month.amount) for one in told] == [
        (None, "Boat", Decimal(30)), ("food", "Mat", Decimal(30)),
    ]  # fmt: skip
    for called, count, amount in (("Mooring", 1, -10), ("Boat", 2, -30), ("food", 1, -30)):
        wanted = transactions.Filter(category=called)
        ask = partial(transactions.summary, owner=home.owner, filter=wanted)
        summed = home.world.within(home.owner, ask)
        assert (summed.count, [one.amount for one in summed.totals]) == (count, [Decimal(amount)])


def test_a_group_goes_with_what_is_in_it_and_chains_lead_to_the_end(home: Home) -> None:
    _with_rows(home)
    home.make("First")
    home.make("Second")
    assert home.do(own_categories.remove, category_id=home.id("food"), into=home.id("First")) == 3
    assert "Food" not in home.tree()
    assert home.do(own_categories.remove, category_id=home.id("First"), into=home.id("Second")) == 3
    assert {one.category_name for one in book(home.world, home.owner)} == {"Second"}
    goes = values(
        home.world,
        "SELECT DISTINCT goes_to FROM categories WHERE user_id = %s AND removed_at IS NOT NULL",
        home.owner,
    )
    assert goes == [(home.id("Second"),)]
    assert set(home.removed()) == {
        "First", "food", "groceries", "dining", "coffee", "alcohol",
    }  # fmt: skip


def test_a_removed_category_is_brought_back(home: Home) -> None:
    coffee = home.id("coffee")
    home.do(own_categories.remove, category_id=coffee, into=home.id("dining"))
    home.make("Coffee", "food")
    with pytest.raises(CategoryExists):
        home.do(own_categories.bring_back, category_id=coffee)
    home.do(own_categories.remove, category_id=home.id("Coffee"), into=None)
    home.do(own_categories.bring_back, category_id=coffee)
    assert "Coffee" in home.tree()["Food"]
    assert home.removed() == ["Coffee"]


def test_a_removal_is_undone_with_its_rows(home: Home) -> None:
    _with_rows(home)
    before, sums = home.tree(), _sums(home)
    act = new_id()
    home.do(own_categories.remove, category_id=home.id("food"), into=home.id("pets"), edit_id=act)
    assert _sums(home) == {"pets": Decimal(-60)}
    home.do(manual.undo, edit_id=act)
    assert _sums(home) == sums
    tree = home.tree()
    assert set(tree["Food"]) == {"Groceries", "Coffee"}
    assert before.keys() == tree.keys()


def test_rules_and_budgets_follow_what_took_the_place(home: Home) -> None:
    coffee, dining = home.id("coffee"), home.id("dining")

    async def write(db: Any) -> None:
        for table, columns, facts in (
            ("sorting_rules", "name, position, category_id, merchants", ("r", 1, coffee, ["x"])),
            ("budgets", "currency, every, carry, starts_on, category_id",
             ("NOK", "month", "both", NOW.date(), coffee)),
        ):  # fmt: skip
            marks = ", ".join(["%s"] * (len(facts) + 4))
            await db.execute(
                f"INSERT INTO {table} (user_id, id, created_at, updated_at, {columns})"
                f" VALUES ({marks})",
                (home.owner, new_id(), NOW, NOW, *facts),
            )

    home.world.within(home.owner, write)
    home.do(own_categories.remove, category_id=coffee, into=dining)
    for table in ("sorting_rules", "budgets"):
        query = f"SELECT category_id FROM {table} WHERE user_id = %s"
        assert values(home.world, query, home.owner) == [(dining,)]


@pytest.mark.parametrize("key", ["uncategorised", "other", "own_transfer", "transfers", "income"])
def test_what_the_book_needs_is_not_removed(home: Home, key: str) -> None:
    with pytest.raises(CategoryIsNeeded, match="must stay"):
        home.do(own_categories.remove, category_id=home.id(key), into=home.id("pets"))


def test_somebody_elses_category_is_not_there(home: Home) -> None:
    theirs = home.id("pets")
    other = Home(home.world, person(home.world))
    other.tree()
    for verb, more in (
        (own_categories.rename, {"name": "x"}),
        (own_categories.move, {"parent_id": None}),
        (own_categories.place, {"before": None}),
        (own_categories.set_kind, {"kind": Kind.INCOME}),
        (own_categories.remove, {"into": None}),
        (own_categories.bring_back, {}),
    ):
        for category_id in (theirs, CategoryId(new_id())):
            with pytest.raises(transactions.CategoryNotFound):
                other.do(verb, category_id=category_id, **more)


_STEPS = st.lists(
    st.tuples(st.sampled_from(["make", "move", "place", "remove", "back", "rename"]),
              st.integers(0, 99), st.integers(0, 99)),
    max_size=12,
)  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS)
def test_whatever_is_done_the_tree_has_two_levels_and_names_differ(
    home: Home, steps: list[tuple[str, int, int]]
) -> None:
    for what, one, other in steps:
        known = home.world.within(
            home.owner, lambda db: transactions.categories(db, owner=home.owner)
        )
        first, second = known[one % len(known)], known[other % len(known)]
        gone = home.removed_ids()
        try:
            if what == "make":
                home.do(own_categories.create, name=f"n{one}", parent_id=second.id)
            elif what == "move":
                home.do(own_categories.move, category_id=first.id, parent_id=second.id)
            elif what == "place":
                home.do(own_categories.place, category_id=first.id, before=second.id)
            elif what == "remove":
                home.do(own_categories.remove, category_id=first.id, into=second.id)
            elif what == "rename":
                home.do(own_categories.rename, category_id=first.id, name=f"n{other}")
            elif gone:
                home.do(own_categories.bring_back, category_id=gone[one % len(gone)])
        except StrongroomError:
            pass
    known = home.world.within(home.owner, lambda db: transactions.categories(db, owner=home.owner))
    groups = {one.id: one for one in known if one.parent_id is None}
    for one_ in known:
        assert one_.parent_id is None or groups[one_.parent_id].kind == one_.kind
    places = [(one.parent_id, category_label(one.key, one.name).casefold()) for one in known]
    assert len(places) == len(set(places))
    live = {one.id for one in known}
    assert {goes for _id, goes in home.removed_to()} <= live


def _split_rows(home: Home, count: int) -> None:
    """As many rows in two parts, one of them groceries."""
    known = take_in(home.world, home.owner, item(home.world, home.owner), report("checking", "1"))
    rows = [row(f"s{n}", "30", TODAY - timedelta(days=n)) for n in range(count)]
    apply(home.world, home.owner, known, page(*rows))
    parts = [Part(home.id("groceries"), Decimal(-12)), Part(home.id("pets"), Decimal(-18))]
    for one in book(home.world, home.owner):
        home.do(splits.split, transaction_id=one.id, parts=parts)


def test_many_parts_are_put_elsewhere_and_back_in_as_few_statements_as_few(world: World) -> None:
    taken = []
    for count in (2, 9):
        owner = person(world)
        world.within(owner, partial(transactions.categories, owner=owner))
        home, act = Home(world, owner), new_id()
        _split_rows(home, count)
        before = _sums(home)
        removing = statements(
            world, owner, own_categories.remove, category_id=home.id("groceries"),
            into=home.id("dining"), edit_id=act, now=NOW,
        )  # fmt: skip
        assert _sums(home) == {"dining": Decimal(-12 * count), "pets": Decimal(-18 * count)}
        undoing = statements(world, owner, manual.undo, edit_id=act, now=NOW)
        assert _sums(home) == before
        taken.append((removing, undoing))
    assert taken[0] == taken[1]


def test_two_of_one_name_are_told_apart_by_their_ids(home: Home) -> None:
    _with_rows(home)
    rows = named(home.world, home.owner)
    first, second = (home.make("Misc", parent) for parent in ("food", "transport"))
    like_a_key = home.make("groceries", "transport")
    for one, label in ((first, "ROW a"), (second, "ROW b"), (like_a_key, "ROW c")):
        home.do(transactions.set_category, transaction_ids=[rows[label].id], category_id=one.id)

    def found(**narrowed: Any) -> set[str]:
        return {one.description for one in book(home.world, home.owner, **narrowed)}

    assert found(category=first.ref) == {"ROW a"}
    assert found(category=second.ref) == {"ROW b"}
    assert found(category="Misc") == {"ROW a", "ROW b"}
    assert found(category="groceries") == set()  # the default of that key, not the own one
    assert found(category=like_a_key.ref) == {"ROW c"}
    lines = home.world.within(
        home.owner,
        lambda db: transactions.spending(db, owner=home.owner, currency=NOK, today=TODAY),
    )
    assert {(one.category_id, one.this_month.amount) for one in lines} == {
        (home.id("transport"), Decimal(50)), (home.id("food"), Decimal(10)),
    }  # fmt: skip
