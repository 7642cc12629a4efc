"""Statements of banks: OFX, QIF, CAMT and MT940, as small files that show what each can say."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from strongroom.connections.files import FileIsRefused, look
from tests.connections.files.reading import SAMPLES, sample, source, text


def ofx(rows: str, *, closing: str = "</OFX>", balance: str = "") -> str:
    return (
        "OFXHEADER:100\nDATA:OFXSGML\n\n<OFX><BANKMSGSRSV1><STMTTRNRS><STMTRS><CURDEF>USD\n"
        "<BANKACCTFROM><BANKID>1<ACCTID>12345678<ACCTTYPE>SAVINGS</BANKACCTFROM>\n<BANKTRANLIST>\n"
        f"{rows}</BANKTRANLIST>{balance}</STMTRS></STMTTRNRS></BANKMSGSRSV1>{closing}\n"
    )


def move(day: str, amount: str, fitid: str = "1", name: str = "Shop") -> str:
    return (f"<STMTTRN><TRNTYPE>OTHER<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}<NAME>{name}"
            "</STMTTRN>\n")  # fmt: skip


def test_ofx_one_with_two_accounts() -> None:
    found = sample("checking.ofx")
    assert found.guess.encoding == "cp1252"
    assert [(row.line, row.day, row.amount, row.currency, row.account, row.fitid)
            for row in found.rows] == [
        (18, date(2026, 6, 2), Decimal("-45.67"), "USD", "000987654321", "A1"),
        (26, date(2026, 6, 15), Decimal("1500.00"), "USD", "000987654321", "A2"),
        (41, date(2026, 6, 30), Decimal("3.21"), "EUR", "000111122223", "S1"),
    ]  # fmt: skip
    assert (found.rows[0].payee, found.rows[0].note) == ("Müller & Söhne", "Order 17")
    checking, savings = found.accounts.values()
    assert (checking.name, checking.mask, checking.subtype) == (
        "Harbour Bank 4321", "4321", "checking",
    )  # fmt: skip
    assert (checking.balance, checking.balance_day) == (Decimal("2000.00"), date(2026, 6, 30))
    assert (savings.subtype, savings.balance, savings.currency) == (
        "savings", Decimal("5003.21"), "EUR",
    )  # fmt: skip
    assert found.problems == []


def test_ofx_two_with_a_card_and_an_investment_account() -> None:
    found = sample("card.qfx")
    assert [(row.fitid, row.amount, row.currency, row.description) for row in found.rows] == [
        ("C1", Decimal("-19.99"), "USD", "Books & <More>"),
        ("C2", Decimal("-30.00"), "EUR", "Hotel"),
        ("I1", Decimal("-105.00"), "USD", "Index fund"),
        ("I2", Decimal("200.00"), "USD", "Deposit"),
    ]
    card, broker = found.accounts.values()
    assert (card.type, card.balance) == ("credit", Decimal("-49.99"))
    assert (broker.type, broker.key) == ("investment", "INV-5555")
    assert found.problems == []


def test_ofx_in_one_line_and_without_end_tags() -> None:
    rows = move("20260131", "-1.00", "a") + move("20260131", "-2.00", "b")
    one_line = text(ofx(rows).replace("\n", " ").replace("DATA:OFXSGML", "DATA:OFXSGML "))
    open_ended = text(ofx(rows.replace("</STMTTRN>", "")))
    assert [row.fitid for row in one_line.rows] == ["a", "b"]
    assert [row.fitid for row in open_ended.rows] == ["a", "b"]
    assert (one_line.problems, open_ended.problems) == ([], [])


def test_ofx_that_was_cut_off_keeps_whole_rows_and_says_so() -> None:
    whole = ofx(move("20260131", "-1.00", "a") + move("20260131", "-2.00", "b"))
    cut = text(whole[: whole.index("<FITID>b")])
    assert [row.fitid for row in cut.rows] == ["a"]
    (problem,) = cut.problems  # one line, told once
    assert problem.line == 8


@pytest.mark.parametrize(("number", "name"), [("123", "MyBank 123"), ("987654321", "MyBank 4321")])
def test_an_ofx_account_of_few_digits_is_called_by_those_there_are(number: str, name: str) -> None:
    told = ofx(move("20260131", "-1.00", "a")).replace("<OFX>", "<OFX><FI><ORG>MyBank</FI>", 1)
    told = re.sub(r"<ACCTID>[^<\s]+", f"<ACCTID>{number}", told)
    (account,) = text(told).accounts.values()
    assert account.name == name


def test_ofx_whose_balances_do_not_fit_the_rows() -> None:
    balance = "<LEDGERBAL><BALAMT>{}<DTASOF>{}</LEDGERBAL>"
    first = ofx(move("20260115", "5.00", "a"), closing="", balance=balance.format(100, 20260131))
    second = ofx(move("20260215", "7.00", "b"), balance=balance.format("{}", 20260228))
    assert text(first + second.format("107.00")).problems == []
    [problem] = text(first + second.format("108.00")).problems
    assert problem.field == "balance"
    assert "108.00" in problem.message
    assert "107.00" in problem.message


@pytest.mark.parametrize(
    ("day", "amount", "field"),
    [("20260131", "1e30", "amount"), ("20260131", "NaN", "amount"), ("200260131", "1.00", "date"),
     ("20261331", "1.00", "date"), ("", "1.00", "date"), ("20260131", "", "amount")],
)  # fmt: skip
def test_ofx_tells_of_a_bad_row_and_reads_the_rest(day: str, amount: str, field: str) -> None:
    found = text(ofx(move("20260131", "1.00") + move(day, amount, "x") + move("20260131", "2.00")))
    assert [row.amount for row in found.rows] == [Decimal("1.00"), Decimal("2.00")]
    assert [(problem.line, problem.field) for problem in found.problems] == [(8, field)]


def test_ofx_with_a_document_type_is_refused() -> None:
    with pytest.raises(FileIsRefused):
        text('<?xml version="1.0"?><!DOCTYPE OFX [<!ENTITY a "b">]><OFX></OFX>')


def test_qif_with_two_accounts_splits_and_a_transfer() -> None:
    found = sample("quicken.qif")
    assert found.guess.date_order == "mdy"
    assert [(row.line, row.day, row.amount, row.account, row.category, row.counter_account)
            for row in found.rows] == [
        (16, date(2026, 1, 5), Decimal("1000.00"), "Everyday", None, None),
        (22, date(2026, 1, 25), Decimal("-60.00"), "Everyday", "Food:Groceries", None),
        (22, date(2026, 1, 25), Decimal("-40.00"), "Everyday", "Household", None),
        (32, date(2026, 1, 26), Decimal("-250.00"), "Everyday", None, "Visa 4321"),
        (42, date(2026, 1, 26), Decimal("250.00"), "Visa 4321", None, "Everyday"),
    ]  # fmt: skip
    assert found.rows[1].note == "Vegetables"
    assert found.rows[2].tags == ("Cleaning",)
    assert found.rows[0].reviewed
    assert found.accounts["Visa 4321"].subtype == "credit card"
    assert found.problems == []


def test_qif_parts_that_are_not_the_whole_are_one_row_and_told() -> None:
    found = text("!Type:Bank\nD31/01/2026\nT-100\nPShop\nSFood\n$-60\nSHome\n$-30\n^\n")
    assert [(row.amount, row.category) for row in found.rows] == [(Decimal(-100), None)]
    assert [(problem.line, problem.field) for problem in found.problems] == [(2, "split")]


def test_qif_securities_are_told_and_passed_over() -> None:
    bought = "!Type:Invst\nD31/01/2026\nNBuy\nYFund\nT100\n^\n"
    found = text(f"{bought}!Type:Cash\nD31/01/2026\nT-1\n^\n")
    assert [row.amount for row in found.rows] == [Decimal(-1)]
    assert [problem.line for problem in found.problems] == [1]


def test_qif_with_two_formats_of_dates_is_refused() -> None:
    with pytest.raises(FileIsRefused) as refused:
        text("!Type:Bank\nD31/01/2026\nT1\n^\nD01/31/2026\nT1\n^\n")
    assert refused.value.line == 5


def test_camt_with_a_batch_and_a_pending_entry() -> None:
    found = sample("statement.xml")
    assert [(row.line, row.day, row.amount, row.payee, row.fitid, row.pending)
            for row in found.rows] == [
        (8, date(2026, 8, 5), Decimal("100.00"), "Kari", "R1/1", False),
        (8, date(2026, 8, 5), Decimal("200.00"), "Ola", "R1/2", False),
        (13, date(2026, 8, 6), Decimal("-150.00"), "Husleie AS", "R2", False),
        (15, date(2026, 8, 31), Decimal("-9.00"), None, None, True),
    ]  # fmt: skip
    assert found.rows[0].description == "Invoice 17"
    assert found.rows[2].counter_account == "DE89370400440532013000"
    [account] = found.accounts.values()
    assert (account.iban, account.name, account.currency) == (
        "NO9386011117947", "Brukskonto", "NOK",
    )  # fmt: skip
    assert (account.balance, account.balance_day) == (Decimal("1150.00"), date(2026, 8, 31))
    assert found.problems == []


@pytest.mark.parametrize("version", ["camt.052.001.02", "camt.053.001.02", "camt.053.001.12"])
def test_camt_of_every_version_and_with_prefixes(version: str) -> None:
    written = (SAMPLES / "statement.xml").read_text("utf-8").replace("camt.053.001.08", version)
    prefixed = written.replace("xmlns=", "xmlns:n=").replace("<", "<n:").replace("<n:/", "</n:")
    prefixed = prefixed.replace("<n:?", "<?")
    assert [row.amount for row in text(prefixed).rows] == [
        row.amount for row in sample("statement.xml").rows
    ]


def test_camt_balances_that_do_not_fit_are_told() -> None:
    written = (SAMPLES / "statement.xml").read_text("utf-8").replace("1150.00", "1151.00")
    found = text(written)
    assert len(found.rows) == 4
    assert [problem.field for problem in found.problems] == ["balance"]


def test_camt_that_was_cut_off_keeps_whole_entries_and_says_so() -> None:
    written = (SAMPLES / "statement.xml").read_text("utf-8")
    found = text(written[: written.index("<AddtlNtryInf>")])
    assert len(found.rows) == 3
    assert [problem.field for problem in found.problems] == ["line"]


def test_camt_that_is_no_xml_is_refused_with_the_line() -> None:
    written = (SAMPLES / "statement.xml").read_text("utf-8").replace("</Acct>", "</Akkt>")
    with pytest.raises(FileIsRefused) as refused:
        text(written)
    assert refused.value.line == 5


def test_camt_in_the_encoding_it_declares() -> None:
    written = (SAMPLES / "statement.xml").read_text("utf-8").replace("Kari", "Kåre Bjørn")
    found = text(written.replace('"UTF-8"', '"ISO-8859-1"').encode("latin-1"))
    assert found.rows[0].payee == "Kåre Bjørn"


def test_mt940_with_two_statements_and_reversals() -> None:
    found = sample("german.sta")
    assert [(row.line, row.day, row.amount, row.description, row.payee) for row in found.rows] == [
        (5, date(2026, 1, 2), Decimal("-10.50"), "Invoice 12 part two", "Energie Nord"),
        (8, date(2026, 1, 2), Decimal(500), "Salary December", None),
        (17, date(2026, 2, 3), Decimal("-0.5"), "NCHK", None),
        (18, date(2026, 2, 4), Decimal("-500.00"), "NTRF", None),
    ]
    assert found.rows[0].counter_account == "DE89370400440532013000"
    [account] = found.accounts.values()
    assert (account.currency, account.balance) == ("EUR", Decimal("989.00"))
    assert found.problems == []


def test_mt940_in_swift_s_envelope_with_a_balance_that_does_not_fit() -> None:
    found = sample("dutch.sta")
    assert [(row.amount, row.description, row.payee, row.counter_account)
            for row in found.rows] == [
        (Decimal("100.00"), "Feest", "J JANSEN", "NL02ABNA0123456789"),
    ]  # fmt: skip
    assert list(found.accounts) == ["NL91ABNA0417164300"]
    assert [(problem.line, problem.field) for problem in found.problems] == [(9, "balance")]


def test_mt940_tells_of_a_bad_line_and_reads_the_rest() -> None:
    written = (SAMPLES / "german.sta").read_text("utf-8")
    found = text(written.replace(":61:2602030203D0,5NCHK", ":61:garbage"))
    assert len(found.rows) == 3
    assert [(problem.line, problem.field) for problem in found.problems] == [
        (17, "amount"), (19, "balance"),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["checking.ofx", "quicken.qif", "statement.xml", "german.sta"])
def test_the_content_tells_the_format_and_not_the_name(name: str) -> None:
    data = (SAMPLES / name).read_bytes()
    assert look(source(data, "photo.jpg")).format == look(source(data, name)).format


def test_camt_has_no_amount_below_zero() -> None:
    statement = (SAMPLES / "statement.xml").read_text(encoding="utf-8")
    before = text(statement, "x.xml")
    at = statement.index("<Amt", statement.index("<Ntry>"))
    end = statement.index(">", at) + 1
    found = text(f"{statement[:end]}-{statement[end:]}", "x.xml")
    assert len(found.rows) < len(before.rows)
    assert "amount" in {problem.field for problem in found.problems}


def test_ofx_takes_back_and_replaces_its_own_movements() -> None:
    def correcting(amount: str, fitid: str, other: str, action: str) -> str:
        told = f"<CORRECTFITID>{other}<CORRECTACTION>{action}</STMTTRN>"
        return move("20260109", amount, fitid).replace("</STMTTRN>", told)

    found = text(ofx(
        move("20260105", "-1.00", "a") + move("20260106", "-2.00", "b")
        + move("20260107", "-3.00", "c") + correcting("-2.50", "d", "b", "REPLACE")
        + correcting("-1.00", "e", "a", "DELETE") + correcting("-9.00", "f", "f", "REPLACE")
    ))  # fmt: skip
    assert [(row.fitid, row.amount) for row in found.rows] == [
        ("c", Decimal("-3.00")), ("d", Decimal("-2.50")), ("f", Decimal("-9.00")),
    ]  # fmt: skip
    assert found.problems == []
