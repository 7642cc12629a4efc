"""Reads days, months, quarters, seasons and years in a goal's text, as whole months from today.

English and Norwegian. Spans and ages stand in ``times``. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from strongroom.goals.parsing.words import SCALES, Token, digits

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar jan", "february februar feb", "march mars mar", "april apr",
            "may mai", "june juni jun", "july juli", "august aug", "september sept sep",
            "october oktober oct okt", "november nov", "december desember dec des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_EASTER = frozenset("easter påske påsken".split())
_FIRST_MONTH = {
    **dict.fromkeys("spring vår våren".split(), 3),
    **dict.fromkeys("summer sommer sommeren".split(), 6),
    **dict.fromkeys("autumn fall høst høsten".split(), 9),
    **dict.fromkeys("winter vinter vinteren".split(), 12),
    **dict.fromkeys("christmas xmas jul julen juleferien".split(), 12),
    **dict.fromkeys("nyttår newyear".split(), 1),
    **dict.fromkeys(_EASTER, 4),
}
NEXT = frozenset({"next", "neste", "coming", "kommende"})
BY = frozenset("by before in until till to of from til innen før i fra av since circa".split())
_EARLY = {"early": 1, "mid": 7, "middle": 7, "midten": 7, "late": 12, "tidlig": 1, "sent": 12}
_END = frozenset({"end", "slutten", "utgangen"})
_QUARTER = frozenset({"q", "quarter", "kvartal"})
_FIXED = frozenset("for save saving need spare sparer trenger want cost costs budget".split())


@dataclass(slots=True)
class Found:
    """A time in a text: places of its first token and after its last, and its months from today.

    ``months`` is None where it has to be asked about (``asks``). The heavier one counts.
    """

    at: int
    end: int
    months: int | None
    asks: str | None = None
    assumed: str | None = None
    weight: int = 1


def day_found(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read a date, a month, a quarter, a season or a year that begins at a place."""
    return (
        _date(tokens, at, today)
        or _quarter(tokens, at, today)
        or _season(tokens, at, today)
        or _end_of(tokens, at, today)
        or _year(tokens, at, today)
    )


def lone_year(tokens: Sequence[Token], used: set[int], today: date) -> Found | None:
    """Read a year that stands alone, ``world trip 2029, 40k``, where nothing else says when.

    Only beside another number, which is then the amount: ``save 2100 for a bike`` is 2100.
    """
    for place, token in enumerate(tokens):
        is_near = token.kind == "plain" and is_year(tokens, place)
        if not is_near or not today.year <= int(token.text) <= today.year + 60 or place in used:
            continue
        beside = {_text(tokens, place - 1), _text(tokens, place + 1)}
        money = any(one in "$€£¥₹" or one in SCALES or one in _MONEY for one in beside if one)
        others = any(
            digits(one) is not None and number not in {*used, place}
            for number, one in enumerate(tokens)
        )
        if others and not money and _text(tokens, place - 1) not in _FIXED:
            return Found(place, place + 1, months_to(today, int(token.text), 1))
    return None


_MONEY = frozenset("usd eur gbp nok sek dkk kr kroner krone dollars dollar euros euro kr.".split())


def _date(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    token = tokens[at]
    if token.kind == "date":
        if re.fullmatch(r"\d{1,2}/\d{4}", token.text):
            month, year = (int(part) for part in token.text.split("/"))
            asks = None if 1 <= month <= 12 else "date"
            return Found(at, at + 1, None if asks else months_to(today, year, month), asks, None, 5)
        day = _read_date(token.text)
        if day is None:
            return Found(at, at + 1, None, asks="date", weight=5)
        return Found(at, at + 1, months_between(today, day), weight=5)
    month = _MONTHS.get(token.text, 0)
    if not month or not _is_month(tokens, at):
        return None
    begin, end, day_number = _around_month(tokens, at)
    if is_year(tokens, end):
        year, end, weight = int(tokens[end].text), end + 1, 5
    else:
        end, weight = at + 1, 4
        year = today.year + (month <= today.month)
    months = months_to(today, year, month)
    if day_number:
        # As a date in digits: only whole months are there to save in.
        months -= day_number < today.day
    return Found(begin, end, months, weight=weight)


def _around_month(tokens: Sequence[Token], at: int) -> tuple[int, int, int]:
    """Return where a date around a month begins, where its year would stand, and its day or 0."""
    begin, end, day = at, at + 1, 0
    back = at - 1
    while back > at - 4 and _text(tokens, back) in (".", "st", "nd", "rd", "th", "of"):
        back -= 1
    if back >= 0 and tokens[back].kind == "plain" and _is_day(tokens[back].text):
        begin, day = back, int(tokens[back].text)
    while end < len(tokens) and end <= at + 4 and not is_year(tokens, end):
        if not day and tokens[end].kind == "plain" and _is_day(tokens[end].text):
            day = int(tokens[end].text)
        elif tokens[end].text not in (",", ".", "st", "nd", "rd", "th"):
            break
        end += 1
    if day and begin == at and not is_year(tokens, end) and not _is_dated(tokens, at):
        day = 0  # May 5 bikes: the number is another's
    return begin, end, day


def _is_day(text: str) -> bool:
    return text.isdigit() and len(text) <= 2 and 1 <= int(text) <= 31


def _is_dated(tokens: Sequence[Token], at: int) -> bool:
    return _text(tokens, at + 2) in ("", ",", ".", "st", "nd", "rd", "th")


def _is_month(tokens: Sequence[Token], at: int) -> bool:
    """Tell the months May and March and the Norwegian ``mars`` from the words spelled so."""
    if tokens[at].text not in ("may", "mar", "march", "mars", "jan", "des", "sep"):
        return True
    before = _text(tokens, at - 1)
    return (
        before in BY
        or is_year(tokens, at + 1)
        or before.isdigit()
        or before in NEXT
        or (before == "." and _text(tokens, at - 2).isdigit())
        or before in ("st", "nd", "rd", "th")
        or (_is_day(_text(tokens, at + 1)) and _is_dated(tokens, at))
    )


def _read_date(text: str) -> date | None:
    if re.match(r"\d{4}-", text):
        year, month, day = (int(part) for part in text.split("-"))
    else:
        first, second, year = (int(part) for part in re.split("[-./]", text))
        # Which of them is the month differs from country to country, but not in 31/12-2027.
        is_open = text.count("/") == 2 and first <= 12 and second <= 12
        if is_open and first != second:
            return None
        swapped = "/" in text and second > 12
        day, month = (second, first) if swapped else (first, second)
        year += 2000 if year < 100 else 0
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _quarter(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read ``Q3 2028`` and ``3. kvartal 2028``; without its year it is asked about."""
    here = [_text(tokens, place) for place in range(at, at + 4)]
    if here[0] == "q" and here[1] in ("1", "2", "3", "4"):
        number, end = int(here[1]), at + 2
    elif here[0] in ("1", "2", "3", "4") and here[1] == "." and here[2] == "kvartal":
        number, end = int(here[0]), at + 3
    else:
        return None
    if _text(tokens, end) == "of":
        end += 1
    if not is_year(tokens, end):
        return None
    return Found(at, end + 1, months_to(today, int(tokens[end].text), 3 * number - 2), weight=4)


def _season(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    text, before = tokens[at].text, _text(tokens, at - 1)
    if text == "new" and _text(tokens, at + 1).startswith("year"):
        month, end = 1, at + 2
    elif text in _FIRST_MONTH:
        month, end = _FIRST_MONTH[text], at + 1
    else:
        return None
    if is_year(tokens, end):
        year = int(tokens[end].text)
        month = _easter_month(year) if text in _EASTER else month
        return Found(at, end + 1, months_to(today, year, month), weight=4)
    if before not in BY | NEXT | {"this", "til", "the", "denne", "at", "over"}:
        return None
    year = today.year + (month <= today.month)
    # Said in spring, "next summer" is not the one that begins in a few weeks.
    if before in NEXT and year == today.year and month - today.month <= 3:
        year += 1
    month = _easter_month(year) if text in _EASTER else month
    begin = at - 1 if before in NEXT else at
    return Found(begin, end, months_to(today, year, month), weight=2)


def _easter_month(year: int) -> int:
    """Return the month of Easter Sunday, by Oudin's rule for the Gregorian calendar."""
    golden, century = year % 19, year // 100
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    sunday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    return 3 + (moon - sunday + 40) // 44


def _end_of(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read ``the end of next year``, ``this year``, ``next month``, ``årsskiftet 2027/28``."""
    text, after = tokens[at].text, _text(tokens, at + 1)
    if text == "årsskiftet":
        if not is_year(tokens, at + 1):
            return Found(at, at + 1, months_to(today, today.year + 1, 1), weight=2)
        end = at + 4 if _text(tokens, at + 2) in ("/", "-", "–") else at + 2
        return Found(at, end, months_to(today, int(after) + 1, 1), weight=4)
    said_end = any(_text(tokens, place) in _END for place in range(max(at - 3, 0), at))
    is_span = after in ("year", "år", "året", "years", "year's")
    if text in NEXT and is_span:
        if said_end:
            return Found(at, at + 2, months_to(today, today.year + 2, 1), weight=4)
        return Found(at, at + 2, None, asks="when_next_year", weight=2)
    if text in NEXT and after in ("month", "måned"):
        return Found(at, at + 2, 1, weight=4)
    ours = (text in ("this", "the") and is_span) or text == "året"
    if ours and (said_end or text == "this"):
        end = at + 1 if text == "året" else at + 2
        return Found(at, end, months_to(today, today.year + 1, 1), weight=4)
    return None


def _year(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    if not is_year(tokens, at):
        return None
    before = _text(tokens, at - 1)
    if before not in BY | {"year", "år", "året", "-", "end", "summer", *_EARLY}:
        return None
    if before == "-" and _text(tokens, at - 2) not in _EARLY:
        return None
    year = int(tokens[at].text)
    near = [_text(tokens, place) for place in range(max(at - 4, 0), at)]
    if _END & {*near}:
        return Found(at, at + 1, months_to(today, year + 1, 1), weight=4)
    month = next((_EARLY[word] for word in near if word in _EARLY), 1)
    return Found(at, at + 1, months_to(today, year, month), weight=4)


def months_between(today: date, day: date) -> int:
    """Return the whole months from one day to another: 21 November to 20 June are six."""
    return months_to(today, day.year, day.month) - (day.day < today.day)


def months_to(today: date, year: int, month: int) -> int:
    """Return how many months later than today's a month is."""
    return (year - today.year) * 12 + month - today.month


def is_year(tokens: Sequence[Token], at: int) -> bool:
    """Whether four digits look like a year."""
    text = _text(tokens, at)
    return len(text) == 4 and text.isdigit() and 1990 <= int(text) <= 2199


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
