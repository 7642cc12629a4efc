"""What rules make of a row, without a database: conditions, order, and that twice is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, CategoryId, TransactionId, new_id
from strongroom.core.money import Currency
from strongroom.transactions.sorting import checking, deciding
from strongroom.transactions.sorting.types import (
    Actions,
    Conditions,
    Direction,
    Draft,
    How,
    Part,
    Row,
    Rule,
    RuleId,
    Verdict,
)
from tests.book import NOW

CATEGORIES = [CategoryId(new_id()) for _ in range(4)]
TAGS = ["Weekly", "Shop"]
ACCOUNTS = [AccountId(new_id()) for _ in range(2)]
FOOD, HOME, CARE, TRANSFER = CATEGORIES


def row(**more: Any) -> Row:
    facts: dict[str, Any] = {
        "id": TransactionId(new_id()),
        "account_id": ACCOUNTS[0],
        "day": date(2026, 11, 20),
        "amount": Decimal("-24.15"),
        "currency": Currency("NOK"),
        "description": "GREEN BASKET 0417 OSLO",
        "merchant": "Green Basket",
        "merchant_by": "bank",
        "category_id": CARE,
        "category_by": "bank",
        "note": None,
        "needs_review": True,
        "is_split": False,
        **more,
    }
    return Row(shown_merchant=facts["merchant"], **facts)


def rule(conditions: Conditions, actions: Actions) -> Rule:
    return Rule(RuleId(new_id()), "A", 1, True, conditions, actions, None, NOW, NOW)


def decide(one: Row, *rules: Rule) -> Verdict:
    return deciding.decide(one, deciding.ready(rules, TRANSFER))


def meets(one: Row, **asked: Any) -> bool:
    return bool(decide(one, rule(Conditions(**asked), Actions(category_id=FOOD))).met)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"merchants": ("green basket",)}, True),
        ({"merchants": ("Green",)}, False),
        ({"merchants": ("Kiwi", "GREEN BASKET")}, True),
        ({"merchants": ("basket",), "merchant_how": How.CONTAINS}, True),
        ({"merchants": ("green",), "merchant_how": How.STARTS}, True),
        ({"merchants": ("basket",), "merchant_how": How.STARTS}, False),
        ({"merchants": ("basket",), "merchant_how": How.ENDS}, True),
        ({"merchants": (r"^gr..n\b",), "merchant_how": How.MATCHES}, True),
        ({"texts": ("0417",)}, True),
        ({"texts": ("0417",), "without": ("oslo",)}, False),
        ({"texts": (r"\d{4} oslo$",), "text_how": How.MATCHES}, True),
        ({"amount_from": Decimal("24.15")}, True),
        ({"amount_to": Decimal(24)}, False),
        ({"direction": Direction.OUT}, True),
        ({"direction": Direction.IN}, False),
        ({"currency": Currency("EUR")}, False),
        ({"since": date(2026, 11, 20), "until": date(2026, 11, 20)}, True),
        ({"since": date(2026, 11, 21)}, False),
        ({"until": date(2026, 11, 19)}, False),
        ({"accounts": (ACCOUNTS[0],)}, True),
        ({"accounts": (ACCOUNTS[1],)}, False),
        ({"accounts": ()}, False),
        ({"merchants": ("green basket",), "direction": Direction.IN}, False),
    ],
)
def test_every_condition_must_hold_and_any_of_its_values_will_do(
    asked: dict[str, Any], expected: bool
) -> None:
    assert meets(row(), **asked) is expected


def test_a_row_without_merchant_is_known_by_the_banks_text() -> None:
    assert meets(row(merchant=None), merchants=("green basket 0417 oslo",))


def test_the_rule_further_up_wins_and_tags_add_up() -> None:
    asked = Conditions(texts=("basket",))
    first = rule(asked, Actions(category_id=FOOD, tags=(TAGS[0],)))
    second = rule(asked, Actions(category_id=HOME, merchant="Basket", tags=tuple(TAGS)))
    verdict = decide(row(), first, second)
    assert [(one.rule_id, one.field, one.value) for one in verdict.changes] == [
        (first.id, "category", FOOD),
        (first.id, "tag", TAGS[0]),
        (second.id, "merchant", "Basket"),
        (second.id, "tag", TAGS[1]),
    ]
    assert verdict.left == [(second.id, "above")]


def test_rules_further_down_see_the_merchant_that_one_further_up_has_set() -> None:
    named = rule(Conditions(texts=("0417",)), Actions(merchant="Corner shop"))
    sorted_ = rule(Conditions(merchants=("corner shop",)), Actions(category_id=FOOD))
    assert len(decide(row(), named, sorted_).changes) == 2
    assert len(decide(row(), sorted_, named).changes) == 1


def test_what_the_person_chose_is_left_alone() -> None:
    wants = Actions(category_id=FOOD, merchant="X", tags=(TAGS[0],), review=True)
    chosen = row(
        category_by="person",
        merchant_by="person",
        done=frozenset({("tag", "weekly"), ("review", "")}),
    )
    verdict = decide(chosen, rule(Conditions(texts=("basket",)), wants))
    assert verdict.changes == []
    assert [why for _, why in verdict.left] == ["person"] * 4
    parts = Actions(parts=(Part(FOOD, Decimal(50)),))
    for one in (row(is_split=True), row(done=frozenset({("split", "")}))):
        assert decide(one, rule(Conditions(texts=("basket",)), parts)).changes == []


conditions = st.builds(
    Conditions,
    merchants=st.sampled_from([(), ("green basket",), ("corner shop",), ("kiwi",)]),
    texts=st.sampled_from([("basket",), ("oslo", "kiwi"), ("a",)]),
    direction=st.sampled_from([None, Direction.OUT]),
)
actions = st.builds(
    Actions,
    category_id=st.sampled_from([None, FOOD, HOME]),
    merchant=st.sampled_from([None, "Corner shop", "Kiwi", "Green Basket"]),
    tags=st.sampled_from([(), (TAGS[0],), tuple(TAGS)]),
    parts=st.sampled_from([(), (Part(HOME, Decimal("33.33")), Part(CARE, Decimal("66.67")))]),
    review=st.booleans(),
)


@given(st.lists(st.builds(rule, conditions, actions), max_size=6), st.sampled_from(["Kiwi", None]))
def test_running_twice_is_running_once(rules: list[Rule], merchant: str | None) -> None:
    one = row(merchant=merchant, description="Kiwi basket Oslo")
    for _ in range(3):
        verdict = decide(one, *rules)
        one = after(one, verdict)
        assert decide(one, *rules).changes == []


def after(one: Row, verdict: Verdict) -> Row:
    """The row as the book holds it once a verdict is written."""
    for change in verdict.changes:
        value: Any = change.value
        done = one.done | {(change.field, value.lower() if change.field == "tag" else "")}
        match change.field:
            case "category":
                one = replace(one, category_id=value, category_by="rule")
            case "merchant":
                one = replace(one, shown_merchant=value, merchant_by="rule")
            case "tag":
                one = replace(one, tags=one.tags | {value.lower()}, done=done)
            case "split":
                one = replace(one, is_split=True, done=done)
            case _:
                one = replace(one, needs_review=False, done=done)
    return one


@given(
    st.decimals(-(10**9), 10**9, places=3).filter(bool),
    st.lists(st.integers(1, 40), min_size=1, max_size=5),
    st.sampled_from(["NOK", "JPY", "KWD"]),
)
def test_parts_of_the_whole_are_the_whole_and_never_more(
    amount: Decimal, shares: list[int], code: str
) -> None:
    total = sum(shares)
    percents = [Decimal(one * 100 // total) for one in shares]
    percents[-1] += 100 - sum(percents)
    parts = [Part(FOOD, one) for one in percents if one]
    one = row(amount=amount, currency=Currency(code))
    assert sum(part for _, part in deciding.shared(one, parts)) == amount
    half = deciding.shared(one, [Part(FOOD, Decimal(50))])
    assert all(abs(part) <= abs(amount) + 1 for _, part in half)


BASKET = Conditions(merchants=("Green Basket",))
TO_FOOD = Actions(category_id=FOOD)


@pytest.mark.parametrize(
    ("asked", "sets", "field", "says"),
    [
        (Conditions(), TO_FOOD, "merchants", "at least one condition"),
        (BASKET, Actions(), "category", "at least one thing"),
        (
            Conditions(amount_from=Decimal(10), amount_to=Decimal(5)),
            TO_FOOD,
            "amount_to",
            "at least 10 and at most 5",
        ),
        (Conditions(amount_from=Decimal(-1)), TO_FOOD, "amount_from", "without a sign"),
        (Conditions(currency=Currency("XXQ")), TO_FOOD, "currency", "XXQ is not a currency"),
        (
            Conditions(currency=Currency("NOK"), amount_from=Decimal("1.001")),
            TO_FOOD,
            "amount_from",
            "NOK has 2 decimals",
        ),
        (
            Conditions(currency=Currency("JPY"), amount_to=Decimal("1.5")),
            TO_FOOD,
            "amount_to",
            "JPY has no decimals",
        ),
        (BASKET, Actions(tags=("\u200b\u200d",)), "tags", "no comma"),
        (
            Conditions(since=date(2026, 2, 1), until=date(2026, 1, 1)),
            TO_FOOD,
            "until",
            "before the first",
        ),
        (
            Conditions(merchants=("Green Basket",), without=("basket",)),
            TO_FOOD,
            "without",
            "no row has both",
        ),
        (BASKET, Actions(category_id=FOOD, transfer=True), "transfer", "choose one"),
        (
            BASKET,
            Actions(parts=(Part(FOOD, Decimal(70)), Part(HOME, Decimal("50.5")))),
            "parts",
            "20.5 percent too much",
        ),
        (BASKET, Actions(parts=(Part(FOOD, Decimal(0)),)), "parts", "more than 0"),
        (BASKET, Actions(category_id=CategoryId(new_id())), "category", "no such category"),
        (BASKET, Actions(tags=("a, b",)), "tags", "no comma"),
        (Conditions(texts=("(a",), text_how=How.MATCHES), TO_FOOD, "texts", "regular expression"),
        (
            Conditions(merchants=("(a|aa)+$",), merchant_how=How.MATCHES),
            TO_FOOD,
            "merchants",
            "takes too long",
        ),
        (Conditions(texts=("x" * 201,)), TO_FOOD, "texts", "at most 200"),
        (Conditions(texts=tuple(f"x{n}" for n in range(51))), TO_FOOD, "texts", "at most 50"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_by_field_and_reason(
    asked: Conditions, sets: Actions, field: str, says: str
) -> None:
    draft = checking.tidy(Draft("", asked, sets))
    with pytest.raises(Refused) as refused:
        checking.check(draft, categories=CATEGORIES)
    assert refused.value.field == field
    assert says in refused.value.message


def test_rules_that_contradict_each_other_are_refused() -> None:
    held = rule(Conditions(merchants=("GREEN basket ", "Kiwi")), TO_FOOD)
    same = Conditions(merchants=("kiwi", "Green Basket"))
    draft = checking.tidy(Draft("", same, Actions(category_id=HOME)))
    tidied = checking.tidy(Draft("", held.conditions, held.actions))
    others = [replace(held, conditions=tidied.conditions)]
    with pytest.raises(checking.RulesContradict) as refused:
        checking.check_beside(draft, others)
    assert refused.value.field == "category"
    with pytest.raises(checking.RulesContradict):
        checking.check_beside(replace(draft, actions=TO_FOOD), others)
    checking.check_beside(replace(draft, actions=Actions(review=True)), others)
    checking.check_beside(replace(draft, is_on=False), others)
    narrower = replace(draft.conditions, direction=Direction.OUT)
    checking.check_beside(replace(draft, conditions=narrower), others)


def test_a_rule_without_a_name_is_called_after_what_it_looks_for() -> None:
    assert checking.tidy(Draft(" ", BASKET, TO_FOOD)).name == "Green Basket"
    blanks = checking.tidy(Draft("x", Conditions(texts=(" a ", "", "A", "b")), TO_FOOD))
    assert blanks.conditions.texts == ("a", "b")
