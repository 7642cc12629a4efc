"""Bringing files through the verbs: understood, taken in, recognised again, taken out."""

from __future__ import annotations

import asyncio
import zipfile
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest

from strongroom import accounts, net_worth, transactions
from strongroom.connections import imports
from strongroom.connections.files import FileIsRefused, Limits, Source
from strongroom.connections.imports.types import (
    BadMapping,
    Choice,
    CurrencyDiffers,
    FileImport,
    ImportIsOver,
    ImportNotFound,
    ImportState,
    LinesAreUnreadable,
    RowsWereEdited,
)
from strongroom.core.errors import NotFound, Refused
from strongroom.transactions import manual, transfers
from tests import book as made
from tests.identity.conftest import World

CSV = (
    "Date,Description,Amount\n"
    "2026-11-02,Rema 1000,-120.50\n"
    "2026-11-03,Kaffe,-45.00\n"
    "2026-11-03,Kaffe,-45.00\n"
    "2026-11-15,Acme salary,31000.00\n"
)
OFX = """OFXHEADER:100
DATA:OFXSGML
VERSION:102
SECURITY:NONE
ENCODING:UTF-8
CHARSET:NONE
COMPRESSION:NONE
OLDFILEUID:NONE
NEWFILEUID:NONE

<OFX><SIGNONMSGSRSV1><SONRS><STATUS><CODE>0<SEVERITY>INFO</STATUS><DTSERVER>20261120
<LANGUAGE>ENG</SONRS></SIGNONMSGSRSV1><BANKMSGSRSV1><STMTTRNRS><TRNUID>1<STATUS><CODE>0
<SEVERITY>INFO</STATUS><STMTRS><CURDEF>NOK<BANKACCTFROM><BANKID>9<ACCTID>12345678901
<ACCTTYPE>CHECKING</BANKACCTFROM><BANKTRANLIST><DTSTART>20261101<DTEND>20261120
<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261102<TRNAMT>-120.50<FITID>a1<NAME>Rema 1000</STMTTRN>
<STMTTRN><TRNTYPE>CREDIT<DTPOSTED>20261115<TRNAMT>31000.00<FITID>a2<NAME>Acme</STMTTRN>
</BANKTRANLIST><LEDGERBAL><BALAMT>40000.00<DTASOF>20261118</LEDGERBAL>
</STMTRS></STMTTRNRS></BANKMSGSRSV1></OFX>
"""


class Person:
    """Someone who imports files, and the verbs in their name."""

    def __init__(self, world: World) -> None:
        self.world, self.owner = world, made.person(world)

    def ask(self, verb: Any, **arguments: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))

    def begin(self, text: str | bytes, name: str = "bank.csv", **more: Any) -> FileImport:
        content = text.encode() if isinstance(text, str) else text
        source = Source.of(content, name)
        return self.ask(imports.begin, source=source, now=made.NOW, **more)

    def confirm(self, found: FileImport, include: Any = (), without: bool = True) -> FileImport:
        return self.ask(
            imports.confirm, import_id=found.id, include=include, now=made.NOW,
            without_unreadable=without,
        )  # fmt: skip

    def bring(self, text: str | bytes, name: str = "bank.csv", **more: Any) -> FileImport:
        return self.confirm(self.begin(text, name, **more))

    def undo(self, found: FileImport, **more: Any) -> FileImport:
        return self.ask(imports.undo, import_id=found.id, now=made.NOW, **more)

    def book(self) -> list[tuple[date, str, Decimal]]:
        rows = made.book(self.world, self.owner)
        return sorted((row.day, row.description, row.amount.amount) for row in rows)

    def held(self) -> list[accounts.Account]:
        return self.ask(accounts.list_all)

    def only_account(self) -> accounts.Account:
        (found,) = self.held()
        return found

    def balance(self) -> Decimal:
        """What the only account has."""
        found = self.only_account().balance
        assert found is not None
        return found.amount

    def sums_hold(self) -> None:
        """The kept sums are what the rows come to."""
        kept = made.values(
            self.world,
            "SELECT month, account_id, category_id, currency, rows, to_review, amount, counted"
            " FROM monthly_totals WHERE user_id = %s",
            self.owner,
        )
        counted = made.values(
            self.world,
            "SELECT date_trunc('month', day)::date, account_id, category_id, currency,"
            " count(*)::int, count(*) FILTER (WHERE needs_review AND NOT pending)::int,"
            " sum(amount), coalesce(sum(amount) FILTER (WHERE removed_by_bank IS NULL), 0)"
            " FROM transactions WHERE user_id = %s GROUP BY 1, 2, 3, 4",
            self.owner,
        )
        assert sorted(map(str, kept)) == sorted(map(str, counted))

    def left(self, *tables: str) -> dict[str, int]:
        """How many rows of each table are this person's."""
        return {
            table: made.values(
                self.world, f"SELECT count(*) FROM {table} WHERE user_id = %s", self.owner
            )[0][0]
            for table in tables
        }


@pytest.fixture
def kari(world: World) -> Person:
    return Person(world)


def test_a_file_is_shown_before_anything_is_in_the_book(kari: Person) -> None:
    found = kari.begin(CSV)
    assert found.state is ImportState.PREVIEW
    assert (found.rows, found.new, found.known, found.alike) == (4, 4, 0, 0)
    assert found.accounts[0].choice.account_id is None
    assert kari.book() == []
    assert kari.held() == []


def test_rows_come_in_exactly_and_two_identical_coffees_stay_two(kari: Person) -> None:
    done = kari.bring(CSV)
    assert (done.state, done.imported, done.skipped) == (ImportState.DONE, 4, 0)
    assert [str(amount) for _, _, amount in kari.book()] == [
        "-120.5000000000", "-45.0000000000", "-45.0000000000", "31000.0000000000",
    ]  # fmt: skip
    assert {row.origin for row in made.book(kari.world, kari.owner)} == {"file"}
    kari.sums_hold()
    assert kari.left("import_parts") == {"import_parts": 0}


def test_the_same_file_again_changes_nothing(kari: Person) -> None:
    kari.bring(CSV)
    before = kari.book()
    again = kari.begin(CSV)
    assert again.same_as is not None
    assert (again.new, again.known, again.alike) == (0, 4, 0)
    assert again.accounts[0].choice.account_id == kari.only_account().id
    done = kari.confirm(again)
    assert (done.imported, done.skipped) == (0, 4)
    assert kari.book() == before
    assert kari.left("file_transactions", "file_marks") == {"file_transactions": 4, "file_marks": 0}
    kari.sums_hold()


def test_an_overlapping_file_brings_only_what_is_new(kari: Person) -> None:
    kari.bring(CSV)
    longer = CSV + "2026-11-03,Kaffe,-45.00\n2026-11-18,Bok,-200.00\n"
    found = kari.begin(longer)
    assert (found.new, found.known, found.alike) == (2, 4, 0)
    kari.confirm(found)
    assert [name for _, name, _ in kari.book()].count("Kaffe") == 3
    assert len(kari.book()) == 6


def test_the_sources_own_ids_are_known_again_though_the_text_changed(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    found = kari.begin(OFX.replace("<NAME>Rema 1000", "<NAME>REMA 1000 GRU"), "a.ofx")
    assert (found.new, found.known) == (0, 2)


def test_balances_that_a_file_tells_stand_and_days_before_are_reckoned(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    account = kari.only_account()
    assert account.is_manual
    assert account.balance is not None
    assert (account.balance.amount, account.balance_day) == (Decimal(40000), date(2026, 11, 18))
    assert account.balance_source == "file"
    kari.ask(net_worth.refresh, now=made.NOW)
    history = kari.ask(
        accounts.balance_history, account_id=account.id, since=date(2026, 11, 1),
        until=date(2026, 11, 18),
    )  # fmt: skip
    by_day = {one.day.day: one.balance.amount for one in history}
    assert by_day[18] == by_day[15] == 40000
    assert by_day[14] == by_day[2] == 9000
    assert by_day[1] == Decimal("9120.50")


def test_without_a_told_balance_the_rows_are_the_balance_or_the_person_says_it(
    kari: Person,
) -> None:
    kari.bring(CSV)
    assert kari.balance() == Decimal("30789.50")
    ola = Person(kari.world)
    found = ola.begin(CSV)
    choice = Choice(name="Lønnskonto", currency="NOK", balance=Decimal("50000"))
    ola.ask(imports.choose, import_id=found.id, choices={"": choice}, now=made.NOW)
    ola.confirm(found)
    account = ola.only_account()
    assert (account.name, account.currency) == ("Lønnskonto", "NOK")
    assert account.balance is not None
    assert (account.balance.amount, account.balance_day) == (Decimal(50000), made.TODAY)
    ola.ask(net_worth.refresh, now=made.NOW)
    history = ola.ask(
        accounts.balance_history, account_id=account.id, since=date(2026, 11, 14),
        until=date(2026, 11, 14),
    )  # fmt: skip
    assert [one.balance.amount for one in history] == [Decimal(19000)]


def test_undo_takes_out_exactly_what_came_and_the_file_may_come_again(kari: Person) -> None:
    first = kari.bring(CSV)
    account = kari.only_account()
    before = kari.book()
    more = CSV + "2026-11-18,Bok,-200.00\n"
    second = kari.bring(more, "bank (2).csv")
    assert kari.balance() == Decimal("30589.50")
    undone = kari.undo(second)
    assert undone.state is ImportState.UNDONE
    assert kari.book() == before
    assert kari.balance() == Decimal("30789.50")
    kari.sums_hold()
    with pytest.raises(ImportIsOver):
        kari.undo(second)
    assert kari.bring(more, "bank (2).csv").imported == 1
    kari.undo(kari.ask(imports.list_imports).items[0])
    kari.undo(first)
    assert kari.book() == []
    assert kari.held() == [], f"{account.name} came with the file and went with it"
    assert kari.bring(CSV).imported == 4
    kari.sums_hold()


def test_undo_asks_where_rows_were_edited_since(kari: Person) -> None:
    done = kari.bring(CSV)
    row = next(row for row in made.book(kari.world, kari.owner) if row.description == "Rema 1000")
    made.note(kari.world, kari.owner, row.id, "for the party")
    made.review(kari.world, kari.owner, row.id)
    with pytest.raises(RowsWereEdited) as asked:
        kari.undo(done)
    assert asked.value.count == 1
    assert len(kari.book()) == 4
    kari.undo(done, even_edited=True)
    assert kari.book() == []


def test_what_a_person_edited_survives_the_same_file(kari: Person) -> None:
    kari.bring(CSV)
    row = next(row for row in made.book(kari.world, kari.owner) if row.description == "Rema 1000")
    made.choose(kari.world, kari.owner, "gifts", row.id)
    made.note(kari.world, kari.owner, row.id, "a cake")
    kari.bring(CSV)
    (after,) = [one for one in made.book(kari.world, kari.owner) if one.id == row.id]
    assert (after.category_key, after.note) == ("gifts", "a cake")


def test_a_row_that_looks_like_a_banks_is_left_out_unless_it_is_chosen(kari: Person) -> None:
    item = made.item(kari.world, kari.owner)
    known = made.take_in(kari.world, kari.owner, item, made.report("checking", "1000"))
    made.apply(
        kari.world, kari.owner, known,
        made.page(made.row("p1", "120.50", date(2026, 11, 3), name="REMA 1000 GRUNERLOKKA")),
    )  # fmt: skip
    found = kari.begin(CSV, account_id=known["checking"])
    assert (found.new, found.known, found.alike) == (3, 0, 1)
    (row,) = kari.ask(imports.rows, import_id=found.id, mark="alike")
    assert (row.description, row.days) == ("Rema 1000", 1)
    assert row.rival_text == "REMA 1000 GRUNERLOKKA"
    done = kari.confirm(found)
    assert (done.imported, done.skipped) == (3, 1)
    kari.undo(done)
    assert len(kari.book()) == 1
    found = kari.begin(CSV, account_id=known["checking"])
    (row,) = kari.ask(imports.rows, import_id=found.id, mark="alike")
    assert kari.confirm(found, include=[row.id]).imported == 4
    account = kari.only_account()
    assert account.balance_source == "plaid", "a bank's account keeps the bank's balance"
    assert kari.balance() == 1000
    kari.sums_hold()


def test_a_files_account_is_not_put_into_another_currency(kari: Person) -> None:
    item = made.item(kari.world, kari.owner)
    known = made.take_in(
        kari.world, kari.owner, item, made.report("checking", "1", currency=made.USD)
    )
    with pytest.raises(CurrencyDiffers):
        kari.begin(OFX, "a.ofx", account_id=known["checking"])
    assert kari.left("file_imports", "import_parts") == {"file_imports": 0, "import_parts": 0}


def test_somebody_elses_account_and_import_do_not_exist(kari: Person) -> None:
    kari.bring(CSV)
    ola = Person(kari.world)
    hers = kari.only_account().id
    with pytest.raises(NotFound):
        ola.begin(CSV, account_id=hers)
    found = ola.begin(CSV)
    with pytest.raises(NotFound):
        ola.ask(
            imports.choose, import_id=found.id, choices={"": Choice(account_id=hers)}, now=made.NOW
        )
    with pytest.raises(ImportNotFound):
        kari.confirm(found)
    with pytest.raises(ImportNotFound):
        kari.undo(found)
    assert len(kari.book()) == 4
    assert ola.book() == []


def test_a_changed_guess_reads_the_file_anew_and_is_remembered(kari: Person) -> None:
    dotted = "Dato;Tekst;Ut\n03.11.2026;Kaffe;45,00\n15.11.2026;Bok;200,50\n"
    found = kari.begin(dotted)
    found = kari.ask(
        imports.change_guess, import_id=found.id, changes={"sign": "inverted"}, now=made.NOW
    )
    assert found.state is ImportState.PREVIEW
    rows = kari.ask(imports.rows, import_id=found.id)
    wanted = [str(row.amount.normalize()) for row in rows]
    kari.confirm(found)
    assert kari.left("file_transactions") == {"file_transactions": 2}
    later = kari.begin("Dato;Tekst;Ut\n16.11.2026;Sko;900,00\n", "Bank 2026-12.csv")
    assert later.guess.sign == "inverted"
    (row,) = kari.ask(imports.rows, import_id=later.id)
    assert str(row.amount.normalize())[0] == wanted[0][0]
    assert later.accounts[0].choice.account_id == kari.only_account().id


@pytest.mark.parametrize(
    "changes",
    [
        {"sign": "sideways"}, {"date_order": "yyy"}, {"encoding": "rot13"}, {"encoding": "x" * 99},
        {"columns": {"date": 99999}}, {"columns": {"nothing": 1}}, {"columns": 7}, {"format": "x"},
        {"header_line": True}, {"currency": "not a currency"}, {"delimiter": "xx"},
    ],
)  # fmt: skip
def test_a_bad_mapping_is_refused_and_all_stays(kari: Person, changes: dict[str, Any]) -> None:
    found = kari.begin(CSV)
    with pytest.raises(BadMapping) as why:
        kari.ask(imports.change_guess, import_id=found.id, changes=changes, now=made.NOW)
    assert why.value.field
    assert kari.ask(imports.get, import_id=found.id).guess == found.guess
    assert len(kari.ask(imports.rows, import_id=found.id)) == 4


@pytest.mark.parametrize(
    "text",
    ["", "\0\0\0", "<html>", "%PDF-1.7", "Date,Description,Amount\n"],
    ids=["empty", "nul", "page", "pdf", "headings"],
)
def test_what_is_no_file_of_money_is_refused_and_nothing_is_kept(kari: Person, text: str) -> None:
    with pytest.raises(Refused):
        kari.begin(text)
    assert kari.left("file_imports", "import_parts", "file_transactions") == {
        "file_imports": 0, "import_parts": 0, "file_transactions": 0,
    }  # fmt: skip


def test_rows_that_no_account_can_hold_are_told_by_line_and_the_rest_comes_in(
    kari: Person,
) -> None:
    found = kari.begin(
        CSV + "0001-01-01,Long ago,-1.00\n2026-11-04,Much,1000000000000000000000.00\n"
        "2026-11-04,Fine,0.123456789012\n"
    )
    with pytest.raises(LinesAreUnreadable) as refused:
        kari.confirm(found, without=False)
    assert (refused.value.field, refused.value.count) == ("without_unreadable", 3)
    assert kari.book() == []
    done = kari.confirm(found)
    assert done.imported == 4
    assert {one.line for one in done.problems} == {6, 7, 8}
    assert all(one.message for one in done.problems)


def test_hostile_names_and_texts_are_only_texts(kari: Person) -> None:
    text = CSV + '2026-11-05,"=HYPERLINK(""http://x"")<script>",-1.00\n'
    done = kari.bring(text, "../../etc/pass\x00wd<b>.csv")
    assert done.file_name == "passwd<b>.csv"
    assert any(name.startswith("=HYPERLINK") for _, name, _ in kari.book())


def test_a_second_confirmation_changes_nothing(kari: Person) -> None:
    found = kari.begin(CSV)
    assert kari.confirm(found).imported == 4
    assert kari.confirm(found).imported == 4
    assert len(kari.book()) == 4
    with pytest.raises(ImportIsOver):
        kari.ask(imports.discard, import_id=found.id)


def test_a_file_that_is_forgotten_leaves_nothing(kari: Person) -> None:
    found = kari.begin(CSV)
    kari.ask(imports.discard, import_id=found.id)
    assert kari.left("file_imports", "import_parts", "file_transactions", "file_marks") == {
        "file_imports": 0, "import_parts": 0, "file_transactions": 0, "file_marks": 0,
    }  # fmt: skip


def test_categories_are_the_persons_or_become_their_own_and_go_with_the_undo(
    kari: Person,
) -> None:
    text = (
        "Date,Description,Amount,Category\n"
        "2026-11-02,Rema 1000,-120.50,Groceries\n"
        "2026-11-03,Fish,-45.00,Hobbies:Aquarium\n"
        "2026-11-04,To savings,-500.00,Transfer\n"
        "2026-11-05,Something,-5.00,\n"
    )
    before = kari.ask(transactions.categories)
    done = kari.bring(text)
    rows = {row.description: row for row in made.book(kari.world, kari.owner)}
    assert rows["Rema 1000"].category_key == "groceries"
    assert (rows["Fish"].category_name, rows["Fish"].kind) == ("Aquarium", "spending")
    assert rows["To savings"].kind == "transfer"
    assert rows["Something"].category_key == "uncategorised"
    own = [one for one in kari.ask(transactions.categories) if one.name == "Hobbies"]
    assert [one.parent_id for one in own] == [None]
    kari.undo(done)
    assert kari.ask(transactions.categories) == before


def test_an_id_that_a_source_gives_twice_is_one_row_or_none_is_lost(kari: Person) -> None:
    twice = OFX.replace(
        "</BANKTRANLIST>",
        "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261102<TRNAMT>-120.50<FITID>a1<NAME>Rema 1000</STMTTRN>"
        "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261104<TRNAMT>-1.00<FITID>0<NAME>Fee</STMTTRN>"
        "<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>20261105<TRNAMT>-2.00<FITID>0<NAME>Fee</STMTTRN>"
        "</BANKTRANLIST>",
    )
    kari.bring(twice, "a.ofx")
    assert [str(amount.normalize()) for _, _, amount in kari.book()] == [
        "-120.5", "-1", "-2", "3.1E+4",
    ]  # fmt: skip
    assert kari.begin(twice, "a.ofx").new == 0


def test_the_sums_of_many_years_are_kept_true(kari: Person) -> None:
    days = [f"{year}-{month:02}-{day:02}" for year in range(2019, 2026)
            for month in (1, 5, 12) for day in (1, 28)]  # fmt: skip
    lines = [f"{day},Shop {n},-{n}.10" for n, day in enumerate(days, 1)]
    done = kari.bring("Date,Description,Amount\n" + "\n".join(lines) + "\n")
    assert done.imported == len(days)
    kari.sums_hold()
    kari.undo(done)
    kari.sums_hold()


def test_an_undo_beside_a_sync_and_another_import_loses_nothing(kari: Person) -> None:
    item = made.item(kari.world, kari.owner)
    known = made.take_in(kari.world, kari.owner, item, made.report("checking", "1000"))
    done = kari.bring(CSV, account_id=known["checking"])
    other = kari.begin(OFX.replace("-120.50", "-77.00"), "a.ofx")
    page = made.page(made.row("p1", "999.00", date(2026, 11, 9)))

    async def apply(db: Any) -> Any:
        return await transactions.apply(
            db, owner=kari.owner, accounts=known, pages=[page], now=made.NOW
        )

    async def together() -> None:
        async def within(work: Any) -> None:
            async with kari.world.database.unit_of_work(kari.owner) as db:
                await work(db)

        await asyncio.gather(
            within(apply),
            within(lambda db: imports.undo(
                db, owner=kari.owner, import_id=done.id, now=made.NOW)),
            within(lambda db: imports.confirm(
                db, owner=kari.owner, import_id=other.id, include=(), now=made.NOW)),
        )  # fmt: skip

    kari.world.run(together())
    assert sorted(str(amount.normalize()) for _, _, amount in kari.book()) == [
        "-77", "-999", "3.1E+4",
    ]  # fmt: skip
    kari.sums_hold()


def test_taking_a_file_out_is_the_persons_act_and_what_it_left_is_matched_at_once(
    kari: Person,
) -> None:
    day, at = date(2026, 11, 3), made.NOW
    item = made.item(kari.world, kari.owner)
    known = made.take_in(
        kari.world, kari.owner, item, made.report("checking", "1000", mask="1111"),
        made.report("savings", "10", subtype="savings"),
    )  # fmt: skip
    out = made.row("out", "500", day, name="Betaling", pfc_detailed=None)
    into = made.row("into", "-500", date(2026, 11, 5), name="Fra konto 1111 igjen",
                    plaid_account_id="savings", pfc_detailed="INCOME_OTHER")  # fmt: skip
    file = kari.bring("Date,Description,Amount\n2026-11-03,Fra konto 1111,500.00\n")
    made.apply(kari.world, kari.owner, known, made.page(out, into))
    left = made.by_name(kari.world, kari.owner)["Betaling"].id

    def other_leg() -> Any:
        return kari.ask(transfers.find_of, transaction_id=left).into.day

    assert other_leg() == day
    file_row = next(one for one in made.book(kari.world, kari.owner) if one.origin == "file")
    kari.undo(file)
    assert other_leg() == date(2026, 11, 5)
    told = made.values(
        kari.world,
        "SELECT cause, cause_id, after FROM book_changes WHERE user_id = %s"
        " AND transaction_id = %s",
        kari.owner,
        file_row.id,
    )
    assert told[-1] == ("person", file.id, None)
    freed = kari.ask(manual.history, transaction_id=left)[0]
    assert (freed.cause, freed.cause_id) == ("person", file.id)
    why = kari.ask(
        transactions.explain_known, currency=made.NOK, kind=transactions.Kind.SPENDING,
        period=transactions.read_period("2026-11", transactions.Step.MONTH),
        known_at=at - timedelta(days=1),
    )  # fmt: skip
    assert transactions.Hand.SYNC not in {cause.hand for cause in why.causes}
    kari.sums_hold()


def test_what_a_job_takes_in_is_recorded_as_done_by_who_confirmed(kari: Person) -> None:
    found = kari.begin(CSV)
    kari.ask(
        imports.confirm, import_id=found.id, include=[], now=made.NOW, actor="token", by_job=True
    )
    kari.ask(imports.take_in, import_id=found.id, now=made.NOW)
    assert made.values(
        kari.world,
        "SELECT DISTINCT actor FROM audit_log WHERE user_id = %s"
        " AND action IN ('connections.import_file', 'accounts.open_from_file')",
        kari.owner,
    ) == [("token",)]


@pytest.mark.parametrize("packed", [False, True], ids=["as it is", "packed"])
def test_the_setting_bounds_a_file_as_it_is_unpacked(kari: Person, packed: bool) -> None:
    line = "2026-11-02,Rema 1000,-120.50\n"
    text = "Date,Description,Amount\n" + line * (2 * 1024 * 1024 // len(line))
    content = text.encode()
    if packed:
        out = BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("bank.csv", text)
        content = out.getvalue()
    with pytest.raises(FileIsRefused, match="larger than 1 MiB"):
        kari.begin(content, "bank.zip", by_job=True, limits=Limits.of_mebibytes(1))
    assert kari.begin(content, "bank.zip", by_job=True, limits=Limits.of_mebibytes(3)).is_busy


def test_very_many_rows_of_one_amount_cost_no_square_of_their_number(kari: Person) -> None:
    lines = "".join(f"2026-11-02,Kaffe {n},-45.00\n" for n in range(4_000))
    kari.bring("Date,Description,Amount\n" + lines)
    account = kari.only_account().id
    again = kari.begin(
        "Date,Description,Amount\n" + lines.replace("Kaffe", "Kaffebrenneriet"),
        account_id=account,
    )
    assert (again.rows, again.known) == (4_000, 0)
    assert again.alike == 20, "of one day and amount the first twenty are compared"
