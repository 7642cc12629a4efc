"""Finds in a goal's text by when: spans, dates, seasons and ages, as whole months from today.

English and Norwegian. What merely looks like a time (a 30-year mortgage, the last two years, six
months of expenses, a five-year-old) is told apart. Pure: today and the day of birth are arguments.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from strongroom.goals.parsing.days import BY, NEXT, Found, day_found, lone_year, months_to
from strongroom.goals.parsing.words import SCALES, Token, digits, number

_UNITS = {
    **dict.fromkeys("year years yr yrs y år årene årenes".split(), Decimal(12)),
    **dict.fromkeys(
        "month months mo mos mth mths måned måneder måneders månedene mnd mndr md månedslønn"
        " månedslønner".split(),
        Decimal(1),
    ),
    **dict.fromkeys("week weeks wk wks uke uker".split(), Decimal(84) / Decimal(365)),
    **dict.fromkeys("day days dag dager".split(), Decimal(12) / Decimal(365)),
    **dict.fromkeys("decade decades tiår".split(), Decimal(120)),
}
_IN = frozenset(
    "in within for about over under during om på innen i løpet av the next neste de another only"
    " just cirka ca around roughly approximately less than mindre enn under".split()
)
_MINE = frozenset("i i'm im i’m my me we jeg min mitt meg vi".split())
_THEIRS = frozenset(
    "son daughter kid kids child children he she they wife husband sønn sønnen datter datteren barn"
    " barna barnet han hun de kona mannen son's daughter's baby".split()
)
_AGE_VERBS = frozenset("turn turning turned turns am i'm i’m age aged reach fyller blir er".split())
_IS = frozenset("am i'm i’m age aged er".split())
_PAST = frozenset("last past previous siste forrige tidligere".split())
_COVERED = frozenset(
    "expenses expense spending salary income costs bills wages pay rent living utgifter utgiftene"
    " utgift lønn inntekt forbruk husleie levekostnader emergency buffer cushion reserve reserves"
    " buffere bufferkonto nødfond runway".split()
)
# What a person is away for, or at: its length says nothing of when it is.
_LASTS = frozenset(
    "trip cruise holiday vacation tour safari stay retreat course camp sabbatical hike tur ferie"
    " reise kurs opphold permisjon weekend getaway early earlier sooner tidligere".split()
)
_LEADS = frozenset(
    "when before by until till time once at after reach når før innen til etter that".split()
)
_LENDS = frozenset(
    "mortgage loan fixed term lån boliglån billån huslån rate note lease leasing bond cd".split()
)
_RETIRING = frozenset(
    "retire retirement retiring pension pensjon pensjonen pensjonist pensjonere pensjonert".split()
)
_BY_AGE = frozenset("by at before ved før".split())
_ARTICLES = frozenset("a an one en et ett ei".split())
_EITHER = frozenset("or eller to til - – maybe perhaps possibly kanskje muligens".split())
"""Between a span and another that it may be as well."""
_STOPS = frozenset(", . ; : ! ? ) and og but men for to with med from".split()) | {""}
_MOST_OF_A_RANGE = 100
_OLDEST = 110
_FILLERS = frozenset("of worth med av ' ’ my mine our living - with i".split())
_SURE = 3
"""The weight of a span, a date or an age; a season and ``next year`` are less."""
USUAL_RETIREMENT_AGE = 67
"""Full retirement age in the United States (born 1960 or later) and Norway's usual one."""


@dataclass(frozen=True, slots=True)
class When:
    """What a text says of time. ``used``: places of the tokens it took up, whatever they mean.

    ``months``: whole months from today, or None. ``start_char`` and ``end_char``: where it stands;
    the same where nothing says when. ``asks``: questions, by the field they are about.
    ``covers_months``: months of spending that a reserve is to last.
    """

    months: int | None = None
    start_char: int = 0
    end_char: int = 0
    covers_months: Decimal | None = None
    asks: tuple[str, ...] = ()
    assumed: tuple[str, ...] = ()
    used: frozenset[int] = field(default_factory=frozenset)


def find(tokens: Sequence[Token], *, today: date, born: date | None) -> When:
    """Return by when the goal is wanted.

    A span, a date or an age counts before a season. Two that differ are asked about, and so is a
    day that has passed.
    """
    found: list[Found] = []
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
        one = day_found(tokens, at, today) or _age(tokens, at, today, born)
        if one is None:
            at += 1
            continue
        used |= {*range(one.at, one.end)}
        found.append(one)
        at = one.end
    if not found:
        found = _retirement(tokens, today, born)
    if not found:
        alone = lone_year(tokens, used, today)
        found = [] if alone is None else [alone]
        used |= set() if alone is None else {alone.at}
    return _decide(tokens, found, covers, used)


def _decide(
    tokens: Sequence[Token], found: list[Found], covers: Decimal | None, used: set[int]
) -> When:
    places = frozenset(used)
    if not found:
        return When(covers_months=covers, used=places)
    sure = _telling([one for one in found if one.weight >= _SURE] or found)
    asks = [one.asks for one in sure if one.asks]
    months = {one.months for one in sure if one.months is not None}
    if len(months) > 1:
        asks.append("two_times")
    first = sure[0]
    count = first.months if len(months) == 1 and not asks else None
    if count is not None and count < 1:
        count, asks = None, [*asks, "no_time" if first.months == 0 else "past"]
    if count is not None and count > 720:
        count, asks = None, [*asks, "too_far"]
    start, end = tokens[first.at].start, tokens[first.end - 1].end
    assumed = tuple(one.assumed for one in sure if one.assumed)
    return When(count, start, end, covers, tuple(dict.fromkeys(asks)), assumed, places)


_IDLE = frozenset({None, "born", "whose_age", "no_time"})


def _telling(found: list[Found]) -> list[Found]:
    """Leave out what is no time to come, or that nobody can date, where another says when."""
    known = [one for one in found if one.months is not None]
    ahead = [one for one in known if (one.months or 0) >= 1]
    if not ahead:
        return found
    return [one for one in found if one in ahead or one.asks not in _IDLE]


@dataclass(frozen=True, slots=True)
class _Span:
    end: int
    months: Decimal
    role: str
    """``when``, ``covers`` (months of spending), ``range`` or ``other`` (no time of the goal's)."""


def _of_span(span: _Span, at: int) -> Found:
    if span.months <= 0:
        return Found(at, span.end, 0, asks="no_time", weight=3)
    whole = int(span.months.to_integral_value(ROUND_HALF_UP))
    return Found(at, span.end, max(whole, 1), weight=3)


def _span(tokens: Sequence[Token], at: int) -> _Span | None:
    found = number(tokens, at) or _article(tokens, at) or _next(tokens, at)
    if found is None:
        return None
    value, place = found
    if at and tokens[at - 1].kind == "word" and tokens[at - 1].end == tokens[at].start:
        return None  # part of something else: 1e3 years
    here = _text(tokens, at - 1), _text(tokens, at), _text(tokens, place)
    if here[1] in ("one", "en") and here[2] in ("day", "dag") and here[0] not in _IN:
        return None  # one day, some day
    upper = _upper(tokens, place, value)
    place = _again(tokens, place, value) if upper is None else upper
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
    if upper is None:
        upper = _or_more(tokens, end, months)
        end = end if upper is None else upper
    if upper is not None:
        return _Span(end, months, "range") if _role(tokens, at, end) == "when" else None
    if _is_negative(tokens, at):
        months = Decimal(0)
    return _Span(end, months, _role(tokens, at, end))


def _is_negative(tokens: Sequence[Token], at: int) -> bool:
    """Whether a minus stands right before a number and after a space: ``in -3 years``."""
    if _text(tokens, at - 1) not in ("-", "−") or tokens[at - 1].end != tokens[at].start:
        return False
    return at > 1 and tokens[at - 2].end < tokens[at - 1].start


def _again(tokens: Sequence[Token], place: int, value: Decimal) -> int:
    """Return the place after a number that is said once more: ``three (3) years``."""
    here = [_text(tokens, place), _text(tokens, place + 2)]
    same = here == ["(", ")"] and digits(tokens[place + 1]) == value
    return place + 3 if same else place


def _upper(tokens: Sequence[Token], place: int, value: Decimal) -> int | None:
    """Return the place after the upper end of a range, ``3-4``, ``2 to 3`` or ``5 and 8``."""
    join = _text(tokens, place)
    if join not in ("-", "–", "to", "or", "eller", "til", "and", "og", ",", "/"):
        return None
    second = number(tokens, place + 1)
    if second is None and join in ("eller", "-", "–") and _text(tokens, place + 1) == "to":
        second = Decimal(2), place + 2
    if second is None or _text(tokens, second[1]) not in _UNITS:
        return None
    higher = value < second[0] and value < _MOST_OF_A_RANGE
    if join == ",":
        return second[1] if second[0] == value + 1 else None
    return second[1] if higher or join not in ("and", "og") else None


def _or_more(tokens: Sequence[Token], end: int, months: Decimal) -> int | None:
    """Return the place after what a span may be as well: a year *or two*, 3 years, *maybe 4*."""
    place = end
    while _text(tokens, place) in _EITHER | {",", "("}:
        place += 1
    joins = {_text(tokens, one) for one in range(end, place)} & _EITHER
    if _text(tokens, place - 1) == "to" and _text(tokens, place - 2) == "eller":
        other: tuple[Decimal, int] | None = (Decimal(2), place)
    elif place < len(tokens) and joins:
        article = _text(tokens, place) in _ARTICLES and _text(tokens, place + 1) in _UNITS
        other = (Decimal(1), place + 1) if article else number(tokens, place)
    else:
        other = None
    if other is None or other[0] > _MOST_OF_A_RANGE:
        return None
    unit = _UNITS.get(_text(tokens, other[1]))
    if unit is not None:
        return other[1] + 1 if other[0] * unit != months else None
    return other[1] if _text(tokens, other[1]) in _STOPS else None


def _article(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``a year`` as one, where a word before says that it is a span: in, within, om, på."""
    if _text(tokens, at) not in _ARTICLES:
        return None
    before, owned = _text(tokens, at - 1), _text(tokens, at + 1).endswith("'s")
    covers = (owned and _text(tokens, at + 2) in _COVERED) or (
        _text(tokens, at + 2) == "of" and _text(tokens, at + 3) in _COVERED
    )
    return (Decimal(1), at + 1) if before in _IN or covers else None


def _next(tokens: Sequence[Token], at: int) -> tuple[Decimal, int] | None:
    """Read ``over the next decade`` as one of them."""
    before = {_text(tokens, at - 1), _text(tokens, at - 2)} if at else set()
    if _text(tokens, at) in NEXT and before & {"over", "in", "within", "during"}:
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
    found = number(tokens, place)
    if found is not None:
        smaller = _UNITS.get(_text(tokens, found[1]))
        if smaller is not None and smaller < unit:
            return found[0] * smaller, found[1] + 1
    return None


def _role(tokens: Sequence[Token], at: int, end: int) -> str:
    before = [_text(tokens, place) for place in range(max(at - 2, 0), at)]
    after = [_text(tokens, place) for place in range(end, min(end + 4, len(tokens)))]
    if _PAST & {*before} or before[-1:] in (["every"], ["hver"], ["hvert"]):
        return "other"
    if after[:1] and after[0] in ("old", "olds", "gammel", "gamle", "gammelt", "ago", "siden"):
        return "other"
    if after[:2] and after[0] == "-" and after[1:2] in (["old"], ["olds"]):
        return "other"
    if _LENDS & {*after[:2]} or _LASTS & {*after[:2]}:
        return "other"
    if after[:1] in (["in"], ["i"]) and _lasts_days(tokens, end) and not _IN & {*before[-1:]}:
        return "other"  # two weeks in Japan
    if _text(tokens, end - 1).startswith("månedslønn"):
        return "covers"
    rest = [word for word in after if word not in _FILLERS]
    if rest and rest[0] in _COVERED and not (before and before[-1] in ("in", "om", "within")):
        return "covers"
    return "when"


def _lasts_days(tokens: Sequence[Token], end: int) -> bool:
    """Whether a span ends in days or weeks, and what follows ``in`` is no number: a place."""
    short = _UNITS.get(_text(tokens, end - 1), Decimal(1)) < 1
    return short and end + 1 < len(tokens) and number(tokens, end + 1) is None


def _age(tokens: Sequence[Token], at: int, today: date, born: date | None) -> Found | None:
    found = number(tokens, at)
    if found is None or not 1 <= found[0] <= _OLDEST or found[0] % 1:
        return None
    age, end = int(found[0]), found[1]
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
    if before and before[-1] in _IS and not _LEADS & {*before[:-1]}:
        return None  # "I'm 29" says how old one is
    by = bool(before) and before[-1] in _BY_AGE
    said = by or (bool(before) and before[-1] in _AGE_VERBS)
    plain = said and (
        not by or after in ("", ".", "!") or any(token.text in _RETIRING for token in tokens)
    )
    if by and (after in _UNITS or age < 18):
        plain = False
    if not (birthday or as_one or plain) or _is_money(tokens, at, end):
        return None
    beside = {*before, _text(tokens, end)}
    other = number(tokens, end + 1) if _text(tokens, end) in _EITHER else None
    if other is not None and 1 <= other[0] <= _OLDEST:
        return Found(at, other[1], None, asks="two_times", weight=4)  # at 60 or 65
    if _THEIRS & beside or (birthday and not _MINE & beside):
        return Found(at, end, None, asks="whose_age", weight=4)
    if born is None:
        return Found(at, end, None, asks="born", weight=4)
    return Found(at, end, _until_age(today, born, age), weight=4)


def _is_money(tokens: Sequence[Token], at: int, end: int) -> bool:
    near = {_text(tokens, at - 1) if at else "", _text(tokens, end)}
    return bool(near & {"$", "€", "£", "¥", "kr", "%", "percent", "prosent", *SCALES})


def _retirement(tokens: Sequence[Token], today: date, born: date | None) -> list[Found]:
    """Read ``by retirement`` where nothing else says when; the age is the usual one, and said."""
    for place, token in enumerate(tokens):
        before = _text(tokens, place - 1) if place else ""
        if token.text not in _RETIRING or before not in {*BY, "i", "jeg"}:
            continue
        if before in ("for", "fra", "to", "from", "of") or (
            before == "i" and token.text != "retire"
        ):
            continue
        if born is None:
            return [Found(place, place + 1, None, asks="born")]
        months = _until_age(today, born, USUAL_RETIREMENT_AGE)
        return [Found(place, place + 1, months, assumed="retirement_age")]
    return []


def _until_age(today: date, born: date, age: int) -> int:
    months = months_to(today, born.year + age, born.month)
    return months - (1 if born.day < today.day and months > 0 else 0)


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
