"""What pages show of a goal's future and of its share: values made ready, in their language.

Texts are made as they are asked for, so that whoever renders decides the language. Reads nothing
from anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from strongroom.core.money import Currency, Money
from strongroom.core.time import month_start, months_before
from strongroom.goals.labels import chance_text, chance_tone, chance_words
from strongroom.goals.simulation.types import Case, Outcome
from strongroom.goals.types import CaseOf, RunSummary, Share, Why
from strongroom.ui import N_, gettext, money, ngettext, number, show_date
from strongroom.ui.charts import Chance, FanMonth, GoalFan

_SURE = Decimal("1.96")  # so many standard errors hold 95 of 100 estimates
_LEAST_POINTS = Decimal("0.05")
_COIN = Decimal("0.005")

_WHY: Mapping[Why, str] = {
    Why.IN_CASH: N_("The emergency fund counts too: it is held in cash and not invested."),
    Why.OTHERS_FIRST: N_("Goals that come first take their part before it."),
    Why.SHARED: N_("Goals that are as important share with it, by what each needs."),
    Why.BEYOND_MEANS: N_(
        "The monthly saving is more than is left in a month: what is left counts."
    ),
    Why.LEFT_OVER: N_("It has whatever is left over in a month."),
    Why.PART_OF_LEFT_OVER: N_("Several goals have what is left over: each has a part."),
}


@dataclass(frozen=True, slots=True)
class Future:
    """What came of a case, ready to be drawn. ``before``: the chance as planned where it was tried.

    ``kept``: what the form takes that makes the plan of what was tried; ``left_out``: whether
    something tried is no part of any plan. ``share`` is what its goal has as planned, ``monthly``
    what it has of a month with what is tried; None where no pool is shared.
    """

    outcome: Outcome
    case: Case
    currency: Currency
    today: date
    csv: str = ""
    before: Chance | None = None
    kept: Mapping[str, str] = field(default_factory=dict)
    left_out: bool = False
    share: Share | None = None
    monthly: Decimal | None = None

    @property
    def spec(self) -> GoalFan:
        """The fan of all months."""
        months = tuple(
            FanMonth(month_start(self.today, -n), (one.p10, one.p25, one.p50, one.p75, one.p90))
            for n, one in enumerate(self.outcome.by_month)
        )
        title = gettext("Where this could go")
        return GoalFan(title, months, self.case.aim.target, self.currency)

    @property
    def due(self) -> date:
        """The day that the months lead to."""
        return months_before(self.today, -self.case.aim.months)

    @property
    def target(self) -> Money:
        """What is to be reached."""
        return Money(self.case.aim.target, self.currency)

    @property
    def middle(self) -> Money:
        """What half of all futures come to, at least."""
        return Money(self.outcome.at_the_end.p50, self.currency)

    @property
    def low(self) -> Money:
        """What 1 in 10 futures has less than."""
        return Money(self.outcome.at_the_end.p10, self.currency)

    @property
    def high(self) -> Money:
        """What 1 in 10 futures has more than."""
        return Money(self.outcome.at_the_end.p90, self.currency)

    @property
    def chance(self) -> Chance:
        """The chance."""
        return Chance(self.outcome.chance)

    @property
    def chance_text(self) -> str:
        """The chance, such as ``53 in 100``."""
        return chance_text(self.chance)

    @property
    def words(self) -> str:
        """How good that is."""
        return chance_words(self.chance)

    @property
    def tone(self) -> str:
        """The tone of the badge with these words."""
        return chance_tone(self.chance)

    @property
    def tried(self) -> bool:
        """Whether it is something tried, and not the plan."""
        return self.before is not None

    @property
    def before_text(self) -> str:
        """The chance as planned."""
        return "" if self.before is None else chance_text(self.before)

    @property
    def share_text(self) -> str:
        """What the goal would have of the pool, beside other goals; empty where it is alone."""
        if self.share is None or self.monthly is None or not self.share.with_others:
            return ""
        now = (self.case.household.saved, self.monthly)
        before = (self.share.saved, self.share.monthly)
        saved, monthly, was, monthly_was = (
            money(Money(one, self.currency), exact=False) for one in (*now, *before)
        )
        if now == before:
            return gettext(
                "Of what there is, this goal has as much as planned: %(saved)s today and "
                "%(monthly)s a month.",
                saved=saved,
                monthly=monthly,
            )
        return gettext(
            "Of what there is, this goal then has %(saved)s today and %(monthly)s a month. "
            "As planned it has %(was)s today and %(monthly_was)s a month.",
            saved=saved,
            monthly=monthly,
            was=was,
            monthly_was=monthly_was,
        )

    @property
    def paths(self) -> int:
        """How many futures there are."""
        return self.outcome.paths

    @property
    def error(self) -> str:
        """By how many hundredths the chance may be off for want of more futures; empty for none."""
        points = self.outcome.standard_error * _SURE * 100
        return number(points, digits=1) if points >= _LEAST_POINTS else ""

    @property
    def crossing(self) -> date | None:
        """The month in which the middle outcome is there for good."""
        months = self.outcome.by_month
        short = [n for n, one in enumerate(months) if one.p50 < self.case.aim.target]
        first = short[-1] + 1 if short else 0
        return month_start(self.today, -first) if first < len(months) else None

    @property
    def is_there(self) -> bool:
        """Whether the middle outcome is there today, and stays there."""
        return all(one.p50 >= self.case.aim.target for one in self.outcome.by_month)

    @property
    def below(self) -> str:
        """In how many futures all money is used up at times; empty where in hardly any."""
        count = Chance(self.outcome.chance_below_zero).hundredths
        return used_up(count) if count else ""


def used_up(count: int) -> str:
    """Return in how many of a hundred futures all money is used up at times."""
    return ngettext(
        "In %(num)s of 100 futures all money is used up at times.",
        "In %(num)s of 100 futures all money is used up at times.",
        count,
    )


def share_rows(of: CaseOf, begins: Decimal) -> list[tuple[str, str]]:
    """Return what a goal has today, as names and amounts, down to where its chart ``begins``."""
    share = of.share
    debt = share.saved - begins
    owes = debt >= _COIN  # what is owed on cards is taken off, as far as it is this goal's
    rows = [
        (gettext("Today, on its accounts"), share.from_accounts or None),
        (gettext("Today, of the common pool"), share.from_pool),
        (gettext("Stays where it is, for no goal"), share.kept or None),
        (gettext("Of it in cash, for emergencies"), share.in_cash or None),
        (gettext("Owed on cards, taken off"), -debt if owes else None),
        (gettext("Where the chart begins"), begins if owes else None),
    ]
    return _texts(rows, of.currency)


def month_rows(of: CaseOf) -> list[tuple[str, str]]:
    """Return a month as a sum: what comes in, what goes out, what is left, and who has it."""
    share, home = of.share, of.case.household
    loans = sum((one.monthly_payment for one in home.loans if one.balance > 0), Decimal(0))
    # What is neither spent nor paid on loans nor left over went to cards.
    cards = home.monthly_income - home.monthly_spending - loans - share.left_in_a_month
    free = share.left_in_a_month - share.elsewhere - share.monthly
    rows = [
        (gettext("Income"), home.monthly_income),
        (gettext("Spending"), -home.monthly_spending),
        (gettext("Payments on loans"), -loans or None),
        (gettext("Payments on cards"), -cards if abs(cards) >= _COIN else None),
        (gettext("Left over in a month"), share.left_in_a_month),
        (gettext("Of it for other goals"), share.elsewhere or None),
        (gettext("Of it for this goal"), share.monthly),
        (gettext("Of it for no goal"), free if free >= _COIN else None),
        (gettext("Spent less, for this goal"), of.case.aim.extra_saving or None),
    ]
    return _texts(rows, of.currency)


def _texts(rows: Sequence[tuple[str, Decimal | None]], code: Currency) -> list[tuple[str, str]]:
    """Return rows with their amounts as texts; without those that say nothing."""
    return [
        (name, money(Money(amount, code), exact=False))
        for name, amount in rows
        if amount is not None
    ]


def share_why(share: Share) -> list[str]:
    """Return why a goal has what it has, in sentences."""
    return [gettext(_WHY[one]) for one in share.why]


@dataclass(frozen=True, slots=True)
class RunRow:
    """A simulation in a list: when, how many futures, and what it found.

    ``wish``: what is put aside a month; None for whatever is left over.
    """

    run: RunSummary
    wish: Decimal | None

    @property
    def id(self) -> object:
        """The run's id."""
        return self.run.id

    @property
    def asked_at(self) -> object:
        """When it was asked for."""
        return self.run.asked_at

    @property
    def about(self) -> str:
        """How many futures, of how many months, towards what and with how much a month."""
        parts = [
            ngettext(
                "%(count)s future", "%(count)s futures", self.run.paths,
                count=number(self.run.paths),
            ),
            ngettext("%(num)s month", "%(num)s months", self.run.months),
            money(self.run.target, exact=False),
            self._monthly(),
        ]  # fmt: skip
        if self.run.archived:
            parts.append(gettext("archived"))
        return " · ".join(parts)

    def _monthly(self) -> str:
        if self.wish is None:
            return gettext("whatever is left over")
        amount = money(Money(self.wish, self.run.target.currency), exact=self.wish % 1 != 0)
        return gettext("%(amount)s a month", amount=amount)

    @property
    def result(self) -> str:
        """The chance, or how far it is."""
        if self.run.chance is not None:
            return chance_text(Chance(self.run.chance))
        return gettext(STATES[self.run.state.value])


STATES: Mapping[str, str] = {
    "queued": N_("waiting"),
    "running": N_("under way"),
    "done": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
}


def month_text(day: date) -> str:
    """Return a month and its year."""
    return show_date(day, "month")
