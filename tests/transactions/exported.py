"""Books to export, made at the doors, and exports of them; with what real accounting tools say."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from strongroom import accounts, transactions
from strongroom.accounts import OpenManual
from strongroom.core.ids import TransactionId, UserId, new_id
from strongroom.core.money import Currency, Money
from strongroom.transactions import own_categories, splits, tags, totals
from strongroom.transactions.export import Format, Part, write
from strongroom.transactions.splits import Part as SplitPart
from tests import book
from tests.book import NOW, TODAY
from tests.identity.conftest import World

HOSTILE = (
    'say "hi" \\n \\', "two\nlines\r\nand\rmore", "\U0001f600 caf\u00e9 \u666e\u901a",
    "=1+1", "+47 22", "-12", "@sum", "'t Hooft", "''=x", "  =x", "\ttab", "a;b|c~d", "a,b:c",
    "[2026-01-01]", "[=9]", "date:x, date2: 1", "(code) x", "* starred", "! marked", "x  ; y",
    "50 NOK @ 3 {4}", "%=$#", "\u2028\x85\x01\x7f", "x" * 300, " spaces ", "\uff1dfull",
)  # fmt: skip


def export(world: World, owner: UserId, format: Format, part: Part | None = None) -> bytes:
    """A book in a format."""
    out = BytesIO()
    world.run(write(world.database, owner=owner, format=format, part=part or Part(), out=out))
    return out.getvalue()


def make(world: World) -> UserId:
    """Somebody with six accounts and currencies, categories of their own, and hostile texts."""
    owner = book.person(world)
    item = book.item(world, owner)
    before = TODAY - timedelta(days=40)
    reports = [
        book.report("checking", "1000.50"),
        book.report("card", "250.25", type="credit", subtype="credit card", currency=book.USD),
        book.report("yen", "120000", currency=Currency("JPY"), name="\u666e\u901a \u9810\u91d1"),
        book.report("dinar", "1.234", currency=Currency("KWD"), name="Checking", mask=None),
        book.report("coins", "0.00000001", currency=Currency("1INCH."), type="investment",
                    subtype="brokerage", name='=HYPER("x")'),
    ]  # fmt: skip
    known = book.take_in(world, owner, item, *reports, today=before)
    book.apply(world, owner, known, book.page(*[_row(n, text) for n, text in enumerate(HOSTILE)]))
    more = [
        book.row("usd", "9.99", TODAY - timedelta(days=9), plaid_account_id="card",
                 currency=book.USD),
        book.row("yen-1", "1200", TODAY - timedelta(days=8), plaid_account_id="yen",
                 currency=Currency("JPY")),
        book.row("kwd", "-0.125", TODAY - timedelta(days=8), plaid_account_id="dinar",
                 currency=Currency("KWD")),
        book.row("foreign", "5", TODAY - timedelta(days=7), currency=book.EUR),
        book.row("coin", "0.1234567891", TODAY - timedelta(days=6), plaid_account_id="coins",
                 currency=Currency("1INCH.")),
        book.row("waits", "77", TODAY, pending=True),
        book.row("pre", "1", TODAY - timedelta(days=90), name="LONG BEFORE"),
        book.row("twin-a", "39", TODAY - timedelta(days=3), name="COFFEE"),
        book.row("twin-b", "39", TODAY - timedelta(days=3), name="COFFEE"),
        book.row("gone", "15", TODAY - timedelta(days=2), name="GONE"),
        book.row("nothing", "0", TODAY - timedelta(days=2), name=""),
    ]  # fmt: skip
    book.apply(world, owner, known, book.page(*more))
    _choose(world, owner)
    book.apply(world, owner, known, book.page(removed=["gone"]))
    book.take_in(world, owner, item, *reports, today=TODAY)
    house = OpenManual(
        "Cabin; with | ~ sauna", "real_estate", Money(Decimal(4_000_000), book.NOK), before
    )
    world.within(owner, lambda db: accounts.open_manual(db, owner=owner, new=house, now=NOW))
    _hide(world, owner, known)
    return owner


def _row(number: int, text: str) -> Any:
    day = TODAY - timedelta(days=30 - number % 20)
    return book.row(
        f"h{number}", f"{number - 9}.{number % 100:02}", day, name=text,
        merchant_name=text if number % 2 else None,
        authorized_date=day - timedelta(days=1) if number % 3 else None,
    )  # fmt: skip


def _choose(world: World, owner: UserId) -> None:
    rows = {one.description: one for one in book.book(world, owner)}
    for number, text in enumerate(HOSTILE):
        found = rows[text]
        if number % 2:
            book.note(world, owner, found.id, f"{text} noted {text}")
        if number % 3 == 0:
            book.review(world, owner, found.id)
        if number % 4 == 0:
            book.choose(world, owner, "gifts", found.id)
    own = [own_category(world, owner, "Boats; [9]", None), own_category(world, owner, "=Fuel", 0)]
    for found, category in zip(list(rows.values())[:2], own, strict=True):
        _put(world, owner, category, found.id)
    book.note(world, owner, rows["GONE"].id, "mine")
    _mark(world, owner, [one for one in rows.values() if abs(one.amount.amount) > 1][:6])
    _arrange(world, owner)


def _mark(world: World, owner: UserId, rows: list[Any]) -> None:
    """Tags on most rows, of hostile names too, and parts of two."""
    names = ["=1+1", "Ferie i år", "#work", "a [b]; c:d", "😀"]
    kinds = [book.category(world, owner, key) for key in ("pets", "gifts")]

    async def mark(db: Any) -> None:
        for number, row in enumerate(rows):
            await tags.change_tags(
                db, owner=owner, transaction_ids=[row.id], add=names[: number + 1], now=NOW
            )
        for row in rows[:2]:
            parts = [
                SplitPart(kinds[0], row.amount.amount / 4, 'a "part"; of [it]'),
                SplitPart(kinds[1], row.amount.amount * 3 / 4),
            ]
            await splits.put_back(db, owner=owner, parts={row.id: parts}, now=NOW)
        months = await totals.months_of(db, owner, [row.id for row in rows])
        await totals.roll_up(db, owner, months)

    world.within(owner, mark)


def _arrange(world: World, owner: UserId) -> None:
    """Rename, move and order categories."""
    key = {name: book.category(world, owner, name) for name in ("gym", "health", "pets", "coffee")}
    groceries = book.category(world, owner, "groceries")

    async def arrange(db: Any) -> None:
        facts: Any = {"owner": owner, "now": NOW}
        await own_categories.rename(db, category_id=key["gym"], name="Trening; =styrke", **facts)
        await own_categories.move(db, category_id=key["gym"], parent_id=key["health"], **facts)
        await own_categories.move(db, category_id=key["pets"], parent_id=None, **facts)
        await own_categories.place(db, category_id=key["coffee"], before=groceries, **facts)

    world.within(owner, arrange)


def _put(world: World, owner: UserId, category_id: Any, *ids: TransactionId) -> None:
    world.within(
        owner,
        lambda db: transactions.set_category(
            db, owner=owner, transaction_ids=ids, category_id=category_id, now=NOW
        ),
    )


def own_category(world: World, owner: UserId, name: str, parent: int | None) -> Any:
    """A category that the person made, in a group of their own or as a group."""
    category_id = new_id()

    async def add(db: Any) -> None:
        group = None
        if parent is not None:
            cursor = await db.execute(
                "SELECT id FROM categories WHERE user_id = %s AND key IS NULL", (owner,)
            )
            group = (await cursor.fetchone())[0]
        await db.execute(
            "INSERT INTO categories (user_id, id, parent_id, name, kind, position)"
            " VALUES (%s, %s, %s, %s, 'spending', 900)",
            (owner, category_id, group, name),
        )

    world.within(owner, add)
    return category_id


def _hide(world: World, owner: UserId, known: Any) -> None:
    world.within(
        owner,
        lambda db: accounts.hide(db, owner=owner, account_id=known["yen"], hidden=True, now=NOW),
    )
    world.within(
        owner, lambda db: accounts.close(db, owner=owner, account_id=known["dinar"], now=NOW)
    )


def tool(name: str, package: str) -> str:
    """A program of this machine, or a skip that says how to get it."""
    found = shutil.which(name, path=os.environ.get("ACCOUNTING_TOOLS", "") or None)
    found = found or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not here (package {package}); or say where: ACCOUNTING_TOOLS")
    return found


def run(*words: str) -> str:
    """What a program says; it must be content."""
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr).decode()[:3000]
    return done.stdout.decode()


def saved(place: Path, name: str, content: bytes) -> str:
    """A file of that content."""
    path = place / name
    path.write_bytes(content)
    return str(path)


__all__ = ["HOSTILE", "TODAY", "date", "export", "make", "run", "saved", "tool"]
