"""Whether a file's row looks like one that the book has: a score, and who goes with whom.

Pure. A likeness is shown to the person and never acted on by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from uuid import UUID

from strongroom.transactions.file_types import Alike, Pair

LEAST = 60
"""A score from here on, of 100, is worth a person's look."""
MOST_DAYS = 4

_SAME_AMOUNT = 40
_BY_DAYS = (30, 24, 18, 12, 6)
_BY_TEXT = 30
_WORD = re.compile(r"[^\W_]+")


def score(days: int, text: str, other: str) -> int:
    """Return how alike two rows of one account and amount are, of 100.

    40 for the amount, up to 30 for the day, up to 30 for what the texts have in common. Of another
    day and with nothing in common they are not alike, as two purchases of one price are.
    """
    common = _common(text, other)
    if days and not common:
        return 0
    near = _BY_DAYS[days] if days < len(_BY_DAYS) else 0
    return _SAME_AMOUNT + near + common


def match(pairs: Iterable[Pair]) -> list[Alike]:
    """Return the likely doubles of pairs that share an account and amount, each row once.

    The best pair goes first; of equal ones the first in order.
    """
    scored = sorted(
        (-score(pair.days, pair.text, pair.rival_text), order, pair)
        for order, pair in enumerate(pairs)
    )
    taken: set[UUID] = set()
    found: list[Alike] = []
    for negative, _, pair in scored:
        if -negative < LEAST:
            break
        if pair.id not in taken and pair.rival_id not in taken:
            taken |= {pair.id, pair.rival_id}
            found.append(Alike(pair.id, pair.rival_id, -negative, pair.days))
    return found


def _common(text: str, other: str) -> int:
    """Return up to 30 for the words, or failing those the letters, that two texts share."""
    first, second = text.casefold(), other.casefold()
    if first == second:
        return _BY_TEXT
    words, others = set(_WORD.findall(first)), set(_WORD.findall(second))
    if not words or not others:
        return 0
    shared = _BY_TEXT * len(words & others) // min(len(words), len(others))
    if shared:
        return shared
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    if matcher.quick_ratio() < 0.6:
        return 0
    return int(_BY_TEXT * matcher.ratio())
