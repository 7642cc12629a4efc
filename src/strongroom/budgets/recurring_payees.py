"""Who is paid, as one word for all the ways in which a bank writes it. Text only.

Numbers, dates and months' names go, for they differ each time; a merchant's name is preferred to
the bank's text, also for rows that have the text alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from strongroom.budgets.recurring_types import BookRow

_LONGEST: Final = 120
_WORD: Final = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
_MONTHS: Final = frozenset(
    """january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
    januar februar mars mai juni juli oktober desember okt des""".split()
)


@lru_cache(maxsize=20_000)
def payee_key(text: str) -> str:
    """Return the words of a text that stay the same: no number, no month, no sign, no case."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(plain.replace("_", " "))
    kept = [word for word in words if word not in _MONTHS] or words
    return " ".join(kept)[:_LONGEST] or plain.strip()[:_LONGEST]


def payees(rows: Iterable[BookRow]) -> list[tuple[str, BookRow]]:
    """Return each row with its payee; a text that only ever had one merchant gets its name.

    Of a transfer between own accounts it is the other account: its texts follow no rule.
    """
    known = list(rows)
    merchants: dict[str, set[str]] = defaultdict(set)
    for row in known:
        if row.merchant:
            merchants[payee_key(row.description)].add(payee_key(row.merchant))
    found = []
    for row in known:
        text = payee_key(row.description)
        names = merchants.get(text, set())
        name = payee_key(row.merchant) if row.merchant else min(names) if len(names) == 1 else text
        found.append((f"to {row.other_account}" if row.inner else name, row))
    return found
