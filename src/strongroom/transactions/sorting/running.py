"""Running a person's rules over rows of the book: new ones, all of them, or only to see.

The book's turn is taken and its sums are made anew by whoever brings new rows; a run over the
whole book does both itself.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from strongroom import audit, identity
from strongroom.core import ids
from strongroom.core.bulk import in_bulk
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import journal, marking, tags, totals
from strongroom.transactions.marking import Marked
from strongroom.transactions.service import categories
from strongroom.transactions.sorting import checking, deciding, queries, row_queries
from strongroom.transactions.sorting.deciding import Ready, RuleTookTooLong
from strongroom.transactions.sorting.service import checked, get_rule, list_rules
from strongroom.transactions.sorting.types import (
    Applied,
    Change,
    Conditions,
    Draft,
    DryRun,
    Row,
    Rule,
    RuleId,
    Verdict,
    WouldChange,
)
from strongroom.transactions.tags import queries as tag_queries
from strongroom.transactions.types import Kind
from strongroom.ui import N_

_TRANSFER = "own_transfer"
_AT_ONCE = 5_000
_SHOWN = 50
_NO_DIGITS = str.maketrans("", "", "0123456789")


async def sort_staged(db: Db, *, owner: UserId, now: datetime) -> int:
    """Run the rules over the rows that a sync has just written; return how many they changed.

    Part of the sync's own unit of work: the months it sums anew are those of these rows. A rule
    whose pattern takes too long is kept out from then on, and never keeps a bank's rows out.
    """
    if not await queries.any_that_run(db, owner):
        return 0
    done = await _sort(db, owner, _seen(await row_queries.staged(db, owner)), now)
    await journal.because(db, cause="sync", now=now)
    return done


async def sort_imported(db: Db, *, owner: UserId, import_id: UUID, now: datetime) -> int:
    """Run the rules over the rows that an import brought; return how many they changed.

    After all that the file itself says of them, in the same unit of work.
    """
    await totals.take_turn(db, owner)
    if not await queries.any_that_run(db, owner):
        return 0
    async with in_bulk(db):
        rows = _seen(await row_queries.imported(db, owner, import_id))
    done = await _sort(db, owner, rows, now)
    if done:
        months = await totals.months_of(db, owner, [row.id for row in rows])
        await totals.roll_up(db, owner, months)
    await journal.because(db, cause="file", now=now, cause_id=import_id)
    return done


async def sort_written(
    db: Db, *, owner: UserId, transaction_id: TransactionId, now: datetime
) -> int:
    """Run the rules over a row that the person has just written down; return 1 if they changed it.

    In the unit of work that wrote it, before its month is summed. What the person chose stays.
    """
    if not await queries.any_that_run(db, owner):
        return 0
    return await _sort(db, owner, _seen(await row_queries.written(db, owner, transaction_id)), now)


async def _sort(db: Db, owner: UserId, rows: Sequence[Row], now: datetime) -> int:
    """Run all rules over rows, leaving out any that turns out to take too long."""
    if not rows:
        return 0
    rules = await list_rules(db, owner=owner, counted=False)
    transfer = await _transfer(db, owner)
    while True:
        try:
            verdicts = await _decide(db, owner, rows, deciding.ready(rules, transfer))
        except RuleTookTooLong as problem:
            kept_out = next(one for one in rules if one.id == problem.rule_id)
            await _keep_out(db, owner, kept_out, problem.pattern, now)
            rules = [one for one in rules if one.id != problem.rule_id]
            continue
        return len(await _write(db, owner, verdicts, now))


async def _keep_out(db: Db, owner: UserId, rule: Rule, pattern: str, now: datetime) -> None:
    """Run a rule no more until it is changed, and tell its owner."""
    await queries.keep_out(db, owner, rule.id, pattern, now)
    await identity.notify(
        db,
        owner=owner,
        type="rule",
        title=N_("The rule “%(name)s” is not run any more."),
        body=N_("Its pattern “%(pattern)s” did not come to an end. Rows come in without it."),
        link=f"/settings/rules/{ids.show('rul', rule.id)}",
        arguments={"name": rule.name, "pattern": pattern},
        now=now,
    )
    await audit.record(
        db, owner=owner, actor="system", action="transactions.rule_kept_out",
        resource_type="rule", resource_id=str(rule.id), now=now,
    )  # fmt: skip


async def dry_run(
    db: Db, *, owner: UserId, draft: Draft, rule_id: RuleId | None = None, now: datetime
) -> DryRun:
    """Return what a rule would do to the book, in its place among the others; nothing is changed.

    ``rule_id`` is the rule that the draft would replace; a new one goes below all others. It is
    looked at as if it were switched on. Raises the refusals of ``checking``.
    """
    draft = await checked(db, owner=owner, draft=draft, rule_id=rule_id)
    rules = await list_rules(db, owner=owner, counted=False)
    tried = _as_rule(draft, rule_id, now)
    rules = deciding.without_rule(rules, rule_id, tried)
    found = await _over_book(db, owner, rules, tried)
    changed = [(row, verdict) for row, verdict in found if _by(verdict.changes, tried.id)]
    kept = [
        {why for rule, why in verdict.left if rule == tried.id}
        for _, verdict in found
        if not _by(verdict.changes, tried.id)
    ]
    by_person = sum(deciding.PERSON in whys for whys in kept)
    return DryRun(
        met=sum(tried.id in verdict.met for _, verdict in found),
        changed=len(changed),
        by_person=by_person,
        by_rule=sum(deciding.ABOVE in whys for whys in kept if deciding.PERSON not in whys),
        rows=[_shown(row, _by(verdict.changes, tried.id)) for row, verdict in changed[:_SHOWN]],
    )


async def apply_rules(
    db: Db,
    *,
    owner: UserId,
    now: datetime,
    rule_id: RuleId | None = None,
    actor: str = "person",
) -> Applied:
    """Run one rule, or all of them, over the whole book; running again changes nothing.

    One act of the person, which is undone as a whole by its ``edit_id``. Raises ``RuleNotFound``,
    and ``BadPattern`` for a pattern that takes too long; then nothing was changed.
    """
    await totals.take_turn(db, owner)
    only = None if rule_id is None else await get_rule(db, owner=owner, rule_id=rule_id)
    rules = await list_rules(db, owner=owner, counted=False)
    if only is not None:  # one that is switched off is run when it is asked for by name
        rules = [replace(one, is_on=True) if one.id == only.id else one for one in rules]
    found = await _over_book(db, owner, rules, only)
    edit_id = new_id()
    verdicts = [
        (row, replace(verdict, changes=_by(verdict.changes, rule_id))) for row, verdict in found
    ]
    changed = await _write(db, owner, verdicts, now, edit_id)
    months = await totals.months_of(db, owner, list(changed)) if changed else []
    if changed:
        await totals.roll_up(db, owner, months)
        await audit.record(
            db, owner=owner, actor=actor, action="transactions.apply_rules",
            resource_type="rule", resource_id=None if rule_id is None else str(rule_id),
            details={"count": len(changed)}, now=now,
        )  # fmt: skip
    by_rule: defaultdict[RuleId, int] = defaultdict(int)
    for rules_of_row in changed.values():
        for one in rules_of_row:
            by_rule[one] += 1
    return Applied(len(changed), dict(by_rule), months, edit_id if changed else None)


async def _over_book(
    db: Db, owner: UserId, rules: Sequence[Rule], only: Rule | None
) -> list[tuple[Row, Verdict]]:
    """Return the rows of the book that meet a rule, newest first, and what is decided of them.

    With ``only``, the rows that meet that one. Raises ``BadPattern``.
    """
    ready = deciding.ready(rules, await _transfer(db, owner))
    meets = deciding.finder(ready, None if only is None else only.id)
    found: list[Row] = []
    try:
        async for batch in row_queries.book(db, owner, _narrowed(rules, only), _AT_ONCE):
            found += await asyncio.to_thread(_those_that_meet, batch, meets)
        return await _decide(db, owner, found, ready)
    except RuleTookTooLong as problem:
        raise _refusal(problem, rules) from None


def _those_that_meet(
    batch: Sequence[row_queries.SeenRow], meets: Callable[[Row], bool]
) -> list[Row]:
    return [row for row in _seen(batch) if meets(row)]


async def _decide(
    db: Db, owner: UserId, rows: Sequence[Row], ready: Sequence[Ready]
) -> list[tuple[Row, Verdict]]:
    known = await _marked(db, owner, rows)
    return [*zip(known, await asyncio.to_thread(_all, known, ready), strict=True)]


def _all(rows: Sequence[Row], ready: Sequence[Ready]) -> list[Verdict]:
    return [deciding.decide(row, ready) for row in rows]


async def _marked(db: Db, owner: UserId, rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their tags and what rules did on them before."""
    found = {one.id: one for one in await row_queries.marked(db, owner, [row.id for row in rows])}
    return [
        row
        if (one := found.get(row.id)) is None
        else replace(row, tags=frozenset(one.tags), done=frozenset(map(_mark, one.done)))
        for row in rows
    ]


def _mark(text: str) -> tuple[str, str]:
    field, _, value = text.partition(" ")
    return field, value


async def _write(
    db: Db,
    owner: UserId,
    verdicts: Iterable[tuple[Row, Verdict]],
    now: datetime,
    edit_id: UUID | None = None,
) -> dict[UUID, set[RuleId]]:
    """Write what was decided, rule by rule, each in its own name; return whose hand each got."""
    by_rule: defaultdict[RuleId, list[tuple[Row, list[Change]]]] = defaultdict(list)
    changed: defaultdict[UUID, set[RuleId]] = defaultdict(set)
    for row, verdict in verdicts:
        for rule_id in dict.fromkeys(one.rule_id for one in verdict.changes):
            by_rule[rule_id].append((row, _by(verdict.changes, rule_id)))
            changed[row.id].add(rule_id)
    for rule_id, work in by_rule.items():
        await journal.because(db, cause="rule", now=now, cause_id=rule_id, edit_id=edit_id)
        await _write_one(db, owner, rule_id, work, now)
    return changed


async def _write_one(
    db: Db, owner: UserId, rule_id: RuleId, work: Sequence[tuple[Row, list[Change]]], now: datetime
) -> None:
    facts: list[tuple[UUID, UUID | None, str | None, bool]] = []
    tagged: defaultdict[str, list[TransactionId]] = defaultdict(list)
    parts: dict[UUID, tuple[tuple[CategoryId, Decimal], ...]] = {}
    marks: list[tuple[UUID, str, str, str | None]] = []
    for row, changes in work:
        sets: Mapping[str, Any] = {one.field: one.value for one in changes if one.field != "tag"}
        if {"category", "merchant", "review"} & sets.keys():
            facts.append((row.id, sets.get("category"), sets.get("merchant"), "review" in sets))
        if "split" in sets:
            parts[row.id] = sets["split"]
        for field in sets:
            marks.append((row.id, field, "", row.merchant if field == "merchant" else None))
        for one in changes:
            if one.field == "tag":
                tagged[str(one.value)].append(row.id)
    if facts:
        await row_queries.set_facts(db, owner, facts, now)
    if parts:
        await _split(db, owner, parts, now)
    for name, rows in tagged.items():
        await tags.tag_by_rule(db, owner=owner, transaction_ids=rows, names=[name], now=now)
        (tag_id,) = await tag_queries.find(db, owner, [name])
        marks += [(row_id, "tag", str(tag_id), None) for row_id in rows]
    await row_queries.mark(db, owner, rule_id, marks, now)


async def _split(
    db: Db,
    owner: UserId,
    parts: Mapping[UUID, Sequence[tuple[CategoryId, Decimal]]],
    now: datetime,
) -> None:
    await row_queries.add_parts(
        db,
        owner,
        [
            (row_id, number, category_id, amount)
            for row_id, of_row in parts.items()
            for number, (category_id, amount) in enumerate(of_row, 1)
        ],
        now,
    )
    told = [
        Marked(row_id, {"parts": []}, {"parts": [_told_part(*one) for one in of_row]})
        for row_id, of_row in parts.items()
    ]
    await marking.write_down(db, owner, told)


def _told_part(category_id: CategoryId, amount: Decimal) -> dict[str, str | None]:
    """Return a part as the journal tells it."""
    return {"category_id": str(category_id), "amount": f"{amount.normalize():f}", "note": None}


def _by(changes: Iterable[Change], rule_id: RuleId | None) -> list[Change]:
    """Return the changes that a rule makes; those of all rules for None."""
    return [one for one in changes if rule_id is None or one.rule_id == rule_id]


def _narrowed(rules: Sequence[Rule], only: Rule | None) -> dict[str, Any]:
    """Return what the database may leave out by itself: rows that cannot meet the rule."""
    asked = Conditions() if only is None else only.conditions
    told = None if only is None else deciding.needles(rules, only)
    bare = [one.translate(_NO_DIGITS) for one in told or ()]
    return {
        "accounts": None if asked.accounts is None else list(asked.accounts),
        "since": asked.since,
        "until": asked.until,
        "amount_from": asked.amount_from,
        "amount_to": asked.amount_to,
        "currency": asked.currency,
        "needles": bare if bare and all(bare) else None,
    }


def _as_rule(draft: Draft, rule_id: RuleId | None, now: datetime) -> Rule:
    return Rule(
        id=rule_id or RuleId(new_id()),
        name=draft.name,
        position=0,
        is_on=True,
        conditions=draft.conditions,
        actions=draft.actions,
        kept_out_because=None,
        created_at=now,
        updated_at=now,
    )


def _refusal(problem: RuleTookTooLong, rules: Sequence[Rule]) -> checking.BadPattern:
    rule = next(one for one in rules if one.id == problem.rule_id)
    field = "merchants" if problem.pattern in rule.conditions.merchants else "texts"
    return checking.too_slow(problem.pattern, field)


async def _transfer(db: Db, owner: UserId) -> CategoryId:
    """Return the category that a transfer between own accounts stands in."""
    known = await categories(db, owner=owner)
    for one in known:
        if one.key == _TRANSFER:
            return one.id
    return next(one.id for one in known if one.kind is Kind.TRANSFER)


def _seen(rows: Iterable[row_queries.SeenRow]) -> list[Row]:
    return [
        Row(
            id=TransactionId(row.id),
            account_id=AccountId(row.account_id),
            day=row.day,
            amount=row.amount,
            currency=Currency(row.currency),
            description=row.description,
            merchant=row.merchant,
            shown_merchant=row.shown_merchant,
            merchant_by=row.merchant_by,
            category_id=CategoryId(row.category_id),
            category_by=row.category_by,
            note=row.note,
            needs_review=row.needs_review,
            is_split=row.is_split,
        )
        for row in rows
    ]


def _shown(row: Row, changes: Sequence[Change]) -> WouldChange:
    sets: Mapping[str, Any] = {one.field: one.value for one in changes if one.field != "tag"}
    return WouldChange(
        id=row.id,
        day=row.day,
        title=row.shown_merchant or row.description,
        account_id=row.account_id,
        amount=Money(row.amount, row.currency),
        category_id=row.category_id,
        new_category_id=sets.get("category"),
        new_merchant=sets.get("merchant"),
        new_tags=tuple(str(one.value) for one in changes if one.field == "tag"),
        new_parts=tuple(
            (category_id, Money(amount, row.currency))
            for category_id, amount in sets.get("split", ())
        ),
        new_review="review" in sets,
    )
