"""What people bring from YNAB, Mint, Actual and Firefly III."""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from strongroom.connections.files import FileIsRefused, look
from tests.connections.files.reading import SAMPLES, sample, source, text


def test_ynab_s_register() -> None:
    found = sample("ynab_register.csv")
    assert found.guess.format == "ynab"
    assert [(row.day, row.amount, row.account, row.counter_account, row.category, row.reviewed)
            for row in found.rows] == [
        (date(2026, 1, 31), Decimal("-50.00"), "Checking", "Savings", None, False),
        (date(2026, 1, 31), Decimal("50.00"), "Savings", "Checking", None, False),
        (date(2026, 1, 30), Decimal("-1012.30"), "Checking", None, "Everyday:Groceries", True),
    ]  # fmt: skip
    assert found.rows[2].tags == ("Red",)
    assert found.problems == []


def test_ynab_s_archive_holds_a_register_and_a_plan() -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Home - Budget.csv", "Month,Category,Budgeted\n")
        archive.writestr("Home - Register.csv", (SAMPLES / "ynab_register.csv").read_bytes())
    assert len(text(packed.getvalue(), "export.zip").rows) == 3


def test_mint() -> None:
    found = sample("mint.csv")
    assert found.guess.format == "mint"
    assert [(row.amount, row.description, row.payee, row.category, row.tags, row.note)
            for row in found.rows] == [
        (Decimal("-3.50"), "BAKERY 0441 OSLO", "Bakery", "Restaurants", ("Holiday", "Trip"), None),
        (Decimal("2000.00"), "ACH EMPLOYER", "Employer", "Paycheck", (), "monthly"),
    ]  # fmt: skip
    assert list(found.accounts) == ["CHECKING"]


def test_actual_s_table_leaves_the_whole_of_a_split_out() -> None:
    found = sample("actual.csv")
    assert found.guess.format == "actual"
    assert [(row.line, row.amount, row.category, row.note, row.reviewed) for row in found.rows] == [
        (3, Decimal(-20), "Food", "fruit", False),
        (4, Decimal("-10.5"), "Home", "soap", True),
        (5, Decimal(1000), "Income", None, False),
    ]


def test_firefly_s_journals_touch_one_or_two_accounts() -> None:
    found = sample("firefly.csv")
    assert found.guess.format == "firefly"
    assert [(row.amount, row.currency, row.account, row.counter_account, row.payee)
            for row in found.rows] == [
        (Decimal("-12.50"), "EUR", "Giro", None, "Café"),
        (Decimal("2000.00"), "EUR", "Giro", None, "Employer"),
        (Decimal("-100.00"), "EUR", "Giro", "Dollars", "Dollars"),
        (Decimal("108.00"), "USD", "Dollars", "Giro", "Giro"),
        (Decimal("500.00"), "EUR", "Giro", None, 'Initial balance for "Giro"'),
    ]  # fmt: skip
    assert found.rows[0].tags == ("trip", "work", "Fun")
    assert found.rows[0].reviewed
    assert found.accounts["Giro"].iban == "DE89370400440532013000"
    assert list(found.accounts) == ["Giro", "Dollars"]


_BOOK = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT, offbudget INTEGER, tombstone INTEGER);
CREATE TABLE payees (id TEXT PRIMARY KEY, name TEXT, transfer_acct TEXT, tombstone INTEGER);
CREATE TABLE payee_mapping (id TEXT PRIMARY KEY, targetId TEXT);
CREATE TABLE category_groups (id TEXT PRIMARY KEY, name TEXT, tombstone INTEGER);
CREATE TABLE categories (id TEXT PRIMARY KEY, name TEXT, cat_group TEXT, tombstone INTEGER);
CREATE TABLE category_mapping (id TEXT PRIMARY KEY, transferId TEXT);
CREATE TABLE transactions (id TEXT PRIMARY KEY, isParent INTEGER, isChild INTEGER, acct TEXT,
    category TEXT, amount INTEGER, description TEXT, notes TEXT, date INTEGER,
    financial_id TEXT, imported_description TEXT, tombstone INTEGER, parent_id TEXT,
    reconciled INTEGER);
INSERT INTO accounts VALUES ('a1', 'Everyday', 0, 0), ('a2', 'Savings', 0, 0);
INSERT INTO payees VALUES ('p1', 'Market', NULL, 0), ('p2', '', 'a2', 0), ('p3', '', 'a1', 0);
INSERT INTO payee_mapping VALUES ('p0', 'p1'), ('p1', 'p1'), ('p2', 'p2'), ('p3', 'p3');
INSERT INTO category_groups VALUES ('g1', 'Living', 0);
INSERT INTO categories VALUES ('c1', 'Food', 'g1', 0);
INSERT INTO category_mapping VALUES ('c0', 'c1'), ('c1', 'c1');
INSERT INTO transactions VALUES
    ('t1', 0, 0, 'a1', 'c0', -1234, 'p0', 'fruit', 20260131, 'F-1', 'MARKET 12', 0, NULL, 1),
    ('t2', 0, 0, 'a1', NULL, -5000, 'p2', NULL, 20260201, NULL, NULL, 0, NULL, 0),
    ('t3', 0, 0, 'a2', NULL, 5000, 'p3', NULL, 20260201, NULL, NULL, 0, NULL, 0),
    ('t4', 1, 0, 'a1', NULL, -300, 'p1', NULL, 20260202, NULL, NULL, 0, NULL, 0),
    ('t5', 0, 1, 'a1', 'c1', -300, 'p1', NULL, 20260202, NULL, NULL, 0, 't4', 0),
    ('t6', 0, 0, 'a1', 'c1', -999, 'p1', NULL, 20260203, NULL, NULL, 1, NULL, 0),
    ('t7', 0, 0, 'a1', 'c1', -999, 'p1', NULL, 20261399, NULL, NULL, 0, NULL, 0);
"""


@pytest.fixture
def book(tmp_path: Path) -> Callable[[str], bytes]:
    """An archive as Actual exports it, with the statements that make its database."""

    def packed(statements: str) -> bytes:
        path = tmp_path / "db.sqlite"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as made:
            made.executescript(statements)
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(path, "db.sqlite")
            archive.writestr("metadata.json", "{}")
        return out.getvalue()

    return packed


def test_actual_s_whole_book(book: Callable[[str], bytes]) -> None:
    found = text(book(_BOOK), "My-Finances.zip")
    assert found.guess.format == "actual-book"
    assert [(row.day, row.amount, row.account, row.counter_account, row.category, row.fitid)
            for row in found.rows] == [
        (date(2026, 1, 31), Decimal("-12.34"), "Everyday", None, "Living:Food", "F-1"),
        (date(2026, 2, 1), Decimal("-50.00"), "Everyday", "Savings", None, "t2"),
        (date(2026, 2, 1), Decimal("50.00"), "Savings", "Everyday", None, "t3"),
        (date(2026, 2, 2), Decimal("-3.00"), "Everyday", None, "Living:Food", "t5"),
    ]  # fmt: skip
    first = found.rows[0]
    assert (first.description, first.payee, first.note, first.reviewed) == (
        "MARKET 12", "Market", "fruit", True,
    )  # fmt: skip
    assert [problem.field for problem in found.problems] == ["date"]


def test_a_book_whose_table_is_a_view_without_end_is_refused(
    book: Callable[[str], bytes],
) -> None:
    trap = _BOOK.replace("CREATE TABLE transactions", "CREATE TABLE hidden")
    trap = trap.replace("INSERT INTO transactions", "INSERT INTO hidden")
    trap += """CREATE VIEW transactions AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL
        SELECT i + 1 FROM n) SELECT i AS id, 0 AS isParent FROM n;"""
    with pytest.raises(FileIsRefused):
        text(book(trap), "export.zip")


def test_another_database_is_refused(book: Callable[[str], bytes]) -> None:
    with pytest.raises(FileIsRefused):
        text(book("CREATE TABLE accounts (id TEXT); INSERT INTO accounts VALUES ('x');"), "a.zip")


@pytest.mark.parametrize("name", ["ynab_register.csv", "mint.csv", "actual.csv", "firefly.csv"])
def test_a_mover_s_headings_are_enough(name: str) -> None:
    lines = (SAMPLES / name).read_text("utf-8-sig").splitlines(keepends=True)
    guess = look(source(lines[0]))
    assert guess.format == sample(name).guess.format
    assert guess.samples == ()
