"""The commands of a person's own hand: add, change, delete, undo, history, what is the same."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from strongroom import accounts, identity, transactions, ui
from strongroom.core import ids, terminal
from strongroom.core.db import Db
from strongroom.core.ids import AccountId, CategoryId, TransactionId, UserId, new_id
from strongroom.core.money import Money
from strongroom.core.plain import amount_text, plain
from strongroom.core.time import today
from strongroom.transactions import manual
from strongroom.transactions.manual import EntryChange, NewEntry, RowChange
from strongroom.transactions.manual.telling import act_title

One = Annotated[str, typer.Argument(metavar="ID", help="The transaction (trn_…).")]
Many = Annotated[list[str], typer.Argument(metavar="ID...", help="Transactions (trn_…).")]
Amount = "In the account's currency; below zero is money out, such as --amount=-45.50."


def add(
    ctx: typer.Context,
    text: Annotated[str, typer.Argument(help="What it was, such as the shop.")],
    amount: Annotated[str, typer.Option(help=Amount)],
    account: Annotated[str, typer.Option(help="The account (acc_…).")],
    day: Annotated[
        datetime | None,
        typer.Option(parser=terminal.written_day, metavar=terminal.DAY, help="Today, if left out."),
    ] = None,
    category: Annotated[str, typer.Option(help="An id (cat_…) or a key such as gifts.")] = "",
    note: Annotated[str, typer.Option(help="A note.")] = "",
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Write a transaction down that no bank or file told."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId) -> dict[str, Any]:
        account_id = AccountId(ids.parse("acc", account))
        found = await accounts.get(db, owner=owner, account_id=account_id)
        new = NewEntry(
            account_id=account_id,
            day=day.date() if day else await _today(db, owner, session.now()),
            amount=Money(ui.parse_amount(amount, "en"), found.currency),
            text=text,
            category_id=await _category(db, owner, category),
            note=note,
        )
        made, edit = await manual.add(db, owner=owner, new=new, now=session.now())
        await manual.look_at(
            db, owner=owner, transaction_id=made, account_id=account_id, now=session.now()
        )
        return {"id": ids.show("trn", made), **_edit(edit)}

    _do(session, work, "Written down: {id}. Undo with: strongroom transactions undo {edit}")


def change(
    ctx: typer.Context,
    which: Many,
    category: Annotated[str, typer.Option(help="An id (cat_…) or a key such as gifts.")] = "",
    merchant: Annotated[str | None, typer.Option(help="Empty: what the bank says.")] = None,
    note: Annotated[str | None, typer.Option(help="Empty: none.")] = None,
    reviewed: Annotated[bool | None, typer.Option(help="Whether you looked at it.")] = None,
    text: Annotated[str | None, typer.Option(help="Of what you wrote: what it was.")] = None,
    amount: Annotated[str | None, typer.Option(help="Of what you wrote. " + Amount)] = None,
    day: Annotated[
        datetime | None,
        typer.Option(
            parser=terminal.written_day, metavar=terminal.DAY, help="Of what you wrote: its day."
        ),
    ] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Change transactions as one act; what is left out stays."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId) -> dict[str, Any]:
        rows, edit_id, now = [_row(one) for one in which], new_id(), session.now()
        changed = 0
        for row in rows if (text, amount, day) != (None, None, None) else []:
            told = await transactions.get(db, owner=owner, transaction_id=row)
            facts = EntryChange(
                day=day.date() if day else None,
                amount=None
                if amount is None
                else Money(ui.parse_amount(amount, "en"), told.amount.currency),
                text=text,
            )
            done = await manual.change_entry(
                db, owner=owner, transaction_id=row, change=facts, now=now, edit_id=edit_id
            )
            changed += done.changed
        marks = RowChange(await _category(db, owner, category), merchant, note, reviewed)
        edit = await manual.change(
            db, owner=owner, transaction_ids=rows, change=marks, now=now, edit_id=edit_id
        )
        return {"edit": ids.show("edt", edit_id), "changed": max(changed, edit.changed)}

    _do(session, work, "{changed} changed. Undo with: strongroom transactions undo {edit}")


def delete(
    ctx: typer.Context, which: Many, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """Delete what you wrote down; for 90 days it can be undone."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId) -> dict[str, Any]:
        rows = [_row(one) for one in which]
        now = session.now()
        return _edit(await manual.delete(db, owner=owner, transaction_ids=rows, now=now))

    _do(session, work, "{changed} deleted. Undo with: strongroom transactions undo {edit}")


def undo(
    ctx: typer.Context,
    edit: Annotated[str, typer.Argument(help="The change (edt_…), as `changes` shows it.")],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Take a change back, and all that it did; undoing can be undone as well."""
    session = terminal.session(ctx, json=json, person=person)

    async def work(db: Db, owner: UserId) -> dict[str, Any]:
        now, edit_id = session.now(), ids.parse("edt", edit)
        return _edit(await manual.undo(db, owner=owner, edit_id=edit_id, now=now))

    _do(session, work, "{changed} undone. Undo that with: strongroom transactions undo {edit}")


def changes(
    ctx: typer.Context, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """List what you changed in the last 90 days, the newest first."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_changes(session))


async def _changes(session: terminal.Session) -> None:
    async with session.work() as (db, owner):
        acts = await manual.acts(db, owner=owner, now=session.now())
    if session.as_json:
        session.print_json([{**plain(act), "id": ids.show("edt", act.id)} for act in acts])
        return
    rows = [
        (act.at.date(), act_title(act), "undone" if act.undone else "", ids.show("edt", act.id))
        for act in acts
    ]
    session.print_table(["Day", "What", "", "Id"], rows, empty="You changed nothing lately.")


def history(
    ctx: typer.Context, which: One, json: terminal.AsJson = False, person: terminal.AsPerson = None
) -> None:
    """Show what happened to a transaction since it came, and by whose hand."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_history(session, _row(which)))


async def _history(session: terminal.Session, row: TransactionId) -> None:
    async with session.work() as (db, owner):
        await transactions.get(db, owner=owner, transaction_id=row)
        lines = await manual.history(db, owner=owner, transaction_id=row)
    if session.as_json:
        session.print_json(
            [
                {**plain(line), "edit_id": line.edit_id and ids.show("edt", line.edit_id)}
                for line in lines
            ]
        )
        return
    rows = [
        (line.at.date(), line.cause, ", ".join(line.after or line.before or {}), _of(line))
        for line in lines
    ]
    session.print_table(["Day", "By", "What", "Undo with"], rows, empty="Nothing so far.")


def same(
    ctx: typer.Context,
    which: Annotated[str, typer.Argument(help="A question (mrg_…) to answer.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="The two are one.")] = False,
    no: Annotated[bool, typer.Option("--no", help="They are two.")] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Show what you wrote that a bank may have told since, or answer with --yes or --no."""
    session = terminal.session(ctx, json=json, person=person)
    if which and yes != no:
        session.run(_answer(session, ids.parse("mrg", which), yes))
        return
    session.run(_same(session))


async def _answer(session: terminal.Session, proposal_id: UUID, yes: bool) -> None:
    now, told = session.now(), dict[str, Any]()
    async with session.work() as (db, owner):
        if yes:
            kept, edit = await manual.confirm(db, owner=owner, proposal_id=proposal_id, now=now)
            told = {"id": ids.show("trn", kept), **_edit(edit)}
        else:
            await manual.reject(db, owner=owner, proposal_id=proposal_id, now=now)
    if session.as_json:
        session.print_json(told)
    session.say("They are one now." if yes else "They stay two. It is not asked again.")


async def _same(session: terminal.Session) -> None:
    async with session.work() as (db, owner):
        asked = await manual.proposals(db, owner=owner)
        pairs = [
            (
                one,
                await transactions.get(db, owner=owner, transaction_id=one.entry_id),
                await transactions.get(db, owner=owner, transaction_id=one.bank_id),
            )
            for one in asked
        ]
    if session.as_json:
        session.print_json(
            [
                {
                    **plain(one),
                    "id": ids.show("mrg", one.id),
                    "entry_id": ids.show("trn", one.entry_id),
                    "bank_id": ids.show("trn", one.bank_id),
                }
                for one in asked
            ]
        )
        return
    rows = [
        (
            f"{written.day} {written.title}",
            amount_text(written.amount.amount, written.amount.currency),
            f"{told.day} {told.title}",
            amount_text(told.amount.amount, told.amount.currency),
            one.score,
            ids.show("mrg", one.id),
        )
        for one, written, told in pairs
    ]
    columns = ["You wrote", ">Amount", "The bank told", ">Amount", ">Of 100", "Id"]
    session.print_table(columns, rows, empty="Nothing to answer.")


def _do(session: terminal.Session, work: Any, says: str) -> None:
    """Run a verb in a unit of work, and print what came of it."""

    async def run() -> None:
        async with session.work() as (db, owner):
            told = await work(db, owner)
        if session.as_json:
            session.print_json(told)
        session.say(says.format(**told))

    session.run(run())


def _row(text: str) -> TransactionId:
    return TransactionId(ids.parse("trn", text))


def _edit(edit: manual.Edit) -> dict[str, Any]:
    return {"edit": ids.show("edt", edit.id), "changed": edit.changed}


def _of(line: manual.HistoryLine) -> str:
    can = line.edit_id is not None and manual.can_be_undone(line)
    return ids.show("edt", line.edit_id) if can and line.edit_id else ""


async def _today(db: Db, owner: UserId, now: datetime) -> date:
    settings = await identity.get_settings(db, owner=owner)
    return today(now, settings.time_zone)


async def _category(db: Db, owner: UserId, text: str) -> CategoryId | None:
    if not text:
        return None
    for one in await transactions.categories(db, owner=owner):
        if text in (one.key, one.name, ids.show("cat", one.id)):
            return one.id
    raise transactions.CategoryNotFound("There is no such category.", field="category")
