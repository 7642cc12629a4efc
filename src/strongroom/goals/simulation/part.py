"""A goal that is a part of its household: the smaller household that is simulated for it.

Pure. So bad months, emergencies and debts count once for all goals of a household and not once for
each. Where a goal is alone, its case is what is simulated, as it is.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from strongroom.goals.simulation.types import Case, Household

PAID_ON_CARDS: Final = Decimal("0.03")
"""The share of card debt that is paid each month where nobody says how much is."""


def card_payment(home: Household) -> Decimal:
    """Return what is paid each month on card debt."""
    return home.card_debt * PAID_ON_CARDS if home.card_payment is None else home.card_payment


def of_its_part(case: Case) -> Case:
    """Return the case of the part of a household that is the goal's; of a whole one, the same.

    An average month of today leaves it exactly its contribution and its ``part`` of what nobody
    puts aside. Swings, emergencies, the emergency fund and card debt are its ``part``; income,
    spending and loans ``part_of_raises``, so that it has that much of what changes later.
    """
    home, its = case.household, case.assumptions
    part, raises = home.part, home.part_of_raises
    if part == raises == 1:
        return case
    swings = part / raises if raises else Decimal(0)
    return replace(
        case,
        household=replace(
            home,
            monthly_income=home.monthly_income * raises,
            monthly_spending=home.monthly_spending * raises,
            income_volatility=home.income_volatility * swings,
            spending_volatility=home.spending_volatility * swings,
            card_debt=home.card_debt * part,
            card_payment=None if home.card_payment is None else home.card_payment * part,
            loans=[
                replace(
                    one,
                    balance=one.balance * raises,
                    monthly_payment=one.monthly_payment * raises,
                )
                for one in home.loans
            ],
            monthly_elsewhere=_put_right(case),
            part=Decimal(1),
            part_of_raises=Decimal(1),
        ),
        assumptions=replace(
            its,
            emergency_least=its.emergency_least * part,
            emergency_most=its.emergency_most * part,
            emergency_fund_months=its.emergency_fund_months * swings,
        ),
    )


def _put_right(case: Case) -> Decimal:
    """Return what has to leave each month so that a month of today comes to what it should.

    Below zero where the goal has more of a month than ``part_of_raises`` of it.
    """
    home, planned = case.household, case.aim.monthly_contribution
    part, raises = home.part, home.part_of_raises
    put_aside = home.monthly_here if planned is None else min(planned, home.monthly_here)
    wanted = put_aside + part * (home.monthly_here - put_aside)
    left = home.monthly_here + home.monthly_elsewhere
    return raises * left - (part - raises) * card_payment(home) - wanted
