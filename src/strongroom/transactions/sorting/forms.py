"""Reading a rule from the form of its page, and filling the form from a rule.

Knows the form's fields; what makes sense as a rule is ``checking``'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from starlette.datastructures import FormData, QueryParams

from strongroom.core import ids
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import AccountId, CategoryId
from strongroom.core.money import currency
from strongroom.transactions.sorting.types import (
    Actions,
    Conditions,
    Direction,
    Draft,
    How,
    Part,
    Rule,
)
from strongroom.transactions.tags import read_names
from strongroom.ui import AmountNotReadable, current, gettext, parse_amount

TRANSFER = "transfer"
NAMES = (
    "name", "merchant_how", "merchants", "text_how", "texts", "without", "amount_from",
    "amount_to", "currency", "direction", "since", "until", "category", "merchant", "tags",
    "review",
)  # fmt: skip
PARTS = 3


class FormNotReadable(Refused):
    """A field of the form holds what cannot be read."""


@dataclass(frozen=True, slots=True)
class Form:
    """What stands in the fields: texts by name, the accounts ticked, and the parts' two fields."""

    texts: Mapping[str, str]
    accounts: frozenset[str] = frozenset()
    parts: Sequence[tuple[str, str]] = field(default_factory=list)

    @property
    def part_rows(self) -> list[tuple[str, str]]:
        """The parts, and empty places to write more."""
        return [*self.parts, *[("", "")] * max(1, PARTS - len(self.parts))]


def of_request(told: FormData | QueryParams) -> Form:
    """Return the fields as they were sent."""
    categories, percents = told.getlist("part_category"), told.getlist("part_percent")
    pairs = zip(map(str, categories), map(str, percents), strict=False)
    return Form(
        {name: str(told.get(name, "")).replace("\r\n", "\n") for name in NAMES},
        frozenset(map(str, told.getlist("accounts"))),
        [(one, share) for one, share in pairs if one or share.strip()],
    )


def of_rule(rule: Rule) -> Form:
    """Return the fields that tell of a rule."""
    asked, sets = rule.conditions, rule.actions
    category = "" if sets.category_id is None else ids.show("cat", sets.category_id)
    texts = {
        "name": rule.name,
        "merchant_how": asked.merchant_how.value,
        "merchants": "\n".join(asked.merchants),
        "text_how": asked.text_how.value,
        "texts": "\n".join(asked.texts),
        "without": "\n".join(asked.without),
        "amount_from": _number_text(asked.amount_from),
        "amount_to": _number_text(asked.amount_to),
        "currency": asked.currency or "",
        "direction": "" if asked.direction is None else asked.direction.value,
        "since": "" if asked.since is None else asked.since.isoformat(),
        "until": "" if asked.until is None else asked.until.isoformat(),
        "category": TRANSFER if sets.transfer else category,
        "merchant": sets.merchant or "",
        "tags": ", ".join(sets.tags),
        "review": "1" if sets.review else "",
    }
    return Form(
        texts,
        frozenset(ids.show("acc", one) for one in asked.accounts or ()),
        [(ids.show("cat", one.category_id), _number_text(one.percent)) for one in sets.parts],
    )


def _number_text(number: Decimal | None) -> str:
    if number is None:
        return ""
    text = f"{number.normalize():f}"
    return text.replace(".", ",") if current().locale == "nb" else text


def read(form: Form, *, is_on: bool = True) -> Draft:
    """Return the rule that the fields tell of.

    Raises ``FormNotReadable``, ``BadAmount`` and ``BadCurrency``, each naming its field.
    """
    texts = form.texts
    category = texts["category"]
    return Draft(
        name=texts["name"],
        is_on=is_on,
        conditions=Conditions(
            merchant_how=_how(texts["merchant_how"], How.IS),
            merchants=_lines(texts["merchants"]),
            text_how=_how(texts["text_how"], How.CONTAINS),
            texts=_lines(texts["texts"]),
            without=_lines(texts["without"]),
            amount_from=_amount(texts, "amount_from"),
            amount_to=_amount(texts, "amount_to"),
            currency=currency(texts["currency"]) if texts["currency"].strip() else None,
            direction=_direction(texts["direction"]),
            since=_day(texts, "since"),
            until=_day(texts, "until"),
            accounts=tuple(AccountId(_id("acc", one)) for one in sorted(form.accounts)) or None,
        ),
        actions=Actions(
            category_id=None if category in ("", TRANSFER) else CategoryId(_id("cat", category)),
            transfer=category == TRANSFER,
            merchant=texts["merchant"],
            tags=tuple(read_names(texts["tags"])),
            parts=tuple(_part(*one) for one in form.parts),
            review=texts["review"] == "1",
        ),
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line for line in text.splitlines() if line.strip())


def _how(text: str, usual: How) -> How:
    return next((one for one in How if one.value == text), usual)


def _direction(text: str) -> Direction | None:
    return next((one for one in Direction if one.value == text), None)


def _amount(texts: Mapping[str, str], name: str) -> Decimal | None:
    if not texts[name].strip():
        return None
    try:
        return parse_amount(texts[name], current().locale)
    except AmountNotReadable as problem:
        raise FormNotReadable(problem.message, field=name) from None


def _day(texts: Mapping[str, str], name: str) -> date | None:
    if not texts[name].strip():
        return None
    try:
        return date.fromisoformat(texts[name].strip())
    except ValueError:
        raise FormNotReadable(
            gettext("“%(text)s” is no day. Write it like 2026-11-20.", text=texts[name][:40]),
            field=name,
        ) from None


def _part(category: str, percent: str) -> Part:
    if not category or not percent.strip():
        raise FormNotReadable(
            gettext("A part has both a category and a share in percent."), field="parts"
        )
    try:
        share = parse_amount(percent.replace("%", " "), current().locale)
    except AmountNotReadable as problem:
        raise FormNotReadable(problem.message, field="parts") from None
    return Part(CategoryId(_id("cat", category, "parts")), share)


def _id(prefix: str, text: str, name: str = "category") -> CategoryId:
    try:
        return CategoryId(ids.parse(prefix, text))
    except NotFound:
        known = "accounts" if prefix == "acc" else name
        raise FormNotReadable(gettext("Choose one of the list."), field=known) from None
