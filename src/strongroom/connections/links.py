"""What the flows of bank links work with: database, provider, vault, addresses, clock.

Built once by wiring. The flows beside it (``linking``, ``syncing``, ``webhooks``) are edges of
their own: between two units of work they call the provider, and never inside one.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from strongroom.connections import queries
from strongroom.connections.errors import (
    ItemNotFound,
    LinkedElsewhere,
    LinkIsDisconnected,
    SyncIsRunning,
)
from strongroom.connections.types import BankFeed, Provider
from strongroom.core.db import Database, Db
from strongroom.core.ids import ItemId, UserId
from strongroom.core.sections import Sections
from strongroom.core.vault import Vault
from strongroom.ui import N_

WEBHOOK_PATH = "/api/v1/plaid/webhook"
_PATIENCE_SECONDS = 5.0
_LOOK_AGAIN_SECONDS = 0.2
_ENVIRONMENTS = {"local": "made-up", "sandbox": "practice", "production": "real"}


@dataclass(frozen=True, slots=True)
class Links:
    """Everything a flow needs. ``environment`` is local, sandbox or production.

    ``base_url`` is where people and the provider reach this server. Access tokens older than
    ``token_life`` are renewed; None: never by themselves. ``import_mebibytes`` is how large a file
    may be that a job reads; ``asks_banks`` is whether a person's sync has the provider look at the
    bank at once, which it may bill; ``sections`` is what an exported book brings beside its rows.
    """

    database: Database
    provider: Provider
    vault: Vault
    environment: str
    base_url: str
    clock: Callable[[], datetime]
    token_life: timedelta | None = timedelta(days=90)
    import_mebibytes: int = 200
    asks_banks: bool = True
    sections: Sections = field(default_factory=Sections)

    @property
    def webhook_url(self) -> str:
        """Where the provider sends webhooks."""
        return self.base_url + WEBHOOK_PATH

    def feed(self) -> BankFeed:
        """Return a feed for one flow."""
        return self.provider.session(self.clock)

    @asynccontextmanager
    async def alone_with(self, item_id: ItemId, *, hint: str) -> AsyncIterator[None]:
        """Hold an item's lease: nothing reads or ends it meanwhile. Waits a few seconds for it.

        Raises ``SyncIsRunning`` with ``hint``.
        """
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            async with self.database.lease(f"item {item_id}") as ours:
                if ours:
                    yield
                    return
            if time.monotonic() > deadline:
                raise SyncIsRunning(N_("This bank is being read at the moment."), hint=hint)
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)

    async def seal(self, db: Db, owner: UserId, place: str, row: UUID, secret: str) -> bytes:
        """Seal a token for ``place``, written ``table.column``."""
        table, column = place.split(".")
        return await self.vault.seal(
            db, owner=owner, table=table, column=column, row=row, plaintext=secret.encode()
        )

    async def unseal(self, db: Db, owner: UserId, place: str, row: UUID, sealed: bytes) -> str:
        """Open a token sealed by ``seal``."""
        table, column = place.split(".")
        opened = await self.vault.unseal(
            db, owner=owner, table=table, column=column, row=row, sealed=sealed
        )
        return opened.decode()

    async def access_token(self, db: Db, owner: UserId, item_id: ItemId) -> tuple[str, str]:
        """Return an item's access token and cursor.

        Raises ``ItemNotFound``, ``LinkIsDisconnected``, and ``LinkedElsewhere`` where the token
        is of another environment: it must not reach the wrong Plaid.
        """
        stored = await queries.stored(db, owner, item_id)
        if stored is None:
            raise ItemNotFound(N_("There is no such bank link."))
        if stored.access_token is None:
            raise LinkIsDisconnected(N_("This bank is unlinked."), hint=N_("Link it again."))
        if stored.environment != self.environment:
            raise LinkedElsewhere(
                f"This bank was linked in the {_ENVIRONMENTS[stored.environment]} environment, and"
                f" this server works in the {_ENVIRONMENTS[self.environment]} one.",
                hint=f"Set PLAID_ENV to {stored.environment} to use it, or link your bank again.",
            )
        token = await self.unseal(
            db, owner, "plaid_items.access_token", item_id, stored.access_token
        )
        return token, stored.cursor
