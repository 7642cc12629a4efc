"""One pool for all goals: no euro twice, priority and need alone decide."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.goals.pool.sharing import Claim, Means, share
from tests.goals.savers import of

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
            accounts=frozenset(draw(st.sets(st.sampled_from(_ACCOUNTS)))),
        )
        for n in range(draw(st.integers(1, most)))
    ]


@st.composite
def means(draw: Any) -> Means:
    held: dict[Hashable, Fraction] = {one: draw(_AMOUNTS) for one in _ACCOUNTS}
    liquid = draw(st.one_of(_AMOUNTS, _AMOUNTS.map(lambda more: more + sum(held.values()))))
    monthly = draw(st.integers(-500, 2_000).map(Fraction))
    return Means(liquid, monthly, held)


@given(claims(), means())
def test_no_euro_is_counted_twice(asked: Claims, there: Means) -> None:
    found = share(asked, there)
    assert found.keys() == {one.key for one in asked}
    for one in found.values():
        assert min(one.attached, one.pooled, one.monthly, one.elsewhere) >= 0
    # All liquid money is some goal's, and no more than that.
    assert sum(one.saved for one in found.values()) == there.liquid
    # Over all months together, nobody gets what is not left in them.
    months = {one.key: one.months for one in asked}
    total = sum(one.monthly * months[key] for key, one in found.items())
    assert total <= max(there.monthly, Fraction(0)) * max(months.values())
    for key, one in found.items():
        assert one.monthly + one.elsewhere <= max(there.monthly, Fraction(0)), key
    # A bad month is one, whoever bears it; and so is a raise.
    assert all(0 <= one.part <= one.raises <= 1 for one in found.values())
    borne = sum(one.part * months[key] for key, one in found.items())
    assert borne <= max(months.values())
    if len({*months.values()}) == 1:
        assert sum(one.part for one in found.values()) == 1
    if len(asked) == 1:
        assert of(*[(one.part, one.raises) for one in found.values()]) == ((1, 1),)


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
            {key: amount * times for key, amount in there.accounts.items()},
        ),
    )
    for key, one in found.items():
        assert more[key] == replace(
            one,
            attached=one.attached * times,
            pooled=one.pooled * times,
            monthly=one.monthly * times,
            elsewhere=one.elsewhere * times,
        )


@given(claims(most=3), means(), st.integers(1, 60), st.integers(1, 50_000).map(Fraction))
def test_a_goal_that_comes_last_takes_of_nobody_who_needs_it(
    asked: Claims, there: Means, months: int, target: Fraction
) -> None:
    last = Claim("last", 99, target, months, Fraction(100))
    before, after = share(asked, there), share([*asked, last], there)
    for one in asked:
        was, now = before[one.key], after[one.key]
        assert now.saved >= min(was.saved, one.target)
        if one.wish is not None:
            assert now.monthly == was.monthly


@given(claims(), means())
def test_whoever_comes_earlier_has_what_they_need_first(asked: Claims, there: Means) -> None:
    nothing_attached = [replace(one, accounts=frozenset()) for one in asked]
    found = share(nothing_attached, there)
    for one in nothing_attached:
        if found[one.key].saved > 0:
            for earlier in nothing_attached:
                if earlier.priority < one.priority:
                    assert found[earlier.key].saved >= earlier.target


@given(claims(), means(), st.integers(1, 500).map(Fraction))
def test_a_greater_contribution_is_never_less(asked: Claims, there: Means, more: Fraction) -> None:
    first, *rest = asked
    first = replace(first, wish=first.wish or Fraction(0))
    raised = replace(first, wish=(first.wish or 0) + more)
    was = share([first, *rest], there)[first.key]
    now = share([raised, *rest], there)[first.key]
    assert now.saved == was.saved
    assert now.monthly >= was.monthly
    assert now.elsewhere <= was.elsewhere


def _claim(key: str, target: int, **more: Any) -> Claim[str]:
    facts: dict[str, Any] = {"priority": 1, "months": 10, "wish": None, **more}
    return Claim(key, target=Fraction(target), **facts)


def _means(liquid: int, monthly: int = 0, **held: int) -> Means:
    accounts: dict[Hashable, Fraction] = {key: Fraction(held[key]) for key in held}
    return Means(Fraction(liquid), Fraction(monthly), accounts)


@pytest.mark.parametrize(
    ("asked", "there", "expected"),
    [
        # The first by priority first.
        ([_claim("a", 60), _claim("b", 60, priority=2)], _means(90), [60, 30]),
        # Equals have parts by what each needs.
        ([_claim("a", 60), _claim("b", 30)], _means(60), [40, 20]),
        # An account is for its goals, whatever comes first.
        (
            [_claim("a", 60), _claim("b", 50, priority=2, accounts=frozenset("x"))],
            _means(80, x=70),
            [10, 70],
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
        # What is beyond every need counts for all, by targets.
        ([_claim("a", 60), _claim("b", 30, priority=2)], _means(180), [120, 60]),
        # Accounts that hold more than there is give no more than there is.
        ([_claim("a", 60, accounts=frozenset("x"))], _means(50, x=80), [50]),
    ],
)
def test_who_has_what_is_saved(asked: Claims, there: Means, expected: list[int]) -> None:
    found = share(asked, there)
    assert [found[one.key].saved for one in asked] == expected


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
    assert (found["left"].part, found["later"].part) == (Fraction(110, 150), Fraction(10, 150))
    assert found["left"].elsewhere == 40


def test_after_a_goal_is_due_its_part_is_the_others() -> None:
    asked = [
        _claim("soon", 1000, months=10, wish=Fraction(100)),
        _claim("old age", 90_000, months=40, priority=2),
    ]
    found = share(asked, _means(0, monthly=100))
    assert found["old age"].monthly == 75
    assert found["old age"].elsewhere == 25


def test_each_goal_is_the_part_of_the_household_that_its_money_is() -> None:
    asked = [_claim("a", 60), _claim("b", 30, wish=Fraction(5)), _claim("c", 90, months=20)]
    found = share(asked, _means(60, monthly=10))
    # Of 60 today and 100 in ten months; the last is there for twenty, and has all of ten.
    for key, every in (("a", 160), ("b", 160), ("c", 260)):
        months = 20 if key == "c" else 10
        assert found[key].part == (found[key].saved + found[key].monthly * months) / every
    assert sum(one.part for one in found.values()) > 1
    # What has all that it wants leaves raises to those that do not.
    assert found["b"].raises == found["b"].part
    nothing = share(asked, _means(0, monthly=-5))
    assert [one.part for one in nothing.values()] == [Fraction(n, 18) for n in (6, 3, 9)]


def test_raises_are_theirs_that_want_more_than_they_have() -> None:
    short = _claim("short", 1000, wish=Fraction(40))
    other = _claim("other", 1000, priority=2)

    def raises(asked: Claims, monthly: int) -> list[Fraction]:
        return [one.raises for one in share(asked, _means(0, monthly=monthly)).values()]

    assert raises([short, other], 10) == [1, 0]
    assert raises([short, other], 40) == [1, 1]  # one is full; all that comes later is the other's
    assert raises([short, other], 100) == [Fraction(40, 100), 1]
    both = raises([replace(short, wish=None), replace(other, priority=1)], 100)
    assert both == [Fraction(1, 2)] * 2


@given(claims(), means(), st.integers(1, 3))
def test_another_goal_of_next_to_nothing_moves_nothing(
    asked: Claims, there: Means, priority: int
) -> None:
    before = share(asked, there)
    little = Fraction(1, 10**12)
    months = max(one.months for one in asked)
    after = share([*asked, Claim("little", priority, little, months, little)], there)
    if sum((one.monthly + one.saved for one in before.values()), Fraction(0)) > 1:
        assert after["little"].part < Fraction(1, 10**6)
        for key, one in before.items():
            assert abs(after[key].part - one.part) < Fraction(1, 10**6)
            assert abs(after[key].saved - one.saved) < Fraction(1, 10**6)
            assert abs(after[key].monthly - one.monthly) < Fraction(1, 10**6)


@given(st.lists(st.integers(1, 720), min_size=40, max_size=60, unique=True), st.integers(1, 3))
@settings(max_examples=5, deadline=None)
def test_many_goals_are_shared_without_fractions_that_grow_without_end(
    months: list[int], priorities: int
) -> None:
    asked = [
        Claim(f"goal {n}", n % priorities, Fraction(100_000 + 7 * n, 3), one, None)
        for n, one in enumerate(months)
    ]
    there = Means(Fraction(12_345), Fraction(777_777, 100))
    found = share(asked, there)
    for one in found.values():
        assert max(one.saved.denominator, one.monthly.denominator).bit_length() < 2_000
        assert one.monthly + one.elsewhere <= there.monthly
    assert there.liquid - 1 < sum(one.saved for one in found.values()) <= there.liquid
