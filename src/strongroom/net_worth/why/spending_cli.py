"""What ``why --spending MONTH`` says: why a month's spending is another than another month's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from strongroom import accounts, identity, transactions
from strongroom.core import ids, terminal
from strongroom.core.plain import amount_text, plain
from strongroom.transactions import Difference, Kind, Period, PeriodWhy, Step, category_label
from strongroom.ui import gettext


def show(session: terminal.Session, month: str, against: str, code: str) -> None:
    """Print the causes of the difference, which add up to it. ``against``: else the month before.

    Raises ``BadPeriod`` and ``BadCurrency``.
    """
    period = _month(month, "--spending")
    before = transactions.period_of(period.first - timedelta(days=1), Step.MONTH)
    other = _month(against, "--against") if against else before
    found = session.run(_read(session, period, other, code))
    if session.as_json:
        session.print_json({**plain(found), "causes": [_json(one) for one in found.causes]})
        return
    session.say(
        f"{_text(found, found.before.amount)} in {other.key} became "
        f"{_text(found, found.after.amount)} {found.currency} in {period.key}."
    )
    rows = [row for cause in found.causes for row in _lines(found, cause)]
    rows.append(("Together", _text(found, found.difference.amount)))
    session.print_table(["Cause", ">Changed it by"], rows)
    for one in found.unknown:
        session.say(
            f"Not counted, for no rate is known: "
            f"{amount_text(one.amount.amount, one.amount.currency)} {one.amount.currency} "
            f"({one.count} rows, {one.first} to {one.last})"
        )


async def _read(session: terminal.Session, period: Period, other: Period, code: str) -> PeriodWhy:
    async with session.work() as (db, owner):
        chosen = (await identity.get_settings(db, owner=owner)).currency
        if code:
            chosen = await accounts.currency_asked(db, owner=owner, code=code)
        return await transactions.explain_periods(
            db,
            owner=owner,
            currency=chosen or await accounts.main_currency(db, owner=owner, chosen=None),
            kind=Kind.SPENDING,
            against=other,
            period=period,
        )


def _month(text: str, field: str) -> Period:
    try:
        return transactions.read_period(text, Step.MONTH)
    except transactions.BadPeriod as problem:
        raise transactions.BadPeriod(
            problem.message, field=field, hint="Write a month like 2026-11."
        ) from None


def _lines(found: PeriodWhy, cause: Difference, indent: str = "") -> Iterator[tuple[str, str]]:
    of_rates = cause.category_id is None
    name = gettext("Exchange rates") if of_rates else category_label(cause.key, cause.name)
    yield indent + name, _text(found, cause.amount.amount)
    for one in cause.inside:
        yield from _lines(found, one, indent + "  ")


def _json(one: Difference) -> dict[str, Any]:
    return {
        **plain(one),
        "category_id": None if one.category_id is None else ids.show("cat", one.category_id),
        "inside": [_json(inner) for inner in one.inside],
    }


def _text(found: PeriodWhy, amount: Decimal) -> str:
    return amount_text(amount, found.currency)
