"""A whole book for beancount (version 2 and 3), which checks every balance of it.

Beancount asserts what an account holds at the *beginning* of a day, so the balance of a day's end
stands on the next day. The strings of its metadata hold every text exactly.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from strongroom.transactions.export import chart, double, facts
from strongroom.transactions.export.chart import Chart, codes
from strongroom.transactions.export.double import Posted, writable
from strongroom.transactions.export.types import (
    AccountLine,
    BalanceLine,
    Book,
    CategoryLine,
    RowLine,
    Written,
)

_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})
_BEFORE_ALL: Final = "1700-01-01"
_A_DAY: Final = timedelta(days=1)


def write(book: Book, written: Written) -> AsyncIterator[str]:
    """Write the book: what there is, then everything by day."""
    return double.write(_Writer(book), book, written)


def quoted(text: str) -> str:
    """Return a text as beancount reads it back."""
    return f'"{text.translate(_ESCAPES)}"'


class _Writer:
    """Makes directives of one book."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._chart = Chart(book.accounts, book.categories)
        told = {code for known in book.currencies.values() for code in known}
        self._codes = codes(told | {account.currency for account in book.accounts})

    def head(self) -> str:
        """Return what stands before the accounts: options, currencies, accounts of the form."""
        lines = [
            f"; Strongroom, for beancount, version {facts.VERSION}.",
            'option "title" "Strongroom"',
            "",
        ]
        for code, written in self._codes.items():
            lines.append(f"{_BEFORE_ALL} commodity {written}")
            if code != written:
                lines.append(f"  code: {quoted(code)}")
        lines += [f"{_BEFORE_ALL} open {name}" for name in chart.OF_ITS_OWN]
        return "\n".join(lines) + "\n"

    def account(self, account: AccountLine) -> str:
        """Return the directive that opens an account, with everything that is known of it."""
        used = [account.currency, *self._book.currencies.get(account.id, ())]
        allowed = ",".join(self._codes[code] for code in dict.fromkeys(used))
        day = account.first_day and writable(account.first_day)
        name = self._chart.account[account.id]
        head = f"{day or _BEFORE_ALL} open {name} {allowed}\n"
        return head + _metadata(facts.of_account(account))

    def category(self, category: CategoryLine) -> str:
        """Return the directive that opens a category."""
        name = self._chart.category[category.id]
        return f"{_BEFORE_ALL} open {name}\n" + _metadata(facts.of_category(category))

    def row(self, row: RowLine) -> str:
        """Return a transaction: what moved, and the category that it went to or came from."""
        day, account = writable(row.day), self._chart.account[row.account_id]
        payee = "" if row.merchant is None else f"{quoted(row.merchant)} "
        flag = "!" if row.pending else "*"
        lines = [f"{day} {flag} {payee}{quoted(row.description)}"]
        if day != row.day:
            lines.append(f"  day: {quoted(row.day.isoformat())}")
        for name, text in facts.unusual(row, account=account):
            lines.append(f"  {name}: {quoted(text)}")
        beside = chart.PENDING if row.pending else chart.REMOVED
        category = self._chart.category[row.category_id]
        lines += self._postings(account if row.counts else beside, category, row)
        lines += [
            f"  {self._chart.category[part.category_id]}  "
            f"{self._amount(part.amount.copy_negate(), row.currency)}"
            for part in row.parts
        ]
        return "\n".join(lines) + "\n\n"

    def balance(self, line: BalanceLine) -> str:
        """Return what an account held at the end of a day, as the next day's beginning."""
        known = facts.of_balance(line)
        told = {name: known[name] for name in ("source", "available", "credit_limit")}
        told["reported_at"] = known["reported_at"]
        day, name = writable(line.day) + _A_DAY, self._chart.account[line.account_id]
        held = self._amount(line.balance, line.currency)
        return f"{day} balance {name} {held}\n{_metadata(told)}\n"

    def posted(self, posted: Posted) -> str:
        """Return money that moved without a row."""
        told, other = (
            ("Opening balance", chart.OPENING)
            if posted.opening
            else ("What changed without a transaction", chart.ADJUSTMENTS)
        )
        name = self._chart.account[posted.account_id]
        lines = [
            f"{writable(posted.day)} * {quoted(told)}",
            '  strongroom: "reckoned"',
            *self._postings(name, other, posted),
        ]
        return "\n".join(lines) + "\n\n"

    def _postings(self, to: str, other: str, moved: RowLine | Posted) -> list[str]:
        amount = self._amount(moved.amount, moved.currency)
        rest = moved.rest if isinstance(moved, RowLine) else moved.amount
        back = self._amount(rest.copy_negate(), moved.currency)
        return [f"  {to}  {amount}", f"  {other}  {back}"]

    def _amount(self, number: Decimal, code: str) -> str:
        return f"{facts.amount(number, code)} {self._codes[code]}"


def _metadata(known: Mapping[str, str | bool | None]) -> str:
    return "".join(
        f"  {name}: {'TRUE' if value is True else quoted(value)}\n"
        for name, value in known.items()
        if value is not None and value is not False
    )
