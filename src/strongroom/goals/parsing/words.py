"""Splits a goal's text into words and numbers, and reads numbers written out as words.

English and Norwegian. Knows nothing of money, time or goals; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_THIN = " \u00a0\u202f"
_MARKS = f"[{_THIN}.,'’_]"
_WHOLE = r"(?!\d|[.,'’_]\d)"
"""After a number: no more digits, also none behind another mark."""
_TOKEN = re.compile(
    rf"""
    (?P<date>\d{{4}}(?P<between>[-/.])\d{{1,2}}(?P=between)\d{{1,2}}
        |\d{{1,2}}[./]\d{{1,2}}[-./]\d{{4}}|\d{{1,2}}/\d{{4}}
        |\d{{1,2}}/\d{{1,2}}/\d\d
        |2(?:0[2-9]|1\d)\d[-/](?:1[0-2]|0?[1-9])(?![-/]\d)
        |\d{{1,2}}\.\d{{1,2}}\.\d{{2}}(?!\.\d)){_WHOLE}
    |(?P<part>(?:\d{{1,3}}[{_THIN}])?\d{{1,2}}/\d{{1,2}}(?![\d/])|(?:\d{{1,3}}[{_THIN}]?)?[½¼¾])
    |(?P<odd>\d{{1,3}}(?:[ ][.,][ ]?\d{{3}}|[.,][ ]0\d\d)(?!\d)|\d[\d.,'’]*[eE][-+−]?\d[\w.,]*)
    |(?P<grouped>(?:\d{{1,2}}(?:,\d\d)+,\d{{3}}(?:\.\d{{1,2}})?
        |\d{{1,3}}(?:(?P<mark>{_MARKS})\d{{3}})(?:(?P=mark)\d{{3}})*(?:[.,]\d{{1,2}})?){_WHOLE})
    |(?P<plain>(?:\d+(?:[.,]\d+)?|(?<![\w.,])[.]\d+){_WHOLE})
    |(?P<bent>\d[\d.,'’_]*)
    |(?P<word>[^\W\d_]+(?:['’][^\W\d_]+|-og-[^\W\d_]+)?)
    |(?P<sign>[^\w\s])
    """,
    re.VERBOSE,
)
_ACCENTS = str.maketrans("éèê", "eee")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, date or sign. ``text`` is lower case; ``start`` and ``end`` are places.

    ``kind``: ``word``, ``plain`` (50, 1.5), ``grouped`` (15 000), ``part`` (1/2, 1 3/4, 2½),
    ``date``, ``sign``; ``odd`` and ``bent`` are digits that nobody can be sure to read: 50 ,000 or
    1e5, and 1,234.567.
    """

    kind: str
    text: str
    start: int
    end: int


def split(text: str) -> list[Token]:
    """Return the tokens of a text in order."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        kind = {"mark": "grouped", "between": "date"}.get(kind, kind)
        # One letter of lower case may stand for several of upper case; places are the text's own.
        found.append(Token(kind, match[0].lower().translate(_ACCENTS), match.start(), match.end()))
    return found


_GROUPED_DECIMAL = re.compile(r"[.,]\d{1,2}\Z")
_SIGNS = {"½": "1/2", "¼": "1/4", "¾": "3/4"}
_EXACT = frozenset({2, 4, 5, 8})
"""What a part may be one of, so that decimals say it exactly."""


def digits(token: Token, *, scaled: bool = False) -> Decimal | None:
    """Return the value of a number in digits; None for what is no number.

    ``15.000`` and ``15,000`` are thousands unless a scale follows (``scaled``): ``1.500 million``.
    """
    text = token.text
    if token.kind == "plain":
        return Decimal(text.replace(",", "."))
    if token.kind == "part":
        return _part(text)
    if token.kind != "grouped":
        return None
    whole, decimals = text, ""
    tail = _GROUPED_DECIMAL.search(text)
    if tail is not None:
        whole, decimals = text[: tail.start()], tail[0].replace(",", ".")
    marks = [one for one in whole if not one.isdigit()]
    one_point = len(marks) == 1 and marks[0] in ".,"
    if one_point and not decimals and (scaled or whole.startswith("0")):
        return Decimal(whole.replace(",", "."))
    return Decimal(re.sub(r"\D", "", whole) + decimals)


def _part(text: str) -> Decimal | None:
    """Return what ``1 3/4`` or ``2½`` comes to; None for 15/6, which is a day, and for thirds."""
    for sign, written in _SIGNS.items():
        text = text.replace(sign, " " + written)
    *whole, part = text.split()
    over, under = (int(one) for one in part.split("/"))
    if under not in _EXACT or not 0 < over < under:
        return None
    return Decimal(whole[0] if whole else 0) + Decimal(over) / under


_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
    "null": 0, "ett": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "sju": 7, "syv": 7,
    "åtte": 8, "ni": 9, "ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14,
    "femten": 15, "seksten": 16, "sytten": 17, "atten": 18, "nitten": 19, "tjue": 20, "tyve": 20,
    "tretti": 30, "tredve": 30, "tredive": 30, "førti": 40, "femti": 50, "seksti": 60, "sytti": 70,
    "åtti": 80, "nitti": 90,
}  # fmt: skip
_ARTICLES = frozenset({"a", "an", "one", "en", "et", "ett", "ei"})
HUNDREDS = frozenset({"hundred", "hundre"})
SCALES = {
    "k": 1_000, "thousand": 1_000, "grand": 1_000, "tusen": 1_000,
    "tusenlapp": 1_000, "tusenlapper": 1_000, "lakh": 100_000, "lakhs": 100_000,
    "crore": 10_000_000, "crores": 10_000_000,
    "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "mill": 1_000_000, "mil": 1_000_000,
    "million": 1_000_000, "millions": 1_000_000, "millioner": 1_000_000,
    "bn": 1_000_000_000, "billion": 1_000_000_000, "milliard": 1_000_000_000,
    "milliarder": 1_000_000_000,
}  # fmt: skip
_WORD_SCALES = {name: size for name, size in SCALES.items() if len(name) > 3}
NUMBER_WORDS = frozenset({*_UNITS, *HUNDREDS, *_WORD_SCALES})
_HALVES = frozenset({"half", "halv", "halvt", "halve"})
_AND = frozenset({"and", "og"})
_POINTS = frozenset({"point", "komma"})
_LONGEST_NUMBER = 8
"""Words, at most, that are looked at for a number right before a place."""
_QUARTERS = frozenset("quarter quarters kvart fjerdedel fjerdedels".split())
# Before a hundred, a thousand or a million: nobody knows how many, or it is a part of one.
_VAGUE = frozenset("few couple several many some noen flere mange par".split())
_PARTS_OF = frozenset(
    "third thirds fifth fifths tenth tenths eighth part fraction most tredel tredjedel femtedel"
    " tidel del".split()
)
# What makes the Norwegian "to" a number and not the English word.
_AFTER_TWO = frozenset(
    "hundre tusen tusenlapper mill million millioner milliard milliarder og år uker uke måneder"
    " måneders mnd dager kroner kr halv halvt".split()
)
_PARTS = sorted({*_UNITS, *HUNDREDS, "tusen", "og"} - {"to"}, key=len, reverse=True)
_PART = re.compile("|".join([*_PARTS, r"to(?=hundre|tusen|\Z)"]))
_COMPOUND = re.compile(f"(?:{_PART.pattern})+")
_OLDER = re.compile(
    r"((?<![st])en|ett?|to|tre|fire|fem|seks|sju|syv|åtte|ni)og"
    r"(tyve|tjue|tretti|tredve|tredive|førti|førr|femti|seksti|sytti|åtti|nitti)"
)
"""The older Norwegian way, the lesser number first: femogtyve is 25. The en of tusen is none."""


def _tens_first(older: re.Match[str]) -> str:
    one, ten = older[1], older[2]
    return ("førti" if ten == "førr" else ten) + ("ett" if one in _ARTICLES else one)


def _pieces(token: Token) -> list[str]:
    """Return a Norwegian compound in its parts: femtitusen is femti tusen."""
    text = token.text
    known = {*_UNITS, *_ARTICLES, *HUNDREDS, *_WORD_SCALES, *_HALVES, *_AND}
    if token.kind == "word" and "og" in text:
        text = _OLDER.sub(_tens_first, text.replace("-og-", "og"))
    if token.kind == "word" and text not in known and _COMPOUND.fullmatch(text):
        return _PART.findall(text)
    return [text]


def written_out(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read a number in words that begins at a place: its value and the place after it.

    ``two hundred and fifty thousand``, ``halvannen million``, ``one and a half``, ``a quarter of a
    million``. A lone article is no number, nor are ``a few thousand`` and ``a third of a million``.
    None if there is none.
    """
    if _is_vague(tokens, at) or is_after_point(tokens, at):
        return None
    whole = _quarters(tokens, at) or _with_point(tokens, at)
    if whole is not None:
        return whole
    total, part, scale, seen = Decimal(0), Decimal(0), 1, False
    place = end = at
    while place < len(tokens):
        pieces = _pieces(tokens[place])
        if len(pieces) == 1 and pieces[0] not in {*_UNITS, *HUNDREDS, *_WORD_SCALES}:
            small = _small(tokens, place, seen)
            if small is not None:
                value, place = small
                more = _text(tokens, place) in _WORD_SCALES
                part += value if part or more else value * scale  # a million and a half
                seen, end = True, place
                continue
            opens = _opens(tokens, place) and not seen
            if not opens and not _joins(tokens, place, part, seen):
                break
            part, seen = (Decimal(1), True) if opens else (part, seen)
            place += 1
            continue
        added = _added(tokens, place, pieces, total, part)
        if added is None or (not seen and _is_lone_scale(pieces)):
            break
        (total, part), seen = added, True
        scale = _WORD_SCALES.get(pieces[-1], scale)
        place += 1
        end = place
    return (total + part, end) if seen and end > at else None


def _is_lone_scale(pieces: list[str]) -> bool:
    """Whether a number would begin with a scale: ``tusen kroner`` does, ``thousand`` does not."""
    return pieces[0] in {*HUNDREDS, *_WORD_SCALES} and pieces[0] not in {"tusen", "hundre"}


def _added(
    tokens: Sequence[Token], place: int, pieces: list[str], total: Decimal, part: Decimal
) -> tuple[Decimal, Decimal] | None:
    """Add a word to the number so far; None where it cannot belong to it: ``two three``."""
    for piece in pieces:
        if piece in HUNDREDS:
            if part >= 100:
                return None
            part = (part or 1) * Decimal(100)
        elif piece in _WORD_SCALES:
            if total % (1000 * _WORD_SCALES[piece]):
                return None  # a thousand thousand: each scale is smaller than the one before
            total += (part or 1) * Decimal(_WORD_SCALES[piece])
            part = Decimal(0)
        elif piece in _UNITS:
            if piece == "to" and len(pieces) == 1 and _text(tokens, place + 1) not in _AFTER_TWO:
                return None
            rest = part % 100
            fits = not rest or (rest >= 20 and not rest % 10 and 0 < _UNITS[piece] < 10)
            if not fits:
                return None
            part += _UNITS[piece]
    return total, part


def _opens(tokens: Sequence[Token], place: int) -> bool:
    """Whether an article stands for one: ``a hundred``, ``en million``."""
    after = _text(tokens, place + 1)
    if _text(tokens, place) not in _ARTICLES:
        return False
    half = after in _AND and half_after(tokens, place + 1) is not None  # en og en halv
    return half or after in HUNDREDS or after in _WORD_SCALES


def _joins(tokens: Sequence[Token], place: int, part: Decimal, seen: bool) -> bool:
    """Whether ``and`` or a hyphen goes on with a number: ``two hundred and five``, ``thirty-one``.

    ``four-five`` is a range, and no number.
    """
    text, after = _text(tokens, place), _text(tokens, place + 1)
    if text in _AND:
        return seen and _goes_on(tokens, place + 1)
    return text == "-" and seen and part % 100 >= 20 and 0 < _UNITS.get(after, 0) < 10


def number(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read a number in digits or in words: its value and the place after it, scales of words only.

    ``2``, ``1 1/2``, ``2 and a half``, ``two hundred``. None if there is none.
    """
    value = digits(tokens[at]) if at < len(tokens) else None
    if value is None:
        return written_out(tokens, at) if at < len(tokens) else None
    half = half_after(tokens, at + 1)
    return (value, at + 1) if half is None else (value + Decimal("0.5"), half)


def half_after(tokens: Sequence[Token], at: int) -> int | None:
    """Return the place after ``and a half``, ``og et halvt``, that may follow a number."""
    if _text(tokens, at) not in _AND:
        return None
    place = at + 2 if _text(tokens, at + 1) in _ARTICLES else at + 1
    return place + 1 if _text(tokens, place) in _HALVES else None


def ends_a_number(tokens: Sequence[Token], end: int) -> bool:
    """Whether what stands right before a place is a number, in digits or in words."""
    starts = range(max(end - _LONGEST_NUMBER, 0), end)
    return any((found := number(tokens, at)) is not None and found[1] == end for at in starts)


def _with_point(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``one point five million`` and ``to komma fem millioner``."""
    if _text(tokens, at) not in _UNITS or _text(tokens, at + 1) not in _POINTS:
        return None
    place, decimals = at + 2, ""
    while 0 <= _UNITS.get(_text(tokens, place), -1) < 10:
        decimals += str(_UNITS[_text(tokens, place)])
        place += 1
    scale = _WORD_SCALES.get(_text(tokens, place))
    if not decimals or scale is None:
        return None
    return Decimal(f"{_UNITS[_text(tokens, at)]}.{decimals}") * scale, place + 1


def is_unread_scale(tokens: Sequence[Token], at: int, known: frozenset[str]) -> bool:
    """Whether a hundred, a thousand or more follows a word that is no number and not ``known``.

    How many there are stands in that word, then: ``umpteen thousand``, ``femm tusen``.
    """
    if at < 1 or tokens[at].kind != "word" or tokens[at - 1].kind != "word":
        return False
    if _pieces(tokens[at])[0] not in _COUNTED:
        return False
    before = _pieces(tokens[at - 1])
    return len(before) == 1 and before[0] not in known | _BEFORE_SCALE


def is_after_point(tokens: Sequence[Token], at: int) -> bool:
    """Whether what begins at a place is but a number's decimals: five in ``one point five``."""
    if at < len(tokens) and digits(tokens[at]) is None and _text(tokens, at) not in _UNITS:
        return False
    place = at
    while place > 0 and _text(tokens, place - 1) in _UNITS:
        place -= 1
    before = tokens[place - 2] if place > 1 else None
    return _text(tokens, place - 1) in _POINTS and before is not None and (
        before.text in NUMBER_WORDS or digits(before) is not None
    )  # fmt: skip


def _is_vague(tokens: Sequence[Token], at: int) -> bool:
    before, first = _text(tokens, at - 1), _text(tokens, at)
    if before in ("of", "av"):
        before = _text(tokens, at - 2)
    if first in _ARTICLES:
        return before in _PARTS_OF
    return before in _VAGUE | _PARTS_OF and (first in HUNDREDS or first in _WORD_SCALES)


def _quarters(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``a quarter of a million``, ``three quarters of a million``, ``en kvart million``."""
    count, place = Decimal(1), at
    if _text(tokens, at) in {*_UNITS, *_ARTICLES} and _text(tokens, at + 1) in _QUARTERS:
        count, place = Decimal(_UNITS.get(_text(tokens, at), 1)), at + 1
    if _text(tokens, place) not in _QUARTERS:
        return None
    place += 1
    if _text(tokens, place) in ("of", "av"):
        place += 1
    if _text(tokens, place) in _ARTICLES:
        place += 1
    scale = _WORD_SCALES.get(_text(tokens, place))
    return None if scale is None else (count / 4 * scale, place + 1)


_COUNTED = frozenset({*HUNDREDS, *_WORD_SCALES} - {"grand"})
_BEFORE_SCALE = frozenset(
    {*NUMBER_WORDS, *_ARTICLES, *_HALVES, *_AND, *_POINTS, *_QUARTERS, *_VAGUE, *_PARTS_OF, *SCALES,
     "halvannen", "halvannet"}
)  # fmt: skip


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""


def _small(tokens: Sequence[Token], at: int, seen: bool) -> tuple[Decimal, int] | None:
    """Read a half: ``half a``, ``a half``, ``en halv``, ``halvannen`` (one and a half)."""
    here = [token.text for token in tokens[at : at + 3]]
    if here[:1] == ["halvannen"] or here[:1] == ["halvannet"]:
        return (Decimal("1.5"), at + 1) if not seen else None
    if len(here) > 1 and here[0] in _HALVES and here[1] in _ARTICLES and not seen:
        return Decimal("0.5"), at + 2
    if len(here) > 1 and here[0] in _ARTICLES and here[1] in _HALVES:
        return Decimal("0.5"), at + 2
    if here and here[0] in _HALVES and not seen:
        return Decimal("0.5"), at + 1
    return None


def _goes_on(tokens: Sequence[Token], at: int) -> bool:
    if at >= len(tokens):
        return False
    text = tokens[at].text
    after = tokens[at + 1].text if at + 1 < len(tokens) else ""
    return (
        text in _UNITS
        or text in HUNDREDS
        or len(_pieces(tokens[at])) > 1
        or (text in _ARTICLES and (after in _HALVES or after in HUNDREDS))
    )
