"""Money: an exact decimal amount and its currency, and the arithmetic that is allowed on it.

Never a float, never a sum across currencies, and no conversion: that takes a dated rate (fx).
Formatting for people lives in ``ui``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import NewType

from strongroom.core.errors import Refused

Currency = NewType("Currency", str)
"""An ISO 4217 code, or a bank's unofficial one such as BTC. Always upper case."""

# ISO 4217 says "no currency involved" with this code; banks do omit the currency.
NO_CURRENCY = Currency("XXX")

# ISO 4217 minor units that are not two.
_MINOR_UNITS = {
    **dict.fromkeys(
        "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0
    ),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys("CLF UYW".split(), 4),
}
_ISO_4217 = frozenset(
    """AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP
    BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR
    FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES
    KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR
    MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS
    UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF
    XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG""".split()
)
# Digits before the point: of an account's amount, NUMERIC(28,10), and of a sum, NUMERIC(38,10).
_DIGITS, _DIGITS_OF_SUM = 18, 28
# Python's own context rounds to 28 digits in all; sums have more.
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_FINEST = Decimal("1e-10")
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{1,15}\Z")


class CurrenciesDiffer(Refused):
    """Two amounts in different currencies were added, subtracted or compared."""


class BadCurrency(Refused):
    """The text is not a currency code."""


class BadAmount(Refused):
    """The amount is not a finite number that an account can hold."""


def currency(code: str) -> Currency:
    """Read a currency code, official or not. Raises ``BadCurrency``."""
    upper = code.strip().upper()
    if not _CODE.match(upper):
        raise BadCurrency(f"{code!r} is not a currency code.", field="currency")
    return Currency(upper)


def is_official(code: Currency) -> bool:
    """Return whether ISO 4217 lists the code."""
    return code in _ISO_4217


def minor_units(code: Currency) -> int:
    """Return the decimals that money in this currency moves with: 2 for EUR, 0 for JPY.

    ISO 4217. Unofficial currencies get 8, the finest that banks report.
    """
    return _MINOR_UNITS.get(code, 2 if is_official(code) else 8)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency. Positive means money in, or owned.

    It may be a sum, so it holds what ``NUMERIC(38,10)`` does: amounts that every account could
    have can always be added up. Raises ``BadAmount`` for NaN, infinities and more digits. What
    comes from outside has the narrower bound of ``check_amount``.
    """

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        """Refuse what the database could not hold exactly."""
        _check(self.amount, _DIGITS_OF_SUM)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(_EXACT.add(self.amount, other.amount), self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(_EXACT.subtract(self.amount, other.amount), self.currency)

    def __neg__(self) -> Money:
        return Money(_EXACT.minus(self.amount), self.currency)

    def __abs__(self) -> Money:
        return Money(_EXACT.abs(self.amount), self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.amount <= other.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def rounded(self) -> Money:
        """Return the amount in whole minor units (half to even), for where money moves."""
        unit = Decimal(1).scaleb(-minor_units(self.currency))
        return Money(_EXACT.quantize(self.amount, unit), self.currency)

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise CurrenciesDiffer(f"{self.currency} and {other.currency} cannot be combined.")


def check_amount(amount: Decimal) -> Decimal:
    """Return an amount that ``NUMERIC(28,10)`` holds exactly, else raise ``BadAmount``.

    For one amount as it comes in: a balance, a row. A sum of such may be greater.
    """
    return _check(amount, _DIGITS)


def _check(amount: Decimal, digits: int) -> Decimal:
    if not amount.is_finite():
        raise BadAmount("The amount is not a finite number.", field="amount")
    if amount and amount.adjusted() >= digits:
        raise BadAmount(
            f"The amount has more than {digits} digits before the point.", field="amount"
        )
    if amount.same_quantum(_FINEST):  # as the database gives it: told without taking it apart
        return amount
    exponent = amount.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -10 and amount != _EXACT.quantize(amount, _FINEST):
        raise BadAmount("The amount has more than ten decimals.", field="amount")
    return amount


def zero(code: Currency) -> Money:
    """Return nothing, in a currency."""
    return Money(Decimal(0), code)


def total(amounts: Iterable[Money], code: Currency) -> Money:
    """Return the sum of ``amounts``, which must all be in ``code``."""
    return sum(amounts, start=zero(code))
