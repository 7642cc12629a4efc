"""A whole book for ledger and hledger, which both check every balance of it.

Neither has strings: what would be read as something else stands in a tag, quoted as in JSON. Both
look for dates and tags inside of comments, so that quoting covers brackets, colons and commas.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Final
from uuid import UUID

from strongroom.core.money import Currency, minor_units
from strongroom.transactions.export import chart, double, facts
from strongroom.transactions.export.chart import Chart
from strongroom.transactions.export.double import Posted, writable
from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    Book,
    CategoryLine,
    RowLine,
    Written,
)

TAGS: Final = (
    "id", "account", "note", "happened", "category-by", "origin", "pending", "reviewed", "review",
    "removed-by-bank", "never-booked", "merchant-by", "tags", "parts", "description", "merchant",
    "day", "strongroom",
)  # fmt: skip
_PLAIN: Final = re.compile(r"[\w(][\w .&'/()+*#%=?!-]*(?<! )\Z")
_NOT_IN_A_HEAD: Final = re.compile(r"[^\w .&'/()+*#%?!,:<>@$€£°§^~`\"\\{}-]+")
_SPACES: Final = re.compile(r"\s+")
_BARE: Final = re.compile(r"[A-Z]+\Z")


def write(book: Book, written: Written) -> AsyncIterator[str]:
    """Write the book: what there is, then everything by day."""
    return double.write(_Writer(book), book, written)


def value_text(text: str) -> str:
    """Return a text as the value of a tag: as it is where that is safe, else quoted."""
    if _PLAIN.match(text) and text.isprintable():
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    kept = (
        char if char.isprintable() and char not in "[]:,;" else _escape(char) for char in quoted
    )
    return "".join(kept)


def head_text(text: str) -> str:
    """Return a text as it may stand in a transaction's first line; not always the same text."""
    return _SPACES.sub(" ", _NOT_IN_A_HEAD.sub(" ", text)).strip(" *!(=")


def commodity(code: str) -> str:
    """Return a currency as it stands beside an amount."""
    return code if _BARE.match(code) else f'"{code}"'


class _Writer:
    """Makes the directives and transactions of one book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._chart = Chart(book.accounts, book.categories)
        self._moved: dict[tuple[UUID, str], Decimal] = {}

    def head(self) -> str:
        """Return what stands before the accounts: tags, currencies, accounts of the form."""
        told = {code for known in self._book.currencies.values() for code in known}
        told |= {account.currency for account in self._book.accounts}
        lines = [
            f"; Strongroom, for ledger and hledger, version {facts.VERSION}.",
            "",
            *(f"tag {name}" for name in TAGS),
        ]
        for code in sorted(told):
            lines.append(f"commodity {commodity(code)}")
            # That 1.234 is not a thousand; hledger and ledger write whole numbers differently.
            if decimals := minor_units(Currency(code)):
                lines.append(f"    format 1000.{'0' * decimals} {commodity(code)}")
        lines += [f"account {name}" for name in chart.OF_ITS_OWN]
        return "\n".join(lines) + "\n"

    def account(self, account: AccountLine) -> str:
        """Return the directive of an account, with everything that is known of it."""
        name = self._chart.account[account.id]
        return f"account {name}\n{_comment(facts.of_account(account))}"

    def category(self, category: CategoryLine) -> str:
        """Return the directive of a category."""
        name = self._chart.category[category.id]
        return f"account {name}\n{_comment(facts.of_category(category))}"

    def row(self, row: RowLine) -> str:
        """Return a transaction: what moved, and the category that it went to or came from."""
        day, account = writable(row.day), self._chart.account[row.account_id]
        parts = {"description": row.description, "merchant": row.merchant}
        heads = {name: head_text(text or "") for name, text in parts.items()}
        says = heads["description"] or "-"
        if row.merchant is not None:
            says = f"{heads['merchant'] or '-'} | {says}"
        lines = [f"{day} {'!' if row.pending else '*'} {says}"]
        told = [("day", row.day.isoformat())] if day != row.day else []
        told += [
            (name, text) for name, text in parts.items() if text is not None and text != heads[name]
        ]
        if not row.description:
            told.append(("description", ""))
        told += facts.unusual(row, account=account)
        lines += [f"    ; {name}: {value_text(text)}" for name, text in told]
        beside = chart.PENDING if row.pending else chart.REMOVED
        amount, back = _amount(row.amount, row.currency), row.rest.copy_negate()
        lines.append(f"    {account if row.counts else beside}    {amount}")
        lines.append(
            f"    {self._chart.category[row.category_id]}    {_amount(back, row.currency)}"
        )
        lines += [
            f"    {self._chart.category[part.category_id]}    "
            f"{_amount(part.amount.copy_negate(), row.currency)}"
            for part in row.parts
        ]
        return "\n".join(lines) + "\n\n"

    def posted(self, posted: Posted) -> str:
        """Return what an account held before its first row; other money goes with the balance."""
        if not posted.opening:
            self._moved[posted.account_id, posted.currency] = posted.amount
            return ""
        return (
            f"{writable(posted.day)} * Opening balance\n"
            "    ; strongroom: reckoned\n"
            f"    {self._chart.account[posted.account_id]}"
            f"    {_amount(posted.amount, posted.currency)}\n"
            f"    {chart.OPENING}    {_amount(posted.amount.copy_negate(), posted.currency)}\n\n"
        )

    def balance(self, line: BalanceLine) -> str:
        """Return what an account held at the end of a day, and what came without a row before."""
        moved = self._moved.pop((line.account_id, line.currency), Decimal(0))
        known = facts.of_balance(line)
        told = {name: known[name] for name in ("source", "available", "credit_limit")}
        told["reported_at"] = known["reported_at"]
        lines = [
            f"{writable(line.day)} * Balance",
            _comment(told).rstrip("\n"),
            f"    {self._chart.account[line.account_id]}    {_amount(moved, line.currency)}"
            f" = {_amount(line.balance, line.currency)}",
        ]
        if moved:
            back = _amount(moved.copy_negate(), line.currency)
            lines.append(f"    {chart.ADJUSTMENTS}    {back}")
        return "\n".join(lines) + "\n\n"


def _amount(number: Decimal, code: str) -> str:
    return f"{facts.amount(number, code)} {commodity(code)}"


def _comment(known: Mapping[str, str | bool | None]) -> str:
    """Return facts as JSON in a comment that has nothing in it of what these programs look for."""
    told = {
        name: value for name, value in known.items() if value is not None and value is not False
    }
    return f"    ; strongroom: {_hidden(json.dumps(told, ensure_ascii=False))}\n"


def _hidden(text: str) -> str:
    """Return JSON in which nothing looks like a date in brackets, a tag or the end of a comment.

    Outside of its strings JSON needs colons and commas: there a tag cannot begin, as a quote
    stands before the colon.
    """
    kept, inside, escaped = [], False, False
    for char in text:
        hide = (inside and char in "[]:,;") or not char.isprintable()
        kept.append(_escape(char) if hide else char)
        inside = inside != (char == '"' and not escaped)
        escaped = char == "\\" and not escaped
    return "".join(kept)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
