"""Which rows of a person's accounts are two legs of one transfer: points, and who goes with whom.

Pure. The same rows give the same answer, in whatever order they come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from strongroom.transactions.transfers import wording
from strongroom.transactions.transfers.types import (
    Candidate,
    Decision,
    Leg,
    OwnAccount,
    Reason,
    State,
    TransferKind,
)

BEFORE, AFTER = 1, 7
"""A leg arrives up to seven days after the other left, or is booked a day before it."""
SURE, WORTH_ASKING = 66, 42
_CLEARLY = 5
"""So many points a pair must be ahead of what else it could be, or the person is asked."""
_BY_DAYS = {-1: 6, 0: 20, 1: 18, 2: 15, 3: 12, 4: 10, 5: 7, 6: 4, 7: 2}
_SAME_AMOUNT, _ODD_AMOUNT, _LESS_A_FEE = 30, 10, 8
_BY_RATE = ((Decimal("0.006"), 25), (Decimal("0.02"), 20), (Decimal("0.045"), 10))
_STANDING = 2
"""What is matched already goes before what is hardly better, so that pairs do not flicker."""
_Read = Callable[[Leg, OwnAccount, OwnAccount, str], list[Reason]]


@dataclass(frozen=True, slots=True)
class _Scored:
    candidate: Candidate
    score: int
    reasons: tuple[Reason, ...]

    @property
    def ids(self) -> tuple[UUID, UUID]:
        return self.candidate.out.id, self.candidate.into.id


def decide(
    candidates: Sequence[Candidate],
    accounts: Mapping[UUID, OwnAccount],
    own_names: Collection[str] = (),
) -> list[Decision]:
    """Return which candidates are transfers, and which are worth a question; each row once.

    The likeliest goes first; of equals the nearest in days, then the first by day and id.
    ``own_names`` are words of the person's own name, which banks write into transfers.
    """
    read = _reader(wording.Vocabulary.of(accounts.values(), own_names))
    scored = [one for each in candidates if (one := _score(each, accounts, read))]
    scored.sort(key=_likeliest)
    by_leg: defaultdict[UUID, list[_Scored]] = defaultdict(list)
    for one in scored:
        for leg in one.ids:
            by_leg[leg].append(one)
    taken: set[UUID] = set()
    chosen: list[_Scored] = []
    for one in scored:
        if not taken.intersection(one.ids):
            taken.update(one.ids)
            chosen.append(one)
    return [_decision(one, by_leg, taken, accounts) for one in chosen]


def _likeliest(one: _Scored) -> tuple[object, ...]:
    out, into = one.candidate.out, one.candidate.into
    rank = one.score + (_STANDING if one.candidate.standing else 0)
    return (-rank, abs((into.day - out.day).days), out.day, out.id, into.id)


def _reader(words: wording.Vocabulary) -> _Read:
    """Return what reads a leg's text once for each account that may be its other end."""
    known: dict[tuple[UUID, UUID, str], list[Reason]] = {}

    def read(leg: Leg, other: OwnAccount, own: OwnAccount, side: str) -> list[Reason]:
        key = (leg.id, other.id, side)
        if key not in known:
            known[key] = words.read(leg, other, own, side)
        return known[key]

    return read


def _score(
    candidate: Candidate, accounts: Mapping[UUID, OwnAccount], read: _Read
) -> _Scored | None:
    out, into = candidate.out, candidate.into
    days = (into.day - out.day).days
    if days not in _BY_DAYS or out.account_id == into.account_id:
        return None
    reasons = [
        *_by_amount(candidate),
        Reason("days", _BY_DAYS[days]),
        *read(out, accounts[into.account_id], accounts[out.account_id], "out"),
        *read(into, accounts[out.account_id], accounts[into.account_id], "into"),
        *_by_kind(out, into, accounts),
    ]
    score = max(0, min(100, sum(one.points for one in reasons)))
    if score < WORTH_ASKING:
        return None
    return _Scored(candidate, score, tuple(one for one in reasons if one.points))


def _by_amount(candidate: Candidate) -> list[Reason]:
    out, into = candidate.out, candidate.into
    if out.currency != into.currency:
        off = candidate.off_rate or Decimal(0)
        return [Reason("rate", next((points for most, points in _BY_RATE if off <= most), 0))]
    if into.amount != -out.amount:
        return [Reason("less_a_fee", _LESS_A_FEE)]
    # A sum that nobody pays by chance says more than one that everybody pays.
    odd = [] if into.amount % 10 == 0 else [Reason("odd_amount", _ODD_AMOUNT)]
    return [Reason("same_amount", _SAME_AMOUNT), *odd]


def _by_kind(out: Leg, into: Leg, accounts: Mapping[UUID, OwnAccount]) -> list[Reason]:
    """Weigh what the bank takes the legs for."""
    found: list[Reason] = []
    for side, leg in (("out", out), ("into", into)):
        if leg.kind == "transfer":
            found.append(Reason(f"{side}_is_transfer", 8))
        elif leg.category_key not in wording.SAYS_NOTHING:
            found.append(Reason(f"{side}_is_{leg.kind}", -12))
    if accounts[into.account_id].category == "credit_cards" and _pays_card(out, into):
        found.append(Reason("card_payment", 8))
    return found


def _pays_card(out: Leg, into: Leg) -> bool:
    return "card_payment" in (out.category_key, into.category_key)


def _decision(
    one: _Scored,
    by_leg: Mapping[UUID, Sequence[_Scored]],
    taken: Collection[UUID],
    accounts: Mapping[UUID, OwnAccount],
) -> Decision:
    out, into = one.candidate.out, one.candidate.into
    rival = side = rival_score = None
    is_clear = one.score >= SURE
    rivals = [("into", other, other.candidate.into) for other in by_leg[out.id]]
    rivals += [("out", other, other.candidate.out) for other in by_leg[into.id]]
    for which, other, leg in sorted(rivals, key=lambda each: _likeliest(each[1])):
        if other is one:
            continue
        if rival is None:
            rival, side, rival_score = leg.id, which, other.score
        ours = into if which == "into" else out
        if leg.id not in taken and other.score > one.score - _CLEARLY and not _alike(leg, ours):
            is_clear = False
    return Decision(
        out_id=out.id,
        into_id=into.id,
        kind=kind_of(out.currency, into.currency, accounts[into.account_id]),
        state=State.MATCHED if is_clear else State.PROPOSED,
        score=one.score,
        reasons=one.reasons,
        rival_id=rival,
        rival_side=side,
        rival_score=rival_score,
    )


def _alike(one: Leg, other: Leg) -> bool:
    """Whether it makes no difference to the account's sum which of two rows is the leg."""
    return (one.account_id, one.amount) == (other.account_id, other.amount)


def kind_of(left: str, arrived: str, into: OwnAccount) -> TransferKind:
    """Return what sort of transfer it is, by the currencies of both legs and where it arrives."""
    if left != arrived:
        return TransferKind.EXCHANGE
    if into.category == "credit_cards":
        return TransferKind.CARD_PAYMENT
    return TransferKind.TRANSFER
