"""Tables: what is guessed from headings and cells, what is read, and what is told of the rest."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from strongroom.connections.files import (
    FileIsRefused,
    Guess,
    Limits,
    as_before,
    look,
    read,
    sampled,
)
from strongroom.connections.files.dates import decide_order, readings
from tests.connections.files.reading import SAMPLES, sample, source, text, whole


def test_a_norwegian_table_below_lines_about_the_account() -> None:
    found = sample("norsk.csv")
    guess = found.guess
    assert (guess.encoding, guess.delimiter, guess.header_line) == ("cp1252", ";", 5)
    assert (guess.date_order, guess.decimal_mark, guess.sign) == ("dmy", ",", "debit_credit")
    assert [(row.line, row.day, row.amount, row.description) for row in found.rows] == [
        (6, date(2026, 11, 2), Decimal("-1234.50"), "Rema 1000 Grünerløkka"),
        (7, date(2026, 11, 2), Decimal("-45.00"), "Kaffebrenneriet"),
        (8, date(2026, 11, 2), Decimal("-45.00"), "Kaffebrenneriet"),
        (9, date(2026, 11, 25), Decimal("41250.00"), "Lønn november"),
    ]
    assert found.problems == []  # the line of sums is no row


def test_quotes_newlines_and_a_byte_order_mark() -> None:
    found = sample("deutsch.csv")
    assert found.guess.encoding == "utf-8-sig"
    assert found.guess.currency == "EUR"
    assert [(row.line, row.amount, row.payee, row.description) for row in found.rows] == [
        (5, Decimal("-4.20"), "Bäckerei Möller", "Danke; bis bald"),
        (6, Decimal("-88.00"), 'Stadtwerke "Süd"', "Abschlag\nFebruar"),
        (8, Decimal("2750.00"), "Weber & Söhne GmbH", "Gehalt"),
    ]


def test_debits_that_have_a_minus_already() -> None:
    found = sample("francais.csv")
    assert found.guess.sign == "debit_signed"
    assert [row.amount for row in found.rows] == [
        Decimal("-3.10"), Decimal("1980.45"), Decimal("-820.00"),
    ]  # fmt: skip


def test_a_card_whose_purchases_are_positive() -> None:
    found = sample("american_card.csv")
    assert found.guess.sign == "owed"
    assert [row.amount for row in found.rows] == [
        Decimal("-64.20"), Decimal("-4.75"), Decimal("100.00"),
    ]  # fmt: skip
    assert found.rows[-1].balance_after == Decimal("-68.95")
    assert found.rows[0].day == date(2026, 3, 3)  # the day of posting
    assert any("Sale" in reason for reason in found.guess.reasons)


def test_a_balance_shows_that_plus_is_money_out() -> None:
    found = text("Date,Text,Amount,Balance\n2026-01-31,A,5.00,95.00\n2026-02-01,B,-10.00,105.00\n")
    assert found.guess.sign == "inverted"
    assert [row.amount for row in found.rows] == [Decimal("-5.00"), Decimal("10.00")]
    assert found.rows[1].balance_after == Decimal("105.00")


def test_a_column_of_words_says_the_direction() -> None:
    found = sample("words.csv")
    assert found.guess.sign == "by_type"
    assert [(row.amount, row.fitid, row.account, row.currency) for row in found.rows] == [
        (Decimal("-1250.00"), "T-1", "GB-77", "GBP"),
        (Decimal("12.5"), "T-2", "GB-77", "GBP"),
    ]
    assert list(found.accounts) == ["GB-77"]


def test_utf_16_with_tabs() -> None:
    found = sample("utf16.tsv")
    assert (found.guess.encoding, found.guess.delimiter) == ("utf-16", "\t")
    assert [row.description for row in found.rows] == ["Café Olé", "Nómina"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-8-sig", "cp1252",
                                      "cp850"])  # fmt: skip
def test_letters_survive_every_encoding(encoding: str) -> None:
    rows = "".join(f"2026-01-{day:02};Kjøp på Bærums Verk æøå;-{day},50\n" for day in range(1, 29))
    found = text(f"Dato;Tekst;Beløp\n{rows}".encode(encoding))
    assert {row.description for row in found.rows} == {"Kjøp på Bærums Verk æøå"}
    assert len(found.rows) == 28


def test_without_heading_the_cells_tell() -> None:
    found = sample("no_heading.csv")
    assert found.guess.header_line == 0
    assert found.guess.columns == {"date": 0, "amount": 2, "description": 1}
    assert found.guess.confidence < 90


def test_the_order_of_dates_is_proved_by_a_line() -> None:
    found = text("Date,Text,Amount\n" + "03/04/2026,x,1.00\n" * 12 + "25/11/2026,y,1.00\n")
    assert found.guess.date_order == "dmy"
    assert "Dates are day/month/year, because line 14 has 25/11/2026." in found.guess.reasons


def test_an_order_that_nothing_proves_is_the_one_in_which_days_follow() -> None:
    days = [(month, day) for month in (1, 2) for day in range(1, 9)]
    lines = "".join(f"{month:02}/{day:02}/2026,x,-1.00\n" for month, day in days)
    found = text(f"Date,Text,Amount\n{lines}")
    assert found.guess.date_order == "mdy"
    assert found.guess.confidence < 80


def test_two_formats_of_dates_are_refused_with_both_lines() -> None:
    with pytest.raises(FileIsRefused) as refused:
        sample("two_formats.csv")
    assert refused.value.line == 4
    assert "line 2 has 25/11/2026" in refused.value.message
    assert "line 4 has 11/27/2026" in refused.value.message


def test_two_formats_are_told_by_the_two_lines_that_contradict() -> None:
    days = ("01/02/2026", "13/02/2026", "02/28/2026", "14/02/2026")
    with pytest.raises(FileIsRefused) as refused:
        text("Date,Text,Amount\n" + "".join(f"{day},x,1.00\n" for day in days))
    assert refused.value.line == 4
    assert "line 3 has 13/02/2026, line 4 has 02/28/2026" in refused.value.message


@given(st.lists(st.from_regex(r"[0-3]?[0-9]/[0-3]?[0-9]/(19|20)?[0-9]{2}", fullmatch=True)))
def test_dates_have_an_order_or_two_lines_that_no_order_reads(days: list[str]) -> None:
    try:
        order = decide_order(enumerate(days))
    except FileIsRefused as refused:
        one, other = (int(part.split()[0]) for part in refused.message.split("line ")[1:])
        assert one < other == refused.line
        assert not readings(days[one]).keys() & readings(days[other]).keys()
    else:
        assert order is None or all(order.order in readings(day) for day in days if readings(day))


def test_a_second_format_far_below_what_was_looked_at_is_refused_too() -> None:
    lines = "25/11/2026,some text that takes room,1.00\n" * 40_000
    given = source(f"Date,Text,Amount\n{lines}11/27/2026,z,1.00\n")
    with pytest.raises(FileIsRefused) as refused:
        whole(given)
    assert refused.value.line == 40_002
    assert "line 2 has 25/11/2026" in refused.value.message


def test_two_decimal_marks_are_refused_with_both_lines() -> None:
    with pytest.raises(FileIsRefused) as refused:
        text("Date;Text;Amount\n2026-01-31;a;1.234,50\n2026-01-31;b;1,234.50\n")
    assert refused.value.line == 3
    assert "1.234,50" in refused.value.message


@pytest.mark.parametrize(
    ("cell", "field"),
    [
        ("2026-01-31,x,1e30", "amount"), ("2026-01-31,x,NaN", "amount"),
        ("2026-01-31,x,Infinity", "amount"), ("2026-01-31,x,-inf", "amount"),
        ("2026-01-31,x,1234567890123456789.00", "amount"), ("2026-01-31,x,", "amount"),
        ("2026-01-31,x,0.12345678901", "amount"), ("2026-01-31,x,1_000", "amount"),
        ("2026-01-31,x,12,50", "line"), ("2026-01-31,x,٣.٥", "amount"),
        ("20026-01-31,x,1.00", "date"), ("2026-02-31,x,1.00", "date"),
        ("0001-01-01,x,1.00", "date"), ("soon,x,1.00", "date"),
        ('2026-01-31,"x,1.00', "line"), ("2026-01-31,x\0y,1.00", "line"),
        ("nonsense 1", "line"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_and_the_rest_is_read(cell: str, field: str) -> None:
    good = "2026-01-30,before,-1.50\n"
    found = text(f"Date,Text,Amount\n{good}{cell}\n2026-02-01,after,2.50\n2026-02-01,end,2.50\n")
    assert [row.description for row in found.rows] == ["before", "after", "end"]
    assert [(problem.line, problem.field) for problem in found.problems] == [(3, field)]
    assert found.problems[0].raw


def test_lines_without_a_figure_and_sums_are_no_rows() -> None:
    found = text("Date,Text,Amount\n\n2026-01-31,x,1.00\n,,\nEnd of list\nTotal,,1.00\n")
    assert (len(found.rows), found.problems) == (1, [])


def test_a_formula_is_text() -> None:
    found = text('Date,Text,Amount\n2026-01-31,"=HYPERLINK(""http://x"",""y"")",-1.00\n')
    assert found.rows[0].description == '=HYPERLINK("http://x","y")'


def test_bytes_that_are_no_text_are_told_by_their_line() -> None:
    good = "2026-01-31;Kjøp;-1,50\n".encode()
    bad = b"2026-01-31;Kj\xf8p;-1,50\n"
    guess = look(source(b"Dato;Tekst;Bel\xc3\xb8p\n" + good * 3))
    found = whole(source(b"Dato;Tekst;Bel\xc3\xb8p\n" + good + bad + good), guess=guess)
    assert len(found.rows) == 2
    assert [(problem.line, problem.field) for problem in found.problems] == [(3, "line")]


@pytest.mark.parametrize(
    ("written", "mark", "amount"),
    [
        ("$1,234.56", ".", "1234.56"), ("-$5.00", ".", "-5.00"), ("($5.00)", ".", "-5.00"),
        ("5.00-", ".", "-5.00"), ("1 234,56 kr", ",", "1234.56"), ("1.234,56 €", ",", "1234.56"),
        ("1'234.56", ".", "1234.56"), ("\u22125,00", ",", "-5.00"), ("5,00 DR", ",", "-5.00"),
        ("5.00 CR", ".", "5.00"), ("NOK 5,5", ",", "5.5"), ("Rs.500.25", ".", "500.25"),
        ("12,34,567.89", ".", "1234567.89"), (".5", ".", "0.5"), ("+7", ".", "7"),
        ("1\u00a0234,5", ",", "1234.5"), ("€ -12,00", ",", "-12.00"),
    ],
)  # fmt: skip
def test_amounts_as_people_and_banks_write_them(written: str, mark: str, amount: str) -> None:
    guess = look(source("Date;Text;Amount\n2026-01-31;x;1\n")).changed(decimal_mark=mark)
    found = whole(source(f"Date;Text;Amount\n2026-01-31;x;{written}\n"), guess=guess)
    assert [row.amount for row in found.rows] == [Decimal(amount)], found.problems


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-31", (2026, 1, 31)), ("20260131", (2026, 1, 31)), ("31.01.2026", (2026, 1, 31)),
        ("31/1/26", (2026, 1, 31)), ("31. januar 2026", (2026, 1, 31)),
        ("31 Jan 2026", (2026, 1, 31)),
        ("Jan 31, 2026", (2026, 1, 31)), ("31-déc-2026", (2026, 12, 31)),
        ("31 März 2026", (2026, 3, 31)),
        ("2026-01-31 23:59:59", (2026, 1, 31)), ("2026-01-31T23:59:59Z", (2026, 1, 31)),
        ("31.01.2026 10:30", (2026, 1, 31)), ("31.12.99", (1999, 12, 31)),
        ("2026/01/31", (2026, 1, 31)),
    ],
)  # fmt: skip
def test_dates_as_people_and_banks_write_them(written: str, day: tuple[int, int, int]) -> None:
    found = text(f'Date;Text;Amount\n"{written}";x;1,00\n')
    assert [row.day for row in found.rows] == [date(*day)], found.problems


def test_rows_that_were_never_booked_are_told_and_pending_ones_marked() -> None:
    found = text("Date,Text,Amount,State\n2026-01-30,a,-1.00,COMPLETED\n"
                 "2026-01-31,b,-2.00,REVERTED\n2026-01-31,c,-3.00,PENDING\n")  # fmt: skip
    assert [(row.description, row.pending) for row in found.rows] == [("a", False), ("c", True)]
    assert [(problem.line, problem.field) for problem in found.problems] == [(3, "status")]


def test_fees_are_taken_off_where_the_balance_shows_them() -> None:
    found = text("Date,Text,Amount,Fee,Balance\n2026-01-29,a,-1.00,0.00,99.00\n"
                 "2026-01-30,b,-10.00,0.50,88.50\n2026-01-31,c,-3.00,0.00,85.50\n")  # fmt: skip
    assert [row.amount for row in found.rows] == [
        Decimal("-1.00"), Decimal("-10.50"), Decimal("-3.00"),
    ]  # fmt: skip


def test_an_id_that_comes_twice_is_no_id() -> None:
    found = text("Date,Id,Text,Amount\n2026-01-30,7,a,1\n2026-01-31,7,b,2\n")
    assert [row.fitid for row in found.rows] == [None, None]


def test_columns_may_be_named_by_their_headings() -> None:
    given = source("When,What,How much\n2026-01-31,Tea,-2.00\n")
    guess = look(given)
    named = guess.changed(columns={"date": "When", "amount": "How much", "description": "What"},
                          header=("When", "What", "How much"), header_line=1)  # fmt: skip
    assert [row.description for row in whole(given, guess=named).rows] == ["Tea"]
    with pytest.raises(FileIsRefused) as refused:
        whole(given, guess=named.changed(columns={"date": "Day", "amount": "How much"}))
    assert refused.value.field == "date"


def test_a_guess_travels_as_json_and_can_be_kept_for_the_next_file() -> None:
    given = source("Date,Text,Amount\n31/01/2026,Tea,2.00\n")
    guess = look(given)
    assert Guess.from_json(json.loads(json.dumps(guess.as_json()))) == guess
    saved = guess.changed(sign="inverted").as_json(with_samples=False)
    assert "Tea" not in json.dumps(saved)
    following = source("Date,Text,Amount\n01/02/2026,Coffee,3.00\n")
    known = Guess.from_json(json.loads(json.dumps(saved)))
    again = as_before(following, look(following), known, limits=Limits())
    assert (again.sign, again.date_order) == ("inverted", "dmy")
    assert [row.amount for row in again.samples] == [Decimal("-3.00")]


def test_what_a_person_changes_is_shown_at_once() -> None:
    given = source("Date,Text,Amount\n01/02/2026,Tea,2.00\n")
    shown = sampled(given, look(given).changed(date_order="dmy", sign="inverted"))
    [row] = shown.samples
    assert (row.day, row.amount) == (date(2026, 2, 1), Decimal("-2.00"))


def test_the_first_ten_rows_are_shown() -> None:
    guess = look(source("Date,Text,Amount\n" + "2026-01-31,x,-1.00\n" * 50))
    assert len(guess.samples) == 10
    assert guess.cells[0] == ("Date", "Text", "Amount")


def test_rows_stream_and_a_reading_can_be_left() -> None:
    given = source("Date,Text,Amount\n" + "2026-01-31,x,-1.00\n" * 50)
    with read(given, look(given)) as reading:
        assert next(reading.rows).line == 2
    assert list(reading.rows) == []


def test_samples_are_where_they_should_be() -> None:
    assert all(look_or_none(path.name) for path in SAMPLES.iterdir())


def look_or_none(name: str) -> bool:
    if name == "two_formats.csv":
        return True
    return bool(sample(name).rows)


def test_zeros_after_the_tenth_decimal_say_nothing() -> None:
    head = "Date,Description,Amount\n"
    found = text(f"{head}2026-01-02,A,-12.340000000000\n2026-01-03,B,1.00000000001\n")
    assert [row.amount for row in found.rows] == [Decimal("-12.34")]
    assert [(one.line, one.field) for one in found.problems] == [(3, "amount")]


def test_a_swiss_table_is_described_by_what_was_booked_and_never_by_a_date() -> None:
    found = text(
        "Datum;Buchungstext;Belastung;Gutschrift;Valuta;Saldo\n"
        "31.01.2026;Migros;-12.50;;31.01.2026;1'000.50\n"
        "30.01.2026;Lohn;;5'000.00;30.01.2026;1'013.00\n"
    )
    assert [(row.description, row.amount) for row in found.rows] == [
        ("Migros", Decimal("-12.50")), ("Lohn", Decimal("5000.00")),
    ]  # fmt: skip
    bare = text("2026-01-02,2026-01-03,-1.00\n2026-01-04,2026-01-05,-2.00\n")
    assert "description" not in bare.guess.columns
