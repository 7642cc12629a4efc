"""The formats that can be read, in one table. A new format is one module and one line here.

A reader is two functions: ``guess`` looks at the first bytes and says how sure it is, or None;
``rows`` streams the rows, keeps what it could not take in ``Findings`` and names accounts there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.content import Content, Head
from strongroom.connections.files.readers import (
    actual_book,
    beancount,
    camt,
    delimited,
    ledger,
    movers,
    mt940,
    ofx,
    qif,
    strongroom_csv,
    strongroom_json,
)
from strongroom.connections.files.readers.tables import guess_table
from strongroom.connections.files.types import FileRow, Findings, Guess

GuessFormat = Callable[[Head], Guess | None]
ReadRows = Callable[[Content, Guess, Findings], Iterator[FileRow]]


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: the name people know it by, and how it is recognised and read."""

    title: str
    guess: GuessFormat
    rows: ReadRows


READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        "strongroom-json": Reader("Strongroom (JSON)", strongroom_json.guess, strongroom_json.rows),
        "strongroom-csv": Reader("Strongroom (CSV)", strongroom_csv.guess, strongroom_csv.rows),
        "beancount": Reader("beancount", beancount.guess, beancount.rows),
        "ledger": Reader("ledger", ledger.guess, ledger.rows),
        "ofx": Reader("OFX, QFX", ofx.guess, ofx.rows),
        "camt": Reader("CAMT.052, .053, .054", camt.guess, camt.rows),
        "mt940": Reader("MT940, MT942", mt940.guess, mt940.rows),
        "qif": Reader("QIF", qif.guess, qif.rows),
        "ynab": Reader("YNAB", partial(movers.guess, "ynab"), movers.rows),
        "mint": Reader("Mint", partial(movers.guess, "mint"), movers.rows),
        "actual": Reader("Actual (CSV)", partial(movers.guess, "actual"), movers.rows),
        "actual-book": Reader("Actual", actual_book.guess, actual_book.rows),
        "firefly": Reader("Firefly III", partial(movers.guess, "firefly"), movers.rows),
        "csv": Reader("CSV", guess_table, delimited.rows),
    }
)
