"""Finds the limits that a goal's text sets: what is to be left alone, kept, or put in at most.

English and Norwegian. What such a clause names is no goal and no target, so the rest is read
without it. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from strongroom.goals.parsing.types import ConstraintKind

_STOP = (
    r"(?:save|put|buy|get|need|want|pay|in|by|within|over|for|and|but|with|spare|kjøpe|trenger"
    r"|betale|om|innen|på|til|og|men|med)"
)
_SOMETHING = rf"(?: (?!{_STOP}\b)[^\W\d_][\w'’-]*){{1,6}}"
_TOUCH = r"(?:touch|us|sell|spend|raid|dip|draw|tap)(?:e|ing|ping|ning)?(?: into| on| down)?"
_ROER = r"(?:røre|bruke|selge|ta av|tære på|gå løs på)"
_SUM = r"[$€£]? ?\d(?:[\d., ]*\d)?(?:k\b|m\b)?(?: ?(?:kr|nok|usd|eur|dollars|euros|kroner))?"
_SIGNS: tuple[tuple[ConstraintKind, str], ...] = (
    (
        ConstraintKind.LEAVE_ALONE,
        rf"\b(?:without|not|never|don['’]?t|won['’]?t) (?:ever )?{_TOUCH}{_SOMETHING}"
        rf"|\bleav(?:e|ing){_SOMETHING} alone\b"
        rf"|\b(?:uten å|ikke) {_ROER}{_SOMETHING}",
    ),
    (
        ConstraintKind.KEEP,
        rf"\b(?:while )?(?:keep|keeping|leave|leaving|behold|beholde|beholder)"
        rf"(?: at least| minst| my| a)? {_SUM}"
        rf"(?: (?:in|on|på|i) (?:my |the |a |min )?[^\W\d_]+(?: account| fund)?)?"
        rf"|\b(?:while )?keep(?:ing)?(?: at least)? \w+[- ]months?['’]?(?: of)? \w+",
    ),
    (
        ConstraintKind.NO_RISK,
        r"\b(?:no|without(?: any)?|zero) (?:risks?|stocks|shares|crypto|investing|investments?)\b"
        r"|\brisk[- ]free\b|\b(?:uten(?: noen)?|ingen|null) (?:risiko|aksjer|investering\w*)\b"
        r"|\b(?:ikke|uten å) (?:investere|ta risiko)\b",
    ),
)
_PATTERNS = tuple((kind, re.compile(signs, re.IGNORECASE)) for kind, signs in _SIGNS)
_AT_MOST = re.compile(
    r"(?:at (?:the )?most|no more than|not more than|max(?:imum)?|up to|less than|under"
    r"|maks(?:imalt)?|høyst|ikke mer enn|inntil|opptil|under)\W*(?:of |på )?\Z",
    re.IGNORECASE,
)


def find(text: str) -> Sequence[tuple[ConstraintKind, int, int]]:
    """Return the limits in a text and where each stands, none within another."""
    found: list[tuple[ConstraintKind, int, int]] = []
    for kind, pattern in _PATTERNS:
        for sign in pattern.finditer(text):
            start, end = sign.start(), sign.start() + len(sign[0].rstrip())
            if all(end <= other[1] or start >= other[2] for other in found):
                found.append((kind, start, end))
    return sorted(found, key=lambda one: one[1])


def without(text: str, found: Sequence[tuple[ConstraintKind, int, int]]) -> str:
    """Return the text with its limits left blank, every other character in its place."""
    for _, start, end in found:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def is_at_most(text: str, start: int) -> bool:
    """Whether the words right before an amount make it an upper limit."""
    return _AT_MOST.search(text[:start]) is not None
