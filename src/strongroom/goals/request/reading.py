"""Reads a simulation's request from JSON, for anyone's numbers, and writes its outcome as JSON.

A request has ``financialProfile``, ``userInputs``, ``goal`` and ``simulationParams``; names may be
in camelCase or in snake_case (``keys``). A key that is not known is refused: it would be
a number that silently does nothing. Ranges are judged by ``simulation``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from strongroom.core.errors import Refused
from strongroom.core.money import Currency, is_official
from strongroom.goals.request.keys import ASSUMED, PARTS, camel, key_of, place_of, snake
from strongroom.goals.simulation import PATHS, SimulationInputIsWrong, check, portfolio
from strongroom.goals.simulation.types import (
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
from strongroom.ui import N_, gettext

LONGEST: Final = 100_000
SEED: Final = 1
"""The seed where a request names none, so that the same file gives the same answer."""


class SimulationRequestIsWrong(Refused):
    """The request cannot be read, or lacks something, or has something that is not known."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for: a case, how many paths, the seed, and the currency if one is named."""

    case: Case
    paths: int
    seed: int
    currency: Currency | None = None


_SHOWN: Final = 100
_GREATEST: Final = 10**20
_MAPS: Final = frozenset({"spending_by_category", "investment_allocation"})
_TEXTS: Final = frozenset({"goal_type", "goal_text", "currency", "risk_tolerance"})


def read(text: str) -> Request:
    """Return what a request in JSON asks for. Raises ``SimulationRequestIsWrong``.

    ``monthlySpending`` is all that is spent, bills among it and loans not; ``monthlyBills`` and
    ``spendingByCategory`` say what it consists of and change nothing. The allocation goes before
    the risk that a person takes, and ``simulationParams`` go before both.
    """
    parts = _parts(_json(text.removeprefix("\ufeff")))
    try:
        asked = _request(parts)
        check(asked.case, paths=asked.paths, seed=asked.seed)
    except SimulationInputIsWrong as wrong:
        raise _as_written(wrong, parts) from None
    return asked


def outcome_json(outcome: Outcome, currency: Currency | None = None) -> dict[str, Any]:
    """Return an outcome as it is written: amounts as text, and the path of every month."""
    return {
        "currency": currency,
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
    """One part of a request: its name and keys as they were written, and its values by key."""

    name: str
    values: Mapping[str, Any]
    written: Mapping[str, str] = field(default_factory=dict)
    snake: bool = False

    def place(self, key: str) -> str:
        """Return what a message calls a key: as it was written, else as the others are."""
        own = self.written.get(key) or (key if self.snake else camel(key))
        return f"{self.name}.{own}"

    def number(self, key: str, otherwise: Decimal | None = None) -> Decimal:
        """Return a number; one that is missing is refused where nothing stands for it."""
        found = self.optional(key)
        if found is not None:
            return found
        if otherwise is None:
            raise _wrong(self, key, N_("This number is missing."))
        return otherwise

    def optional(self, key: str) -> Decimal | None:
        """Return a number, or None where there is none."""
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise _wrong(self, key, N_("This has to be a number."))
        if Decimal(value).is_nan():
            raise _wrong(self, key, N_("This has to be a number."))
        if not Decimal(value).is_finite() or not -_GREATEST <= value <= _GREATEST:
            raise _wrong(self, key, N_("This number is too great."))
        return Decimal(value)


def _request(parts: Mapping[str, _Part]) -> Request:
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
    _check_what_changes_nothing(parts)
    return Request(
        Case(household, aim, _assumptions(profile, user, params)),
        paths=_whole(params, "n_simulations", PATHS),
        seed=_whole(params, "seed", SEED),
        currency=_currency(goal),
    )


def _wrong(
    part: _Part, key: str, message: str, hint: str = N_("Correct the request and run it again.")
) -> SimulationRequestIsWrong:
    return SimulationRequestIsWrong(message, field=part.place(key), hint=hint)


def _as_written(
    wrong: SimulationInputIsWrong, parts: Mapping[str, _Part]
) -> SimulationRequestIsWrong:
    """Return a refusal that calls the number what the request calls it."""
    name, dot, kind = str(wrong.field).partition(".")
    places = place_of(str(wrong.field)) or place_of(name)
    rest = "" if place_of(str(wrong.field)) else dot + kind
    if not places:
        return SimulationRequestIsWrong(wrong.message, field=wrong.field, hint=wrong.hint)
    part, key = next((it for it in places if it[1] in parts[it[0]].values), places[-1])
    place = parts[part].place(key) + rest
    return SimulationRequestIsWrong(wrong.reason.sentence(name=place), field=place, hint=wrong.hint)


def _json(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST:
        raise SimulationRequestIsWrong(N_("A request has at most 100,000 characters."))
    try:
        found = json.loads(
            text, parse_float=Decimal, parse_int=_int, parse_constant=Decimal,
            object_pairs_hook=_object,
        )  # fmt: skip
    except (ValueError, RecursionError) as error:
        raise SimulationRequestIsWrong(
            N_("The request is not JSON."), hint=N_("Look for a missing comma or bracket.")
        ) from error
    if not isinstance(found, dict):
        raise SimulationRequestIsWrong(N_("The request has to be a JSON object."))
    return found


def _int(digits: str) -> int | Decimal:
    return int(digits) if len(digits) < 30 else Decimal(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        ((key, _),) = Counter(key for key, _ in pairs).most_common(1)
        raise _twice(key[:_SHOWN])
    return found


def _twice(place: str) -> SimulationRequestIsWrong:
    return SimulationRequestIsWrong(
        N_("This key stands here twice."), field=place, hint=N_("Take one of the two out.")
    )


def _not_known(place: str, known: Iterable[str], *, in_snake: bool) -> SimulationRequestIsWrong:
    names = ", ".join(known if in_snake else map(camel, known))
    return SimulationRequestIsWrong(
        N_("Not a known key."), field=place, hint=gettext("There are: %(names)s.", names=names)
    )


def _parts(found: Mapping[str, Any]) -> dict[str, _Part]:
    inner = (key for values in found.values() if isinstance(values, dict) for key in values)
    in_snake = any("_" in key for key in (*found, *inner))
    parts: dict[str, _Part] = {}
    for written, values in found.items():
        name = snake(written)
        if name not in PARTS:
            raise _not_known(written[:_SHOWN], PARTS, in_snake=in_snake)
        if name in parts:
            raise _twice(written)
        if not isinstance(values, dict):
            raise SimulationRequestIsWrong(N_("This has to be a JSON object."), field=written)
        parts[name] = _part(written, values, in_snake=in_snake)
    for name in PARTS:
        parts.setdefault(name, _Part(name if in_snake else camel(name), {}, snake=in_snake))
    return parts


def _part(written: str, values: Mapping[str, Any], *, in_snake: bool) -> _Part:
    name = snake(written)
    part = _Part(
        written,
        values={key_of(name, key): value for key, value in values.items()},
        written={key_of(name, key): key for key in reversed(list(values))},  # the first of two
        snake=in_snake,
    )
    for own in values:
        key, place = key_of(name, own), f"{written}.{own[:_SHOWN]}"
        if key not in PARTS[name]:
            raise _not_known(place, PARTS[name], in_snake=in_snake)
        if part.written[key] != own:
            raise _twice(place)
        value, kind = values[own], dict if key in _MAPS else str if key in _TEXTS else None
        if kind is not None and value is not None and not isinstance(value, kind):
            raise _wrong(part, key, N_("This value is of the wrong kind."))
    return part


def _whole(part: _Part, key: str, otherwise: int | None) -> int:
    value = part.number(key, None if otherwise is None else Decimal(otherwise))
    if value != value.to_integral_value():
        raise _wrong(part, key, N_("This has to be a whole number."))
    return int(value)


def _flag(part: _Part, key: str) -> bool:
    value = part.values.get(key, False)
    if not isinstance(value, bool):
        raise _wrong(part, key, N_("This has to be true or false."))
    return value


def _check_what_changes_nothing(parts: Mapping[str, _Part]) -> None:
    """Refuse what is wrong also where it decides nothing: it is not what was meant."""
    parts["financial_profile"].optional("monthly_bills")
    parts["user_inputs"].optional("age")
    _numbers(parts["financial_profile"], "spending_by_category")
    kind = parts["goal"].values.get("goal_type")
    if kind is not None and kind not in list(GoalType):
        raise _wrong(
            parts["goal"], "goal_type", N_("There is no such type of goal."),
            hint=gettext("There are: %(names)s.", names=", ".join(GoalType)),
        )  # fmt: skip


def _numbers(part: _Part, key: str) -> dict[str, Decimal]:
    values: Mapping[str, Any] = part.values.get(key) or {}
    inner = _Part(part.place(key), values, written={name: name[:_SHOWN] for name in values})
    return {name: inner.number(name) for name in values}


def _currency(goal: _Part) -> Currency | None:
    """Return the currency that all amounts are in. It is told again; nothing is converted."""
    written = goal.values.get("currency")
    if written is None:
        return None
    code = Currency(written.strip().upper())
    if not is_official(code):
        raise _wrong(
            goal, "currency",
            gettext("%(code)s is not a currency that is known.", code=written[:_SHOWN]),
            hint=N_("A code such as NOK, EUR or USD."),
        )  # fmt: skip
    return code


def _loans(profile: _Part, months: int) -> list[Loan]:
    owed = profile.number("loan_debt", Decimal(0))
    if owed > 0 and profile.optional("monthly_loan_payments") is None:
        raise _wrong(
            profile, "monthly_loan_payments",
            N_("What is paid on the loan each month is missing."),
            hint=N_("A loan weighs by what is paid on it. Give 0 if nothing is paid meanwhile."),
        )  # fmt: skip
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
    shares = _numbers(profile, "investment_allocation")
    if shares:
        mean, sd = portfolio(shares)
        changes["annual_return"], changes["annual_return_sd"] = mean, sd
    for key, name in ASSUMED.items():
        value = params.optional(key)
        if value is not None:
            changes[name] = value
    return replace(Assumptions(), **changes)
