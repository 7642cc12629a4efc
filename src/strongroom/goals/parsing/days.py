"""Reads days, months, quarters, seasons and years in a goal's text, as whole months from today.

English and Norwegian. Spans and ages stand in ``times``. Pure.
"""

from __future__ import annotations

import re
from calendar import monthrange
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
_CHRISTMAS = frozenset("christmas xmas jul julen juleferien".split())
_FIRST_MONTH = {
    **dict.fromkeys("spring vår våren".split(), 3),
    **dict.fromkeys("summer sommer sommeren".split(), 6),
    **dict.fromkeys("autumn fall høst høsten".split(), 9),
    **dict.fromkeys("winter vinter vinteren".split(), 12),
    **dict.fromkeys(_CHRISTMAS, 12),
    **dict.fromkeys("nyttår newyear".split(), 1),
    "nyttårsaften": 12,
    **dict.fromkeys(_EASTER, 4),
}
_LONG = frozenset("spring vår våren summer sommer sommeren autumn fall høst høsten winter vinter"
                  " vinteren".split())  # fmt: skip
NEXT = frozenset({"next", "neste", "coming", "kommende"})
BY = frozenset("by before in until till to of from til innen før i fra av since circa".split())
_JOINS = frozenset("- – / to or til eller and og".split())
_ORDINALS = {
    **{str(n): n for n in range(1, 5)},
    **dict.fromkeys(("first", "første"), 1), **dict.fromkeys(("second", "andre"), 2),
    **dict.fromkeys(("third", "tredje"), 3),
    **dict.fromkeys(("fourth", "fjerde", "last", "final", "siste"), 4),
}  # fmt: skip
_NORWEGIAN = frozenset("januar februar mars mai juni juli oktober desember okt des".split())
_EARLY = {
    **dict.fromkeys("start beginning starten begynnelsen early tidlig".split(), 1),
    **dict.fromkeys("mid middle midten".split(), 7),
    **dict.fromkeys("late sent".split(), 12),
}
_END = frozenset({"end", "slutten", "utgangen"})
_OF_A_YEAR = frozenset("year class course løpet rest years".split())
"""Before ``of 2028``: the year itself is meant, and no part of it."""
_DEADLINE = frozenset("by before until till to til innen før".split())
"""Before a year: it is to be there when that year begins."""
_SINCE = frozenset("from fra since".split())
_PARTS = {
    **dict.fromkeys(("q", "quarter", "kvartal"), 3),
    **dict.fromkeys(("h", "half", "halvår", "halvdel"), 6),
}
"""Parts of a year and their months."""
_STOPS = frozenset(", . ; ! ? for til to save spare".split()) | {""}
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
    """Read a date, a month, a quarter, a season or a year that begins at a place.

    One that goes on, such as ``2027 or 2028`` and ``summer 28``, is asked about.
    """
    found = (
        _date(tokens, at, today)
        or _part_of_year(tokens, at, today)
        or _season(tokens, at, today)
        or _year_end(tokens, at, today)
        or _end_of(tokens, at, today)
        or _year(tokens, at, today)
    )
    return None if found is None else _or_another(tokens, found)


def _or_another(tokens: Sequence[Token], found: Found) -> Found:
    """Ask about a time that goes on with another year: ``2027 or 2028``, ``2027/28``."""
    whole_year = found.asks == "when_year"
    if not (whole_year or found.months) or _text(tokens, found.end) not in _JOINS:
        return found
    join, short = tokens[found.end], _text(tokens, found.end + 1)
    glued = tokens[found.end - 1].end == join.start and len(short) == 2 and short.isdigit()
    glued = glued and join.end == tokens[found.end + 1].start
    other = (0, found.end + 2) if glued else year_at(tokens, found.end + 1)
    return found if other is None else Found(found.at, other[1], None, "two_times", weight=5)


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
            alone = Found(place, place + 1, None, asks="when_year")
            return _or_another(tokens, alone)
    return None


_MONEY = frozenset("usd eur gbp nok sek dkk kr kroner krone dollars dollar euros euro kr.".split())


def _date(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    token = tokens[at]
    if token.kind == "date":
        return _in_digits(token.text, at, today)
    day = token.kind == "part" and _text(tokens, at - 1) in BY
    if day and (digits(token) is None or is_year(tokens, at + 1)):
        end = at + 2 if is_year(tokens, at + 1) else at + 1
        return Found(at, end, None, asks="date", weight=5)  # by 06/28: a day, or a month
    month = _MONTHS.get(token.text, 0)
    if not month or not _is_month(tokens, at):
        return None
    begin, end, day_number = _around_month(tokens, at)
    said = year_at(tokens, end) or _relative_year(tokens, end, today)
    if said is not None:
        year, end, weight = said[0], said[1], 5
    elif _may_be_a_year(tokens, at, begin):
        return Found(at, at + 2, None, asks="date", weight=5)  # innen juni 28, by June 40
    else:
        end, weight = at + 1, 4
        year = today.year + ((month, day_number) <= (today.month, today.day))
    months = _whole_months(today, year, month, day_number or (1 if _is_start(tokens, at) else 31))
    return Found(begin, end, months, weight=weight)


def _in_digits(text: str, at: int, today: date) -> Found:
    """Read a date in digits, or a month: ``06/2028`` and ``2028-06``."""
    numbers = [int(one) for one in re.split("[-./]", text)]
    if len(numbers) == 2:
        month, year = sorted(numbers)
        asks = None if 1 <= month <= 12 else "date"
        return Found(at, at + 1, None if asks else months_to(today, year, month), asks, None, 5)
    day = _read_date(text)
    if day is None:
        return Found(at, at + 1, None, asks="date", weight=5)
    return Found(at, at + 1, months_between(today, day), weight=5)


def _may_be_a_year(tokens: Sequence[Token], at: int, begin: int) -> bool:
    """Whether two digits after a month or a season may be a year, and not a day or a count."""
    short = _text(tokens, at + 1)
    if not (len(short) == 2 and short.isdigit() and tokens[at + 1].kind == "plain"):
        return False
    ends = _text(tokens, at + 2) in _STOPS
    if tokens[at].text in _FIRST_MONTH:
        return ends
    only_norwegian = tokens[at].text in _NORWEGIAN and begin == at and int(short) > 12
    return ends and (int(short) > 31 or only_norwegian)


def _around_month(tokens: Sequence[Token], at: int) -> tuple[int, int, int]:
    """Return where a date around a month begins, where its year would stand, and its day or 0."""
    begin, end, day = at, at + 1, 0
    back = at - 1
    while back > at - 4 and _text(tokens, back) in (".", "st", "nd", "rd", "th", "of"):
        back -= 1
    if back >= 0 and tokens[back].kind == "plain" and _is_day(tokens[back].text):
        begin, day = back, int(tokens[back].text)
    while end < len(tokens) and end <= at + 4 and year_at(tokens, end) is None:
        if not day and tokens[end].kind == "plain" and _is_day(tokens[end].text):
            day = int(tokens[end].text)
        elif tokens[end].text not in (",", ".", "st", "nd", "rd", "th", "of", "i", "in"):
            break
        end += 1
    if day and begin == at and year_at(tokens, end) is None and not _is_dated(tokens, at):
        day = 0  # May 5 bikes: the number is another's
    return begin, end, day


def _is_start(tokens: Sequence[Token], at: int) -> bool:
    """Whether the first day of a month is meant: before June, the beginning of June."""
    near = [_text(tokens, place) for place in range(max(at - 3, 0), at)]
    return near[-1:] in (["before"], ["før"]) or any(_EARLY.get(word) == 1 for word in near)


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
        or year_at(tokens, at + 1) is not None
        or before.isdigit()
        or before in NEXT
        or (before == "." and _text(tokens, at - 2).isdigit())
        or before in ("st", "nd", "rd", "th")
        or (_is_day(_text(tokens, at + 1)) and _is_dated(tokens, at))
    )


def _read_date(text: str) -> date | None:
    if re.match(r"\d{4}", text):
        year, month, day = (int(part) for part in re.split("[-./]", text))
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


def _part_of_year(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read ``Q3 2028``, ``2nd quarter of 2028``, ``3. kvartal 2028`` and ``H1 2028``.

    Without its year it is asked about.
    """
    number, length, end = _part_number(tokens, at)
    after = _after_of(tokens, end)
    said = (year_at(tokens, after) or _relative_year(tokens, after, today)) if number else None
    if said is None:
        return None
    month = number * length - (0 if _is_late(tokens, at) else length - 1)
    return Found(at, said[1], months_to(today, said[0], month), weight=4)


def _part_number(tokens: Sequence[Token], at: int) -> tuple[int, int, int]:
    """Return which part of a year is named at a place, its months, and the place after it.

    The first is 0 where none is.
    """
    first, second = _text(tokens, at), _text(tokens, at + 1)
    if first in ("q", "h"):
        number, length, end = _ORDINALS.get(second, 0), _PARTS[first], at + 2
    else:
        end = at + 2 if second in (".", "st", "nd", "rd", "th") else at + 1
        length = _PARTS.get(_text(tokens, end), 0)
        number, end = _ORDINALS.get(first, 0) if length else 0, end + 1
    if first in ("last", "siste", "final") and length:
        number = 12 // length
    return (number, length, end) if number * length <= 12 else (0, 0, at)


def _is_late(tokens: Sequence[Token], at: int) -> bool:
    """Whether the end of what begins at a place is meant: the end of Q3, late summer."""
    near = {_text(tokens, place) for place in range(max(at - 3, 0), at)}
    return bool(near & {*_END, "late", "sent"})


def _after_of(tokens: Sequence[Token], at: int) -> int:
    """Return the place after what may stand between a season and its year: of, in, a comma."""
    return at + 1 if _text(tokens, at) in ("of", "i", "in", ",", "/", "av") else at


def _season(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    name, end = _season_name(tokens, at)
    if not name:
        return None
    before, after = _text(tokens, at - 1), _after_of(tokens, end)
    said = year_at(tokens, end) or year_at(tokens, after)
    said = said or _relative_year(tokens, end, today) or _relative_year(tokens, after, today)
    if said is None and end < len(tokens) and tokens[end].kind == "word":
        said = year_at(tokens, end + 1)  # fall semester 2028
    late = name in _LONG and _is_late(tokens, at)
    if said is not None:
        return Found(at, said[1], _until(today, name, said[0], late=late), weight=4)
    if before not in BY | NEXT | {"this", "til", "the", "denne", "at", "over"}:
        return None
    if name in _FIRST_MONTH and _may_be_a_year(tokens, at, at):
        return Found(at, at + 2, None, asks="date", weight=4)
    day = _day_of(name, today.year)
    month = day.month if day is not None else _FIRST_MONTH[name]
    gone = day <= today if day is not None else month <= today.month
    year = today.year + gone
    # Said in spring, "next summer" is not the one that begins in a few weeks.
    if before in NEXT and not gone and month - today.month <= 3:
        year += 1
    begin = at - 1 if before in NEXT else at
    return Found(begin, end, _until(today, name, year, late=late), weight=2)


def _season_name(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """Return the season or the feast at a place, and the place after it; '' where there is none."""
    text = tokens[at].text
    if text == "new" and _text(tokens, at + 1).startswith("year"):
        eve = _text(tokens, at + 2) == "eve"
        return ("nyttårsaften", at + 3) if eve else ("nyttår", at + 2)
    return (text, at + 1) if text in _FIRST_MONTH else ("", at)


def _until(today: date, name: str, year: int, *, late: bool) -> int:
    """Return the whole months until a season's first month, its last if ``late``, or a feast."""
    day = _day_of(name, year)
    if day is not None:
        return months_between(today, day)
    return months_to(today, year, _FIRST_MONTH[name] + (2 if late else 0))


def _day_of(name: str, year: int) -> date | None:
    """Return the day of a feast in a year; None for a season. Christmas is wanted by its eve."""
    if name in _EASTER:
        return _easter(year)
    if name in _CHRISTMAS:
        return date(year, 12, 24)
    if name == "nyttårsaften":
        return date(year, 12, 31)
    return date(year, 1, 1) if _FIRST_MONTH[name] == 1 else None


def _easter(year: int) -> date:
    """Return Easter Sunday, by Oudin's rule for the Gregorian calendar."""
    golden, century = year % 19, year // 100
    moon = (19 * golden + century - century // 4 - (8 * century + 13) // 25 + 15) % 30
    moon -= (moon // 28) * (1 - (moon // 28) * (29 // (moon + 1)) * ((21 - golden) // 11))
    sunday = (year + year // 4 + moon + 2 - century + century // 4) % 7
    month = 3 + (moon - sunday + 40) // 44
    return date(year, month, moon - sunday + 28 - 31 * (month // 4))


def _end_of(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read ``the end of next year``, ``this year``, ``next month``, ``årsskiftet 2027/28``."""
    text, after = tokens[at].text, _text(tokens, at + 1)
    if text == "årsskiftet":
        if not is_year(tokens, at + 1):
            return Found(at, at + 1, _to_year(today, today.year + 1), weight=2)
        end = at + 4 if _text(tokens, at + 2) in ("/", "-", "–") else at + 2
        return Found(at, end, _to_year(today, int(after) + 1), weight=4)
    said_end = any(_text(tokens, place) in _END for place in range(max(at - 3, 0), at))
    is_span = after in ("year", "år", "året", "years", "year's")
    if text in NEXT and is_span:
        if said_end:
            return Found(at, at + 2, months_to(today, today.year + 1, 12), weight=4)
        return Found(at, at + 2, None, asks="when_next_year", weight=2)
    if text in NEXT and after in ("month", "måned"):
        return Found(at, at + 2, 1, weight=4)
    this = _relative_year(tokens, at, today)
    ours = (text == "the" and is_span) or text == "året" or this is not None
    ours = ours or (text == "year" and _text(tokens, at - 1) == "of")
    end = at + 2 if this is not None or text == "the" else at + 1
    if ours and said_end and year_at(tokens, end) is None:  # not: the end of the year 2028
        return Found(at, end, months_to(today, today.year, 12), weight=4)
    return None if this is None else Found(at, end, None, asks="when_year", weight=2)


def _year_end(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    """Read ``EOY 2028``, ``year end``, ``year-end 2028`` and ``årsslutt``."""
    text, after = tokens[at].text, _text(tokens, at + 1)
    end = 0
    if text in ("eoy", "yearend", "årsslutt"):
        end = at + 1
    elif text in ("year", "year's", "års", "årets") and after in ("end", "slutt"):
        end = at + 2
    elif text == "year" and after == "-" and _text(tokens, at + 2) == "end":
        end = at + 3
    if not end:
        return None
    year, end = year_at(tokens, _after_of(tokens, end)) or (today.year, end)
    return Found(at, end, months_to(today, year, 12), weight=4)


def _year(tokens: Sequence[Token], at: int, today: date) -> Found | None:
    said = year_at(tokens, at)
    if said is None or tokens[at].text in ("-", "−"):
        return None
    year, end = said
    before, first = _text(tokens, at - 1), _text(tokens, at - 2)
    if before not in BY | {"year", "år", "året", "-", "end", "summer", *_EARLY}:
        return None
    if before == "-" and first not in _EARLY:
        return None
    if before in ("of", "av") and first not in {*_END, *_EARLY, *_OF_A_YEAR}:
        return Found(at, end, None, asks="date", weight=4)  # the third week of 2028
    months, asks = _months_or_question(tokens, at, year, today)
    part, length, after = _part_number(tokens, end)
    if part:  # 2028 Q2
        return Found(at, after, months_to(today, year, part * length - length + 1), weight=4)
    return Found(at, end, months, asks, weight=2 if asks == "when" else 4)


def _months_or_question(
    tokens: Sequence[Token], at: int, year: int, today: date
) -> tuple[int | None, str | None]:
    """Tell from the words before a year which part of it is meant; a whole one is asked about."""
    before = _text(tokens, at - 1)
    near = [_text(tokens, place) for place in range(max(at - 4, 0), at)]
    month = 12 if _END & {*near} else next((_EARLY[word] for word in near if word in _EARLY), 0)
    if month:
        return (_to_year(today, year) if month == 1 else months_to(today, year, month)), None
    if before in _SINCE:  # from 2027: when it begins, and not by when
        return None, "when"
    named = before in ("year", "år", "året") and bool(_DEADLINE & {*near[-3:-1]})
    if year < today.year or (year > today.year and (before in _DEADLINE or named)):
        return _to_year(today, year), None
    return None, "when_year"


def _relative_year(tokens: Sequence[Token], at: int, today: date) -> tuple[int, int] | None:
    """Read ``this year``, ``next year``, ``i år`` and ``neste år``: it, and the place after it."""
    text, after = _text(tokens, at), _text(tokens, at + 1)
    if text in NEXT and after in ("year", "år"):
        return today.year + 1, at + 2
    if (text, after) in (("this", "year"), ("i", "år")):
        return today.year, at + 2
    return (today.year, at + 1) if (_text(tokens, at - 1), text) == ("i", "år") else None


def months_between(today: date, day: date) -> int:
    """Return the whole months from one day to another: 21 November to 20 June are six."""
    return _whole_months(today, day.year, day.month, day.day)


def _whole_months(today: date, year: int, month: int, day: int) -> int:
    """Return the whole months from today to a day; a short month's last day ends a whole one."""
    return months_to(today, year, month) - (day < min(today.day, monthrange(year, month)[1]))


def _to_year(today: date, year: int) -> int:
    """Return the whole months until a year begins."""
    return _whole_months(today, year, 1, 1)


def months_to(today: date, year: int, month: int) -> int:
    """Return how many months later than today's a month is."""
    return (year - today.year) * 12 + month - today.month


def year_at(tokens: Sequence[Token], at: int) -> tuple[int, int] | None:
    """Read a year, ``2028``, ``'28`` or the Norwegian ``-28``: it, and the place after it."""
    if is_year(tokens, at):
        return int(tokens[at].text), at + 1
    sign, short = _text(tokens, at), _text(tokens, at + 1)
    if not (len(short) == 2 and short.isdigit() and tokens[at].end == tokens[at + 1].start):
        return None
    spaced = at > 0 and tokens[at - 1].end < tokens[at].start
    if sign in ("'", "’", "‘", "`") or (sign in ("-", "−") and spaced):
        return 2000 + int(short), at + 2
    return None


def is_year(tokens: Sequence[Token], at: int) -> bool:
    """Whether four digits look like a year."""
    text = _text(tokens, at)
    return len(text) == 4 and text.isdigit() and 1990 <= int(text) <= 2199


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
