"""The command ``rules``: a person's rules in a terminal: write, order, look, run."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Any

import typer

from strongroom import transactions
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.errors import Refused
from strongroom.core.ids import AccountId, CategoryId, UserId
from strongroom.core.money import Currency, currency
from strongroom.core.plain import amount_text, plain
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

app = typer.Typer(
    no_args_is_help=True, help="Rules that sort your rows: list, add, change, run, order."
)

RuleName = Annotated[str, typer.Argument(help="The rule (rul_…), as `rules list` shows it.")]


class BadDirection(Refused):
    """A direction is neither in nor out."""


@dataclass(frozen=True, slots=True)
class _Names:
    """What categories are called: by id or key, and back."""

    by_text: dict[str, CategoryId]
    by_id: dict[CategoryId, str]

    def read(self, text: str, field: str) -> CategoryId:
        if text not in self.by_text:
            raise transactions.CategoryNotFound("There is no such category.", field=field)
        return self.by_text[text]


@app.command("list")
def list_(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List your rules in the order in which they are run."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> tuple[list[Rule], _Names]:
        async with session.work() as (db, owner):
            return await sorting.list_rules(db, owner=owner), await _names(db, owner)

    rules, names = session.run(work())
    if session.as_json:
        session.print_json([_json(one) for one in rules])
        return
    session.print_table(
        ["Id", "Name", "When", "Then", ">Rows", ""],
        [
            (ids.show("rul", one.id), one.name, _when(one), _then(one, names), one.touched,
             "" if one.runs else "off" if not one.is_on else "took too long")
            for one in rules
        ],
        empty="No rules. Make one with: strongroom rules add",
    )  # fmt: skip


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Option(help="What to call it.")] = "",
    merchant: Annotated[list[str] | None, typer.Option(help="The merchant; repeatable.")] = None,
    merchant_how: Annotated[How, typer.Option(help="How merchants are compared.")] = How.IS,
    text: Annotated[list[str] | None, typer.Option(help="A text in the row; repeatable.")] = None,
    text_how: Annotated[How, typer.Option(help="How texts are compared.")] = How.CONTAINS,
    without: Annotated[list[str] | None, typer.Option(help="A text not in the row.")] = None,
    amount_from: Annotated[str, typer.Option(help="At least this much, without sign.")] = "",
    amount_to: Annotated[str, typer.Option(help="At most this much, without sign.")] = "",
    code: Annotated[str, typer.Option("--currency", help="Only this currency.")] = "",
    direction: Annotated[Direction | None, typer.Option(help="Money in or out.")] = None,
    since: terminal.Since = None,
    until: terminal.Until = None,
    account: Annotated[list[str] | None, typer.Option(help="Account (acc_…); repeatable.")] = None,
    category: Annotated[str, typer.Option(help="Puts rows there (key or cat_…).")] = "",
    transfer: Annotated[bool, typer.Option("--transfer", help="Marks as own transfer.")] = False,
    rename: Annotated[str, typer.Option(help="Calls the merchant so.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="Puts this tag on; repeatable.")] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="Splits: CATEGORY=PERCENT; repeatable.")
    ] = None,
    review: Annotated[bool, typer.Option("--review", help="Marks as reviewed.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Also to rows there are.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what it would do.")] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Make a rule, below all others. It sorts rows that come; with --apply those there are too."""
    session = terminal.session(ctx, json=json, person=person)
    asked = Conditions(
        merchant_how=merchant_how,
        merchants=tuple(merchant or ()),
        text_how=text_how,
        texts=tuple(text or ()),
        without=tuple(without or ()),
        amount_from=_number(amount_from, "--amount-from"),
        amount_to=_number(amount_to, "--amount-to"),
        currency=currency(code) if code else None,
        direction=direction,
        since=since and since.date(),
        until=until and until.date(),
        accounts=tuple(AccountId(ids.parse("acc", one)) for one in account) if account else None,
    )
    sets = Actions(transfer=transfer, merchant=rename, tags=tuple(tag or ()), review=review)
    session.run(_add(session, Draft(name, asked, sets), category, part or [], apply, dry_run))


async def _add(
    session: terminal.Session,
    draft: Draft,
    category: str,
    parts: list[str],
    apply: bool,
    dry_run: bool,
) -> None:
    async with session.work() as (db, owner):
        names = await _names(db, owner)
        sets = Actions(
            category_id=names.read(category, "category") if category else None,
            transfer=draft.actions.transfer,
            merchant=draft.actions.merchant,
            tags=draft.actions.tags,
            parts=tuple(_part(one, names) for one in parts),
            review=draft.actions.review,
        )
        draft = Draft(draft.name, draft.conditions, sets)
        if dry_run:
            told = await sorting.dry_run(db, owner=owner, draft=draft, now=session.now())
            _print_dry_run(session, told, names)
            return
        rule = await sorting.add_rule(db, owner=owner, draft=draft, now=session.now(), actor="cli")
        changed = 0
        if apply:
            done = await sorting.apply_rules(
                db, owner=owner, rule_id=rule.id, now=session.now(), actor="cli"
            )
            changed = done.rows
    if session.as_json:
        session.print_json({**_json(rule), "changed": changed})
        return
    session.say(f"{ids.show('rul', rule.id)}: {_when(rule)}: {_then(rule, names)}.")
    if apply:
        session.say(f"{changed} rows were changed.")


@app.command()
def change(
    ctx: typer.Context,
    rule: RuleName,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    merchant: Annotated[list[str] | None, typer.Option(help="The merchant; repeatable.")] = None,
    merchant_how: Annotated[How | None, typer.Option(help="How merchants are compared.")] = None,
    text: Annotated[list[str] | None, typer.Option(help="A text in the row; repeatable.")] = None,
    text_how: Annotated[How | None, typer.Option(help="How texts are compared.")] = None,
    without: Annotated[list[str] | None, typer.Option(help="A text not in the row.")] = None,
    amount_from: Annotated[str | None, typer.Option(help="At least this, without sign.")] = None,
    amount_to: Annotated[str | None, typer.Option(help="At most this, without sign.")] = None,
    code: Annotated[str | None, typer.Option("--currency", help="Only this currency.")] = None,
    direction: Annotated[str | None, typer.Option(help="Money in or out.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day on, such as 2026-11-20.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to this day.")] = None,
    account: Annotated[list[str] | None, typer.Option(help="Account (acc_…); repeatable.")] = None,
    category: Annotated[str | None, typer.Option(help="Puts rows there (key or cat_…).")] = None,
    transfer: Annotated[bool | None, typer.Option(help="Marks as own transfer.")] = None,
    rename: Annotated[str | None, typer.Option(help="Calls the merchant so.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Puts this tag on; repeatable.")] = None,
    part: Annotated[
        list[str] | None, typer.Option(help="Splits: CATEGORY=PERCENT; repeatable.")
    ] = None,
    review: Annotated[bool | None, typer.Option(help="Marks as reviewed.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Write a rule anew in its place; what is left out stays, an empty text takes a part away.

    What it did to rows stays: see what it would do now with `preview`, and do it with `apply`.
    """
    session = terminal.session(ctx, json=json, person=person)
    asked = _told(merchants=merchant, texts=text, without=without, merchant_how=merchant_how,
                  text_how=text_how)  # fmt: skip
    for key, told, read in (
        ("amount_from", amount_from, terminal.number),
        ("amount_to", amount_to, terminal.number),
        ("currency", code, _currency),
        ("direction", direction, _direction),
        ("since", since, terminal.day),
        ("until", until, terminal.day),
    ):
        if told is not None:
            asked[key] = read(told, field="--" + key.replace("_", "-")) if told else None
    if account is not None:
        asked["accounts"] = (
            tuple(AccountId(ids.parse("acc", one)) for one in account if one) or None
        )
    sets = _told(transfer=transfer, merchant=rename, tags=tag, review=review)
    session.run(_change(session, _id(rule), name, asked, sets, category, part))


async def _change(
    session: terminal.Session,
    rule_id: RuleId,
    name: str | None,
    asked: dict[str, Any],
    sets: dict[str, Any],
    category: str | None,
    parts: list[str] | None,
) -> None:
    async with session.work() as (db, owner):
        names = await _names(db, owner)
        was = await sorting.get_rule(db, owner=owner, rule_id=rule_id)
        if category is not None:
            sets["category_id"] = names.read(category, "--category") if category else None
        if parts is not None:
            sets["parts"] = tuple(_part(one, names) for one in parts if one)
        draft = Draft(
            was.name if name is None else name,
            replace(was.conditions, **asked),
            replace(was.actions, **sets),
            was.is_on,
        )
        rule = await sorting.change_rule(
            db, owner=owner, rule_id=rule_id, draft=draft, now=session.now(), actor="cli"
        )
    if session.as_json:
        session.print_json(_json(rule))
    session.say(f"{ids.show('rul', rule.id)}: {_when(rule)}: {_then(rule, names)}.")


@app.command()
def preview(
    ctx: typer.Context,
    rule: RuleName,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what a rule would change in the book as it stands; nothing is stored."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> tuple[DryRun, _Names]:
        async with session.work() as (db, owner):
            found = await sorting.get_rule(db, owner=owner, rule_id=_id(rule))
            draft = Draft(found.name, found.conditions, found.actions, found.is_on)
            told = await sorting.dry_run(
                db, owner=owner, draft=draft, rule_id=found.id, now=session.now()
            )
            return told, await _names(db, owner)

    _print_dry_run(session, *session.run(work()))


@app.command()
def apply(
    ctx: typer.Context,
    rule: Annotated[str | None, typer.Argument(help="One rule (rul_…); all without it.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Run a rule, or all of them, over the whole book. Again, it changes nothing."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> int:
        async with session.work() as (db, owner):
            done = await sorting.apply_rules(
                db,
                owner=owner,
                rule_id=None if rule is None else _id(rule),
                now=session.now(),
                actor="cli",
            )
            return done.rows

    changed = session.run(work())
    if session.as_json:
        session.print_json({"changed": changed})
    session.say(f"{changed} rows were changed.")


@app.command()
def move(
    ctx: typer.Context,
    rule: RuleName,
    place: Annotated[int, typer.Argument(min=1, help="Where to; 1 is the top.")],
    person: terminal.AsPerson = None,
) -> None:
    """Put a rule at another place: those above it come first."""
    session = terminal.session(ctx, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await sorting.move_rule(
                db, owner=owner, rule_id=_id(rule), to=place, now=session.now(), actor="cli"
            )

    session.run(work())
    session.say("Moved.")


@app.command()
def on(ctx: typer.Context, rule: RuleName, person: terminal.AsPerson = None) -> None:
    """Switch a rule on."""
    _switch(terminal.session(ctx, person=person), rule, is_on=True)


@app.command()
def off(ctx: typer.Context, rule: RuleName, person: terminal.AsPerson = None) -> None:
    """Switch a rule off."""
    _switch(terminal.session(ctx, person=person), rule, is_on=False)


def _switch(session: terminal.Session, rule: str, *, is_on: bool) -> None:
    async def work() -> None:
        async with session.work() as (db, owner):
            await sorting.set_rule_on(
                db, owner=owner, rule_id=_id(rule), is_on=is_on, now=session.now(), actor="cli"
            )

    session.run(work())
    session.say("It is on." if is_on else "It is off.")


@app.command()
def delete(ctx: typer.Context, rule: RuleName, person: terminal.AsPerson = None) -> None:
    """Delete a rule. What it did to rows stays."""
    session = terminal.session(ctx, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await sorting.delete_rule(
                db, owner=owner, rule_id=_id(rule), now=session.now(), actor="cli"
            )

    session.run(work())
    session.say("Deleted. What it did to rows stays.")


def _id(text: str) -> RuleId:
    return RuleId(ids.parse("rul", text))


def _number(text: str, field: str) -> Decimal | None:
    return terminal.number(text, field=field) if text else None


def _told(**given: Any) -> dict[str, Any]:
    """Return what was given of a rule's parts; lists as the tuples that it holds."""
    return {
        key: tuple(one) if isinstance(one, list) else one
        for key, one in given.items()
        if one is not None
    }


def _currency(text: str, *, field: str) -> Currency:
    return currency(text)


def _direction(text: str, *, field: str) -> Direction:
    if text not in {one.value for one in Direction}:
        raise BadDirection(f"{text[:20]!r} is neither in nor out.", field=field)
    return Direction(text)


def _part(text: str, names: _Names) -> Part:
    category, _, percent = text.rpartition("=")
    share = _number(percent, "--part")
    if not category or share is None:
        raise terminal.NotANumber(f"{text!r} is not CATEGORY=PERCENT.", field="--part")
    return Part(names.read(category, "--part"), share)


async def _names(db: Db, owner: UserId) -> _Names:
    known = await transactions.categories(db, owner=owner)
    by_text = {ids.show("cat", one.id): one.id for one in known}
    by_text |= {one.key: one.id for one in known if one.key is not None}
    return _Names(by_text, {one.id: one.name or one.key or "" for one in known})


def _when(rule: Rule) -> str:
    asked = rule.conditions
    said = [
        f"merchant {asked.merchant_how} {' or '.join(asked.merchants)}" if asked.merchants else "",
        f"text {asked.text_how} {' or '.join(asked.texts)}" if asked.texts else "",
        f"without {' or '.join(asked.without)}" if asked.without else "",
        "" if asked.amount_from is None else f"from {asked.amount_from:f}",
        "" if asked.amount_to is None else f"to {asked.amount_to:f}",
        asked.currency or "",
        "" if asked.direction is None else f"money {asked.direction}",
        "" if asked.since is None else f"since {asked.since}",
        "" if asked.until is None else f"until {asked.until}",
        "" if asked.accounts is None else f"on {len(asked.accounts)} accounts",
    ]
    return ", ".join(filter(None, said))


def _then(rule: Rule, names: _Names) -> str:
    sets = rule.actions
    said = [
        "" if sets.category_id is None else names.by_id.get(sets.category_id, ""),
        "own transfer" if sets.transfer else "",
        "" if sets.merchant is None else f"called {sets.merchant}",
        *(f"#{one}" for one in sets.tags),
        *(f"{one.percent.normalize():f} % {names.by_id[one.category_id]}" for one in sets.parts),
        "reviewed" if sets.review else "",
    ]
    return ", ".join(filter(None, said))


def _print_dry_run(session: terminal.Session, told: DryRun, names: _Names) -> None:
    if session.as_json:
        rows = [{**plain(one), "id": ids.show("trn", one.id)} for one in told.rows]
        session.print_json({**plain(told), "rows": rows})
        return
    session.say(
        f"{told.met} rows fit, {told.changed} would change; chosen by you: {told.by_person}, "
        f"set by a rule above: {told.by_rule}."
    )
    session.print_table(
        ["Day", "What", ">Amount", "", "Category", "Would be"],
        [
            (
                one.day,
                one.title,
                amount_text(one.amount.amount, one.amount.currency),
                one.amount.currency,
                names.by_id.get(one.category_id, ""),
                _would_be(one, names),
            )
            for one in told.rows
        ],
    )


def _would_be(one: sorting.WouldChange, names: _Names) -> str:
    said = [
        "" if one.new_category_id is None else names.by_id[one.new_category_id],
        one.new_merchant or "",
        *(f"#{tag}" for tag in one.new_tags),
        *(f"{amount.amount:f} {names.by_id[part]}" for part, amount in one.new_parts),
        "reviewed" if one.new_review else "",
    ]
    return ", ".join(filter(None, said))


def _json(rule: Rule) -> dict[str, Any]:
    sets = rule.actions
    accounts = rule.conditions.accounts
    return {
        **plain(rule),
        "id": ids.show("rul", rule.id),
        "conditions": {
            **plain(rule.conditions),
            "accounts": None if accounts is None else [ids.show("acc", one) for one in accounts],
        },
        "actions": {
            **plain(sets),
            "category_id": None if sets.category_id is None else ids.show("cat", sets.category_id),
            "parts": [
                {"category": ids.show("cat", one.category_id), "percent": str(one.percent)}
                for one in sets.parts
            ],
        },
    }
