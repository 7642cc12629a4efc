"""Proof: whatever goes wrong while banks are read, the book ends equal to the sandbox's truth.

Each schedule has a database, a sandbox and a web address of its own; every tenth runs its jobs in
the real worker process, and that or the database server is killed without warning in every round.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from strongroom import audit, connections, identity
from strongroom.connections import jobs as connection_jobs
from strongroom.connections.plaid import Plaid, PlaidFeed
from strongroom.core.db import Database, Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import ItemId, UserId
from strongroom.core.queue import enqueue
from strongroom.core.runner import build_app
from strongroom.core.time import clock
from strongroom.core.vault import Vault
from strongroom.net_worth import jobs as net_worth_jobs
from tests.prove import outside, passing_time
from tests.prove.ground import Base, Ground, ring
from tests.prove.outside import Sandbox
from tests.prove.receiver import receiving
from tests.prove.sync_acts import Acts
from tests.prove.sync_people import Editor
from tests.prove.sync_plan import Plan, Round, plan
from tests.prove.sync_scene import Scene
from tests.prove.sync_truth import differences
from tests.prove.sync_worker import Worker, due, left_over, story, waiting_webhooks

_SETTLE_ROUNDS = 5
_LONGEST_SECONDS = 600.0
_MOST_SYNCS_TO_SETTLE = 30
_PATIENCE_SECONDS = 60.0
_CLIENT = "strongroom"  # what the real worker says to a sandbox: items belong to a client


def holds(ground: Ground, seed: int) -> list[str]:
    """Run the schedule of ``seed``; return what did not hold."""
    schedule = plan(seed)
    with (
        tempfile.TemporaryDirectory(dir=ground.directory, prefix=f"sync-{seed}-") as place,
        ground.database(f"sync_{seed}") as base,
    ):
        return asyncio.run(_played(ground, schedule, base, Path(place)))


async def _played(ground: Ground, schedule: Plan, base: Base, place: Path) -> list[str]:
    async with outside.sandbox_beside(place / "plaid.sqlite", seed=schedule.seed) as sandbox:
        async with asyncio.timeout(_LONGEST_SECONDS):
            return await _Run(schedule, ground, base, sandbox, place).result()


@dataclass
class _Run:
    """One schedule under way."""

    plan: Plan
    ground: Ground
    base: Base
    sandbox: Sandbox
    place: Path

    @property
    def _log(self) -> Path:
        return self.place / "worker.log"

    async def result(self) -> list[str]:
        audit.use_key(ring().derive("audit chain"))
        identity.use_key(ring().derive("rate limit"))
        self.provider = provider = _Provider(self.sandbox.url)
        async with Database(self.base.app_dsn, self.base.system_dsn, size=3) as database:

            def links(address: str) -> connections.Links:
                return connections.Links(database, provider, Vault(ring()), "local", address, clock)

            async with receiving(links) as opened:
                owner = await self._sign_up(database)
                rng = random.Random(f"sync run {self.plan.seed}")
                self.scene = Scene(self.plan, self.base, self.sandbox, opened, owner, rng)
                self.editor, self.acts = (
                    Editor(self.scene),
                    Acts(self.scene, self._sweep, self._calm),
                )
                self.tables = [connection_jobs.build(opened), net_worth_jobs.build(database, clock)]
                self.app = build_app(self.base.system_dsn, self.tables)
                async with self.app.open_async():
                    return await self._whole()

    async def _sign_up(self, database: Database) -> UserId:
        new = identity.SignUp(f"p{self.plan.seed}@example.org", "correct horse battery", "Kari")
        client = identity.Client(ip="127.0.0.1", user_agent="proof")
        session = await identity.sign_up(
            database, new, client=client, open_to_all=True, now=clock()
        )  # fmt: skip
        assert session is not None, "the first person is signed in"
        return session.owner

    async def _whole(self) -> list[str]:
        if self.plan.faults_while_linking:
            await self._faults(on=True)
        await self.acts.link_until_there()
        with self._worker() as worker:
            await self._faults(on=True)
            for one in self.plan.rounds:
                await self._round(one, worker)
            await self._faults(on=False)
            return await self._settle(worker)

    async def _faults(self, *, on: bool) -> None:
        if on:
            await self.scene.control("POST", "/faults", **self.plan.faults)
        else:
            await self.scene.control("DELETE", "/faults")
        self.provider.patient = not on

    async def _calm(self) -> None:
        await self._faults(on=False)

    async def _round(self, one: Round, worker: Worker | None) -> None:
        for item in await self.scene.living():
            at_bank = f"/items/{item.plaid_item_id}/mutate"
            if one.mutations:
                seed = self.scene.rng.randrange(10**9)
                await self.scene.control(
                    "POST", at_bank, count=one.mutations, seed=seed, webhook=one.announced
                )
            for _ in range(one.burst):
                await self.scene.control("POST", at_bank, count=1, webhook=True)
            if one.asked:
                await self._ask_for_sync(item.id)
        within = one.kill_after_seconds + 0.3 if self.plan.kills else 0.0
        await asyncio.gather(
            self.editor.edit(one.edits, within), self._work(one, worker), self._act(one, within)
        )
        await self.editor.edit(one.edits // 2)

    async def _act(self, one: Round, within_seconds: float) -> None:
        for name in one.acts:
            await asyncio.sleep(self.scene.rng.random() * within_seconds)
            await self.acts.play(name)

    async def _work(self, one: Round, worker: Worker | None) -> None:
        if worker is None:
            await self._ask("connections.watch", one.later_seconds)
            await self._run_jobs()
            return
        await worker.until_busy(self.base, seconds=2.0)
        await asyncio.sleep(one.kill_after_seconds)
        if self.plan.kills == "worker":
            worker.kill()
            await self._ask("connections.watch", one.later_seconds, worker_died=True)
            worker.start()
        else:
            worker.outlived = True
            await asyncio.to_thread(self.ground.kill_server)
            ended = await worker.start_after_outage()
            await self._ask("connections.watch", one.later_seconds, worker_died=ended)

    async def _ask_for_sync(self, item_id: ItemId) -> None:
        with contextlib.suppress(StrongroomError):  # asked a moment ago, or it rests
            await self.scene.do(connections.ask_for_sync, item_id=item_id, now=clock())

    async def _sweep(self) -> None:
        """What a crash or a lost answer left behind is taken up by the sweep."""
        await self._ask("connections.sweep", 120)
        await self._run_jobs()

    async def _settle(self, worker: Worker | None) -> list[str]:
        """Faults are off: let time pass and look after silent links, as the worker does."""
        before = await self._syncs()
        wrong: list[str] = []
        for _ in range(_SETTLE_ROUNDS):
            await self._webhooks_delivered()
            await self.acts.set_right()
            await self._ask("connections.watch", 7 * 3600)
            await self._ask("connections.sweep", 600)
            await self._jobs_done(worker)
            wrong = await asyncio.to_thread(self._differences)
            if not wrong:
                break
        syncs = await self._syncs() - before
        if syncs > _MOST_SYNCS_TO_SETTLE:
            wrong.append(f"{syncs} syncs to settle")
        return [*wrong[:5], *await asyncio.to_thread(story, self.base, self._log)] if wrong else []

    def _differences(self) -> list[str]:
        with self.base.admin() as db:
            query = "SELECT id, plaid_item_id FROM plaid_items WHERE status <> 'disconnected'"
            items = db.execute(query).fetchall()
            found = [] if len(items) == 1 else [f"{len(items)} links that live"]
            for item_id, plaid_item_id in items:
                truth = self.sandbox.control("GET", "/truth", item_id=plaid_item_id)
                found += differences(db, item_id, truth, self.editor.edits)
            return found + left_over(db) + self._forged()

    def _forged(self) -> list[str]:
        sent = self.sandbox.control("GET", "/webhooks")["webhooks"]
        taken = [one for one in sent if _untrue(one) and one["outcome"] == "200"]
        return [f"{len(taken)} forged or old webhooks were taken"] if taken else []

    async def _webhooks_delivered(self) -> None:
        deadline = asyncio.get_running_loop().time() + 15
        while asyncio.get_running_loop().time() < deadline:
            listed = await self.scene.control("GET", "/webhooks")
            if all(one["done"] or _untrue(one) for one in listed["webhooks"]):
                return
            await asyncio.sleep(0.05)

    async def _syncs(self) -> int:
        return len(await self.scene.do(connections.refreshes, limit=10_000))

    async def _ask(self, job: str, later_seconds: int, *, worker_died: bool = False) -> None:
        """Let time pass and ask for a periodic job as the clock would."""
        await asyncio.to_thread(
            passing_time.let_pass, self.base, later_seconds, worker_died=worker_died
        )

        async def ask(db: Db, *, owner: UserId) -> None:
            await enqueue(db, job, once=job, timestamp="0")

        await self.scene.do(ask)

    async def _run_jobs(self) -> None:
        for table in self.tables:
            for empty in table.inboxes:
                await empty()
        await self.app.run_worker_async(
            wait=False, concurrency=3, install_signal_handlers=False, listen_notify=False,
            delete_jobs="successful", shutdown_graceful_timeout=20,
        )  # fmt: skip

    async def _jobs_done(self, worker: Worker | None) -> None:
        if worker is None:
            await self._run_jobs()
            return
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while await asyncio.to_thread(self._busy):
            if worker.keep_up():
                await self._died()
            if asyncio.get_running_loop().time() > deadline:
                return
            await asyncio.sleep(0.1)

    def _busy(self) -> int:
        return due(self.base) + waiting_webhooks(self.base)

    async def _died(self) -> None:
        """What a dead worker had in hand is given back once its heart is seen to stand still."""
        await asyncio.to_thread(passing_time.let_pass, self.base, 0, worker_died=True)

    @contextmanager
    def _worker(self) -> Iterator[Worker | None]:
        if not self.plan.kills:
            yield None
            return
        home = self.place / "home"
        home.mkdir(mode=0o700)
        env = outside.environment(
            home,
            DATABASE_URL=self.base.admin_dsn,
            STRONGROOM_KEYS=ring().to_json(),
            STRONGROOM_URL=self.scene.links.base_url,
            PLAID_URL=self.sandbox.url,
        )
        worker = Worker(env, self._log)
        worker.start()
        try:
            yield worker
        finally:
            worker.kill()


def _untrue(webhook: dict[str, Any]) -> bool:
    """Whether it is signed by a stranger, or so long ago that somebody may only have kept it."""
    return bool(webhook["forged"] or webhook["stale"])


class _Provider:
    """Plaid, waited for briefly while faults strike and patiently when they are over."""

    def __init__(self, host: str) -> None:
        self.patient = True
        self._by_patience = {
            patient: Plaid(
                host=host, client_id=_CLIENT, secret=_CLIENT, timeout_seconds=(5.0, seconds)
            )
            for patient, seconds in ((True, 30.0), (False, 0.5))
        }

    def session(self, clock: Callable[[], datetime]) -> PlaidFeed:
        """A feed for one flow."""
        return self._by_patience[self.patient].session(clock)
