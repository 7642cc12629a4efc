"""Whether parts make up a row, and dividing an amount by shares. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_DOWN, Context, Decimal
from functools import reduce
from typing import Final

from strongroom.core.errors import Refused
from strongroom.core.money import Currency, Money, check_amount, minor_units
from strongroom.core.plain import amount_text
from strongroom.transactions.splits.types import Part
from strongroom.ui import gettext as _

FEWEST: Final = 2
MOST: Final = 50
LONGEST_NOTE: Final = 500
_EXACT: Final = Context(prec=60)


class SplitDoesNotAddUp(Refused):
    """The parts come to more or less than the row. The message says by how much."""


class BadPart(Refused):
    """One part cannot be: it is nothing, too fine, or there are too few or too many."""


def check(parts: Sequence[Part], whole: Money) -> None:
    """Refuse parts that do not make up a row: its sign, its currency's decimals, its amount.

    A part may go the other way, such as a deposit taken back with a purchase. Raises ``BadPart``
    and ``SplitDoesNotAddUp``.
    """
    if len(parts) < FEWEST:
        raise BadPart(
            _("A split has at least two parts."),
            field="parts",
            hint=_("To put all of it elsewhere, change the transaction's category."),
        )
    if len(parts) > MOST:
        raise BadPart(_("A split has at most %(most)s parts.", most=MOST), field="parts")
    finest = max(minor_units(whole.currency), _decimals(whole.amount))
    for number, part in enumerate(parts, 1):
        _check_part(number, part, finest, whole.currency)
    _check_sum(parts, whole)


def _check_part(number: int, part: Part, finest: int, code: Currency) -> None:
    field = f"parts.{number}.amount"
    check_amount(part.amount)
    if not part.amount:
        raise BadPart(
            _("Part %(number)s is nothing.", number=number),
            field=field,
            hint=_("Give it an amount, or leave the part out."),
        )
    if _decimals(part.amount) > finest:
        raise BadPart(
            _("Part %(number)s has more decimals than %(currency)s has.",
              number=number, currency=code),
            field=field,
            hint=_("Write at most %(most)s decimals.", most=finest),
        )  # fmt: skip
    if part.note is not None and len(part.note) > LONGEST_NOTE:
        raise BadPart(
            _("The note of part %(number)s has more than %(most)s characters.",
              number=number, most=LONGEST_NOTE),
            field=f"parts.{number}.note",
        )  # fmt: skip


def _check_sum(parts: Sequence[Part], whole: Money) -> None:
    """Refuse parts that come to another sum than the row, saying the difference."""
    told = _sum(part.amount for part in parts)
    off = _EXACT.subtract(whole.amount, told)
    if not off:
        return
    facts = {
        "told": shown(told, whole.currency),
        "whole": shown(whole.amount, whole.currency),
        "off": shown(abs(off), whole.currency),
    }
    # Too little is what stays on the row's own side of zero.
    if (off > 0) == (whole.amount > 0):
        text = _("The parts come to %(told)s, the transaction is %(whole)s: %(off)s is left over.",
                 **facts)  # fmt: skip
    else:
        text = _("The parts come to %(told)s, the transaction is %(whole)s: %(off)s too much.",
                 **facts)  # fmt: skip
    raise SplitDoesNotAddUp(text, field="parts", hint=_("Change one part by that amount."))


def shown(amount: Decimal, code: Currency) -> str:
    """Return an amount for a message: exact, with its currency, and a true minus."""
    return f"{amount_text(amount, code)} {code}".replace("-", "−")


def divided(whole: Money, shares: Sequence[Decimal]) -> list[Decimal]:
    """Return an amount divided by shares of it, in whole minor units; the last takes what is left.

    The sum is always the whole amount. Shares are parts of one, such as 0.25.
    """
    unit = Decimal(1).scaleb(-max(minor_units(whole.currency), _decimals(whole.amount)))
    found = [
        _EXACT.multiply(whole.amount, share).quantize(unit, ROUND_DOWN, _EXACT)
        for share in shares[:-1]
    ]
    return [*found, _EXACT.subtract(whole.amount, _sum(found))]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return reduce(_EXACT.add, amounts, Decimal(0))


def _decimals(amount: Decimal) -> int:
    exponent = amount.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
