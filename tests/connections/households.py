"""Whole households for exports: everything that a person makes here, at random, at its doors."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from strongroom import accounts, budgets, goals, identity, transactions, wiring
from strongroom.accounts import Details, OpenManual
from strongroom.budgets import Carry, Every, NewBudget, Verdict
from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.core.ids import UserId
from strongroom.core.money import Money
from strongroom.core.sections import Sections
from strongroom.core.settings import Settings
from strongroom.core.vault import Vault
from strongroom.goals import GoalType, NewGoal, profile
from strongroom.goals.profile import FigureName
from strongroom.transactions import (
    attachments,
    manual,
    refunds,
    sorting,
    splits,
    tags,
    transfers,
)
from strongroom.transactions.export import Format, Part, write
from strongroom.transactions.manual import NewEntry
from strongroom.transactions.sorting import Actions, Conditions, Draft, How
from strongroom.transactions.splits import Part as SplitPart
from tests import book
from tests.book import NOK, NOW, TODAY, USD
from tests.identity.conftest import World

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(64))
SPENT_ON = ("groceries", "dining", "fuel", "pets", "gifts", "gym")
SHOPS = ("Kiwi", "Green Basket", "Café “Å”", "=HYPER", "Fjord Gym")
LATER = NOW + timedelta(hours=1)


def all_sections(world: World) -> Sections:
    """What wiring lists."""
    place = world.place
    services = wiring.assemble(
        Settings(home=Path("/nonexistent")), place.ring, admin_dsn=place.admin_dsn, role="cli"
    )
    return replace(services, vault=Vault(place.ring)).sections


@dataclass
class Household:
    """A person, and what is asked in their name."""

    world: World
    owner: UserId
    sections: Sections
    brought: int = 0

    def ask(self, verb: Callable[..., Any], *first: Any, **given: Any) -> Any:
        return self.world.within(self.owner, lambda db: verb(db, *first, owner=self.owner, **given))

    def export(self, format: Format = Format.ZIP) -> bytes:
        out = BytesIO()
        self.world.run(
            write(self.world.database, owner=self.owner, format=format, part=Part(), out=out,
                  sections=self.sections)
        )  # fmt: skip
        return out.getvalue()

    def told(self) -> dict[str, Any]:
        return json.loads(self.export(Format.JSON))

    def bring(self, told: bytes, name: str = "book.zip", **more: Any) -> Any:
        """Import a file as a person does: look at it, and take it in."""
        more.setdefault("sections", self.sections)
        more.setdefault("without_unreadable", True)
        self.brought += 1
        now = LATER + timedelta(minutes=self.brought)

        async def work(db: Any) -> Any:
            source = Source.of(told, name)
            begun = await imports.begin(db, owner=self.owner, source=source, now=now)
            return await imports.confirm(
                db, owner=self.owner, import_id=begun.id, include=None, now=now, **more
            )

        return self.world.within(self.owner, work)

    def key(self, name: str) -> Any:
        return book.category(self.world, self.owner, name)


_ID = re.compile(r"\A(acc|cat|trn)_[0-9a-f]{32}\Z")
_APART = {
    "accounts": {"id", "manual", "iban", "holdings", "terms"},
    "categories": {"id"},
    "balances": {"source", "available", "credit_limit", "reported_at"},
    "transactions": {"id"},
}
"""What is new in another place: ids; that a file tells of it and no bank."""


def same(told: dict[str, Any]) -> dict[str, Any]:
    """A document with its ids as places in it, and without what is new in another place."""
    places: dict[str, str] = {}
    for name in ("accounts", "categories", "transactions"):
        places |= {one["id"]: f"{name} {number}" for number, one in enumerate(told[name])}

    def shown(value: Any) -> Any:
        if isinstance(value, str) and _ID.match(value):
            return places[value]
        if isinstance(value, list):
            return [shown(one) for one in value]
        if isinstance(value, dict):
            return {name: shown(one) for name, one in value.items()}
        return value

    found = {
        name: [
            {fact: shown(one) for fact, one in record.items() if fact not in _APART.get(name, ())}
            for record in records
        ]
        for name, records in told.items()
        if isinstance(records, list)
    }
    for one in found["transactions"]:
        one["origin"] = "manual" if one["origin"] == "manual" else "told"
    for one, was in zip(found["balances"], told["balances"], strict=True):
        one["by_hand"] = was["source"] == "manual"
    found["balances"].sort(key=lambda one: (one["account"], one["day"]))
    return found


class Maker:
    """Makes a household up, by chance and at the doors."""

    def __init__(self, household: Household, chance: random.Random) -> None:
        self.at, self.chance = household, chance
        self.world, self.owner = household.world, household.owner

    def everything(self) -> None:
        self._accounts()
        self._rows()
        self._rules()
        self._marks()
        self._links()
        self._budgets()
        self._goals()
        self._verdicts()
        self._settings()

    def _some(self, values: Any, most: int = 3) -> list[Any]:
        held = list(values)
        return self.chance.sample(held, min(len(held), self.chance.randint(1, most)))

    def _accounts(self) -> None:
        item = book.item(self.world, self.owner)
        reports = [
            book.report("checking", "1000"), book.report("savings", "5000", mask="0002"),
            book.report("card", "250", type="credit", subtype="credit card", currency=USD,
                        mask="0003"),
        ]  # fmt: skip
        self.known = book.take_in(self.world, self.owner, item, *reports)
        worth = Money(Decimal(4_000_000), NOK)
        new = OpenManual("Cabin", "real_estate", worth, TODAY - timedelta(days=400))
        self.house = self.at.ask(accounts.open_manual, new=new, now=NOW).id
        for days in sorted(self._some(range(1, 390)), reverse=True):
            self.at.ask(
                accounts.revalue, account_id=self.house, day=TODAY - timedelta(days=days),
                value=Money(Decimal(self.chance.randint(3, 6) * 10**6), NOK), now=NOW,
            )  # fmt: skip
        said = Details(note="By the lake", remind_months=self.chance.choice([None, 6, 12]))
        self.at.ask(accounts.describe, account_id=self.house, said=said, now=NOW)

    def _rows(self) -> None:
        rows = [
            book.row(f"gym-{n}", "399", TODAY - timedelta(days=4 + 30 * n), name="FJORD GYM",
                     merchant_name="Fjord Gym")
            for n in range(5)
        ]  # fmt: skip
        for number in range(self.chance.randint(4, 14)):
            shop = self.chance.choice(SHOPS)
            rows.append(
                book.row(
                    f"r{number}", str(Decimal(self.chance.randint(100, 90_000)) / 100),
                    TODAY - timedelta(days=self.chance.randint(1, 60)), name=f"{shop} {number}",
                    merchant_name=self.chance.choice([shop, None]),
                    plaid_account_id=self.chance.choice(["checking", "savings"]),
                )
            )  # fmt: skip
        moves = [
            ("out", "700", "checking"), ("in", "-700", "savings"), ("buy", "555", "checking"),
            ("back", "-555", "checking"), ("o2", "81", "checking"), ("i2", "-81", "savings"),
        ]  # fmt: skip
        rows += [
            book.row(f"m-{name}", amount, TODAY - timedelta(days=3), name=f"MOVE {name}",
                     plaid_account_id=account)
            for name, amount, account in moves
        ]  # fmt: skip
        book.apply(self.world, self.owner, self.known, book.page(*rows))
        for number in range(self.chance.randint(1, 3)):
            new = NewEntry(
                self.known["checking"], TODAY - timedelta(days=number),
                Money(Decimal(-10 - number), NOK), f"By hand {number}", note="cash",
            )  # fmt: skip
            self.at.ask(manual.add, new=new, now=NOW)
        self.rows = {one.description: one for one in book.book(self.world, self.owner)}
        self.plain = [one for name, one in self.rows.items() if not name.startswith("MOVE")]

    def _rules(self) -> None:
        for shop in self._some(SHOPS):
            draft = Draft(
                f"About {shop}",
                Conditions(
                    merchant_how=self.chance.choice([How.IS, How.CONTAINS]), merchants=(shop,),
                    amount_from=self.chance.choice([None, Decimal("1.50")]),
                    since=self.chance.choice([None, TODAY - timedelta(days=50)]),
                    accounts=self.chance.choice([None, tuple(self.known.values())]),
                ),
                Actions(
                    category_id=self.at.key(self.chance.choice(SPENT_ON)),
                    tags=tuple(self._some(["fun", "=1+1"])), review=self.chance.random() < 0.3,
                ),
            )  # fmt: skip
            rule = self.at.ask(sorting.add_rule, draft=draft, now=NOW)
            self.at.ask(sorting.apply_rules, rule_id=rule.id, now=NOW)
            if self.chance.random() < 0.3:
                self.at.ask(sorting.delete_rule, rule_id=rule.id, now=NOW)
            elif self.chance.random() < 0.3:
                self.at.ask(sorting.set_rule_on, rule_id=rule.id, is_on=False, now=NOW)

    def _marks(self) -> None:
        vault = Vault(self.world.place.ring)
        for one in self._some(self.plain, 4):
            book.note(self.world, self.owner, one.id, f"noted {one.id.hex[:4]}")
            self.at.ask(tags.change_tags, transaction_ids=[one.id], add=["Ferie i år"], now=NOW)
        for one in self._some(self.plain, 2):
            half = round(one.amount.amount / 4, 2)
            told = [
                SplitPart(self.at.key("pets"), half, "part"),
                SplitPart(self.at.key("gifts"), one.amount.amount - half),
            ]
            self.at.ask(splits.split, transaction_id=one.id, parts=told, now=NOW)
        for number, one in enumerate(self._some(self.plain, 3)):
            self.at.ask(
                attachments.attach, vault, transaction_id=one.id, name=f"kvittering {number}.png",
                content=PNG + bytes([number]), now=NOW,
            )  # fmt: skip
        self.at.ask(tags.change_tags, transaction_ids=[self.plain[0].id], add=["gone"], now=NOW)
        self.at.ask(tags.change_tags, transaction_ids=[self.plain[0].id], remove=["gone"], now=NOW)

    def _links(self) -> None:
        pairs = [("MOVE out", "MOVE in"), ("MOVE o2", "MOVE i2")]
        for pair in self._some(pairs, 2):
            legs = (self.rows[pair[0]].id, self.rows[pair[1]].id)
            made = self.at.ask(transfers.link, transaction_ids=legs, now=NOW)
            if self.chance.random() < 0.5:
                self.at.ask(transfers.reject, transfer_id=made.id, now=NOW)
        back, buy = self.rows["MOVE back"].id, self.rows["MOVE buy"].id
        found = self.at.ask(refunds.of_row, transaction_id=back)
        if not found:
            found = [self.at.ask(refunds.link, refund=back, purchase=buy, now=NOW)]
        verb = self.chance.choice([refunds.confirm, refunds.reject])
        self.at.ask(verb, refund_id=found[0].id, now=NOW)

    def _budgets(self) -> None:
        for key in self._some([None, *SPENT_ON]):
            amount = Money(Decimal(self.chance.randint(1, 90) * 100), NOK)
            first = TODAY.replace(day=1) - timedelta(days=self.chance.choice([0, 31, 365]))
            new = NewBudget(
                None if key is None else self.at.key(key), amount,
                self.chance.choice(list(Every)), first, self.chance.choice(list(Carry)),
            )  # fmt: skip
            facts = {"today": TODAY, "now": NOW}
            made = self.at.ask(budgets.add_budget, new=new, **facts)
            more = NewBudget(
                new.category_id, Money(Decimal(50), NOK), new.every, new.starts_on, new.carry
            )
            self.at.ask(budgets.change_budget, budget_id=made.id, new=more, **facts)

    def _goals(self) -> None:
        for number in range(self.chance.randint(1, 3)):
            new = NewGoal(
                f"Goal {number} å", self.chance.choice(list(GoalType)),
                Money(Decimal(self.chance.randint(1, 900) * 1000), NOK),
                self.chance.randint(1, 400), goal_text="a text\nof two lines",
                monthly_contribution=self.chance.choice([None, Decimal("1500.50")]),
                todays_money=self.chance.random() < 0.5,
                assumptions=self.chance.choice([{}, {"inflation": Decimal("0.031")}]),
                accounts=self._some([self.known["checking"], self.known["savings"]]),
            )  # fmt: skip
            self.at.ask(goals.add, new=new, now=NOW)
        self.at.ask(
            profile.override, figure=FigureName.MONTHLY_INCOME, now=NOW,
            amount=Money(Decimal(self.chance.randint(1, 9) * 1000), NOK),
        )  # fmt: skip
        shares = {"stocks": Decimal("0.6"), "bonds": Decimal("0.4")}
        figure = FigureName.INVESTMENT_ALLOCATION
        self.at.ask(profile.override, figure=figure, shares=shares, now=NOW)

    def _verdicts(self) -> None:
        self.world.run(budgets.look_through(self.world.database, owner=self.owner, now=NOW))
        for one in self.at.ask(budgets.recurring_items):
            verdict = self.chance.choice([Verdict.CONFIRMED, Verdict.DISMISSED])
            self.at.ask(budgets.judge_recurring, item_id=one.id, verdict=verdict, now=NOW)

    def _settings(self) -> None:
        wanted = {"currency": "NOK", "theme": "dark", "hide_amounts": True}
        self.at.ask(identity.change_settings, wanted=wanted, client=self.world.client(), now=LATER)


def summary(household: Household) -> transactions.Summary:
    """What the whole book comes to."""
    return household.ask(transactions.summary, filter=transactions.Filter())
