"""What happened to a row and what a person did, as words on a page, in the person's language.

Turns the journal's facts into lines; asks for nothing and decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom import accounts, ui
from strongroom.core import ids
from strongroom.core.money import Currency, Money
from strongroom.transactions.labels import category_label
from strongroom.transactions.manual.types import Act, HistoryLine, Verb
from strongroom.transactions.manual.undoing import can_be_undone
from strongroom.transactions.types import Category, Transaction
from strongroom.ui import N_
from strongroom.ui import gettext as _

_HANDS = {
    "person": N_("You"),
    "sync": N_("The bank"),
    "file": N_("A file"),
    "rule": N_("A rule"),
    "match": N_("Strongroom, which found that it is the same"),
    "upkeep": N_("Upkeep"),
}
_FACTS = {
    "account_id": N_("Account"),
    "day": N_("Day"),
    "amount": N_("Amount"),
    "description": N_("Text"),
    "merchant": N_("Merchant"),
    "category_id": N_("Category"),
    "pending": N_("Pending"),
    "note": N_("Note"),
    "reviewed": N_("Reviewed"),
    "is_split": N_("Split"),
    "transfer_id": N_("Matched as a transfer"),
    "removed_by_bank": N_("Taken back by the bank"),
    "never_booked": N_("Never booked"),
    "tags": N_("Tags"),
    "parts": N_("Parts"),
    "attachment": N_("Attachment"),
}
_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact that changed, as words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """One change of a row: when, whose hand, what; ``undo`` names the act to take back, if any.

    ``rows`` is how many rows that act changed: all of them are taken back with it.
    """

    at: datetime
    hand: str
    says: str
    facts: Sequence[Fact]
    undo: str
    undone: bool
    rows: int


def history_lines(
    row: Transaction,
    history: Sequence[HistoryLine],
    held: Sequence[accounts.Account],
    known: Sequence[Category],
) -> list[Line]:
    """Return a row's history as lines, the newest first."""
    words = _Words(
        Currency(row.amount.currency),
        {one.id: one.name for one in held},
        {one.id: category_label(one.key, one.name) for one in known},
    )
    return [_line(one, words) for one in history]


def act_facts(act: Act, held: Sequence[accounts.Account], known: Sequence[Category]) -> list[Fact]:
    """Return of what to what an act on one row changed each fact; of many rows, nothing."""
    if act.currency is None or act.verb is not Verb.CHANGED:
        return []
    words = _Words(
        act.currency,
        {one.id: one.name for one in held},
        {one.id: category_label(one.key, one.name) for one in known},
    )
    return _facts(act.before or {}, act.after or {}, words)


def act_title(act: Act) -> str:
    """Return what an act did, in one line."""
    if act.title is not None and act.verb is not Verb.CHANGED:
        said = _("%(title)s added") if act.verb is Verb.ADDED else _("%(title)s deleted")
        return said % {"title": act.title}
    if act.verb is Verb.ADDED:
        return ui.ngettext("%(num)s row added", "%(num)s rows added", act.rows)
    if act.verb is Verb.DELETED:
        return ui.ngettext("%(num)s row deleted", "%(num)s rows deleted", act.rows)
    fields = ", ".join(_(_FACTS[name]) for name in _FACTS if name in act.fields)
    if act.title is not None:
        return f"{act.title}: {fields}"
    rows = ui.ngettext("%(num)s row", "%(num)s rows", act.rows)
    return f"{rows}: {fields}"


@dataclass(frozen=True, slots=True)
class _Words:
    currency: Currency
    accounts: Mapping[UUID, str]
    categories: Mapping[UUID, str]

    def text(self, name: str, value: object) -> str:
        """Return a fact's value as words; a dash where there is none."""
        if value is None or value in ("", [], {}):
            return "–"
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if name in ("account_id", "category_id"):
            known = self.accounts if name == "account_id" else self.categories
            return known.get(UUID(str(value)), "–")
        if name == "amount":
            return ui.money(Money(Decimal(str(value)), self.currency), sign=True)
        if name == "day":
            return ui.show_date(date.fromisoformat(str(value)))
        if name == "transfer_id":
            return _("yes")
        if isinstance(value, list):
            return ", ".join(self._part(one) for one in value)
        text = str(value)
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def _part(self, one: object) -> str:
        if not isinstance(one, Mapping):
            return str(one)
        return (
            f"{self.text('category_id', one['category_id'])} {self.text('amount', one['amount'])}"
        )


def _facts(before: Mapping[str, Any], after: Mapping[str, Any], words: _Words) -> list[Fact]:
    return [
        Fact(_(label), words.text(name, before.get(name)), words.text(name, after.get(name)))
        for name, label in _FACTS.items()
        if name in before or name in after
    ]


def _line(one: HistoryLine, words: _Words) -> Line:
    before, after = one.before or {}, one.after or {}
    facts = _facts(before, after, words)
    says = ""
    if one.before is None:
        says, facts = _("Written down by hand, or brought back."), []
    elif one.after is None:
        says, facts = _("Taken out of the book."), []
    elif one.cause == "match" and "description" in after:
        says = _("Became the bank's row.")
    undo = ids.show("edt", one.edit_id) if one.edit_id and can_be_undone(one) else ""
    return Line(one.at, _(_HANDS[one.cause]), says, facts, undo, one.undone, one.rows)
