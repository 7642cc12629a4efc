"""People who save: with figures they say themselves, so that a test knows what there is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from strongroom import accounts, goals
from strongroom.accounts import OpenManual
from strongroom.core.ids import AccountId, UserId
from strongroom.core.money import Currency, Money
from strongroom.goals import CaseOf, Goal, GoalType, NewGoal, Run, profile
from strongroom.goals.profile import FigureName
from tests import book as made
from tests.book import NOK, NOW, TODAY
from tests.identity.conftest import World


def of(*values: object) -> tuple[object, ...]:
    """Values side by side, to compare them with whole numbers."""
    return values


@dataclass
class Saver:
    """Somebody with money, and the verbs of goals in their name."""

    world: World
    owner: UserId
    home: Path

    def ask(self, verb: Callable[..., Any], **arguments: Any) -> Any:
        """What a verb answers in a unit of work of its own."""
        return self.world.within(self.owner, lambda db: verb(db, owner=self.owner, **arguments))

    def says(self, code: Currency = NOK, **figures: int) -> None:
        """Say figures of the profile: ``monthly_income=30000``."""
        for name, amount in figures.items():
            self.ask(
                profile.override,
                figure=FigureName(name),
                amount=Money(Decimal(amount), code),
                now=NOW,
            )

    def opens(self, name: str, amount: int, code: Currency = NOK, **more: Any) -> AccountId:
        """An account of theirs that no bank reports: money in a bank unless told otherwise."""
        value = Money(Decimal(amount), code)
        new = OpenManual(name, more.get("subtype", "bank_account"), value, TODAY)
        account: accounts.Account = self.ask(accounts.open_manual, new=new, now=NOW)
        return account.id

    def wants(self, name: str, target: int, months: int = 36, **more: Any) -> Goal:
        """A goal of theirs, in NOK unless told otherwise."""
        code = more.pop("code", NOK)
        kind = more.pop("goal_type", GoalType.MAJOR_PURCHASE)
        new = NewGoal(name, kind, Money(Decimal(target), code), months, **more)
        goal: Goal = self.ask(goals.add, new=new, now=NOW)
        return goal

    def case(self, goal: Goal) -> CaseOf:
        """What a goal is simulated with."""
        found: CaseOf = self.ask(goals.case_of, goal_id=goal.id, now=NOW)
        return found

    def simulates(self, goal: Goal, **more: Any) -> Run:
        """A simulation of a goal."""
        now = more.pop("now", NOW)
        return self.world.run(
            goals.simulate(
                self.world.database, owner=self.owner, goal_id=goal.id, now=now, home=self.home,
                **more,
            )
        )  # fmt: skip


def saver(world: World, home: Path, *, code: Currency = NOK, **figures: int) -> Saver:
    """Somebody new who earns 30,000 a month and spends 22,000, with 200,000 in a bank."""
    found = Saver(world, made.person(world), home)
    facts = {"monthly_income": 30_000, "monthly_spending": 22_000, **figures}
    found.opens("Savings", facts.pop("liquid_assets", 200_000), code)
    found.says(code, **facts)
    return found
