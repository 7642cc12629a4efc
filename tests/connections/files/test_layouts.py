"""Layouts as banks and payment services write them, with made-up rows: columns, dates, signs."""

from __future__ import annotations

import pytest

from tests.connections.files.reading import text

LAYOUTS = {
    "a phone bank with pending rows": (
        "Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance\n"
        "CARD_PAYMENT,Current,2026-01-02 10:00,2026-01-03 09:00,Tea,-10.00,0.00,GBP,COMPLETED,90\n"
        "TOPUP,Current,2026-01-04 10:00,2026-01-04 10:00,Top-Up,100.00,0.00,GBP,COMPLETED,190\n"
        "CARD_PAYMENT,Current,2026-01-05 10:00,,Later,-3.00,0.00,GBP,PENDING,\n",
        [("2026-01-03", "-10.00", "Tea"), ("2026-01-04", "100.00", "Top-Up")],
    ),
    "the currency in a heading, another one in a column": (
        '"Booking Date","Partner Name","Partner Iban",Type,"Payment Reference","Amount (EUR)",'
        '"Original Currency"\n2026-01-25,REWE,,Presentment,Food,-12.34,USD\n',
        [("2026-01-25", "-12.34", "Food")],
    ),
    "a Dutch bank's words for the direction": (
        '"Datum";"Naam / Omschrijving";"Rekening";"Af Bij";"Bedrag (EUR)";"Mededelingen"\n'
        '"20260125";"Winkel";"NL91ABNA0417164300";"Af";"12,34";"Pas 1"\n'
        '"20260126";"Baas";"NL91ABNA0417164300";"Bij";"2000,00";"loon"\n',
        [("2026-01-25", "-12.34", "Pas 1"), ("2026-01-26", "2000.00", "loon")],
    ),
    "a card that thanks for a payment": (
        "Date,Description,Amount\n01/31/2026,SHOP,45.00\n01/28/2026,CAFE,5.00\n"
        "01/30/2026,AUTOPAY PAYMENT - THANK YOU,-50.00\n",
        [("2026-01-31", "-45.00", "SHOP"), ("2026-01-28", "-5.00", "CAFE"),
         ("2026-01-30", "50.00", "AUTOPAY PAYMENT - THANK YOU")],
    ),
    "an account that pays a card": (
        "Date,Description,Amount\n01/31/2026,CARD AUTOPAY PAYMENT,-45.00\n01/28/2026,PAY,500.00\n",
        [("2026-01-31", "-45.00", "CARD AUTOPAY PAYMENT"), ("2026-01-28", "500.00", "PAY")],
    ),
    "a summary above the heading": (
        'Description,,Summary Amt.\nTotal credits,,"500.00"\n\nDate,Description,Amount,'
        'Running Bal.\n01/15/2026,PAY,"500.00","1,500.00"\n01/20/2026,RENT,"-900.00","600.00"\n',
        [("2026-01-15", "500.00", "PAY"), ("2026-01-20", "-900.00", "RENT")],
    ),
    "years of two digits": (
        '"Buchungstag";"Valutadatum";"Verwendungszweck";"Betrag"\n'
        '"31.01.26";"31.01.26";"Einkauf";"-12,34"\n',
        [("2026-01-31", "-12.34", "Einkauf")],
    ),
    "columns that end with a delimiter": (
        "Dato;Beskrivelse;Rentedato;Inn;Ut;Til konto;Fra konto;\n"
        "31.01.2026;Rema;31.01.2026;;-123,45;;1234 56 78903;\n"
        "30.01.2026;Lønn;30.01.2026;1000,00;;1234 56 78903;;\n",
        [("2026-01-31", "-123.45", "Rema"), ("2026-01-30", "1000.00", "Lønn")],
    ),
    "net amounts after fees": (
        '"Date","Name","Status","Currency","Gross","Fee","Net","Transaction ID"\n'
        '"31/01/2026","Shop","Completed","EUR","-12,00","0,00","-12,00","T1"\n'
        '"30/01/2026","Buyer","Completed","EUR","100,00","-3,00","97,00","T2"\n',
        [("2026-01-31", "-12.00", "Shop"), ("2026-01-30", "97.00", "Buyer")],
    ),
    "a line that names the delimiter": (
        "sep=;\nDate;Text;Amount\n2026-01-31;a,b,c;-1.00\n",
        [("2026-01-31", "-1.00", "a,b,c")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_layout_is_understood(name: str) -> None:
    written, expected = LAYOUTS[name]
    found = text(written)
    assert [(str(row.day), str(row.amount), row.description) for row in found.rows] == expected


def test_from_and_to_are_turned_where_money_came_in() -> None:
    found = text(LAYOUTS["columns that end with a delimiter"][0])
    assert {row.account for row in found.rows} == {"1234 56 78903"}


def test_a_row_that_is_not_booked_yet_is_told() -> None:
    found = text(LAYOUTS["a phone bank with pending rows"][0])
    assert [(problem.line, problem.field) for problem in found.problems] == [(4, "status")]


def test_the_heading_s_currency_holds() -> None:
    found = text(LAYOUTS["the currency in a heading, another one in a column"][0])
    assert {row.currency for row in found.rows} == {"EUR"}
