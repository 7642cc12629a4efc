"""Finds in a goal's text by when: spans, dates, seasons and ages, as whole months from today.

English and Norwegian. What merely looks like a time (a 30-year mortgage, the last two years, six
months of expenses, a five-year-old) is told apart. Pure: today and the day of birth are arguments.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from strongroom.goals.parsing.words import Token, digits, written_out

_UNITS = {
    **dict.fromkeys("year years yr yrs år årene årenes".split(), Decimal(12)),
    **dict.fromkeys(
        "month months mo mos mth mths måned måneder måneders månedene mnd mndr md".split(),
        Decimal(1),
    ),
    **dict.fromkeys("week weeks uke uker".split(), Decimal(84) / Decimal(365)),
    **dict.fromkeys("day days dag dager".split(), Decimal(12) / Decimal(365)),
    **dict.fromkeys("decade decades tiår".split(), Decimal(120)),
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january januar jan", "february februar feb", "march mars mar", "april apr",
            "may mai", "june juni jun", "july juli jul.", "august aug", "september sept sep",
            "october oktober oct okt", "november nov", "december desember dec des",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_FIRST_MONTH = {
    **dict.fromkeys("spring vår våren".split(), 3),
    **dict.fromkeys("summer sommer sommeren".split(), 6),
    **dict.fromkeys("autumn fall høst høsten".split(), 9),
    **dict.fromkeys("winter vinter vinteren".split(), 12),
    **dict.fromkeys("christmas xmas jul julen juleferien".split(), 12),
    **dict.fromkeys("nyttår newyear".split(), 1),
    **dict.fromkeys("easter påske påsken".split(), 4),
}
_NEXT = frozenset({"next", "neste", "coming", "kommende"})
_IN = frozenset(
    "in within for about over under during om på innen i løpet av the next neste de another only"
    " just cirka ca around roughly approximately less than mindre enn under".split()
)
_BY = frozenset("by before in until till to of from til innen før i fra av since circa".split())
_MINE = frozenset("i i'm im i’m my me we jeg min mitt meg vi".split())
_THEIRS = frozenset(
    "son daughter kid kids child children he she they wife husband sønn sønnen datter datteren barn"
    " barna barnet han hun de kona mannen son's daughter's baby".split()
)
_AGE_VERBS = frozenset("turn turning turned turns am i'm i’m age aged reach fyller blir er".split())
_PAST = frozenset("last past previous siste forrige tidligere".split())
_COVERED = frozenset(
    "expenses expense spending salary income costs bills wages pay rent living utgifter utgiftene"
    " utgift lønn inntekt forbruk husleie levekostnader emergency buffer cushion reserve reserves"
    " buffere bufferkonto nødfond runway".split()
)
_LENDS = frozenset(
    "mortgage loan fixed term lån boliglån billån huslån rate note lease leasing bond cd".split()
)
_RETIRING = frozenset(
    "retire retirement retiring pension pensjon pensjonen pensjonist pensjonere pensjonert".split()
)
_SURE = 3
"""The weight of a span, a date or an age; a season and ``next year`` are less."""
USUAL_RETIREMENT_AGE = 67
"""Full retirement age in the United States (born 1960 or later) and Norway's usual one."""


@dataclass(frozen=True, slots=True)
class When:
    """What a text says of time. ``used``: places of the tokens it took up.

    ``months``: whole months from today, or None. ``asks``: questions, by the field they are about.
    ``covers_months``: months of spending that a reserve is to last.
    """

    months: int | None = None
    said: str | None = None
    covers_months: Decimal | None = None
    asks: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    used: frozenset[int] = field(default_factory=frozenset)


@dataclass(slots=True)
class _Found:
    at: int
    end: int
    months: int | None
    asks: str | None = None
    assumed: str | None = None
    weight: int = 1


def find(tokens: Sequence[Token], *, today: date, born: date | None) -> When:
    """Return by when the goal is wanted.

    A span, a date or an age counts before a season. Two that differ are asked about, and so is a
    day that has passed.
    """
    found: list[_Found] = []
    covers: Decimal | None = None
    used: set[int] = set()
    at = 0
    while at < len(tokens):
        span = _span(tokens, at)
        if span is not None:
            used |= {*range(at, span.end)}
            if span.role == "covers":
                covers = span.months
            elif span.role == "when":
                found.append(_of_span(span, at))
            at = span.end
            continue
        one = (
            _date(tokens, at, today)
            or _age(tokens, at, today, born)
            or _season(tokens, at, today)
            or _year(tokens, at, today)
        )
        if one is None:
            at += 1
            continue
        used |= {*range(one.at, one.end)}
        found.append(one)
        at = one.end
    if not found:
        found = _retirement(tokens, today, born)
    return _decide(tokens, found, covers, used)


def _decide(
    tokens: Sequence[Token], found: list[_Found], covers: Decimal | None, used: set[int]
) -> When:
    places = frozenset(used)
    if not found:
        return When(covers_months=covers, used=places)
    sure = [one for one in found if one.weight >= _SURE] or found
    asks = [one.asks for one in sure if one.asks]
    months = {one.months for one in sure if one.months is not None}
    if len(months) > 1:
        asks.append("two_times")
    first = sure[0]
    count = first.months if len(months) == 1 and not asks else None
    if count is not None and count < 1:
        count, asks = None, [*asks, "past"]
    if count is not None and count > 720:
        count, asks = None, [*asks, "too_far"]
    said = " ".join(token.text for token in tokens[first.at : first.end])
    assumed = tuple(one.assumed for one in sure if one.assumed)
    return When(count, said, covers, tuple(dict.fromkeys(asks)), assumed, places)


@dataclass(frozen=True, slots=True)
class _Span:
    end: int
    months: Decimal
    role: str
    """``when``, ``covers`` (months of spending), ``range`` or ``other`` (no time of the goal's)."""


def _of_span(span: _Span, at: int) -> _Found:
    whole = int(span.months.to_integral_value(ROUND_HALF_UP))
    return _Found(at, span.end, max(whole, 1) if span.months else 0, weight=3)


def _number(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    value = digits(tokens[at])
    return written_out(tokens, at) if value is None else (value, at + 1)


def _span(tokens: Sequence[Token], at: int) -> _Span | None:
    number = _number(tokens, at) or _article(tokens, at) or _next(tokens, at)
    if number is None:
        return None
    value, place = number
    upper = _upper(tokens, place)
    if upper is not None:
        place = upper
    if _text(tokens, place) in ("-", "–") and _text(tokens, place + 1) in _UNITS:
        place += 1
    unit = _UNITS.get(_text(tokens, place).removesuffix("'s"))
    if unit is None:
        return None
    months, end = value * unit, place + 1
    if _text(tokens, end) == "." and _text(tokens, place) in ("mo", "mos", "mnd", "yr", "yrs"):
        end += 1
    more = _and_more(tokens, end, unit)
    if more is not None:
        months, end = months + more[0], more[1]
    if upper is not None:
        return _Span(end, months, "range") if _role(tokens, at, end) == "when" else None
    return _Span(end, months, _role(tokens, at, end))


def _upper(tokens: Sequence[Token], place: int) -> int | None:
    """Return the place after the upper end of a range, ``3-4`` or ``2 to 3``."""
    if _text(tokens, place) in ("-", "–", "to", "or", "eller", "til") and place + 1 < len(tokens):
        second = _number(tokens, place + 1)
        if second is not None and _text(tokens, second[1]) in _UNITS:
            return second[1]
    return None


def _article(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``a year`` as one, where a word before says that it is a span: in, within, om, på."""
    if _text(tokens, at) not in ("a", "an", "one", "en", "et", "ett", "ei"):
        return None
    before = _text(tokens, at - 1) if at else ""
    return (Decimal(1), at + 1) if before in _IN else None


def _next(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``over the next decade`` as one of them."""
    before = {_text(tokens, at - 1), _text(tokens, at - 2)} if at else set()
    if _text(tokens, at) in _NEXT and before & {"over", "in", "within", "during"}:
        return Decimal(1), at + 1
    return None


def _and_more(tokens: Sequence[Token], at: int, unit: Decimal) -> tuple[Decimal, int] | None:
    """Read what follows a span: ``and a half``, ``and 6 months``, ``6 months``."""
    place = at + 1 if _text(tokens, at) in ("and", "og") else at
    joined = place > at
    if joined and _text(tokens, place) in ("a", "an", "en", "et", "ett"):
        after = _text(tokens, place + 1)
        if after in ("half", "halv", "halvt"):
            return unit / 2, place + 2
    number = _number(tokens, place) if place < len(tokens) else None
    if number is not None:
        smaller = _UNITS.get(_text(tokens, number[1]))
        if smaller is not None and smaller < unit:
            return number[0] * smaller, number[1] + 1
    return None


def _role(tokens: Sequence[Token], at: int, end: int) -> str:
    before = [_text(tokens, place) for place in range(max(at - 2, 0), at)]
    after = [_text(tokens, place) for place in range(end, min(end + 4, len(tokens)))]
    if _PAST & {*before}:
        return "other"
    if after[:1] and after[0] in ("old", "olds", "gammel", "gamle", "gammelt", "ago", "siden"):
        return "other"
    if after[:2] and after[0] == "-" and after[1:2] in (["old"], ["olds"]):
        return "other"
    if _LENDS & {*after[:2]}:
        return "other"
    fillers = {
        "of",
        "worth",
        "med",
        "av",
        "'",
        "’",
        "my",
        "mine",
        "our",
        "living",
        "-",
        "with",
        "i",
    }
    rest = [word for word in after if word not in fillers]
    if rest and rest[0] in _COVERED and not (before and before[-1] in ("in", "om", "within")):
        return "covers"
    return "when"


def _date(tokens: Sequence[Token], at: int, today: date) -> _Found | None:
    token = tokens[at]
    if token.kind == "date":
        day = _read_date(token.text)
        if day is None:
            return _Found(at, at + 1, None, asks="date", weight=5)
        return _Found(at, at + 1, months_between(today, day), weight=5)
    month = _MONTHS.get(token.text)
    if month is None or not _is_month(tokens, at):
        return None
    begin, end = at, at + 1
    if at and tokens[at - 1].kind == "plain" and len(tokens[at - 1].text) <= 2:
        begin = at - 1
    elif at > 1 and tokens[at - 1].text == "." and tokens[at - 2].kind == "plain":
        begin = at - 2
    while end < len(tokens) and end <= at + 4 and not _is_year(tokens, end):
        if tokens[end].kind == "plain" or tokens[end].text in (",", ".", "st", "nd", "rd", "th"):
            end += 1
        else:
            break
    if _is_year(tokens, end):
        return _Found(begin, end + 1, _months_to(today, int(tokens[end].text), month), weight=5)
    year = today.year + (month <= today.month)
    return _Found(begin, at + 1, _months_to(today, year, month), weight=4)


def _is_month(tokens: Sequence[Token], at: int) -> bool:
    """Tell the months May and March and the Norwegian ``mars`` from the words spelled so."""
    if tokens[at].text not in ("may", "mar", "march", "mars", "jan", "des", "sep"):
        return True
    before = _text(tokens, at - 1) if at else ""
    return before in _BY or _is_year(tokens, at + 1) or before.isdigit() or before in _NEXT


def _read_date(text: str) -> date | None:
    if "-" in text:
        year, month, day = (int(part) for part in text.split("-"))
    else:
        first, second, year = (int(part) for part in re.split("[./]", text))
        if "/" in text and first <= 12 and second <= 12 and first != second:
            return None  # which of them is the month differs from country to country
        day, month = (second, first) if "/" in text and second > 12 else (first, second)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _season(tokens: Sequence[Token], at: int, today: date) -> _Found | None:
    text, before = tokens[at].text, _text(tokens, at - 1) if at else ""
    if text == "new" and _text(tokens, at + 1).startswith("year"):
        month, end = 1, at + 2
    elif text in _FIRST_MONTH:
        month, end = _FIRST_MONTH[text], at + 1
    else:
        return _end_of(tokens, at, today)
    if _is_year(tokens, end):
        return _Found(at, end + 1, _months_to(today, int(tokens[end].text), month), weight=4)
    if before not in _BY | _NEXT | {"this", "til", "the", "denne"}:
        return None
    year = today.year + (month <= today.month)
    # Said in spring, "next summer" is not the one that begins in a few weeks.
    if before in _NEXT and year == today.year and month - today.month <= 3:
        year += 1
    begin = at - 1 if before in _NEXT else at
    return _Found(begin, end, _months_to(today, year, month), weight=2)


def _end_of(tokens: Sequence[Token], at: int, today: date) -> _Found | None:
    """Read ``the end of next year``, ``this year``, ``next month``, ``årsskiftet``."""
    text, after = tokens[at].text, _text(tokens, at + 1)
    if text == "årsskiftet":
        return _Found(at, at + 1, _months_to(today, today.year + 1, 1), weight=2)
    said_end = any(
        _text(tokens, place) in ("end", "slutten", "utgangen")
        for place in range(max(at - 3, 0), at)
    )
    is_year = after in ("year", "år", "året", "years", "year's")
    if text in _NEXT and is_year:
        if said_end:
            return _Found(at, at + 2, _months_to(today, today.year + 2, 1), weight=4)
        return _Found(at, at + 2, None, asks="when_next_year", weight=2)
    if text in _NEXT and after in ("month", "måned"):
        return _Found(at, at + 2, 1, weight=4)
    ours = (text in ("this", "the") and is_year) or text == "året"
    if ours and (said_end or text == "this"):
        end = at + 1 if text == "året" else at + 2
        return _Found(at, end, _months_to(today, today.year + 1, 1), weight=4)
    return None


def _year(tokens: Sequence[Token], at: int, today: date) -> _Found | None:
    if not _is_year(tokens, at):
        return None
    before = _text(tokens, at - 1) if at else ""
    if before not in _BY | {"year", "år", "året", "mid", "-", "end", "summer"}:
        return None
    year = int(tokens[at].text)
    near = [_text(tokens, place) for place in range(max(at - 4, 0), at)]
    if {"end", "slutten", "utgangen"} & {*near}:
        return _Found(at, at + 1, _months_to(today, year + 1, 1), weight=4)
    if {"mid", "middle", "midten"} & {*near}:
        return _Found(at, at + 1, _months_to(today, year, 7), weight=4)
    return _Found(at, at + 1, _months_to(today, year, 1), weight=4)


def _age(tokens: Sequence[Token], at: int, today: date, born: date | None) -> _Found | None:
    number = _number(tokens, at)
    if number is None or not 1 <= number[0] <= 110 or number[0] % 1:
        return None
    age, end = int(number[0]), number[1]
    before = [_text(tokens, place) for place in range(max(at - 4, 0), at)]
    after = _text(tokens, end)
    birthday = (after in ("th", "st", "nd", "rd") and _text(tokens, end + 1) == "birthday") or (
        after in ("-", "") and _text(tokens, end + 1).startswith("årsdag")
    )
    if birthday:
        end += 2
    as_one = after == "-" and _text(tokens, end + 1) == "åring"
    if as_one:
        end += 2
    said = bool(before) and (before[-1] in _AGE_VERBS or before[-1] in ("by", "at", "ved", "før"))
    retires = any(token.text in _RETIRING for token in tokens)
    plain = said and (before[-1] not in ("by", "at", "ved", "før") or retires or after == "")
    if before[-1:] in (["by"], ["at"], ["ved"], ["før"]) and (after in _UNITS or age < 18):
        plain = False
    if not (birthday or as_one or plain) or _is_money(tokens, at, end):
        return None
    beside = {*before, _text(tokens, end)}
    if _THEIRS & beside or (birthday and not _MINE & beside):
        return _Found(at, end, None, asks="whose_age", weight=4)
    if born is None:
        return _Found(at, end, None, asks="born", weight=4)
    return _Found(at, end, _until_age(today, born, age), weight=4)


def _is_money(tokens: Sequence[Token], at: int, end: int) -> bool:
    near = {_text(tokens, at - 1) if at else "", _text(tokens, end)}
    return bool(near & {"$", "€", "£", "¥", "kr", "k", "%", "percent", "prosent", "thousand", "m"})


def _retirement(tokens: Sequence[Token], today: date, born: date | None) -> list[_Found]:
    """Read ``by retirement`` where nothing else says when; the age is the usual one, and said."""
    for place, token in enumerate(tokens):
        before = _text(tokens, place - 1) if place else ""
        if token.text not in _RETIRING or before not in {*_BY, "i", "jeg"}:
            continue
        if before in ("for", "fra", "to", "from", "of") or (
            before == "i" and token.text != "retire"
        ):
            continue
        if born is None:
            return [_Found(place, place + 1, None, asks="born")]
        months = _until_age(today, born, USUAL_RETIREMENT_AGE)
        return [_Found(place, place + 1, months, assumed="retirement_age")]
    return []


def _until_age(today: date, born: date, age: int) -> int:
    months = _months_to(today, born.year + age, born.month)
    return months - (1 if born.day < today.day and months > 0 else 0)


def months_between(today: date, day: date) -> int:
    """Return the whole months from one day to another: 21 November to 20 June are six."""
    return _months_to(today, day.year, day.month) - (day.day < today.day)


def _months_to(today: date, year: int, month: int) -> int:
    return (year - today.year) * 12 + month - today.month


def _is_year(tokens: Sequence[Token], at: int) -> bool:
    text = _text(tokens, at)
    return len(text) == 4 and text.isdigit() and 1990 <= int(text) <= 2199


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
