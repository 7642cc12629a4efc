"""What imports' states, formats, signs, columns and kinds of account are called on pages."""

from __future__ import annotations

from typing import Final

from strongroom.connections.files import READERS, Guess
from strongroom.ui import N_, gettext

STATES: Final = {
    "reading": N_("Being read"),
    "preview": N_("To be looked at"),
    "importing": N_("Being imported"),
    "done": N_("Imported"),
    "undone": N_("Undone"),
    "failed": N_("Could not be read"),
}
SIGNS: Final = {
    "as_written": N_("Plus is money in"),
    "inverted": N_("Plus is money out"),
    "owed": N_("Plus is money out, and the balance is what is owed"),
    "debit_credit": N_("Two columns, without signs"),
    "debit_signed": N_("Two columns, money out with a minus"),
    "by_type": N_("A column says in or out"),
}
DATE_ORDERS: Final = {
    "ymd": N_("Year, month, day"),
    "dmy": N_("Day, month, year"),
    "mdy": N_("Month, day, year"),
}
DECIMAL_MARKS: Final = {".": N_("Point: 1,234.50"), ",": N_("Comma: 1 234,50")}
ROLES: Final = {
    "date": N_("Date"),
    "amount": N_("Amount"),
    "debit": N_("Money out"),
    "credit": N_("Money in"),
    "type": N_("In or out"),
    "balance": N_("Balance after it"),
    "description": N_("Text"),
    "payee": N_("Who"),
    "note": N_("Note"),
    "category": N_("Category"),
    "tags": N_("Tags"),
    "account": N_("Account"),
    "currency": N_("Currency"),
    "fitid": N_("The bank's id"),
    "counter_account": N_("Other account"),
    "status": N_("Booked or not"),
    "fee": N_("Fee"),
}
KINDS: Final = {
    "depository": N_("Account or savings"),
    "credit": N_("Credit card"),
    "loan": N_("Loan"),
    "investment": N_("Investments"),
    "other": N_("Something else"),
}

SECTIONS: Final = {
    "settings": N_("Settings"),
    "tags": N_("Tags"),
    "rules": N_("Rules"),
    "rejections": N_("Pairs that are none"),
    "transfers": N_("Transfers"),
    "refunds": N_("Refunds"),
    "attachments": N_("Attachments"),
    "budgets": N_("Budgets"),
    "recurring": N_("What comes again and again"),
    "goals": N_("Goals"),
    "profile": N_("Figures that you said yourself"),
}
"""What a book that was exported here tells beside its rows."""


def label(table: dict[str, str], key: str) -> str:
    """Return what a key is called in the current person's language, or the key itself."""
    return gettext(table[key]) if key in table else key


def format_name(key: str) -> str:
    """Return what a format is called."""
    return READERS[key].title if key in READERS else key


def column_name(guess: Guess, place: int) -> str:
    """Return a column's heading, or failing that its number, counted from 1."""
    named = guess.header[place].strip() if place < len(guess.header) else ""
    return named or gettext("Column %(number)s", number=place + 1)


def column_of(guess: Guess, role: str) -> int | None:
    """Return the place of the column that has a role, counted from 0."""
    place = guess.columns.get(role)
    if isinstance(place, str):
        return guess.header.index(place) if place in guess.header else None
    return place


def columns_of(guess: Guess) -> list[int]:
    """Return the places of a table's columns."""
    width = max([len(guess.header), *(len(row) for row in guess.cells)], default=0)
    return list(range(width))
