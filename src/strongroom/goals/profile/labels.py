"""What figures are called on pages, what each is made of, and why one is unknown."""

from __future__ import annotations

from typing import Final

from strongroom.goals.profile.types import FigureName, ToldBy, WhyUnknown
from strongroom.ui import N_, gettext

_NAMES: Final = {
    FigureName.LIQUID_ASSETS: N_("Money at hand"),
    FigureName.CREDIT_DEBT: N_("Owed on cards"),
    FigureName.LOAN_DEBT: N_("Owed on loans"),
    FigureName.MONTHLY_INCOME: N_("Income a month"),
    FigureName.MONTHLY_BILLS: N_("Bills a month"),
    FigureName.MONTHLY_LOAN_PAYMENTS: N_("Payments on loans a month"),
    FigureName.MONTHLY_SPENDING: N_("Spending a month"),
    FigureName.INCOME_VOLATILITY: N_("How much income varies"),
    FigureName.SPENDING_VOLATILITY: N_("How much spending varies"),
    FigureName.INVESTMENT_ALLOCATION: N_("How savings and investments are spread"),
}
_MADE_OF: Final = {
    FigureName.LIQUID_ASSETS: N_(
        "What your accounts hold, credit on cards, and investments that can be sold within days."
        " Pensions and other tied accounts are not in it."
    ),
    FigureName.CREDIT_DEBT: N_("What your cards say that you owe."),
    FigureName.LOAN_DEBT: N_("What your loans and mortgages say that you owe."),
    FigureName.MONTHLY_INCOME: N_(
        "What comes in again and again, by payer. Refunds and money between your own accounts are"
        " not income."
    ),
    FigureName.MONTHLY_BILLS: N_(
        "What goes out again and again. It is part of your spending; payments on loans are not"
        " in it."
    ),
    FigureName.MONTHLY_LOAN_PAYMENTS: N_(
        "What your loans' terms, your bank or your book say that is paid on loans. It is in"
        " neither bills nor spending."
    ),
    FigureName.MONTHLY_SPENDING: N_(
        "The middle of your full months: half of them were dearer. Bills are in it; refunds are"
        " taken off; money between your own accounts and payments on cards and loans are not in it."
    ),
    FigureName.INCOME_VOLATILITY: N_(
        "The standard deviation of your months' income, divided by its mean; at most 100 percent."
    ),
    FigureName.SPENDING_VOLATILITY: N_(
        "The standard deviation of your months' spending, divided by its mean; at most 100 percent."
    ),
    FigureName.INVESTMENT_ALLOCATION: N_(
        "By what your accounts hold. Funds count as shares, unless their name says bonds; what"
        " nobody tells of counts as other."
    ),
}
_WHY: Final = {
    WhyUnknown.NO_ACCOUNTS: N_("Not known: no account tells. Link a bank or add an account."),
    WhyUnknown.NO_HISTORY: N_(
        "Not enough history: no full month is in your book. Link a bank, import a file, or say it"
        " yourself."
    ),
    WhyUnknown.NO_INCOME: N_(
        "Not known: nothing comes in again and again. Three payments at a steady pace are enough."
    ),
    WhyUnknown.TOO_FEW_MONTHS: N_(
        "Not enough history: it takes three full months to see how much they differ."
    ),
    WhyUnknown.NO_RATE: N_("Not known: no exchange rate reaches your currency. Load one."),
    WhyUnknown.NO_INVESTMENTS: N_("Not known: no account for savings or investments tells."),
}
_TOLD_BY: Final = {
    ToldBy.TERMS: N_("by the loan's terms"),
    ToldBy.BANK: N_("by the bank"),
    ToldBy.BOOK: N_("as seen in your book"),
    ToldBy.ASSUMED: N_("assumed"),
    ToldBy.PERSON: N_("as you said"),
}
_CLASSES: Final = {
    "stocks": N_("Shares"),
    "bonds": N_("Bonds"),
    "cash": N_("Cash"),
    "other": N_("Other"),
}


def figure_name(name: FigureName) -> str:
    """Return what a figure is called, in the language of whoever reads."""
    return gettext(_NAMES[name])


def made_of(name: FigureName) -> str:
    """Return what a figure is made of, in the language of whoever reads."""
    return gettext(_MADE_OF[name])


def why_text(why: str | None) -> str:
    """Return why a figure is unknown and what would help; nothing where it is known."""
    return "" if why is None else gettext(_WHY[WhyUnknown(why)])


def told_by(source: ToldBy) -> str:
    """Return who says how much is paid, or at what rate."""
    return gettext(_TOLD_BY[source])


def class_name(kind: str) -> str:
    """Return what a kind of investment is called."""
    return gettext(_CLASSES[kind])
