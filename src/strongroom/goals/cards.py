"""A goal as lists show it, on its own pages and on others: its chance, its share, how old it is.

Texts are made as they are asked for, so that whoever renders decides the language.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from strongroom.core.db import Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import UserId
from strongroom.core.money import Money
from strongroom.goals import runs, service
from strongroom.goals.labels import chance_text, chance_tone, chance_words, type_label
from strongroom.goals.pool import GoalIsOver, cases
from strongroom.goals.profile import NotEnoughHistory
from strongroom.goals.types import Goal, Share
from strongroom.ui import N_, gettext, money
from strongroom.ui.charts import Chance


@dataclass(frozen=True, slots=True)
class Card:
    """A goal as lists show it: with the chance of its newest simulation, if there is one.

    ``lacking``: why there can be none today, not translated; empty where there can. ``is_coming``:
    the chance is of earlier numbers, and reckoned anew (True) or cannot be (False).
    """

    goal: Goal
    share: Share | None = None
    lacking: str = ""
    is_coming: bool | None = None

    @property
    def chance(self) -> Chance | None:
        """The chance that was found last."""
        latest = None if self.lacking else self.goal.latest
        return None if latest is None or latest.chance is None else Chance(latest.chance)

    @property
    def chance_text(self) -> str:
        """The chance, such as ``53 in 100``."""
        return "" if self.chance is None else chance_text(self.chance)

    @property
    def words(self) -> str:
        """How good that is."""
        return "" if self.chance is None else chance_words(self.chance)

    @property
    def tone(self) -> str:
        """The tone of the badge with these words."""
        return "" if self.chance is None else chance_tone(self.chance)

    @property
    def age(self) -> str:
        """That the chance is of earlier numbers, where it is."""
        if self.is_coming is None or self.chance is None:
            return ""
        if self.is_coming:
            return gettext("of earlier numbers, is being reckoned anew")
        return gettext("of earlier numbers, cannot be reckoned anew")

    @property
    def kind(self) -> str:
        """What the goal is for."""
        return type_label(self.goal.goal_type)

    @property
    def share_words(self) -> str:
        """What it has of the pool and of a month."""
        if self.share is None:
            return ""
        code = self.goal.target.currency
        return gettext(
            "Has %(saved)s today and %(monthly)s a month.",
            saved=money(Money(self.share.saved, code), exact=False),
            monthly=money(Money(self.share.monthly, code), exact=False),
        )


async def cards(db: Db, *, owner: UserId, now: datetime) -> list[Card]:
    """Return all goals with what each has of the pool, as far as that can be said today.

    Where a chance is of earlier numbers, the worker is asked for another.
    """
    every = await service.list_all(db, owner=owner)
    if not every:
        return []
    try:
        today = await cases(db, owner=owner, now=now)
    except NotEnoughHistory:
        return [Card(one, lacking=N_("not enough history")) for one in every]
    old = await runs.outdated_of(db, owner=owner, today=today)
    if any(old.values()):
        await service.ask_to_refresh(db, owner=owner)
    shares = {one.goal.id: one.share for one in today.found}
    return [
        Card(one, shares.get(one.id), _lacks(today.lacking.get(one.id)), old.get(one.id))
        for one in every
    ]


def _lacks(problem: StrongroomError | None) -> str:
    if problem is None:
        return ""
    return N_("its day has come") if isinstance(problem, GoalIsOver) else N_("no exchange rate")
