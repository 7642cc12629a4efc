"""Pure decisions about accounts: where a bank's type counts, and which sign a balance has."""

from __future__ import annotations

from decimal import Decimal

from strongroom.accounts.types import BankAccount, Category

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
    "other": Category.OTHER_ASSETS,
    "mortgage": Category.MORTGAGES,
    "loan": Category.LOANS,
    "credit_card": Category.CREDIT_CARDS,
    "other_debt": Category.OTHER_LIABILITIES,
}
KNOWN_TYPES = frozenset({*_BY_TYPE, "other"})


def account_type(plaid_type: str) -> str:
    """Return Plaid's account type, or ``other`` for one that Plaid added after us."""
    return plaid_type if plaid_type in KNOWN_TYPES else "other"


def category(plaid_type: str, subtype: str | None) -> Category:
    """Return where an account of Plaid's type and subtype counts in net worth."""
    by_subtype = _BY_SUBTYPE.get((plaid_type, subtype or ""))
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
