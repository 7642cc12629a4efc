"""A whole book as one JSON document, nothing left out, a record a line. Amounts are texts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

from strongroom.transactions.export import facts
from strongroom.transactions.export.types import Book, Written

FORMAT: Final = "strongroom"
"""What the document says it is, first thing."""


async def write(book: Book, written: Written) -> AsyncIterator[str]:
    """Write the document: accounts, categories, balances, transactions, sections, in this order."""
    written.accounts = len(book.accounts)
    head = {
        "format": FORMAT,
        "version": facts.VERSION,
        "since": facts.when(book.part.since),
        "until": facts.when(book.part.until),
    }
    yield _text(head)[:-1]
    told = [{**facts.of_account(one), **book.products.get(one.id, {})} for one in book.accounts]
    yield _list("accounts", told)
    gone = [{**facts.of_category(one), "goes_to": facts.goes_to(one)} for one in book.removed]
    yield _list("categories", [*map(facts.of_category, book.categories), *gone])
    yield ',\n"balances": [\n'
    between = ""
    async for balance in book.balances:
        written.balances += 1
        yield between + _text(facts.of_balance(balance))
        between = ",\n"
    yield '\n],\n"transactions": [\n'
    between = ""
    async for row in book.rows:
        written.transactions += 1
        yield between + _text({**facts.of_row(row), **facts.marks(row), **facts.hands(row)})
        between = ",\n"
    yield "\n]"
    for name, records in book.sections.items():
        yield _list(name, records)
    yield "\n}\n"


def _list(name: str, records: Iterable[Mapping[str, object]]) -> str:
    return f',\n"{name}": [\n' + ",\n".join(_text(record) for record in records) + "\n]"


def _text(record: Mapping[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False)
