"""Currencies of files, what a source's last file settled, and lines that cannot be kept."""

from __future__ import annotations

from decimal import Decimal

import pytest

from strongroom.connections import imports
from strongroom.connections.imports.types import BadMapping, ImportState
from strongroom.core.errors import Refused
from tests.book import NOW
from tests.connections.test_imports import OFX, Person, kari

__all__ = ["kari"]


def test_a_new_account_is_in_the_currency_of_its_rows(kari: Person) -> None:
    kari.bring(
        "Date,Description,Amount,Currency\n2026-11-02,Kaffe,-4.00,SEK\n2026-11-03,Te,-2.00,SEK\n"
    )
    assert kari.only_account().currency == "SEK"


@pytest.mark.parametrize(
    ("amounts", "code"),
    [(("$4.00", "-$2.00"), "USD"), (("4,00 €", "-2,00"), "EUR"), (("4,00 kr", "2,00 kr"), "NOK"),
     (("CHF 4.00", "2.00"), "CHF"), (("$4.00", "£2.00"), None)],
)  # fmt: skip
def test_signs_beside_amounts_hint_the_currency_where_they_agree(
    kari: Person, amounts: tuple[str, str], code: str | None
) -> None:
    one, other = amounts
    text = f"Date;Description;Amount\n2026-11-02;Kaffe;{one}\n2026-11-03;Te;{other}\n"
    found = kari.begin(text)
    guess = found.guess
    assert (guess.currency or (guess.currency_hints or (None,))[0]) == code
    if code is not None:
        assert found.accounts[0].choice.currency == code


def test_a_dollar_is_the_one_that_the_person_has(kari: Person) -> None:
    kari.bring("Date,Text,Amount,Currency\n2026-11-02,Kaffe,-4.00,CAD\n")
    found = kari.begin("Date,Description,Amount\n2026-11-02,Kaffe,$4.00\n", "other.csv")
    assert found.accounts[0].choice.currency == "CAD"


def test_rows_in_another_currency_than_their_account_are_kept_aside(kari: Person) -> None:
    found = kari.begin(
        "Date,Description,Amount,Currency\n2026-11-01,Hotel,-100.00,USD\n"
        "2026-11-02,Kaffe,-4.00,EUR\n2026-11-03,Te,-2.00,EUR\n2026-11-04,Odd,-1.00,ZZZZ\n"
    )
    assert [(one.line, one.field) for one in found.problems] == [(2, "currency"), (5, "currency")]
    (one,) = found.accounts
    assert (one.told.currency, one.told.rows, one.told.amount) == ("EUR", 2, Decimal("-6.00"))
    kari.confirm(found)
    assert [row[1] for row in kari.book()] == ["Kaffe", "Te"]


def test_a_currency_that_there_is_not_is_refused_by_name(kari: Person) -> None:
    found = kari.begin("Date,Description,Amount\n2026-11-02,Kaffe,-4.00\n")
    for code in ("dollars", "ZZZZ", "N0K"):
        with pytest.raises(BadMapping) as refused:
            kari.ask(imports.change_guess, import_id=found.id, changes={"currency": code}, now=NOW)
        assert refused.value.field == "currency"
    changed = kari.ask(
        imports.change_guess, import_id=found.id, changes={"currency": "btc"}, now=NOW
    )
    assert changed.guess.currency == "BTC"


def test_what_a_file_contradicts_of_its_sources_last_one_is_found_anew(kari: Person) -> None:
    kari.bring("Date,Description,Amount\n31/01/2026,A,-1.50\n")
    found = kari.begin('Date,Description,Amount\n01/31/2026,B,"-1,50"\n02/01/2026,C,"-2,50"\n')
    assert (found.guess.date_order, found.guess.decimal_mark) == ("mdy", ",")
    assert (found.state, found.rows, found.problem_count) == (ImportState.PREVIEW, 2, 0)
    reason = found.guess.reasons[0]
    assert "the order of dates" in reason
    assert "the decimal mark" in reason


def test_what_a_file_bears_out_of_its_sources_last_one_holds(kari: Person) -> None:
    first = kari.begin("Date,Description,Amount\n02/01/2026,A,-1.50\n")
    kari.ask(
        imports.change_guess, import_id=first.id, now=NOW,
        changes={"date_order": "dmy", "sign": "inverted"},
    )  # fmt: skip
    kari.confirm(first)
    found = kari.begin("Date,Description,Amount\n03/01/2026,B,-2.50\n")
    assert (found.guess.date_order, found.guess.sign) == ("dmy", "inverted")
    assert found.guess.samples[0].amount == Decimal("2.50")


def test_a_file_that_its_guess_cannot_read_stays_open_to_be_read_otherwise(kari: Person) -> None:
    many = "".join(f"2026-11-02,{'x' * 9},-1.00\n" for _ in range(50))
    found = kari.begin(f"Date,Description,Amount\n{many}", changes={"date_order": "dmy"})
    assert found.state is ImportState.FAILED
    assert found.error is not None
    assert "Line 2" in found.error
    with pytest.raises(Refused):
        kari.confirm(found)
    again = kari.ask(
        imports.change_guess, import_id=found.id, changes={"date_order": "ymd"}, now=NOW
    )
    assert (again.state, again.rows, again.error) == (ImportState.PREVIEW, 50, None)


def test_a_line_with_a_character_that_is_no_text_is_kept_aside(kari: Person) -> None:
    done = kari.bring("Date,Description,Amount\n2026-11-02,Ka\0fe,-1.00\n2026-11-03,Te,-2.00\n")
    assert [row[1] for row in kari.book()] == ["Te"]
    assert [(one.line, one.raw) for one in done.problems] == [(2, "2026-11-02,Ka\ufffdfe,-1.00")]


def test_a_row_of_the_book_that_its_bank_corrects_is_named(kari: Person) -> None:
    kari.bring(OFX, "a.ofx")
    later = OFX.replace("<FITID>a1", "<FITID>a9<CORRECTFITID>a1<CORRECTACTION>REPLACE").replace(
        "-120.50", "-125.50"
    )
    found = kari.begin(later, "b.ofx")
    (problem,) = [one for one in found.problems if one.field == "fitid"]
    assert "-120.5" in problem.message
    assert found.new == 1
