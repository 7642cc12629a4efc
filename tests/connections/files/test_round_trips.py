"""Rows that a small writer writes in each format read back equal: exactly, and in order."""

from __future__ import annotations

import csv
import html
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.connections.files import FileRow, Guess
from tests.connections.files.reading import source, text, whole

Move = tuple[date, Decimal, str]

# Years of two digits, as SWIFT writes them, are those from 1970 to 2069.
DAYS = st.dates(date(1980, 1, 1), date(2060, 12, 31))
CENTS = st.integers(-(10**15), 10**15).map(lambda cents: Decimal(cents).scaleb(-2))
EXACT = st.integers(-(10**26), 10**26).map(lambda small: Decimal(small).scaleb(-9))
LETTERS = st.characters(whitelist_categories=("L", "N", "P", "S", "Zs"),
                        blacklist_characters="\ufffd\u00ad")  # fmt: skip
WORDS = (
    st.text(LETTERS, min_size=1, max_size=40).map(lambda one: " ".join(one.split())).filter(bool)
)
# SWIFT's and Quicken's formats give letters a meaning at the start of lines and fields.
PLAIN = st.text(st.sampled_from("abcæøå ÅXYZ0123456789.,()"), min_size=1, max_size=30).map(
    lambda one: " ".join(one.split())
).filter(lambda one: bool(one) and one[0].isalpha())  # fmt: skip


def moves(
    amounts: st.SearchStrategy[Decimal], words: st.SearchStrategy[str]
) -> st.SearchStrategy[list[Move]]:
    return st.lists(st.tuples(DAYS, amounts, words), min_size=1, max_size=12)


def seen(rows: Sequence[FileRow]) -> list[Move]:
    return [(row.day, row.amount, row.description) for row in rows]


ORDERS = {"ymd": "%Y-%m-%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}


@given(moves(EXACT, WORDS), st.sampled_from(sorted(ORDERS)), st.sampled_from([".", ","]),
       st.sampled_from([",", ";", "\t"]),
       st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_tables(rows: list[Move], order: str, mark: str, delimiter: str, encoding: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(["Date", "Amount", "Description"])
    for day, amount, words in rows:
        writer.writerow([day.strftime(ORDERS[order]), f"{amount:f}".replace(".", mark), words])
    guess = Guess(
        "csv", encoding=encoding, delimiter=delimiter, date_order=order, decimal_mark=mark,
        columns={"date": 0, "amount": 1, "description": 2}, header_line=1,
        header=("Date", "Amount", "Description"),
    )  # fmt: skip
    found = whole(source(out.getvalue().encode(encoding)), guess=guess)
    assert found.problems == []
    assert seen(found.rows) == rows


@given(moves(CENTS, WORDS))
@settings(max_examples=150, deadline=None)
def test_tables_that_are_guessed(rows: list[Move]) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(["Bokført dato", "Tekst", "Beløp"])
    for day, amount, words in [*rows, (date(2026, 1, 31), Decimal("-0.05"), "last")]:
        writer.writerow([day.strftime("%d.%m.%Y"), words, f"{amount:f}".replace(".", ",")])
    found = text(out.getvalue())
    assert seen(found.rows)[:-1] == rows


@pytest.mark.parametrize("xml", [False, True])
@given(rows=moves(EXACT, WORDS))
@settings(max_examples=150, deadline=None)
def test_ofx(xml: bool, rows: list[Move]) -> None:
    def tag(name: str, value: str) -> str:
        escaped = html.escape(value, quote=False)
        return f"<{name}>{escaped}</{name}>" if xml else f"<{name}>{escaped}\n"

    body = "".join(
        "<STMTTRN>" + tag("TRNTYPE", "OTHER") + tag("DTPOSTED", day.strftime("%Y%m%d"))
        + tag("TRNAMT", f"{amount:f}") + tag("FITID", f"F{place}") + tag("NAME", words)
        + "</STMTTRN>"
        for place, (day, amount, words) in enumerate(rows)
    )  # fmt: skip
    header = '<?xml version="1.0"?><?OFX OFXHEADER="200"?>' if xml else "OFXHEADER:100\n\n"
    found = text(f"{header}<OFX><STMTRS>{tag('CURDEF', 'NOK')}<BANKACCTFROM>{tag('ACCTID', '1')}"
                 f"</BANKACCTFROM><BANKTRANLIST>{body}</BANKTRANLIST></STMTRS></OFX>")  # fmt: skip
    assert found.problems == []
    assert seen(found.rows) == rows
    assert [row.fitid for row in found.rows] == [f"F{place}" for place in range(len(rows))]
    assert {(row.account, row.currency) for row in found.rows} == {("1", "NOK")}


@given(moves(EXACT, PLAIN), st.sampled_from(sorted(ORDERS)))
@settings(max_examples=150, deadline=None)
def test_qif(rows: list[Move], order: str) -> None:
    body = "".join(f"D{day.strftime(ORDERS[order])}\nT{amount:f}\nP{words}\n^\n"
                   for day, amount, words in rows)  # fmt: skip
    guess = Guess("qif", date_order=order)
    found = whole(source(f"!Type:Bank\n{body}"), guess=guess)
    assert found.problems == []
    assert seen(found.rows) == rows


@given(moves(EXACT, WORDS))
@settings(max_examples=150, deadline=None)
def test_camt(rows: list[Move]) -> None:
    body = "".join(
        f'<Ntry><Amt Ccy="EUR">{abs(amount):f}</Amt>'
        f"<CdtDbtInd>{'DBIT' if amount < 0 else 'CRDT'}</CdtDbtInd><Sts>BOOK</Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><NtryDtls><TxDtls><RmtInf>"
        f"<Ustrd>{html.escape(words)}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
        for day, amount, words in rows
    )
    total = sum((amount for _day, amount, _words in rows), Decimal(0))
    closing = (
        f'<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{abs(total):f}</Amt>'
        f"<CdtDbtInd>{'DBIT' if total < 0 else 'CRDT'}</CdtDbtInd>"
        "<Dt><Dt>2026-01-31</Dt></Dt></Bal>"
    )
    opening = closing.replace("CLBD", "OPBD").replace(f"{abs(total):f}", "0.00")
    found = text(f"<Document><BkToCstmrStmt><Stmt><Acct><Id><IBAN>X</IBAN></Id></Acct>{opening}"
                 f"{closing}{body}</Stmt></BkToCstmrStmt></Document>")  # fmt: skip
    assert found.problems == []
    assert seen(found.rows) == rows


@given(st.lists(st.tuples(DAYS, CENTS, PLAIN), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_mt940(rows: list[Move]) -> None:
    def side(amount: Decimal) -> str:
        return "D" if amount < 0 else "C"

    def figure(amount: Decimal) -> str:
        return f"{abs(amount):f}".replace(".", ",")

    total = sum((amount for _day, amount, _words in rows), Decimal(0))
    body = "".join(
        f":61:{day:%y%m%d}{day:%m%d}{side(amount)}{figure(amount)}NTRFNONREF\n:86:{words}\n"
        for day, amount, words in rows
    )
    found = text(f":20:X\n:25:1/2\n:28C:1\n:60F:C260101EUR0,\n{body}"
                 f":62F:{side(total)}260131EUR{figure(total)}\n-\n")  # fmt: skip
    assert found.problems == []
    assert seen(found.rows) == rows
