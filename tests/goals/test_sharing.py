"""One pool for all goals: no euro twice, priority and need alone decide."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.goals.sharing import Allotment, Claim, Means, share

Claims = list[Claim[str]]
_AMOUNTS = st.integers(0, 90_000).map(Fraction)
_ACCOUNTS = ["a", "b", "c"]


@st.composite
def claims(draw: Any, most: int = 5) -> Claims:
    wishes = st.one_of(st.none(), st.integers(0, 900).map(Fraction))
    return [
        Claim(
            key=f"goal {n}",
            priority=draw(st.integers(1, 3)),
            target=draw(st.integers(1, 50_000).map(Fraction)),
            months=draw(st.integers(1, 60)),
            wish=draw(wishes),
            is_reserve=draw(st.booleans()),
            accounts=frozenset(draw(st.sets(st.sampled_from(_ACCOUNTS)))),
        )
        for n in range(draw(st.integers(1, most)))
    ]


@st.composite
def means(draw: Any) -> Means:
    held = {one: draw(_AMOUNTS) for one in _ACCOUNTS}
    liquid = draw(st.one_of(_AMOUNTS, _AMOUNTS.map(lambda more: more + sum(held.values()))))
    monthly = draw(st.integers(-500, 2_000).map(Fraction))
    return Means(liquid, monthly, draw(_AMOUNTS), held)


def saved(one: Allotment) -> Fraction:
    return one.attached + one.pooled


@given(claims(), means())
def test_no_euro_is_counted_twice(asked: Claims, there: Means) -> None:
    found = share(asked, there)
    assert found.keys() == {one.key for one in asked}
    every = [part for one in found.values() for part in (
        one.attached, one.pooled, one.monthly, one.drawn, one.elsewhere, one.free,
    )]  # fmt: skip
    assert min(every) >= 0
    had = sum(saved(one) + one.drawn for one in found.values())
    assert had <= there.liquid
    # What is free for one is what all the others leave, and no goal has it.
    for one in found.values():
        assert one.free - one.drawn == there.liquid - had
    # Over all months together, nobody gets what is not left in them.
    months = {one.key: one.months for one in asked}
    total = sum(one.monthly * months[key] for key, one in found.items())
    assert total <= max(there.monthly, 0) * max(months.values())
    for key, one in found.items():
        assert one.monthly + one.elsewhere <= max(there.monthly, Fraction(0)), key
    assert sum(one.grows for one in found.values()) <= 1


@given(claims(), means(), st.randoms(use_true_random=False))
def test_neither_order_nor_name_decides(asked: Claims, there: Means, random: Any) -> None:
    found = share(asked, there)
    names = [one.key for one in asked]
    others = names[:]
    random.shuffle(others)
    renamed = dict(zip(names, others, strict=True))
    mixed = [replace(one, key=renamed[one.key]) for one in asked]
    random.shuffle(mixed)
    held = [*there.accounts.items()]
    random.shuffle(held)
    again = share(mixed, replace(there, accounts=dict(held)))
    assert {renamed[key]: one for key, one in found.items()} == again


@given(claims(), means(), st.sampled_from([2, 7, Fraction(1, 3)]))
def test_of_twice_everything_each_has_twice(asked: Claims, there: Means, times: Fraction) -> None:
    found = share(asked, there)
    more = share(
        [
            replace(
                one,
                target=one.target * times,
                wish=None if one.wish is None else one.wish * times,
            )
            for one in asked
        ],
        Means(
            there.liquid * times,
            there.monthly * times,
            there.reserve * times,
            {key: amount * times for key, amount in there.accounts.items()},
        ),
    )
    for key, one in found.items():
        assert more[key] == replace(
            one,
            attached=one.attached * times,
            pooled=one.pooled * times,
            monthly=one.monthly * times,
            drawn=one.drawn * times,
            elsewhere=one.elsewhere * times,
            free=one.free * times,
        )


@given(claims(most=3), means(), st.integers(1, 60), st.integers(1, 50_000).map(Fraction))
def test_a_goal_that_comes_last_takes_of_nobody(
    asked: Claims, there: Means, months: int, target: Fraction
) -> None:
    """Only what was over is another goal's then, and what grew for want of one that wants it."""
    last = Claim("last", 99, target, months, Fraction(100))
    before, after = share(asked, there), share([*asked, last], there)
    for one in asked:
        was, now = before[one.key], after[one.key]
        needed = min(saved(was), one.target)
        assert saved(now) >= needed
        if one.wish is not None:
            assert now.monthly == was.monthly
            assert now.drawn == was.drawn or saved(now) != saved(was)


@given(claims(), means(), st.integers(1, 500).map(Fraction))
def test_a_greater_contribution_is_never_less(asked: Claims, there: Means, more: Fraction) -> None:
    first, *rest = asked
    first = replace(first, wish=first.wish or Fraction(0))
    raised = replace(first, wish=(first.wish or 0) + more)
    was = share([first, *rest], there)[first.key]
    now = share([raised, *rest], there)[first.key]
    assert saved(now) == saved(was)
    assert now.monthly >= was.monthly
    assert now.monthly + now.drawn / first.months >= was.monthly + was.drawn / first.months


def _claim(key: str, target: int, **more: Any) -> Claim[str]:
    facts: dict[str, Any] = {"priority": 1, "months": 10, "wish": None, **more}
    return Claim(key, target=Fraction(target), **facts)


def _means(liquid: int, monthly: int = 0, reserve: int = 0, **held: int) -> Means:
    accounts = {key: Fraction(amount) for key, amount in held.items()}
    return Means(Fraction(liquid), Fraction(monthly), Fraction(reserve), accounts)


@pytest.mark.parametrize(
    ("asked", "there", "expected"),
    [
        # Beyond the reserve, the first by priority first.
        ([_claim("a", 60), _claim("b", 60, priority=2)], _means(120, reserve=30), [60, 30]),
        # Equals have parts by what each needs.
        ([_claim("a", 60), _claim("b", 30)], _means(60), [40, 20]),
        # An account is for its goals, whatever comes first and whatever is kept back.
        (
            [_claim("a", 60), _claim("b", 50, priority=2, accounts=frozenset("x"))],
            _means(80, reserve=80, x=70),
            [0, 70],
        ),
        # One account of two goals fills needs by priority; what is over is theirs by targets.
        (
            [
                _claim("a", 60, accounts=frozenset("x")),
                _claim("b", 30, priority=2, accounts=frozenset("x")),
            ],
            _means(120, x=120),
            [80, 40],
        ),
        # An emergency fund is the reserve: what it has need not be kept back once more.
        ([_claim("a", 50, is_reserve=True), _claim("b", 60)], _means(100, reserve=50), [50, 50]),
        # What is beyond every need counts for all, by targets.
        ([_claim("a", 60), _claim("b", 30, priority=2)], _means(180), [120, 60]),
        # Accounts that hold more than there is give no more than there is.
        ([_claim("a", 60, accounts=frozenset("x"))], _means(50, x=80), [50]),
    ],
)
def test_who_has_what_is_saved(asked: Claims, there: Means, expected: list[int]) -> None:
    found = share(asked, there)
    assert [saved(found[one.key]) for one in asked] == expected


def test_months_go_to_contributions_first_and_what_is_over_to_the_first_that_wants_it() -> None:
    asked = [
        _claim("left", 1000),
        _claim("fixed", 1000, priority=2, wish=Fraction(30)),
        _claim("later", 100, priority=3),
    ]
    found = share(asked, _means(0, monthly=150))
    # 30 by word; of the 120 left over, 100 a month are needed by the first and 10 by the last.
    assert {key: one.monthly for key, one in found.items()} == {
        "left": 110, "fixed": 30, "later": 10,
    }  # fmt: skip
    assert found["left"].grows
    assert found["left"].elsewhere == 40


def test_after_a_goal_is_due_its_part_is_the_others() -> None:
    asked = [
        _claim("soon", 1000, months=10, wish=Fraction(100)),
        _claim("old age", 90_000, months=40, priority=2),
    ]
    found = share(asked, _means(0, monthly=100))
    assert found["old age"].monthly == 75
    assert found["old age"].elsewhere == 25


def test_a_contribution_beyond_the_month_is_drawn_from_what_is_free() -> None:
    asked = [_claim("a", 1000, wish=Fraction(40)), _claim("b", 1000, priority=2, wish=Fraction(20))]
    found = share(asked, _means(250, monthly=10, reserve=250))
    assert [(one.monthly, one.drawn, one.free) for one in found.values()] == [
        (10, 250, 250), (0, 0, 0),
    ]  # fmt: skip
    assert found["a"].grows
