"""Rules as JSON under ``/api/v1``: write, order, look what one would do, run it; the offer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field

from strongroom import identity, transactions
from strongroom.core import ids
from strongroom.core.db import Db
from strongroom.core.http import AskedOnce, idempotent
from strongroom.core.ids import AccountId, CategoryId, TransactionId
from strongroom.core.money import currency
from strongroom.core.wire import WireDecimal, WireId, WireMoney
from strongroom.identity.access import may
from strongroom.transactions import sorting
from strongroom.transactions.sorting import (
    Actions,
    Conditions,
    Direction,
    Draft,
    DryRun,
    How,
    Part,
    Rule,
    RuleId,
)

router = APIRouter(tags=["rules"])

Reader = Annotated[identity.Caller, Depends(may("transactions:read"))]
Writer = Annotated[identity.Caller, Depends(may("transactions:write"))]
RuleRef = Annotated[RuleId, WireId("rul")]
TransactionRef = Annotated[TransactionId, WireId("trn")]
CategoryRef = Annotated[CategoryId, WireId("cat")]
AccountRef = Annotated[AccountId, WireId("acc")]
Texts = Annotated[list[str], Field(max_length=200)]
_STRICT = ConfigDict(extra="forbid")


class ConditionsBody(BaseModel):
    """What a row must be; every one that is given must hold, of several values any will do.

    ``merchants`` are held against the merchant (or the bank's text where none is known), ``texts``
    against merchant, bank's text and note; ``without`` must stand in none of them. Amounts are
    without sign. ``how``: is, contains, starts, ends, or matches (a regular expression).
    """

    model_config = _STRICT

    merchant_how: How = How.IS
    merchants: Texts = []
    text_how: How = How.CONTAINS
    texts: Texts = []
    without: Texts = []
    amount_from: WireDecimal | None = None
    amount_to: WireDecimal | None = None
    currency: str | None = None
    direction: Direction | None = None
    since: date | None = None
    until: date | None = None
    accounts: list[AccountRef] | None = None

    def read(self) -> Conditions:
        """Return the conditions as rules have them. Raises ``BadCurrency``."""
        return Conditions(
            merchant_how=self.merchant_how,
            merchants=tuple(self.merchants),
            text_how=self.text_how,
            texts=tuple(self.texts),
            without=tuple(self.without),
            amount_from=self.amount_from,
            amount_to=self.amount_to,
            currency=currency(self.currency) if self.currency else None,
            direction=self.direction,
            since=self.since,
            until=self.until,
            accounts=None if self.accounts is None else tuple(self.accounts),
        )


class PartBody(BaseModel):
    """A part of a row in percent of its amount; ``category`` is an id or a default one's key."""

    model_config = _STRICT

    category: str
    percent: WireDecimal


class ActionsBody(BaseModel):
    """What a rule sets; ``category`` is an id or a default one's key.

    ``transfer``: between own accounts, neither income nor spending. ``parts`` leave what they do
    not cover in the row's own category.
    """

    model_config = _STRICT

    category: str | None = None
    transfer: bool = False
    merchant: str | None = None
    tags: list[str] = []
    parts: list[PartBody] = []
    review: bool = False


class RuleBody(BaseModel):
    """A rule to write. Without a name it is called after what it looks for."""

    model_config = _STRICT

    name: str = ""
    on: bool = True
    conditions: ConditionsBody
    actions: ActionsBody


class RuleOut(BaseModel):
    """A rule in its place, 1 at the top. ``touched``: rows that bear its hand.

    ``kept_out_because``: the pattern that took too long; the rule is not run until it is changed.
    """

    id: RuleRef
    name: str
    place: int
    on: bool
    conditions: ConditionsBody
    actions: ActionsBody
    touched: int
    kept_out_because: str | None
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, rule: Rule, place: int) -> RuleOut:
        """Return the rule as it stands in JSON."""
        asked, sets = rule.conditions, rule.actions
        return cls(
            id=rule.id,
            name=rule.name,
            place=place,
            on=rule.is_on,
            conditions=ConditionsBody(
                merchant_how=asked.merchant_how,
                merchants=list(asked.merchants),
                text_how=asked.text_how,
                texts=list(asked.texts),
                without=list(asked.without),
                amount_from=asked.amount_from,
                amount_to=asked.amount_to,
                currency=asked.currency,
                direction=asked.direction,
                since=asked.since,
                until=asked.until,
                accounts=None if asked.accounts is None else list(asked.accounts),
            ),
            actions=ActionsBody(
                category=None if sets.category_id is None else ids.show("cat", sets.category_id),
                transfer=sets.transfer,
                merchant=sets.merchant,
                tags=list(sets.tags),
                parts=[
                    PartBody(category=ids.show("cat", one.category_id), percent=one.percent)
                    for one in sets.parts
                ],
                review=sets.review,
            ),
            touched=rule.touched,
            kept_out_because=rule.kept_out_because,
            created_at=rule.created_at,
            updated_at=rule.updated_at,
        )


class RuleList(BaseModel):
    """Rules in the order in which they are run."""

    items: list[RuleOut]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> RuleList:
        """Return rules as they stand in JSON."""
        return cls(items=[RuleOut.of(rule, place) for place, rule in enumerate(rules, 1)])


class PartOut(BaseModel):
    """A part that a row would get."""

    category: CategoryRef
    amount: WireMoney


class WouldChangeOut(BaseModel):
    """A row that would change: what it is, and what it would be; null where it stays."""

    id: TransactionRef
    day: date
    title: str
    account: AccountRef
    amount: WireMoney
    category: CategoryRef
    new_category: CategoryRef | None
    new_merchant: str | None
    new_tags: list[str]
    new_parts: list[PartOut]
    new_review: bool


class DryRunOut(BaseModel):
    """What a rule would do: rows that fit, rows that would change, and the newest 50 of those.

    Of the others, something of ``by_person`` was chosen by the person and of ``by_rule`` by a rule
    above; the rest is so already.
    """

    met: int
    changed: int
    by_person: int
    by_rule: int
    items: list[WouldChangeOut]

    @classmethod
    def of(cls, told: DryRun) -> DryRunOut:
        """Return a dry run as it stands in JSON."""
        return cls(
            met=told.met,
            changed=told.changed,
            by_person=told.by_person,
            by_rule=told.by_rule,
            items=[
                WouldChangeOut(
                    id=one.id,
                    day=one.day,
                    title=one.title,
                    account=one.account_id,
                    amount=one.amount,
                    category=one.category_id,
                    new_category=one.new_category_id,
                    new_merchant=one.new_merchant,
                    new_tags=list(one.new_tags),
                    new_parts=[
                        PartOut(category=category_id, amount=amount)
                        for category_id, amount in one.new_parts
                    ],
                    new_review=one.new_review,
                )
                for one in told.rows
            ],
        )


class AppliedOut(BaseModel):
    """How many rows were changed. ``edit`` is the act, for undoing it; null if nothing changed."""

    changed: int
    edit: Annotated[UUID, WireId("edt")] | None


class SwitchBody(BaseModel):
    """Whether a rule is run."""

    model_config = _STRICT

    on: bool


class PlaceBody(BaseModel):
    """Where a rule stands, 1 at the top."""

    model_config = _STRICT

    place: Annotated[int, Field(ge=1, le=10_000)]


class HandOut(BaseModel):
    """What a rule set on a row and still stands there. ``rule`` is null once it is deleted."""

    field: Literal["category", "merchant", "tag", "split", "review"]
    value: str
    rule: RuleRef | None
    rule_name: str
    at: datetime


class HandList(BaseModel):
    """A row's hands of rules, oldest first."""

    items: list[HandOut]


@router.get("/rules", summary="List your rules")
async def list_rules(caller: Reader) -> RuleList:
    """List the rules in the order in which they are run."""
    async with caller.unit_of_work() as db:
        return RuleList.of(await sorting.list_rules(db, owner=caller.owner))


@router.post("/rules", status_code=201, summary="Make a rule")
async def add_rule(caller: Writer, asked: AskedOnce, body: RuleBody) -> RuleOut:
    """Make a rule, below all others. It sorts rows that come; ``apply`` sorts those there are."""
    async with (
        caller.unit_of_work() as db,
        idempotent(db, asked, owner=caller.owner, now=caller.now) as turn,
    ):
        if turn.stored is not None:
            return turn.stored  # type: ignore[return-value]
        draft = await read_draft(db, caller, body)
        rule = await sorting.add_rule(
            db, owner=caller.owner, draft=draft, now=caller.now, actor=caller.actor
        )
        made = await _out(db, caller, rule)
        return turn.answer(made, status=201)  # type: ignore[return-value]


@router.post("/rules/preview", summary="See what a rule would do")
async def preview(caller: Reader, body: RuleBody, rule: str = "") -> DryRunOut:
    """Count and show what a rule would change in the book; nothing is stored.

    ``rule`` (rul_…) is the one that it would replace.
    """
    rule_id = RuleId(ids.parse("rul", rule)) if rule else None
    async with caller.unit_of_work() as db:
        draft = await read_draft(db, caller, body)
        told = await sorting.dry_run(
            db, owner=caller.owner, draft=draft, rule_id=rule_id, now=caller.now
        )
    return DryRunOut.of(told)


@router.post("/rules/apply", summary="Run all rules over the book")
async def apply_all(caller: Writer) -> AppliedOut:
    """Run all rules over all rows there are; running them again changes nothing."""
    return await _apply(caller, None)


@router.get("/rules/{rule_id}", summary="Look at a rule")
async def get_rule(caller: Reader, rule_id: RuleRef) -> RuleOut:
    """Return one rule."""
    async with caller.unit_of_work() as db:
        rule = await sorting.get_rule(db, owner=caller.owner, rule_id=rule_id)
        return await _out(db, caller, rule)


@router.put("/rules/{rule_id}", summary="Write a rule anew")
async def change_rule(caller: Writer, rule_id: RuleRef, body: RuleBody) -> RuleOut:
    """Write a rule anew in its place; what it did to rows stays."""
    async with caller.unit_of_work() as db:
        draft = await read_draft(db, caller, body)
        rule = await sorting.change_rule(
            db,
            owner=caller.owner,
            rule_id=rule_id,
            draft=draft,
            now=caller.now,
            actor=caller.actor,
        )
        return await _out(db, caller, rule)


@router.delete("/rules/{rule_id}", status_code=204, summary="Delete a rule")
async def delete_rule(caller: Writer, rule_id: RuleRef) -> Response:
    """Take a rule away; what it did to rows stays."""
    async with caller.unit_of_work() as db:
        await sorting.delete_rule(
            db, owner=caller.owner, rule_id=rule_id, now=caller.now, actor=caller.actor
        )
    return Response(status_code=204)


@router.post("/rules/{rule_id}/switch", summary="Switch a rule on or off")
async def switch(caller: Writer, rule_id: RuleRef, body: SwitchBody) -> RuleOut:
    """Switch a rule on or off."""
    async with caller.unit_of_work() as db:
        rule = await sorting.set_rule_on(
            db,
            owner=caller.owner,
            rule_id=rule_id,
            is_on=body.on,
            now=caller.now,
            actor=caller.actor,
        )
        return await _out(db, caller, rule)


@router.post("/rules/{rule_id}/move", summary="Move a rule")
async def move(caller: Writer, rule_id: RuleRef, body: PlaceBody) -> RuleList:
    """Put a rule at another place; those above it come first."""
    async with caller.unit_of_work() as db:
        rules = await sorting.move_rule(
            db,
            owner=caller.owner,
            rule_id=rule_id,
            to=body.place,
            now=caller.now,
            actor=caller.actor,
        )
    return RuleList.of(rules)


@router.post("/rules/{rule_id}/apply", summary="Run a rule over the book")
async def apply_one(caller: Writer, rule_id: RuleRef) -> AppliedOut:
    """Run one rule over all rows there are; running it again changes nothing."""
    return await _apply(caller, rule_id)


@router.get("/transactions/{transaction_id}/rules", summary="Whose hand is on a transaction")
async def hands(caller: Reader, transaction_id: TransactionRef) -> HandList:
    """Return what rules set on a transaction and still stands there."""
    async with caller.unit_of_work() as db:
        await transactions.get(db, owner=caller.owner, transaction_id=transaction_id)
        found = await sorting.hands_on(db, owner=caller.owner, transaction_id=transaction_id)
    return HandList(
        items=[
            HandOut.model_validate(
                {
                    "field": one.field,
                    "value": one.value,
                    "rule": one.rule_id,
                    "rule_name": one.rule_name,
                    "at": one.at,
                }
            )
            for one in found
        ]
    )


@router.post("/transactions/{transaction_id}/use-for-all", summary="Same category for its merchant")
async def use_for_all(caller: Writer, transaction_id: TransactionRef) -> AppliedOut:
    """Put the other rows of a row's merchant where the person put this one."""
    async with caller.unit_of_work() as db:
        done = await sorting.take_offer(
            db,
            owner=caller.owner,
            transaction_id=transaction_id,
            now=caller.now,
            actor=caller.actor,
        )
    return AppliedOut(changed=done.rows, edit=done.edit_id)


async def read_draft(db: Db, caller: identity.Caller, body: RuleBody) -> Draft:
    """Return the rule that a body tells of. Raises ``CategoryNotFound`` and ``BadCurrency``."""
    known = await transactions.categories(db, owner=caller.owner)
    named: dict[str, CategoryId] = {ids.show("cat", one.id): one.id for one in known}
    named |= {one.key: one.id for one in known if one.key is not None}

    def found(text: str, field: str) -> CategoryId:
        if text not in named:
            raise transactions.CategoryNotFound("There is no such category.", field=field)
        return named[text]

    sets = body.actions
    return Draft(
        name=body.name,
        is_on=body.on,
        conditions=body.conditions.read(),
        actions=Actions(
            category_id=found(sets.category, "category") if sets.category else None,
            transfer=sets.transfer,
            merchant=sets.merchant,
            tags=tuple(sets.tags),
            parts=tuple(Part(found(one.category, "parts"), one.percent) for one in sets.parts),
            review=sets.review,
        ),
    )


async def _out(db: Db, caller: identity.Caller, rule: Rule) -> RuleOut:
    order = [one.id for one in await sorting.list_rules(db, owner=caller.owner)]
    return RuleOut.of(rule, order.index(rule.id) + 1)


async def _apply(caller: identity.Caller, rule_id: RuleId | None) -> AppliedOut:
    async with caller.unit_of_work() as db:
        done = await sorting.apply_rules(
            db, owner=caller.owner, rule_id=rule_id, now=caller.now, actor=caller.actor
        )
    return AppliedOut(changed=done.rows, edit=done.edit_id)
