"""Pure decisions about what a person writes: what may be stored, and which bank row it becomes.

No database and no clock. A likeness is asked about; only where nothing speaks against it, and
nothing else could be meant, is a match ``sure``.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from uuid import UUID

from strongroom.core.errors import Refused
from strongroom.core.money import BadAmount, Money, check_amount, is_official, minor_units
from strongroom.transactions.manual.types import Match, Reason, Side
from strongroom.transactions.nearby import days_around
from strongroom.ui import gettext as _

EARLIEST = date(1970, 1, 1)
AHEAD = timedelta(days=366)
LONGEST_TEXT = 200
_MOST_DIGITS = 15

LEAST = 60
"""A likeness from here on, of 100, is worth asking about."""
_SAME_AMOUNT, _NEAR_AMOUNT, _BY_DAYS, _BY_TEXT = 50, 30, 20, 30
MOST_EARLIER, MOST_LATER = 2, 7
"""Days that a bank may book before and after the day that a person wrote."""
_LEAST_TEXT_OF_NEAR = 70
_OTHER_WORDS, _DAYS_OF_OTHER_WORDS = 60, 1
"""Where the texts say other things, the day must be the same or the next."""
_MOST_TIP = Decimal("1.25")
_SURE_DAYS, _SURE_TEXT = 4, 90
_WORD = re.compile(r"[^\W\d_]{2,}")
_Pair = tuple[int, int, int, Reason]
"""What speaks for a pair, below zero; the places of the entry and the bank's row; and why."""


class BadEntry(Refused):
    """What was written cannot be stored: a text, an amount or a day that cannot be right."""


class TooManyDecimals(Refused):
    """The amount has more decimals than its currency."""


class OtherCurrency(Refused):
    """The amount is not in the currency of its account."""


def checked_amount(amount: Money, own: str) -> Money:
    """Return an amount that an account in the currency ``own`` may have.

    Raises the errors above, and ``BadAmount``.
    """
    code = amount.currency
    if code != own:
        said = _("The account is in %(own)s, and the amount in %(other)s.", own=own, other=code)
        if not is_official(code):
            said = _("%(code)s is not a currency that is known.", code=code)
        raise OtherCurrency(said, field="currency", hint=_("Give the amount in %(own)s.", own=own))
    check_amount(amount.amount)
    if amount.amount.adjusted() >= _MOST_DIGITS:
        raise BadAmount(
            _("An amount has at most %(most)s digits before the point.", most=_MOST_DIGITS),
            field="amount",
        )
    if not amount.amount:
        raise BadEntry(_("Enter an amount other than zero."), field="amount")
    if amount.amount != amount.rounded().amount:
        most = minor_units(code)
        raise TooManyDecimals(
            _("%(code)s has %(most)s decimals, and the amount has more.", code=code, most=most)
            if most
            else _("%(code)s has no decimals, and the amount has some.", code=code),
            field="amount",
        )
    return amount


def checked_day(day: date, today: date) -> date:
    """Return a day that an entry may have: from 1970 to a year ahead. Raises ``BadEntry``."""
    if not EARLIEST <= day <= today + AHEAD:
        raise BadEntry(
            _("%(day)s is not between 1970 and a year from now.", day=day.isoformat()), field="day"
        )
    return day


def checked_text(text: str, *, field: str = "text", required: bool = True) -> str:
    """Return a text of one line, its spaces single. Raises ``BadEntry``."""
    text = " ".join(text.split())
    if required and not text:
        raise BadEntry(_("Write what it was, such as the shop."), field=field)
    if len(text) > LONGEST_TEXT:
        raise BadEntry(_("A text has at most %(most)s characters.", most=LONGEST_TEXT), field=field)
    return text


def compare(entry: Side, bank: Side) -> tuple[int, Reason] | None:
    """Return how likely it is, of 100, that the bank's row is what the person wrote; and why.

    None where it cannot be: another account, currency or direction, too many days apart (fewer
    where the texts say other things), or an amount that no tip explains. The amount counts 50, the
    days up to 20, the texts up to 30.
    """
    if (entry.account_id, entry.currency) != (bank.account_id, bank.currency):
        return None
    days = min(((one - entry.days[0]).days for one in bank.days), key=abs)
    if not -MOST_EARLIER <= days <= MOST_LATER or (entry.amount < 0) != (bank.amount < 0):
        return None
    same = entry.amount == bank.amount
    if not same and not _is_tipped(entry.amount, bank.amount):
        return None
    text = text_likeness(entry.text, bank.text)
    if text < _OTHER_WORDS and not 0 <= days <= _DAYS_OF_OTHER_WORDS:
        return None
    if not same and text < _LEAST_TEXT_OF_NEAR:
        return None
    weight = _SAME_AMOUNT if same else _NEAR_AMOUNT
    score = weight + max(0, _BY_DAYS - 3 * abs(days)) + _BY_TEXT * text // 100
    return score, Reason(days, same, text)


def match(
    entries: Sequence[Side],
    banks: Sequence[Side],
    apart: Collection[tuple[UUID, UUID]] = (),
) -> list[Match]:
    """Return which bank row each entry may be: one to one, the likeliest first.

    ``apart`` are pairs of entry and bank row that are not one, as the person said. A match is sure
    only if the amounts are the same, the texts say the same, the days are close, the bank told its
    row after the entry was written, and neither could be another's: of twins none is.
    """
    scored = _scored(entries, banks, apart)
    rivals = _alone(scored)
    of_entry: defaultdict[int, list[_Pair]] = defaultdict(list)
    for pair in scored:
        of_entry[pair[1]].append(pair)
    left, right = set(range(len(entries))), set(range(len(banks)))
    matches: list[Match] = []
    for negative, one, other, reason in scored:
        if one not in left or other not in right:
            continue
        left.remove(one)
        right.remove(other)
        rival = next((pair for pair in of_entry[one] if pair[2] != other), None)
        matches.append(
            Match(
                entry_id=entries[one].id,
                bank_id=banks[other].id,
                score=-negative,
                reason=reason,
                sure=(one, other) in rivals and _is_sure(entries[one], banks[other], reason),
                rival_id=None if rival is None else banks[rival[2]].id,
                rival_score=None if rival is None else -rival[0],
            )
        )
    return matches


def _scored(
    entries: Sequence[Side], banks: Sequence[Side], apart: Collection[tuple[UUID, UUID]]
) -> list[_Pair]:
    """Return the pairs worth asking about, the likeliest first: of an account and near in days."""
    by_day: defaultdict[tuple[UUID, date], list[int]] = defaultdict(list)
    for place, bank in enumerate(banks):
        for day in bank.days:
            by_day[bank.account_id, day].append(place)
    scored: list[_Pair] = []
    for one, entry in enumerate(entries):
        near = days_around(entry.days[:1], max(MOST_EARLIER, MOST_LATER))
        for other in {place for day in near for place in by_day.get((entry.account_id, day), ())}:
            found = compare(entry, banks[other])
            if found and found[0] >= LEAST and (entry.id, banks[other].id) not in apart:
                scored.append((-found[0], one, other, found[1]))
    scored.sort(key=lambda pair: pair[:3])
    return scored


def text_likeness(one: str, other: str) -> int:
    """Return from 0 to 100 how alike two texts are; numbers and marks are left aside.

    All the words of the shorter text, in their order within the longer, is the same.
    """
    first, second = (" ".join(_WORD.findall(text.casefold())) for text in (one, other))
    if not first or not second:
        return 100 if one.strip() and one.strip().casefold() == other.strip().casefold() else 0
    if f" {first} " in f" {second} " or f" {second} " in f" {first} ":
        return 100
    return round(100 * SequenceMatcher(None, first, second, autojunk=False).ratio())


def _is_tipped(written: Decimal, told: Decimal) -> bool:
    """Whether the bank took more than was written down, as a tip makes it."""
    return written < 0 and abs(written) < abs(told) <= abs(written) * _MOST_TIP


def _is_sure(entry: Side, bank: Side, reason: Reason) -> bool:
    return (
        reason.same_amount
        and 0 <= reason.days <= _SURE_DAYS
        and reason.text >= _SURE_TEXT
        and bank.came_at > entry.came_at
    )


def _alone(scored: Iterable[_Pair]) -> set[tuple[int, int]]:
    """Return the pairs of which neither side stands in any other pair."""
    ones: defaultdict[int, set[int]] = defaultdict(set)
    others: defaultdict[int, set[int]] = defaultdict(set)
    for _score, one, other, _reason in scored:
        ones[one].add(other)
        others[other].add(one)
    return {
        (one, other)
        for one, found in ones.items()
        for other in found
        if len(found) == 1 and len(others[other]) == 1
    }
