"""A person's rules through their verbs: new rows, the whole book, dry runs, whose hand is where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from strongroom import identity, transactions
from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Money
from strongroom.transactions import Transaction, manual, own_categories, sorting
from strongroom.transactions.sorting import Actions, Conditions, Draft, How, Part, Rule, RuleId
from tests import book as made
from tests.book import NOK, NOW, TODAY, page, row
from tests.identity.conftest import World

LATER = NOW + timedelta(hours=1)


@dataclass
class Kari:
    """Someone with an account, and the verbs of rules in her name."""

    world: World
    owner: UserId
    known: dict[str, AccountId]

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))

    def rule(self, merchants: str | tuple[str, ...], **sets: Any) -> Rule:
        values = (merchants,) if isinstance(merchants, str) else merchants
        asked = Conditions(merchants=values, merchant_how=How.CONTAINS)
        rule: Rule = self.ask(sorting.add_rule, draft=Draft("", asked, Actions(**sets)), now=NOW)
        return rule

    def apply(self, *rows: Any, now: Any = NOW) -> None:
        made.apply(self.world, self.owner, self.known, page(*rows), now=now)

    def key(self, name: str) -> Any:
        return made.category(self.world, self.owner, name)

    def book(self) -> dict[str, Transaction]:
        return made.by_name(self.world, self.owner)

    def hands(self, one: Transaction) -> list[tuple[str, str, str]]:
        found = self.ask(sorting.hands_on, transaction_id=one.id)
        return [(hand.field, hand.value, hand.rule_name) for hand in found]

    def values(self, query: str) -> list[tuple[Any, ...]]:
        return made.values(self.world, query, self.owner)


@pytest.fixture
def kari(world: World) -> Kari:
    owner = made.person(world)
    known = made.take_in(world, owner, made.item(world, owner), made.report("checking", "1000"))
    return Kari(world, owner, known)


def test_a_rule_sorts_new_rows_as_they_come_and_its_hand_is_seen(kari: Kari) -> None:
    kari.apply(row("old", "10", merchant_name="Green Basket"))
    rule = kari.rule(
        "basket", category_id=kari.key("gifts"), merchant="Basket", tags=("weekly",), review=True
    )
    kari.apply(row("new", "20", merchant_name="Green Basket 0417"), row("other", "5"))
    book = kari.book()
    one = book["ROW new"]
    assert (one.category_key, one.category_by, one.title) == ("gifts", "rule", "Basket")
    assert (one.needs_review, one.reviewed_at) == (False, NOW)
    assert kari.hands(one) == [
        ("category", "", "basket"),
        ("merchant", "", "basket"),
        ("review", "", "basket"),
        ("tag", "weekly", "basket"),
    ]
    assert book["ROW old"].category_key == book["ROW other"].category_key == "groceries"
    assert kari.hands(book["ROW other"]) == []
    assert kari.ask(sorting.get_rule, rule_id=rule.id).touched == 1
    told = kari.values(
        "SELECT DISTINCT cause, cause_id FROM book_changes"
        " WHERE user_id = %s AND after ? 'category_by'"
    )
    assert told == [("rule", rule.id)]


def test_sums_follow_what_rules_did(kari: Kari) -> None:
    kari.rule("basket", category_id=kari.key("gifts"))
    kari.apply(row("a", "20", merchant_name="Green Basket"), row("b", "7"))
    spent = kari.ask(transactions.spending, currency=NOK, today=TODAY)
    assert {one.key: one.this_month.amount for one in spent} == {
        "shopping": Decimal(20),
        "food": Decimal(7),
    }


def test_a_sync_neither_undoes_a_rule_nor_repeats_it(kari: Kari) -> None:
    first = row("a", "20", merchant_name="Green Basket")
    kari.rule("basket", category_id=kari.key("gifts"), merchant="Basket", review=True)
    kari.apply(first)
    one = kari.book()["ROW a"]
    made.review(kari.world, kari.owner, one.id, reviewed=False)
    made.choose(kari.world, kari.owner, "pets", one.id)
    changed = replace(first, amount=Decimal(21), raw='{"amount": 21}')
    made.apply(kari.world, kari.owner, kari.known, page(modified=[changed]), now=LATER)
    after = kari.book()["ROW a"]
    assert (after.category_key, after.category_by, after.title) == ("pets", "person", "Basket")
    assert after.amount == Money(Decimal(-21), NOK)
    assert after.reviewed_at is None
    assert ("category", "", "basket") not in kari.hands(after)


def test_a_dry_run_counts_and_shows_and_changes_nothing(kari: Kari) -> None:
    kari.apply(
        *(row(f"r{n}", "10", merchant_name="Green Basket") for n in range(4)), row("other", "3")
    )
    book = kari.book()
    made.choose(kari.world, kari.owner, "pets", book["ROW r0"].id)
    kari.rule("green", category_id=kari.key("coffee"))
    kari.ask(sorting.apply_rules, now=NOW)
    before = kari.book()
    draft = Draft(
        "", Conditions(texts=("basket",)), Actions(category_id=kari.key("gifts"), merchant="GB")
    )
    told = kari.ask(sorting.dry_run, draft=draft, now=NOW)
    assert (told.met, told.changed, told.by_person, told.by_rule) == (4, 4, 0, 0)
    assert {one.new_merchant for one in told.rows} == {"GB"}
    assert {one.new_category_id for one in told.rows} == {None}
    only = replace(draft, actions=Actions(category_id=kari.key("gifts")))
    told = kari.ask(sorting.dry_run, draft=only, now=NOW)
    assert (told.met, told.changed, told.by_person, told.by_rule) == (4, 0, 1, 3)
    assert kari.book() == before
    assert len(kari.ask(sorting.list_rules)) == 1


def test_the_whole_book_is_sorted_once(kari: Kari) -> None:
    kari.apply(
        row("a", "10", merchant_name="Green Basket"),
        row("b", "10", day=TODAY - timedelta(days=70), merchant_name="Green Basket"),
        row("salary", "-100", merchant_name="Acme", pfc_detailed="INCOME_SALARY"),
    )
    rule = kari.rule("basket", category_id=kari.key("gifts"), tags=("shop",))
    other = kari.rule("acme", transfer=True)
    done = kari.ask(sorting.apply_rules, rule_id=rule.id, now=LATER)
    assert (done.rows, done.by_rule) == (2, {rule.id: 2})
    assert kari.book()["ROW salary"].category_key == "salary"
    done = kari.ask(sorting.apply_rules, now=LATER)
    assert done.by_rule == {other.id: 1}
    assert kari.book()["ROW salary"].category_key == "own_transfer"
    changes = kari.values("SELECT count(*) FROM book_changes WHERE user_id = %s")
    again = kari.ask(sorting.apply_rules, now=LATER)
    assert (again.rows, again.edit_id) == (0, None)
    assert kari.values("SELECT count(*) FROM book_changes WHERE user_id = %s") == changes
    flow = kari.ask(transactions.cash_flow, currency=NOK, today=TODAY, months=3)
    assert [(one.money_in.amount, one.money_out.amount) for one in flow] == [
        (0, 10), (0, 0), (0, 10),
    ]  # fmt: skip


def test_a_tag_that_was_taken_off_is_not_put_on_again(kari: Kari) -> None:
    kari.rule("basket", tags=("shop",))
    kari.apply(row("a", "10", merchant_name="Green Basket"))
    assert kari.values("SELECT tagged_by FROM transaction_tags WHERE user_id = %s") == [("rule",)]
    kari.world.within(
        kari.owner,
        lambda db: db.execute("DELETE FROM transaction_tags WHERE user_id = %s", (kari.owner,)),
    )
    assert kari.ask(sorting.apply_rules, now=LATER).rows == 0
    assert kari.hands(kari.book()["ROW a"]) == []


def test_a_rule_splits_a_row_in_whole_ore(kari: Kari) -> None:
    parts = (Part(kari.key("pets"), Decimal("33.33")), Part(kari.key("gifts"), Decimal("16.67")))
    kari.rule("basket", parts=parts)
    kari.apply(row("a", "10.01", merchant_name="Green Basket"))
    query = (
        "SELECT c.key, p.amount FROM transaction_parts p JOIN categories c"
        " ON c.user_id = p.user_id AND c.id = p.category_id WHERE p.user_id = %s ORDER BY c.key"
    )
    expected = {"pets": Decimal("-3.34"), "gifts": Decimal("-1.67"), "groceries": Decimal("-5.00")}
    assert dict(kari.values(query)) == expected
    assert kari.ask(sorting.apply_rules, now=LATER).rows == 0
    sums = kari.values(
        "SELECT c.key, m.counted FROM monthly_totals m JOIN categories c"
        " ON c.user_id = m.user_id AND c.id = m.category_id WHERE m.user_id = %s"
    )
    assert dict(sums) == expected


def test_rules_are_ordered_switched_changed_and_deleted(kari: Kari) -> None:
    gifts, pets = kari.key("gifts"), kari.key("pets")
    first, second = kari.rule("basket", category_id=gifts), kari.rule("green", category_id=pets)
    assert [one.name for one in kari.ask(sorting.list_rules)] == ["basket", "green"]
    kari.ask(sorting.move_rule, rule_id=second.id, to=1, now=NOW)
    kari.apply(row("a", "1", merchant_name="Green Basket"))
    assert kari.book()["ROW a"].category_key == "pets"
    kari.ask(sorting.set_rule_on, rule_id=second.id, is_on=False, now=NOW)
    kari.apply(row("b", "1", merchant_name="Green Basket"))
    assert kari.book()["ROW b"].category_key == "gifts"
    draft = Draft("Renamed", first.conditions, Actions(category_id=pets))
    kari.ask(sorting.change_rule, rule_id=first.id, draft=draft, now=LATER)
    kari.apply(row("c", "1", merchant_name="Green Basket"))
    one = kari.book()["ROW c"]
    assert (one.category_key, kari.hands(one)) == ("pets", [("category", "", "Renamed")])
    kari.ask(sorting.delete_rule, rule_id=first.id, now=LATER)
    (hand,) = kari.ask(sorting.hands_on, transaction_id=one.id)
    assert (hand.rule_id, hand.rule_name) == (None, "Renamed")
    with pytest.raises(sorting.RuleNotFound):
        kari.ask(sorting.get_rule, rule_id=first.id)
    with pytest.raises(sorting.RuleNotFound):
        kari.ask(sorting.delete_rule, rule_id=RuleId(new_id()), now=NOW)


def test_a_refused_rule_leaves_nothing_behind(kari: Kari) -> None:
    kari.rule("basket", category_id=kari.key("gifts"))
    with pytest.raises(sorting.RulesContradict):
        kari.rule("BASKET", category_id=kari.key("pets"))
    asked = Conditions(merchants=("x",), accounts=(AccountId(new_id()),))
    with pytest.raises(sorting.UnknownInRule) as refused:
        kari.ask(sorting.add_rule, draft=Draft("", asked, Actions(review=True)), now=NOW)
    assert refused.value.field == "accounts"
    assert len(kari.ask(sorting.list_rules)) == 1


def test_a_pattern_that_never_ends_keeps_no_row_out_and_is_run_no_more(kari: Kari) -> None:
    kari.rule("basket", category_id=kari.key("gifts"))
    stuck = kari.rule("stuck", category_id=kari.key("pets"))
    kari.world.within(  # as a pattern that was harmless so far
        kari.owner,
        lambda db: db.execute(
            "UPDATE sorting_rules SET merchant_how = 'matches', merchants = %s, position = 0"
            " WHERE user_id = %s AND id = %s",
            (["(a|aa)+$"], kari.owner, stuck.id),
        ),
    )
    kari.apply(row("a", "1", merchant_name="a" * 80 + "!"), row("b", "1", merchant_name="Basket"))
    assert len(kari.book()) == 2
    assert kari.book()["ROW b"].category_key == "gifts"
    found = kari.ask(sorting.get_rule, rule_id=stuck.id)
    assert (found.kept_out_because, found.runs) == ("(a|aa)+$", False)
    (notice,) = kari.ask(identity.list_notifications).items
    assert (notice.type, notice.link) == ("rule", f"/settings/rules/rul_{stuck.id.hex}")
    mended = Draft("mended", Conditions(merchants=("a",)), found.actions)
    assert kari.ask(sorting.change_rule, rule_id=stuck.id, draft=mended, now=LATER).runs


def test_after_an_edit_the_same_is_offered_for_the_others_of_that_merchant(kari: Kari) -> None:
    kari.apply(*(row(f"r{n}", "10", merchant_name="Green Basket") for n in range(4)))
    book = kari.book()
    one = book["ROW r0"].id
    assert kari.ask(sorting.offer_for, transaction_id=one) is None
    made.choose(kari.world, kari.owner, "gifts", one)
    made.choose(kari.world, kari.owner, "pets", book["ROW r1"].id)
    offered = kari.ask(sorting.offer_for, transaction_id=one)
    assert (offered.merchant, offered.category_key, offered.count) == ("Green Basket", "gifts", 2)
    kari.ask(sorting.add_rule, draft=sorting.rule_of_offer(offered), now=NOW)
    assert kari.ask(sorting.take_offer, transaction_id=one, now=LATER).rows == 2
    assert sorted(one.category_key or "" for one in kari.book().values()) == [
        "gifts", "gifts", "gifts", "pets",
    ]  # fmt: skip
    with pytest.raises(sorting.NothingToOffer):
        kari.ask(sorting.take_offer, transaction_id=one, now=LATER)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (Conditions(merchants=("green basket 0417",)), "ab"),
        (Conditions(merchants=("0417",), merchant_how=How.CONTAINS), "ab"),
        (Conditions(merchants=("row c",)), "c"),
        (Conditions(texts=("birthday", "row c")), "bc"),
        (Conditions(texts=("GREEN",), without=("birthday",)), "a"),
        (Conditions(merchants=("green", "kiwi"), merchant_how=How.STARTS), "abd"),
        (Conditions(merchants=("renamed",)), ""),
        (Conditions(texts=("strasse",)), ""),
        (Conditions(texts=("straße",)), "e"),
    ],
)
def test_what_the_database_leaves_out_no_rule_would_have_met(
    kari: Kari, asked: Conditions, expected: str
) -> None:
    kari.rule("kiwi", merchant="Renamed")
    kari.apply(
        row("a", "1", merchant_name="Green Basket 0417"),
        row("b", "2", merchant_name="Green Basket 0417"),
        row("c", "3"),
        row("d", "4", merchant_name="Kiwi 12"),
        row("e", "5", merchant_name="Bäckerei Hauptstraße 5"),
    )
    made.note(kari.world, kari.owner, kari.book()["ROW b"].id, "For the birthday")
    (renaming,) = kari.ask(sorting.list_rules)
    kari.ask(sorting.delete_rule, rule_id=renaming.id, now=NOW)
    draft = Draft("", asked, Actions(tags=("found",)))
    told = kari.ask(sorting.dry_run, draft=draft, now=NOW)
    names = {one.id: one.description[-1] for one in kari.book().values()}
    assert sorted(names[one.id] for one in told.rows) == sorted(expected)


def test_a_rule_follows_its_category_to_where_that_went(kari: Kari) -> None:
    gifts, pets = kari.key("gifts"), kari.key("pets")
    rule = kari.rule("basket", category_id=gifts, parts=(Part(gifts, Decimal(10)),))
    kari.ask(own_categories.remove, category_id=gifts, into=pets, now=NOW)
    found = kari.ask(sorting.get_rule, rule_id=rule.id)
    assert found.actions == Actions(category_id=pets, parts=(Part(pets, Decimal("10.00")),))
    kari.apply(row("a", "10", merchant_name="Green Basket"))
    assert kari.book()["ROW a"].category_key == "pets"


def test_rows_of_a_file_are_sorted_as_they_come_in(kari: Kari) -> None:
    kari.rule("basket", category_id=kari.key("gifts"), merchant="Basket")
    told = b"Date,Description,Amount\n2026-11-02,Green Basket,-12.50\n2026-11-03,Kiwi,-3.00\n"

    async def bring(db: Any) -> None:
        source = Source.of(told, "bank.csv")
        begun = await imports.begin(db, owner=kari.owner, source=source, now=NOW)
        await imports.confirm(db, owner=kari.owner, import_id=begun.id, include=None, now=NOW)

    kari.world.within(kari.owner, bring)
    one, other = (kari.book()[name] for name in ("Green Basket", "Kiwi"))
    assert (one.category_key, one.category_by, one.title) == ("gifts", "rule", "Basket")
    assert other.category_by == "bank"
    spent = kari.ask(transactions.spending, currency=one.amount.currency, today=TODAY)
    assert {line.key: line.this_month.amount for line in spent}["shopping"] == Decimal("12.5")


def test_running_rules_over_the_book_is_one_act_that_can_be_undone(kari: Kari) -> None:
    kari.apply(row("a", "10", merchant_name="Green Basket"))
    before = kari.book()["ROW a"]
    parts = (Part(kari.key("pets"), Decimal(40)),)
    rule = kari.rule(
        "basket", category_id=kari.key("gifts"), merchant="B", tags=("x",), parts=parts
    )
    done = kari.ask(sorting.apply_rules, rule_id=rule.id, now=LATER)
    assert kari.book()["ROW a"].category_key == "gifts"
    kari.ask(manual.undo, edit_id=done.edit_id, now=LATER)
    after = kari.book()["ROW a"]
    assert (after.category_key, after.category_by, after.title) == (
        before.category_key, before.category_by, before.title,
    )  # fmt: skip
    assert kari.hands(after) == []
    assert kari.values("SELECT count(*) FROM transaction_splits WHERE user_id = %s") == [(0,)]


def test_nobody_sees_anothers_rules(kari: Kari, world: World) -> None:
    rule = kari.rule("basket", category_id=kari.key("gifts"))
    stranger = made.person(world)
    with pytest.raises(sorting.RuleNotFound):
        world.within(stranger, lambda db: sorting.get_rule(db, owner=stranger, rule_id=rule.id))
