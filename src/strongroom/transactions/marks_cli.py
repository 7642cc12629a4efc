"""The commands of what a person hangs on rows: tags, parts, attachments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from strongroom import transactions
from strongroom.core import ids, terminal
from strongroom.core.errors import Conflict, Refused
from strongroom.core.ids import CategoryId, TransactionId, new_id
from strongroom.core.money import Money
from strongroom.core.plain import amount_text
from strongroom.transactions import attachments, splits, tags
from strongroom.transactions.attachments import LARGEST_BYTES, Attachment, AttachmentId
from strongroom.transactions.labels import category_label
from strongroom.transactions.splits import Part, Split

One = Annotated[str, typer.Argument(metavar="ID", help="The transaction (trn_…).")]
Many = Annotated[list[str], typer.Argument(metavar="ID...", help="Transactions (trn_…).")]
Which = Annotated[str, typer.Argument(metavar="ATTACHMENT", help="What is attached (att_…).")]


class FileIsInTheWay(Conflict):
    """A file of that name is there already."""


class FileIsNotThere(Refused):
    """A file to attach cannot be read, or is larger than may be."""


def tag(
    ctx: typer.Context,
    which: Many,
    add: Annotated[list[str] | None, typer.Option(help="Put this tag on; repeatable.")] = None,
    remove: Annotated[list[str] | None, typer.Option(help="Take it off; repeatable.")] = None,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Put tags on transactions and take others off, as one act; without options show them."""
    session = terminal.session(ctx, json=json, person=person)
    session.run(_tag(session, [_row(one) for one in which], add or [], remove or []))


async def _tag(
    session: terminal.Session, rows: list[TransactionId], add: list[str], remove: list[str]
) -> None:
    edit_id, changed = new_id(), 0
    async with session.work() as (db, owner):
        if add or remove:
            changed = await tags.change_tags(
                db, owner=owner, transaction_ids=rows, add=add, remove=remove,
                now=session.now(), actor="cli", edit_id=edit_id,
            )  # fmt: skip
        for row in rows:
            await transactions.get(db, owner=owner, transaction_id=row)
        held = await tags.tags_of(db, owner=owner, transaction_ids=rows)
    edit = ids.show("edt", edit_id) if changed else None
    shown = {row: [one.name for one in held.get(row, [])] for row in rows}
    if session.as_json:
        items = [{"id": ids.show("trn", row), "tags": names} for row, names in shown.items()]
        session.print_json({"changed": changed, "edit": edit, "items": items})
        return
    for row, names in shown.items():
        session.say(f"{ids.show('trn', row)}: {', '.join(names) or 'no tags'}")
    _say_undo(session, edit)


def split(
    ctx: typer.Context,
    which: One,
    part: Annotated[
        list[str] | None,
        typer.Option(help="CATEGORY=AMOUNT, or CATEGORY=AMOUNT=NOTE; repeatable. Together they"
                     " come to the transaction: --part groceries=-30 --part gifts=-12.50."),
    ] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Make it whole again.")] = False,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:  # fmt: skip
    """Split a transaction into parts, in place of those it had; without options show them."""
    session = terminal.session(ctx, json=json, person=person)
    if part and whole:
        raise Refused("Give parts or --whole, not both.", field="--whole")
    session.run(_split(session, _row(which), part or [], changes=bool(part) or whole))


async def _split(
    session: terminal.Session, row: TransactionId, parts: list[str], *, changes: bool
) -> None:
    edit_id = new_id()
    async with session.work() as (db, owner):
        found = await splits.split_of(db, owner=owner, transaction_id=row)
        before = found
        if changes:
            known = {
                text: one.id
                for one in await transactions.categories(db, owner=owner)
                for text in (one.key, one.name, ids.show("cat", one.id))
                if text
            }
            found = await splits.split(
                db, owner=owner, transaction_id=row, parts=[_part(one, known) for one in parts],
                now=session.now(), actor="cli", edit_id=edit_id,
            )  # fmt: skip
    edit = ids.show("edt", edit_id) if found != before else None
    if session.as_json:
        session.print_json({"id": ids.show("trn", row), "edit": edit, **_split_json(found)})
        return
    session.print_table(
        ["Category", ">Amount", "", "Note"],
        [
            (category_label(one.category_key, one.category_name), *_amount(one.amount), one.note)
            for one in found.parts
        ],
        empty="It is whole.",
    )
    if found.rest:
        session.say(f"What the parts leave: {' '.join(_amount(found.rest))}")
    _say_undo(session, edit)


def _part(text: str, known: dict[str, CategoryId]) -> Part:
    category, _, rest = text.partition("=")
    amount, _, note = rest.partition("=")
    if category not in known:
        raise transactions.CategoryNotFound("There is no such category.", field="--part")
    told = terminal.number(amount, field="--part", hint="Write it as CATEGORY=-12.50.")
    return Part(known[category], told, note or None)


def _split_json(found: Split) -> dict[str, Any]:
    return {
        "parts": [
            {
                "category_id": ids.show("cat", one.category_id),
                "category_key": one.category_key,
                "category_name": one.category_name,
                "amount": one.amount,
                "note": one.note,
            }
            for one in found.parts
        ],
        "rest": found.rest,
    }


def attach(
    ctx: typer.Context,
    which: One,
    file: Annotated[
        Path, typer.Argument(help="A picture, a PDF or plain text.", exists=True, dir_okay=False)
    ],
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """Attach a file, of at most 10 MiB, to a transaction. It is stored encrypted."""
    session = terminal.session(ctx, json=json, person=person)
    made = session.run(_attach(session, _row(which), file.name, _content_of(file)))
    if session.as_json:
        session.print_json(_attachment_json(made))
    session.say(f"Attached: {ids.show('att', made.id)} ({made.media_type}).")


async def _attach(
    session: terminal.Session, row: TransactionId, name: str, content: bytes
) -> Attachment:
    async with session.services() as services:
        owner = await session.owner(services)
        async with services.database.unit_of_work(owner) as db:
            return await attachments.attach(
                db, services.vault, owner=owner, transaction_id=row, name=name, content=content,
                now=session.now(), actor="cli",
            )  # fmt: skip


def _content_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_BYTES + 1)  # one more than may be: the verb says so
    except OSError as error:
        raise FileIsNotThere(f"{file} cannot be read.", field="file") from error


def attached(
    ctx: typer.Context,
    which: One,
    json: terminal.AsJson = False,
    person: terminal.AsPerson = None,
) -> None:
    """List what is attached to a transaction."""
    session = terminal.session(ctx, json=json, person=person)

    async def work() -> list[Attachment]:
        async with session.work() as (db, owner):
            row = _row(which)
            await transactions.get(db, owner=owner, transaction_id=row)
            return await attachments.attachments_of(db, owner=owner, transaction_ids=[row])

    found = session.run(work())
    if session.as_json:
        session.print_json([_attachment_json(one) for one in found])
        return
    session.print_table(
        ["Id", "Name", "Type", ">Bytes", "Since"],
        [
            (ids.show("att", one.id), one.name, one.media_type, one.size, one.created_at.date())
            for one in found
        ],
        empty="Nothing is attached.",
    )


def fetch(
    ctx: typer.Context,
    which: Which,
    into: Annotated[
        Path | None, typer.Option("--to", help="The file; its own name if not.")
    ] = None,
    person: terminal.AsPerson = None,
) -> None:
    """Write what is attached to a file, as it was brought."""
    session = terminal.session(ctx, person=person)

    async def work() -> attachments.Opened:
        async with session.services() as services:
            owner = await session.owner(services)
            async with services.database.unit_of_work(owner) as db:
                return await attachments.open_attachment(
                    db, services.vault, owner=owner,
                    attachment_id=AttachmentId(ids.parse("att", which)),
                )  # fmt: skip

    found = session.run(work())
    # Its name is a file's own, without a folder: it is written where the person stands.
    place = into or Path(Path(found.attachment.name).name)
    try:
        with place.open("xb") as out:
            out.write(found.content)
    except FileExistsError:
        raise FileIsInTheWay(
            f"{place} is there already.", field="--to", hint="Name a file that is not."
        ) from None
    session.say(f"Written: {place}")


def detach(
    ctx: typer.Context,
    which: Which,
    person: terminal.AsPerson = None,
) -> None:
    """Remove what is attached, for good."""
    session = terminal.session(ctx, person=person)

    async def work() -> None:
        async with session.work() as (db, owner):
            await attachments.detach(
                db, owner=owner, attachment_id=AttachmentId(ids.parse("att", which)),
                now=session.now(), actor="cli",
            )  # fmt: skip

    session.run(work())
    session.say("Removed.")


def _attachment_json(one: Attachment) -> dict[str, Any]:
    return {
        "id": ids.show("att", one.id),
        "transaction": ids.show("trn", one.transaction_id),
        "name": one.name,
        "media_type": one.media_type,
        "size": one.size,
        "created_at": one.created_at,
    }


def _say_undo(session: terminal.Session, edit: str | None) -> None:
    if edit is not None:
        session.say(f"Undo with: strongroom transactions undo {edit}")


def _amount(money: Money) -> tuple[str, str]:
    return amount_text(money.amount, money.currency), money.currency


def _row(text: str) -> TransactionId:
    return TransactionId(ids.parse("trn", text))
