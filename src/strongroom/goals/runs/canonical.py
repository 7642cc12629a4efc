"""Cases and outcomes as the JSON that is stored, and the hash of an outcome.

What is written can be read back to the very same value: amounts are texts, nothing is rounded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from decimal import Decimal
from hashlib import sha256
from typing import Any

from strongroom.core.plain import plain
from strongroom.goals.profile import FigureName, StoodIn
from strongroom.goals.simulation.types import (
    Aim,
    Assumptions,
    Case,
    Household,
    Loan,
    Outcome,
    Spread,
)


def case_json(case: Case) -> dict[str, Any]:
    """Return a case as plain JSON."""
    return dict(plain(case))


def inputs_json(case: Case, stood_in: Sequence[StoodIn]) -> dict[str, Any]:
    """Return what a simulation is kept with: its case, and what in it stood in for the unknown."""
    return {**case_json(case), "stood_in": plain(stood_in)}


def stood_in_of(stored: Mapping[str, Any]) -> list[StoodIn]:
    """Read back what stood in for the unknown; nothing was kept of it at first."""
    return [
        StoodIn(FigureName(one["figure"]), Decimal(one["value"]), one["why"])
        for one in stored.get("stood_in", ())
    ]


def case_of(stored: Mapping[str, Any]) -> Case:
    """Read a case back. What a later version of the program assumes besides is its default."""
    home, aim = dict(stored["household"]), dict(stored["aim"])
    loans = [_read(Loan, one) for one in home.pop("loans")]
    months, todays_money = aim.pop("months"), aim.pop("todays_money")
    return Case(
        household=_read(Household, home, loans=loans),
        aim=_read(Aim, aim, months=months, todays_money=todays_money),
        assumptions=_read(Assumptions, stored["assumptions"]),
    )


def outcome_json(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain JSON."""
    return dict(plain(outcome))


def outcome_of(stored: Mapping[str, Any]) -> Outcome:
    """Read an outcome back."""
    given = dict(stored)
    whole = {name: given.pop(name) for name in ("paths", "seed", "engine")}
    at_the_end = _read(Spread, given.pop("at_the_end"))
    by_month = [_read(Spread, one) for one in given.pop("by_month")]
    found: Outcome = _read(Outcome, given, at_the_end=at_the_end, by_month=by_month, **whole)
    return found


def same(one: Case, other: Case) -> bool:
    """Return whether two cases decide the same, however their numbers are written."""
    cases = [
        replace(case, household=replace(case.household, loans=tuple(case.household.loans)))
        for case in (one, other)
    ]
    return cases[0] == cases[1]


def canonical(value: Mapping[str, Any]) -> bytes:
    """Return JSON in one form: names in order, no blanks, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def outcome_hash(outcome: Outcome) -> bytes:
    """Return the SHA-256 of an outcome in its one form."""
    return sha256(canonical(outcome_json(outcome))).digest()


def _read(kind: Any, stored: Mapping[str, Any], **known: Any) -> Any:
    names = {one.name for one in fields(kind)}
    amounts = {
        name: None if value is None else Decimal(value)
        for name, value in stored.items()
        if name in names
    }
    return kind(**amounts, **known)
