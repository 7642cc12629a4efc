"""Pure decisions about accounts: where a bank's type counts, and which sign a balance has.

And which account of ours is one that a bank reports under another id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import Protocol

from strongroom.accounts.types import BankAccount, Category, Described
from strongroom.core.money import NO_CURRENCY
from strongroom.ui import N_, Sentence

_BY_TYPE = {
    "depository": Category.CASH,
    "credit": Category.CREDIT_CARDS,
    "loan": Category.LOANS,
    "investment": Category.INVESTMENTS,
    "brokerage": Category.INVESTMENTS,
}
_BY_SUBTYPE = {
    ("loan", "mortgage"): Category.MORTGAGES,
    ("loan", "home equity"): Category.MORTGAGES,
    ("loan", "construction"): Category.MORTGAGES,
    ("investment", "crypto exchange"): Category.DIGITAL_ASSETS,
    ("investment", "non-custodial wallet"): Category.DIGITAL_ASSETS,
}
MANUAL_SUBTYPES = {
    "real_estate": Category.PROPERTY,
    "vehicle": Category.VEHICLES,
    "precious_metal": Category.PRECIOUS_METALS,
    "crypto": Category.DIGITAL_ASSETS,
    "cash": Category.CASH,
    "bank_account": Category.CASH,
    "investment": Category.INVESTMENTS,
    "other": Category.OTHER_ASSETS,
    "mortgage": Category.MORTGAGES,
    "loan": Category.LOANS,
    "student_loan": Category.LOANS,
    "credit_card": Category.CREDIT_CARDS,
    "other_debt": Category.OTHER_LIABILITIES,
}
MAY_TURN = frozenset({"cash", "bank_account", "credit_card"})
"""Manual kinds that may stand on the other side: overdrawn, or a card with credit on it."""
KNOWN_TYPES = frozenset({*_BY_TYPE, "other"})


def account_type(plaid_type: str) -> str:
    """Return Plaid's account type, or ``other`` for one that Plaid added after us."""
    return plaid_type if plaid_type in KNOWN_TYPES else "other"


def category(plaid_type: str, subtype: str | None) -> Category:
    """Return where an account of Plaid's type and subtype counts in net worth."""
    # What older links call a brokerage has the subtypes of an investment.
    named = "investment" if plaid_type == "brokerage" else plaid_type
    by_subtype = _BY_SUBTYPE.get((named, subtype or ""))
    return by_subtype or _BY_TYPE.get(plaid_type, Category.OTHER_ASSETS)


def net_worth_balance(report: BankAccount) -> Decimal | None:
    """Return what the account adds to net worth, or None where the bank does not say.

    Plaid reports debt as a positive ``current`` on credit and loan accounts. Where only
    ``available`` is known it stands in for what is owned; for a card it does with the limit.
    """
    owed = report.type in ("credit", "loan")
    if report.current is not None:
        return -report.current if owed else report.current
    if report.available is None:
        return None
    if not owed:
        return report.available
    return None if report.credit_limit is None else report.available - report.credit_limit


class Standing(Protocol):
    """What an account of ours counts as, which a report must not contradict."""

    @property
    def category(self) -> str:
        """Where it counts in net worth."""
        ...

    @property
    def currency(self) -> str:
        """The currency of its history."""
        ...


def contradiction(known: Standing, report: BankAccount) -> Sentence | None:
    """Return why a report cannot be of the account that it names, or None if it can.

    An account's history is in one currency and on one side of net worth; a bank that says
    otherwise is not believed until somebody looks. Another type of the same side is taken over.
    """
    says_nothing = report.current is None and report.available is None
    if known.currency not in (report.currency, NO_CURRENCY) and not (
        says_nothing and report.currency == NO_CURRENCY
    ):
        if report.currency == NO_CURRENCY:
            return Sentence(_NO_CURRENCY, {"ours": known.currency})
        return Sentence(_OTHER_CURRENCY, {"ours": known.currency, "told": report.currency})
    was, told_now = Category(known.category), category(report.type, report.subtype)
    if was.is_debt != told_now.is_debt:
        return Sentence(_NOW_OWNED if was.is_debt else _NOW_OWED, {"type": report.type})
    return None


_NO_CURRENCY = N_("The account is in %(ours)s, and the bank now reports it without a currency.")
_OTHER_CURRENCY = N_("The account is in %(ours)s, and the bank now reports it in %(told)s.")
_NOW_OWNED = N_(
    "The account was a debt, and the bank now reports it as something owned (%(type)s)."
)
_NOW_OWED = N_("The account was something owned, and the bank now reports it as a debt (%(type)s).")


def match_accounts(known: Sequence[Described], told: Sequence[Described]) -> list[tuple[int, int]]:
    """Return which of the ``known`` accounts each ``told`` one is, as pairs of their places.

    First by the provider's id; then by the id that outlives a link; then by type, subtype, mask
    and the bank's own name together. One to one: where two on either side look alike, neither is
    matched, and accounts whose lasting ids differ are never the same.
    """
    pairs: list[tuple[int, int]] = []
    left, right = set(range(len(known))), set(range(len(told)))
    for likeness in (_by_id, _by_lasting_id, _by_looks):
        ours, theirs = _alike(known, left, likeness), _alike(told, right, likeness)
        for key in ours.keys() & theirs.keys():
            if len(ours[key]) > 1 or len(theirs[key]) > 1:
                continue
            one, other = ours[key][0], theirs[key][0]
            if likeness is _by_looks and _are_apart(known[one], told[other]):
                continue
            pairs.append((one, other))
        left -= {one for one, _ in pairs}
        right -= {other for _, other in pairs}
    return sorted(pairs)


def _alike(
    accounts: Sequence[Described],
    places: set[int],
    likeness: Callable[[Described], Hashable | None],
) -> dict[Hashable, list[int]]:
    found: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place in sorted(places):
        key = likeness(accounts[place])
        if key is not None:
            found[key].append(place)
    return found


def _by_id(account: Described) -> Hashable | None:
    return account.plaid_account_id


def _by_lasting_id(account: Described) -> Hashable | None:
    return account.persistent_account_id


def _by_looks(account: Described) -> Hashable | None:
    name = " ".join(account.name.split()).casefold()
    return (account_type(account.type), account.subtype, account.mask, name)


def _are_apart(one: Described, other: Described) -> bool:
    """Whether both have an id that outlives a link, and these differ."""
    ids = {one.persistent_account_id, other.persistent_account_id}
    return None not in ids and len(ids) > 1
