"""What cadences and standings are called on pages."""

from __future__ import annotations

from typing import Final

from strongroom.budgets.recurring_types import Cadence, Standing
from strongroom.ui import N_, gettext

_CADENCES: Final = {
    Cadence.WEEKLY: N_("every week"),
    Cadence.BIWEEKLY: N_("every two weeks"),
    Cadence.FOUR_WEEKLY: N_("every four weeks"),
    Cadence.SEMI_MONTHLY: N_("twice a month"),
    Cadence.MONTHLY: N_("every month"),
    Cadence.BIMONTHLY: N_("every two months"),
    Cadence.QUARTERLY: N_("every three months"),
    Cadence.HALF_YEARLY: N_("every six months"),
    Cadence.YEARLY: N_("every year"),
}
_STANDINGS: Final = {
    Standing.ACTIVE: N_("Expected"),
    Standing.MISSED: N_("Not seen"),
    Standing.ENDED: N_("Ended"),
}


def cadence_label(cadence: Cadence) -> str:
    """Return how often, in the language of whoever reads."""
    return gettext(_CADENCES[cadence])


def standing_label(standing: Standing) -> str:
    """Return how an item stands, in the language of whoever reads."""
    return gettext(_STANDINGS[standing])
