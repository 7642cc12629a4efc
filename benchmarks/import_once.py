"""One import of one file in a process of its own: ``import_once DSN FILE EMAIL [again]``.

Prints JSON. With ``again`` the same file is brought once more afterwards.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path

from benchmarks import people
from benchmarks.figures import timed
from strongroom import accounts, audit, identity, transactions
from strongroom.connections import imports
from strongroom.connections.files import Source
from strongroom.core.db import Database
from strongroom.core.ids import AccountId
from strongroom.core.time import clock
from tests.prove.ground import Base, ring

_WARM = b"Date,Description,Amount\n2026-11-02,Warm,-1.00\n"


def _memory(which: str) -> int:
    """Bytes that this process holds (VmRSS) or held at most (VmHWM)."""
    found = re.search(rf"^{which}:\s+(\d+) kB", Path("/proc/self/status").read_text("ascii"), re.M)
    return 0 if found is None else int(found[1]) * 1024


async def _once(dsn: str, file: Path, email: str, *, twice: bool) -> dict[str, float]:
    base = Base(dsn)
    audit.use_key(ring().derive("audit chain"))
    identity.use_key(ring().derive("rate limit"))
    async with Database(base.app_dsn, base.system_dsn) as database:
        owner = await people.person(database, email)

        async def bring(
            source: Source, account_id: AccountId | None = None
        ) -> tuple[float, float, int]:
            with timed() as read:
                async with database.unit_of_work(owner) as db:
                    begun = await imports.begin(
                        db, owner=owner, source=source, now=clock(), account_id=account_id
                    )
            with timed() as confirm:
                async with database.unit_of_work(owner) as db:
                    done = await imports.confirm(
                        db, owner=owner, import_id=begun.id, include=None, now=clock()
                    )
            return read.seconds, confirm.seconds, done.imported

        await bring(Source.of(_WARM, "warm.csv"))  # what is loaded once is not the file's
        async with database.unit_of_work(owner) as db:
            (warm,) = await accounts.list_all(db, owner=owner)
        rest = _memory("VmRSS")
        # A CSV file names no account: it goes where the person says, as at the page.
        into = warm.id if file.suffix == ".csv" else None
        read, confirm, added = await bring(Source.at(file), into)
        with timed() as search:
            async with database.unit_of_work(owner) as db:
                found = await transactions.search(
                    db, owner=owner, filter=transactions.Filter(text="coffee 0000001"), limit=20
                )
        assert len(found.items) == 1, found
        most = _memory("VmHWM")
        again = 0.0
        if twice:
            *parts, more = await bring(Source.at(file), into)
            assert more == 0, more
            again = sum(parts)
    return {
        "rows": added, "seconds": read + confirm, "read": read, "confirm": confirm,
        "search": search.seconds, "above_rest": most - rest, "again": again,
    }  # fmt: skip


if __name__ == "__main__":
    dsn, path, email, *more = sys.argv[1:]
    print(json.dumps(asyncio.run(_once(dsn, Path(path), email, twice=more == ["again"]))))
