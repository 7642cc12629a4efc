"""People and linked banks for benchmarks, made through the doors of the program."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from strongroom import audit, connections, identity
from strongroom.connections import queries
from strongroom.connections.plaid import Plaid
from strongroom.core.db import Database
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.time import clock
from strongroom.core.vault import Vault
from tests.prove.ground import Base, ring
from tests.prove.outside import Sandbox

CLIENT = "strongroom"
PASSWORD = "a long way round 7"


@asynccontextmanager
async def at_home(base: Base, sandbox: Sandbox) -> AsyncIterator[connections.Links]:
    """What flows of bank links work with, over one database and sandbox."""
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    plaid = Plaid(host=sandbox.url, client_id=CLIENT, secret=CLIENT)
    async with Database(base.app_dsn, base.system_dsn) as database:
        yield connections.Links(
            database, plaid, Vault(ring()), "local", "http://127.0.0.1:9", clock
        )


async def person(database: Database, email: str) -> UserId:
    """Somebody with an account."""
    client = identity.Client(ip="127.0.0.1", user_agent="benchmark")
    new = identity.SignUp(email, PASSWORD, "Kari")
    await identity.sign_up(database, new, client=client, open_to_all=True, now=clock())
    session = await identity.sign_in(
        database, email=email, password=PASSWORD, client=client, now=clock()
    )
    return session.owner


@dataclass(frozen=True)
class Bulk:
    """An item at the sandbox with as many rows as one likes, linked but not read yet."""

    item_id: ItemId
    access_token: str
    plaid_item_id: str


async def bulk_item(links: connections.Links, sandbox: Sandbox, owner: UserId, rows: int) -> Bulk:
    """Make an item of ``rows`` rows and store its link as an exchange would."""
    made = sandbox.control("POST", "/bulk", count=rows, client_id=CLIENT)
    item_id, now = ItemId(new_id()), clock()
    async with links.database.unit_of_work(owner) as db:
        token = str(made["access_token"])
        sealed = await links.seal(db, owner, "plaid_items.access_token", item_id, token)
        await queries.insert_item(
            db,
            {
                "owner": owner, "id": item_id, "plaid_item_id": made["item_id"],
                "environment": "local", "access_token": sealed, "institution_id": None,
                "institution_name": "Bulk", "next_try_at": None, "now": now,
            },
        )  # fmt: skip
    return Bulk(item_id, token, str(made["item_id"]))


async def read(
    links: connections.Links, owner: UserId, item_id: ItemId, *, full: bool = False
) -> connections.Refresh:
    """Sync an item as its job would; ``full``: from the very beginning."""
    refresh_id = new_id()
    async with links.database.unit_of_work(owner) as db:
        await queries.insert_refresh(
            db,
            {
                "owner": owner, "id": refresh_id, "item_id": item_id,
                "refresh_type": "manual", "now": clock(),
            },
        )  # fmt: skip
    return await connections.sync(
        links, owner=owner, item_id=item_id, refresh_id=refresh_id, full=full
    )
