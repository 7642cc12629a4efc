"""What causes are called on pages, in the current person's language."""

from __future__ import annotations

from typing import Final

from strongroom.net_worth.why.types import Cause, CauseKind
from strongroom.transactions import category_label
from strongroom.ui import N_, gettext

CAUSES: Final = {
    CauseKind.INCOME: N_("Income"),
    CauseKind.SPENDING: N_("Spending"),
    CauseKind.TRANSFERS: N_("Transfers on their way"),
    CauseKind.DEBT: N_("On loans: lent, paid back, charged"),
    CauseKind.MARKET: N_("Market"),
    CauseKind.REVALUED: N_("Revalued by you"),
    CauseKind.GROWN: N_("Estimated by its rate"),
    CauseKind.PAID_DOWN: N_("Paid down on schedule"),
    CauseKind.RATES: N_("Exchange rates"),
    CauseKind.OPENED: N_("Newly linked or added"),
    CauseKind.CLOSED: N_("Closed accounts"),
    CauseKind.WAITING: N_("Booked, but in no balance yet"),
    CauseKind.UNEXPLAINED: N_("Unexplained"),
    CauseKind.UNRATED: N_("Rows without a known rate"),
    CauseKind.RATE_FOUND: N_("Rate known now, and not before"),
    CauseKind.RATE_LOST: N_("Rate not known any more"),
}
HELP: Final = {
    CauseKind.TRANSFERS: N_(
        "One part moved in these days; the other is not known, or moved in others."
    ),
    CauseKind.MARKET: N_(
        "Investments, coins and metals are worth more or less, dividends and fees in them included."
    ),
    CauseKind.GROWN: N_("No one wrote these values: a yearly rate that you gave says so."),
    CauseKind.PAID_DOWN: N_("No one wrote these values: the loan's schedule says so."),
    CauseKind.RATES: N_("What is held in other currencies is worth more or less."),
    CauseKind.WAITING: N_("The newest balance is from before these rows."),
    CauseKind.UNEXPLAINED: N_("Balances moved, and no transaction says why."),
    CauseKind.UNRATED: N_("No rate of their day is known; they count at the last day's."),
    CauseKind.RATE_FOUND: N_("On the first day no rate was known, so these did not count."),
    CauseKind.RATE_LOST: N_("On the last day no rate is known, so these do not count."),
}


def kind_label(kind: CauseKind) -> str:
    """Return what a kind of cause is called."""
    return gettext(CAUSES[kind])


def kind_help(kind: CauseKind) -> str:
    """Return a sentence about a kind of cause; nothing where its name says it all."""
    return gettext(HELP[kind]) if kind in HELP else ""


def cause_label(cause: Cause) -> str:
    """Return what one cause is of: a category, an account, or its kind."""
    if cause.category_id is not None:
        return category_label(cause.category_key, cause.category_name)
    return cause.account_name or kind_label(cause.kind)
