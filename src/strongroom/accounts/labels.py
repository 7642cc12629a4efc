"""What kinds of accounts are called on pages."""

from __future__ import annotations

from typing import Final

from strongroom.ui import N_, gettext

MANUAL_LABELS: Final = {
    "real_estate": N_("Home or land"),
    "vehicle": N_("Car or other vehicle"),
    "precious_metal": N_("Precious metal"),
    "crypto": N_("Digital asset"),
    "cash": N_("Cash in hand"),
    "bank_account": N_("Account at another bank"),
    "investment": N_("Funds, shares or pension elsewhere"),
    "other": N_("Something else owned"),
    "mortgage": N_("Mortgage"),
    "loan": N_("Loan"),
    "student_loan": N_("Student loan"),
    "credit_card": N_("Credit card"),
    "other_debt": N_("Something else owed"),
}
# What Plaid's types are called in the table of account types; names that are the same in every
# language (401(k), TFSA) are not among them.
_KIND_NAMES: Final = (
    N_("Checking account"),
    N_("Savings account"),
    N_("Health savings account"),
    N_("Certificate of deposit"),
    N_("Money market account"),
    N_("PayPal account"),
    N_("Prepaid card"),
    N_("Cash management account"),
    N_("Electronic benefit transfer"),
    N_("Limited purpose checking"),
    N_("PayPal credit"),
    N_("Car loan"),
    N_("Business loan"),
    N_("Commercial loan"),
    N_("Construction loan"),
    N_("Consumer loan"),
    N_("Home equity loan"),
    N_("Overdraft"),
    N_("Line of credit"),
    N_("Other loan"),
    N_("Brokerage"),
    N_("Brokerage account"),
    N_("Crypto exchange"),
    N_("Education savings account"),
    N_("Fixed annuity"),
    N_("Life insurance"),
    N_("Investment line of credit"),
    N_("Mutual fund"),
    N_("Non-custodial wallet"),
    N_("Other investment"),
    N_("Other annuity"),
    N_("Other insurance"),
    N_("Pension"),
    N_("Profit sharing plan"),
    N_("Retirement"),
    N_("Stock plan"),
    N_("Trust"),
    N_("Variable annuity"),
    N_("Other account"),
    N_("Payroll account"),
    N_("Vehicle"),
    N_("Cryptocurrency"),
    N_("Other asset"),
    N_("Other debt"),
)
METHOD_LABELS: Final = {
    "annuity": N_("The same payment each time"),
    "equal_principal": N_("The same off the debt each time"),
    "interest_only": N_("Interest only, the debt at the end"),
}
CATEGORY_LABELS: Final = {
    "cash": N_("Cash"),
    "investments": N_("Investments"),
    "property": N_("Property"),
    "vehicles": N_("Vehicles"),
    "precious_metals": N_("Precious metals"),
    "digital_assets": N_("Digital assets"),
    "other_assets": N_("Other assets"),
    "credit_cards": N_("Credit cards"),
    "mortgages": N_("Mortgages"),
    "loans": N_("Loans"),
    "other_liabilities": N_("Other debts"),
}


def manual_label(subtype: str) -> str:
    """Return the name of a kind of account that a person may add by hand."""
    return gettext(MANUAL_LABELS.get(subtype, subtype))


def category_label(category: str) -> str:
    """Return the name of the place where an account counts."""
    return gettext(CATEGORY_LABELS.get(category, category))


def method_label(method: str) -> str:
    """Return the name of a way to pay a loan back."""
    return gettext(METHOD_LABELS.get(method, method))
