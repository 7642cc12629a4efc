"""SQL that reckons profiles from accounts and book: one statement, for a person or for everybody.

Its pieces stand beside it, by what each finds out. What the figures mean is said in ``types``;
which kinds count as what, in ``rules``. Amounts in other currencies are put into the person's at
the rates of their today; a currency without one joins no rate, is in no sum, and is named.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from strongroom.core import db as core_db
from strongroom.core.db import Db
from strongroom.goals.profile import rules
from strongroom.goals.profile.reckoning.allocation import ALLOCATION
from strongroom.goals.profile.reckoning.figures import FIGURES, STORE
from strongroom.goals.profile.reckoning.flows import FLOWS
from strongroom.goals.profile.reckoning.loans import LOANS
from strongroom.goals.profile.reckoning.months import MONTHS
from strongroom.goals.profile.reckoning.people import PEOPLE
from strongroom.goals.profile.reckoning.rates import RATES
from strongroom.goals.profile.reckoning.sources import ITEMS, SOURCES
from strongroom.goals.profile.reckoning.spending import SPENDING
from strongroom.goals.profile.reckoning.standing import STANDING


async def take_turn(db: Db, owner: UUID | None) -> None:
    """Wait until nobody else reckons this profile; one for all (None), until no other one does.

    A statement of its own: what comes after it sees what the others stored. One for all keeps
    nobody waiting: who reckons their own meanwhile has a later one, and the later one stays.
    """
    turn = "profiles" if owner is None else f"profile {owner}"
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (turn,))


async def reckon(db: Db, owner: UUID | None, now: datetime) -> int:
    """Reckon and store the profile of one owner, or (as the system role) of everybody.

    Returns how many were stored. A profile that is reckoned later than ``now`` already stays.
    """
    if owner is None:
        # The planner takes what it has just reckoned for a handful, and would compare each with
        # each: two minutes instead of two seconds for 300 people, before statistics are there.
        await db.execute("SELECT set_config('enable_nestloop', 'off', true)")
    return await core_db.execute(
        db,
        "WITH"
        + PEOPLE
        + SOURCES
        + ITEMS
        + RATES
        + MONTHS
        + SPENDING
        + FLOWS
        + LOANS
        + STANDING
        + ALLOCATION
        + FIGURES
        + STORE,
        {"owner": owner, "now": now, **rules.KINDS},
    )
