"""Tells which currency stands beside a number in a goal's text.

``$`` is the dollar at home where home has one, ``kr`` the crown. What several countries call the
same and home does not decide is not guessed (``unsure``). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from strongroom.core.money import BadCurrency, Currency, currency, is_official
from strongroom.goals.parsing.words import SCALES, Token, digits
from strongroom.ui import gettext

_DOLLARS = frozenset("USD AUD CAD NZD SGD HKD MXN".split())
_CROWNS = frozenset("NOK SEK DKK ISK CZK".split())
_PESOS = frozenset("MXN ARS CLP COP PHP UYU DOP".split())
_RUPEES = frozenset("INR PKR LKR NPR MUR SCR".split())
_NAMES = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₿": "BTC",
    "kronor": "SEK",
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "yen": "JPY",
    "francs": "CHF", "zloty": "PLN", "mnok": "NOK", "knok": "NOK",
    "bitcoin": "BTC", "bitcoins": "BTC", "btc": "BTC",
}  # fmt: skip
_WHOSE_DOLLAR = {
    "us": "USD", "au": "AUD", "ca": "CAD", "nz": "NZD", "hk": "HKD",
    "a": "AUD", "c": "CAD", "s": "SGD", "r": "BRL",
}  # fmt: skip
"""Before ``$``; a single letter only right before it."""
_CROWN_WORDS = frozenset("kr kroner krone kronene kronar spenn".split())
_NATIONS = {"norske": "NOK", "danske": "DKK", "svenske": "SEK", "islandske": "ISK"}
_NOT_CODES = frozenset("ALL TOP TRY MAD CUP GEL LAK SOS PAB BAM MOP".split())
_BITCOIN = frozenset("bitcoin bitcoins".split())
_SYMBOLS = frozenset("$ € £ ¥ ₹ ₩ ₽ ₿ kr".split())


@dataclass(frozen=True, slots=True)
class Named:
    """The currency beside a number, None where there is none, and the places of all of it.

    ``unsure``: a word of several countries' money, such as pesos.
    """

    currency: Currency | None
    begin: int
    end: int
    unsure: bool = False


def home_of(code: str) -> Currency:
    """Return the currency that holds where a text names none. Raises ``BadCurrency``."""
    found = currency(code)
    if not is_official(found):
        raise BadCurrency(
            gettext("%(code)s is not a currency that is known.", code=found),
            field="currency",
            hint=gettext("A code such as NOK, EUR or USD."),
        )
    return found


def beside(tokens: Sequence[Token], at: int, end: int, home: Currency) -> Named:
    """Find the currency before or after a number that stands from ``at`` up to ``end``."""
    begin, found, unsure = at, None, False
    before = at - 2 if _text(tokens, at - 1) == "." and _text(tokens, at - 2) == "kr" else at - 1
    if before >= 0 and (found := _currency(tokens, before, home)) is not None:
        begin = before
        whose = _whose(tokens, begin)
        if whose is not None:
            found, begin = whose, begin - 1
    if _text(tokens, end) == "," and _text(tokens, end + 1) in ("-", "–"):
        end += 2  # Norwegian: 500,-
        found = found or _crown(home)
    after = None if _is_the_next_ones(tokens, at, end) else _currency(tokens, end, home)
    if after is not None:
        unsure = found is None and _is_unsure(_text(tokens, end), home)
        return Named(
            found or after, begin, end + (2 if _text(tokens, end) in _NATIONS else 1), unsure
        )
    return Named(found, begin, end)


def _is_the_next_ones(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a sign after a number stands before the next one: ``iphone 15 $800``."""
    if _text(tokens, end) not in _SYMBOLS or end + 1 >= len(tokens):
        return False
    if digits(tokens[end + 1]) is None and tokens[end + 1].kind not in ("odd", "bent"):
        return False
    apart = tokens[end - 1].end < tokens[end].start
    return apart and _text(tokens, end - 1) not in SCALES


def _currency(tokens: Sequence[Token], at: int, home: Currency) -> Currency | None:
    text = _text(tokens, at)
    if text in ("$", "dollar", "dollars", "bucks"):
        return home if home in _DOLLARS else Currency("USD")
    if text in _NATIONS and _text(tokens, at + 1) in ("kroner", "krone"):
        return Currency(_NATIONS[text])
    if text in _CROWN_WORDS:
        return _crown(home)
    if text in ("peso", "pesos"):
        return home
    if text in ("rupee", "rupees"):
        return home if home in _RUPEES else Currency("INR")
    if text in _NAMES:
        return Currency(_NAMES[text])
    code = text.upper()
    if len(code) == 3 and code.isascii() and code.isalpha() and is_official(Currency(code)):
        return None if code in _NOT_CODES else currency(code)
    return None


def _whose(tokens: Sequence[Token], sign: int) -> Currency | None:
    before = _text(tokens, sign - 1)
    if _text(tokens, sign) != "$" or before not in _WHOSE_DOLLAR:
        return None
    joined = tokens[sign - 1].end == tokens[sign].start
    return Currency(_WHOSE_DOLLAR[before]) if joined or len(before) > 1 else None


def _is_unsure(text: str, home: Currency) -> bool:
    return text in ("peso", "pesos") and home not in _PESOS


def _crown(home: Currency) -> Currency:
    return home if home in _CROWNS else Currency("NOK")


def mentioned(tokens: Sequence[Token], home: Currency) -> Currency | None:
    """Return the money that is named anywhere, beside no number that can be read: ``€1e5``."""
    for place, token in enumerate(tokens):
        named = token.kind == "word" and len(token.text) > 3 and token.text not in _BITCOIN
        named = named or (token.kind == "sign" and token.text in _SYMBOLS)
        if named and not _is_unsure(token.text, home):
            found = _currency(tokens, place, home)
            if found is not None:
                return found
    return None


def is_named(tokens: Sequence[Token], at: int, home: Currency) -> bool:
    """Whether a currency stands at a place."""
    return _currency(tokens, at, home) is not None


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
