"""Finds the amounts of money in a goal's text: how much, whose money, and how often.

English and Norwegian. An amount is taken as it is written: never rounded, never reckoned from
others. What it stands for is told by ``standing``. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from strongroom.core.money import Currency
from strongroom.goals.parsing import currencies
from strongroom.goals.parsing.days import is_year
from strongroom.goals.parsing.words import (
    HUNDREDS,
    SCALES,
    Token,
    digits,
    half_after,
    is_after_point,
    is_unread_scale,
    written_out,
)

_PER = frozenset("a an per each every i hver pr / i'm om pr.".split())
_ONES = frozenset(
    "person head child kid couple piece ticket night unit item bike car stk barn deltaker".split()
)
_EACH = frozenset("each apiece hver stykket".split())
_PERIODS = {
    **dict.fromkeys("month months monthly mo mth måned måneden mnd månedlig".split(), "month"),
    **dict.fromkeys("year yearly annually yr y annum quarter år året årlig".split(), "other"),
    **dict.fromkeys("kvartal kvartalet halvår halvåret".split(), "other"),
    **dict.fromkeys("week weekly wk wks uke uka uken".split(), "other"),
    **dict.fromkeys("day daily dag dagen paycheck payday fortnight ukentlig".split(), "other"),
}  # fmt: skip
_ADVERBS = {
    **dict.fromkeys("monthly månedlig månedlige mnd mo pm pcm".split(), "month"),
    **dict.fromkeys("yearly weekly annually quarterly biweekly fortnightly daily".split(), "other"),
    **dict.fromkeys("årlig ukentlig daglig kvartalsvis twice annenhver every".split(), "other"),
}
SAVES = frozenset(
    "save saving put set aside need have want reach accumulate build raise off pay spare spar"
    " sparer"
    " legge trenger ha ønsker vil nå samle nedbetale betale ned kvitt invest investere target goal"
    " mål collect get grow clear repay payoff stash bank gather fund".split()
)
"""What stands before a sum that is wanted."""
_REPAYS = frozenset("pay payoff off repay clear ned nedbetale betale kvitt innfri".split())
# What may follow a bare number that is money; anything else may be what is counted.
_ENDS = frozenset(
    ", . ! / ? ( ) ; : for by in til på innen om a per to before før i each every toward"
    " towards monthly and og over within as som hver pr or eller but men this next neste denne"
    " dette until till when når with med without uten from fra at more mer extra ekstra away aside"
    " unna total totalt altogether again saved spart oppspart so then now nå because since if hvis"
    " after etter during im i'm jeg we vi while starting is er untouched intact alone urørt"
    " emergency rainy into onto of together til stå ligge være savings additional further mer"
    " ytterligere betalt nedbetalt gone paid repaid cleared".split()
) | {""}
_BEFORE_SUM = frozenset("of with about around roughly at på med rundt ca cirka".split())
_BEFORE_SCALES = SAVES | frozenset(
    "a the my our your its this that these those i we it is are was be by in on of for to at with"
    " and or plus minus about around roughly approximately nearly almost over under above below"
    " least most than only just maybe perhaps another extra additional further more up per each"
    " every cost costs worth owe owing earn earning make making has had got borrow deposit give"
    " jeg vi du det den de min mitt mine vår vårt er var blir bli som til på av om fra mot med for"
    " i å og eller pluss minst maks maksimum høyst omtrent rundt nesten cirka ca bare kun kanskje"
    " enda ekstra ytterligere mer hele opp per pr hver hvert koster kostet verdt skylder tjener"
    " betaler låne låner har hadde får få gi bruke bruker innen mellom between kr kroner"
    " minimum maximum total totalt inntil hvertfall ihvertfall iallfall skaffe beløp sparemål"
    " buffer bufferen depositum egenkapital like some".split()
)
"""What may stand right before a lone thousand and says nothing of how many: save, about, min."""
_PLANS = {("401", "k"), ("403", "b"), ("457", "b")}
_RUNS = frozenset(
    "run race løp løpet marathon km miles steps tv monitor video screen camera skjerm".split()
)
_RUNNING = frozenset("run running ran walk walking jog løpe løper jogge".split())
TAKEN_HOME = frozenset("net gross netto brutto".split())
"""Between an amount and its period: it is pay."""
_OPERATORS = frozenset("x × * +".split())
_LESS = frozenset("minus negative negativ negativt".split())


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as it stands in the text, from token ``at`` up to ``end``.

    ``per``: ``month``, ``other`` (another period), ``each`` (one of several), or '' for a whole
    sum; ``stop``: the place after what says so. ``currency`` is None where the text names none,
    ``unsure`` where it may be one of several.
    """

    value: Decimal
    currency: Currency | None
    per: str
    at: int
    end: int
    stop: int
    start_char: int
    end_char: int
    unsure: bool = False


def read(
    tokens: Sequence[Token], taken: frozenset[int], home: Currency, *, plainly: bool = True
) -> list[Amount]:
    """Return the amounts in a text, leaving tokens that are ``taken`` alone.

    ``home`` decides between dollars and between crowns. Not ``plainly``: every number that can be
    read, also those that nothing tells to be money.
    """
    found, at = [], 0
    while at < len(tokens):
        one = None if at in taken else _amount(tokens, at, home, plainly)
        if one is None:
            at += 1
        else:
            found.append(one)
            at = one.end
    return found


def unread(tokens: Sequence[Token], home: Currency) -> list[int]:
    """Return the places of scales whose number is a word that nobody knows: ``umpteen thousand``.

    What was read of such a number is but a part of it.
    """
    return [
        at
        for at in range(1, len(tokens))
        if is_unread_scale(tokens, at, _BEFORE_SCALES)
        and not currencies.is_named(tokens, at - 1, home)
    ]


def _amount(tokens: Sequence[Token], at: int, home: Currency, plainly: bool) -> Amount | None:
    read = _value(tokens, at)
    if read is None or _is_of_something_else(tokens, at, read[1], read[2], home):
        return None
    value, end, scaled = read
    beside = currencies.beside(tokens, at, end, home)
    named, begin, end = beside.currency, beside.begin, beside.end
    if not scaled and named != "BTC" and _is_too_fine(value):
        return None  # 5,0000: a slip, and nobody knows which
    if named is None and _is_no_money(tokens, at, end, scaled):
        return None
    if plainly and named is None and not scaled and not _stands_alone(tokens, at, end):
        return None
    if _text(tokens, end) == "%" or _text(tokens, end) in ("percent", "prosent"):
        return None
    per, stop = _per(tokens, end)
    return Amount(
        _plain(-value if _is_negative(tokens, begin, at) else value), named, per, begin, end, stop,
        tokens[begin].start, tokens[end - 1].end, beside.unsure,
    )  # fmt: skip


def _is_of_something_else(
    tokens: Sequence[Token], at: int, end: int, scaled: bool, home: Currency
) -> bool:
    """Whether a number is part of something: B52, 50k5, 1x5, 5kin, the five of 1 point 5 or ,5."""
    part = at > 0 and _sticks(tokens[at - 1], tokens[at])
    part = part and not currencies.is_named(tokens, at - 1, home)
    point = _text(tokens, at - 1) == "," and tokens[at - 1].end == tokens[at].start
    point = point and (at == 1 or tokens[at - 2].end < tokens[at - 1].start)
    return (
        part
        or point
        or _is_reckoned_with(tokens, at, end)
        or _has_cents(tokens, end)
        or is_after_point(tokens, at)
        or is_after_point(tokens, end + 1)
        or _goes_on(tokens, end)
        or (not scaled and _is_run_on(tokens, end, home))
    )


def _is_reckoned_with(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a number is a part of a sum that is left to us: 2 x 5000, 5000 + 3000."""
    before = currencies.is_sign(_text(tokens, at - 1))
    if _text(tokens, at - (2 if before else 1)) in _OPERATORS and at > 1:
        return True
    after = end + 2 if currencies.is_sign(_text(tokens, end + 1)) else end + 1
    return _text(tokens, end) in _OPERATORS and after < len(tokens) and (
        digits(tokens[after]) is not None
    )  # fmt: skip


def _has_cents(tokens: Sequence[Token], end: int) -> bool:
    """Whether cents of the same sum follow: 5 dollars and 50 cents."""
    after = [_text(tokens, place) for place in range(end, end + 5)]
    return bool({"cents", "cent", "øre", "pence"} & {*after}) and bool({"and", "og"} & {*after})


def _is_no_money(tokens: Sequence[Token], at: int, end: int, scaled: bool) -> bool:
    """Whether a number that no currency stands beside is a plan's, a race's or a screen's."""
    if (_text(tokens, at), _text(tokens, at + 1)) in _PLANS:
        return True
    after = (_text(tokens, end), _text(tokens, end + 1))
    runs = ({*after} & _RUNS and after != ("i", "løpet")) or _text(tokens, at - 1) in _RUNNING
    return scaled and bool(runs)


def _is_negative(tokens: Sequence[Token], begin: int, at: int) -> bool:
    """Whether a minus stands before an amount: ``-500`` after a space, ``$-500``, ``minus 500``."""
    if _text(tokens, begin - 1) in _LESS:
        return True
    for place in {begin, at}:
        sign = _text(tokens, place - 1)
        if sign not in ("-", "−") or tokens[place - 1].end != tokens[place].start:
            continue
        before = tokens[place - 2] if place > 1 else None
        apart = before is None or before.end < tokens[place - 1].start
        if apart or (before is not None and currencies.is_sign(before.text)):
            return True
    return False


def _is_too_fine(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent < -2


def _plain(value: Decimal) -> Decimal:
    """Return a whole number without decimals: 1.5 million is 1500000 and not 1500000.0."""
    whole = Decimal(int(value))
    return whole if whole == value else value


def _sticks(left: Token, right: Token) -> bool:
    return left.kind == "word" and left.end == right.start


def _goes_on(tokens: Sequence[Token], end: int) -> bool:
    """Whether digits go on right after a number's scale, or after one letter behind it."""
    place = end if tokens[end - 1].kind == "word" else end + 1
    if place >= len(tokens) or tokens[place].kind in ("word", "sign"):
        return False
    letter = tokens[place - 1]
    joined = letter.end == tokens[place].start and tokens[place - 2].end == letter.start
    return joined and letter.kind == "word" and (place == end or len(letter.text) == 1)


def _is_run_on(tokens: Sequence[Token], end: int, home: Currency) -> bool:
    """Whether what may be a scale runs into the next word: 5kin 2 years."""
    text = _text(tokens, end)
    glued = text.startswith("k") and tokens[end].start == tokens[end - 1].end
    return glued and text not in _PERIODS and not currencies.is_named(tokens, end, home)


def _value(tokens: Sequence[Token], at: int) -> tuple[Decimal, int, bool] | None:
    """Read a number and its scale: the value, the place after it, and whether it had a scale."""
    found = (_of_words if tokens[at].kind == "word" else _of_digits)(tokens, at)
    if found is None or not found[2]:
        return found
    value, end, _ = found
    half = half_after(tokens, end)
    scale = SCALES.get(_text(tokens, end - 1))
    if half is not None and half > end + 2 and scale is not None:
        return value + Decimal(scale) / 2, half, True  # 2 million and a half
    if _text(tokens, end) in SCALES and scale is not None:
        return None  # a million billion
    return value, _after_point(tokens, end), True


def _of_words(tokens: Sequence[Token], at: int) -> tuple[Decimal, int, bool] | None:
    if _text(tokens, at - 1) in SCALES:
        return None  # a million tusen
    written = written_out(tokens, at)
    if written is None:
        return None
    value, end = written
    scale = SCALES.get(_text(tokens, end))
    if scale is not None and not any(_text(tokens, place) in SCALES for place in range(at, end)):
        return value * scale, end + 1, True
    scaled = any(_text(tokens, place) in SCALES for place in range(at, end)) or value >= 100
    return value, end, scaled


def _of_digits(tokens: Sequence[Token], at: int) -> tuple[Decimal, int, bool] | None:
    end = at + 1
    half = half_after(tokens, end)
    end = half if half is not None and _text(tokens, half) in SCALES else end
    hundreds = _text(tokens, end) in HUNDREDS
    if hundreds:
        end += 1
    scale = SCALES.get(_text(tokens, end))
    number = digits(tokens[at], scaled=scale is not None)
    if number is None:
        return None
    number += Decimal("0.5") if half is not None and end >= half else 0
    number *= 100 if hundreds else 1
    size = currencies.SCALED.get(_text(tokens, end))
    if size is not None:
        return number * size, end, True
    if scale is None:
        # Half of something is no sum by itself: 1/2 of my pay.
        return None if tokens[at].kind == "part" else (number, end, hundreds)
    return number * scale, end + 1, True


def _after_point(tokens: Sequence[Token], end: int) -> int:
    """Leave out the full stop of a short form: 2 mill. kr."""
    short = _text(tokens, end - 1) in ("mill", "mio", "mil")
    return end + 1 if short and _text(tokens, end) == "." else end


def _stands_alone(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a bare number may be money: large enough, and not a count of things."""
    value = digits(tokens[at])
    if value is None:
        return False
    before = {_text(tokens, at - 1), _text(tokens, at - 2)} if at else set()
    if is_year(tokens, at) and not before & SAVES and _text(tokens, at - 1) not in _BEFORE_SUM:
        return False  # in time for 2028
    # 200 chairs are no money, a car loan of 7500 is: payoff 7500 car loan.
    dashed = _text(tokens, end) in ("-", "–") and tokens[end].start > tokens[end - 1].end
    ends = _text(tokens, end) in {*_ENDS, *_ADVERBS} or dashed or bool(before & _REPAYS)
    saved = bool(before & SAVES) and _text(tokens, at - 1) not in ("for", "til")
    ends = ends or (tokens[at].kind == "grouped" and _text(tokens, at - 1) in ("a", "an", "en"))
    return ends and (value >= 100 or (saved and value >= 10) or value == 0)


def _per(tokens: Sequence[Token], end: int) -> tuple[str, int]:
    whole = end
    if _text(tokens, end) in TAKEN_HOME:
        end += 1
    elif _text(tokens, end + 1) in ("tax", "taxes", "skatt"):
        end += 2
    text = _text(tokens, end)
    follows = end + 2 if text == "pr" and _text(tokens, end + 1) == "." else end + 1
    this_year = text == "i" and _text(tokens, follows) == "år"
    if text in _PER and _text(tokens, follows) in _PERIODS and not this_year:
        return _PERIODS[_text(tokens, follows)], follows + 1
    if text in _ADVERBS:
        return _ADVERBS[text], end + 1
    if text == "hver" and end + 1 < len(tokens) and digits(tokens[end + 1]) is not None:
        return "other", end + 2  # hver 14. dag
    if text in _EACH or (text in ("per", "a", "pr", "/") and _text(tokens, follows) in _ONES):
        return "each", follows
    return "", whole


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
