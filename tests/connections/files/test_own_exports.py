"""What was exported is read back as it was: every text, amount, day and choice, in all formats."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from strongroom.connections.files import FileCategory, FileRow, Source
from strongroom.connections.files.guess import look, read
from strongroom.core import ids
from strongroom.core.plain import amount_text
from strongroom.transactions.export import Format
from strongroom.transactions.export.types import PartLine, RowLine
from tests.transactions.made_up import Made, books

READ_AS = {
    Format.CSV: "strongroom-csv",
    Format.JSON: "strongroom-json",
    Format.BEANCOUNT: "beancount",
    Format.LEDGER: "ledger",
}


def paths(made: Made, told: Sequence[FileCategory]) -> dict[Any, str]:
    """The path of each category, which must tell all of it."""
    found = dict(zip((one.id for one in made.categories), told, strict=True))
    for one in made.categories:
        parent = found[one.parent_id].path if one.parent_id else None
        assert found[one.id][1:5] == (parent, one.key, one.name, one.kind)
    assert len({one.path for one in told}) == len(told)
    return {key: one.path for key, one in found.items()}


def facts(row: FileRow) -> tuple[Any, ...]:
    return (
        row.account, row.fitid, row.day, row.amount, row.currency, row.description, row.payee,
        row.category, row.note, row.pending, row.reviewed, json.loads(row.raw),
    )  # fmt: skip


def shown(part: PartLine, row: RowLine) -> str:
    return amount_text(part.amount, row.currency)


def meant(row: RowLine, path: dict[Any, str]) -> tuple[Any, ...]:
    more = {
        "description": None if row.description else "",
        "happened_on": row.happened_on and row.happened_on.isoformat(),
        "category_by": row.category_by,
        "needs_review": row.needs_review,
        "reviewed_at": row.reviewed_at and row.reviewed_at.isoformat(),
        "removed_by_bank": row.removed_by_bank and row.removed_by_bank.isoformat(),
        "never_booked_at": row.never_booked_at and row.never_booked_at.isoformat(),
        "merchant_by": None if row.merchant_by == "bank" else row.merchant_by,
        "origin": "manual" if row.origin == "manual" else None,
        "tags": list(row.tags) or None,
        "parts": [
            {"category": path[one.category_id], "amount": f"{shown(one, row)}", "note": one.note}
            for one in row.parts
        ]
        or None,
    }
    return (
        ids.show("acc", row.account_id), ids.show("trn", row.id), row.day, row.amount,
        row.currency, row.description, row.merchant, path[row.category_id], row.note, row.pending,
        row.reviewed_at is not None, {name: one for name, one in more.items() if one is not None},
    )  # fmt: skip


@pytest.mark.parametrize("format", READ_AS)
@settings(max_examples=40)
@given(made=books())
def test_a_book_comes_back(format: Format, made: Made) -> None:
    source = Source.of(made.written(format).encode(), f"book.{format}")
    guess = look(source)
    assert (guess.format, guess.confidence) == (READ_AS[format], 100)
    with read(source, guess) as reading:
        rows = list(reading.rows)
    assert reading.problems == ()
    path = paths(made, reading.categories)
    assert [facts(row) for row in rows] == [meant(row, path) for row in made.rows]
    assert [
        (one.account, one.day, one.balance, one.currency, one.source) for one in reading.balances
    ] == [
        (ids.show("acc", one.account_id), one.day, one.balance, one.currency, one.source)
        for one in made.balances
    ]
    assert [
        (one.key, one.name, one.type, one.subtype, one.mask, one.iban, one.currency)
        for one in reading.accounts
    ] == [
        (ids.show("acc", one.id), one.name, one.type, one.subtype, one.mask, one.iban, one.currency)
        for one in made.accounts
    ]
    more = [json.loads(one.more or "{}") for one in reading.accounts]
    for told, one in zip(more, made.accounts, strict=True):
        wanted = {
            "official_name": one.official_name, "kind": one.category,
            "institution": one.institution_name, "manual": one.is_manual or None,
            "hidden_at": one.hidden_at and one.hidden_at.isoformat(),
            "closed_at": one.closed_at and one.closed_at.isoformat(),
        }  # fmt: skip
        assert told == {name: fact for name, fact in wanted.items() if fact is not None}
