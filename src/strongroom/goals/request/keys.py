"""The keys of a simulation's request: those there are, and how each may be written.

In camelCase or in snake_case; an assumption also by its name in ``--assume``. What stands under a
key is read by ``reading``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

ASSUMED: Final[Mapping[str, str]] = {
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
"""Keys of ``simulation_params`` and the assumptions that they are."""

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "financial_profile": (
        "liquid_assets", "credit_debt", "card_payment", "loan_debt", "monthly_loan_payments",
        "loan_rate", "monthly_income", "monthly_spending", "monthly_bills",
        "spending_by_category", "income_volatility", "spending_volatility",
        "investment_allocation",
    ),
    "user_inputs": ("monthly_income", "risk_tolerance", "age"),
    "goal": (
        "target_amount", "timeline_months", "saved", "monthly_contribution", "todays_money",
        "currency", "goal_type", "goal_text",
    ),
    "simulation_params": (
        "n_simulations", "seed", "income_volatility", "expense_volatility", *ASSUMED,
    ),
}  # fmt: skip
"""The parts of a request and the keys of each."""

_ALSO: Final = {"simulation_params": {name: key for key, name in ASSUMED.items()}}
# Where the reader's name of a number is another than the request's: part and key, the first that
# stands in the request, else the last.
_PLACES: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "months": (("goal", "timeline_months"),),
    "target": (("goal", "target_amount"),),
    "monthly_contribution": (("goal", "monthly_contribution"),),
    "paths": (("simulation_params", "n_simulations"),),
    "seed": (("simulation_params", "seed"),),
    "saved": (("goal", "saved"), ("financial_profile", "liquid_assets")),
    "free": (("financial_profile", "liquid_assets"),),
    "monthly_income": (("user_inputs", "monthly_income"), ("financial_profile", "monthly_income")),
    "monthly_spending": (("financial_profile", "monthly_spending"),),
    "card_debt": (("financial_profile", "credit_debt"),),
    "card_payment": (("financial_profile", "card_payment"),),
    "income_volatility": (
        ("simulation_params", "income_volatility"), ("financial_profile", "income_volatility"),
    ),
    "spending_volatility": (
        ("simulation_params", "expense_volatility"), ("financial_profile", "spending_volatility"),
    ),
    "loans.balance": (
        ("financial_profile", "loan_debt"), ("financial_profile", "monthly_loan_payments"),
    ),
    "loans.monthly_payment": (("financial_profile", "monthly_loan_payments"),),
    "loans.annual_rate": (("financial_profile", "loan_rate"),),
    "allocation": (("financial_profile", "investment_allocation"),),
    **{name: (("simulation_params", key),) for key, name in ASSUMED.items()},
}  # fmt: skip


def snake(name: str) -> str:
    """Return a key in snake_case, however it is written."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def camel(name: str) -> str:
    """Return a key of snake_case in camelCase."""
    first, *more = name.split("_")
    return first + "".join(word.capitalize() for word in more)


def key_of(part: str, written: str) -> str:
    """Return the key of ``PARTS`` that is meant, or one that is not there."""
    name = snake(written)
    return _ALSO.get(part, {}).get(name, name)


def place_of(name: str) -> tuple[tuple[str, str], ...]:
    """Return where a number may stand in a request that a simulation calls ``name``."""
    return _PLACES.get(name, ())


def listed() -> str:
    """Return all keys in words for a command's help, in camelCase."""
    parts = (f"{camel(part)}: {', '.join(map(camel, keys))}." for part, keys in PARTS.items())
    return " ".join(("Keys of a FILE.", *parts))
