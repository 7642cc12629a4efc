"""Amounts as files write them: with either decimal mark, thousands, signs and currencies about.

Exact decimals from the text; a number with an exponent, NaN or too many digits is no amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from strongroom.connections.files.types import FileIsRefused
from strongroom.ui import gettext as _

# NUMERIC(28,10) holds eighteen digits before the point and ten after.
_PLAIN: Final = re.compile(r"[+-]?\d{1,18}(?:\.\d{1,10})?\Z", re.ASCII).match
_PLAIN_COMMA: Final = re.compile(r"[+-]?\d{1,18}(?:,\d{1,10})?\Z", re.ASCII).match
_DECIMALS: Final = 10
_MINUS: Final = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-", "\ufe63": "-"})
_SPACES: Final = re.compile(r"[\s\u00a0\u202f\u2007\u2009]+")
_ABOUT: Final = re.compile(
    r"(?:[^\d.,'’()+-]{1,5}\.?)?(?P<sign>[+-]?)(?:[^\d.,'’()+-]{1,5}\.?)?"
    r"(?P<number>[\d.,'’]{1,60})(?P<after>[^\d,'’()+-]{0,6})(?P<last>[+-]?)\Z",
    re.ASCII,
)
_GROUPS: Final = re.compile(r"\d{1,3}(?:([.,'’])\d{2,3})(?:\1\d{2,3})*\Z", re.ASCII)
# Without a decimal mark, digits in one go or in groups; \d{3} last, as in 12,34,567 of India.
_LAST_GROUP: Final = re.compile(r".*\d{3}\Z", re.ASCII)
_DEBIT: Final = frozenset({"dr", "db", "s", "d"})


class NotAnAmount(ValueError):
    """The text is no finite number that an account can hold."""


class AmountReader:
    """Reads amounts with one decimal mark."""

    def __init__(self, decimal_mark: str = ".") -> None:
        self.comma = decimal_mark == ","
        self._plain = _PLAIN_COMMA if self.comma else _PLAIN

    def __call__(self, text: str) -> Decimal:
        """Return the number. Raises ``NotAnAmount``."""
        if self._plain(text):
            return Decimal(text.replace(",", ".")) if self.comma else Decimal(text)
        return self._slow(text)

    def _slow(self, text: str) -> Decimal:
        bare = _SPACES.sub("", text.translate(_MINUS))
        negative = False
        if bare.startswith("(") and bare.endswith(")"):
            bare, negative = bare[1:-1], True
        found = _ABOUT.match(bare)
        if found is None:
            raise not_an_amount(text)
        if "-" in (found["sign"], found["last"]):
            negative = not negative
        word = found["after"].casefold().strip(". ")
        if word in _DEBIT and found["sign"] == "":
            negative = True
        digits = self._digits(found["number"])
        if digits is None or not _PLAIN(digits):
            raise not_an_amount(text)
        amount = Decimal(digits)
        return -amount if negative else amount

    def _digits(self, number: str) -> str | None:
        """Return the number as Python writes it, or None where groups are not groups."""
        mark = "," if self.comma else "."
        whole, point, cents = number.rpartition(mark)
        if not point:
            whole, cents = number, ""
        if mark in whole or not (cents.isdecimal() or not cents):
            return None
        if whole and not whole.isdecimal():
            if not _GROUPS.match(whole) or not _LAST_GROUP.match(whole):
                return None
            whole = re.sub(r"[.,'’]", "", whole)
        if not whole and not cents:
            return None
        # Zeros say nothing: -12.340000000000 has two decimals.
        cents = cents[:_DECIMALS] + cents[_DECIMALS:].rstrip("0")
        return f"{whole or '0'}.{cents}" if cents else whole


def not_an_amount(text: str) -> NotAnAmount:
    """Say that a text is no amount."""
    bare = text.strip()[:40]
    return NotAnAmount(
        _("“%(text)s” is not an amount.", text=bare) if bare else _("The amount is missing.")
    )


@dataclass(frozen=True, slots=True)
class Mark:
    """The decimal mark of a file; ``line`` and ``text`` prove it, if anything does."""

    mark: str
    line: int | None = None
    text: str = ""

    @property
    def reason(self) -> str:
        """Say what was concluded, and from what."""
        name = _("a comma") if self.mark == "," else _("a point")
        if self.line is None:
            return _("No amount shows the decimal mark; %(mark)s is assumed.", mark=name)
        return _("The decimal mark is %(mark)s, because line %(line)s has %(text)s.",
                 mark=name, line=self.line, text=self.text)  # fmt: skip


def decide_mark(samples: Iterable[tuple[int, str]]) -> Mark:
    """Return the decimal mark in which all the amounts can be read.

    Raises ``FileIsRefused`` with both lines where they contradict each other.
    """
    proofs: dict[str, tuple[int, str]] = {}
    grouping: set[str] = set()
    for line, text in samples:
        mark, certain = _mark_of(text)
        if mark and certain:
            proofs.setdefault(mark, (line, text.strip()))
        elif mark:
            grouping.add(mark)
    if len(proofs) == 2:
        (one, text), (other, second) = sorted(proofs.values())
        raise FileIsRefused(
            _("Amounts have two decimal marks: line %(line)s has %(text)s, "
              "line %(other)s has %(second)s.", line=one, text=text, other=other, second=second),
            line=other, field="amount", hint=_("Write all amounts with the same mark."),
        )  # fmt: skip
    for mark, (line, text) in proofs.items():
        return Mark(mark, line, text)
    # 1,234 alone: three digits after a mark are thousands, so the other one marks decimals.
    return Mark("," if grouping == {"."} else ".")


def _mark_of(text: str) -> tuple[str, bool]:
    """Return the decimal mark of one amount and whether it is certain; a guess of grouping."""
    found = _ABOUT.match(_SPACES.sub("", text.translate(_MINUS)).strip("()"))
    if found is None:
        return "", False
    number = found["number"]
    point, comma = number.rfind("."), number.rfind(",")
    if point >= 0 and comma >= 0:
        return (".", True) if point > comma else (",", True)
    mark = "." if point >= 0 else "," if comma >= 0 else ""
    if not mark:
        return "", False
    if number.count(mark) > 1:
        return ("," if mark == "." else "."), True
    whole, _mark, after = number.partition(mark)
    if len(after) == 3 and 1 <= len(whole) <= 3 and whole != "0":
        return mark, False
    return mark, True
