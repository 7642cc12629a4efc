"""Reading an amount that a person typed: ``1 234,50``, ``1,234.50``, ``1234.5``.

Turns text into an exact decimal or says what is wrong with it. Does not know currencies or limits
beyond what the database holds; the page echoes the value before anything is done with it.
"""

import re
from decimal import Decimal
from typing import Final

from strongroom.core.errors import Refused
from strongroom.core.money import check_amount
from strongroom.ui.language import gettext, using
from strongroom.ui.preferences import Locale, Preferences

_SPACES: Final = " \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{THIN SPACE}"
_APOSTROPHES: Final = "'\N{RIGHT SINGLE QUOTATION MARK}"
_GROUPING: Final = _SPACES + _APOSTROPHES
_ALLOWED = re.compile(rf"[0-9.,{_GROUPING}]+")
_MOST_CHARACTERS = 40


class AmountNotReadable(Refused, ValueError):
    """The text is not an amount; the message says why, in the person's language."""


def parse_amount(text: str, locale: Locale) -> Decimal:
    """Return the exact amount in ``text``.

    Spaces and apostrophes group thousands. With both a comma and a point, the last is the
    decimal sign. One sign alone is the decimal sign, unless three digits or more follow one
    to three others: it is then read as the language writes it, ``1,234`` as 1234 in English and
    1.234 in Norwegian (and ``1.234`` the other way round), and ``338,5000`` is no
    English amount. A minus may be ``-`` or U+2212.

    Raises ``AmountNotReadable`` (a ``ValueError``), and ``BadAmount`` for more digits than an
    account can hold.
    """
    stripped = text.strip().strip(_SPACES)
    with using(Preferences(locale=locale)):
        if not stripped:
            raise _refused(gettext("Enter an amount."))
        negative = stripped[0] in "-\N{MINUS SIGN}"
        digits = stripped[1:].lstrip(_SPACES) if stripped[0] in "-+\N{MINUS SIGN}" else stripped
        if len(digits) > _MOST_CHARACTERS or not _ALLOWED.fullmatch(digits):
            raise _not_a_number(stripped)
        whole, fraction = _split(digits, locale)
        plain = _ungrouped(whole, stripped)
        value = Decimal(f"{plain}.{fraction}" if fraction else plain)
        return check_amount(-value if negative and value else value)


def _split(digits: str, locale: Locale) -> tuple[str, str]:
    """Separate the whole part, still grouped, from the decimals."""
    point = _decimal_sign(digits, locale)
    if not point:
        return digits, ""
    whole, _, fraction = digits.rpartition(point)
    if not fraction.isdecimal() and fraction:
        raise _not_a_number(digits)
    if not whole and not fraction:
        raise _not_a_number(digits)
    return whole or "0", fraction


def _decimal_sign(digits: str, locale: Locale) -> str:
    """Return the sign that is the decimal one, or nothing if all of them group thousands."""
    signs = [character for character in digits if character in ".,"]
    if not signs:
        return ""
    if len(set(signs)) > 1:
        return signs[-1]
    if len(signs) > 1:
        return ""
    before, after = re.split("[.,]", digits)
    plain = before.isdecimal() and not before.startswith("0") and len(before) <= 3
    if plain and len(after) >= 3:
        usual = "," if locale == "nb" else "."
        return signs[0] if signs[0] == usual else ""
    return signs[0]


def _ungrouped(whole: str, typed: str) -> str:
    """Return only the digits, refusing groups that are not of three or use two kinds of sign."""
    kinds = {" " if sign in _GROUPING else sign for sign in whole if not sign.isdecimal()}
    if not kinds:
        return whole
    groups = re.split(r"[^0-9]", whole)
    regular = len(groups[0]) in {1, 2, 3} and all(len(group) == 3 for group in groups[1:])
    if len(kinds) > 1 or not regular:
        raise _refused(
            gettext(
                "“%(text)s” can be read in more than one way. Group thousands by three digits, "
                "or leave the grouping out.",
                text=typed,
            )
        )
    return "".join(groups)


def _not_a_number(text: str) -> AmountNotReadable:
    shown = text if len(text) <= _MOST_CHARACTERS else text[:_MOST_CHARACTERS] + "…"
    return _refused(
        gettext(
            "“%(text)s” is not an amount. Write digits only, for example 1234.50 or 1234,50.",
            text=shown,
        )
    )


def _refused(message: str) -> AmountNotReadable:
    return AmountNotReadable(message, field="amount")
