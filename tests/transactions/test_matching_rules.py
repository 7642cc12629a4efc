"""Properties of matching: each row once, whatever the order; and what texts say of accounts."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.transactions.doubles import rules as double_rules
from strongroom.transactions.doubles.types import Two
from strongroom.transactions.refunds import rules as refund_rules
from strongroom.transactions.refunds.types import MaybeRefund
from strongroom.transactions.transfers import rules
from strongroom.transactions.transfers.types import Candidate, Leg, OwnAccount

FIRST = date(2026, 11, 1)
CHECKING, SAVINGS, CARD = (UUID(int=n) for n in (1, 2, 3))
ACCOUNTS = {
    CHECKING: OwnAccount(CHECKING, "Brukskonto", "1111", "Fjord Bank", "cash"),
    SAVINGS: OwnAccount(SAVINGS, "Sparekonto", "2222", "Fjord Bank", "cash"),
    CARD: OwnAccount(CARD, "Nordkort Visa", "3333", "Nordkort", "credit_cards"),
}
TEXTS = ("Overføring", "Til konto ••2222", "Betaling 12", "Vipps Ola", "Innbetaling", "Rema 1000")


def leg(number: int, amount: int, day: int, text: str, **more: Any) -> Leg:
    facts: dict[str, Any] = {
        "id": UUID(int=1000 + number), "account_id": CHECKING, "day": FIRST + timedelta(days=day),
        "amount": Decimal(amount), "currency": "NOK", "text": text, "merchant": None,
        "category_key": "own_transfer", "kind": "transfer", **more,
    }  # fmt: skip
    return Leg(**facts)


_some = st.tuples(st.sampled_from([100, 250, 500]), st.integers(0, 10), st.sampled_from(TEXTS))


@given(st.lists(_some, max_size=6), st.lists(_some, max_size=6), st.randoms(use_true_random=False))
def test_each_row_goes_once_and_the_order_makes_no_difference(
    outs: list[Any], intos: list[Any], chance: random.Random
) -> None:
    left = [leg(n, -amount, day, text) for n, (amount, day, text) in enumerate(outs)]
    came = [
        leg(100 + n, amount, day, text, account_id=SAVINGS)
        for n, (amount, day, text) in enumerate(intos)
    ]
    pairs = [Candidate(one, other) for one in left for other in came if one.amount == -other.amount]
    found = rules.decide(pairs, ACCOUNTS)
    used = [id for one in found for id in (one.out_id, one.into_id)]
    assert len(used) == len(set(used))
    assert {(one.out_id, one.into_id) for one in found} <= {(a.out.id, a.into.id) for a in pairs}
    mixed = list(pairs)
    chance.shuffle(mixed)
    assert rules.decide(mixed, ACCOUNTS) == found
    for one in found:
        assert one.score == min(100, sum(reason.points for reason in one.reasons))
        assert one.rival_id not in (one.out_id, one.into_id)


@pytest.mark.parametrize(
    ("out", "into", "state"),
    [
        ("Til konto ••2222", "Overføring", "matched"),
        ("Overføring Kari Nordmann", "Overføring", "matched"),  # one's own name
        ("Overføring til Sparekonto", "Fra Brukskonto", "matched"),
        ("Til konto ••9876", "Overføring", None),  # somebody else's account
        ("Vipps Ola Hansen", "Overføring", None),
        ("Overføring Ola Hansen Berg", "Betaling Mia Lopez Lie", None),
    ],
)
def test_texts_tell_own_accounts_from_others(out: str, into: str, state: str | None) -> None:
    pair = Candidate(leg(1, -500, 0, out), leg(2, 500, 1, into, account_id=SAVINGS))
    found = rules.decide([pair], ACCOUNTS, ("Kari", "Nordmann"))
    assert [one.state for one in found if one.state == "matched"] == ([state] if state else [])


def test_what_could_be_either_is_asked() -> None:
    out = leg(1, -500, 0, "Overføring")
    first = leg(2, 500, 0, "Overføring", account_id=SAVINGS)
    second = leg(3, 500, 0, "Overføring", account_id=CARD)
    found = rules.decide([Candidate(out, first), Candidate(out, second)], ACCOUNTS)
    assert [one.state for one in found] == ["proposed"]
    assert found[0].rival_id in (first.id, second.id)


def test_of_two_rows_that_look_the_same_either_will_do() -> None:
    out = leg(1, -500, 0, "Overføring")
    twins = [leg(n, 500, 0, "Overføring", account_id=SAVINGS) for n in (2, 3)]
    (found,) = rules.decide([Candidate(out, one) for one in twins], ACCOUNTS)
    assert found.state == "matched"


@given(st.integers(1, 4), st.integers(1, 4), st.randoms(use_true_random=False))
def test_twins_of_two_sources_go_one_to_one(of_file: int, of_bank: int, chance: Any) -> None:
    pairs = [
        Two(
            UUID(int=row), UUID(int=100 + kept), 0, Decimal(-45), "Harbour Coffee", "HARBOUR COFFEE"
        )
        for row in range(of_file)
        for kept in range(of_bank)
    ]
    chance.shuffle(pairs)
    found = double_rules.match(pairs)
    assert len(found) == min(of_file, of_bank)
    assert len({one.row_id for one in found}) == len({one.kept_id for one in found}) == len(found)


@pytest.mark.parametrize(
    ("days", "text", "other", "asked"),
    [
        (0, "Green Basket", "GREEN BASKET 4411 OSLO", True),
        (3, "Green Basket", "GREEN BASKET 4411 OSLO", True),
        (0, "Green Basket", "Kiosk", False),
        (5, "Green Basket", "Green Basket", False),
    ],
)
def test_likeness_needs_words_or_a_rare_amount(
    days: int, text: str, other: str, asked: bool
) -> None:
    pair = Two(UUID(int=1), UUID(int=2), days, Decimal(-120), text, other)
    assert bool(double_rules.match([pair])) == asked


@given(st.lists(st.integers(1, 400), min_size=1, max_size=6))
def test_no_purchase_is_refunded_for_more_than_it_cost(amounts: list[int]) -> None:
    pairs = [
        MaybeRefund(UUID(int=n), UUID(int=99), n, Decimal(amount), Decimal(500), Decimal(500),
                    True, True, False, "Retur Outfit", "Outfit", "Outfit", "Outfit")
        for n, amount in enumerate(amounts)
        if amount <= 500
    ]  # fmt: skip
    taken = {one.refund_id for one in refund_rules.match(pairs)}
    assert sum(one.amount for one in pairs if one.refund_id in taken) <= 500
    assert taken


def test_another_shops_money_is_no_refund() -> None:
    pair = MaybeRefund(UUID(int=1), UUID(int=2), 3, Decimal(500), Decimal(500), Decimal(500),
                       True, True, False, "Volt", "Volt", "Outfit", "Outfit")  # fmt: skip
    assert refund_rules.match([pair]) == []
