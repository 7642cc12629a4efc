"""Pure arithmetic of loans and of values that grow or shrink by a yearly rate.

Interest is reckoned by whole months (a twelfth of the yearly rate each) and rounded to the
currency's minor units half to even, as ``Money.rounded``; the last payment settles what is left.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal

from strongroom.accounts.asset_types import LoanTerms, Method, Payment
from strongroom.core.errors import Refused
from strongroom.core.money import Currency, Money, minor_units, zero
from strongroom.core.time import months_before

MOST_PAYMENTS = 1200
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)


class NeverPaidOff(Refused):
    """The payments of a loan do not bring its debt down to nothing."""


def months_after(day: date, months: int) -> date:
    """Return the day so many months later, or the last of that month where it is shorter."""
    return months_before(day, -months)


def period_rate(terms: LoanTerms) -> Decimal:
    """Return the interest of one period as a share of what is owed."""
    return _EXACT.divide(terms.yearly_percent * terms.every_months, Decimal(1200))


def level_payment(terms: LoanTerms) -> Money:
    """Return what each payment of an annuity is: as given, or by what was lent and how many."""
    if terms.payment is not None:
        return terms.payment
    count, rate = Decimal(terms.payments or 1), period_rate(terms)
    lent = terms.principal.amount
    if not rate:
        return _in_units(_EXACT.divide(lent, count), terms.principal.currency)
    shrunk = _EXACT.power(1 + rate, -count)
    amount = _EXACT.divide(_EXACT.multiply(lent, rate), 1 - shrunk)
    return _in_units(amount, terms.principal.currency)


def payments_after(
    terms: LoanTerms, owed: Money, since: date | None, *, extra: Money | None = None
) -> Iterator[Payment]:
    """Yield the payments that bring ``owed``, as it was at the end of ``since``, to nothing.

    ``since`` None: before the first payment ever. ``extra`` is paid with each of them. Raises
    ``NeverPaidOff``, at the payment where it shows.
    """
    level, rate = level_payment(terms), period_rate(terms)
    first = number = _due_until(terms, since)
    while owed:
        if number - first >= MOST_PAYMENTS:
            raise NeverPaidOff(
                f"The loan is not paid off after {MOST_PAYMENTS} payments.",
                field="payment",
                hint="Give a larger payment.",
            )
        interest = _in_units(_EXACT.multiply(owed.amount, rate), owed.currency)
        part = _part(terms, number, level, interest, owed)
        if extra is not None:
            part = part + extra
        if owed - part <= _residue(terms, number, level):
            part = owed
        number, owed = number + 1, owed - part
        day = months_after(terms.first_payment, (number - 1) * terms.every_months)
        yield Payment(number, day, interest + part, interest, part, owed)


def _due_until(terms: LoanTerms, since: date | None) -> int:
    """Return how many payments fell due up to the end of a day."""
    if since is None or since < terms.first_payment:
        return 0
    months = (since.year - terms.first_payment.year) * 12 + since.month - terms.first_payment.month
    number = months // terms.every_months
    due = months_after(terms.first_payment, number * terms.every_months)
    return number + 1 if due <= since else number


def _part(terms: LoanTerms, number: int, level: Money, interest: Money, owed: Money) -> Money:
    """Return how much of the debt the payment takes away. Raises ``NeverPaidOff``."""
    last = terms.payments is not None and number >= terms.payments - 1
    if terms.method is Method.INTEREST_ONLY:
        return owed if last else zero(owed.currency)
    if terms.method is Method.EQUAL_PRINCIPAL:
        each = _EXACT.divide(terms.principal.amount, Decimal(terms.payments or 1))
        return _in_units(each, owed.currency)
    part = level - interest
    if part <= zero(owed.currency):
        raise NeverPaidOff(
            f"A payment of {level.amount:,f} does not cover the interest of {interest.amount:,f}.",
            field="payment",
            hint="Give a larger payment.",
        )
    return part


def _residue(terms: LoanTerms, number: int, level: Money) -> Money:
    """Return what the last payment planned settles beside its own part: what rounding left."""
    code = terms.principal.currency
    if terms.payments is None or number < terms.payments - 1:
        return zero(code)
    units = Decimal(terms.payments).scaleb(-minor_units(code))
    return _in_units(units + _EXACT.divide(level.amount, Decimal(10)), code)


def grown(value: Money, day: date, percent: Decimal, until: date) -> Iterator[tuple[date, Money]]:
    """Yield what a value that was told for ``day`` comes to a month later, two months, and so on.

    By ``percent`` a year, compounded, up to ``until``, rounded to minor units. A sign stays.
    """
    rate = 1 + _EXACT.divide(percent, Decimal(100))
    months = 1
    while (then := months_after(day, months)) <= until:
        share = _EXACT.power(rate, _EXACT.divide(Decimal(months), Decimal(12)))
        yield then, _in_units(_EXACT.multiply(value.amount, share), value.currency)
        months += 1


def _in_units(amount: Decimal, code: Currency) -> Money:
    """Return an amount in whole minor units: it has more digits than money may have."""
    return Money(_EXACT.quantize(amount, Decimal(1).scaleb(-minor_units(code))), code)
