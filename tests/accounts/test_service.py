"""Accounts through their door: what banks report by day, and what people own besides."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest

from strongroom import accounts
from strongroom.accounts import (
    Account,
    AccountIsTheBanks,
    AccountNotFound,
    BadAccountName,
    BadSubtype,
    BadValue,
    BalanceSource,
    Category,
    OpenFromFile,
    OpenManual,
    currencies_of,
)
from strongroom.core import db as core_db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import AccountId, UserId, new_id
from strongroom.core.money import Currency, Money
from tests import book as made
from tests.book import EUR, NOK, NOW, TODAY, USD, report
from tests.identity.conftest import World

LATER = NOW + timedelta(days=1)


@pytest.fixture
def owner(world: World) -> UserId:
    return made.person(world)


def ask(world: World, owner: UserId, verb: Callable[..., Any], **arguments: Any) -> Any:
    return world.within(owner, lambda db: verb(db, owner=owner, **arguments))


def held(world: World, owner: UserId) -> dict[str, Account]:
    return {one.name: one for one in ask(world, owner, accounts.list_all)}


def open_manual(world: World, owner: UserId, **more: Any) -> Account:
    new = OpenManual(
        **{
            "name": "Flat",
            "subtype": "real_estate",
            "value": krone("3000000"),
            "day": TODAY,
            **more,
        }
    )
    return ask(world, owner, accounts.open_manual, new=new, now=NOW)


def krone(amount: str) -> Money:
    return Money(Decimal(amount), NOK)


def history(world: World, owner: UserId, account_id: AccountId) -> list[tuple[date, str, str]]:
    found = ask(
        world, owner, accounts.balance_history, account_id=account_id,
        since=date(1970, 1, 1), until=date(2100, 1, 1),
    )  # fmt: skip
    return [(one.day, str(one.balance.amount.normalize()), one.source.value) for one in found]


def test_a_banks_report_is_kept_to_the_last_digit(world: World, owner: UserId) -> None:
    item_id = made.item(world, owner)
    said = report(
        "everyday", "110.0000000001", available=Decimal("100.10"), persistent_account_id="p1",
        official_name="Everyday Gold", mask="4321",
    )  # fmt: skip
    known = made.take_in(world, owner, item_id, said)
    found = ask(world, owner, accounts.get, account_id=known["everyday"])
    assert (found.name, found.official_name, found.mask) == ("Everyday", "Everyday Gold", "4321")
    assert (found.item_id, found.plaid_account_id) == (item_id, "everyday")
    assert (found.type, found.subtype, found.category) == ("depository", "checking", Category.CASH)
    assert found.balance == krone("110.0000000001")
    assert (found.available, found.credit_limit) == (krone("100.10"), None)
    assert (found.balance_day, found.balance_source) == (TODAY, BalanceSource.PLAID)
    assert (found.reported_at, found.institution_name) == (NOW, "Fjord Bank")
    assert not (found.is_manual or found.is_debt or found.is_primary)


def test_each_kind_has_its_sign(world: World, owner: UserId) -> None:
    made.take_in(
        world, owner, made.item(world, owner),
        report("overdrawn", "-20.50"),
        report("card", "410", type="credit", subtype="credit card", credit_limit=Decimal(2000)),
        report("loan", "65262", type="loan", subtype="student"),
        report("fund", "320.76", type="investment", subtype="brokerage", currency=EUR),
        report("silent", None),
        report("only available", None, available=Decimal("12")),
        report("new kind", "5", type="something new", subtype=None),
    )  # fmt: skip
    found = {
        name: None if one.balance is None else one.balance.amount
        for name, one in held(world, owner).items()
    }
    assert found == {
        "Overdrawn": Decimal("-20.50"), "Card": -410, "Loan": -65262, "Fund": Decimal("320.76"),
        "Silent": None, "Only Available": 12, "New Kind": 5,
    }  # fmt: skip
    silent = held(world, owner)["Silent"]
    assert (silent.balance_day, silent.balance_source, silent.reported_at) == (None, None, None)


def test_an_account_taken_back_is_so_until_its_bank_reports_it_again(
    world: World, owner: UserId
) -> None:
    item_id = made.item(world, owner)
    said = report("everyday", "10")
    account_id = made.take_in(world, owner, item_id, said)["everyday"]

    def taken_back() -> datetime | None:
        found: Account = ask(world, owner, accounts.get, account_id=account_id)
        return found.revoked_at

    revoke = {"item_id": item_id, "plaid_account_id": "everyday", "now": LATER}
    assert ask(world, owner, accounts.revoke, **revoke) == "Everyday"
    assert ask(world, owner, accounts.revoke, **revoke) is None
    made.take_in(world, owner, item_id, said, now=LATER)  # what was read before that
    assert taken_back() == LATER
    made.take_in(world, owner, item_id, replace(said, reported_at=LATER), now=LATER)
    assert taken_back() is None


def test_a_chosen_name_outlives_the_banks(world: World, owner: UserId) -> None:
    item_id = made.item(world, owner)
    said = report("everyday", "10")
    account_id = made.take_in(world, owner, item_id, said)["everyday"]
    ask(world, owner, accounts.rename, account_id=account_id, name="  House \n money ", now=NOW)
    again = replace(said, name="RENAMED AT BANK", mask="9999", official_name="New")
    assert made.take_in(world, owner, item_id, again)["everyday"] == account_id
    found = ask(world, owner, accounts.get, account_id=account_id)
    assert (found.name, found.mask, found.official_name) == ("House money", "9999", "New")
    for bad in ("", " \t", "x" * 101):
        with pytest.raises(BadAccountName) as refused:
            ask(world, owner, accounts.rename, account_id=account_id, name=bad, now=NOW)
        assert refused.value.field == "name"
    assert ask(world, owner, accounts.get, account_id=account_id).name == "House money"


def test_one_balance_a_day_the_last_one_told(world: World, owner: UserId) -> None:
    item_id = made.item(world, owner)
    days = [TODAY - timedelta(days=2), TODAY - timedelta(days=2), TODAY]
    for day, current in zip(days, ("10", "20", "30.10"), strict=True):
        known = made.take_in(world, owner, item_id, report("everyday", current), today=day)
    account_id = known["everyday"]
    assert history(world, owner, account_id) == [
        (days[1], "2E+1", "plaid"), (TODAY, "30.1", "plaid"),
    ]  # fmt: skip
    # A bank that falls silent takes nothing away.
    made.take_in(world, owner, item_id, report("everyday", None), today=TODAY + timedelta(days=1))
    assert ask(world, owner, accounts.get, account_id=account_id).balance == krone("30.10")
    narrow = ask(
        world, owner, accounts.balance_history, account_id=account_id, since=TODAY, until=TODAY
    )
    assert [one.balance for one in narrow] == [krone("30.10")]


def test_days_without_a_report_hold_the_one_before_and_are_marked(
    world: World, owner: UserId
) -> None:
    item_id = made.item(world, owner)
    for days, current in ((9, "10"), (5, "20")):
        day = TODAY - timedelta(days=days)
        known = made.take_in(world, owner, item_id, report("gappy", current), today=day)

    def days_since(ago: int, until: date = TODAY) -> list[tuple[int, str, str]]:
        found = ask(
            world, owner, accounts.balance_history, account_id=known["gappy"],
            since=TODAY - timedelta(days=ago), until=until, every_day=True,
        )  # fmt: skip
        return [((TODAY - one.day).days, f"{one.balance.amount:f}", one.source) for one in found]

    whole = days_since(30)
    assert [day for day, _, _ in whole] == list(range(9, -1, -1))
    assert {balance[:2] for day, balance, _ in whole if day > 5} == {"10"}
    assert {balance[:2] for day, balance, _ in whole if day <= 5} == {"20"}
    assert {day for day, _, source in whole if source != "carried"} == {9, 5}
    assert days_since(7) == whole[2:]  # from the middle of a gap
    assert days_since(30, TODAY - timedelta(days=20)) == []
    ask(world, owner, accounts.close, account_id=known["gappy"], now=NOW - timedelta(days=2))
    assert days_since(30) == whole[:-3]  # it counts as nothing from the day it closed


def test_days_long_past_and_years_ahead_have_a_place(world: World, owner: UserId) -> None:
    flat = open_manual(world, owner, day=date(1971, 1, 1))
    revalue(world, owner, flat.id, "5", date(2019, 5, 5))
    ahead = datetime(2031, 2, 1, tzinfo=UTC)
    ask(
        world, owner, accounts.revalue, account_id=flat.id, value=krone("6"), day=ahead.date(),
        now=ahead,
    )  # fmt: skip
    assert [day for day, _, _ in history(world, owner, flat.id)] == [
        date(1971, 1, 1), date(2019, 5, 5), ahead.date(),
    ]  # fmt: skip


def revalue(world: World, owner: UserId, account_id: AccountId, value: str, day: date) -> Account:
    return ask(
        world, owner, accounts.revalue, account_id=account_id, value=krone(value), day=day, now=NOW
    )


@pytest.mark.parametrize(
    ("subtype", "category", "sign"),
    [
        ("real_estate", Category.PROPERTY, 1),
        ("vehicle", Category.VEHICLES, 1),
        ("precious_metal", Category.PRECIOUS_METALS, 1),
        ("crypto", Category.DIGITAL_ASSETS, 1),
        ("other", Category.OTHER_ASSETS, 1),
        ("mortgage", Category.MORTGAGES, -1),
        ("loan", Category.LOANS, -1),
        ("credit_card", Category.CREDIT_CARDS, -1),
        ("other_debt", Category.OTHER_LIABILITIES, -1),
    ],
)
def test_what_no_bank_reports(
    world: World, owner: UserId, subtype: str, category: Category, sign: int
) -> None:
    opened = open_manual(world, owner, subtype=subtype, value=krone("250.50"))
    assert opened.category is category
    assert (opened.is_manual, opened.is_debt) == (True, sign < 0)
    assert opened.balance == krone(str(Decimal("250.50") * sign))
    again = revalue(world, owner, opened.id, "300", TODAY)
    assert again.balance == krone(str(300 * sign))
    assert len(history(world, owner, opened.id)) == 1
    revalue(world, owner, opened.id, "1", TODAY - timedelta(days=30))
    assert held(world, owner)["Flat"].balance == krone(str(300 * sign))


def test_bad_values_are_refused_whole(world: World, owner: UserId) -> None:
    faults: list[tuple[type[StrongroomError], dict[str, Any]]] = [
        (BadSubtype, {"subtype": "spaceship"}),
        (BadAccountName, {"name": "  "}),
        (BadValue, {"value": krone("-1")}),
        (BadValue, {"day": date(1969, 12, 31)}),
        (BadValue, {"day": TODAY + timedelta(days=1)}),
    ]
    for fault, more in faults:
        with pytest.raises(fault) as refused:
            open_manual(world, owner, **more)
        assert refused.value.field == next(iter(more))
    assert held(world, owner) == {}
    flat = open_manual(world, owner)
    with pytest.raises(BadValue, match="NOK"):
        ask(
            world, owner, accounts.revalue, account_id=flat.id, value=Money(Decimal(1), USD),
            day=TODAY, now=NOW,
        )  # fmt: skip
    bank = made.take_in(world, owner, made.item(world, owner), report("everyday", "1"))
    with pytest.raises(AccountIsTheBanks, match="Everyday"):
        revalue(world, owner, bank["everyday"], "2", TODAY)


def test_today_is_the_persons(world: World) -> None:
    """At 23:30 UTC it is tomorrow in Oslo and on Kiritimati."""
    late = NOW.replace(hour=23)
    for zone, ahead in (("Pacific/Kiritimati", 1), ("Europe/Oslo", 1), ("UTC", 0),
                        ("America/Los_Angeles", 0)):  # fmt: skip
        owner = made.person(world, zone)
        flat = open_manual(world, owner, day=TODAY - timedelta(days=9))
        last = TODAY + timedelta(days=ahead)
        ask(
            world, owner, accounts.revalue, account_id=flat.id, value=krone("2"), day=last, now=late
        )
        with pytest.raises(BadValue, match="today"):
            ask(
                world, owner, accounts.revalue, account_id=flat.id, value=krone("3"),
                day=last + timedelta(days=1), now=late,
            )  # fmt: skip


def test_hidden_closed_and_open_again(world: World, owner: UserId) -> None:
    flat = open_manual(world, owner)
    hide = {"account_id": flat.id, "now": NOW}
    assert ask(world, owner, accounts.hide, hidden=True, **hide).hidden_at == NOW
    assert ask(world, owner, accounts.hide, hidden=False, **hide).hidden_at is None
    assert ask(world, owner, accounts.close, account_id=flat.id, now=NOW).closed_at == NOW
    again = ask(world, owner, accounts.close, account_id=flat.id, now=LATER)
    assert again.closed_at == NOW  # closing twice does not move the day
    assert ask(world, owner, accounts.reopen, account_id=flat.id, now=NOW).closed_at is None
    assert len(history(world, owner, flat.id)) == 1


def test_a_change_of_value_asks_for_new_snapshots_once(world: World, owner: UserId) -> None:
    flat = open_manual(world, owner)
    revalue(world, owner, flat.id, "1", TODAY)
    waiting = made.values(
        world,
        "SELECT args FROM procrastinate_jobs WHERE task_name = 'net_worth.refresh'"
        " AND args->>'owner' = %s",
        str(owner),
    )
    assert waiting == [({"owner": str(owner)},)]


def test_another_person_finds_nothing(world: World, owner: UserId) -> None:
    flat = open_manual(world, owner)
    stranger = made.person(world)
    attempts: list[tuple[Callable[..., Any], dict[str, Any]]] = [
        (accounts.get, {}),
        (accounts.rename, {"name": "x", "now": NOW}),
        (accounts.hide, {"hidden": True, "now": NOW}),
        (accounts.close, {"now": NOW}),
        (accounts.reopen, {"now": NOW}),
        (accounts.revalue, {"value": krone("1"), "day": TODAY, "now": NOW}),
    ]
    for verb, more in attempts:
        for named in (stranger, owner):
            with pytest.raises(AccountNotFound):
                world.within(stranger, partial(verb, owner=named, account_id=flat.id, **more))
        with pytest.raises(AccountNotFound):
            ask(world, owner, verb, account_id=AccountId(new_id()), **more)
    assert history(world, stranger, flat.id) == []
    assert held(world, stranger) == {}
    assert held(world, owner)["Flat"] == flat


def test_which_currency_comes_first(world: World, owner: UserId) -> None:
    made.take_in(
        world, owner, made.item(world, owner),
        report("a", "1", currency=EUR), report("b", "1", currency=USD),
        report("c", "1", currency=USD),
    )  # fmt: skip
    shown = list(held(world, owner).values())
    assert currencies_of(shown, None) == [USD, EUR]
    assert currencies_of(shown, EUR) == [EUR, USD]
    assert currencies_of(shown, Currency("SEK")) == [USD, EUR]
    assert currencies_of([], NOK) == [NOK]
    assert currencies_of([], None) == []


def test_a_value_given_while_a_file_is_taken_in_waits_for_it(world: World, owner: UserId) -> None:
    flat = open_manual(world, owner)
    made.values(world, "DELETE FROM procrastinate_jobs RETURNING id")  # a worker took it up
    new = OpenFromFile("File", "depository", "checking", NOK)

    async def revalue() -> Account:
        async with world.database.unit_of_work(owner) as db:
            return await accounts.revalue(
                db, owner=owner, account_id=flat.id, value=krone("1"), day=TODAY, now=LATER
            )

    async def until_it_waits() -> None:
        query = """
            SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        """
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            async with world.database.unit_of_work_for_all() as db:
                if await core_db.value(db, query):
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("nobody waits")

    async def together() -> Account:
        async with world.database.unit_of_work(owner) as db:
            await accounts.open_from_file(db, owner=owner, new=new, now=NOW)
            beside = asyncio.create_task(revalue())
            await until_it_waits()
            await accounts.net_worth_changed(db, owner=owner)
        return await beside

    assert world.run(together()).balance == krone("1")
