"""Currencies as files name them: codes that can be meant, and signs beside amounts.

Which of several currencies a sign means for a person is not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from strongroom.core.money import Currency, is_official

# Banks and exchanges do report these, though ISO 4217 does not list them.
_UNOFFICIAL: Final = frozenset(
    """ADA ALGO ATOM AVAX BCH BNB BSV BTC BUSD CNH DAI DASH DOGE DOT EOS ETC ETH FIL GGP GUSD IMP
    JEP LINK LTC MATIC NEAR PYUSD SHIB SOL STETH TON TRX UNI USDC USDP USDT WBTC WETH XBT XLM XMR
    XRP XTZ ZEC""".split()
)
SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "€": ("EUR",), "£": ("GBP",), "zł": ("PLN",), "₹": ("INR",), "₩": ("KRW",), "₺": ("TRY",),
    "₴": ("UAH",), "₪": ("ILS",), "₿": ("BTC",), "Kč": ("CZK",), "Ft": ("HUF",), "R$": ("BRL",),
    "$": ("USD", "CAD", "AUD", "NZD", "SGD", "HKD", "MXN"),
    "kr": ("NOK", "SEK", "DKK", "ISK"), "¥": ("JPY", "CNY"),
}  # fmt: skip
"""What a sign can mean, the likeliest first."""
_BY_FOLDED: Final = {sign.casefold(): sign for sign in SIGNS}
_WORDS: Final = re.compile(r"[^\W\d_]+\$?|[$€£₹₩₺₴₪₿¥]")


def is_known(code: str) -> bool:
    """Return whether money can be meant: an ISO 4217 code or one of the unofficial ones in use."""
    return is_official(Currency(code)) or code in _UNOFFICIAL


def meant_by(cells: Iterable[str]) -> tuple[str, ...]:
    """Return which currencies the signs and codes beside amounts can mean; empty for none.

    Empty too where they do not agree.
    """
    found: set[tuple[str, ...]] = set()
    for cell in cells:
        for word in _WORDS.findall(cell):
            sign = _BY_FOLDED.get(word.casefold())
            if sign is not None:
                found.add(SIGNS[sign])
            elif len(word) == 3 and is_official(Currency(word.upper())):
                found.add((word.upper(),))
        if len(found) > 1:
            return ()
    return found.pop() if found else ()
