"""Splits a goal's text into words and numbers, and reads numbers written out as words.

English and Norwegian. Knows nothing of money, time or goals; decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

_THIN = " \u00a0\u202f"
_TOKEN = re.compile(
    rf"""
    (?P<date>\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}})(?!\d)
    |(?P<grouped>\d{{1,3}}(?:(?P<mark>[{_THIN}.,'’])\d{{3}})(?:(?P=mark)\d{{3}})*(?:[.,]\d{{1,2}})?)(?!\d)
    |(?P<plain>\d+(?:[.,]\d+)?)
    |(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)?)
    |(?P<sign>[^\w\s])
    """,
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, date or sign. ``text`` is lower case; ``start`` and ``end`` are places."""

    kind: str
    text: str
    start: int
    end: int


def split(text: str) -> list[Token]:
    """Return the tokens of a text in order."""
    found = []
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or "sign"
        kind = "grouped" if kind == "mark" else kind
        found.append(Token(kind, match[0].lower(), match.start(), match.end()))
    return found


_GROUPED_DECIMAL = re.compile(r"[.,]\d{1,2}\Z")


def digits(token: Token, *, scaled: bool = False) -> Decimal | None:
    """Return the value of a number in digits; None for what is no number.

    ``15.000`` and ``15,000`` are thousands unless a scale follows (``scaled``): ``1.500 million``.
    """
    text = token.text
    if token.kind == "plain":
        return Decimal(text.replace(",", "."))
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


_UNITS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
    "null": 0, "ett": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "sju": 7, "syv": 7,
    "åtte": 8, "ni": 9, "ti": 10, "elleve": 11, "tolv": 12, "tretten": 13, "fjorten": 14,
    "femten": 15, "seksten": 16, "sytten": 17, "atten": 18, "nitten": 19, "tjue": 20, "tyve": 20,
    "tretti": 30, "tredve": 30, "førti": 40, "femti": 50, "seksti": 60, "sytti": 70, "åtti": 80,
    "nitti": 90,
}  # fmt: skip
_ARTICLES = frozenset({"a", "an", "one", "en", "et", "ett", "ei"})
_HUNDREDS = frozenset({"hundred", "hundre"})
SCALES = {
    "k": 1_000, "thousand": 1_000, "grand": 1_000, "tusen": 1_000,
    "m": 1_000_000, "mn": 1_000_000, "mio": 1_000_000, "mill": 1_000_000, "mil": 1_000_000,
    "million": 1_000_000, "millions": 1_000_000, "millioner": 1_000_000,
    "bn": 1_000_000_000, "billion": 1_000_000_000, "milliard": 1_000_000_000,
    "milliarder": 1_000_000_000,
}  # fmt: skip
_WORD_SCALES = {name: size for name, size in SCALES.items() if len(name) > 3 and name != "mill"}
_HALVES = frozenset({"half", "halv", "halvt", "halve"})
_AND = frozenset({"and", "og"})
_PARTS = sorted({*_UNITS, *_HUNDREDS, "tusen", "og"} - {"to"}, key=len, reverse=True)
_COMPOUND = re.compile(f"(?:{'|'.join([*_PARTS, 'to(?=hundre|tusen)'])})+")
_PART = re.compile("|".join([*_PARTS, "to(?=hundre|tusen)"]))


def _pieces(token: Token) -> list[str]:
    """Return a Norwegian compound in its parts: femtitusen is femti tusen."""
    text = token.text
    known = {*_UNITS, *_ARTICLES, *_HUNDREDS, *_WORD_SCALES, *_HALVES, *_AND}
    if token.kind == "word" and text not in known and _COMPOUND.fullmatch(text):
        return _PART.findall(text)
    return [text]


def written_out(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read a number in words that begins at a place: its value and the place after it.

    ``two hundred and fifty thousand``, ``halvannen million``, ``one and a half``. A lone article
    is no number. None if there is none.
    """
    total, part, seen = Decimal(0), Decimal(0), False
    place = end = at
    while place < len(tokens):
        token = tokens[place]
        pieces = _pieces(token)
        after = tokens[place + 1].text if place + 1 < len(tokens) else ""
        if len(pieces) == 1 and pieces[0] not in {*_UNITS, *_HUNDREDS, *_WORD_SCALES}:
            small = _small(tokens, place, seen)
            if small is not None:
                value, place = small
                part += value
                seen, end = True, place
                continue
            joins = pieces[0] in _AND and seen and _goes_on(tokens, place + 1)
            hyphen = token.text == "-" and seen and after in _UNITS
            opens = pieces[0] in _ARTICLES and (after in _HUNDREDS or after in _WORD_SCALES)
            if opens and not seen:
                part, seen = Decimal(1), True
            elif not joins and not hyphen:
                break
            place += 1
            continue
        for piece in pieces:
            if piece in _HUNDREDS:
                part = (part or 1) * Decimal(100)
            elif piece in _WORD_SCALES:
                total += (part or 1) * Decimal(_WORD_SCALES[piece])
                part = Decimal(0)
            elif piece in _UNITS:
                part += _UNITS[piece]
        if not seen and pieces[0] in {*_HUNDREDS, *_WORD_SCALES} and at == place:
            seen = pieces[0] in {"tusen", "hundre"}  # "tusen kroner", but not "thousand"
            if not seen:
                return None
        seen = True
        place += 1
        end = place
    return (total + part, end) if seen and end > at else None


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
        or text in _HUNDREDS
        or len(_pieces(tokens[at])) > 1
        or (text in _ARTICLES and (after in _HALVES or after in _HUNDREDS))
    )
