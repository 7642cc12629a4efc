"""What must hold of a book and of net worth, whatever was done: each check says what does not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from strongroom import accounts, net_worth
from strongroom.accounts import BalanceSource
from strongroom.core.ids import TransactionId
from strongroom.core.money import Currency, Money, total, zero
from strongroom.net_worth import Behind, Cause, CauseKind, Why
from strongroom.transactions import (
    Kind,
    Step,
    Transaction,
    category_report,
    explain_known,
    period_of,
    sorting,
    splits,
)
from tests.prove.book_life import CURRENCIES, Life

_A_DAY = timedelta(days=1)
_BY_ROWS = {"depository", "credit", "loan"}
_FLOWS = {
    "income": CauseKind.INCOME, "spending": CauseKind.SPENDING,
    "transfer": CauseKind.TRANSFERS, "debt": CauseKind.DEBT,
}  # fmt: skip


def net_worth_is_the_sum_of_its_parts(life: Life) -> Iterator[str]:
    """Live figure = sum of parts = latest snapshot: in each currency, and in one for all."""
    life.refresh()
    live = life.within(lambda db: net_worth.live(db, owner=life.owner))
    for code in CURRENCIES:
        one = next((found for found in live if found.currency == code), None)
        known = [] if one is None else [a.balance for a in one.accounts if a.balance is not None]
        figure = zero(code) if one is None else one.net_worth
        if total(known, code) != figure:
            yield f"live {figure} is not the sum of its accounts in {code}"
        days = life.within(
            partial(net_worth.series, owner=life.owner, currency=code, since=None, until=life.today)
        )
        if days and days[-1].day == life.today and days[-1].net_worth != figure:
            yield f"live {figure} is not the latest snapshot {days[-1].net_worth}"
        if (known and not days) or (known and days[-1].day != life.today):
            yield f"no snapshot of today in {code}"
    base = life.rng.choice(CURRENCIES)
    worth = life.within(lambda db: net_worth.worth(db, owner=life.owner, base=base, day=life.today))
    parts = total((one.value for one in worth.parts if one.value is not None), base)
    if not parts == worth.net_worth == worth.assets - worth.liabilities:
        yield f"in {base} {worth.net_worth} is not the sum of its parts {parts}"
    days = life.within(
        lambda db: net_worth.days(db, owner=life.owner, base=base, since=None, until=life.today)
    )
    if days and days[-1].day == life.today and days[-1].net_worth != worth.net_worth:
        yield f"in {base} {worth.net_worth} is not the latest day {days[-1].net_worth}"


def causes_add_up(life: Life) -> Iterator[str]:
    """Between any two days, in any currency, causes and their parts come to the difference."""
    life.refresh()
    base = life.rng.choice(CURRENCIES)
    span = sorted(life.rng.sample(range(80), 2), reverse=True)
    since, until = (life.today - timedelta(days=back) for back in span)
    found: Why = life.within(
        lambda db: net_worth.explain(db, owner=life.owner, base=base, since=since, until=until)
    )
    told = f"from {since} to {until} in {base}"
    if total((one.amount for one in found.causes), base) != found.difference:
        yield f"causes do not come to {found.difference} {told}: {found.causes}"
    for one in _all(found.causes):
        if one.inside and total((part.amount for part in one.inside), base) != one.amount:
            yield f"{one.kind} is not the sum of its parts {told}: {one}"
    yield from _agrees_with_the_line(life, found)
    for flow, kind in _FLOWS.items():
        page = life.within(
            partial(
                net_worth.rows_behind, owner=life.owner, base=base, since=since, until=until,
                behind=Behind(flow), limit=500,
            )
        )  # fmt: skip
        cause = next((one.amount for one in found.causes if one.kind is kind), zero(base))
        if page.sum != cause:
            yield f"{flow} is {cause} and its rows {page.sum} {told}"
        shown = (one.converted for one in page.items if one.converted is not None)
        if page.next is None and total(shown, base) != page.sum:
            yield f"the rows of {flow} do not come to their own sum {told}"


def _agrees_with_the_line(life: Life, found: Why) -> Iterator[str]:
    days = life.within(
        lambda db: net_worth.days(
            db, owner=life.owner, base=found.base, since=found.since, until=found.until
        )
    )
    line = {one.day: one.net_worth for one in days}
    for day, figure in ((found.since, found.before), (found.until, found.after)):
        if line.get(day, zero(found.base)) != figure:
            yield f"on {day} the line is at {line.get(day)} and the causes at {figure}"


def _all(causes: Iterable[Cause]) -> Iterator[Cause]:
    for one in causes:
        yield one
        yield from _all(one.inside)


def days_before_lead_to_the_first_report(life: Life) -> Iterator[str]:
    """What is reckoned backwards, and the rows after it, come to what the bank reported first.

    Rows that a person wrote beside the bank's are not among these: the bank's balance knows nothing
    of them, so a row written today must not move the past. They stand in the remainder.
    """
    life.refresh()
    rows = life.rows()
    for name, account_id in life.held.items():
        kind, code = life.kinds[name]
        days = life.within(
            partial(
                accounts.balance_history, owner=life.owner, account_id=account_id,
                since=date(1970, 1, 1), until=life.today,
            )
        )  # fmt: skip
        first = next((one for one in days if one.source is not BalanceSource.ESTIMATED), None)
        if first is None or kind not in _BY_ROWS:
            continue
        moved = _booked(rows, account_id, code)
        for one in days:
            if one.day >= first.day:
                break
            after = sum((amount for day, amount in moved if one.day < day <= first.day), Decimal(0))
            if one.balance.amount + after != first.balance.amount:
                yield f"{name}: {one.balance} on {one.day} does not lead to {first}"
                break


def _booked(rows: Iterable[Transaction], account_id: Any, code: Currency) -> list[Any]:
    return [
        (row.day, row.amount.amount)
        for row in rows
        if row.account_id == account_id and row.amount.currency == code and not row.pending
        and row.origin != "manual"
        and row.removed_by_bank is None and row.never_booked_at is None
    ]  # fmt: skip


def rules_twice_are_rules_once(life: Life) -> Iterator[str]:
    """Running every rule again changes nothing."""
    life.run_rules()
    before = life.rows()
    again = life.within(
        lambda db: sorting.apply_rules(db, owner=life.owner, now=life.now + timedelta(seconds=1))
    )
    if again.rows:
        yield f"running the rules again changed {again.rows} rows"
    if life.rows() != before:
        yield "running the rules again left another book"


def what_was_chosen_stands(life: Life) -> Iterator[str]:
    """No sync and no rule changed what the person chose, and none took such a row away."""
    rows = {row.id: row for row in life.rows()}
    for row_id, mine in life.chosen.items():
        row = rows.get(row_id)
        if row is None:
            if mine:
                yield f"the row {row_id} is gone, with {mine}"
            continue
        if "category" in mine and (row.category_id, row.category_by) != (
            mine["category"], "person",
        ):  # fmt: skip
            yield f"{row.title}: its category was {mine['category']} and is {row.category_id}"
        if mine.get("note", row.note) != row.note:
            yield f"{row.title}: its note was {mine['note']!r} and is {row.note!r}"
        if mine.get("reviewed") and row.reviewed_at is None:
            yield f"{row.title}: it was looked at"
        if "parts" in mine and _parts(life, row_id) != mine["parts"]:
            yield f"{row.title}: its parts were {mine['parts']}"


def _parts(life: Life, row_id: TransactionId) -> list[Any]:
    found = life.within(lambda db: splits.split_of(db, owner=life.owner, transaction_id=row_id))
    return [(one.category_id, one.amount.amount) for one in found.parts]


def remember_spending(life: Life) -> None:
    """Keep what is known of this month's spending now."""
    life.seen.append((life.now, _spent(life)))


def what_was_known_is_known_again(life: Life) -> Iterator[str]:
    """What was known of the month at each remembered instant follows from the journal."""
    now = _spent(life)
    for at, spent in life.seen:
        found = life.within(
            partial(
                explain_known, owner=life.owner, currency=CURRENCIES[0], kind=Kind.SPENDING,
                period=_month(), known_at=at,
            )
        )  # fmt: skip
        if (found.before, found.after) != (spent, now):
            yield f"at {at} {spent} was known, and is said to have been {found.before}"
        if total((one.amount for one in found.causes), CURRENCIES[0]) != found.difference:
            yield f"since {at} causes do not come to {found.difference}"


def _spent(life: Life) -> Money:
    report = life.within(
        lambda db: category_report(
            db, owner=life.owner, currency=CURRENCIES[0], periods=[_month()], kind=Kind.SPENDING
        )
    )
    return report.total


def _month() -> Any:
    from tests.book import TODAY

    return period_of(TODAY - 20 * _A_DAY, Step.MONTH)
