"""The verbs of a person's rules: write, order, switch, delete; whose hand is on a row; the offer.

Running them over rows is ``running``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from strongroom import accounts, audit
from strongroom.core.db import Db
from strongroom.core.errors import NotFound, Refused
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Currency
from strongroom.transactions import totals
from strongroom.transactions.service import categories, set_category
from strongroom.transactions.sorting import checking, queries
from strongroom.transactions.sorting.types import (
    Actions,
    Applied,
    Conditions,
    Direction,
    Draft,
    Hand,
    How,
    Offer,
    Part,
    Rule,
    RuleId,
)
from strongroom.transactions.tags import queries as tag_queries
from strongroom.ui import gettext

MOST_RULES = 500


class RuleNotFound(NotFound):
    """No rule of yours has that id."""


class TooManyRules(Refused):
    """A person has at most 500 rules."""


class NothingToOffer(NotFound):
    """The row's category was not chosen by the person, or no other row of its merchant is left."""


async def list_rules(db: Db, *, owner: UserId, counted: bool = True) -> list[Rule]:
    """Return the owner's rules in the order in which they are run.

    Unless ``counted``, how many rows bear their hand is left out: nobody is told, and it takes a
    while.
    """
    return [_rule(row) for row in await queries.rules(db, owner, counted=counted)]


async def get_rule(db: Db, *, owner: UserId, rule_id: RuleId) -> Rule:
    """Return one rule. Raises ``RuleNotFound``."""
    rows = await queries.rules(db, owner, rule_id)
    if not rows:
        raise RuleNotFound("There is no such rule.")
    return _rule(rows[0])


async def checked(db: Db, *, owner: UserId, draft: Draft, rule_id: RuleId | None = None) -> Draft:
    """Return a rule tidied up, if it makes sense by itself and beside the owner's others.

    ``rule_id`` is the one that it replaces. Raises the refusals of ``checking``.
    """
    draft = checking.tidy(draft)
    known = {one.id for one in await categories(db, owner=owner)}
    held = await accounts.list_all(db, owner=owner)
    checking.check(draft, categories=known, currencies={one.currency for one in held})
    if not set(draft.conditions.accounts or ()) <= {one.id for one in held}:
        raise checking.UnknownInRule(gettext("There is no such account."), field="accounts")
    others = [one for one in await list_rules(db, owner=owner, counted=False) if one.id != rule_id]
    checking.check_beside(draft, others)
    if rule_id is None and len(others) >= MOST_RULES:
        raise TooManyRules(gettext("There can be at most 500 rules."), field="name")
    return draft


async def add_rule(
    db: Db, *, owner: UserId, draft: Draft, now: datetime, actor: str = "person"
) -> Rule:
    """Make a rule, below all others; it is run on rows that come from now on.

    Raises the refusals of ``checking`` and ``TooManyRules``; then nothing is stored.
    """
    await totals.take_turn(db, owner)
    draft = await checked(db, owner=owner, draft=draft)
    held = await list_rules(db, owner=owner, counted=False)
    last = max((one.position for one in held), default=0)
    rule_id = RuleId(new_id())
    return await store(db, owner, rule_id, draft, last + 1, now, ("add_rule", actor))


async def change_rule(
    db: Db,
    *,
    owner: UserId,
    rule_id: RuleId,
    draft: Draft,
    now: datetime,
    actor: str = "person",
) -> Rule:
    """Write a rule anew in its place; what it did to rows stays.

    Raises ``RuleNotFound`` and the refusals of ``checking``.
    """
    await totals.take_turn(db, owner)
    was = await get_rule(db, owner=owner, rule_id=rule_id)
    draft = await checked(db, owner=owner, draft=draft, rule_id=rule_id)
    return await store(db, owner, rule_id, draft, was.position, now, ("change_rule", actor))


async def delete_rule(
    db: Db, *, owner: UserId, rule_id: RuleId, now: datetime, actor: str = "person"
) -> None:
    """Take a rule away; what it did to rows stays, and who did it. Raises ``RuleNotFound``."""
    await get_rule(db, owner=owner, rule_id=rule_id)
    await queries.delete_rule(db, owner, rule_id, now)
    await _record(db, owner, rule_id, ("delete_rule", actor), now)


async def set_rule_on(
    db: Db, *, owner: UserId, rule_id: RuleId, is_on: bool, now: datetime, actor: str = "person"
) -> Rule:
    """Switch a rule on or off. Raises ``RuleNotFound``, and ``RulesContradict`` switching it on."""
    rule = await get_rule(db, owner=owner, rule_id=rule_id)
    if is_on:
        draft = Draft(rule.name, rule.conditions, rule.actions)
        others = [
            one for one in await list_rules(db, owner=owner, counted=False) if one.id != rule_id
        ]
        checking.check_beside(draft, others)
    await queries.set_on(db, owner, rule_id, is_on, now)
    await _record(db, owner, rule_id, ("switch_rule", actor), now)
    return await get_rule(db, owner=owner, rule_id=rule_id)


async def move_rule(
    db: Db, *, owner: UserId, rule_id: RuleId, to: int, now: datetime, actor: str = "person"
) -> list[Rule]:
    """Put a rule at place ``to``, 1 at the top, or as near to it as there are places.

    Raises ``RuleNotFound``.
    """
    await totals.take_turn(db, owner)
    await get_rule(db, owner=owner, rule_id=rule_id)
    order = [
        one.id for one in await list_rules(db, owner=owner, counted=False) if one.id != rule_id
    ]
    order.insert(max(0, min(to - 1, len(order))), rule_id)
    await queries.write_order(db, owner, order)
    await _record(db, owner, rule_id, ("move_rule", actor), now)
    return await list_rules(db, owner=owner)


async def hands_on(db: Db, *, owner: UserId, transaction_id: TransactionId) -> list[Hand]:
    """Return what rules set on a row and still stands there; of a tag, ``value`` is its name."""
    return [
        Hand(
            field=row.field,
            value=row.value,
            rule_id=None if row.rule_id is None else RuleId(row.rule_id),
            rule_name=row.rule_name,
            at=row.at,
        )
        for row in await queries.hands_on(db, owner, transaction_id)
    ]


async def offer_for(db: Db, *, owner: UserId, transaction_id: TransactionId) -> Offer | None:
    """Return what may be offered after an edit of a row's category, if anything.

    That is, where the person chose it, the other rows of that merchant that stand in another
    category and that no person sorted.
    """
    row = await queries.offer(db, owner, transaction_id)
    if row is None:
        return None
    return Offer(
        merchant=row.merchant,
        category_id=CategoryId(row.category_id),
        category_key=row.category_key,
        category_name=row.category_name,
        count=row.count,
    )


async def take_offer(
    db: Db, *, owner: UserId, transaction_id: TransactionId, now: datetime, actor: str = "person"
) -> Applied:
    """Put all other rows of a row's merchant into the category the person chose for it.

    As the person's own choice. Returns how many, and the act; raises ``NothingToOffer``.
    """
    offered = await offer_for(db, owner=owner, transaction_id=transaction_id)
    others = await queries.others_of_merchant(db, owner, transaction_id)
    if offered is None or not others:
        raise NothingToOffer(
            gettext("There is nothing left to change."), hint=gettext("It may be done already.")
        )
    edit_id = new_id()
    await set_category(
        db,
        owner=owner,
        transaction_ids=[TransactionId(one) for one in others],
        category_id=offered.category_id,
        now=now,
        actor=actor,
        edit_id=edit_id,
    )
    return Applied(len(others), edit_id=edit_id)


async def in_the_way(db: Db, *, owner: UserId, offered: Offer) -> Rule | None:
    """Return the rule that has the conditions of an offer's rule already, if one is run."""
    draft = checking.tidy(rule_of_offer(offered))
    try:
        checking.check_beside(draft, await list_rules(db, owner=owner, counted=False))
    except checking.RulesContradict as problem:
        return problem.other
    return None


async def change_to_offer(
    db: Db, *, owner: UserId, offered: Offer, now: datetime, actor: str = "person"
) -> Rule:
    """Let the rule that is in the way of an offer's put rows where the offer does.

    Raises ``RuleNotFound`` where none is.
    """
    rule = await in_the_way(db, owner=owner, offered=offered)
    if rule is None:
        raise RuleNotFound(gettext("There is no such rule."))
    sets = replace(rule.actions, category_id=offered.category_id, transfer=False)
    draft = Draft(rule.name, rule.conditions, sets, rule.is_on)
    return await change_rule(db, owner=owner, rule_id=rule.id, draft=draft, now=now, actor=actor)


def rule_of_offer(offered: Offer) -> Draft:
    """Return the rule that does for all rows to come what an offer does for those there are."""
    return Draft(
        name=offered.merchant[:100],
        conditions=Conditions(merchants=(offered.merchant[:200],)),
        actions=Actions(category_id=offered.category_id),
    )


async def store(
    db: Db,
    owner: UserId,
    rule_id: RuleId,
    draft: Draft,
    position: int,
    now: datetime,
    act: tuple[str, str],
) -> Rule:
    """Write a rule, new or changed, and put on record by which verb and whose hand."""
    asked, sets = draft.conditions, draft.actions
    columns = {
        "owner": owner,
        "id": rule_id,
        "name": draft.name,
        "position": position,
        "is_on": draft.is_on,
        "merchant_how": asked.merchant_how.value,
        "merchants": list(asked.merchants),
        "text_how": asked.text_how.value,
        "texts": list(asked.texts),
        "without": list(asked.without),
        "amount_from": asked.amount_from,
        "amount_to": asked.amount_to,
        "currency": asked.currency,
        "direction": None if asked.direction is None else asked.direction.value,
        "since": asked.since,
        "until": asked.until,
        "any_account": asked.accounts is None,
        "category_id": sets.category_id,
        "is_transfer": sets.transfer,
        "merchant": sets.merchant,
        "review": sets.review,
        "now": now,
    }
    await queries.write_rule(db, columns)
    parts = [(one.category_id, one.percent) for one in sets.parts]
    await tag_queries.make(db, owner, sets.tags, now)
    tags = await tag_queries.find(db, owner, sets.tags)
    await queries.write_rule_lists(db, owner, rule_id, asked.accounts or (), tags, parts)
    await _record(db, owner, rule_id, act, now)
    return await get_rule(db, owner=owner, rule_id=rule_id)


async def _record(
    db: Db, owner: UserId, rule_id: RuleId, act: tuple[str, str], now: datetime
) -> None:
    verb, actor = act
    await audit.record(
        db, owner=owner, actor=actor, action=f"transactions.{verb}",
        resource_type="rule", resource_id=str(rule_id), now=now,
    )  # fmt: skip


def _rule(row: queries.RuleRow) -> Rule:
    return Rule(
        id=RuleId(row.id),
        name=row.name,
        position=row.position,
        is_on=row.is_on,
        conditions=_conditions(row),
        actions=Actions(
            category_id=None if row.category_id is None else CategoryId(row.category_id),
            transfer=row.is_transfer,
            merchant=row.merchant,
            tags=tuple(row.tags),
            parts=_parts(row.part_categories, row),
            review=row.review,
        ),
        kept_out_because=row.kept_out_because,
        created_at=row.created_at,
        updated_at=row.updated_at,
        touched=row.touched,
    )


def _parts(found: Sequence[UUID], row: queries.RuleRow) -> tuple[Part, ...]:
    return tuple(
        Part(CategoryId(category_id), percent)
        for category_id, percent in zip(found, row.part_percents, strict=True)
    )


def _conditions(row: queries.RuleRow) -> Conditions:
    return Conditions(
        merchant_how=How(row.merchant_how),
        merchants=tuple(row.merchants),
        text_how=How(row.text_how),
        texts=tuple(row.texts),
        without=tuple(row.without),
        amount_from=row.amount_from,
        amount_to=row.amount_to,
        currency=None if row.currency is None else Currency(row.currency),
        direction=None if row.direction is None else Direction(row.direction),
        since=row.since,
        until=row.until,
        accounts=None if row.any_account else tuple(AccountId(one) for one in row.accounts),
    )
