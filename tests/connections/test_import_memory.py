"""Which account a file goes to, and which balance of it is believed: never by guess alone."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from strongroom.connections import imports
from strongroom.connections.imports import advice
from strongroom.connections.imports.types import (
    AccountIsNotChosen,
    Choice,
    FileImport,
    ImportState,
)
from tests import book as made
from tests.connections.test_imports import CSV, OFX, Person
from tests.identity.conftest import World

EUROS = OFX.replace("<CURDEF>NOK", "<CURDEF>EUR")
CREDIT = OFX.replace("<ACCTTYPE>CHECKING", "<ACCTTYPE>CREDITLINE")
LATER = OFX.replace(
    "</BANKTRANLIST>",
    "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261119<TRNAMT>-10.00<FITID>a3<NAME>Kaffe</STMTTRN>"
    "</BANKTRANLIST>",
).replace("20261118", "20261119")
MT940 = (
    ":20:X\n:25:NL91ABNA0417164300\n:28C:1\n:60F:C261101EUR100,00\n"
    ":61:261102D10,00NTRFNONREF\n:86:Kaffe\n:62F:C261118EUR{closing}\n-\n"
)


@pytest.fixture
def kari(world: World) -> Person:
    return Person(world)


def choose(person: Person, found: FileImport, choice: Choice) -> FileImport:
    key = found.accounts[0].told.key
    return person.ask(imports.choose, import_id=found.id, choices={key: choice}, now=made.NOW)


def at_once(person: Person, *found: FileImport) -> list[FileImport]:
    async def confirm(one: FileImport) -> FileImport:
        async with person.world.database.unit_of_work(person.owner) as db:
            return await imports.confirm(
                db, owner=person.owner, import_id=one.id, include=(), now=made.NOW
            )

    async def together() -> list[FileImport]:
        return list(await asyncio.gather(*(confirm(one) for one in found)))

    done: list[FileImport] = person.world.run(together())
    return done


@pytest.mark.parametrize(
    ("other", "currency", "owed"), [(EUROS, "EUR", False), (CREDIT, "NOK", True)]
)
def test_a_number_in_another_currency_or_of_another_kind_is_another_account(
    kari: Person, other: str, currency: str, owed: bool
) -> None:
    kari.bring(OFX, "a.ofx")
    first = kari.only_account()
    found = kari.begin(other, "later.ofx")
    (one,) = found.accounts
    assert (one.advice.why, one.advice.was) == ("differs", first.name)
    assert (one.advice.was_currency, one.advice.was_owed) == ("NOK", False)
    assert (one.choice.account_id, one.choice.kept_aside) == (None, True)
    assert (found.new, found.kept_aside) == (0, 2)
    with pytest.raises(AccountIsNotChosen):
        kari.confirm(found)
    assert len(kari.book()) == 2
    new = Choice(name="Another", type=one.choice.type, currency=currency)
    kari.confirm(choose(kari, found, new))
    (second,) = [one for one in kari.held() if one.id != first.id]
    assert (second.currency, second.is_debt) == (currency, owed)
    for text, account in ((OFX, first), (other, second)):
        again = kari.begin(text, "again.ofx")
        assert (again.new, again.known) == (0, 2)
        assert again.accounts[0].choice.account_id == account.id
        assert again.accounts[0].advice.why == "number"


def test_a_person_may_put_another_kind_into_the_account_and_it_is_remembered(
    kari: Person,
) -> None:
    kari.bring(OFX, "a.ofx")
    first = kari.only_account().id
    found = choose(kari, kari.begin(CREDIT, "b.ofx"), Choice(account_id=first))
    assert (found.new, found.known) == (0, 2)
    kari.confirm(found)
    assert kari.begin(CREDIT, "c.ofx").accounts[0].choice.account_id == first


def test_of_several_accounts_of_a_number_the_one_in_its_currency_is_named(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    first = kari.only_account().name
    found = kari.begin(EUROS, "b.ofx")
    kari.confirm(choose(kari, found, Choice(name="Euros", currency="EUR")))
    (one,) = kari.begin(CREDIT, "c.ofx").accounts
    assert (one.choice.kept_aside, one.advice.was, one.advice.was_owed) == (True, first, False)
    assert advice.problem(one) == (
        "The account was one that is owned, and this file says that it is owed."
    )


def test_after_an_undo_a_file_finds_its_own_account_again(kari: Person) -> None:
    done = kari.bring(OFX, "a.ofx")
    name = kari.only_account().name
    found = kari.begin(CREDIT, "credit.ofx")
    kari.confirm(choose(kari, found, Choice(name="Credit", type="credit", currency="NOK")))
    kari.undo(done)
    (credit,) = kari.held()
    again = kari.begin(OFX, "a.ofx")
    (one,) = again.accounts
    assert (one.advice.why, one.choice.kept_aside) == ("same_file", False)
    assert (one.choice.account_id, one.choice.name, one.choice.type) == (None, name, "depository")
    assert kari.confirm(again).imported == 2
    assert {one.is_debt for one in kari.held() if one.id != credit.id} == {False}
    assert len(kari.held()) == 2


def test_headings_alone_are_no_account_but_the_files_name_with_them_is(kari: Person) -> None:
    kari.bring(CSV, "checking-20261115.csv")
    other = CSV.replace("Kaffe", "Te")
    found = kari.begin(other, "savings.csv")
    (one,) = found.accounts
    assert (one.advice.why, one.choice.account_id) == ("headings", None)
    assert one.choice.kept_aside
    with pytest.raises(AccountIsNotChosen) as asked:
        kari.confirm(found)
    assert asked.value.field == "account"
    kari.confirm(choose(kari, found, Choice(name="Savings", currency="EUR")))
    names = {account.id: account.name for account in kari.held()}
    for name, account in (("Checking (1).csv", "checking-20261115"), ("savings.csv", "Savings")):
        (one,) = kari.begin(CSV + "2026-11-19,Bok,-1.00\n", name).accounts
        assert one.choice.account_id is not None
        assert (one.advice.why, names[one.choice.account_id]) == ("file_name", account)
    (one,) = kari.begin(CSV, "renamed.csv").accounts
    assert one.advice.why == "same_file"


@pytest.mark.parametrize("text", [OFX, CSV], ids=["with a number", "without"])
def test_two_previews_that_would_both_make_the_account_make_one(kari: Person, text: str) -> None:
    both = [kari.begin(text, "2026.csv") for _ in range(2)]
    assert [one.new for one in both] == [one.rows for one in both]
    done = at_once(kari, *both)
    assert {one.state for one in done} == {ImportState.DONE}
    assert sorted(one.imported for one in done) == [0, both[0].rows]
    assert len(kari.book()) == both[0].rows
    assert len(kari.held()) == 1
    kari.sums_hold()


def test_two_previews_of_an_account_there_is_bring_it_once(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    both = [kari.begin(LATER, "b.ofx") for _ in range(2)]
    assert sorted(one.imported for one in at_once(kari, *both)) == [0, 1]
    assert len(kari.book()) == 3


def test_a_person_may_make_a_second_account_under_a_name_of_its_own(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    found = choose(kari, kari.begin(OFX, "a.ofx"), Choice(name="Second", currency="NOK"))
    assert kari.confirm(found).imported == 2
    assert len(kari.held()) == 2


def test_a_balance_that_contradicts_what_was_known_is_told_and_left_out(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    assert kari.balance() == 40000
    wrong = LATER.replace("40000.00", "123.45")
    found = kari.begin(wrong, "b.ofx")
    (one,) = found.accounts
    assert (one.told.balance, one.advice.expected) == (Decimal("123.45"), Decimal(39990))
    assert (one.doubts_balance, one.keeps_balance) == (True, False)
    kari.confirm(found)
    assert kari.balance() == 40000, "the wrong balance is not stored"
    believed = kari.begin(wrong, "c.ofx")
    account = kari.only_account().id
    kari.confirm(choose(kari, believed, Choice(account_id=account, keep_balance=True)))
    assert kari.balance() == Decimal("123.45")


def test_a_balance_that_agrees_is_taken_unless_the_person_says_no(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    right = LATER.replace("40000.00", "39990.00")
    found = kari.begin(right, "b.ofx")
    assert not found.accounts[0].doubts_balance
    account = kari.only_account().id
    kari.confirm(choose(kari, found, Choice(account_id=account, keep_balance=False)))
    assert kari.balance() == 40000
    kari.bring(right, "c.ofx")
    assert kari.balance() == 39990


@pytest.mark.parametrize(("closing", "agrees"), [("90,00", True), ("77,00", False)])
def test_a_statements_own_sum_is_a_remark_on_its_balance_and_no_lost_line(
    kari: Person, closing: str, agrees: bool
) -> None:
    found = kari.begin(MT940.format(closing=closing), "a.sta")
    (one,) = found.accounts
    assert (found.rows, found.problem_count, found.problems) == (1, 0, [])
    assert (one.told.remark is None, one.keeps_balance) == (agrees, agrees)
    if not agrees:
        assert "77" in str(one.told.remark)
        assert "90" in str(one.told.remark)
    kari.confirm(found)
    assert kari.balance() == (90 if agrees else -10)


def test_rows_kept_aside_leave_nothing_behind(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    ours: dict[str, Any] = {"file_transactions": 2, "file_marks": 0}
    both = EUROS.replace("</BANKMSGSRSV1>", OFX[OFX.index("<STMTTRNRS>"):].replace(
        "12345678901", "55555555555").removesuffix("</OFX>\n"))  # fmt: skip
    found = kari.begin(both, "two.ofx")
    assert [one.choice.kept_aside for one in found.accounts] == [True, False]
    assert (found.new, found.kept_aside) == (2, 2)
    done = kari.confirm(found)
    assert (done.imported, done.skipped) == (2, 2)
    assert kari.left("file_transactions", "file_marks") == ours | {"file_transactions": 4}
    kari.undo(done)
    assert kari.left("file_transactions", "file_marks") == ours
    kari.sums_hold()
