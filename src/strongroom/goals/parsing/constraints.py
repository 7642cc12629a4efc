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
    rf"(?>(?:[A-Z]{{0,2}}[$€£¥] ?|(?:kr\b\.?|nok|usd|eur|gbp|sek|dkk) ?)?"
    rf"(?>(?:{_NUMBER}{_SCALE}|(?:a |en )?(?:\w*(?:tusen|hundre)|{_COUNT})\b"
    rf"(?:[ -](?:and |og )?(?:{_COUNT})\b)*)(?:,-)?(?: ?{_MONEY})?))"
    rf"(?![\w,.]*\d)(?! ?-?{_UNIT}\b)"
)
_SOMETHING = rf"(?: (?!{_STOP}\b)(?:{_SUM}|{_WORD})){{1,6}}"
_A_MONTH = (
    r"(?:/ ?| a | per | each | every | hver | i | pr\.? |, ?| )?"
    r"(?:month|mo|måneden?|mnd|monthly|månedlig)\b"
)
_EACH_MONTH = (
    rf"(?:{_A_MONTH}|(?: (?!(?:and|og|but|men|while|mens|then|så|save|spare|put|legge)\b){_WORD})"
    r"{1,6}(?<! in)(?<! for)(?<! om)(?<! within)"
    r" (?:a|per|each|every|hver|pr\.?|i) (?:month|måned(?:en)?|mnd)\b)"
)
"""Right after a sum, or further on in its clause: what is put aside again and again stays not."""
_TOUCH = r"(?:touch|us|sell|spend|raid|dip|draw|tap)(?:e|ing|ping|ning)?(?: into| on| down)?"
_ROER = r"(?:rører?|rør|bruker?|selger?|tar? av|tar? fra|tærer? på|går? løs på|tappe|tapper|tømme)"
_OWN = r"(?:my|the|our|an?|min|mitt|mine|vår|den|de|en|et)"
_HOARD = (
    r"(?:(?:emergency|rainy[- ]day|safety|cash|reserve|buffer) )?"
    r"(?:fund|buffer|cushion|reserves?|net|savings|account|bufferkonto|buffer\w*|nødfond\w*)"
)
_STAYS = (
    r"(?:untouched|intact|alone|aside|as (?:it )?is|where it is|in cash|urørt|i fred"
    r"|til side|til sides|unna|stående|liggende|stå(?: urørt)?|ligge(?: urørt)?|være(?: i fred)?)"
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
        rf"(?: at least| minst| {_OWN})* {_SUM}(?!{_EACH_MONTH})(?>{_TAIL})(?!{_EACH_MONTH})"
        rf"|\b(?:leave|leaving|la)(?: at least| minst| {_OWN})* {_SUM}"
        rf"(?!{_EACH_MONTH}) (?:{_STAYS}|{_WHERE})\b(?>{_TAIL})(?!{_EACH_MONTH})"
        rf"|\b(?:while )?keep(?:ing)?(?: at least)? \w+[- ]months?['’]?(?: of)? \w+"
        rf"|\bbehold(?:er?)?(?: minst)? \w+ måneders? \w+",
    ),
    (
        ConstraintKind.NO_RISK,
        r"\b(?:no|without(?: any)?|zero)"
        r" (?:risks?|stocks|shares|crypto|investing|investments?|stock market)\b"
        r"|\brisk[- ]free\b|\b(?:only in cash|in cash only|cash only|nothing invested)\b"
        r"|\b(?:not|n['’]t)(?: want to)? (?:invest|take(?: any)? risks?)\b(?: it| in \w+)?"
        r"|\bdon['’]?t(?: want to)? (?:invest|take(?: any)? risks?)\b(?: it)?"
        r"|\b(?:uten(?: noen)?|ingen|null) (?:risiko|aksjer|investering\w*)\b"
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
_LONGEST_CLAUSE = 100
_CLAUSE_ENDS = re.compile(
    r"[,;:!?\n]|\.(?!\d)|\b(?:and|but|og|men)\b|\bso\b(?! far)|\bså\b(?! langt)", re.IGNORECASE
)
_TODAY = re.compile(
    r"(?<!to )\b(?:have|has)\b(?! to\b)|['’]ve\b|\bgot\b|\bhar\b(?! lyst\b)"
    r"|\b(?:i|we) (?:own|hold)\b|\b(?:jeg|vi) eier\b|\byet\b|(?<!from )(?<!starting )\btoday\b"
    r"|\bso far\b|\bcurrently\b"
    r"|\bat the moment\b|\bright now\b|\bennå\b|\benda\b|(?<!fra )\bi ?dag\b|\bforeløpig\b"
    r"|\bhittil\b|\bfor tiden\b|\bså langt\b",
    re.IGNORECASE,
)
_NO_FUNDS = re.compile(r"\b(?:no funds|ingen fond)\b", re.IGNORECASE)
_LIQUID = re.compile(
    r"savings|\bsaved\b|emergency|rainy[- ]day|safety|account\b|accounts\b|buffer|cushion|reserve"
    r"|\bcash\b|checking|\bbank\b|konto|spar(?:e|ing|t|te)|nødfond|kontant|oppspart",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"sell|selg|pensjon|pension|retirement|\b401|\b403|\bira\b|\broth\b|credit (?:card|line|limit)"
    r"|line of credit|credit account|overdraft|kreditt|\bloan|mortgage|\blån|\bhsa\b|\b529\b"
    r"|\bbsu\b|boligspar|escrow",
    re.IGNORECASE,
)
_EMERGENCY = re.compile(
    r"emergenc|rainy[- ]day|safety|buffer|cushion|unexpected|nødfond|nødstilfelle|uforutsett",
    re.IGNORECASE,
)
_ONLY_MONEY = re.compile(
    rf"(?:leave|leaving|let|keep|keeping|la|lar|late)(?: at least| minst| {_OWN})* {_SUM}"
    rf"(?: {_STAYS})*",
    re.IGNORECASE,
)


def find(text: str) -> Sequence[tuple[ConstraintKind, int, int]]:
    """Return the limits in a text and where each stands, none within another."""
    found: list[tuple[ConstraintKind, int, int]] = []
    for kind, pattern in _PATTERNS:
        for sign in pattern.finditer(text):
            if kind is ConstraintKind.NO_RISK and _is_of_today(text, sign.start(), sign.end()):
                continue
            start, end = sign.start(), sign.start() + len(sign[0].rstrip())
            if all(end <= other[1] or start >= other[2] for other in found):
                found.append((kind, start, end))
    return sorted(found, key=lambda one: one[1])


def of_today(text: str) -> Sequence[tuple[ConstraintKind, int, int]]:
    """Return where a text says that nothing is invested today: neither a limit nor a goal."""
    kind, pattern = _PATTERNS[-1]
    found = [(kind, one.start(), one.end()) for one in pattern.finditer(text)]
    funds = [(kind, one.start(), one.end()) for one in _NO_FUNDS.finditer(text)]
    return [one for one in found if _is_of_today(text, *one[1:])] + funds


def is_liquid(words: str) -> bool:
    """Whether what is to be left alone is plainly money in a bank, and not a cabin or a pension."""
    named = _LIQUID.search(words) is not None and _BOUND.search(words) is None
    return named or _ONLY_MONEY.fullmatch(words.strip()) is not None


def is_for_emergencies(words: str) -> bool:
    """Whether a limit's words say that its money is there for emergencies."""
    return _EMERGENCY.search(words) is not None


def _is_of_today(text: str, start: int, end: int) -> bool:
    """Whether a clause tells what somebody has today: I have no investments yet, jeg har ingen."""
    first, last = max(start - _LONGEST_CLAUSE, 0), min(end + _LONGEST_CLAUSE, len(text))
    before = [one.end() for one in _CLAUSE_ENDS.finditer(text, first, start)]
    after = _CLAUSE_ENDS.search(text, end, last)
    clause = text[before[-1] if before else first : after.start() if after else last]
    return _TODAY.search(clause) is not None


def without(text: str, found: Sequence[tuple[ConstraintKind, int, int]]) -> str:
    """Return the text with its limits left blank, every other character in its place."""
    for _, start, end in found:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def is_at_most(text: str, start: int) -> bool:
    """Whether the words right before an amount make it an upper limit."""
    return _AT_MOST.search(text[:start]) is not None
