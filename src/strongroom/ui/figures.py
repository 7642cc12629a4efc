"""Amounts, numbers and shares as text, in the current person's language.

Every amount a person sees goes through ``money``: exact decimals in, a true minus sign, spaces
that do not break, and nothing but dots when amounts are hidden. Reading text back is ``amounts``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Final

from strongroom.core.money import Currency, Money, is_official, minor_units
from strongroom.ui.language import current
from strongroom.ui.preferences import LANGUAGES, Locale

HIDDEN: Final = "•••••"
MINUS: Final = "\N{MINUS SIGN}"
NBSP: Final = "\N{NO-BREAK SPACE}"

# British CLDR data says US$ and JP¥; readers of English in the rest of the world see $ and ¥.
_SYMBOLS: Final[dict[Locale, dict[str, str]]] = {
    "en": {"USD": "$", "JPY": "¥"},
    "nb": {},
}
# An unofficial currency shows at least cents, and no more than its own precision.
_LEAST_UNOFFICIAL = 2
_MOST_AXIS_DECIMALS = 2


@dataclass(frozen=True, slots=True)
class Affixes:
    """What stands before and after the digits of an amount: ``("€", "")``, ``("", " kr")``."""

    before: str
    after: str


def money(amount: Money, *, sign: bool = False, compact: bool = False, exact: bool = True) -> str:
    """Return an amount as text: ``−€24.15``, ``1 234,50 kr``, ``NOK 15.00``, ``•••••``.

    ``sign`` shows a plus too; ``exact=False`` rounds to whole units; ``compact`` gives
    ``€240K``. Decimals follow ISO 4217 (JPY 0, KWD 3); a currency that CLDR writes without
    decimals, such as RSD, shows them only when there are any, so that no cent is ever hidden.
    Half a unit rounds to even, as where money moves.
    """
    if current().hide_amounts:
        return HIDDEN
    if compact:
        return _signed(_compact(abs(amount.amount), amount.currency), amount.amount, sign)
    fewest, most = decimals(amount) if exact else (0, 0)
    rounded = rounded_to(amount.amount, most)
    text = _digits(abs(rounded), fewest, most)
    around = affixes(amount.currency, current().locale)
    return _signed(f"{around.before}{text}{around.after}", rounded, sign)


def number(value: Decimal | int, *, digits: int | None = None) -> str:
    """Return a plain number: grouped, with ``digits`` decimals or as many as it has (max. 10)."""
    decimal = Decimal(value)
    fewest, most = (0, 10) if digits is None else (digits, digits)
    rounded = rounded_to(decimal, most)
    return _signed(_digits(abs(rounded), fewest, most), rounded, plus=False)


def percent(ratio: Decimal, *, sign: bool = False, digits: int = 1) -> str:
    """Return a ratio as a share of hundred: ``Decimal("0.281")`` as ``28.1%`` or ``28,1 %``.

    At most ``digits`` decimals; a whole share has none.
    """
    share = rounded_to(ratio * 100, digits)
    text = _digits(abs(share), 0, digits) + (f"{NBSP}%" if current().locale == "nb" else "%")
    return _signed(text, share, sign)


def decimals(amount: Money) -> tuple[int, int]:
    """Return the fewest and the most decimals that this amount is written with."""
    most = minor_units(amount.currency)
    if not is_official(amount.currency):
        return _LEAST_UNOFFICIAL, most
    usual = min(_cldr_precision(amount.currency), most)
    rounded = rounded_to(amount.amount, most)
    return (usual, usual) if rounded == rounded_to(rounded, usual) else (most, most)


def rounded_to(value: Decimal, digits: int) -> Decimal:
    """Return ``value`` with ``digits`` decimals, half to even; minus nothing becomes nothing."""
    return value.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_EVEN) + 0


def axis_labels(ticks: Sequence[Decimal], currency: Currency) -> list[str]:
    """Return a label for each tick of an axis, short, and all different unless amounts are hidden.

    ``€240K`` where that is exact, else whole amounts, else decimals as needed.
    """
    if current().hide_amounts:
        return [HIDDEN for _ in ticks]
    around = affixes(currency, current().locale)
    if all(_exact_when_compact(tick) for tick in ticks):
        texts = [_compact(abs(tick), currency) if tick else "0" for tick in ticks]
    else:
        most = max(max(0, -_exponent(tick)) for tick in ticks)
        texts = [
            f"{around.before}{_digits(abs(tick), most, most)}{around.after}" if tick else "0"
            for tick in ticks
        ]
    return [_signed(text, tick, plus=False) for text, tick in zip(texts, ticks, strict=True)]


@lru_cache(maxsize=512)
def affixes(currency: Currency, locale: Locale) -> Affixes:
    """Return what a language puts around an amount of a currency (CLDR's standard pattern)."""
    from babel.numbers import get_currency_symbol

    pattern = _locale_data(locale).currency_formats["standard"]
    before, after = pattern.prefix[0], pattern.suffix[0]
    symbol = _SYMBOLS[locale].get(currency) or get_currency_symbol(currency, LANGUAGES[locale].cldr)
    # CLDR's currencySpacing: letters do not touch digits.
    if before.endswith("¤") and symbol[-1:].isalnum():
        before += NBSP
    return Affixes(before.replace("¤", symbol), after.replace("¤", symbol))


def _signed(text: str, value: Decimal, plus: bool) -> str:
    if value < 0:
        return MINUS + text
    return "+" + text if plus and value > 0 else text


def _digits(value: Decimal, fewest: int, most: int) -> str:
    """Write a number that is not negative, grouped by three, dropping zeros beyond ``fewest``."""
    text = f"{value:,.{most}f}"
    whole, _, fraction = text.partition(".")
    while len(fraction) > fewest and fraction.endswith("0"):
        fraction = fraction[:-1]
    group, point = _separators(current().locale)
    return whole.replace(",", group) + (point + fraction if fraction else "")


@lru_cache(maxsize=8)
def _separators(locale: Locale) -> tuple[str, str]:
    symbols = _locale_data(locale).number_symbols["latn"]
    return symbols["group"], symbols["decimal"]


@lru_cache(maxsize=256)
def _cldr_precision(currency: Currency) -> int:
    from babel.numbers import get_currency_precision

    return get_currency_precision(currency)


@lru_cache(maxsize=8)
def _locale_data(locale: Locale):  # type: ignore[no-untyped-def]
    from babel import Locale as BabelLocale

    return BabelLocale.parse(LANGUAGES[locale].cldr)


def _compact(value: Decimal, currency: Currency) -> str:
    """Write ``240000`` as ``€240K``, in the order and spacing of the plain amount."""
    around = affixes(currency, current().locale)
    power, unit = _compact_unit(value)
    short = value.scaleb(-power)
    return f"{around.before}{_digits(rounded_to(short, 1), 0, 1)}{unit}{around.after}"


def _compact_unit(value: Decimal) -> tuple[int, str]:
    """Return the power of ten and its short name: ``(3, "K")``, ``(6, " mill.")``."""
    power = min(12, max(0, value.adjusted() // 3 * 3)) if value else 0
    # 999,950 would round to 1000.0K.
    if power and power < 12 and rounded_to(value.scaleb(-power), 1) >= 1000:
        power += 3
    if not power:
        return 0, ""
    pattern = _locale_data(current().locale).compact_currency_formats["short"]["other"]
    text = pattern[str(10**power)].pattern
    unit = text.split("0", 1)[1].replace("¤", "").replace("'", "").rstrip()
    return power, unit


def _exact_when_compact(tick: Decimal) -> bool:
    power, _ = _compact_unit(abs(tick))
    short = abs(tick).scaleb(-power)
    return short == rounded_to(short, 1) and (power > 0 or short == rounded_to(short, 0))


def _exponent(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
