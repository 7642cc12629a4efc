"""Reading what a person typed of an entry, in their language, and the form's texts to show again.

Knows the form's fields and nothing of how an entry is stored. A sign is not typed: the form asks
whether money came in or went out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from strongroom import accounts, ui
from strongroom.core import ids
from strongroom.core.errors import NotFound
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.transactions.manual.rules import BadEntry, checked_amount, checked_text
from strongroom.transactions.manual.types import EntryChange, NewEntry
from strongroom.transactions.types import Transaction
from strongroom.ui import gettext as _

FIELDS = ("text", "direction", "amount", "day", "account")


def read_new(typed: Mapping[str, str], held: list[accounts.Account]) -> NewEntry:
    """Return the entry that a form describes, in the current person's language.

    Raises ``BadEntry``, ``AmountNotReadable``, ``TooManyDecimals`` and ``BadAmount``, each with the
    field at fault.
    """
    facts = read_change(typed, held)
    assert facts.account_id is not None  # noqa: S101 - a form has every field
    assert facts.day is not None  # noqa: S101
    assert facts.amount is not None  # noqa: S101
    chosen = typed.get("category", "")
    return NewEntry(
        account_id=facts.account_id,
        day=facts.day,
        amount=facts.amount,
        text=typed["text"],
        category_id=CategoryId(ids.parse("cat", chosen)) if chosen else None,
        note=typed.get("note", ""),
    )


def read_change(typed: Mapping[str, str], held: list[accounts.Account]) -> EntryChange:
    """Return the facts of an entry that a form describes; raises as ``read_new`` does."""
    text = checked_text(typed["text"])
    account = _account(typed["account"], held)
    value = ui.parse_amount(typed["amount"], ui.current().locale)
    incoming = typed["direction"] == "in"
    if incoming and value < 0:
        raise BadEntry(
            _("Write the amount without a sign: money in or out says it."), field="amount"
        )
    amount = Money(abs(value) if incoming else -abs(value), account.currency)
    return EntryChange(
        account_id=account.id,
        day=_day(typed["day"]),
        amount=checked_amount(amount, account.currency),
        text=text,
    )


def as_typed(row: Transaction) -> dict[str, str]:
    """Return an entry's facts as its form shows them, in the current person's language."""
    text = amount_text(abs(row.amount.amount), row.amount.currency)
    return {
        "text": row.title,
        "direction": "in" if row.amount.amount > 0 else "out",
        "amount": text.replace(".", ",") if ui.current().locale == "nb" else text,
        "day": row.day.isoformat(),
        "account": ids.show("acc", row.account_id),
    }


def _account(text: str, held: list[accounts.Account]) -> accounts.Account:
    try:
        wanted = AccountId(ids.parse("acc", text))
    except NotFound:
        raise BadEntry(_("Choose an account."), field="account") from None
    found = next((one for one in held if one.id == wanted), None)
    if found is None:
        raise BadEntry(_("Choose an account."), field="account")
    return found


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise BadEntry(_("Write a day like 2026-11-20."), field="day") from None
