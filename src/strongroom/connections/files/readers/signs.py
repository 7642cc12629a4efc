"""Which way money goes in a table: by columns, by words, and by what the balance does.

A guess that a person sees and may change; where nothing tells, positive is money in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Final

from strongroom.connections.files.readers.delimited import CellsDiffer, direction, row_maker
from strongroom.connections.files.readers.layout import Table
from strongroom.connections.files.types import Guess
from strongroom.ui import gettext as _

# What cards write beside a payment of their bill.
_THANKS: Final = re.compile(r"payment.{0,12}thank you|payment received", re.IGNORECASE)


def signed(table: Table, guess: Guess) -> Guess:
    """Return the guess with the direction of amounts, from words first, then from the balance."""
    if "amount" not in guess.columns:
        negative = sum("-" in cell or "(" in cell for _number, cell in table.cells("debit"))
        minus = negative * 2 > len(table.cells("debit"))
        table.reasons.append(_("Money out and money in stand in columns of their own."))
        return guess.changed(sign="debit_signed" if minus else "debit_credit")
    guess = _with_fees(table, guess)
    types = table.cells("type")
    negative = sum(is_negative(cell) for _number, cell in table.cells("amount"))
    if types and not negative and all(direction(cell) for _number, cell in types):
        table.reasons.append(_("The column “%(name)s” says which way the money went.",
                               name=_heading(table, "type")))  # fmt: skip
        return guess.changed(sign="by_type")
    fits, turned, pairs = _balance_fits(table, guess)
    if (reason := _positive_payment(table) or _negative_income(table)) is not None:
        table.reasons.append(reason)
        return guess.changed(sign="owed" if pairs and fits >= turned else "inverted")
    if pairs and turned > fits and turned * 10 >= pairs * 8:
        table.reasons.append(_("Positive amounts are money out, as the balance shows."))
        return guess.changed(sign="inverted")
    if pairs and fits * 10 >= pairs * 8:
        table.reasons.append(_("Positive amounts are money in, as the balance shows."))
        return guess
    table.doubts += 5 if negative else 25
    table.reasons.append(
        _("Positive amounts are taken as money in.") if negative else
        _("All amounts are positive and taken as money in; say so if they are payments.")
    )  # fmt: skip
    return guess


def is_negative(cell: str) -> bool:
    """Whether an amount is written with a minus or in brackets."""
    bare = cell.strip()
    return bare.startswith(("-", "(", "\u2212")) or bare.endswith("-")


def _positive_payment(table: Table) -> str | None:
    """Say which word for money out nearly always stands beside positive amounts, if one does."""
    told = [(word, is_negative(amount)) for _line, word, amount in _beside(table, "type")
            if direction(word)]  # fmt: skip
    against = [word for word, negative in told if (direction(word) < 0) != negative]
    out = next((word for word in against if direction(word) < 0), None)
    if out is None or len(against) * 10 < len(told) * 8:
        return None
    return _("Positive amounts are money out, because “%(word)s” stands beside them.", word=out)


def _negative_income(table: Table) -> str | None:
    """Say where a card thanks for a payment that is written with a minus, if all of them are."""
    thanks = [(line, words, is_negative(amount))
              for line, words, amount in _beside(table, "description")
              if _THANKS.search(words)]  # fmt: skip
    written = [is_negative(cell) for _line, cell in table.cells("amount")]
    if not all(negative for _line, _words, negative in thanks) or sum(written) * 2 > len(written):
        return None
    if not thanks:
        return None
    return _("Negative amounts are money in, because line %(line)s says “%(words)s”.",
             line=thanks[0][0], words=thanks[0][1].strip()[:40])  # fmt: skip


def _beside(table: Table, role: str) -> Iterator[tuple[int, str, str]]:
    """Return line, a column's cell and the amount for some lines."""
    at, at_amount = table.columns.get(role), table.columns.get("amount")
    if at is None or at_amount is None:
        return
    for number, cells, _text in table.body[:500]:
        if max(at, at_amount) < len(cells):
            yield number, cells[at], cells[at_amount]


def _with_fees(table: Table, guess: Guess) -> Guess:
    """Take a column of fees into account only where the balance shows that they were paid."""
    if "fee" not in guess.columns:
        return guess
    fits, _turned, _pairs = _balance_fits(table, guess)
    columns = {role: at for role, at in guess.columns.items() if role != "fee"}
    without = guess.changed(columns=MappingProxyType(columns))
    if fits > _balance_fits(table, without)[0]:
        table.reasons.append(_("Fees are taken off the amounts, as the balance shows."))
        return guess
    del table.columns["fee"]
    return without


def _heading(table: Table, role: str) -> str:
    at = table.columns[role]
    return table.header[at] if at < len(table.header) else str(at + 1)


def _balance_fits(table: Table, guess: Guess) -> tuple[int, int, int]:
    """Return how many steps of the balance fit the amounts, fit them turned round, and all."""
    if "balance" not in table.columns:
        return 0, 0, 0
    steps = list(_steps(table, guess))
    upwards = [(new - old, amount) for (old, _first), (new, amount) in pairwise(steps)]
    downwards = [(new - old, amount) for (new, amount), (old, _last) in pairwise(steps)]
    return max(
        ((sum(step == amount for step, amount in way if amount),
          sum(step == -amount for step, amount in way if amount), len(way))
         for way in (upwards, downwards)),
        key=lambda one: max(one[:2]),
    )  # fmt: skip


def _steps(table: Table, guess: Guess) -> Iterator[tuple[Decimal, Decimal]]:
    make = row_maker(guess, {role: int(at) for role, at in guess.columns.items()})
    for number, cells, text in table.body[:500]:
        try:
            row = make(number, list(cells), text)
        except CellsDiffer:
            continue
        if row.balance_after is not None:
            yield row.balance_after, row.amount
