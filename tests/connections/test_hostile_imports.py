"""Files with characters and figures that no database keeps: taken in cleanly, or refused."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from strongroom.connections.imports import MANY_ROWS, service
from strongroom.core.errors import Refused
from tests.connections.files.test_movers import _BOOK
from tests.connections.test_imports import Person, kari

__all__ = ["kari"]

NUL, HALF = "\0", "\ud800"
"""A character that PostgreSQL does not keep, and half of one that no encoding has."""


def book(**over: dict[str, Any]) -> bytes:
    """A book of ours with one of everything; ``over`` changes the records of a list."""
    account = {
        "id": "acc_1", "name": "Drift", "type": "depository", "currency": "NOK", "kind": "cash",
        "institution": "Bank", "official_name": "Drift",
    }  # fmt: skip
    category = {"id": "cat_1", "name": "Mat", "kind": "spending", "parent": None, "key": None}
    balance = {"account": "acc_1", "day": "2026-11-02", "balance": "10.00", "currency": "NOK"}
    row = {
        "id": "trn_1", "account": "acc_1", "day": "2026-11-02", "amount": "-1.00",
        "currency": "NOK", "description": "Kaffe", "merchant": "Kaffebar", "note": "godt",
        "category": "cat_1", "category_by": "person", "reviewed_at": "2026-11-02T10:00:00+00:00",
    }  # fmt: skip
    told: dict[str, dict[str, Any]] = {
        "accounts": account,
        "categories": category,
        "balances": balance,
        "transactions": row,
    }
    plain: dict[str, Any] = {"format": "strongroom", "version": 1}
    plain |= {name: [one | over.get(name, {})] for name, one in told.items()}
    return json.dumps(plain).encode()


@pytest.mark.parametrize("odd", [NUL, HALF], ids=["nul", "half"])
@pytest.mark.parametrize(
    ("section", "name"),
    [
        ("accounts", "name"), ("accounts", "official_name"), ("accounts", "institution"),
        ("accounts", "mask"), ("accounts", "iban"), ("accounts", "subtype"), ("accounts", "type"),
        ("accounts", "kind"), ("categories", "name"), ("categories", "key"),
        ("categories", "kind"), ("balances", "source"), ("transactions", "description"),
        ("transactions", "merchant"), ("transactions", "note"), ("transactions", "id"),
        ("transactions", "day"), ("transactions", "category_by"), ("transactions", "currency"),
    ],
)  # fmt: skip
def test_no_character_breaks_the_import_of_a_book(
    kari: Person, section: str, name: str, odd: str
) -> None:
    content = book(**{section: {name: f"A{odd}B"}})
    try:
        done = kari.bring(content, "book.json")
    except Refused:
        assert kari.held() == []
    else:
        assert done.rows + done.problem_count >= 1


@pytest.mark.parametrize(
    "text",
    [
        "Date,Descr\0iption,Amount\n2026-11-02,Kaffe,-1.00\n2026-11-03,Te,-2.00\n",
        "Date,Description,Payee,Amount\n2026-11-02,Kaffe,A\0B,-1.00\n2026-11-03,Te,,-2.00\n",
        "Date,Description,Amount,Currency\n2026-11-02,Kaffe,-1.00,KRONER\n2026-11-03,Te,-2,NOK\n",
        "Date,Description,Amount,Account\n2026-11-02,Kaffe,-1.00,A\0B\n2026-11-03,Te,-2,B\n",
        "Date,Description,Amount,Balance\n2026-11-02,Kaffe,-1,999999999999999999\n"
        "2026-11-03,Te,-2,999999999999999997\n",
        "!Account\nNA\0B\nTBank\n^\n!Type:Bank\nD2026-11-02\nT-1.00\nPKaf\0fe\nLMa\0t\n^\n",
        '2026-11-02 open Assets:Ba\0nk NOK\n2026-11-02 * "Ka\0ffe"\n  Assets:Bank  -1.00 NOK\n'
        "  Expenses:Food\n",
        "2026-11-02 * Ka\0ffe\n  Assets:Bank  -1.00 NOK\n  Expenses:Food\n",
    ],
)
@pytest.mark.parametrize("name", ["x.csv", "x.qif", "x.beancount", "x.ledger"])
def test_no_character_breaks_the_import_of_another_file(kari: Person, text: str, name: str) -> None:
    try:
        done = kari.bring(text, name)
    except Refused:
        assert kari.held() == []
    else:
        assert done.rows + done.problem_count >= 1


def test_a_row_of_a_database_may_claim_any_number(kari: Person, tmp_path: Path) -> None:
    path, out = tmp_path / "db.sqlite", BytesIO()
    with closing(sqlite3.connect(path)) as made:
        made.executescript(_BOOK + f"UPDATE transactions SET rowid = {2**62} WHERE id = 't1';")
        made.commit()
    with zipfile.ZipFile(out, "w") as archive:
        archive.write(path, "db.sqlite")
    done = kari.bring(out.getvalue(), "book.zip")
    assert done.imported == done.rows > 0


def test_a_book_that_tells_much_beside_its_rows_is_for_a_job(kari: Person) -> None:
    told = json.loads(book())
    assert not service.is_for_a_job(kari.begin(book(), "book.json"))
    told |= {"tags": [{}] * (MANY_ROWS - 1), "goals": [{}]}
    assert service.is_for_a_job(kari.begin(json.dumps(told), "book.json"))
