"""Overview and the first page of Activity, over HTTP from the real web process."""

from __future__ import annotations

import asyncio
import statistics

import httpx

from benchmarks import people
from benchmarks.figures import milliseconds, percentile, show, timed
from strongroom import connections, net_worth
from strongroom.core.time import clock
from tests.prove import house
from tests.prove.ground import Base, Ground
from tests.prove.outside import Sandbox

_TIMES = 200
_PATHS = (
    "/", "/transactions", "/transactions?q=coffee", "/accounts", "/api/v1/net-worth",
    "/api/v1/net-worth/series", "/api/v1/transactions", "/api/v1/transactions?q=coffee",
    "/api/v1/spending", "/api/v1/cash-flow",
)  # fmt: skip


def run(ground: Ground, rows: int) -> None:
    """Measure and print."""
    with (
        ground.database("bench_pages") as base,
        house.opened(ground, base, "bench-pages") as home,
    ):
        asyncio.run(_fill(base, home.sandbox, rows))
        home.until_quiet()
        with httpx.Client(base_url=home.url, headers={"Origin": home.url}, timeout=60) as http:
            given = {"email": "kari@example.org", "password": people.PASSWORD}
            http.post("/api/v1/session", json=given).raise_for_status()
            for path in _PATHS:
                _measure(http, path)


async def _fill(base: Base, sandbox: Sandbox, rows: int) -> None:
    async with people.at_home(base, sandbox) as links:
        owner = await people.person(links.database, "kari@example.org")
        bulk = await people.bulk_item(links, sandbox, owner, rows)
        refresh: connections.Refresh = await people.read(links, owner, bulk.item_id)
        assert refresh.added == rows, refresh
        async with links.database.unit_of_work(owner) as db:
            await net_worth.refresh(db, owner=owner, now=clock())


def _measure(http: httpx.Client, path: str) -> None:
    took = []
    for _ in range(_TIMES):
        with timed() as one:
            answer = http.get(path)
        answer.raise_for_status()
        took.append(one.seconds)
    median, slow = statistics.median(took), percentile(took, 95)
    show(path, f"{milliseconds(median)} p50", f"{milliseconds(slow)} p95 (target: under 50 ms)")
