"""Which rows of two sources are likely one event: points for nearness and words, one to one. Pure.

Two of one source are never a double: identical coffees on one day are two coffees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from uuid import UUID

from strongroom.transactions.doubles.types import Likely, Two

MOST_DAYS = 4
WORTH_ASKING = 75
_SAME_AMOUNT, _ODD_AMOUNT = 40, 6
_BY_DAYS = (30, 24, 18, 12, 6)
_BY_TEXT = 30
_LEAST_RATIO = 0.75
_WORD = re.compile(r"[^\W\d_]{2,}")
# What banks and files write beside a shop's name.
_NOISE = frozenset(
    "visa vare varekjøp varekjop varekop kortkøb kort card debit credit pos purchase payment sq"
    " avtalegiro giro betaling kjøp til fra from to the as asa ab inc llc ltd no se dk".split()
)


def match(pairs: Iterable[Two]) -> list[Likely]:
    """Return the likely doubles, each row once; the likeliest first, of equals the first in order.

    Of three rows with the same facts, two from one source and one from the other, one is left.
    """
    scored = sorted(
        (-_score(pair), pair.days, order, pair)
        for order, pair in enumerate(pairs)
        if _score(pair) >= WORTH_ASKING
    )
    taken: set[UUID] = set()
    found: list[Likely] = []
    for negative, _, _, pair in scored:
        if pair.row_id not in taken and pair.kept_id not in taken:
            taken |= {pair.row_id, pair.kept_id}
            found.append(Likely(pair.row_id, pair.kept_id, -negative, pair.days))
    return found


def _score(pair: Two) -> int:
    if pair.days > MOST_DAYS:
        return 0
    odd = _ODD_AMOUNT if pair.amount % 1 else 0
    found = _SAME_AMOUNT + odd + _BY_DAYS[pair.days] + _common(pair.text, pair.kept_text)
    return min(100, found)


def _common(text: str, other: str) -> int:
    """Return up to 30 for what two texts share in words, or failing those in letters."""
    words, others = (
        {word for word in _WORD.findall(each.casefold()) if word not in _NOISE}
        for each in (text, other)
    )
    if not words or not others:
        return _BY_TEXT if text.casefold() == other.casefold() else 0
    shared = _BY_TEXT * len(words & others) // min(len(words), len(others))
    if shared:
        return shared
    first, second = " ".join(sorted(words)), " ".join(sorted(others))
    ratio = SequenceMatcher(None, first, second, autojunk=False).ratio()
    return int(_BY_TEXT * ratio) if ratio >= _LEAST_RATIO else 0
