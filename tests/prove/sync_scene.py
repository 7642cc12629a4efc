"""Where one schedule takes place: its person, their bank links, the bank's control door."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from strongroom import connections
from strongroom.core.db import DatabaseDown
from strongroom.core.ids import UserId
from strongroom.core.time import clock
from tests.prove import outside
from tests.prove.ground import Base
from tests.prove.outside import Sandbox
from tests.prove.sync_plan import CUSTOM, Plan

_TRIES = 100
_TWINS = (("COFFEE", "4.50", 12), ("COFFEE", "4.50", 12), ("RENT", "980.00", 20))
T = TypeVar("T")


@dataclass
class Scene:
    """Everything that the parts of a schedule share. ``rng`` makes up what the plan leaves open."""

    plan: Plan
    base: Base
    sandbox: Sandbox
    links: connections.Links
    owner: UserId
    rng: random.Random

    async def do(self, verb: Callable[..., Awaitable[T]], **options: Any) -> T:
        """Do one verb as the person; where the server had just died, again, as a person would."""
        for _ in range(_TRIES):
            with contextlib.suppress(DatabaseDown):
                async with self.links.database.unit_of_work(self.owner) as db:
                    return await verb(db, owner=self.owner, **options)
            await asyncio.sleep(0.05)
        raise AssertionError("the database stays away")

    async def living(self) -> list[connections.Item]:
        """The person's bank links that were not ended."""
        held = await self.do(connections.items)
        return [one for one in held if one.status is not connections.Status.DISCONNECTED]

    async def control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Call the sandbox's control door."""
        return await asyncio.to_thread(self.sandbox.control, method, path, **body)

    async def link(self) -> connections.LinkSession:
        """Link the bank as the plan's person. Raises ``FeedError``."""
        password = "pass_good" if self.plan.username != CUSTOM else _custom_person(self.plan.seed)
        return await connections.link_without_page(
            self.links, owner=self.owner, institution_id=outside.INSTITUTION,
            username=self.plan.username, password=password,
        )  # fmt: skip


def _custom_person(seed: int) -> str:
    """Somebody whose bank tells the same rows at every link, twins among them."""
    rng, today = random.Random(f"custom {seed}"), clock().date()
    rows = [_row(today, *one) for one in _TWINS]
    rows += [
        _row(today, f"SHOP {rng.randrange(9)}", f"{rng.randrange(100, 900)}.25", rng.randrange(90))
        for _ in range(rng.randrange(10, 60))
    ]
    rows += [_row(today, "TRAM", "3.10", rng.randrange(30)) for _ in range(6)]
    accounts = [
        {"type": "depository", "subtype": "checking", "starting_balance": 5000,
         "transactions": rows, "meta": {"name": "Daily", "mask": "1111"}},
        {"type": "depository", "subtype": "savings", "starting_balance": 900,
         "transactions": rows[:3], "meta": {"name": "Nest", "mask": "2222"}},
    ]  # fmt: skip
    return json.dumps({"override_accounts": accounts})


def _row(today: date, text: str, amount: str, days_ago: int) -> dict[str, Any]:
    day = str(today - timedelta(days=days_ago))
    return {"date_transacted": day, "date_posted": day, "amount": float(amount),
            "description": text}  # fmt: skip
