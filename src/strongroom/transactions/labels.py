"""What categories are called on pages: their keys stay, their names are translated.

A person's own category has no key and shows the name that they gave it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from strongroom.transactions.types import Category
from strongroom.ui import N_, gettext

CATEGORY_LABELS: Final = {
    "income": N_("Income"),
    "salary": N_("Salary"),
    "pension": N_("Pension"),
    "benefits": N_("Benefits"),
    "interest_and_dividends": N_("Interest and dividends"),
    "rental_income": N_("Rental income"),
    "tax_refund": N_("Tax refund"),
    "other_income": N_("Other income"),
    "transfers": N_("Transfers"),
    "own_transfer": N_("Between own accounts"),
    "card_payment": N_("Card payment"),
    "loan_received": N_("Loan received"),
    "cash": N_("Cash withdrawn"),
    "cash_withdrawal": N_("Cash withdrawal"),
    "home": N_("Home"),
    "rent": N_("Rent"),
    "mortgage": N_("Mortgage"),
    "utilities": N_("Utilities"),
    "phone_and_internet": N_("Phone and internet"),
    "home_improvement": N_("Home improvement"),
    "food": N_("Food"),
    "groceries": N_("Groceries"),
    "dining": N_("Dining"),
    "coffee": N_("Coffee"),
    "alcohol": N_("Alcohol"),
    "transport": N_("Transport"),
    "fuel": N_("Fuel"),
    "public_transport": N_("Public transport"),
    "taxi": N_("Taxi"),
    "parking_and_tolls": N_("Parking and tolls"),
    "car": N_("Car"),
    "other_transport": N_("Other transport"),
    "shopping": N_("Shopping"),
    "clothing": N_("Clothing"),
    "electronics": N_("Electronics"),
    "pets": N_("Pets"),
    "gifts": N_("Gifts"),
    "general_shopping": N_("General shopping"),
    "health": N_("Health"),
    "medical": N_("Medical"),
    "personal_care": N_("Personal care"),
    "leisure": N_("Leisure"),
    "entertainment": N_("Entertainment"),
    "travel": N_("Travel"),
    "gym": N_("Gym"),
    "family": N_("Family"),
    "childcare": N_("Childcare"),
    "education": N_("Education"),
    "donations": N_("Donations"),
    "finance": N_("Finance"),
    "loan_payment": N_("Loan payment"),
    "insurance": N_("Insurance"),
    "fees_and_interest": N_("Fees and interest"),
    "taxes": N_("Taxes"),
    "services": N_("Services"),
    "other_services": N_("Other services"),
    "other": N_("Other"),
    "uncategorised": N_("Uncategorised"),
}


def category_label(key: str | None, name: str | None = None) -> str:
    """Return a category's name: the one its person gave it, else in their language."""
    if name or key is None:
        return name or ""
    known = CATEGORY_LABELS.get(key)
    return key if known is None else gettext(known)


def grouped(known: Sequence[Category]) -> list[tuple[Category, list[Category]]]:
    """Return each group with the categories in it, in their order."""
    groups = [one for one in known if one.parent_id is None]
    return [(group, [one for one in known if one.parent_id == group.id]) for group in groups]
