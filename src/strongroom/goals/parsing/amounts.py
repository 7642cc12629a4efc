"""Finds the amounts of money in a goal's text, and tells the target from what is said beside it.

English and Norwegian. An amount is taken as it is written: never rounded, never reckoned from
others. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from strongroom.core.money import Currency, currency, is_official
from strongroom.goals.parsing.words import SCALES, Token, digits, written_out

_DOLLARS = frozenset("USD AUD CAD NZD SGD HKD MXN".split())
_CROWNS = frozenset("NOK SEK DKK ISK CZK".split())
_NAMES = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₿": "BTC",
    "kronor": "SEK",
    "dollar": "USD", "dollars": "USD", "bucks": "USD", "euro": "EUR", "euros": "EUR",
    "pound": "GBP", "pounds": "GBP", "quid": "GBP", "yen": "JPY", "francs": "CHF", "zloty": "PLN",
    "mnok": "NOK", "knok": "NOK",
}  # fmt: skip
_NATIONS = {"norske": "NOK", "danske": "DKK", "svenske": "SEK", "islandske": "ISK"}
_NOT_CODES = frozenset("ALL TOP TRY MAD CUP GEL LAK SOS PAB BAM MOP".split())
_ALREADY = frozenset("already allerede currently earn make income salary tjener lønn worth".split())
_PER = frozenset("a an per each every i hver pr / i'm om".split())
_PERIODS = {
    **dict.fromkeys("month months monthly mo mth måned måneden mnd månedlig".split(), "month"),
    **dict.fromkeys("year yearly annually yr annum år året årlig".split(), "other"),
    **dict.fromkeys("week weekly uke uka uken".split(), "other"),
    **dict.fromkeys("day daily dag dagen paycheck payday fortnight ukentlig".split(), "other"),
}  # fmt: skip
_ADVERBS = {"monthly": "month", "månedlig": "month", "yearly": "other", "weekly": "other",
            "annually": "other", "årlig": "other", "ukentlig": "other"}  # fmt: skip
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
_PLANS = {("401", "k"), ("403", "b"), ("457", "b")}
_RUNS = frozenset("run race løp løpet marathon km miles".split())


@dataclass(frozen=True, slots=True)
class Amount:
    """One amount as it stands in the text. ``per``: ``month``, ``other``, or '' for a whole sum.

    ``currency`` is None where the text names none.
    """

    value: Decimal
    currency: Currency | None
    per: str
    at: int
    end: int
    start_char: int
    end_char: int


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
    monthly = next((one for one in found if one.per == "month"), None)
    whole = [one for one in found if not one.per and not _is_context(tokens, one)]
    target, ask = _target(tokens, whole)
    return Sums(target, monthly, (ask,) if ask else (), named)


def _target(tokens: Sequence[Token], whole: list[Amount]) -> tuple[Amount | None, str]:
    """Choose the whole sum that is to be saved, or the question that finds it out."""
    pairs = pairwise(whole)
    if any(_is_range(tokens, *pair) for pair in pairs) or any(
        _is_upper_end(tokens, one) for one in whole
    ):
        return None, "range"
    # 20 % of a house is not reckoned behind the person's back.
    shared = any(_is_share(tokens, place) for place in range(len(tokens)))
    governed = [one for one in whole if _is_governed(tokens, one)]
    if len({(one.value, one.currency) for one in whole}) > 1 or shared:
        if len(governed) != 1:
            return None, "share" if shared else "two_amounts"
        whole = governed
    if not whole:
        return None, ""
    return (whole[0], "") if whole[0].value > 0 else (None, "not_positive")


def _all(tokens: Sequence[Token], taken: frozenset[int], home: Currency) -> list[Amount]:
    found, at = [], 0
    while at < len(tokens):
        one = None if at in taken else _amount(tokens, at, taken, home)
        if one is None:
            at += 1
        else:
            found.append(one)
            at = one.end
    return found


def _amount(
    tokens: Sequence[Token], at: int, taken: frozenset[int], home: Currency
) -> Amount | None:
    read = _value(tokens, at)
    if read is None:
        return None
    value, end, scaled = read
    if at and _sticks(tokens[at - 1], tokens[at]) and _currency(tokens, at - 1, home) is None:
        return None  # part of something else: 1e9, B52
    named, begin, end = _named(tokens, at, end, home)
    if named is None and not scaled and not _stands_alone(tokens, at, end):
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
        tokens[begin].start, tokens[end - 1].end,
    )  # fmt: skip


def _plain(value: Decimal) -> Decimal:
    """Return a whole number without decimals: 1.5 million is 1500000 and not 1500000.0."""
    whole = Decimal(int(value))
    return whole if whole == value else value


def _sticks(left: Token, right: Token) -> bool:
    return left.kind == "word" and left.end == right.start


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
            return value * scale, end + 1, True
        return value, end, scaled
    number = digits(tokens[at], scaled=scale is not None)
    if number is None:
        return None
    if _text(tokens, end) in ("mnok", "knok"):
        return number * (1_000_000 if _text(tokens, end) == "mnok" else 1_000), end, True
    if scale is None:
        return number, end, False
    end += 1
    if _text(tokens, end) == "." and _text(tokens, end - 1) in ("mill", "mio", "mil"):
        end += 1
    return number * scale, end, True


def _named(
    tokens: Sequence[Token], at: int, end: int, home: Currency
) -> tuple[Currency | None, int, int]:
    """Find the currency beside a number; return it, and where the amount begins and ends."""
    begin = at
    found = _currency(tokens, at - 1, home) if at else None
    if found is not None:
        begin = at - 1
        if _text(tokens, begin - 1) in ("us", "au", "ca", "nz") and _text(tokens, begin) == "$":
            found = Currency(
                {"us": "USD", "au": "AUD", "ca": "CAD", "nz": "NZD"}[_text(tokens, begin - 1)]
            )
            begin -= 1
    if _text(tokens, end) == "," and _text(tokens, end + 1) in ("-", "–"):
        end += 2  # Norwegian: 500,-
        found = found or _crown(home)
    after = _currency(tokens, end, home)
    if after is not None:
        return found or after, begin, end + (2 if _text(tokens, end) in _NATIONS else 1)
    return found, begin, end


def _currency(tokens: Sequence[Token], at: int, home: Currency) -> Currency | None:
    text = _text(tokens, at)
    if text in ("$", "dollar", "dollars", "bucks"):
        return home if home in _DOLLARS else Currency("USD")
    if text in _NATIONS and _text(tokens, at + 1) in ("kroner", "krone"):
        return Currency(_NATIONS[text])
    if text in ("kr", "kroner", "krone"):
        return _crown(home)
    if text in _NAMES:
        return Currency(_NAMES[text])
    code = text.upper()
    if len(code) == 3 and code.isascii() and code.isalpha() and is_official(Currency(code)):
        return None if code in _NOT_CODES else currency(code)
    return Currency("BTC") if text in ("btc", "bitcoin", "bitcoins") else None


def _crown(home: Currency) -> Currency:
    return home if home in _CROWNS else Currency("NOK")


def _stands_alone(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a bare number may be money: large enough, and not a count of things."""
    value = digits(tokens[at])
    if value is None:
        return False
    if tokens[at].kind == "grouped":
        return True
    before = {_text(tokens, at - 1), _text(tokens, at - 2)} if at else set()
    after = _text(tokens, end)
    ends = after in _ENDS
    saved = bool(before & _SAVES)
    return (ends or saved) and (value >= 100 or (ends and saved and value >= 10) or value == 0)


def _per(tokens: Sequence[Token], end: int) -> tuple[str, int]:
    text = _text(tokens, end)
    if text in _ADVERBS:
        return _ADVERBS[text], end + 1
    if text in _PER and _text(tokens, end + 1) in _PERIODS:
        return _PERIODS[_text(tokens, end + 1)], end + 2
    return "", end


def _is_context(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount is what the person earns, has or pays, and not what they want."""
    before = _clause_before(tokens, one)
    if _ALREADY & {*before}:
        return True
    after = [_text(tokens, place) for place in range(one.end, one.end + 3)]
    return (
        "already" in after
        or "allerede" in after
        or after[:2] in (["saved", "already"], ["saved", "so"])
    )


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
    if between in (["-"], ["–"], ["to"], ["til"], ["or"], ["eller"]):
        return True
    opened = {_text(tokens, one.at - 1), _text(tokens, one.at - 2)} if one.at else set()
    return between in (["and"], ["og"]) and bool(opened & {"between", "mellom"})


def _is_upper_end(tokens: Sequence[Token], one: Amount) -> bool:
    """Whether an amount ends a range whose lower end shares its scale: 40 to 50 thousand."""
    joined = _text(tokens, one.at - 1) in ("-", "–", "to", "til", "or", "eller")
    return joined and one.at > 1 and digits(tokens[one.at - 2]) is not None


def _is_share(tokens: Sequence[Token], at: int) -> bool:
    is_share = _text(tokens, at) in ("%", "percent", "prosent") and at > 0
    return is_share and _text(tokens, at + 1) in ("down", "of", "deposit", "av", "egenkapital", "i")


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
