"""Pure decisions of the book: folding a feed's pages, which row became which, reading a search."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher
from uuid import UUID

from strongroom.core.money import Currency, is_official
from strongroom.transactions.types import BankPage, BankTransaction, Changes, Told

UNCATEGORISED = "uncategorised"
OTHER_INCOME = "other_income"

_SIGN = r"[+\-\N{MINUS SIGN}\N{EN DASH}]?\s*"
_MONEY = r"(?:([$£€¥₹₩₽₺₪₫₴₦฿])|kr\.?|([a-z]{3})\b)?\s*"
_AMOUNT = re.compile(
    rf"{_SIGN}{_MONEY}{_SIGN}([0-9](?:[0-9\s.,]*[0-9.,])?)\s*{_MONEY}\Z", re.IGNORECASE
)
_QUOTES = "\"'“”„«»‘’"
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})\Z")
_DAY = re.compile(r"([0-9]{1,2})[./]\s?([0-9]{1,2})[./]\s?([0-9]{4})\Z")
_NAMED_DAY = re.compile(r"([0-9]{1,2})\.?\s+([a-z]{3,9})\.?,?\s+([0-9]{4})\Z")
_MONTHS = (
    "january januar", "february februar", "march mars", "april", "may mai", "june juni",
    "july juli", "august", "september", "october oktober", "november", "december desember",
)  # fmt: skip
_SHORTEST_PREFIX = 2

# How a pending row and the posted one that it may have become are weighed, of 100.
_SAME_AMOUNT, _NEAR_AMOUNT, _BY_TEXT, _BY_DAYS = 50, 35, 30, 20
_LEAST = 80
_MOST_DAYS = 14
"""Plaid: pending lasts one to five business days as a rule, and up to 14 days."""
_BOOKED_AHEAD = timedelta(days=3)
_LEAST_TEXT, _LEAST_TEXT_OF_NEAR = 60, 85
_TIPPED = ("FOOD_AND_DRINK_", "PERSONAL_CARE_", "TRANSPORTATION_TAXIS", "TRAVEL_LODGING")
_NOT_TIPPED = ("FOOD_AND_DRINK_GROCERIES", "FOOD_AND_DRINK_VENDING_MACHINES")
_FUEL = "TRANSPORTATION_GAS"
_MOST_TIP = Decimal("1.3")
_MOST_FUEL = Decimal(250)
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHORTEST_MISSPELT, _NEAR_ENOUGH = 3, 70


def fold(pages: Iterable[BankPage]) -> Changes:
    """Return what a run of pages comes down to.

    Plaid's order: page by page, and in a page added, modified, removed. A row that is added and
    removed within one run ends removed; one removed and added again ends present.
    """
    state: dict[str, BankTransaction | bool] = {}  # or whether it is there, just as it is held
    for page in pages:
        for held in page.same:
            state[held] = True
        for row in (*page.added, *page.modified):
            state[row.plaid_transaction_id] = row
        for gone in page.removed:
            state[gone] = False
    return Changes(
        upserts=[row for row in state.values() if not isinstance(row, bool)],
        removed=[plaid_id for plaid_id, row in state.items() if row is False],
        same=[plaid_id for plaid_id, row in state.items() if row is True],
    )


def successors(changes: Changes) -> list[tuple[str, str]]:
    """Return which pending row each posted one follows, as Plaid's ids."""
    return [
        (row.pending_transaction_id, row.plaid_transaction_id)
        for row in changes.upserts
        if row.pending_transaction_id is not None
    ]


def pending_match(pending: Sequence[Told], posted: Sequence[Told]) -> list[tuple[UUID, UUID]]:
    """Return which posted row each pending one became, where Plaid does not say, as our ids.

    Both are of one account, currency and direction; the posted one is at most 14 days later; the
    amount is the same, or grew by a tip, or is fuel whose amount was not known; and the texts are
    alike. One to one, the likeliest first; of twins the first goes with the first.
    """
    scored = sorted(
        (-score, one, other)
        for one, before in enumerate(pending)
        for other, after in enumerate(posted)
        if (score := likeness(before, after)) >= _LEAST
    )
    left, right = set(range(len(pending))), set(range(len(posted)))
    pairs: list[tuple[UUID, UUID]] = []
    for _, one, other in scored:
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            pairs.append((pending[one].id, posted[other].id))
    return pairs


def likeness(pending: Told, posted: Told) -> int:
    """Return how likely it is that ``posted`` is what ``pending`` became, from 0 to 100."""
    days = (posted.day - pending.day).days
    if (pending.account_id, pending.currency) != (posted.account_id, posted.currency):
        return 0
    if posted.names_pending and not _posted_unseen(pending, posted):
        return 0  # the bank says that it was another, whose id we never saw
    if not -1 <= days <= _MOST_DAYS or (pending.amount < 0) != (posted.amount < 0):
        return 0
    if pending.amount == posted.amount:
        weight, least = _SAME_AMOUNT, _LEAST_TEXT
    elif _is_near(pending, posted):
        weight, least = _NEAR_AMOUNT, _LEAST_TEXT_OF_NEAR
    else:
        return 0
    text = _text_likeness(pending.text, posted.text)  # last, as it costs the most
    return 0 if text < least else weight + _BY_TEXT * text // 100 + _BY_DAYS - abs(days)


def _posted_unseen(pending: Told, posted: Told) -> bool:
    """Return whether the bank may have booked it before it told us any of its new ids."""
    if pending.left_behind_on is None:
        return False
    return posted.day <= pending.left_behind_on + _BOOKED_AHEAD


def _is_near(pending: Told, posted: Told) -> bool:
    kind = posted.pfc_detailed or pending.pfc_detailed or ""
    if kind.startswith(_TIPPED) and kind not in _NOT_TIPPED:
        return pending.amount < posted.amount <= pending.amount * _MOST_TIP
    # A pump asks for one unit, or for a full tank, and the bank learns later what was filled.
    return kind == _FUEL and 0 < posted.amount <= _MOST_FUEL


def _text_likeness(one: str, other: str) -> int:
    """Return from 0 to 100 how alike two texts of a bank are; numbers and marks are left aside."""
    first, second = (" ".join(_WORD.findall(text.casefold())) for text in (one, other))
    if not first or not second:
        return 100 if one.strip() == other.strip() else 0
    if _is_part(first, second) or _is_part(second, first):
        return 100
    return round(100 * SequenceMatcher(None, first, second, autojunk=False).ratio())


def _is_part(short: str, long: str) -> bool:
    """Return whether ``short`` is whole words of ``long``, or its beginning cut in a later word.

    Banks cut long texts. One word alone is not a cut text: ICA is no beginning of ICARUS.
    """
    return f" {short} " in f" {long} " or (" " in short and long.startswith(short))


def same_rows(ours: Sequence[Told], told: Sequence[Told]) -> list[tuple[UUID, UUID]]:
    """Return which row told under a new id each row of ours is, as our ids.

    For an account whose whole history a bank tells again. Account, currency, amount, day and
    whether it is pending are the same; first rows with the same text go together, then those
    that are left. One to one; twins go together in their order.
    """
    pairs: list[tuple[UUID, UUID]] = []
    for likeness in (_fact_and_text, _fact):
        taken = {one for one, _ in pairs}, {other for _, other in pairs}
        waiting = _by(likeness, (one for one in ours if one.id not in taken[0]))
        for key, some in _by(likeness, (one for one in told if one.id not in taken[1])).items():
            pairs += zip(waiting.get(key, ()), some, strict=False)
    return pairs


def _by(key: Callable[[Told], Hashable], rows: Iterable[Told]) -> dict[Hashable, list[UUID]]:
    found: defaultdict[Hashable, list[UUID]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row.id)
    return found


def _fact(row: Told) -> Hashable:
    return (row.account_id, row.currency, row.amount, row.day, row.pending)


def _fact_and_text(row: Told) -> Hashable:
    return (_fact(row), row.text)


def amount_in(text: str) -> Decimal | None:
    """Return the amount a search text means, without its sign, or None if it is not one.

    A currency's sign or code may stand before or after it, and quotes around it. Both
    ``1,234.50`` and ``1.234,50`` are read: the last mark with one or two digits after it is the
    decimal point.
    """
    told = _AMOUNT.match(text.strip().strip(_QUOTES))
    if told is None or not all(is_official(Currency(code.upper())) for code in _codes(told)):
        return None
    digits = re.sub(r"[^0-9.,]", "", told[3])
    whole, mark, cents = digits.rpartition("," if digits.rfind(",") > digits.rfind(".") else ".")
    if mark and len(cents) <= _SHORTEST_PREFIX:
        plain = re.sub(r"\D", "", whole) + "." + (cents or "0")
    else:
        plain = re.sub(r"\D", "", digits)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _codes(told: re.Match[str]) -> list[str]:
    return [code for code in (told[2], told[5]) if code]


def day_in(text: str) -> date | None:
    """Return the day that a search text means, or None if it is not one.

    Read are ``2026-11-20``, ``20.11.2026`` and ``20/11/2026`` (the day first), and ``20 nov 2026``
    or ``20. november 2026``, with months in English and Norwegian, whole or from three letters on.
    """
    told = text.strip().casefold()
    if found := _ISO_DAY.match(told):
        year, month, day = (int(one) for one in found.groups())
    elif found := _DAY.match(told):
        day, month, year = (int(one) for one in found.groups())
    elif found := _NAMED_DAY.match(told):
        day, year = int(found[1]), int(found[3])
        month = next((n for n, names in enumerate(_MONTHS, 1) if _begins(names, found[2])), 0)
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _begins(names: str, word: str) -> bool:
    return any(name.startswith(word) for name in names.split())


def words_in(text: str) -> list[str]:
    """Return the words that a search asks for, without the quotes around one or several."""
    words = (word.strip(_QUOTES) for word in text.split())
    return [word for word in words if word] or text.split()


def may_be_misspelt(word: str) -> bool:
    """Return whether a word is such that another one may be meant: letters, three or more."""
    return word.isalpha() and len(word) >= _SHORTEST_MISSPELT


def in_place_of(
    words: Sequence[str], known: Mapping[int, bool], near: Mapping[int, Sequence[str]]
) -> list[str] | None:
    """Return the words with what is nearest in place of those that stand in no text.

    ``known``: by place, which stand in some text; ``near``: by place, words of texts that have the
    others. Where all stand somewhere, but not together, the one is replaced that another comes
    nearest to. None where a word is left that nothing comes near to.
    """
    best = {n: _nearest(words[n].lower(), near.get(n, ())) for n in known}
    if not known or any(not known[n] and best[n] is None for n in known):
        return None
    wanted = [n for n in known if not known[n]]
    if not wanted:
        if len(words) == 1 or any(
            words[n].lower() in one for n in known for one in near.get(n, ())
        ):
            return None  # a note has them
        scores = {n: one[0] for n, one in best.items() if one is not None}
        wanted = [max(scores, key=lambda n: scores[n])] if scores else []
    found = {n: one[1] for n, one in best.items() if n in wanted and one is not None}
    return [found.get(n, word) for n, word in enumerate(words)] if found else None


def _nearest(word: str, told: Iterable[str]) -> tuple[int, str] | None:
    scored = [(int(SequenceMatcher(None, word, one).ratio() * 100), one) for one in told]
    best = max(scored, default=(0, ""))
    return best if best[0] >= _NEAR_ENOUGH else None


def like_pattern(text: str) -> str:
    """Return an ILIKE pattern that finds ``text`` anywhere, its own wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
