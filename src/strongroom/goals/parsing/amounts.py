"""Finds the amounts of money in a goal's text, and tells the target from what is said beside it.

English and Norwegian. An amount is taken as it is written: never rounded, never reckoned from
others. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from strongroom.core.money import Currency
from strongroom.goals.parsing import currencies
from strongroom.goals.parsing.days import is_year
from strongroom.goals.parsing.words import HUNDREDS, SCALES, Token, digits, written_out

_ALREADY = frozenset(
    "already allerede currently earn make income salary wage tjener lønn lønna lønnen inntekt"
    " inntekten worth double triple quadruple doble doblet tredoble firedoble".split()
)
_PAY = frozenset("salary income wage wages paycheck lønn årslønn inntekt".split())
"""Right after an amount: what a person has coming in."""
_PER = frozenset("a an per each every i hver pr / i'm om pr.".split())
_ONES = frozenset(
    "person head child kid couple piece ticket night unit item bike car stk barn deltaker".split()
)
_EACH = frozenset("each apiece hver stykket".split())
_PARTED = frozenset("% percent prosent half halvparten third tredjedel quarter".split())
_PERIODS = {
    **dict.fromkeys("month months monthly mo mth måned måneden mnd månedlig".split(), "month"),
    **dict.fromkeys("year yearly annually yr y annum quarter år året årlig".split(), "other"),
    **dict.fromkeys("kvartal kvartalet halvår halvåret".split(), "other"),
    **dict.fromkeys("week weekly wk wks uke uka uken".split(), "other"),
    **dict.fromkeys("day daily dag dagen paycheck payday fortnight ukentlig".split(), "other"),
}  # fmt: skip
_ADVERBS = {
    **dict.fromkeys("monthly månedlig mnd mo pm".split(), "month"),
    **dict.fromkeys("yearly weekly annually quarterly biweekly fortnightly daily".split(), "other"),
    **dict.fromkeys("årlig ukentlig daglig kvartalsvis".split(), "other"),
}
_SAVES = frozenset(
    "save saving put set aside need have want reach accumulate build raise off pay spare spar"
    " sparer"
    " legge trenger ha ønsker vil nå samle nedbetale betale ned kvitt invest investere target goal"
    " mål collect get grow clear repay payoff stash bank gather fund".split()
)
_BREAKS = frozenset({",", ".", ";", ":", "and", "og", "but", "men"})
# What may follow a bare number that is money; anything else may be what is counted.
_ENDS = frozenset(
    ", . ! / for by in til på innen om a per to before før i each every toward towards monthly"
    " and og over within as som hver pr or".split()
) | {""}
_BEFORE_SUM = frozenset("of with about around roughly at på med rundt ca cirka".split())
_AFTER_SHARE = frozenset("down of on deposit av egenkapital i på".split())
_PLANS = {("401", "k"), ("403", "b"), ("457", "b")}
_RUNS = frozenset(
    "run race løp løpet marathon km miles steps tv monitor video screen camera skjerm".split()
)


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as it stands in the text. ``per``: ``month``, ``other``, or '' for a whole sum.

    ``currency`` is None where the text names none, ``unsure`` where it may be one of several.
    """

    value: Decimal
    currency: Currency | None
    per: str
    at: int
    end: int
    start_char: int
    end_char: int
    unsure: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What a text says of money; ``asks``: questions about the target."""

    target: Amount | None = None
    monthly: Amount | None = None
    asks: tuple[str, ...] = ()
    currency: Currency | None = None
    """The first one named, whether its amount is the target or not."""


def find(tokens: Sequence[Token], taken: frozenset[int], home: Currency) -> Sums:
    """Return the target and the monthly contribution, leaving tokens that are ``taken`` alone.

    ``home`` decides between dollars and between crowns. Of several whole sums the one that is to
    be saved is the target; where that is not plain, it is asked.
    """
    found = _all(tokens, taken, home)
    named = next((one.currency for one in found if one.currency is not None), None)
    named = currencies.mentioned(tokens, home) if named is None else named
    monthly = next((one for one in found if one.per == "month"), None)
    whole = [one for one in found if not one.per and not _is_context(tokens, one)]
    target, ask = _target(tokens, whole, taken)
    if target is not None and target.unsure:
        ask = "currency"
    return Sums(target, monthly, (ask,) if ask else (), named)


def _target(
    tokens: Sequence[Token], whole: list[Amount], taken: frozenset[int]
) -> tuple[Amount | None, str]:
    """Choose the whole sum that is to be saved, or the question that finds it out."""
    pairs = pairwise(whole)
    if any(_is_range(tokens, *pair) for pair in pairs) or any(
        _is_upper_end(tokens, one) and one.at - 2 not in taken for one in whole
    ):
        return None, "range"
    # 20 % of a house is not reckoned behind the person's back.
    shared = any(_is_share(tokens, place) for place in range(len(tokens)))
    governed = [one for one in whole if _is_governed(tokens, one)]
    if _differ(whole) or shared:
        if len(governed) != 1:
            return None, "share" if shared else "two_amounts"
        whole = governed
    if not whole:
        return None, ""
    return (whole[0], "") if whole[0].value > 0 else (None, "not_positive")


def numbers(tokens: Sequence[Token], taken: frozenset[int], home: Currency) -> list[Amount]:
    """Return every number that can be read, also those that nothing tells to be money.

    What a model takes for the amount has to be among them. What a person earns or has already, and
    what comes again and again, is left out.
    """
    found = _all(tokens, taken, home, plainly=False)
    return [one for one in found if not one.per and not _is_context(tokens, one)]


def _differ(whole: list[Amount]) -> bool:
    """Whether amounts are not one and the same: $5k (five thousand) is one."""
    named = {one.currency for one in whole if one.currency is not None}
    return len({one.value for one in whole}) > 1 or len(named) > 1


def _all(
    tokens: Sequence[Token], taken: frozenset[int], home: Currency, *, plainly: bool = True
) -> list[Amount]:
    found, at = [], 0
    while at < len(tokens):
        one = None if at in taken else _amount(tokens, at, home, plainly)
        if one is None:
            at += 1
        else:
            found.append(one)
            at = one.end
    return found


def _amount(tokens: Sequence[Token], at: int, home: Currency, plainly: bool) -> Amount | None:
    read = _value(tokens, at)
    if read is None:
        return None
    value, end, scaled = read
    part = at > 0 and _sticks(tokens[at - 1], tokens[at])
    part = part and not currencies.is_named(tokens, at - 1, home)
    if part or _goes_on(tokens, end) or (not scaled and _is_run_on(tokens, end, home)):
        return None  # part of something else: B52, 50k5, 1x5, 5kin
    beside = currencies.beside(tokens, at, end, home)
    named, begin, end = beside.currency, beside.begin, beside.end
    if not scaled and named != "BTC" and _is_too_fine(value):
        return None  # 5,0000: a slip, and nobody knows which
    if plainly and named is None and not scaled and not _stands_alone(tokens, at, end):
        return None
    if _text(tokens, end) == "%" or _text(tokens, end) in ("percent", "prosent"):
        return None
    if (_text(tokens, at), _text(tokens, at + 1)) in _PLANS and named is None:
        return None
    if named is None and scaled and _RUNS & {_text(tokens, end), _text(tokens, end + 1)}:
        return None
    negative = begin > 0 and tokens[begin - 1].text in ("-", "−") and (
        begin == 1 or tokens[begin - 2].end < tokens[begin - 1].start
    ) and tokens[begin - 1].end == tokens[begin].start  # fmt: skip
    per, _ = _per(tokens, end)
    return Amount(
        _plain(-value if negative else value), named, per, begin, end,
        tokens[begin].start, tokens[end - 1].end, beside.unsure,
    )  # fmt: skip


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
    end = at + 1
    scale = SCALES.get(_text(tokens, end))
    if tokens[at].kind == "word":
        written = written_out(tokens, at)
        if written is None:
            return None
        value, end = written
        scaled = any(_text(tokens, place) in SCALES for place in range(at, end)) or value >= 100
        scale = SCALES.get(_text(tokens, end))
        if scale is not None:
            return value * scale, _after_point(tokens, end + 1), True
        return value, _after_point(tokens, end), scaled
    hundreds = _text(tokens, end) in HUNDREDS
    if hundreds:
        end += 1
        scale = SCALES.get(_text(tokens, end))
    number = digits(tokens[at], scaled=scale is not None)
    if number is None:
        return None
    number *= 100 if hundreds else 1
    if _text(tokens, end) in ("mnok", "knok"):
        return number * (1_000_000 if _text(tokens, end) == "mnok" else 1_000), end, True
    if scale is None:
        return number, end, hundreds
    return number * scale, _after_point(tokens, end + 1), True


def _after_point(tokens: Sequence[Token], end: int) -> int:
    """Leave out the full stop of a short form: 2 mill. kr."""
    short = _text(tokens, end - 1) in ("mill", "mio", "mil")
    return end + 1 if short and _text(tokens, end) == "." else end


def _stands_alone(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a bare number may be money: large enough, and not a count of things."""
    value = digits(tokens[at])
    if value is None:
        return False
    if tokens[at].kind == "grouped":
        return True
    before = {_text(tokens, at - 1), _text(tokens, at - 2)} if at else set()
    after = _text(tokens, end)
    if is_year(tokens, at) and not before & _SAVES and _text(tokens, at - 1) not in _BEFORE_SUM:
        return False  # in time for 2028
    ends = after in _ENDS
    saved = bool(before & _SAVES) and _text(tokens, at - 1) not in ("for", "til")
    return (ends or saved) and (value >= 100 or (ends and saved and value >= 10) or value == 0)


def _per(tokens: Sequence[Token], end: int) -> tuple[str, int]:
    text = _text(tokens, end)
    if text in _ADVERBS:
        return _ADVERBS[text], end + 1
    follows = end + 2 if text == "pr" and _text(tokens, end + 1) == "." else end + 1
    if text in _PER and _text(tokens, follows) in _PERIODS:
        return _PERIODS[_text(tokens, follows)], follows + 1
    if text in _EACH or (text in ("per", "a", "pr", "/") and _text(tokens, follows) in _ONES):
        return "other", follows
    return "", end


def _is_context(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount is what the person earns, has or pays, and not what they want."""
    before = _clause_before(tokens, one)
    if _ALREADY & {*before} or _is_of_a_part(tokens, one):
        return True
    after = [_text(tokens, place) for place in range(one.end, one.end + 3)]
    return (
        "already" in after
        or "allerede" in after
        or after[:2] in (["saved", "already"], ["saved", "so"])
        or after[0] in _PAY
    )


def _is_of_a_part(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount is what a share is of, and not the share: 20 % of a 400k house."""
    place = one.at - 1
    while _text(tokens, place) in ("a", "an", "the", "my", "en", "et", "min", "$"):
        place -= 1
    return _text(tokens, place) in ("of", "on", "av", "på") and _text(tokens, place - 1) in _PARTED


def _clause_before(tokens: Sequence[Token], one: Amount) -> list[str]:
    """Return the few words before an amount, of its own clause only."""
    words = [_text(tokens, place) for place in range(max(one.at - 4, 0), one.at)]
    for place in range(len(words) - 1, -1, -1):
        if words[place] in _BREAKS:
            return words[place + 1 :]
    return words


def _is_governed(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether a verb of saving stands right before an amount, at most a filler or two between."""
    before = _clause_before(tokens, one)
    if (
        before
        and before[-1] in ("a", "an", "the", "en", "et", "ei")
        and not _follows_sum(tokens, one)
    ):
        return False
    return bool(_SAVES & {*before})


def _follows_sum(tokens: Sequence[Token], one: Amount) -> bool:
    return _text(tokens, one.end) in ("", ".", "for", "by", "in", "til", "innen", "om")


def _is_range(tokens: Sequence[Token], one: Amount, other: Amount) -> bool:
    between = [_text(tokens, place) for place in range(one.end, other.at)]
    if between in (["-"], ["–"], ["/"], ["to"], ["til"], ["or"], ["eller"]):
        return True
    opened = {_text(tokens, one.at - 1), _text(tokens, one.at - 2)} if one.at else set()
    return between in (["and"], ["og"]) and bool(opened & {"between", "mellom"})


def _is_upper_end(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount ends a range whose lower end shares its scale: 40 to 50 thousand."""
    joined = _text(tokens, one.at - 1) in ("-", "–", "to", "til", "or", "eller")
    return joined and one.at > 1 and digits(tokens[one.at - 2]) is not None


def _is_share(tokens: Sequence[Token], at: int) -> bool:
    is_share = _text(tokens, at) in ("%", "percent", "prosent") and at > 0
    return is_share and _text(tokens, at + 1) in _AFTER_SHARE


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
