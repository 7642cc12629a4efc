"""Reads a simulation's request from JSON, for anyone's numbers, and writes its outcome as JSON.

A request has ``financialProfile``, ``userInputs``, ``goal`` and ``simulationParams``; names may be
in camelCase or in snake_case. A key that is not known is refused: it would be a number that
silently does nothing. Ranges are judged by ``simulation_check``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any, Final

from strongroom.core.errors import Refused
from strongroom.goals.simulation import PATHS, portfolio
from strongroom.goals.simulation_types import (
    RISKS,
    Aim,
    Assumptions,
    Case,
    Household,
    Loan,
    Outcome,
    Spread,
)
from strongroom.goals.types import GoalType
from strongroom.ui import N_

LONGEST: Final = 100_000
SEED: Final = 1
"""The seed where a request names none, so that the same file gives the same answer."""


class SimulationRequestIsWrong(Refused):
    """The request cannot be read, or lacks something, or has something that is not known."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a case, how many paths, and the seed."""

    case: Case
    paths: int
    seed: int


_PARTS: Final = {
    "financial_profile": frozenset(
        "liquid_assets credit_debt card_payment loan_debt monthly_loan_payments loan_rate "
        "monthly_income monthly_bills monthly_spending spending_by_category spending_volatility "
        "income_volatility investment_allocation".split()
    ),
    "user_inputs": frozenset({"monthly_income", "age", "risk_tolerance"}),
    "goal": frozenset(
        "target_amount timeline_months goal_type goal_text currency saved monthly_contribution "
        "todays_money".split()
    ),
    "simulation_params": frozenset(
        "n_simulations seed income_volatility expense_volatility cash_return borrowing_rate "
        "emergency_fund_months emergency_probability emergency_min emergency_max "
        "annual_return_mean annual_return_std inflation_rate inflation_volatility "
        "annual_raise_mean annual_raise_volatility promotion_probability promotion_raise_mean "
        "promotion_raise_volatility".split()
    ),
}
_ASSUMED: Final = {
    "cash_return": "cash_return",
    "borrowing_rate": "borrowing_rate",
    "emergency_fund_months": "emergency_fund_months",
    "emergency_probability": "emergency_chance",
    "emergency_min": "emergency_least",
    "emergency_max": "emergency_most",
    "annual_return_mean": "annual_return",
    "annual_return_std": "annual_return_sd",
    "inflation_rate": "inflation",
    "inflation_volatility": "inflation_sd",
    "annual_raise_mean": "raise_mean",
    "annual_raise_volatility": "raise_sd",
    "promotion_probability": "promotion_chance",
    "promotion_raise_mean": "promotion_mean",
    "promotion_raise_volatility": "promotion_sd",
}
# What a person calls these is what a message has to call them.
_MAPS: Final = frozenset({"spending_by_category", "investment_allocation"})
_TEXTS: Final = frozenset({"goal_type", "goal_text", "currency", "risk_tolerance"})


def read(text: str) -> Request:
    """Return what a request in JSON asks for. Raises ``SimulationRequestIsWrong``.

    ``monthlySpending`` is all that is spent, bills among it and loans not; ``monthlyBills`` and
    ``spendingByCategory`` say what it consists of and change nothing. The allocation goes before
    the risk that a person takes, and ``simulationParams`` go before both.
    """
    parts = _parts(_json(text))
    profile, user = parts["financial_profile"], parts["user_inputs"]
    goal, params = parts["goal"], parts["simulation_params"]
    months = _whole(goal, "timeline_months", None)
    saved = profile.number("liquid_assets")
    put_aside = goal.optional("saved")
    income = user.optional("monthly_income")
    household = Household(
        saved=saved if put_aside is None else put_aside,
        free=Decimal(0) if put_aside is None else saved - put_aside,
        monthly_income=profile.number("monthly_income") if income is None else income,
        monthly_spending=profile.number("monthly_spending"),
        card_debt=profile.number("credit_debt", Decimal(0)),
        card_payment=profile.optional("card_payment"),
        loans=_loans(profile, months),
    )
    household = _with_volatility(household, profile, params)
    aim = Aim(
        target=goal.number("target_amount"),
        months=months,
        monthly_contribution=goal.optional("monthly_contribution"),
        todays_money=_flag(goal, "todays_money"),
    )
    _kind(goal)
    return Request(
        Case(household, aim, _assumptions(profile, user, params)),
        paths=_whole(params, "n_simulations", PATHS),
        seed=_whole(params, "seed", SEED),
    )


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as it is written: amounts as text, and the path of every month."""
    return {
        "success_probability": outcome.chance,
        "standard_error": outcome.standard_error,
        "median_outcome": outcome.at_the_end.p50,
        "mean": outcome.mean,
        "std": outcome.sd,
        "percentiles": asdict(outcome.at_the_end),
        "worst_case": outcome.worst,
        "best_case": outcome.best,
        "below_zero_probability": outcome.chance_below_zero,
        "by_month": [_month(month, one) for month, one in enumerate(outcome.by_month)],
        "paths": outcome.paths,
        "seed": outcome.seed,
        "engine": outcome.engine,
    }


def _month(month: int, spread: Spread) -> dict[str, Any]:
    return {"month": month, **asdict(spread)}


@dataclass(frozen=True, slots=True)
class _Part:
    """One part of a request: its name as it was written, and its values by snake_case name."""

    name: str
    values: Mapping[str, Any]

    def number(self, key: str, otherwise: Decimal | None = None) -> Decimal:
        """Return a number; one that is missing is refused where nothing stands for it."""
        found = self.optional(key)
        if found is None and otherwise is None:
            raise _wrong(self, key, N_("This number is missing."))
        return otherwise if found is None and otherwise is not None else found or Decimal(0)

    def optional(self, key: str) -> Decimal | None:
        """Return a number, or None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _wrong(self, key, N_("This has to be a number."))
        return Decimal(value)


def _wrong(part: _Part, key: str, message: str) -> SimulationRequestIsWrong:
    return SimulationRequestIsWrong(
        message, field=f"{part.name}.{key}", hint=N_("Correct the request and run it again.")
    )


def _json(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST:
        raise SimulationRequestIsWrong(N_("A request has at most 100,000 characters."))
    try:
        found = json.loads(text, parse_float=Decimal, parse_int=_int, parse_constant=Decimal)
    except (ValueError, RecursionError) as error:
        raise SimulationRequestIsWrong(
            N_("The request is not JSON."), hint=N_("Look for a missing comma or bracket.")
        ) from error
    if not isinstance(found, dict):
        raise SimulationRequestIsWrong(N_("The request has to be a JSON object."))
    return found


def _int(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 30 else Decimal(digits)


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def _parts(found: Mapping[str, Any]) -> dict[str, _Part]:
    parts = {name: _Part(name, {}) for name in _PARTS}
    for written, values in found.items():
        name = _snake(written)
        if name not in _PARTS:
            raise SimulationRequestIsWrong(N_("This key is not known."), field=written[:100])
        if not isinstance(values, dict):
            raise SimulationRequestIsWrong(N_("This has to be a JSON object."), field=written)
        parts[name] = _part(written, values, _PARTS[name])
    return parts


def _part(written: str, values: Mapping[str, Any], known: frozenset[str]) -> _Part:
    kept: dict[str, Any] = {}
    for key, value in values.items():
        name = _snake(key)
        if name not in known or name in kept:
            message = N_("This key stands here twice.") if name in kept else N_("Not a known key.")
            raise SimulationRequestIsWrong(message, field=f"{written}.{key[:100]}")
        kind = dict if name in _MAPS else str if name in _TEXTS else None
        if kind is not None and value is not None and not isinstance(value, kind):
            raise SimulationRequestIsWrong(
                N_("This value is of the wrong kind."), field=f"{written}.{key}"
            )
        kept[name] = value
    return _Part(written, kept)


def _whole(part: _Part, key: str, otherwise: int | None) -> int:
    value = part.number(key, None if otherwise is None else Decimal(otherwise))
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**20:
        raise _wrong(part, key, N_("This has to be a whole number."))
    return int(value)


def _flag(part: _Part, key: str) -> bool:
    value = part.values.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(part, key, N_("This has to be true or false."))
    return value


def _kind(goal: _Part) -> None:
    value = goal.values.get("goal_type")
    if value is not None and value not in list(GoalType):
        raise _wrong(goal, "goal_type", N_("There is no such type of goal."))


def _loans(profile: _Part, months: int) -> list[Loan]:
    owed = profile.number("loan_debt", Decimal(0))
    payment = profile.number("monthly_loan_payments", Decimal(0))
    rate = profile.optional("loan_rate")
    if owed == 0 and payment > 0 and 0 < months < 10_000:
        # Nobody says when they end: they last as long as the goal.
        return [Loan(payment * months, payment, Decimal(0))]
    loan = Loan(owed, payment)
    return [loan if rate is None else replace(loan, annual_rate=rate)]


def _with_volatility(household: Household, profile: _Part, params: _Part) -> Household:
    income = params.optional("income_volatility")
    spending = params.optional("expense_volatility")
    income = profile.optional("income_volatility") if income is None else income
    spending = profile.optional("spending_volatility") if spending is None else spending
    if income is not None:
        household = replace(household, income_volatility=income)
    if spending is not None:
        household = replace(household, spending_volatility=spending)
    return household


def _assumptions(profile: _Part, user: _Part, params: _Part) -> Assumptions:
    changes: dict[str, Decimal] = {}
    risk = user.values.get("risk_tolerance")
    if risk is not None:
        if risk not in RISKS:
            raise _wrong(user, "risk_tolerance", N_("Risk is low, medium or high."))
        changes["annual_return"], changes["annual_return_sd"] = RISKS[risk]
    shares = profile.values.get("investment_allocation")
    if shares:
        part = _Part(f"{profile.name}.investment_allocation", shares)
        mean, sd = portfolio({name: part.number(name) for name in shares})
        changes["annual_return"], changes["annual_return_sd"] = mean, sd
    for key, name in _ASSUMED.items():
        value = params.optional(key)
        if value is not None:
            changes[name] = value
    return replace(Assumptions(), **changes)
