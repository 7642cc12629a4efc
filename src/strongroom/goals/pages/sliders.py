"""What a person may try on a goal's page: sliders with their fields, and what they come to.

Makes fields of a case, reads them back as changes. Reckons nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, Decimal
from typing import Final

from strongroom.core import ids
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency, Money
from strongroom.goals.levers import SHARE, Changes, Lever
from strongroom.goals.pages.figures import check_range, plain, read_named
from strongroom.goals.pages.forms import whole
from strongroom.goals.simulation import MOST, RANGES
from strongroom.goals.simulation.types import Case
from strongroom.ui import current, gettext, money, number, percent

NAMES: Final[tuple[str, ...]] = ("monthly", "extra", "months", "return", "target")
CUT: Final = "cut"
"""Names a category in a page's address on which a fifth less is spent."""
OF_LEVER: Final = {
    Lever.TIMELINE: "months",
    Lever.TARGET: "target",
    Lever.RETURN: "return",
    Lever.EXTRA_SAVING: "extra",
}
_AMOUNTS: Final = frozenset({"monthly", "extra", "target"})
_CENT: Final = Decimal("0.01")
_MOST_MONTHS: Final = 720
_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Slider:
    """One number that can be tried. ``text`` as the field has it, the rest in plain digits."""

    name: str
    label: str
    text: str
    at: str
    least: str
    most: str
    step: str
    unit: str
    help: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a person tries: the changes, those fields as they came, and what was wrong with one."""

    changes: Changes
    texts: Mapping[str, str]
    problem: StrongroomError | None = None

    @property
    def is_something(self) -> bool:
        """Whether anything differs from the plan."""
        return bool(self.texts) and self.problem is None


def lever_name(lever: Lever, case: Case) -> str:
    """Return the slider that moves a lever; empty where none does."""
    if lever is Lever.CONTRIBUTION:
        return "extra" if case.aim.monthly_contribution is None else "monthly"
    return OF_LEVER.get(lever, "")


def values(case: Case) -> dict[str, Decimal]:
    """Return what each slider stands at as planned, as its field is written."""
    found = {
        "monthly": case.aim.monthly_contribution,
        "extra": case.aim.extra_saving,
        "months": Decimal(case.aim.months),
        "return": case.assumptions.annual_return * _HUNDRED,
        "target": case.aim.target,
    }
    return {name: value for name, value in found.items() if value is not None}


def sliders(case: Case, code: Currency, tried: Tried) -> list[Slider]:
    """Return the sliders, where they were moved to; those of amounts are left out while hidden."""
    home, aim = case.household, case.aim
    income = max(home.monthly_income, aim.target / aim.months)
    far = {
        "monthly": (code, Decimal(0), income),
        "extra": (code, Decimal(0), spent_less_at_most(case)),
        "months": (
            "", Decimal(1), Decimal(min(_MOST_MONTHS, max(aim.months * 2, aim.months + 24)))
        ),
        "return": ("%", Decimal(0), Decimal(12)),
        "target": (code, aim.target / 4, aim.target * 2),
    }  # fmt: skip
    made = []
    for name, value in values(case).items():
        if name in _AMOUNTS and current().hide_amounts:
            continue
        unit, least, most = far[name]
        if most <= least:
            continue  # nothing is spent that could be spent less
        problem = tried.problem
        wrong = problem is not None and problem.field == name
        text = tried.texts.get(name, plain(value))
        now = _number(name, text, value)
        step = _step(name, most)
        if name == "extra":  # more than is spent cannot be spent less
            now, end = min(now, most), most
        else:
            end = _up(max(most, value, now), step)
        made.append(
            Slider(
                name=name,
                label=_label(name),
                text=text,
                at=_digits(now),
                least=_digits(_up(min(least, value, now) - step + _CENT, step)),
                most=_digits(end),
                step=_digits(step),
                unit=unit,
                error=gettext(problem.message) if wrong and problem else "",
            )
        )
    return made


def spent_less_at_most(case: Case) -> Decimal:
    """Return what can be spent less in a month: all that is spent."""
    return max(case.household.monthly_spending, case.aim.extra_saving)


def _label(name: str) -> str:
    return {
        "monthly": gettext("Monthly saving"),
        "extra": gettext("Spend less a month and save it"),
        "months": gettext("Months"),
        "return": gettext("Return a year"),
        "target": gettext("Target"),
    }[name]


def _number(name: str, text: str, otherwise: Decimal) -> Decimal:
    try:
        return read_named(name, text)
    except StrongroomError:
        return otherwise


def _step(name: str, most: Decimal) -> Decimal:
    """Return a step such that there are a hundred or a few hundred of them."""
    if name == "months":
        return Decimal(1)
    if name == "return":
        return Decimal("0.1")
    return Decimal(1).scaleb((most / _HUNDRED).adjusted()) if most else Decimal(1)


def _up(value: Decimal, step: Decimal) -> Decimal:
    return (value / step).to_integral_value(ROUND_CEILING) * step


def _digits(value: Decimal) -> str:
    return f"{value.quantize(_CENT).normalize():f}"


def read(case: Case, code: Currency, query: Mapping[str, str]) -> Tried:
    """Return what differs from the plan in a page's address; what cannot be is told."""
    planned = {name: plain(value) for name, value in values(case).items()}
    texts: dict[str, str] = {
        name: query[name].strip()
        for name in NAMES
        if name in planned and query.get(name, "").strip() not in ("", planned[name])
    }
    changes = Changes()
    try:
        for name, text in texts.items():
            changes = _with(case, changes, name, text)
            _check(case, code, name, text)
        if cut := query.get(CUT, "").strip():
            changes = replace(changes, cuts={CategoryId(ids.parse("cat", cut)): SHARE})
            texts[CUT] = cut
    except StrongroomError as problem:
        return Tried(Changes(), texts, problem)
    return Tried(changes, texts)


def _with(case: Case, changes: Changes, name: str, text: str) -> Changes:
    if name == "months":
        return replace(changes, months=whole(name, text))
    value = read_named(name, text)
    if name == "monthly":
        return replace(changes, monthly_contribution=value)
    if name == "extra":
        return replace(changes, extra_saving=value - case.aim.extra_saving)
    if name == "return":
        return replace(changes, annual_return=value / _HUNDRED)
    return replace(changes, target=value)


def _check(case: Case, code: Currency, name: str, text: str) -> None:
    """Raise ``NumberOutOfRange`` for what no case can have, in the words and unit of the field."""
    value = Decimal(whole(name, text)) if name == "months" else read_named(name, text)
    if name in _AMOUNTS:
        least = _CENT if name == "target" else Decimal(0)
        most = spent_less_at_most(case) if name == "extra" else MOST

        def amount(value: Decimal) -> str:
            return money(Money(value, code), exact=value % 1 != 0)

        check_range(name, _label(name), value, (least, most), amount)
    elif name == "return":
        ends = RANGES["annual_return"]
        check_range(name, _label(name), value / _HUNDRED, ends, percent)
    else:
        check_range(name, _label(name), value, (Decimal(1), Decimal(_MOST_MONTHS)), number)
