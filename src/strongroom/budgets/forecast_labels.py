"""What a refusal to forecast says, in the language of whoever reads."""

from __future__ import annotations

from strongroom.budgets.forecast_types import Lacking
from strongroom.ui import ngettext


def what_is_lacking(told: Lacking) -> str:
    """Return in one or two sentences what there is and what it would take."""
    short = told.need - told.have
    if told.what == "history":
        return ngettext(
            "Your history is %(have)s days long and a forecast takes %(need)s: %(num)s more day.",
            "Your history is %(have)s days long and a forecast takes %(need)s: %(num)s more days.",
            short,
            have=told.have,
            need=told.need,
        )
    if told.what == "rows":
        return ngettext(
            "There are %(have)s transactions and a forecast takes %(need)s: %(num)s more.",
            "There are %(have)s transactions and a forecast takes %(need)s: %(num)s more.",
            short,
            have=told.have,
            need=told.need,
        )
    if told.what == "recent":
        return ngettext(
            "The newest transaction is %(num)s day old. Bring your accounts up to date first.",
            "The newest transaction is %(num)s days old. Bring your accounts up to date first.",
            told.have,
        )
    return ngettext(
        "The balance of %(num)s account is not known, and a forecast begins with it.",
        "The balances of %(num)s accounts are not known, and a forecast begins with them.",
        short,
    )
