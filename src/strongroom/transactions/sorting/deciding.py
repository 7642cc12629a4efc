"""What a person's rules make of a row: a pure function of the row as told and the rules in order.

Rules go from the top down. What one has set, those below leave alone; what the person chose, all
do. Conditions see the merchant as told, or as a rule further up has set it: never what an earlier
run left behind, so that running twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Context, Decimal
from functools import partial

from strongroom.core.ids import CategoryId
from strongroom.core.money import minor_units
from strongroom.transactions.sorting import patterns
from strongroom.transactions.sorting.types import (
    Change,
    Conditions,
    Direction,
    How,
    Part,
    Row,
    Rule,
    RuleId,
    Verdict,
)

PERSON, ABOVE = "person", "above"
_ONE_OF = ("category", "merchant", "split")
_EXACT = Context(prec=60, rounding=ROUND_HALF_EVEN)
_Test = Callable[[tuple[str, str]], bool]


class RuleTookTooLong(ValueError):
    """A rule's pattern was stopped while rows were looked at."""

    def __init__(self, rule_id: RuleId, pattern: str) -> None:
        super().__init__(pattern)
        self.rule_id = rule_id
        self.pattern = pattern


@dataclass(frozen=True, slots=True)
class Texts:
    """What a row says, each text as it stands and in small letters: made once for all rules."""

    payee: tuple[str, str]
    all: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, row: Row, merchant: str | None) -> Texts:
        """Return the texts of a row, its merchant being ``merchant`` so far."""
        pairs = tuple((one, one.lower()) for one in (merchant, row.description, row.note) if one)
        return cls(pairs[0] if pairs else ("", ""), pairs)


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule made ready to be asked of many rows."""

    rule: Rule
    category_id: CategoryId | None
    merchant: _Test | None
    text: _Test | None
    without: _Test | None

    def is_met_by(self, row: Row, texts: Texts) -> bool:
        """Return whether a row fits. Raises ``RuleTookTooLong``."""
        try:
            return _facts_fit(self.rule.conditions, row) and self._texts_fit(texts)
        except patterns.PatternTookTooLong as problem:
            raise RuleTookTooLong(self.rule.id, str(problem)) from None

    def _texts_fit(self, texts: Texts) -> bool:
        if self.merchant is not None and not self.merchant(texts.payee):
            return False
        if self.text is not None and not any(map(self.text, texts.all)):
            return False
        return self.without is None or not any(map(self.without, texts.all))


def ready(rules: Sequence[Rule], transfer: CategoryId) -> list[Ready]:
    """Return the rules that run, ready for rows; ``transfer`` is where own transfers stand.

    Raises ``patterns.PatternIsWrong``.
    """
    return [_ready(rule, transfer) for rule in rules if rule.runs]


def _ready(rule: Rule, transfer: CategoryId) -> Ready:
    asked = rule.conditions
    return Ready(
        rule,
        transfer if rule.actions.transfer else rule.actions.category_id,
        _any_of(asked.merchant_how, asked.merchants),
        _any_of(asked.text_how, asked.texts),
        _any_of(How.CONTAINS, asked.without),
    )


def _any_of(how: How, values: Sequence[str]) -> _Test | None:
    if not values:
        return None
    if how is How.MATCHES:
        found = [patterns.compiled(one) for one in values]
        return lambda text: any(one.found_in(text[0]) for one in found)
    wanted = tuple(one.lower() for one in values)
    if how is How.CONTAINS and len(wanted) == 1:
        (only,) = wanted
        return lambda text: only in text[1]
    return partial(_COMPARED[how], wanted)


_COMPARED: Mapping[How, Callable[[tuple[str, ...], tuple[str, str]], bool]] = {
    How.IS: lambda wanted, text: text[1] in wanted,
    How.CONTAINS: lambda wanted, text: any(one in text[1] for one in wanted),
    How.STARTS: lambda wanted, text: text[1].startswith(wanted),
    How.ENDS: lambda wanted, text: text[1].endswith(wanted),
}


def needles(rules: Sequence[Rule], only: Rule) -> list[str] | None:
    """Return texts in small letters one of which is in every row that a rule fits, if any are.

    None where nothing of the kind can be said: a regular expression finds other texts than its
    own, and a rule further up may give rows another merchant first.
    """
    above = rules[: next((n for n, one in enumerate(rules) if one.id == only.id), len(rules))]
    if any(one.runs and one.actions.merchant for one in above):
        return None
    asked = only.conditions
    for how, values in (
        (asked.merchant_how, asked.merchants),
        (asked.text_how, asked.texts),
    ):
        if values and how is not How.MATCHES:
            return [one.lower() for one in values]
    return None


def _facts_fit(asked: Conditions, row: Row) -> bool:
    size = abs(row.amount)
    return (
        (asked.accounts is None or row.account_id in asked.accounts)
        and (asked.direction is None or (row.amount > 0) is (asked.direction is Direction.IN))
        and (asked.amount_from is None or size >= asked.amount_from)
        and (asked.amount_to is None or size <= asked.amount_to)
        and (asked.currency is None or row.currency == asked.currency)
        and (asked.since is None or row.day >= asked.since)
        and (asked.until is None or row.day <= asked.until)
    )


def decide(row: Row, rules: Sequence[Ready]) -> Verdict:
    """Return what the rules, from the top down, make of a row. Raises ``RuleTookTooLong``."""
    met: list[RuleId] = []
    changes: list[Change] = []
    left: list[tuple[RuleId, str]] = []
    taken: set[str] = set()
    texts = Texts.of(row, _told(row))
    for one in rules:
        if not one.is_met_by(row, texts):
            continue
        met.append(one.rule.id)
        for field, change in _wanted(one, row):
            if field in taken:
                left += [(one.rule.id, ABOVE)] if change.field in _ONE_OF else []
                continue
            if _chosen(change, row):
                left.append((one.rule.id, PERSON))
                continue
            taken.add(field)
            if field == "merchant":
                texts = Texts.of(row, str(change.value))
            if not _stands(change, row):
                changes.append(change)
    return Verdict(met, changes, left)


def _told(row: Row) -> str | None:
    """Return the merchant that rules begin with: the person's, or else as told."""
    return row.shown_merchant if row.merchant_by == PERSON else row.merchant


def finder(rules: Sequence[Ready], only: RuleId | None) -> Callable[[Row], bool]:
    """Return what tells whether a row meets any of the rules, or that one.

    Without deciding anything, unless a rule gives rows another merchant for those further down.
    """
    if any(one.rule.actions.merchant for one in rules):

        def decided(row: Row) -> bool:
            met = decide(row, rules).met
            return bool(met) if only is None else only in met

        return decided
    asked = [one for one in rules if only is None or one.rule.id == only]

    def met(row: Row) -> bool:
        texts = Texts.of(row, _told(row))
        return any(one.is_met_by(row, texts) for one in asked)

    return met


def _wanted(one: Ready, row: Row) -> Iterator[tuple[str, Change]]:
    """Yield what a rule sets on a row that meets it, each with what only one rule may set."""
    actions, change = one.rule.actions, partial(Change, one.rule.id)
    if one.category_id is not None:
        yield "category", change("category", one.category_id)
    if actions.merchant is not None:
        yield "merchant", change("merchant", actions.merchant)
    for tag in actions.tags:
        yield f"tag {tag.lower()}", change("tag", tag)
    if actions.parts and (parts := shared(row, actions.parts)):
        yield "split", change("split", parts)
    if actions.review:
        yield "review", change("review", True)


def _chosen(change: Change, row: Row) -> bool:
    """Return whether the person's choice stands in a rule's way.

    What a rule did once and is not there any more, the person took back.
    """
    match change.field:
        case "category":
            return row.category_by == PERSON
        case "merchant":
            return row.merchant_by == PERSON
        case "split":
            if row.is_split:
                return ("split", "") not in row.done
            return ("split", "") in row.done or row.category_by == PERSON
        case "tag":
            name = str(change.value).lower()
            return ("tag", name) in row.done and name not in row.tags
        case _:
            return ("review", "") in row.done and row.needs_review


def _stands(change: Change, row: Row) -> bool:
    """Return whether a row is already as a rule would have it."""
    match change.field:
        case "category":
            return row.category_id == change.value
        case "merchant":
            return row.shown_merchant == change.value
        case "split":
            return row.is_split
        case "tag":
            return str(change.value).lower() in row.tags
        case _:
            return not row.needs_review


def shared(row: Row, parts: Sequence[Part]) -> tuple[tuple[CategoryId, Decimal], ...]:
    """Return parts of a row's amount in whole minor units; parts of nothing are left out.

    Where they are the whole of it, what rounding leaves goes to the last one.
    """
    unit = Decimal(1).scaleb(-minor_units(row.currency))
    found = [
        (one.category_id, _EXACT.multiply(row.amount, one.percent / 100).quantize(unit))
        for one in parts
    ]
    if found and sum(one.percent for one in parts) == 100:
        others = sum((amount for _, amount in found[:-1]), Decimal(0))
        found[-1] = found[-1][0], _EXACT.subtract(row.amount, others)
    return tuple((category_id, amount) for category_id, amount in found if amount)


def without_rule(rules: Sequence[Rule], rule_id: RuleId | None, draft: Rule) -> list[Rule]:
    """Return the rules with ``draft`` in the place of one of them, or below all others."""
    if rule_id is None:
        return [*rules, draft]
    return [replace(draft, position=one.position) if one.id == rule_id else one for one in rules]
