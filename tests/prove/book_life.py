"""One made-up life with money, from its seed: banks that report, a person who edits, rules, homes.

Everything is done through doors, one act after the other, with a clock that the life moves itself.
It keeps in mind what the person chose, so that later acts can be held against it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from strongroom import accounts, net_worth, transactions
from strongroom.accounts import OpenManual
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import AccountId, TransactionId, UserId
from strongroom.core.money import Currency, Money, minor_units
from strongroom.core.time import today
from strongroom.transactions import Transaction, manual, sorting, splits
from strongroom.transactions.manual import RowChange
from tests import book as made
from tests.identity.conftest import World

CURRENCIES = [Currency(code) for code in ("NOK", "EUR", "USD", "JPY", "KWD", "GBP")]
ZONES = ["UTC", "Europe/Oslo", "Pacific/Kiritimati", "America/New_York"]
_KINDS = {"depository": "checking", "credit": "credit card", "loan": "student", "investment": "ira"}
_PFC = [
    "FOOD_AND_DRINK_GROCERIES", "FOOD_AND_DRINK_COFFEE", "INCOME_WAGES", "OTHER_OTHER",
    "TRANSFER_OUT_ACCOUNT_TRANSFER", "GENERAL_MERCHANDISE_ELECTRONICS",
]  # fmt: skip
_CHOICES = ["coffee", "gifts", "salary", "own_transfer", "rent", "groceries"]
_MERCHANTS = [None, "Kopper Coffee", "Green Basket", "Fjord Rail", "Acme"]


@dataclass
class Told:
    """A row as the bank told it last."""

    account: str
    facts: dict[str, Any]
    amount: Decimal
    day: date


@dataclass
class Life:
    """Somebody, their accounts, and what the bank told of them. ``chosen`` is the person's."""

    world: World
    rng: random.Random
    owner: UserId
    zone: str
    now: datetime
    item: Any
    held: dict[str, AccountId] = field(default_factory=dict)
    kinds: dict[str, tuple[str, Currency]] = field(default_factory=dict)
    balances: dict[str, Decimal] = field(default_factory=dict)
    told: dict[str, Told] = field(default_factory=dict)
    homes: list[AccountId] = field(default_factory=list)
    chosen: dict[TransactionId, dict[str, Any]] = field(default_factory=dict)
    seen: list[tuple[datetime, Money]] = field(default_factory=list)
    rows_told: int = 0

    @classmethod
    def begun(cls, world: World, rng: random.Random) -> Life:
        """Make somebody with one to four bank accounts, some days before now."""
        zone = rng.choice(ZONES)
        owner = made.person(world, zone)
        now = made.NOW - timedelta(days=rng.randrange(20, 60), hours=rng.randrange(24))
        life = cls(world, rng, owner, zone, now, made.item(world, owner))
        for number in range(rng.randint(1, 4)):
            name = f"a{number}"
            life.kinds[name] = (rng.choice(list(_KINDS)), rng.choice(CURRENCIES))
            life.balances[name] = life.some_money(life.kinds[name][1])
        life.report()
        return life

    @property
    def today(self) -> date:
        """The day it is where they live."""
        return today(self.now, self.zone)

    def within(self, work: Callable[[Any], Any]) -> Any:
        """Do something in a unit of work of theirs."""
        return self.world.within(self.owner, work)

    def some_money(self, code: Currency) -> Decimal:
        """Return an amount in the decimals of its currency, seldom zero."""
        units = self.rng.choice([1, 100, 10_000, 500_000])
        return Decimal(self.rng.randint(-units, units)).scaleb(-minor_units(code))

    def act(self) -> str:
        """Do one thing, some hours later; return what it was."""
        self.now += timedelta(hours=self.rng.choice([1, 7, 26, 80]))
        self.now = min(self.now, made.NOW)
        acts = [self.sync, self.sync, self.sync, self.report, self.edit, self.edit, self.split,
                self.enter, self.rule, self.home, self.close]  # fmt: skip
        chosen = self.rng.choice(acts)
        chosen()
        return chosen.__name__

    # ------------------------------------------------------------------ the bank

    def report(self) -> None:
        """Let the bank report every account, often in step with its rows and sometimes not."""
        for name, (_, code) in self.kinds.items():
            if self.rng.random() < 0.3:
                self.balances[name] += self.some_money(code)
        reports = [
            made.report(name, str(self.balances[name]), type=kind, subtype=_KINDS[kind],
                        currency=code, reported_at=self.now)
            for name, (kind, code) in self.kinds.items()
            if self.rng.random() < 0.8 or name not in self.held
        ]  # fmt: skip
        if reports:
            self.held |= made.take_in(
                self.world, self.owner, self.item, *reports, today=self.today, now=self.now
            )

    def sync(self) -> None:
        """Let the bank tell new rows, change some, book some, and take some back."""
        added, modified, removed = [], [], []
        for _ in range(self.rng.randint(1, 6)):
            added.append(self.new_row())
        for plaid_id in self.rng.sample(sorted(self.told), min(len(self.told), 3)):
            told = self.told[plaid_id]
            deed = self.rng.random()
            if deed < 0.35:
                told.amount = self.some_money(self.kinds[told.account][1])
                modified.append(self.bank_row(plaid_id))
            elif deed < 0.5:
                told.facts["pending"] = False
                modified.append(self.bank_row(plaid_id))
            elif deed < 0.6:
                removed.append(plaid_id)
                del self.told[plaid_id]
        page = made.page(*added, modified=modified, removed=removed)
        made.apply(self.world, self.owner, self.held, page, now=self.now)

    def new_row(self) -> Any:
        self.rows_told += 1
        plaid_id, account = f"r{self.rows_told}", self.rng.choice(sorted(self.held))
        code = self.kinds[account][1]
        facts = {
            "pending": self.rng.random() < 0.15,
            "pfc_detailed": self.rng.choice(_PFC),
            "merchant_name": self.rng.choice(_MERCHANTS),
            "currency": code if self.rng.random() < 0.95 else self.rng.choice(CURRENCIES),
        }
        day = self.today - timedelta(days=self.rng.choice([0, 1, 2, 5, 9, 30, 45]))
        self.told[plaid_id] = Told(account, facts, self.some_money(code), day)
        return self.bank_row(plaid_id)

    def bank_row(self, plaid_id: str) -> Any:
        told = self.told[plaid_id]
        return made.row(
            plaid_id, str(told.amount), told.day, plaid_account_id=told.account, **told.facts
        )

    # ------------------------------------------------------------------ the person

    def rows(self) -> list[Transaction]:
        """Return the whole book."""
        return made.book(self.world, self.owner)

    def category(self, key: str) -> Any:
        return made.category(self.world, self.owner, key)

    def edit(self) -> None:
        """Choose a category, write a note, or mark as looked at: for good."""
        rows = [row for row in self.rows() if row.origin == "bank"]
        for row in self.rng.sample(rows, min(len(rows), 2)):
            mine = self.chosen.setdefault(row.id, {})
            match self.rng.randrange(3):
                case 0:
                    key = self.rng.choice(_CHOICES)
                    mine["category"] = self.category(key)
                    self._choose(row.id, mine["category"])
                case 1:
                    mine["note"] = f"note {self.rng.random()}"
                    self._note(row.id, mine["note"])
                case _:
                    self._review(row.id)
                    mine["reviewed"] = True

    def _choose(self, row_id: TransactionId, category_id: Any) -> None:
        self.within(
            lambda db: transactions.set_category(
                db, owner=self.owner, transaction_ids=[row_id], category_id=category_id,
                now=self.now,
            )
        )  # fmt: skip

    def _note(self, row_id: TransactionId, text: str) -> None:
        self.within(
            lambda db: manual.change(
                db, owner=self.owner, transaction_ids=[row_id], change=RowChange(note=text),
                now=self.now,
            )
        )  # fmt: skip

    def _review(self, row_id: TransactionId) -> None:
        self.within(
            lambda db: manual.change(
                db, owner=self.owner, transaction_ids=[row_id], change=RowChange(reviewed=True),
                now=self.now,
            )
        )  # fmt: skip

    def split(self) -> None:
        """Split a row in two, or put one together again."""
        rows = [row for row in self.rows() if row.origin == "bank" and row.amount.amount]
        if not rows:
            return
        row = self.rng.choice(rows)
        mine = self.chosen.setdefault(row.id, {})
        if self.rng.random() < 0.25:
            if not row.is_split:
                return  # whole already: nothing is chosen
            parts: list[Any] = []
        else:
            part = Decimal(self.rng.randint(1, 9)) / 10 * row.amount.amount
            part = Money(part, row.amount.currency).rounded().amount
            keys = self.rng.sample(_CHOICES, 2)
            halves = (part, row.amount.amount - part)
            parts = [splits.Part(self.category(key), one)
                     for key, one in zip(keys, halves, strict=True) if one]  # fmt: skip
        with suppress(StrongroomError):
            self.within(
                lambda db: splits.split(
                    db, owner=self.owner, transaction_id=row.id, parts=parts, now=self.now
                )
            )
            mine["parts"] = [(one.category_id, one.amount) for one in parts]

    def enter(self) -> None:
        """Write a transaction down by hand."""
        account = self.rng.choice(sorted(self.held))
        code = self.kinds[account][1]
        new = manual.NewEntry(
            self.held[account], self.today, Money(self.some_money(code) or Decimal(1), code),
            "By hand",
        )  # fmt: skip
        with suppress(StrongroomError):
            self.within(lambda db: manual.add(db, owner=self.owner, new=new, now=self.now))

    def rule(self) -> None:
        """Make a rule and run all of them over the book."""
        merchant = self.rng.choice([one for one in _MERCHANTS if one])
        draft = sorting.Draft(
            f"rule {self.rng.random()}",
            sorting.Conditions(merchants=(merchant,)),
            sorting.Actions(category_id=self.category(self.rng.choice(_CHOICES)),
                            merchant=self.rng.choice([None, "Renamed"]),
                            review=self.rng.random() < 0.3),
        )  # fmt: skip
        with suppress(StrongroomError):  # two that contradict each other are refused
            self.within(
                lambda db: sorting.add_rule(db, owner=self.owner, draft=draft, now=self.now)
            )
        self.run_rules()

    def run_rules(self) -> None:
        """Run every rule over the whole book."""
        self.within(lambda db: sorting.apply_rules(db, owner=self.owner, now=self.now))

    def home(self) -> None:
        """Value a home or a debt, or take one up."""
        if self.homes and self.rng.random() < 0.6:
            account = self.rng.choice(self.homes)
            with suppress(StrongroomError):
                found = self.within(
                    lambda db: accounts.get(db, owner=self.owner, account_id=account)
                )
                value = Money(abs(self.some_money(found.currency)), found.currency)
                self.within(
                    lambda db: accounts.revalue(
                        db, owner=self.owner, account_id=account, value=value,
                        day=self.today - timedelta(days=self.rng.randrange(9)), now=self.now,
                    )
                )  # fmt: skip
            return
        code = self.rng.choice(CURRENCIES)
        subtype = self.rng.choice(["real_estate", "vehicle", "mortgage"])
        new = OpenManual("Home", subtype, Money(abs(self.some_money(code)), code),
                         self.today - timedelta(days=self.rng.randrange(60)))  # fmt: skip
        opened = self.within(
            lambda db: accounts.open_manual(db, owner=self.owner, new=new, now=self.now)
        )
        self.homes.append(opened.id)

    def close(self) -> None:
        """Close an account or open it again; one with pending rows stays open."""
        account = self.rng.choice([*self.held.values(), *self.homes])
        verb = self.rng.choice([accounts.close, accounts.reopen])
        with suppress(StrongroomError):
            self.within(lambda db: verb(db, owner=self.owner, account_id=account, now=self.now))

    def refresh(self) -> None:
        """Bring days and snapshots in line, as the job does."""
        self.within(lambda db: net_worth.refresh(db, owner=self.owner, now=self.now))
