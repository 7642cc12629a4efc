"""Rates stored by date, and the one that holds on a day."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

import psycopg
import pytest

from strongroom import fx
from strongroom.core.db import Database, Db
from strongroom.core.money import Currency
from tests.conftest import TestDatabase

T = TypeVar("T")
DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
TABLE = """day,base,quote,rate
2026-11-20,EUR,USD,1.1570
2026-11-20,EUR,NOK,11.7105
2026-11-19,EUR,NOK,11.6900
2026-11-20,NOK,RSD,10.0105
"""


def run(database: TestDatabase, work: Callable[[Db], Awaitable[T]]) -> T:
    async def inside() -> T:
        async with (
            Database(database.app_dsn, database.system_dsn) as opened,
            opened.unit_of_work_for_all() as db,
        ):
            return await work(db)

    return asyncio.run(inside())


def load(database: TestDatabase, text: str, *, accept_odd: bool = False) -> fx.Loaded:
    return run(
        database,
        lambda db: fx.load_for_all(
            db, text=text, source="a table", accept_odd=accept_odd, today=NOW.date(), now=NOW
        ),
    )


def rate(database: TestDatabase, base: str, quote: str, day: date = DAY) -> fx.Rate:
    return run(
        database,
        lambda db: fx.get_rate(db, base=Currency(base), quote=Currency(quote), day=day),
    )


def listed(database: TestDatabase, *codes: str, **more: Any) -> fx.RatePage:
    named = [Currency(code) for code in codes]
    return run(database, lambda db: fx.list_rates(db, codes=named, **more))


@pytest.fixture
def rates(database: TestDatabase) -> TestDatabase:
    load(database, TABLE)
    return database


def test_the_same_table_again_changes_nothing(database: TestDatabase) -> None:
    first = load(database, TABLE)
    assert (first.added, first.changed, first.unchanged) == (4, 0, 0)
    assert (first.first, first.last) == (DAY - timedelta(days=1), DAY)
    assert first.currencies == ["EUR", "NOK", "RSD", "USD"]
    again = load(database, TABLE)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 4)
    other = load(database, TABLE.replace("11.7105", "11.7205"))
    assert (other.added, other.changed, other.unchanged) == (0, 1, 3)


def test_straight_inverse_over_another_and_the_same(rates: TestDatabase) -> None:
    assert rate(rates, "EUR", "NOK").rate == Decimal("11.7105")
    assert rate(rates, "NOK", "EUR").rate == pytest.approx(1 / Decimal("11.7105"))
    over = rate(rates, "USD", "NOK")
    assert over.over == "EUR"
    assert over.rate == pytest.approx(Decimal("11.7105") / Decimal("1.1570"))
    assert rate(rates, "JPY", "JPY").rate == 1


def test_a_rate_holds_for_ten_days_and_not_before_its_own(rates: TestDatabase) -> None:
    assert rate(rates, "EUR", "NOK", DAY - timedelta(days=1)).rate == Decimal("11.69")
    last = rate(rates, "EUR", "NOK", DAY + timedelta(days=10))
    assert (last.rate, last.day) == (Decimal("11.7105"), DAY)
    for day in (DAY + timedelta(days=11), DAY - timedelta(days=2)):
        with pytest.raises(fx.RateIsUnknown, match="EUR to NOK"):
            rate(rates, "EUR", "NOK", day)


def test_an_unknown_rate_is_unknown_and_never_one(rates: TestDatabase) -> None:
    with pytest.raises(fx.RateIsUnknown):
        rate(rates, "EUR", "KWD")
    with pytest.raises(fx.RateIsUnknown):
        rate(rates, "USD", "RSD")  # two currencies over: no guess is built on a guess


def test_a_table_that_contradicts_what_is_known_is_refused_whole(rates: TestDatabase) -> None:
    wrong = "day,base,quote,rate\n2026-11-20,USD,NOK,60.9\n2026-11-20,EUR,GBP,0.88\n"
    with pytest.raises(fx.RatesLookWrong, match="over EUR it comes to 10") as refused:
        load(rates, wrong)
    assert "--accept-odd" in str(refused.value.hint)
    with pytest.raises(fx.RateIsUnknown):
        rate(rates, "EUR", "GBP")
    assert load(rates, wrong, accept_odd=True).added == 2


def test_the_application_reads_rates_and_writes_none(rates: TestDatabase) -> None:
    with psycopg.connect(rates.app_dsn) as db:
        assert db.execute("SELECT count(*) FROM exchange_rates").fetchone() == (4,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute("DELETE FROM exchange_rates")


def test_a_rate_that_is_too_old_is_named_with_its_day(rates: TestDatabase) -> None:
    assert rate(rates, "EUR", "NOK", DAY + timedelta(days=fx.RATE_DAYS)).day == DAY
    late = DAY + timedelta(days=fx.RATE_DAYS + 1)
    for base, quote in (("EUR", "NOK"), ("NOK", "EUR"), ("USD", "NOK")):
        with pytest.raises(fx.RateIsUnknown, match=f"is of {DAY} and too old for {late}"):
            rate(rates, base, quote, late)
    with pytest.raises(fx.RateIsUnknown, match="No rate from EUR to ISK is known"):
        rate(rates, "EUR", "ISK", late)


def test_rates_are_listed_newest_first_in_pages(rates: TestDatabase) -> None:
    seen: list[fx.KnownRate] = []
    page = listed(rates, limit=1)
    seen += page.items
    while page.next is not None:
        page = listed(rates, limit=1, after=page.next)
        seen += page.items
    assert [(one.day, one.base, one.quote) for one in seen] == [
        (DAY, "EUR", "NOK"), (DAY, "EUR", "USD"), (DAY, "NOK", "RSD"),
        (DAY - timedelta(days=1), "EUR", "NOK"),
    ]  # fmt: skip
    assert [one.rate for one in listed(rates, "NOK", "EUR").items] == [
        Decimal("11.7105"), Decimal("11.6900"),
    ]  # fmt: skip
    assert [one.rate for one in listed(rates, "NOK", "NOK", "RSD").items] == [Decimal("10.0105")]
    assert listed(rates, "NOK", "EUR", "RSD").items == []
    assert [one.quote for one in listed(rates, "RSD", since=DAY, until=DAY).items] == ["RSD"]
    assert listed(rates, until=DAY - timedelta(days=2)).items == []
