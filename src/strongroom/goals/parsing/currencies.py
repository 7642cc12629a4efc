"""Tells which currency stands beside a number in a goal's text.

``$`` is the dollar at home where home has one, ``kr`` the crown. What several countries call the
same and home does not decide is not guessed (``unsure``). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import category

from strongroom.core.money import BadCurrency, Currency, currency, is_official
from strongroom.goals.parsing.words import SCALES, Token, digits
from strongroom.ui import gettext

_DOLLARS = frozenset("USD AUD CAD NZD SGD HKD MXN".split())
_CROWNS = frozenset("NOK SEK DKK ISK CZK".split())
_PESOS = frozenset("MXN ARS CLP COP PHP UYU DOP".split())
_RUPEES = frozenset("INR PKR LKR NPR MUR SCR".split())
_SEVERAL = {
    **dict.fromkeys(("peso", "pesos"), _PESOS),
    **dict.fromkeys(("dinar", "dinars"), frozenset("KWD BHD JOD IQD RSD TND DZD LYD MKD".split())),
    **dict.fromkeys(("dirham", "dirhams"), frozenset({"AED", "MAD"})),
    **dict.fromkeys(("shilling", "shillings"), frozenset("KES TZS UGX SOS".split())),
}
"""What several countries call their money."""
_NAMES = {
    "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW", "₽": "RUB", "₿": "BTC",
    "₺": "TRY", "₪": "ILS", "฿": "THB", "₫": "VND", "₴": "UAH", "₦": "NGN",
    "₱": "PHP", "pund": "GBP", "franc": "CHF", "sveitserfranc": "CHF", "fr": "CHF", "sfr": "CHF",
    "kronor": "SEK", "krónur": "ISK", "kronur": "ISK",
    "euro": "EUR", "euros": "EUR", "pound": "GBP", "pounds": "GBP", "quid": "GBP", "yen": "JPY",
    "francs": "CHF", "zloty": "PLN", "zlotys": "PLN", "złoty": "PLN", "złotych": "PLN",
    "zł": "PLN", "zl": "PLN", "kč": "CZK", "kčs": "CZK", "koruna": "CZK", "korun": "CZK",
    "koruny": "CZK", "forint": "HUF", "forints": "HUF", "lira": "TRY", "liras": "TRY",
    "baht": "THB", "ruble": "RUB", "rubles": "RUB", "rouble": "RUB", "roubles": "RUB",
    "rubler": "RUB", "shekel": "ILS", "shekels": "ILS", "yuan": "CNY", "rmb": "CNY",
    "renminbi": "CNY", "rand": "ZAR", "reais": "BRL", "ringgit": "MYR", "rupiah": "IDR",
    "naira": "NGN", "hryvnia": "UAH", "mnok": "NOK", "knok": "NOK",
    "msek": "SEK", "tsek": "SEK", "mdkk": "DKK",
    "bitcoin": "BTC", "bitcoins": "BTC", "btc": "BTC",
}  # fmt: skip
SCALED = {
    **dict.fromkeys(("mnok", "mkr", "msek", "mdkk"), 1_000_000),
    **dict.fromkeys(("knok", "kkr", "tkr", "tsek"), 1_000),
}
"""Money and a scale in one word: 3 mnok."""
_WHOSE_DOLLAR = {
    "us": "USD", "au": "AUD", "ca": "CAD", "nz": "NZD", "hk": "HKD",
    "a": "AUD", "c": "CAD", "s": "SGD", "r": "BRL",
}  # fmt: skip
"""Before ``$``; a single letter only right before it."""
_CROWN_WORDS = frozenset("kr kroner krone kronene kronar spenn kkr tkr mkr crowns".split())
_NATIONS = {
    nation: code
    for code, nations in {
        "NOK": "norske norwegian", "DKK": "danske danish", "SEK": "svenske swedish",
        "ISK": "islandske icelandic", "CZK": "tsjekkiske czech", "USD": "us american amerikanske",
        "CAD": "canadian kanadiske", "AUD": "australian australske", "NZD": "zealand",
        "HKD": "kong", "SGD": "singapore", "TWD": "taiwan", "GBP": "british britiske sterling",
        "CHF": "swiss sveitsiske", "INR": "indian indiske", "PKR": "pakistani",
        "MXN": "mexican meksikanske", "ARS": "argentine argentinian", "CLP": "chilean",
        "COP": "colombian", "PHP": "philippine", "BRL": "brazilian", "ZAR": "african",
        "EGP": "egyptian", "TRY": "turkish tyrkiske", "KES": "kenyan", "MAD": "moroccan",
        "KWD": "kuwaiti", "JOD": "jordanian", "RSD": "serbian", "TND": "tunisian",
    }.items()
    for nation in nations.split()
}  # fmt: skip
"""Whose money it is, before the word for it."""
_WORDS = frozenset(
    "dollar dollars kroner krone crowns crown koruna pound pounds franc francs rupee rupees peso"
    " pesos real reais rand lira liras shilling shillings dirham dirhams dinar dinars".split()
)
_BEFORE = frozenset("in of i as to into some many thousand the a".split())
_FIRST_HALVES = frozenset({"new", "hong", "south"})
_WIDE = frozenset({"$", "kr", "¥"})
"""Signs that a code behind the amount makes plain: $500 CAD."""
_NOT_CODES = frozenset("ALL TOP TRY MAD CUP GEL LAK SOS PAB BAM MOP VED".split())
_BITCOIN = frozenset("bitcoin bitcoins".split())
_SYMBOLS = frozenset("$ € £ ¥ ₹ ₩ ₽ ₿ ₺ ₪ ฿ ₫ ₴ ₦ ₱ kr".split())
_SHORT = frozenset({"kr", "rs"})
"""What may have a full stop behind it: kr. 500."""


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
    dotted = _text(tokens, at - 1) == "." and _text(tokens, at - 2) in _SHORT
    before = at - 2 if dotted else at - 1
    if before >= 0 and (found := _currency(tokens, before, home)) is not None:
        begin, unsure = before, _is_unsure(_text(tokens, before), home)
        whose = _whose(tokens, begin)
        if whose is not None:
            found, begin = whose, begin - 1
    if _text(tokens, end) == "," and _text(tokens, end + 1) in ("-", "–"):
        end += 2  # Norwegian: 500,-
        found = found or _crown(home)
    after = None if _is_the_next_ones(tokens, at, end) else _currency(tokens, end, home)
    if after is None:
        return Named(found, begin, end, unsure)
    if found is None:
        unsure = _is_unsure(_text(tokens, end), home)
    elif found != after and _text(tokens, begin) in _WIDE:
        found = after
    elif found != after:
        unsure = True  # €500 dollars
    return Named(found or after, begin, end + _length(tokens, end), unsure)


def _length(tokens: Sequence[Token], at: int) -> int:
    """Return how many words name a currency: ``dollars``, ``norske kroner``."""
    first = at + 1 if _text(tokens, at) in _FIRST_HALVES else at
    named = _text(tokens, first) in _NATIONS and _text(tokens, first + 1) in _WORDS
    return first + 2 - at if named else 1


def _is_the_next_ones(tokens: Sequence[Token], at: int, end: int) -> bool:
    """Whether a sign after a number stands before the next one: ``iphone 15 $800``."""
    if _text(tokens, end) not in _SYMBOLS or end + 1 >= len(tokens):
        return False
    if digits(tokens[end + 1]) is None and tokens[end + 1].kind not in ("odd", "bent"):
        return False
    apart = tokens[end - 1].end < tokens[end].start
    return apart and _text(tokens, end - 1) not in SCALES


def _currency(tokens: Sequence[Token], at: int, home: Currency) -> Currency | None:
    text, words = _text(tokens, at), _length(tokens, at)
    if words > 1:
        return Currency(_NATIONS[_text(tokens, at + words - 2)])
    if text in ("$", "dollar", "dollars", "bucks"):
        return home if home in _DOLLARS else Currency("USD")
    if text in _CROWN_WORDS:
        return _crown(home)
    if text in _SEVERAL or _is_foreign(text):
        return home
    if text in ("rupee", "rupees", "rs"):
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
    return _is_foreign(text) or (text in _SEVERAL and home not in _SEVERAL[text])


def _is_foreign(text: str) -> bool:
    """Whether a sign is that of some money which is not known here."""
    return len(text) == 1 and category(text) == "Sc" and text not in _SYMBOLS


def is_sign(text: str) -> bool:
    """Whether a sign of money, such as € or kr, is all there is."""
    return text in _SYMBOLS or _is_foreign(text)


def _crown(home: Currency) -> Currency:
    return home if home in _CROWNS else Currency("NOK")


def mentioned(tokens: Sequence[Token], home: Currency) -> Named | None:
    """Find the money that is named anywhere, beside no number that can be read: ``€1e5``.

    ``unsure`` where a word before it may say whose it is.
    """
    for place, token in enumerate(tokens):
        named = token.kind == "word" and (len(token.text) > 3 or token.text in _CROWN_WORDS)
        named = named and token.text not in _BITCOIN
        named = named or (token.kind == "sign" and token.text in _SYMBOLS)
        if named and not _is_unsure(token.text, home):
            found = _currency(tokens, place, home)
            whose = tokens[place - 1] if place else None
            unsure = token.text in _WORDS and whose is not None and (
                whose.kind == "word" and whose.text not in {*_BEFORE, *SCALES}
            )  # fmt: skip
            if found is not None:
                return Named(found, place, place + 1, unsure)
    return None


def is_named(tokens: Sequence[Token], at: int, home: Currency) -> bool:
    """Whether a currency stands at a place."""
    return _currency(tokens, at, home) is not None


def _text(tokens: Sequence[Token], at: int) -> str:
    return tokens[at].text if 0 <= at < len(tokens) else ""
