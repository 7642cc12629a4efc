"""Finds the limits that a goal's text sets: what is to be left alone, kept, or put in at most.

English and Norwegian. What such a clause names is no goal and no target, so the rest is read
without it. What a limit comes to is told by ``effects``. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from strongroom.goals.parsing.types import ConstraintKind
from strongroom.goals.parsing.words import NUMBER_WORDS

_STOP = (
    r"(?:save|put|buy|get|need|want|pay|in|by|within|over|for|and|but|with|spare|kjøpe|trenger"
    r"|betale|om|innen|på|til|og|men|med|untouched|intact|alone|stays?)"
)
_WORD = r"[^\W\d_][\w'’-]*"
_NUMBER = r"(?>\d{1,3}(?:[.,'’_ \u00a0\u202f]\d{3})+(?:[.,]\d{1,2})?|\d+(?:[.,]\d+)?|\.\d+)(?!\d)"
_COUNT = "|".join(sorted(NUMBER_WORDS - {"to", "null", "fire"}, key=len, reverse=True))
_SCALE = r"(?: ?(?:k|m|mill?\b\.?|mio|tusen|thousand|grand|hundred|hundre|millions?|millioner)\b)?"
_MONEY = r"(?:kr\b\.?|nok|sek|dkk|usd|eur|gbp|dollars?|euros?|kroner|pounds?|quid|bucks|€|£|\$)"
_UNIT = r"(?:years?|yrs?|months?|weeks?|days?|år|måned\w*|mnd|uker?|dager?)"
_SUM = (
    rf"(?:[A-Z]{{0,2}}[$€£¥] ?|(?:kr\b\.?|nok|usd|eur|gbp|sek|dkk) ?)?"
    rf"(?>(?:{_NUMBER}{_SCALE}|(?:a |en )?(?:\w*(?:tusen|hundre)|{_COUNT})\b"
    rf"(?:[ -](?:and |og )?(?:{_COUNT})\b)*)(?:,-)?(?: ?{_MONEY})?)"
    rf"(?![\w,.]*\d)(?! ?-?{_UNIT}\b)"
)
_SOMETHING = rf"(?: (?!{_STOP}\b)(?:{_SUM}|{_WORD})){{1,6}}"
_A_MONTH = r"(?:/ ?| a | per | each | every | i | pr\.? |, )?(?:month|mo|måneden?|mnd|monthly)\b"
_TOUCH = r"(?:touch|us|sell|spend|raid|dip|draw|tap)(?:e|ing|ping|ning)?(?: into| on| down)?"
_ROER = r"(?:rører?|rør|bruker?|selger?|tar? av|tar? fra|tærer? på|går? løs på|tappe|tapper|tømme)"
_OWN = r"(?:my|the|our|an?|min|mitt|mine|vår|den|de|en|et)"
_HOARD = (
    r"(?:(?:emergency|rainy[- ]day|safety|cash|reserve|buffer) )?"
    r"(?:fund|buffer|cushion|reserves?|net|savings|account|bufferkonto|buffer\w*|nødfond\w*)"
)
_STAYS = (
    r"(?:untouched|intact|alone|aside|as (?:it )?is|where it is|in cash|urørt|i fred"
    r"|stående|liggende|stå(?: urørt)?|ligge(?: urørt)?|være(?: i fred)?)"
)
_WHERE = (
    rf"(?:in|on|på|i)(?: {_OWN})? (?!{_UNIT}\b)(?!\w+ {_UNIT}\b){_WORD}"
    r"(?: account| fund| savings| konto)?"
)
_WHAT_FOR = (
    r"(?:as|som)(?: an?| en| et| my)?(?: emergency| cash| safety| rainy[- ]day)?"
    r" (?:fund|buffer|cushion|reserve|net|nødfond)"
    r"|(?:for|til) (?:an? )?(?:emergenc(?:y|ies)|rainy days?|unexpected \w+|uforutsett\w*(?: \w+)?"
    r"|nødstilfeller)"
)
_TAIL = rf"(?: (?:{_HOARD}|{_STAYS}|{_WHERE}|{_WHAT_FOR})\b){{0,3}}"
_AMONG = (
    rf"(?: (?:in|on|i|på|of) {_OWN} (?:\d{{3}} ?\(?[kb]\)?|{_WORD})"
    rf"(?: account| fund| savings| konto)*)?"
    rf"(?: (?:in|on|i|på) \w*(?:konto\w*|savings|checking|sparing))?(?: (?:of|at|on|på) {_SUM})?"
)
_SIGNS: tuple[tuple[ConstraintKind, str], ...] = (
    (
        ConstraintKind.LEAVE_ALONE,
        rf"\b(?:without|not|never|don['’]?t|won['’]?t|can['’]?t|cannot) (?:ever )?"
        rf"{_TOUCH}(?! more\b){_SOMETHING}{_AMONG}"
        rf"|\bleav(?:e|ing){_SOMETHING} (?:alone|untouched|intact)\b"
        rf"|\b(?:keep|keeping)(?: {_OWN}){_SOMETHING} (?:untouched|intact|separate)\b"
        rf"|\b(?:my|our)(?: {_WORD}){{1,4}} (?:has to |must |should )?(?:stays?|remains?)"
        rf" (?:untouched|intact|where it is)\b"
        rf"|\b(?:keep|keeping) (?:my|our|the) {_HOARD}\b(?: (?:of|at) {_SUM})?"
        rf"|\bla(?:r|te)?{_SOMETHING} (?:stå|være|ligge)\b(?: urørt| i fred)?"
        rf"|\bbehold(?:er?)?(?: {_WORD})? \w*(?:buffer|nødfond|bufferkonto|fond)\w*"
        rf"(?: (?:min|mitt))?(?: (?:på|i) {_SUM})?(?: {_STAYS})?"
        rf"|\b(?:uten å|ikke|aldri) {_ROER}(?! mer\b){_SOMETHING}{_AMONG}",
    ),
    (
        ConstraintKind.KEEP,
        rf"\b(?:while )?(?:keep|keeping|hold back|behold|beholde|beholder)"
        rf"(?: at least| minst| {_OWN})* {_SUM}(?!{_A_MONTH}){_TAIL}"
        rf"|\b(?:leave|leaving|la)(?: at least| minst| {_OWN})* {_SUM}"
        rf" (?:{_STAYS}|{_WHERE})\b{_TAIL}"
        rf"|\b(?:while )?keep(?:ing)?(?: at least)? \w+[- ]months?['’]?(?: of)? \w+"
        rf"|\bbehold(?:er?)?(?: minst)? \w+ måneders? \w+",
    ),
    (
        ConstraintKind.NO_RISK,
        r"\b(?:no|without(?: any)?|zero)"
        r" (?:risks?|stocks|shares|crypto|investing|investments?|funds|stock market)\b"
        r"|\brisk[- ]free\b|\b(?:only in cash|in cash only|cash only|nothing invested)\b"
        r"|\b(?:not|n['’]t)(?: want to)? (?:invest|take(?: any)? risks?)\b(?: it| in \w+)?"
        r"|\bdon['’]?t(?: want to)? (?:invest|take(?: any)? risks?)\b(?: it)?"
        r"|\b(?:uten(?: noen)?|ingen|null) (?:risiko|aksjer|fond|investering\w*)\b"
        r"|\b(?:ikke|uten å) (?:(?:skal |vil )?(?:investeres?|invester|ta risiko))\b"
        r"|\b(?:kun|bare) (?:på|i) (?:sparekonto\w*|konto\w*|bank\w*|kontanter)\b",
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
