"""Which of a person's categories a file's means, and which must be made. Pure.

A file's category is a path such as ``Food:Groceries``; ours have two levels.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from strongroom.core.ids import new_id
from strongroom.transactions.labels import CATEGORY_LABELS, category_label
from strongroom.transactions.rules import OTHER_INCOME, UNCATEGORISED
from strongroom.transactions.types import Category, Kind

_OWN_TRANSFER = "own_transfer"
_LONGEST_NAME = 100
# What programs write for "moved between accounts" and "came in", in the languages we speak.
_TRANSFER = re.compile(r"(?i)^\W*(account |internal )?(transfers?|overf[øo]ring(er)?)\b")
_INCOME = re.compile(r"(?i)^\W*(inflows?|income|inntekt(er)?|ready to assign|to be budgeted)\b")
_NOTHING = re.compile(
    r"(?i)^\W*(uncategori[sz]ed|no category|\(?none\)?|split|ukategorisert|ingen kategori)?\W*$"
)
# Their names for what we have under another.
_SAME = {
    "restaurants": "dining", "eating out": "dining", "dining out": "dining",
    "food & dining": "food", "coffee shops": "coffee", "gas": "fuel", "gas & fuel": "fuel",
    "gasoline": "fuel", "petrol": "fuel", "auto & transport": "transport", "paycheck": "salary",
    "paychecks": "salary", "wages": "salary", "mortgage & rent": "rent", "bills & utilities":
    "utilities", "bills": "utilities", "medical": "medical", "doctor": "medical",
    "shopping": "shopping", "clothes": "clothing", "gifts & donations": "gifts",
    "credit card payment": "card_payment", "atm": "cash_withdrawal", "cash & atm":
    "cash_withdrawal", "interest income": "interest_and_dividends", "ready to assign":
    "other_income", "to be budgeted": "other_income", "air travel": "travel", "hotel": "travel",
    "vacation": "travel", "internet": "phone_and_internet", "mobile phone": "phone_and_internet",
}  # fmt: skip


class PathFacts(Protocol):
    """A category as a file writes it: how many rows it has and what they come to."""

    @property
    def path(self) -> str:
        """The path, its parts joined by a colon."""

    @property
    def amount(self) -> Decimal:
        """The sum of its rows; positive is money in."""


@dataclass(frozen=True, slots=True)
class NewCategory:
    """A category to be made."""

    id: UUID
    parent_id: UUID | None
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Plan:
    """The category of each path, and those to make first, groups before what is in them."""

    paths: Mapping[str, UUID]
    new: Sequence[NewCategory]


def fallback(keys: Mapping[str, UUID]) -> dict[str, UUID]:
    """Return the categories of rows that name none: to another account, in, out."""
    return {
        "transfer": keys[_OWN_TRANSFER],
        "income": keys[OTHER_INCOME],
        "spending": keys[UNCATEGORISED],
    }


def plan(known: Sequence[Category], paths: Iterable[PathFacts]) -> Plan:
    """Return the category of each path: the person's of that name, else a new one of their own.

    Names are compared without regard to case, in the person's language and in English. A path of
    more than two parts keeps its first, and the others as one name.
    """
    book = _Book(known)
    return Plan({one.path: found for one in paths if (found := book.find(one))}, book.new)


class _Book:
    """A person's categories by name, growing as new ones are planned."""

    def __init__(self, known: Sequence[Category]) -> None:
        self.new: list[NewCategory] = []
        self._keys = {one.key: one.id for one in known if one.key is not None}
        self._kinds: dict[UUID, Kind] = {one.id: one.kind for one in known}
        self._groups: dict[str, UUID] = {}
        self._inside: dict[tuple[UUID, str], UUID] = {}
        self._leaves: dict[str, list[UUID]] = {}
        for one in known:
            for name in _names(one):
                if one.parent_id is None:
                    self._groups.setdefault(name, one.id)
                else:
                    self._inside.setdefault((one.parent_id, name), one.id)
                    leaves = self._leaves.setdefault(name, [])
                    leaves += [] if one.id in leaves else [one.id]

    def find(self, facts: PathFacts) -> UUID | None:
        """Return the category of a path, planning it where there is none; None for no category."""
        parts = [" ".join(part.split()) for part in facts.path.split(":") if part.strip()]
        if not parts or _NOTHING.match(parts[-1]):
            return None
        if _TRANSFER.match(parts[0]) and not self._is_known(parts):
            return self._keys.get(_OWN_TRANSFER)
        group, name = parts[0], ":".join(parts[1:])
        if not name:
            return self._single(group, facts)
        group_id = self._groups.get(group.casefold())
        if group_id is not None:
            inside = self._inside.get((group_id, name.casefold()))
            if inside is not None:
                return inside
        else:
            only = self._leaves.get(name.casefold(), [])
            same = self._keys.get(_SAME.get(name.casefold(), ""))
            if len(only) == 1 or same is not None:
                return only[0] if len(only) == 1 else same
            group_id = self._make(None, group, self._kind(facts))
        return self._make(group_id, name, self._kinds[group_id])

    def _single(self, name: str, facts: PathFacts) -> UUID:
        """Return the category of a path of one part: a leaf of that name before a group."""
        leaves = self._leaves.get(name.casefold(), [])
        if len(leaves) == 1:
            return leaves[0]
        found = self._groups.get(name.casefold()) or self._keys.get(_SAME.get(name.casefold(), ""))
        return found or self._make(None, name, self._kind(facts))

    def _is_known(self, parts: Sequence[str]) -> bool:
        group_id = self._groups.get(parts[0].casefold())
        rest = ":".join(parts[1:]).casefold()
        return group_id is not None and (not rest or (group_id, rest) in self._inside)

    def _kind(self, facts: PathFacts) -> Kind:
        if _TRANSFER.match(facts.path):
            return Kind.TRANSFER
        if _INCOME.match(facts.path):
            return Kind.INCOME
        return Kind.INCOME if facts.amount > 0 else Kind.SPENDING

    def _make(self, parent_id: UUID | None, name: str, kind: Kind) -> UUID:
        name = name[:_LONGEST_NAME]
        made = NewCategory(new_id(), parent_id, name, kind)
        self.new.append(made)
        self._kinds[made.id] = kind
        if parent_id is None:
            self._groups[name.casefold()] = made.id
        else:
            self._inside[parent_id, name.casefold()] = made.id
            self._leaves.setdefault(name.casefold(), []).append(made.id)
        return made.id


def _names(one: Category) -> set[str]:
    """Return what a category is called: its own name, its key, its label here and in English."""
    names = {one.name or ""}
    if one.key is not None:
        names |= {one.key, CATEGORY_LABELS.get(one.key, ""), category_label(one.key, one.name)}
    return {name.casefold() for name in names if name}
