"""What a goal is simulated with, put together of its person's profile and its share of the pool.

Pure. Amounts of the profile are turned into the goal's currency by one rate; nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final

from strongroom.core.ids import AccountId
from strongroom.goals.cuts import cuts_of
from strongroom.goals.parsing import assumptions_of
from strongroom.goals.pool.anew import Anew, as_decimal, monthly_of, with_share
from strongroom.goals.pool.sharing import Allotment, Claim, Means, share
from strongroom.goals.profile import Profile, household, stood_in
from strongroom.goals.simulation import portfolio
from strongroom.goals.simulation.part import card_payment
from strongroom.goals.simulation.types import Aim, Assumptions, Case, Household, Loan
from strongroom.goals.types import (
    ASSUMED,
    KEPT,
    MONEY_ASSUMED,
    AssumptionSource,
    CaseOf,
    Goal,
    GoalId,
    Share,
    Why,
)

_SWINGS: Final = ("annual_return", "annual_return_sd")


@dataclass(frozen=True, slots=True)
class Pool:
    """All that goals are shared out of on a day.

    ``rates``: what one unit of a goal's currency is worth in the profile's, by goal. ``held``: what
    attached accounts hold and ``beside`` how much of it the profile's liquid assets leave out, in
    the profile's currency. ``away``: liquid money that is put aside for goals that have no part.
    """

    profile: Profile
    goals: Sequence[Goal]
    rates: Mapping[GoalId, Decimal]
    held: Mapping[AccountId, Decimal]
    beside: Decimal
    today: date
    away: Decimal = Decimal(0)


def shared(pool: Pool) -> dict[GoalId, Allotment]:
    """Return what each goal that is not over has, in the profile's currency.

    Raises ``NotEnoughHistory``.
    """
    return share([_claim(pool, one) for one in _going(pool)], _means(pool))


def build(pool: Pool, goal: Goal, allotments: Mapping[GoalId, Allotment]) -> CaseOf:
    """Return what one of the pool's goals is simulated with. Raises ``NotEnoughHistory``."""
    mine, rate = allotments[goal.id], 1 / Fraction(pool.rates[goal.id])
    assumptions, sources = assumed(goal, pool.profile, rate)
    home = household(pool.profile, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    home = _converted(home, rate)
    cuts = cuts_of(goal, pool.profile.spending_by_category, rate, goal.target.currency)
    less = sum((one.monthly for one in cuts), Decimal(0))
    case = Case(
        household=with_share(home, mine, _claim(pool, goal), _means(pool), rate),
        aim=Aim(
            target=goal.target.amount,
            months=goal.months_left(pool.today),
            monthly_contribution=goal.monthly_contribution,
            extra_saving=min(less, home.monthly_spending),
            todays_money=goal.todays_money,
        ),
        assumptions=assumptions,
    )
    return CaseOf(
        goal=goal,
        case=case,
        currency=goal.target.currency,
        share=_share(pool, goal, mine, case, rate),
        sources=sources,
        rate=as_decimal(rate),
        day=pool.today,
        data_hash=pool.profile.data_hash,
        anew=_anew(pool, goal, case, mine, rate),
        stood_in=stood_in(pool.profile),
        cuts=cuts,
    )


def _anew(pool: Pool, goal: Goal, case: Case, mine: Allotment, rate: Fraction) -> Anew:
    means, claim = _means(pool), _claim(pool, goal)
    loans = tuple(case.household.loans)
    return Anew(
        claim=claim,
        others=tuple(_claim(pool, one) for one in _going(pool) if one.id != goal.id),
        liquid=means.liquid,
        monthly=means.monthly,
        accounts=tuple(means.accounts.items()),
        rate=rate,
        case=replace(case, household=replace(case.household, loans=loans)),
        its_monthly=monthly_of(goal.monthly_contribution, claim, mine, rate),
    )


def assumed(
    goal: Goal, profile: Profile, rate: Fraction
) -> tuple[Assumptions, dict[str, AssumptionSource]]:
    """Return what is assumed for a goal, and where each number is from.

    The person's own, and those of the goal's text, go before what their investments are, and that
    before the defaults. Default amounts are meant in the profile's currency.
    """
    found = Assumptions()
    amounts = {name: as_decimal(Fraction(getattr(found, name)) * rate) for name in MONEY_ASSUMED}
    sources = dict.fromkeys(ASSUMED, AssumptionSource.DEFAULT)
    if profile.investment_allocation is not None:
        mean, sd = portfolio(profile.investment_allocation)
        found = replace(found, annual_return=mean, annual_return_sd=sd)
        sources |= dict.fromkeys(_SWINGS, AssumptionSource.ACCOUNTS)
    own = {name: value for name, value in goal.assumptions.items() if name in ASSUMED}
    sources |= dict.fromkeys(goal.assumptions, AssumptionSource.PERSON)
    told = assumptions_of(goal.goal_text, goal.target.currency) if own else {}
    sources |= {name: AssumptionSource.TEXT for name in told if own.get(name) == told[name]}
    own.pop(KEPT, None)
    amounts |= {name: own[name] for name in MONEY_ASSUMED if name in own}
    if amounts["emergency_least"] > amounts["emergency_most"]:
        # One of the two is the person's: the default one gives way.
        moved = "emergency_most" if "emergency_least" in own else "emergency_least"
        said = own.get("emergency_least", own.get("emergency_most", Decimal(0)))
        amounts = dict.fromkeys(MONEY_ASSUMED, said)
        sources[moved] = AssumptionSource.DEFAULT
    return replace(found, **{**own, **amounts}), sources


def _going(pool: Pool) -> list[Goal]:
    return [one for one in pool.goals if one.months_left(pool.today) > 0]


def _claim(pool: Pool, goal: Goal) -> Claim[GoalId]:
    rate, wish = Fraction(pool.rates[goal.id]), goal.monthly_contribution
    return Claim(
        key=goal.id,
        priority=goal.priority,
        target=Fraction(goal.target.amount) * rate,
        months=goal.months_left(pool.today),
        wish=None if wish is None else Fraction(wish) * rate,
        accounts=frozenset(goal.accounts),
    )


def _means(pool: Pool) -> Means:
    home = household(pool.profile, saved=Decimal(0), free=Decimal(0), elsewhere=Decimal(0))
    liquid = Fraction(pool.profile.liquid_assets.amount or 0) - Fraction(pool.away)
    return Means(
        liquid=max(liquid - _kept(pool), Fraction(0)) + Fraction(pool.beside),
        monthly=left_in_a_month(home),
        accounts={key: Fraction(amount) for key, amount in pool.held.items()},
    )


def _kept(pool: Pool) -> Fraction:
    """Return what stays where it is and counts for no goal: the most that any of them says.

    Two goals that leave the same savings alone mean the same money.
    """
    return max(
        (
            Fraction(one.assumptions.get(KEPT, Decimal(0))) * Fraction(pool.rates[one.id])
            for one in _going(pool)
        ),
        default=Fraction(0),
    )


def left_in_a_month(home: Household) -> Fraction:
    """Return what is left of a middling month after spending and payments; may be below zero."""
    loans = sum((one.monthly_payment for one in home.loans if one.balance > 0), Decimal(0))
    return Fraction(home.monthly_income - home.monthly_spending - loans - card_payment(home))


def _share(pool: Pool, goal: Goal, mine: Allotment, case: Case, rate: Fraction) -> Share:
    means, claim = _means(pool), _claim(pool, goal)
    home = case.household
    reserve = case.assumptions.emergency_fund_months * home.monthly_spending * home.part
    in_cash = min(max(reserve, Decimal(0)), home.saved)
    return Share(
        from_accounts=as_decimal(mine.attached * rate),
        from_pool=as_decimal(mine.pooled * rate),
        monthly=monthly_of(goal.monthly_contribution, claim, mine, rate),
        wanted=goal.monthly_contribution,
        elsewhere=as_decimal(mine.elsewhere * rate),
        part=home.part,
        in_cash=as_decimal(Fraction(in_cash)),
        liquid=as_decimal(means.liquid * rate),
        left_in_a_month=as_decimal(means.monthly * rate),
        kept=as_decimal(_kept(pool) * rate),
        why=_why(pool, goal, mine, in_cash > 0, mine.monthly < (claim.wish or Fraction(0))),
        with_others=len(_going(pool)) > 1,
    )


def _why(pool: Pool, goal: Goal, mine: Allotment, in_cash: bool, lacks: bool) -> list[Why]:
    others = [one for one in _going(pool) if one.id != goal.id]
    found: list[Why] = []
    if in_cash:
        found.append(Why.IN_CASH)
    if any(one.priority < goal.priority for one in others):
        found.append(Why.OTHERS_FIRST)
    if any(one.priority == goal.priority for one in others):
        found.append(Why.SHARED)
    if lacks:
        found.append(Why.BEYOND_MEANS)
    if goal.monthly_contribution is None:
        found.append(Why.LEFT_OVER if mine.raises == 1 else Why.PART_OF_LEFT_OVER)
    return found


def _converted(home: Household, rate: Fraction) -> Household:
    if rate == 1:
        return home

    def money(amount: Decimal) -> Decimal:
        return as_decimal(Fraction(amount) * rate)

    return replace(
        home,
        monthly_income=money(home.monthly_income),
        monthly_spending=money(home.monthly_spending),
        card_debt=money(home.card_debt),
        card_payment=None if home.card_payment is None else money(home.card_payment),
        loans=[
            Loan(money(one.balance), money(one.monthly_payment), one.annual_rate)
            for one in home.loans
        ],
    )
