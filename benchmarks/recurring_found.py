"""How much of what comes again and again in labelled households is found, and found right."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import uuid5

from benchmarks.figures import show
from benchmarks.labels import Household
from strongroom.budgets.recurring_rules import find
from strongroom.budgets.recurring_types import BookRow
from strongroom.core.ids import SYSTEM, AccountId, TransactionId
from strongroom.core.money import Currency

_ENOUGH = 0.8


def measure(households: Iterable[Household]) -> None:
    """Print how much of it is found."""
    wanted = found = right = coming = on_day = items = real = 0
    for house in households:
        names = {row_id(row.key): row.key for row in house.rows}
        got = find(rows_of(house), house.today)
        told = [{names[row.id] for row in one.rows} for one in got]
        labels = [set(series.rows) for series in house.series]
        cards = {label.out for label in house.transfers if label.kind == "card_payment"}
        items += len(got)
        # A card that is paid each month comes again and again, though it has no label.
        real += sum(any(_same(one, truth) for truth in labels) or one <= cards for one in told)
        for series, truth in zip(house.series, labels, strict=True):
            wanted += 1
            match = next((n for n, one in enumerate(told) if _same(one, truth)), None)
            if match is None:
                continue
            found += 1
            right += got[match].cadence == series.period
            if series.next_on is not None:
                coming += 1
                due = max(series.next_on, house.today)
                on_day += abs((got[match].next_on - due).days) <= 3
    share("recurring found, of what is labelled so", found, wanted, "target: at least 0.950")
    share("  of it with the right cadence", right, found)
    share("  of it with the next day to within three", on_day, coming)
    share("  of what is found, labelled or a card's payment", real, items)


def _same(found: set[str], truth: set[str]) -> bool:
    return len(found & truth) >= _ENOUGH * max(len(truth), len(found))


def rows_of(house: Household) -> list[BookRow]:
    """The household's rows as the search for what recurs reads them, with transfers known."""
    place = {row.key: row.account for row in house.rows}
    other = {label.out: place[label.into] for label in house.transfers}
    other |= {label.into: place[label.out] for label in house.transfers}
    return [
        BookRow(
            id=row_id(row.key), account_id=AccountId(uuid5(SYSTEM, row.account)), day=row.day,
            amount=row.amount, currency=Currency(row.currency), title=row.merchant or row.text,
            description=row.text, merchant=row.merchant, origin=row.origin,
            inner=row.key in other,
            other_account=AccountId(uuid5(SYSTEM, other[row.key])) if row.key in other else None,
        )
        for row in house.rows
        if row.gone_on is None
    ]  # fmt: skip


def row_id(key: str) -> TransactionId:
    """The id of a row of a household, by its key."""
    return TransactionId(uuid5(SYSTEM, key))


def share(what: str, count: int, of: int, note: str = "") -> None:
    """Print a share, and what it is of."""
    show(what, f"{count / max(1, of):.3f}", f"{count} of {of}" + (f"; {note}" if note else ""))
