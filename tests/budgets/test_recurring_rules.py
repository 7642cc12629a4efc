"""What comes again and again is found in rows, and chance is not taken for it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.budgets.recurring_calendar import PACE_OF, PACES, add_months, expected
from strongroom.budgets.recurring_payees import payee_key
from strongroom.budgets.recurring_rules import find
from strongroom.budgets.recurring_types import BookRow, Cadence, Found, Standing
from strongroom.core.ids import AccountId, TransactionId, new_id
from strongroom.core.money import Currency

ACCOUNT, OTHER = AccountId(new_id()), AccountId(new_id())
FIRST = date(2024, 9, 20)
TODAY = date(2026, 11, 21)


def row(day: date, amount: str, text: str = "HUM MUSIC 123", **more: Any) -> BookRow:
    facts: dict[str, Any] = {
        "id": TransactionId(new_id()),
        "account_id": ACCOUNT,
        "day": day,
        "amount": Decimal(amount),
        "currency": Currency("NOK"),
        "title": text,
        "description": text,
        "merchant": None,
        **more,
    }
    return BookRow(**facts)


def every(cadence: Cadence, count: int, amount: str = "-99", **more: Any) -> list[BookRow]:
    """Rows at a cadence, the newest not long before today."""
    pace = PACE_OF[cadence]
    return [row(pace.later(FIRST, n), amount, **more) for n in range(count)]


def only(found: Sequence[Found]) -> Found:
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("cadence", Cadence)
def test_each_cadence_is_found_by_name_and_goes_on(cadence: Cadence) -> None:
    pace = PACE_OF[cadence]
    rows = every(cadence, 6 if pace.period < 150 else 4)
    after = pace.later(FIRST, len(rows))
    found = only(find(rows, rows[-1].day))
    assert (found.cadence, found.standing, len(found.rows)) == (
        cadence, Standing.ACTIVE, len(rows),
    )  # fmt: skip
    assert abs((found.next_on - after).days) <= 1
    assert (found.amount, found.varies, found.was) == (Decimal(-99), False, None)


@given(st.integers(0, 10_000), st.sampled_from(list(Cadence)))
def test_bank_days_and_varying_amounts_do_not_hide_it(seed: int, cadence: Cadence) -> None:
    chance = random.Random(seed)
    pace = PACE_OF[cadence]
    count = 12 if pace.period < 60 else 5
    days = [pace.later(FIRST, n) + timedelta(days=chance.choice((0, 0, 1))) for n in range(count)]
    sizes = [chance.randint(90, 110) + 25 * (n % 2) for n in range(count)]
    rows = [row(day, f"-{size}.50") for day, size in zip(days, sizes, strict=True)]
    found = only(find(rows, days[-1]))
    assert found.cadence is cadence
    assert found.varies
    assert found.low <= found.amount <= found.high


def test_a_price_that_rose_is_told_with_its_day() -> None:
    days = [add_months(date(2025, 12, 5), n) for n in range(12)]
    rows = [row(day, "-99" if n < 8 else "-109") for n, day in enumerate(days)]
    found = only(find(rows, TODAY))
    assert (found.was, found.amount, found.changed_on) == (
        Decimal(-99), Decimal(-109), date(2026, 8, 5),
    )  # fmt: skip
    old = only(find(rows, TODAY + timedelta(days=400)))
    assert old.was is None


def test_one_that_does_not_come_is_missed_and_two_are_the_end() -> None:
    rows = [row(add_months(date(2026, 1, 5), n), "-99") for n in range(10)]  # to 5 October
    assert only(find(rows, date(2026, 11, 10))).standing is Standing.ACTIVE
    missed = only(find(rows, date(2026, 11, 21)))
    assert (missed.standing, missed.due_on) == (Standing.MISSED, date(2026, 11, 5))
    assert missed.next_on == date(2026, 12, 5)
    ended = only(find(rows, date(2027, 1, 2)))
    assert ended.standing is Standing.ENDED


def test_one_left_out_in_between_does_not_end_it() -> None:
    rows = [row(add_months(date(2026, 1, 5), n), "-99") for n in range(11) if n != 6]
    found = only(find(rows, TODAY))
    assert (found.standing, found.skipped, len(found.rows)) == (Standing.ACTIVE, 1, 10)


def test_a_subscription_is_told_from_purchases_at_the_same_shop() -> None:
    chance = random.Random(4)
    paid = [row(add_months(date(2025, 6, 14), n), "-49") for n in range(17)]
    bought = [
        row(date(2025, 6, 1) + timedelta(days=chance.randrange(520)), f"-{chance.randint(60, 900)}")
        for _ in range(25)
    ]
    found = only(find([*paid, *bought], TODAY))
    assert {one.id for one in found.rows} == {one.id for one in paid}


def test_two_subscriptions_of_one_shop_are_two() -> None:
    first = [row(add_months(date(2025, 6, 3), n), "-29") for n in range(18)]
    second = [row(add_months(date(2025, 6, 17), n), "-99") for n in range(18)]
    found = find([*first, *second], TODAY)
    assert [(one.cadence, one.amount) for one in found] == [
        (Cadence.MONTHLY, Decimal(-29)),
        (Cadence.MONTHLY, Decimal(-99)),
    ]


def test_what_a_file_told_again_is_one_event() -> None:
    rows = [row(add_months(date(2026, 4, 5), n), "-99.50") for n in range(8)]
    again = [row(one.day + timedelta(days=1), "-99.50", origin="file") for one in rows[3:]]
    found = only(find([*rows, *again], TODAY))
    assert {one.id for one in found.rows} == {one.id for one in rows}


def test_a_standing_order_between_own_accounts_is_one_item_whatever_its_texts() -> None:
    texts = ("Transfer 5512", "TO SAVINGS", "Online transfer", "Standing order 7")
    days = [add_months(date(2025, 11, 12), n) for n in range(12)]
    out = [
        row(day, "-500", texts[n % 4], inner=True, other_account=OTHER)
        for n, day in enumerate(days)
    ]
    into = [
        row(day, "500", texts[n % 3], inner=True, other_account=ACCOUNT, account_id=OTHER)
        for n, day in enumerate(days)
    ]
    found = only(find([*out, *into], TODAY))
    assert (found.inner, found.cadence, found.amount) == (True, Cadence.MONTHLY, Decimal(-500))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.sampled_from((3, 6, 9, 15, 30)))
def test_chance_is_seldom_taken_for_it(seed: int, gap: int) -> None:
    """A shop gone to on days by chance, with amounts by chance: twenty shops, few finds."""
    chance = random.Random(seed)
    found = 0
    for shop in range(20):
        day, rows = FIRST, []
        while (day := day + timedelta(days=1 + int(chance.expovariate(1 / gap)))) <= TODAY:
            rows.append(row(day, f"-{chance.lognormvariate(5, 0.7):.2f}", f"SHOP {chr(65 + shop)}"))
        found += len(find(rows, TODAY))
    assert found <= 4


@given(st.integers(0, 10_000), st.sampled_from((2, 4, 10, 20)))
def test_a_fare_of_one_price_on_any_day_is_no_subscription(seed: int, gap: int) -> None:
    chance = random.Random(seed)
    days = [FIRST + timedelta(days=n) for n in range(790) if not chance.randrange(gap)]
    found = find([row(day, "-3.20", "CITYLINE") for day in days], TODAY)
    assert [one.cadence for one in found] in ([], [Cadence.MONTHLY])
    assert not found or gap == 20


def test_a_standing_order_is_found_among_moves_of_the_same_amount() -> None:
    chance = random.Random(9)
    order = [row(add_months(date(2025, 6, 14), n), "-300", "GIRO") for n in range(17)]
    others = [
        row(date(2025, 6, 1) + timedelta(days=chance.randrange(520)), "-300", "GIRO")
        for _ in range(8)
    ]
    found = only(find([*order, *others], TODAY))
    assert found.cadence is Cadence.MONTHLY
    assert len({one.id for one in found.rows} & {one.id for one in order}) >= 15


@given(st.integers(0, 10_000))
def test_rows_after_today_are_not_looked_at(seed: int) -> None:
    chance = random.Random(seed)
    rows = [
        *every(Cadence.MONTHLY, 26),
        *(row(FIRST + timedelta(days=chance.randrange(800)), f"-{n}.10", "B") for n in range(40)),
    ]
    until = FIRST + timedelta(days=chance.randrange(200, 700))
    assert find(rows, until) == find([one for one in rows if one.day <= until], until)


def test_payees_are_the_same_whatever_changes_each_time() -> None:
    assert payee_key("AvtaleGiro Fjord Kraft AS november 2026 KID 1234") == payee_key(
        "AVTALEGIRO FJORD KRAFT AS DESEMBER KID 99"
    )
    assert payee_key("1234 5678") == "1234 5678"
    assert payee_key("May") == "may"


def test_months_ends_stay_months_ends() -> None:
    days = [add_months(date(2026, 1, 31), n) for n in range(6)]
    assert days[1] == date(2026, 2, 28)
    assert expected(PACE_OF[Cadence.MONTHLY], days) == date(2026, 7, 31)


def test_paces_are_in_the_order_in_which_the_first_wins_a_tie() -> None:
    assert PACES[0].cadence is Cadence.MONTHLY
    assert {pace.cadence for pace in PACES} == set(Cadence)
