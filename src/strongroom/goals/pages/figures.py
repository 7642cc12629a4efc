"""The numbers behind a chance as pages show them: each with its value, its unit and its source.

Makes texts and fields of a profile and of assumptions, and reads fields back. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from strongroom.core.errors import Refused
from strongroom.core.money import BadAmount, Currency, Money
from strongroom.goals.pages.assumed import ALL, DEFAULTS, GROUPS, Assumed, shown, stored
from strongroom.goals.profile import FigureName, Profile, StoodIn, stood_in
from strongroom.goals.profile.labels import figure_name
from strongroom.goals.reasons import Reason
from strongroom.goals.simulation import MOST, RANGES
from strongroom.goals.simulation.types import Case
from strongroom.goals.types import KEPT, AssumptionSource, CaseOf, Cut, Goal
from strongroom.transactions import category_label
from strongroom.ui import (
    N_,
    AmountNotReadable,
    current,
    gettext,
    money,
    ngettext,
    number,
    parse_amount,
    percent,
)

VARIES: Final = frozenset({FigureName.INCOME_VOLATILITY, FigureName.SPENDING_VOLATILITY})
_OF_THE_EDGE: Final = (N_("The amount has more than 18 digits before the point."),)
"""What the database's limits are told with, for the catalogue; the other one it has already."""
FIGURES: Final = tuple(one for one in FigureName if one is not FigureName.INVESTMENT_ALLOCATION)


class NumberOutOfRange(Refused):
    """A number in a form is not within its range, which stands in the form's words and unit."""


@dataclass(frozen=True, slots=True)
class Field:
    """One number as a field: its text, its unit, where it comes from and what else is to say."""

    key: str
    label: str
    text: str
    unit: str
    source: str
    tone: str
    about: str


@dataclass(frozen=True, slots=True)
class Standing:
    """One number as a row: its name, its value, where it comes from and where to change it."""

    name: str
    value: str
    source: str
    href: str


def plain(value: Decimal) -> str:
    """Return a number as a field holds it: no grouping, no more decimals than it has."""
    rounded = value.quantize(Decimal("0.01")) if -value.as_tuple().exponent > 2 else value  # type: ignore[operator]
    text = f"{rounded:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.replace(".", ",") if current().locale == "nb" else text


def read(text: str) -> Decimal:
    """Return the number in a field. Raises ``AmountNotReadable`` and ``BadAmount``."""
    return parse_amount(text, current().locale)


def said_by_you() -> str:
    """Return the source of what the person said."""
    return gettext("said by you")


def _figure_source(profile: Profile, name: FigureName) -> str:
    figure = profile.figure(name)
    if figure.overridden:
        return said_by_you()
    return gettext("not known") if figure.amount is None else gettext("from your data")


def _figure_text(profile: Profile, name: FigureName, amount: Decimal) -> str:
    if name in VARIES:
        return percent(amount)
    return money(Money(amount, profile.currency), exact=False)


def history_text(profile: Profile) -> str:
    """Return of how many full months the figures of months are made."""
    count = profile.months_of_history
    text = ngettext(
        "From %(num)s full month of your transactions.",
        "From %(num)s full months of your transactions.",
        count,
    )
    if profile.left_out:
        text += " " + gettext(
            "Left out for want of an exchange rate: %(codes)s.", codes=", ".join(profile.left_out)
        )
    return text


def assumption_groups(of: CaseOf) -> list[tuple[str, list[Field]]]:
    """Return what is assumed as fields, by group; the groups' names are not translated."""
    groups = [(title, [_assumed_field(one, of) for one in group]) for title, group in GROUPS]
    if of.cuts:
        groups.append((N_("Spending less"), [_cut_field(one, of.currency) for one in of.cuts]))
    return groups


def _cut_field(one: Cut, code: Currency) -> Field:
    leaves = money(Money(one.monthly, code), exact=False)
    about = gettext("Leaves %(amount)s a month.", amount=leaves)
    return Field(
        key=one.name,
        label=cut_label(one),
        text=plain(one.share * 100),
        unit="%",
        source=said_by_you(),
        tone="info",
        about=about if one.monthly else gettext("Nothing is spent on it now."),
    )


def cut_label(one: Cut) -> str:
    """Return what is spent less, such as ``Less on Restaurants``."""
    label = category_label(one.key, one.label) or gettext("a category that is gone")
    return gettext("Less on %(category)s", category=label)


def _assumed_field(one: Assumed, of: CaseOf) -> Field:
    value = of.assumed(one.key)
    source = of.sources.get(one.key, AssumptionSource.DEFAULT)
    said = source in (AssumptionSource.PERSON, AssumptionSource.TEXT)
    default = DEFAULTS[one.key]
    hint = gettext(one.help) if one.help else ""
    if said:
        usual = gettext("Our default is %(value)s.", value=_assumed_text(one, default, of.currency))
        hint = f"{usual} {hint}".strip()
    return Field(
        key=one.key,
        label=gettext(one.label),
        text=plain(shown(one, value)),
        unit={"percent": "%", "amount": of.currency, "months": ""}[one.unit],
        source=source_words(source),
        tone="info" if said else "",
        about=hint,
    )


def _assumed_text(one: Assumed, value: Decimal, code: Currency) -> str:
    if one.unit == "percent":
        return percent(value)
    if one.unit == "amount":
        return money(Money(value, code), exact=False)
    if value != value.to_integral_value():
        return gettext("%(count)s months", count=number(value))
    return ngettext("%(num)s month", "%(num)s months", int(value))


def source_words(source: AssumptionSource) -> str:
    """Return where an assumption comes from."""
    if source is AssumptionSource.PERSON:
        return said_by_you()
    if source is AssumptionSource.TEXT:
        return gettext("from your words")
    if source is AssumptionSource.ACCOUNTS:
        return gettext("from your investments")
    return gettext("a default of ours")


def read_assumptions(of: CaseOf, goal: Goal, texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Return the goal's own assumptions after a form: what is as before stays as it was.

    An empty field goes back to the default; a changed one is the person's. Raises
    ``AmountNotReadable`` and ``NumberOutOfRange`` with the field's name.
    """
    found: dict[str, Decimal] = {}
    for key, one in ALL.items():
        text = texts.get(key, "").strip()
        before = plain(shown(one, of.assumed(key)))
        if text == before:
            if key in goal.assumptions:
                found[key] = goal.assumptions[key]
        elif text:
            found[key] = stored(one, read_named(key, text))
            _check_assumed(one, found[key], of.currency)
    _check_emergencies(of, goal, found, texts)
    return found | _read_cuts(of, texts)


def _read_cuts(of: CaseOf, texts: Mapping[str, str]) -> dict[str, Decimal]:
    """Return what is still spent less; a field that is empty or 0 takes it back."""
    found: dict[str, Decimal] = {}
    for one in of.cuts:
        text = texts.get(one.name, plain(one.share * 100)).strip()
        share = one.share if text == plain(one.share * 100) else Decimal(0)
        if text and not share:
            share = read_named(one.name, text) / 100
            check_range(one.name, cut_label(one), share, (Decimal(0), Decimal(1)), percent)
        if share:
            found[one.name] = share
    return found


def _check_assumed(one: Assumed, value: Decimal, code: Currency) -> None:
    ends = RANGES.get(one.key, (Decimal(0), MOST))
    check_range(
        one.key, gettext(one.label), value, ends, lambda value: _assumed_text(one, value, code)
    )


def _check_emergencies(
    of: CaseOf, goal: Goal, found: Mapping[str, Decimal], texts: Mapping[str, str]
) -> None:
    """Refuse that an emergency costs at least more than at most, as both fields stand."""
    ends = ("emergency_least", "emergency_most")
    if {name: found.get(name) for name in ends} == {
        name: goal.assumptions.get(name) for name in ends
    }:
        return  # as it was: nothing of this was said now
    least, most = (
        found.get(
            name,
            of.assumed(name) if texts.get(name) else DEFAULTS[name] * of.rate,
        )
        for name in ends
    )
    if least <= most:
        return
    said = "emergency_least" if found.get(ends[0]) != goal.assumptions.get(ends[0]) else ends[1]
    raise NumberOutOfRange(
        gettext(
            "An emergency cannot cost at least %(least)s and at most %(most)s.",
            least=_assumed_text(ALL[ends[0]], least, of.currency),
            most=_assumed_text(ALL[ends[1]], most, of.currency),
        ),
        field=said,
        hint=gettext(
            "Change “%(least)s” or “%(most)s”.",
            least=gettext(ALL[ends[0]].label),
            most=gettext(ALL[ends[1]].label),
        ),
    )


def check_range(
    field: str,
    label: str,
    value: Decimal,
    ends: tuple[Decimal, Decimal],
    text: Callable[[Decimal], str],
) -> None:
    """Raise ``NumberOutOfRange`` unless a value is within its ends. ``text`` writes a value."""
    least, most = ends
    if not least <= value <= most:
        raise NumberOutOfRange(
            _of_range(label, text(least), text(most)),
            field=field,
            hint=gettext("Nothing was changed."),
        )


def reason_text(why: Reason | None, code: Currency) -> str:
    """Return why something was not simulated and what would help; empty for None."""
    if why is None:
        return ""
    said = reason_sentence(why, code)
    return f"{said} {gettext(why.hint)}" if why.hint else said


def reason_sentence(why: Reason, code: Currency) -> str:
    """Return why something was not simulated, in the form's words and unit where it has such."""
    one = ALL.get(str(why.values.get("name")))
    least, most = why.values.get("least"), why.values.get("most")
    if one is None or not isinstance(least, Decimal) or not isinstance(most, Decimal):
        return why.sentence()
    return _of_range(gettext(one.label), _assumed_text(one, least, code),
                     _assumed_text(one, most, code))  # fmt: skip


def _of_range(label: str, least: str, most: str) -> str:
    return gettext(
        "“%(label)s” has to be from %(least)s to %(most)s.", label=label, least=least, most=most
    )


def read_named(key: str, text: str) -> Decimal:
    """Return the number in a field. What is raised names the field, in the person's language."""
    try:
        return read(text)
    except (AmountNotReadable, BadAmount) as problem:
        problem.field = key
        if isinstance(problem, BadAmount):
            problem.message = gettext(problem.message)
        raise


def summary(of: CaseOf) -> str:
    """Return the assumptions that matter most, in one line."""
    its = of.case.assumptions
    return gettext(
        "%(rate)s return a year with swings of %(sd)s, prices rising %(inflation)s a year.",
        rate=percent(its.annual_return),
        sd=percent(its.annual_return_sd),
        inflation=percent(its.inflation),
    )


def household_rows(profile: Profile) -> list[Standing]:
    """Return the household's numbers, each with the address where it can be changed.

    What is not known shows what stands in for it.
    """
    none_owed = {FigureName.CREDIT_DEBT, FigureName.LOAN_DEBT, FigureName.MONTHLY_LOAN_PAYMENTS}
    stands = {one.figure: one.value for one in stood_in(profile)}
    return [
        _household_row(profile, name, stands.get(name))
        for name in FIGURES
        if profile.figure(name).amount or name in stands or name not in none_owed
    ]


def _household_row(profile: Profile, name: FigureName, stands: Decimal | None) -> Standing:
    one = profile.figure(name)
    amount, source = one.amount, _figure_source(profile, name)
    if amount is None and stands is not None:
        amount, source = stands, gettext("not known: this stands in for it")
    return Standing(
        figure_name(name),
        gettext("not known") if amount is None else _figure_text(profile, name, amount),
        source + (_thin() if one.thin else ""),
        f"/goals/profile?change={name.value}#{name.value}",
    )


def main_assumptions(of: CaseOf, page: str) -> list[Standing]:
    """Return the assumptions that matter most. ``page``: where they are changed."""
    rows = []
    for key in ("annual_return", "annual_return_sd", "inflation", "emergency_fund_months"):
        one = ALL[key]
        value = _assumed_text(one, of.assumed(key), of.currency)
        source = source_words(of.sources.get(key, AssumptionSource.DEFAULT))
        rows.append(Standing(gettext(one.label), value, source, f"{page}#{key}"))
    rows += [
        Standing(cut_label(one), percent(one.share), said_by_you(), f"{page}#{one.name}")
        for one in of.cuts
    ]
    return rows


def _thin() -> str:
    return ", " + gettext("from fewer than three full months")


def stood_in_texts(found: Sequence[StoodIn], code: Currency) -> list[tuple[str, str]]:
    """Return what was taken for figures that were not known, as names and values."""
    return [
        (
            gettext("%(figure)s: not known, taken as", figure=figure_name(one.figure)),
            percent(one.value)
            if one.figure in VARIES
            else money(Money(one.value, code), exact=False),
        )
        for one in found
    ]


def inputs(case: Case, code: Currency) -> Sequence[tuple[str, str]]:
    """Return every assumption of a case as name and value, for a run that is kept."""
    return [
        (gettext(one.label), _assumed_text(one, getattr(case.assumptions, key), code))
        for key, one in ALL.items()
        if key != KEPT
    ]
