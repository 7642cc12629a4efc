"""How many statements some work sends to the database, read off the wire as libpq traces it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Awaitable
from typing import Any

from strongroom.core.ids import UserId
from tests.identity.conftest import World

_SENT = re.compile(rb"^(?:[^\t\n]+\t)?F\t\d+\t(?:Execute|Query)\t", re.MULTILINE)


def statements(world: World, owner: UserId, verb: Any, **arguments: Any) -> int:
    """Run a verb in a unit of work of its own; return how many statements it took."""

    async def work(db: Any) -> int:
        with tempfile.TemporaryFile() as told:
            db.pgconn.trace(told.fileno())
            try:
                done: Awaitable[Any] = verb(db, owner=owner, **arguments)
                await done
            finally:
                db.pgconn.untrace()
            told.seek(0)
            sent = len(_SENT.findall(told.read()))
        assert sent, "nothing was traced"
        return sent

    return world.within(owner, work)
