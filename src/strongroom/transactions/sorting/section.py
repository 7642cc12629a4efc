"""A person's rules as a section of exports: told whole, and brought back under their own ids.

A rule that is taken away is told by its name where its hand is still seen on a row. What rows a
rule touched stands with the rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom import accounts
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, UserId
from strongroom.core.money import Currency
from strongroom.core.plain import plain
from strongroom.core.sections import BroughtBack, Known, Record, Section, one_by_one, own_id, text
from strongroom.transactions import totals
from strongroom.transactions.service import categories
from strongroom.transactions.sorting import checking, queries, service
from strongroom.transactions.sorting.types import (
    Actions,
    Conditions,
    Direction,
    Draft,
    How,
    Part,
    Rule,
    RuleId,
)

_DELETED = "deleted_at"


class Rules(Section):
    """The list ``rules`` of an export, in the order in which they are run."""

    name, reads, writes = "rules", "transactions:read", "transactions:write"

    async def tell(self, db: Db, *, owner: UserId) -> Sequence[Record]:
        """Return the rules, and last those that are gone and whose hand is still seen."""
        live = await service.list_rules(db, owner=owner, counted=False)
        gone = await queries.gone_but_seen(db, owner)
        return [
            *map(_record, live),
            *(
                {"id": _shown(one.id), "name": one.name, _DELETED: one.deleted_at.isoformat()}
                for one in gone
            ),
        ]

    async def bring_back(
        self, db: Db, *, owner: UserId, records: Sequence[Record], known: Known, now: datetime
    ) -> BroughtBack:
        """Make the rules below those that there are; they are run on what comes from now on."""
        await totals.take_turn(db, owner)
        there = set(await queries.every_id(db, owner))
        held = await service.list_rules(db, owner=owner, counted=False)
        last = max((one.position for one in held), default=0)
        may = {one.id for one in await categories(db, owner=owner)}
        codes = {one.currency for one in await accounts.list_all(db, owner=owner)}
        count = len(held)

        async def bring(record: Record) -> str | None:
            nonlocal count
            rule_id = RuleId(own_id("rul", record))
            if rule_id in there:
                return None
            if record.get(_DELETED) is not None:
                at = datetime.fromisoformat(record[_DELETED])
                await queries.add_gone(db, owner, rule_id, text(record, "name"), at)
                return str(rule_id)
            if count >= service.MOST_RULES:
                raise service.TooManyRules("There can be at most 500 rules.", field="name")
            draft = checking.tidy(_draft(record, known))
            with suppress(checking.RuleIsIncomplete):  # what it was about went before
                checking.check(draft, categories=may, currencies=codes)
            count += 1
            place = last + count
            await service.store(db, owner, rule_id, draft, place, now, ("bring_back_rule", "file"))
            if record.get("kept_out_because"):
                why = str(record["kept_out_because"])[:500]
                await queries.keep_out(db, owner, rule_id, why, now)
            there.add(rule_id)
            return str(rule_id)

        return await one_by_one(db, records, bring)

    async def take_out(self, db: Db, *, owner: UserId, made: Sequence[str]) -> None:
        """Delete the rules, with every mark of theirs."""
        await queries.forget(db, owner, [UUID(one) for one in made])

    async def changed(self, db: Db, *, owner: UserId, made: Sequence[str], since: datetime) -> int:
        """Return how many of the rules were changed since."""
        return await queries.count_changed(db, owner, [UUID(one) for one in made], since)


def _shown(rule_id: UUID) -> str:
    return ids.show("rul", rule_id)


def _record(rule: Rule) -> dict[str, Any]:
    asked, sets = rule.conditions, rule.actions
    told: dict[str, Any] = plain(asked)
    held = asked.accounts
    return {
        "id": _shown(rule.id),
        "name": rule.name,
        "is_on": rule.is_on,
        **told,
        "accounts": None if held is None else [ids.show("acc", one) for one in held],
        "category": None if sets.category_id is None else ids.show("cat", sets.category_id),
        "transfer": sets.transfer,
        "merchant": sets.merchant,
        "tags": list(sets.tags),
        "parts": [
            {"category": ids.show("cat", one.category_id), "percent": str(one.percent)}
            for one in sets.parts
        ],
        "review": sets.review,
        "kept_out_because": rule.kept_out_because,
    }


def _draft(record: Record, known: Known) -> Draft:
    """Return a rule as a record tells it. Raises what it cannot be."""
    held = record.get("accounts")
    code, direction = record.get("currency"), record.get("direction")
    category = known.find(record.get("category"))
    return Draft(
        name=text(record, "name"),
        is_on=record.get("is_on") is True,
        conditions=Conditions(
            merchant_how=How(record["merchant_how"]),
            merchants=_texts(record, "merchants"),
            text_how=How(record["text_how"]),
            texts=_texts(record, "texts"),
            without=_texts(record, "without"),
            amount_from=_number(record, "amount_from"),
            amount_to=_number(record, "amount_to"),
            currency=None if code is None else Currency(str(code)),
            direction=None if direction is None else Direction(direction),
            since=_day(record, "since"),
            until=_day(record, "until"),
            accounts=None if held is None else tuple(AccountId(known.need(one)) for one in held),
        ),
        actions=Actions(
            category_id=None if category is None else CategoryId(category),
            transfer=record.get("transfer") is True,
            merchant=None if record.get("merchant") is None else str(record["merchant"]),
            tags=_texts(record, "tags"),
            parts=tuple(_part(one, known) for one in record.get("parts") or ()),
            review=record.get("review") is True,
        ),
    )


def _part(told: Mapping[str, Any], known: Known) -> Part:
    return Part(CategoryId(known.need(told["category"])), Decimal(str(told["percent"])))


def _texts(record: Record, name: str) -> tuple[str, ...]:
    found = record.get(name) or ()
    if not isinstance(found, list | tuple) or not all(isinstance(one, str) for one in found):
        raise TypeError(name)
    return tuple(found)


def _number(record: Record, name: str) -> Decimal | None:
    return None if record.get(name) is None else Decimal(str(record[name]))


def _day(record: Record, name: str) -> date | None:
    return None if record.get(name) is None else date.fromisoformat(record[name])
