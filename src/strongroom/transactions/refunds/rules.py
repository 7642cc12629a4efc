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


def match(candidates: Iterable[MaybeRefund]) -> list[Linked]:
    """Return which purchase each refund is for: the likeliest, of equals the nearest before it.

    A purchase is not refunded for more than it cost; refunds are taken in the order of their
    points.
    """
    by_refund: defaultdict[UUID, list[tuple[int, MaybeRefund, tuple[Reason, ...]]]]
    by_refund = defaultdict(list)
    left: dict[UUID, Decimal] = {}
    for one in candidates:
        left[one.purchase_id] = one.left
        score, reasons = _score(one)
        if score >= WORTH_ASKING:
            by_refund[one.refund_id].append((score, one, reasons))
    for group in by_refund.values():
        group.sort(key=lambda each: (-each[0], each[1].days, each[1].purchase_id))
    found: list[Linked] = []
    for group in sorted(by_refund.values(), key=lambda each: (-each[0][0], each[0][1].refund_id)):
        open_ones = [each for each in group if left[each[1].purchase_id] >= each[1].amount]
        if open_ones:
            found.append(_linked(open_ones))
            left[open_ones[0][1].purchase_id] -= open_ones[0][1].amount
    return found


def _linked(group: Sequence[tuple[int, MaybeRefund, tuple[Reason, ...]]]) -> Linked:
    score, best, reasons = group[0]
    rival = group[1] if len(group) > 1 else None
    return Linked(
        refund_id=best.refund_id,
        purchase_id=best.purchase_id,
        state=State.MATCHED if score >= SURE else State.PROPOSED,
        score=score,
        reasons=reasons,
        rival_id=None if rival is None else rival[1].purchase_id,
        rival_score=None if rival is None else rival[0],
    )


def _score(one: MaybeRefund) -> tuple[int, tuple[Reason, ...]]:
    if not 0 <= one.days <= MOST_DAYS or one.amount > one.left:
        return 0, ()
    shop = _shop(one)
    if shop is None or _PAID_OUT.search(one.text):
        return 0, ()
    reasons = [
        shop,
        Reason("days", next((points for most, points in _BY_DAYS if one.days <= most), 0)),
    ]
    if one.amount == one.bought_for:
        reasons.append(Reason("same_amount", _SAME_AMOUNT))
        reasons.append(Reason("odd_amount", _ODD_AMOUNT if one.amount % 10 else 0))
    else:
        reasons.append(Reason("part", _PART))
    reasons += [
        Reason("same_account", _SAME_ACCOUNT if one.same_account else 0),
        Reason("same_category", _SAME_CATEGORY if one.same_category else 0),
        Reason("says_refund", _SAYS_REFUND if _REFUND.search(one.text) else 0),
        Reason("is_income", _IS_INCOME if one.is_income else 0),
    ]
    told = tuple(reason for reason in reasons if reason.points)
    return max(0, min(100, sum(reason.points for reason in told))), told


def _shop(one: MaybeRefund) -> Reason | None:
    """Return what says that both are the same shop's, or None: without it there is no refund."""
    if one.merchant and one.purchase_merchant:
        same = one.merchant.casefold() == one.purchase_merchant.casefold()
        return Reason("same_shop", _SAME_SHOP) if same else None
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
        return Reason("same_shop", _SAME_SHOP) if name and name <= text else None
    shared = words & others
    if shared and len(shared) * 2 >= min(len(words), len(others)):
        return Reason("shared_words", _SHARED_WORDS)
    return None
