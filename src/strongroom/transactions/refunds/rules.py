"""Which earlier purchase a refund is for: points for the shop, the amount, the days. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from strongroom.transactions.refunds.types import Linked, MaybeRefund
from strongroom.transactions.transfers.types import Reason, State

MOST_DAYS = 120
SURE, WORTH_ASKING = 70, 50
_SAME_SHOP, _SHARED_WORDS = 40, 28
_SAME_AMOUNT, _ODD_AMOUNT, _PART = 22, 6, 6
_SAME_ACCOUNT, _SAME_CATEGORY, _SAYS_REFUND, _IS_INCOME = 8, 6, 10, -20
_BY_DAYS = ((14, 10), (45, 8), (75, 4))
_WORD = re.compile(r"[^\W\d_]{3,}")
_REFUND = re.compile(
    r"\b(refund|retur|return|refusjon|kredit(?:nota)?|tilbakebetaling|reversal|credit voucher"
    r"|återbetalning|palautus|rückerstattung)",
    re.IGNORECASE,
)
_PAID_OUT = re.compile(
    r"\b(payout|wages|salary|bonus|cashback|lønn|utbetaling|interest|renter)", re.IGNORECASE
)
_NOISE = frozenset(
    "visa vare varekjøp kort card debit credit pos purchase payment refund retur return kjøp the"
    " oslo bergen trondheim stavanger norge norway com www http https inc llc ltd".split()
)


_Scored = tuple[int, MaybeRefund, dict[str, int]]


def match(candidates: Iterable[MaybeRefund]) -> list[Linked]:
    """Return which purchase each refund is for: the likeliest, of equals the nearest before it.

    A purchase is not refunded for more than it cost; refunds are taken in the order of their
    points.
    """
    beside: defaultdict[UUID, list[MaybeRefund]] = defaultdict(list)
    left: dict[UUID, Decimal] = {}
    for one in candidates:
        left[one.purchase_id] = one.left
        beside[one.refund_id].append(one)
    groups = [group for group in map(_scored, beside.values()) if group]
    found: list[Linked] = []
    for group in sorted(groups, key=lambda each: (-each[0][0], each[0][1].refund_id)):
        open_ones = [each for each in group if left[each[1].purchase_id] >= each[1].amount]
        if open_ones:
            found.append(_linked(open_ones))
            left[open_ones[0][1].purchase_id] -= open_ones[0][1].amount
    return found


def _scored(group: Sequence[MaybeRefund]) -> list[_Scored]:
    """Return the purchases that one refund may be for, the likeliest first, with their points."""
    text = group[0].text  # all are beside the same row
    if _PAID_OUT.search(text):
        return []
    said = _SAYS_REFUND if _REFUND.search(text) else 0
    scored = [
        (max(0, min(100, sum(points.values()))), one, points)
        for one in group
        if (points := _points(one, said))
    ]
    return sorted(
        (each for each in scored if each[0] >= WORTH_ASKING),
        key=lambda each: (-each[0], each[1].days, each[1].purchase_id),
    )


def _linked(group: Sequence[_Scored]) -> Linked:
    score, best, points = group[0]
    rival = group[1] if len(group) > 1 else None
    return Linked(
        refund_id=best.refund_id,
        purchase_id=best.purchase_id,
        state=State.MATCHED if score >= SURE else State.PROPOSED,
        score=score,
        reasons=tuple(Reason(fact, weight) for fact, weight in points.items() if weight),
        rival_id=None if rival is None else rival[1].purchase_id,
        rival_score=None if rival is None else rival[0],
    )


def _points(one: MaybeRefund, said: int) -> dict[str, int]:
    """Return what speaks for and against it, in the order to tell; nothing if it is no refund."""
    if not 0 <= one.days <= MOST_DAYS or one.amount > one.left:
        return {}
    shop = _shop(one)
    if shop is None:
        return {}
    points = {shop[0]: shop[1]}
    points["days"] = next((worth for most, worth in _BY_DAYS if one.days <= most), 0)
    if one.amount == one.bought_for:
        points["same_amount"] = _SAME_AMOUNT
        points["odd_amount"] = _ODD_AMOUNT if one.amount % 10 else 0
    else:
        points["part"] = _PART
    points["same_account"] = _SAME_ACCOUNT if one.same_account else 0
    points["same_category"] = _SAME_CATEGORY if one.same_category else 0
    points["says_refund"] = said
    points["is_income"] = _IS_INCOME if one.is_income else 0
    return points


def _shop(one: MaybeRefund) -> tuple[str, int] | None:
    """Return what says that both are the same shop's, or None: without it there is no refund."""
    if one.merchant and one.purchase_merchant:
        same = one.merchant.casefold() == one.purchase_merchant.casefold()
        return ("same_shop", _SAME_SHOP) if same else None
    words, others = (
        {word for word in _WORD.findall(text.casefold()) if word not in _NOISE}
        for text in (one.text, one.purchase_text)
    )
    if one.merchant or one.purchase_merchant:
        name = {
            word
            for word in _WORD.findall((one.merchant or one.purchase_merchant or "").casefold())
            if word not in _NOISE
        }
        text = others if one.merchant else words
        return ("same_shop", _SAME_SHOP) if name and name <= text else None
    shared = words & others
    if shared and len(shared) * 2 >= min(len(words), len(others)):
        return "shared_words", _SHARED_WORDS
    return None
