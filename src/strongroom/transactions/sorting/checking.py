"""Whether a person's rule makes sense: what it lacks, what in it contradicts, what it repeats.

Pure, and in words for the person, in their language. What rows say to it is ``deciding``'s.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from strongroom.core import ids
from strongroom.core.errors import Refused
from strongroom.core.ids import CategoryId
from strongroom.core.money import Currency, Money, check_amount, is_official, minor_units
from strongroom.transactions.sorting import patterns
from strongroom.transactions.sorting.types import Actions, Conditions, Draft, How, Rule
from strongroom.transactions.tags import rules as tag_rules
from strongroom.ui import gettext

_LONGEST_NAME, _LONGEST_TEXT, _MOST_VALUES, _MOST_PARTS = 100, 200, 50, 20
_HUNDRED = Decimal(100)


class RuleIsIncomplete(Refused):
    """A rule has no condition, or sets nothing."""


class RuleIsTooLong(Refused):
    """A name, a text or a list of a rule is longer than it may be."""


class RuleContradictsItself(Refused):
    """No row can ever meet the rule's conditions, or two of its actions exclude each other."""


class RulesContradict(Refused):
    """Another rule, ``other``, has the very same conditions, and contradicts or repeats this."""

    def __init__(self, message: str, other: Rule, *, field: str, hint: str | None = None) -> None:
        super().__init__(message, field=field, hint=hint)
        self.other = other

    @property
    def extensions(self) -> Mapping[str, str]:
        """Tell programs the other rule's id."""
        return {"rule": ids.show("rul", self.other.id)}


class BadPattern(Refused):
    """A text is no regular expression, or one that takes too long."""


class BadPart(Refused):
    """The parts of a split do not fit into the whole."""


class BadTag(Refused):
    """A text cannot be a tag, or there are too many of them."""


class UnknownInRule(Refused):
    """A rule names a category, account or currency that is not there."""


class TooManyDecimals(Refused):
    """An amount has more decimals than its currency: no row can have it."""


def tidy(draft: Draft) -> Draft:
    """Return a rule without blanks around texts, empty values and repetitions; with a name."""
    asked, sets = draft.conditions, draft.actions
    merchants, texts = _values(asked.merchants), _values(asked.texts)
    asked = replace(asked, merchants=merchants, texts=texts, without=_values(asked.without))
    merchant = " ".join((sets.merchant or "").split()) or None
    sets = replace(
        sets, merchant=merchant, tags=tuple(tag_rules.once(map(tag_rules.clean, sets.tags)))
    )
    name = " ".join(draft.name.split()) or ", ".join([*merchants, *texts])[:60] or gettext("Rule")
    return replace(draft, name=name, conditions=asked, actions=sets)


def _values(given: Sequence[str]) -> tuple[str, ...]:
    kept = {one.casefold(): one for text in reversed(given) if (one := text.strip())}
    return tuple(reversed(kept.values()))


def check(
    draft: Draft, *, categories: Collection[CategoryId], currencies: Collection[Currency] = ()
) -> None:
    """Refuse a rule that makes no sense, naming the field and the reason.

    ``currencies`` are those of the person's accounts, which need not be official ones. Raises the
    errors of this module; the draft is a tidy one.
    """
    _check_lengths(draft)
    _check_conditions(draft.conditions)
    _check_currency(draft.conditions, currencies)
    _check_actions(draft.actions, categories)
    for field, how, values in (
        ("merchants", draft.conditions.merchant_how, draft.conditions.merchants),
        ("texts", draft.conditions.text_how, draft.conditions.texts),
    ):
        if how is How.MATCHES:
            _check_patterns(field, values)
    _check_complete(draft)  # last: a rule from a file may lack what is gone, and nothing else


def _check_lengths(draft: Draft) -> None:
    asked = draft.conditions
    if len(draft.name) > _LONGEST_NAME:
        raise RuleIsTooLong(gettext("A rule's name has at most 100 characters."), field="name")
    for field, values in (
        ("merchants", asked.merchants),
        ("texts", asked.texts),
        ("without", asked.without),
        ("merchant", (draft.actions.merchant or "",)),
    ):
        if len(values) > _MOST_VALUES:
            raise RuleIsTooLong(gettext("Give at most 50 texts, one a line."), field=field)
        if any(len(one) > _LONGEST_TEXT for one in values):
            raise RuleIsTooLong(gettext("A text has at most 200 characters."), field=field)


def _check_complete(draft: Draft) -> None:
    asked, sets = draft.conditions, draft.actions
    given = (asked.merchants, asked.texts, asked.without, asked.accounts)
    facts = (asked.amount_from, asked.amount_to, asked.direction, asked.since, asked.until)
    if not any(given) and all(one is None for one in (*facts, asked.currency)):
        raise RuleIsIncomplete(
            gettext("Say which rows the rule is about: give at least one condition."),
            field="merchants",
        )
    if asked.accounts == ():
        raise RuleIsIncomplete(
            gettext("Choose the accounts that the rule is about."), field="accounts"
        )
    if sets == Actions():
        raise RuleIsIncomplete(
            gettext("Say what the rule does: choose at least one thing it sets."),
            field="category",
        )


def _check_conditions(asked: Conditions) -> None:
    low, high = asked.amount_from, asked.amount_to
    for field, amount in (("amount_from", low), ("amount_to", high)):
        if amount is not None and check_amount(amount) < 0:
            raise RuleContradictsItself(
                gettext("Write the amount without a sign; the direction says in or out."),
                field=field,
            )
    if low is not None and high is not None and low > high:
        raise RuleContradictsItself(
            gettext("No amount is at least %(low)s and at most %(high)s.", low=low, high=high),
            field="amount_to",
        )
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise RuleContradictsItself(
            gettext("The last day lies before the first: no row can be in between."),
            field="until",
        )
    _check_without(asked)


def _check_currency(asked: Conditions, currencies: Collection[Currency]) -> None:
    code = asked.currency
    if code is None:
        return
    if not (is_official(code) or code in currencies):
        raise UnknownInRule(
            gettext("%(code)s is not a currency that is known.", code=code), field="currency"
        )
    most = minor_units(code)
    for field, amount in (("amount_from", asked.amount_from), ("amount_to", asked.amount_to)):
        if amount is not None and amount != Money(amount, code).rounded().amount:
            raise TooManyDecimals(
                gettext(
                    "%(code)s has %(most)s decimals, and the amount has more.", code=code, most=most
                )
                if most
                else gettext("%(code)s has no decimals, and the amount has some.", code=code),
                field=field,
            )


def _check_without(asked: Conditions) -> None:
    for how, values in (
        (asked.merchant_how, asked.merchants),
        (asked.text_how, asked.texts),
    ):
        if how is How.MATCHES or not values:
            continue
        shut_out = {
            one: no for one in values for no in asked.without if no.casefold() in one.casefold()
        }
        if len(shut_out) == len(values):
            one, no = next(iter(shut_out.items()))
            raise RuleContradictsItself(
                gettext(
                    "“%(one)s” is asked for and “%(no)s” must not stand there: no row has both.",
                    one=one,
                    no=no,
                ),
                field="without",
            )


def _check_actions(sets: Actions, categories: Collection[CategoryId]) -> None:
    if sets.transfer and sets.category_id is not None:
        raise RuleContradictsItself(
            gettext("A transfer has its own category: choose one of the two."), field="transfer"
        )
    if sets.transfer and sets.parts:
        raise RuleContradictsItself(
            gettext("A transfer is not spent, so it has no parts: choose one of the two."),
            field="parts",
        )
    named = [one.category_id for one in sets.parts]
    if not {*named, *([sets.category_id] if sets.category_id else [])} <= set(categories):
        raise UnknownInRule(gettext("There is no such category."), field="category")
    if len(sets.tags) > tag_rules.MOST_OF_A_ROW or not all(map(tag_rules.is_name, sets.tags)):
        raise BadTag(
            gettext("A tag has 1 to 50 characters and no comma, and a row at most 30 of them."),
            field="tags",
        )
    _check_parts(sets)


def _check_parts(sets: Actions) -> None:
    if len(sets.parts) > _MOST_PARTS:
        raise BadPart(gettext("A rule makes at most 20 parts."), field="parts")
    if any(not 0 < one.percent <= _HUNDRED or one.percent * 100 % 1 for one in sets.parts):
        raise BadPart(
            gettext("A part is more than 0 and at most 100 percent, with at most two decimals."),
            field="parts",
        )
    more = sum((one.percent for one in sets.parts), Decimal(0)) - _HUNDRED
    if more > 0:
        raise BadPart(
            gettext(
                "The parts are more than the whole: %(more)s percent too much.",
                more=f"{more.normalize():f}",
            ),
            field="parts",
        )


def _check_patterns(field: str, values: Sequence[str]) -> None:
    for text in values:
        try:
            patterns.probe(text)
        except patterns.PatternIsWrong as problem:
            raise BadPattern(
                gettext(
                    "“%(text)s” is no regular expression: %(problem)s.", text=text, problem=problem
                ),
                field=field,
            ) from None
        except patterns.PatternTookTooLong:
            raise too_slow(text, field) from None


def too_slow(text: str, field: str) -> BadPattern:
    """Return the refusal of a pattern that was stopped."""
    return BadPattern(
        gettext("“%(text)s” takes too long: it may never come to an end.", text=text),
        field=field,
        hint=gettext("Repeat one thing at a time: (a+)+ repeats a repetition."),
    )


def check_beside(draft: Draft, others: Sequence[Rule]) -> None:
    """Refuse a rule whose conditions are another's to the letter, if both set the same thing.

    Then one of them could never do it. Raises ``RulesContradict``.
    """
    asked = _alike(draft.conditions)
    for other in others:
        if not (draft.is_on and other.is_on) or _alike(other.conditions) != asked:
            continue
        if draft.actions == other.actions:
            raise RulesContradict(
                gettext("The rule “%(name)s” does this already.", name=other.name),
                other,
                field="name",
            )
        field = _both_set(draft.actions, other.actions)
        if field is not None:
            raise RulesContradict(
                gettext(
                    "The rule “%(name)s” has the same conditions and sets something else: "
                    "a row cannot be both.",
                    name=other.name,
                ),
                other,
                field=field,
                hint=gettext("Change that rule, or narrow this one."),
            )


def _both_set(one: Actions, other: Actions) -> str | None:
    """Return what two rules both set, and not to the same."""
    ways = (
        ("category", (one.category_id, one.transfer), (other.category_id, other.transfer)),
        ("merchant", one.merchant, other.merchant),
        ("parts", one.parts, other.parts),
    )
    empty = ((None, False), None, ())
    for field, mine, theirs in ways:
        if mine not in empty and theirs not in empty and mine != theirs:
            return field
    return None


def _alike(asked: Conditions) -> Conditions:
    """Return conditions so that those which mean the same are equal."""
    return replace(
        asked,
        merchant_how=asked.merchant_how if asked.merchants else How.IS,
        text_how=asked.text_how if asked.texts else How.IS,
        merchants=_folded(asked.merchants, asked.merchant_how),
        texts=_folded(asked.texts, asked.text_how),
        without=_folded(asked.without, How.CONTAINS),
        accounts=None if asked.accounts is None else tuple(sorted(asked.accounts)),
    )


def _folded(values: Sequence[str], how: How) -> tuple[str, ...]:
    return tuple(sorted(one if how is How.MATCHES else one.casefold() for one in values))
