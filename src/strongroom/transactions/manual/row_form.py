"""A row's own form beside the row as it is: only what was changed on the page is to be changed.

The form sends each field, and what stood there when the page was made (``…_was``). What a form
leaves out, or does not say the earlier text of, is taken as it was always shown. Stores nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from strongroom import accounts
from strongroom.core import ids
from strongroom.core.errors import Conflict
from strongroom.core.ids import CategoryId
from strongroom.transactions.manual import forms
from strongroom.transactions.manual.types import EntryChange, RowChange
from strongroom.transactions.types import Origin, Transaction
from strongroom.ui import N_
from strongroom.ui import gettext as _

WAS = "_was"
_AMOUNT, _ACCOUNT = ("direction", "amount"), ("account",)
# A direction and an amount are one figure.
_FACTS: Mapping[tuple[str, ...], str] = {
    ("text",): N_("Text"),
    _AMOUNT: N_("Amount"),
    ("day",): N_("Day"),
    _ACCOUNT: N_("Account"),
    ("category",): N_("Category"),
    ("merchant",): N_("Merchant"),
    ("note",): N_("Note"),
    ("reviewed",): N_("Reviewed"),
}


class ChangedElsewhere(Conflict):
    """A field was changed both on the page and elsewhere since the page was made."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form sent: each field's text, and the text that it had when the page was made."""

    typed: Mapping[str, str]
    was: Mapping[str, str]

    @property
    def mine(self) -> dict[str, str]:
        """Return the fields that the person changed on the page."""
        return {
            name: self.typed[name]
            for fact in _FACTS
            if self.typed.keys() >= set(fact)
            and any(_plain(self.typed[one]) != _plain(self.was[one]) for one in fact)
            for name in fact
        }

    @property
    def to_show(self) -> dict[str, str]:
        """Return all of it, to be shown again as it was sent."""
        return {**self.typed, **{name + WAS: text for name, text in self.was.items()}}


def as_shown(row: Transaction) -> dict[str, str]:
    """Return each field of the row's form as it shows it, in the current person's language."""
    shown = {
        "category": ids.show("cat", row.category_id),
        "note": row.note or "",
        "reviewed": "1" if row.reviewed_at is not None else "",
    }
    if row.origin is Origin.MANUAL:
        return {**shown, **forms.as_typed(row)}
    return {**shown, "merchant": row.merchant or ""}


def read(form: Mapping[str, object], now: Mapping[str, str]) -> Sent:
    """Return what a form sent of the fields that the row has ``now``.

    What it does not have is as the row is; but a box that is not ticked is never sent. No category
    is none chosen.
    """
    typed = {name: str(form.get(name, text)) for name, text in now.items()}
    typed["reviewed"] = "1" if form.get("reviewed") == "1" else ""
    was = {name: str(form.get(name + WAS, text)) for name, text in now.items()}
    if not typed["category"]:
        typed["category"] = was["category"]
    return Sent(typed, was)


def refuse_changed_elsewhere(
    sent: Sent, now: Mapping[str, str], held: Sequence[accounts.Account]
) -> None:
    """Raise ``ChangedElsewhere`` for fields that are otherwise both on the page and in the row."""
    mine = sent.mine
    both = {
        fact
        for fact in _FACTS
        if any(name in mine for name in fact)
        and any(_plain(now[name]) != _plain(sent.was[name]) for name in fact)
        and any(_plain(now[name]) != _plain(mine[name]) for name in fact)
    } | _in_other_currencies(sent, now, held)
    if both:
        names = ", ".join(_(label) for fact, label in _FACTS.items() if fact in both)
        raise ChangedElsewhere(
            _(
                "Changed here, and elsewhere as well since this page was opened: %(fields)s.",
                fields=names,
            ),
            hint=_("Nothing was saved. Save again to let what is written here stand."),
        )


def _in_other_currencies(
    sent: Sent, now: Mapping[str, str], held: Sequence[accounts.Account]
) -> set[tuple[str, ...]]:
    """Return what was changed elsewhere so that an amount would change its currency unseen."""
    mine = sent.mine
    found: set[tuple[str, ...]] = set()
    if "account" not in now:
        return found
    currency = {ids.show("acc", one.id): one.currency for one in held}
    here, there, before = (currency.get(texts["account"]) for texts in (sent.typed, now, sent.was))
    if "amount" in mine and "account" not in mine and there != before:
        found.add(_ACCOUNT)
    moved = any(_plain(now[name]) != _plain(sent.was[name]) for name in _AMOUNT)
    if "account" in mine and "amount" not in mine and here != there and moved:
        found.add(_AMOUNT)
    return found


def facts(sent: Sent, now: Mapping[str, str], held: list[accounts.Account]) -> EntryChange:
    """Return what to change of an entry's facts; raises as ``forms.read_new`` does."""
    mine = sent.mine
    if not mine.keys() & set(forms.FIELDS):
        return EntryChange()
    told = forms.read_change({name: mine.get(name, now[name]) for name in forms.FIELDS}, held)
    return EntryChange(
        account_id=told.account_id if "account" in mine else None,
        day=told.day if "day" in mine else None,
        # An amount is in its account's currency, whichever of the two was changed.
        amount=told.amount if mine.keys() & {"amount", "account"} else None,
        text=told.text if "text" in mine else None,
    )


def marks(sent: Sent, now: Mapping[str, str]) -> RowChange:
    """Return what to change of a row's marks: not what it is already."""
    mine = {name: text for name, text in sent.mine.items() if _plain(text) != _plain(now[name])}
    return RowChange(
        category_id=CategoryId(ids.parse("cat", mine["category"])) if "category" in mine else None,
        merchant=mine.get("merchant"),
        note=mine.get("note"),
        reviewed=mine["reviewed"] == "1" if "reviewed" in mine else None,
    )


def _plain(text: str) -> str:
    """Return a text without what a browser may make of its spaces and line ends."""
    return text.replace("\r\n", "\n").strip()
