"""Ids that a bank gives its rows: one row again, a row corrected, or an id given anew."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from strongroom.connections import imports
from tests.connections.test_imports import OFX, Person
from tests.identity.conftest import World


@pytest.fixture
def kari(world: World) -> Person:
    return Person(world)


def row(fitid: str, day: str, amount: str, name: str) -> str:
    told = f"<DTPOSTED>{day}<TRNAMT>{amount}<FITID>{fitid}<NAME>{name}"
    return f"<STMTTRN><TRNTYPE>DEBIT{told}</STMTTRN>"


def statement(*rows: str) -> str:
    head, tail = OFX.split("<STMTTRN>", 1)[0], "</BANKTRANLIST>" + OFX.split("</BANKTRANLIST>")[1]
    return head + "\n".join(rows) + tail


COFFEE = row("1", "20261102", "-12.34", "Kaffe")
OCTOBER = statement(COFFEE, row("2", "20261103", "-50.00", "Rema"))


def facts(person: Person) -> list[tuple[int, str]]:
    return [(day.day, str(amount.normalize())) for day, _, amount in person.book()]


def test_an_id_given_anew_is_a_row_of_its_own_and_that_file_is_known_again(kari: Person) -> None:
    kari.bring(OCTOBER, "a.qfx")
    other = statement(
        row("1", "20261116", "-99.00", "Bok"), row("2", "20261103", "-50.00", "REMA 1000")
    )
    found = kari.begin(other, "b.qfx")
    assert (found.new, found.known, found.alike) == (1, 1, 0)
    assert kari.confirm(found).imported == 1
    before = kari.book()
    assert (date(2026, 11, 16), "Bok", Decimal(-99)) in before
    for text in (other, OCTOBER, other):
        again = kari.begin(text, "c.qfx")
        assert (again.new, again.known, again.alike) == (0, 2, 0)
        assert kari.confirm(again, include=None).imported == 0
    assert kari.book() == before
    kari.sums_hold()


@pytest.mark.parametrize(
    "corrected",
    [
        row("1", "20261102", "-13.34", "Kaffe"),
        row("1", "20261102", "-13.34", "Kaffebrenneriet"),
        row("1", "20261104", "-13.34", "Kaffe"),
        row("1", "20261103", "-12.34", "Kaffe"),
    ],
)
def test_what_may_be_a_row_corrected_is_the_persons_to_decide(kari: Person, corrected: str) -> None:
    kari.bring(OCTOBER, "a.ofx")
    text = statement(corrected)
    found = kari.begin(text, "b.ofx")
    assert (found.new, found.known, found.alike) == (0, 0, 1)
    (alike,) = kari.ask(imports.rows, import_id=found.id)
    assert (alike.mark, alike.rival_day) == ("alike", date(2026, 11, 2))
    assert kari.confirm(found).imported == 0  # left out unless it is chosen
    assert len(kari.book()) == 2
    again = kari.begin(text, "b.ofx")
    (alike,) = kari.ask(imports.rows, import_id=again.id)
    assert kari.confirm(again, include=[alike.id]).imported == 1
    before = kari.book()
    assert len(before) == 3
    for known in (text, OCTOBER):
        once_more = kari.begin(known, "b.ofx")
        assert (once_more.new, once_more.alike) == (0, 0)
        assert kari.confirm(once_more, include=None).imported == 0
    assert kari.book() == before
    kari.sums_hold()


def test_two_previews_of_an_id_given_anew_bring_the_row_once(kari: Person) -> None:
    kari.bring(OCTOBER, "a.ofx")
    other = statement(row("1", "20261116", "-99.00", "Bok"))
    first, second = kari.begin(other, "b.ofx"), kari.begin(other, "b.ofx")
    assert (kari.confirm(first).imported, kari.confirm(second).imported) == (1, 0)
    assert facts(kari) == [(2, "-12.34"), (3, "-5E+1"), (16, "-99")]


def test_after_the_earlier_file_is_taken_out_the_later_one_stays_known(kari: Person) -> None:
    first = kari.bring(OCTOBER, "a.ofx")
    other = statement(row("1", "20261116", "-99.00", "Bok"))
    kari.bring(other, "b.ofx")
    kari.undo(first)
    again = kari.begin(other, "b.ofx")
    assert (again.new, again.known) == (0, 1)
    found = kari.begin(OCTOBER, "a.ofx")
    assert (found.new, found.known) == (2, 0)
    kari.confirm(found)
    assert facts(kari) == [(2, "-12.34"), (3, "-5E+1"), (16, "-99")]


def elsewhere(*rows: str) -> str:
    """A statement of another account at the same bank, which numbers that one's rows alike."""
    return statement(*rows).replace("12345678901", "98765432109")


def test_what_an_id_meant_in_another_account_makes_no_row_known_or_alike(kari: Person) -> None:
    kari.bring(OCTOBER, "a.ofx")
    kari.bring(elsewhere(row("1", "20261116", "-99.00", "Bok")), "b.ofx")
    found = kari.begin(elsewhere(COFFEE), "c.ofx")
    assert (found.new, found.known, found.alike) == (1, 0, 0)
    assert kari.confirm(found).imported == 1
    again = kari.begin(elsewhere(COFFEE), "c.ofx")
    assert (again.new, again.known, again.alike) == (0, 1, 0)


def test_words_known_in_another_account_hide_no_row_that_may_be_corrected(kari: Person) -> None:
    kari.bring(statement(row("1", "20261116", "-99.00", "Bok")), "a.ofx")
    kari.bring(statement(COFFEE), "b.ofx")  # the id given anew: known by its words from now on
    kari.bring(elsewhere(row("1", "20261102", "-50.00", "Kaffe")), "c.ofx")
    found = kari.begin(elsewhere(COFFEE), "d.ofx")
    assert (found.new, found.known, found.alike) == (0, 0, 1)
