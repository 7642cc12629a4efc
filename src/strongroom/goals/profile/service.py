"""The verbs of profiles: reckon one or everybody's, read it, say a figure oneself, take that back.

What is reckoned stays apart from what a person says; the two come together as a profile is read,
so that neither can overwrite the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from strongroom import audit, fx, identity
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.everybody import at_once_or_each
from strongroom.core.ids import AccountId, CategoryId, UserId
from strongroom.core.money import Currency, Money, minor_units
from strongroom.core.queue import enqueue
from strongroom.core.time import today
from strongroom.goals.profile import queries, reckoning, rules
from strongroom.goals.profile.queries import OverrideRow, ProfileRow
from strongroom.goals.profile.types import (
    ASSET_CLASSES,
    LEAST_MONTHS,
    OF_MONTHS,
    VOLATILITIES,
    CategorySpending,
    Figure,
    FigureName,
    PayerIncome,
    Profile,
    ProfileLoan,
    ToldBy,
    WhyUnknown,
)
from strongroom.ui import N_, gettext

JOB: Final = "goals.refresh_profile"
"""Reckons a profile anew, and then the chances that it is of."""
MOST: Final = Decimal(10) ** 12
"""The largest amount a figure may be: what simulations can reckon with."""

_FINEST: Final = Decimal("0.000001")
_ALLOCATION: Final = FigureName.INVESTMENT_ALLOCATION
_NUMBERS: Final = tuple(name for name in FigureName if name is not _ALLOCATION)


class BadFigure(Refused):
    """What a person says of a figure cannot be: of the wrong kind, or out of its range."""


async def get(db: Db, *, owner: UserId, now: datetime) -> Profile:
    """Return a person's profile as of their today, reckoned anew if anything changed since."""
    row = await queries.profile(db, owner)
    if row is None or await _is_stale(db, owner, row, now):
        return await refresh(db, owner=owner, now=now)
    return await _whole(db, owner, row)


async def refresh(db: Db, *, owner: UserId, now: datetime) -> Profile:
    """Reckon a person's profile anew and return it. Raises ``PersonGone``."""
    await reckoning.take_turn(db, owner)
    await reckoning.reckon(db, owner, now)
    row = await queries.profile(db, owner)
    if row is None:
        raise identity.PersonGone("That account does not exist any more.")
    return await _whole(db, owner, row)


async def refresh_for_all(db: Db, *, now: datetime) -> int:
    """Reckon everybody's profile anew, each as of their own today; return how many.

    One statement does it for all. If somebody's data makes it fail, it is done person by person,
    and whoever's fails is logged and left as they were: nobody's data stops the others.
    """
    await reckoning.take_turn(db, None)
    return await at_once_or_each(
        db,
        lambda owner: reckoning.reckon(db, owner, now),
        lambda: identity.owners_for_all(db),
        name="profiles",
    )


async def override(
    db: Db,
    *,
    owner: UserId,
    figure: FigureName,
    amount: Money | Decimal | None = None,
    shares: Mapping[str, Decimal] | None = None,
    now: datetime,
    actor: str = "person",
) -> Profile:
    """Let a person say a figure themselves, until they take it back; return the profile.

    ``amount`` is money, without a sign but for ``liquid_assets``; of a volatility a number from 0
    to 1. ``shares`` are those of the investment allocation, by ``ASSET_CLASSES``, and come to 1.
    Raises ``BadFigure``.
    """
    row = checked(figure, amount, shares)
    if isinstance(amount, Money):
        base = (await get(db, owner=owner, now=now)).currency
        await _check_rate(db, owner, amount.currency, base, now)
    if await queries.write_override(db, owner, row, now):
        await _record(db, owner, "override", figure, now, actor)
        await _ask_for_chances(db, owner)
    return await get(db, owner=owner, now=now)


async def forget_override(
    db: Db, *, owner: UserId, figure: FigureName, now: datetime, actor: str = "person"
) -> Profile:
    """Go back to what is derived of a figure; return the profile. Nothing was said: no change."""
    if await queries.drop_override(db, owner, figure.value):
        await _record(db, owner, "forget_override", figure, now, actor)
        await _ask_for_chances(db, owner)
    return await get(db, owner=owner, now=now)


async def _ask_for_chances(db: Db, owner: UserId) -> None:
    """Let the worker look whether chances follow from other figures now."""
    await enqueue(db, JOB, lock=f"{JOB} {owner}", once=f"{JOB} {owner}", owner=str(owner))


async def _is_stale(db: Db, owner: UserId, row: ProfileRow, now: datetime) -> bool:
    settings = await identity.get_settings(db, owner=owner)
    if row.as_of != today(now, settings.time_zone):
        return True
    if settings.currency is not None and settings.currency != row.currency:
        return True
    changed = await queries.changed_at(db, owner)
    if changed is not None and changed >= row.computed_at:
        return True
    # What could not be counted may be by now: rates are loaded for everybody.
    codes, base = map(Currency, row.left_out), Currency(row.currency)
    return bool(row.left_out) and bool(
        await fx.rates_on(db, codes=codes, quote=base, days=[row.as_of])
    )


def checked(
    figure: FigureName, amount: Money | Decimal | None, shares: Mapping[str, Decimal] | None
) -> OverrideRow:
    """Return what a person says as it is kept. Raises ``BadFigure``."""
    if figure is _ALLOCATION:
        if shares is None or amount is not None:
            raise BadFigure(N_("Give the share of each kind of investment."), field="shares")
        return OverrideRow(figure.value, None, None, _checked_shares(shares))
    if shares is not None or amount is None:
        raise BadFigure(N_("Give an amount."), field="amount")
    if figure in VOLATILITIES:
        if isinstance(amount, Money) or not amount.is_finite() or not 0 <= amount <= 1:
            raise BadFigure(N_("Give a number from 0 to 1."), field="amount")
        if amount != round(amount, 6):
            raise BadFigure(N_("Give at most six decimals."), field="amount")
        return OverrideRow(figure.value, None, amount, None)
    if not isinstance(amount, Money):
        raise BadFigure(N_("Give an amount and its currency."), field="amount")
    least = -MOST if figure is FigureName.LIQUID_ASSETS else Decimal(0)
    if not least <= amount.amount <= MOST:
        raise BadFigure(
            N_("The amount is out of range."),
            field="amount",
            hint=N_(
                "Give an amount from zero to a million million; only liquid money may be less."
            ),
        )
    if amount.rounded() != amount:
        raise BadFigure(N_("The amount has more decimals than its currency."), field="amount")
    return OverrideRow(figure.value, amount.currency, amount.amount, None)


def _checked_shares(shares: Mapping[str, Decimal]) -> dict[str, str]:
    for name, share in shares.items():
        if name not in ASSET_CLASSES:
            raise BadFigure(
                N_("There is no such kind of investment."),
                field="shares",
                hint=N_("There are stocks, bonds, cash and other."),
            )
        if not share.is_finite() or not 0 <= share <= 1 or share != round(share, 4):
            raise BadFigure(
                N_("Give each share from 0 to 1, with at most four decimals."),
                field=f"shares.{name}",
            )
    if sum(shares.values()) != 1:
        raise BadFigure(N_("The shares have to come to the whole."), field="shares")
    return {name: rules.plain_number(shares.get(name, Decimal(0))) for name in ASSET_CLASSES}


async def _check_rate(db: Db, owner: UserId, code: Currency, base: Currency, now: datetime) -> None:
    settings = await identity.get_settings(db, owner=owner)
    day = today(now, settings.time_zone)
    if code != base and not await fx.rates_on(db, codes=[code], quote=base, days=[day]):
        raise BadFigure(
            gettext(
                "No rate from %(code)s to %(base)s is known for %(day)s.",
                code=code,
                base=base,
                day=day.isoformat(),
            ),
            field="currency",
            hint=gettext("Give the amount in %(base)s.", base=base),
        )


async def _record(
    db: Db, owner: UserId, verb: str, figure: FigureName, now: datetime, actor: str
) -> None:
    """Put on record which figure was said or taken back; never what it is."""
    await audit.record(
        db,
        owner=owner,
        actor=actor,
        action=f"goals.{verb}",
        resource_type="profile",
        resource_id=figure.value,
        now=now,
    )


@dataclass(frozen=True, slots=True)
class _Said:
    """What a person says, in the profile's currency. An amount is None where no rate reaches it."""

    amounts: Mapping[FigureName, Decimal | None]
    shares: Mapping[str, Decimal] | None
    unreached: Sequence[Currency]


async def _said(db: Db, owner: UUID, row: ProfileRow) -> _Said:
    told = await queries.overrides(db, owner)
    base = Currency(row.currency)
    others = {Currency(one.currency) for one in told if one.currency not in (None, base)}
    rates = await fx.rates_on(db, codes=others, quote=base, days=[row.as_of]) if others else {}
    amounts: dict[FigureName, Decimal | None] = {}
    for one in told:
        if one.amount is None:
            continue
        code = None if one.currency is None else Currency(one.currency)
        rate = None if code is None else rates.get((code, row.as_of))
        if code is None:
            amount: Decimal | None = one.amount.quantize(_FINEST)
        else:
            unit = Decimal(1).scaleb(-minor_units(base))
            worth = Decimal(1) if code == base else None if rate is None else rate.rate
            amount = None if worth is None else (one.amount * worth).quantize(unit)
        amounts[FigureName(one.figure)] = amount
    shares = next((one.shares for one in told if one.shares is not None), None)
    known = {code for code, _ in rates}
    return _Said(amounts, _shares(shares), sorted(others - known))


def _shares(shares: Mapping[str, str] | None) -> dict[str, Decimal] | None:
    return None if shares is None else {name: Decimal(shares[name]) for name in ASSET_CLASSES}


async def _whole(db: Db, owner: UUID, row: ProfileRow) -> Profile:
    """Return a profile: what was derived, and what its person says instead."""
    said = await _said(db, owner, row)
    base = Currency(row.currency)
    figures = {name.value: _figure(name, row, said) for name in _NUMBERS}
    derived = _shares(row.investment_allocation)
    shares = derived if said.shares is None else said.shares
    unknown = rules.why_unknown(_ALLOCATION, row.months_of_history, left_out=bool(row.left_out))
    payments = row.monthly_loan_payments
    return Profile(
        currency=base,
        as_of=row.as_of,
        **figures,
        investment_allocation=shares,
        derived_allocation=derived,
        allocation_overridden=said.shares is not None,
        allocation_why_unknown=unknown if derived is None else None,
        spending_by_category=[_category(one) for one in row.spending_by_category],
        income_by_payer=[
            PayerIncome(one["payer"], Decimal(one["monthly"])) for one in row.income_by_payer
        ],
        loans=rules.loans_said(
            [_loan(one) for one in row.loans],
            debt=said.amounts.get(FigureName.LOAN_DEBT),
            payments=said.amounts.get(FigureName.MONTHLY_LOAN_PAYMENTS),
            seen=payments,
            code=base,
        ),
        months_of_history=row.months_of_history,
        left_out=sorted({*map(Currency, row.left_out), *said.unreached}),
        data_hash=rules.hash_of(row.data_hash, _plain(said)),
        computed_at=row.computed_at,
    )


def _plain(said: _Said) -> dict[str, Any]:
    found: dict[str, Any] = {
        name.value: None if amount is None else rules.plain_number(amount)
        for name, amount in said.amounts.items()
    }
    if said.shares is not None:
        found[_ALLOCATION.value] = {
            name: rules.plain_number(share) for name, share in said.shares.items()
        }
    return found


def _figure(name: FigureName, row: ProfileRow, said: _Said) -> Figure:
    derived: Decimal | None = getattr(row, name.value)
    if derived is not None and name not in VOLATILITIES:  # the column has more decimals
        derived = derived.quantize(Decimal(1).scaleb(-minor_units(Currency(row.currency))))
    months = row.months_of_history
    why = None
    if derived is None:
        why = rules.why_unknown(name, months, left_out=bool(row.left_out))
    if name in said.amounts:
        amount = said.amounts[name]
        return Figure(amount, derived, True, why if amount is not None else WhyUnknown.NO_RATE)
    thin = derived is not None and months < LEAST_MONTHS and _is_of_months(name, row)
    return Figure(derived, derived, False, why, thin)


def _is_of_months(name: FigureName, row: ProfileRow) -> bool:
    """Whether a figure follows from the months of the book: payments do where it tells of one."""
    if name is FigureName.MONTHLY_LOAN_PAYMENTS:
        return not row.loans or any(one["payment_by"] == ToldBy.BOOK for one in row.loans)
    return name in OF_MONTHS


def _category(told: Mapping[str, Any]) -> CategorySpending:
    return CategorySpending(
        CategoryId(UUID(told["category_id"])),
        told["key"],
        told["name"],
        Decimal(told["monthly"]),
        told["discretionary"],
    )


def _loan(told: Mapping[str, Any]) -> ProfileLoan:
    return ProfileLoan(
        account_id=AccountId(UUID(told["account_id"])),
        name=told["name"],
        balance=Decimal(told["balance"]),
        monthly_payment=Decimal(told["monthly_payment"]),
        annual_rate=Decimal(told["annual_rate"]),
        payment_by=ToldBy(told["payment_by"]),
        rate_by=ToldBy(told["rate_by"]),
    )
