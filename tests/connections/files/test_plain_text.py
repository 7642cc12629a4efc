"""beancount's and ledger's files as people write them; and whatever else may come as one."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from strongroom.connections.files import FileIsRefused, FileRow, Guess, Reading, Source
from strongroom.connections.files.guess import look, read
from strongroom.transactions.export import Format
from strongroom.transactions.export.whole import WRITERS
from tests.transactions.exported import run, saved, tool
from tests.transactions.made_up import Made, books

BEANCOUNT = """\
option "title" "Home"
option "operating_currency" "NOK"
plugin "beancount.plugins.auto_accounts"
* A heading
2026-01-01 open Assets:Bank:Checking NOK
2026-01-01 open Liabilities:Card
2026-01-01 open Assets:Broker:Shares
2026-01-01 commodity NOK
  name: "Krone"
pushtag #winter
2026-01-02 * "KIWI" "Milk; and bread" #food ^receipt-1 ; a comment
  note: "with \\"quotes\\""
  Assets:Bank:Checking   -1,234.50 NOK
  Expenses:Food:Groceries
2026-01-03 ! "Waits"
  Liabilities:Card  -10 NOK
    what: "of the posting"
  Expenses:Fun
2026-01-04 txn "Pay the card"
  Assets:Bank:Checking  -10 NOK
  Liabilities:Card       10 NOK
poptag #winter
2026-01-05 * "Exchange"
  Assets:Bank:Checking  -110 NOK @ 0.1 EUR
  Assets:Euro
2026-01-06 * "Buy"
  Assets:Broker:Shares   2 EQNR {300 NOK, 2026-01-06}
  Assets:Bank:Checking  -600 NOK
2026-01-07 balance Assets:Bank:Checking  -1954.50 ~ 0.01 NOK
2026-01-08 price EQNR 301 NOK
2026-01-09 note Assets:Bank:Checking "Called them"
2026-01-10 close Assets:Euro
2026-01-11 pad Assets:Bank:Checking Equity:Opening-Balances
include "more.beancount"
2026-02-30 * "No such day"
  Assets:Bank:Checking  1 NOK
  Expenses:Fun
2026-02-01 * "Arithmetic"
  Assets:Bank:Checking  (1+2) NOK
  Expenses:Fun
2026-02-02 * "Two are missing"
  Assets:Bank:Checking
  Expenses:Fun
"""

LEDGER = """\
; My journal
commodity NOK
account Assets:Bank
    note The bank
P 2026-01-01 EQNR 300 NOK

2026/01/02 * (101) KIWI | Milk  ; :food:home:
    ; receipt: no
    Assets:Bank            -1,234.50 NOK
    Expenses:Food

2026-01-03=2026-01-05 ! Waits
    Liabilities:Card  $-10.00
    Expenses:Fun

2026-01-04 Between
    Assets:Bank        -10 NOK = -1244.50 NOK
    Assets:Savings bank

2026-01-05 * Shares
    Assets:Broker       2 EQNR @ 300 NOK
    Assets:Bank

2026-01-06 * Virtual
    (Budget:Food)     -5 NOK
    Assets:Bank       -5 NOK
    Expenses:Food

comment
2026-01-07 not one
    Assets:Bank   1 NOK
end comment
2026-01-08 European
    Assets:Euro       1.234,50 EUR
    Income:Salary
"""


def take(text: str, name: str) -> tuple[Guess, Reading, list[FileRow]]:
    source = Source.of(text.encode(), name)
    guess = look(source)
    with read(source, guess) as reading:
        return guess, reading, list(reading.rows)


def brief(row: FileRow) -> tuple[object, ...]:
    return (row.line, row.day.day, row.account, row.amount, row.currency, row.category)


def test_beancount_as_people_write_it() -> None:
    guess, reading, rows = take(BEANCOUNT, "home.beancount")
    assert guess.format == "beancount"
    checking, card = "Assets:Bank:Checking", "Liabilities:Card"
    assert [brief(row) for row in rows] == [
        (11, 2, checking, Decimal("-1234.50"), "NOK", "Food:Groceries"),
        (15, 3, card, Decimal(-10), "NOK", "Fun"),
        (19, 4, checking, Decimal(-10), "NOK", None),
        (19, 4, card, Decimal(10), "NOK", None),
        (23, 5, checking, Decimal(-110), "NOK", None),
        (23, 5, "Assets:Euro", Decimal("11.0"), "EUR", None),
        (26, 6, "Assets:Broker:Shares", Decimal(2), "EQNR", None),
        (26, 6, checking, Decimal(-600), "NOK", None),
    ]
    first, waits, to_card = rows[:3]
    assert (first.payee, first.description, first.note) == (
        "KIWI",
        "Milk; and bread",
        'with "quotes"',
    )
    assert (first.tags, rows[4].tags) == (("winter", "food"), ())
    assert (waits.pending, waits.note, to_card.counter_account) == (True, None, card)
    assert [(one.field, one.line) for one in reading.problems] == [
        ("directive", 33), ("directive", 34), ("day", 35), ("posting", 39), ("amount", 41),
    ]  # fmt: skip
    known = {one.key: one for one in reading.accounts}
    assert (known[card].type, known[checking].balance) == ("credit", Decimal("-1954.50"))
    assert known[checking].balance_day == date(2026, 1, 6)


def test_ledger_as_people_write_it() -> None:
    guess, reading, rows = take(LEDGER, "home.ledger")
    assert guess.format == "ledger"
    assert [brief(row) for row in rows] == [
        (7, 2, "Assets:Bank", Decimal("-1234.50"), "NOK", "Food"),
        (12, 3, "Liabilities:Card", Decimal("-10.00"), "USD", "Fun"),
        (16, 4, "Assets:Bank", Decimal(-10), "NOK", None),
        (16, 4, "Assets:Savings bank", Decimal(10), "NOK", None),
        (20, 5, "Assets:Broker", Decimal(2), "EQNR", None),
        (20, 5, "Assets:Bank", Decimal(-600), "NOK", None),
        (24, 6, "Assets:Bank", Decimal(-5), "NOK", "Food"),
        (33, 8, "Assets:Euro", Decimal("1234.50"), "EUR", "Income:Salary"),
    ]
    assert (rows[0].payee, rows[0].description) == ("KIWI", "Milk")
    assert (rows[0].tags, rows[1].pending) == (("food", "home"), True)
    assert reading.problems == ()
    assert [(one.account, one.day, one.balance) for one in reading.balances] == [
        ("Assets:Bank", date(2026, 1, 4), Decimal("-1244.50"))
    ]


def test_hledger_comes_to_the_same_balances(tmp_path: Path) -> None:
    program = tool("hledger", "hledger")
    text = LEDGER.replace("1.234,50", "1234.50")
    told = run(program, "-f", saved(tmp_path, "j", text.encode()), "bal", "--flat", "-O", "csv",
               "Assets", "--no-total", "--layout=bare")  # fmt: skip
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in take(text, "j.ledger")[2]:
        sums[row.account or "", row.currency or ""] += row.amount
    theirs = {
        (line["account"], line["commodity"]): Decimal(line["balance"].replace(",", ""))
        for line in csv.DictReader(io.StringIO(told))
    }
    assert {key: one for key, one in sums.items() if key[0].startswith("Assets")} == theirs


_pieces = st.sampled_from(
    ["2026-01-02 * \"x\" \"y\" #t", "2026-01-02 open Assets:A NOK", "  Assets:A  1 NOK", "  A",
     "  Expenses:B", "2026-1-2 x ; y", "    Assets:A:B   $1,0 @@ 2 X = 3", "  ; strongroom: {",
     "  ; strongroom: {\"id\": \"acc_1\"}", "account Assets:A", "  id: \"trn_1\"", "  : {}",
     "; Strongroom, for ledger", "; Strongroom, for beancount", "2026-01-02 balance Assets:A 1 X",
     "  (V)  1 X", "  note: \"\\", "comment", "end comment", "Y 2026", "01-02 z", "99999-1-1 *"]
)  # fmt: skip


@pytest.mark.parametrize("format", ["beancount", "ledger", "strongroom-json", "strongroom-csv"])
@given(lines=st.lists(st.one_of(_pieces, st.text(max_size=60)), max_size=12))
def test_nothing_that_may_come_breaks_a_reader(format: str, lines: list[str]) -> None:
    source = Source.of("\n".join(lines).encode(), "x")
    with read(source, Guess(format)) as reading:
        try:
            rows = list(reading.rows)
        except FileIsRefused:
            return
    assert all(row.account in {one.key for one in reading.accounts} for row in rows)


@pytest.mark.parametrize("format", WRITERS)
@settings(max_examples=25)
@given(made=books(), data=st.data())
def test_an_export_that_was_cut_or_changed_breaks_nothing(
    format: Format, made: Made, data: st.DataObject
) -> None:
    told = made.written(format).encode()
    at = data.draw(st.integers(0, len(told)))
    byte = data.draw(st.binary(max_size=3))
    cut = data.draw(st.booleans())
    source = Source.of(told[:at] + byte + (b"" if cut else told[at + len(byte) :]), "book")
    try:
        guess = look(source)
        with read(source, guess) as reading:
            list(reading.rows)
    except FileIsRefused:
        return


def test_headings_of_an_export_that_were_broken_are_refused() -> None:
    text = "record,id,day,amount,currency,account,category,no\rte\naccount,acc_1,,,USD,,,\n"
    with pytest.raises(FileIsRefused, match="not CSV") as refused:
        take(text, "book.csv")
    assert refused.value.line == 1


def test_json_that_ends_early_says_where() -> None:
    text = '{"format": "strongroom", "version": 1,\n"accounts": [\n{"id": "acc_1", "name": "A"},\n'
    with pytest.raises(FileIsRefused, match="ends early") as refused:
        take(text, "book.json")
    assert refused.value.line == 4
    with pytest.raises(FileIsRefused, match="newer"):
        take('{"format": "strongroom", "version": 2}', "book.json")


def test_a_record_that_is_wrong_is_told_and_the_others_come() -> None:
    rows = [
        {"id": '"trn_1"', "account": '"acc_1"', "day": '"2026-01-01"', "amount": '"1.5"'},
        {"id": '"trn_2"', "account": '"acc_9"', "day": '"2026-01-01"', "amount": '"1"'},
        {"id": '"trn_3"', "account": '"acc_1"', "day": '"soon"', "amount": '"1"'},
        {"id": '"trn_4"', "account": '"acc_1"', "day": '"2026-01-01"', "amount": "1e999"},
        {"id": '"trn_5"', "account": '"acc_1"', "day": '"2026-01-01"', "amount": '"NaN"'},
        {"id": '"trn_6"', "account": '"acc_1"', "day": '"2026-01-01"', "amount": '"2"',
         "reviewed_at": '"2026-01-01"'},
    ]  # fmt: skip
    lines = ["{" + ", ".join(f'"{name}": {one}' for name, one in row.items()) + "}" for row in rows]
    text = (
        '{"format": "strongroom", "version": 1, "accounts": [{"id": "acc_1", "name": "A"}],\n'
        '"transactions": [\n' + ",\n".join(lines) + "\n]}"
    )
    _guess, reading, taken = take(text, "book.json")
    assert [row.fitid for row in taken] == ["trn_1"]
    assert [(one.line, one.field) for one in reading.problems] == [
        (4, "account"), (5, "day"), (6, "amount"), (7, "amount"), (8, "reviewed_at"),
    ]  # fmt: skip
