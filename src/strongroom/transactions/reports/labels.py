"""What periods and causes are called on pages and in sheets, in the current person's language."""

from __future__ import annotations

from typing import Final

from strongroom.transactions.reports.change_types import Hand
from strongroom.transactions.reports.types import Period, Step
from strongroom.ui import N_, gettext, show_date

HANDS: Final = {
    Hand.LATE_BANK: N_("Came later from the bank"),
    Hand.LATE_FILE: N_("Came later from a file"),
    Hand.LATE_MANUAL: N_("Entered later by you"),
    Hand.SYNC: N_("Changed or taken back by the bank"),
    Hand.FILE: N_("Changed by an import"),
    Hand.PERSON: N_("Changed by you"),
    Hand.RULE: N_("Changed by your rules"),
    Hand.MATCH: N_("Matched as transfers, refunds or doubles"),
    Hand.UPKEEP: N_("Changed by upkeep"),
}


def period_label(period: Period) -> str:
    """Return a period as text: ``Nov 2026``, ``Q4 2026``, ``2026``."""
    if period.step is Step.YEAR:
        return f"{period.first:%Y}"
    if period.step is Step.QUARTER:
        quarter = (period.first.month + 2) // 3
        return gettext("Q%(quarter)s %(year)s", quarter=quarter, year=period.first.year)
    return show_date(period.first, "month")


def short_label(period: Period) -> str:
    """Return a period as text for where its year stands nearby: ``Nov``, ``Q4``, ``2026``."""
    if period.step is Step.QUARTER:
        return gettext("Q%(quarter)s", quarter=(period.first.month + 2) // 3)
    return show_date(period.first, "name") if period.step is Step.MONTH else f"{period.first:%Y}"


def hand_label(hand: Hand) -> str:
    """Return by whose hand something changed, as text."""
    return gettext(HANDS[hand])
