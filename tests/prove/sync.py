"""Proof: whatever goes wrong while banks are read, the book ends equal to the sandbox's truth.

Each schedule has a database, a sandbox and a web address of its own; every tenth runs its jobs in
the real worker process, and that or the database server is killed without warning in every round.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from strongroom import audit, connections, identity, transactions
from strongroom.connections import jobs as connection_jobs
from strongroom.connections.plaid import Plaid, PlaidFeed
from strongroom.core.db import Database, DatabaseDown, Db
from strongroom.core.errors import StrongroomError
from strongroom.core.ids import ItemId, UserId, new_id
from strongroom.core.queue import build_app, enqueue
from strongroom.core.time import clock
from strongroom.core.vault import Vault
from strongroom.net_worth import jobs as net_worth_jobs
from strongroom.transactions import totals
from tests.prove import outside, passing_time
from tests.prove.ground import Base, Ground, ring
from tests.prove.outside import Sandbox
from tests.prove.receiver import receiving
from tests.prove.sync_plan import Plan, Round, plan
from tests.prove.sync_truth import Edit, differences
from tests.prove.sync_worker import Worker, due, left_over, story, waiting_webhooks

_LINK_TRIES = 6
_SETTLE_ROUNDS = 5
_TRIES = 100
_MOST_SYNCS_TO_SETTLE = 30
_PATIENCE_SECONDS = 60.0
T = TypeVar("T")
_BANK_ROW = """
    SELECT t.note, p.plaid_transaction_id FROM transactions t
    JOIN plaid_transactions p ON (p.user_id, p.id) = (t.user_id, t.bank_row_id)
    WHERE t.id = %s
"""
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
        return await _Run(schedule, ground, base, sandbox, place).result()


@dataclass
class _Run:
    """One schedule under way."""

    plan: Plan
    ground: Ground
    base: Base
    sandbox: Sandbox
    place: Path
    edits: dict[UUID, Edit] = field(default_factory=dict)
    owner: UserId = field(default_factory=lambda: UserId(new_id()))

    @property
    def _log(self) -> Path:
        return self.place / "worker.log"

    def __post_init__(self) -> None:
        self.rng = random.Random(f"sync run {self.plan.seed}")

    async def result(self) -> list[str]:
        audit.use_key(ring().derive("audit chain"))
        identity.use_key(ring().derive("rate limit"))
        self.provider = provider = _Provider(self.sandbox.url)
        async with Database(self.base.app_dsn, self.base.system_dsn, size=3) as database:

            def links(address: str) -> connections.Links:
                return connections.Links(database, provider, Vault(ring()), "local", address, clock)

            async with receiving(links) as self.links:
                self.tables = [
                    connection_jobs.build(self.links), net_worth_jobs.build(database, clock)
                ]  # fmt: skip
                self.app = build_app(self.base.system_dsn, self.tables)
                async with self.app.open_async():
                    return await self._whole()

    async def _whole(self) -> list[str]:
        await self._sign_up()
        await self._link()
        with self._worker() as worker:
            await self._faults(on=True)
            for one in self.plan.rounds:
                await self._round(one, worker)
            await self._faults(on=False)
            return await self._settle(worker)

    async def _sign_up(self) -> None:
        new = identity.SignUp(f"p{self.plan.seed}@example.org", "correct horse battery", "Kari")
        client = identity.Client(ip="127.0.0.1", user_agent="proof")
        session = await identity.sign_up(
            self.links.database, new, client=client, open_to_all=True, now=clock()
        )
        assert session is not None, "the first person is signed in"
        self.owner = session.owner

    async def _link(self) -> None:
        if self.plan.faults_while_linking:
            await self._faults(on=True)
        errors: list[str] = []
        for attempt in range(_LINK_TRIES + 1):
            if attempt == _LINK_TRIES:
                await self._faults(on=False)
            try:
                await connections.link_without_page(
                    self.links,
                    owner=self.owner,
                    institution_id=outside.INSTITUTION,
                    username=self.plan.username,
                )
            except connections.FeedError as error:
                errors.append(f"{error.error_code}: {error}")
            if await self._items():
                return
            # What a crash or a lost answer left behind is taken up by the sweep.
            await self._ask("connections.sweep", 120)
            await self._run_jobs()
            if await self._items():
                return
        raise AssertionError(f"no bank could be linked without faults: {errors}")

    async def _faults(self, *, on: bool) -> None:
        if on:
            await self._control("POST", "/faults", **self.plan.faults)
        else:
            await self._control("DELETE", "/faults")
        self.provider.patient = not on

    async def _do(self, verb: Callable[..., Awaitable[T]], **options: Any) -> T:
        """Do one verb as the person; where the server had just died, again, as a person would."""
        for _ in range(_TRIES):
            with contextlib.suppress(DatabaseDown):
                async with self.links.database.unit_of_work(self.owner) as db:
                    return await verb(db, owner=self.owner, **options)
            await asyncio.sleep(0.05)
        raise AssertionError("the database stays away")

    async def _items(self) -> list[connections.Item]:
        return await self._do(connections.items)

    async def _round(self, one: Round, worker: Worker | None) -> None:
        for item in await self._items():
            if one.mutations:
                await self._control(
                    "POST", f"/items/{item.plaid_item_id}/mutate", count=one.mutations,
                    seed=self.rng.randrange(10**9), webhook=one.announced,
                )  # fmt: skip
            for _ in range(one.burst):
                await self._control(
                    "POST", f"/items/{item.plaid_item_id}/mutate", count=1, webhook=True
                )
            if one.asked:
                await self._ask_for_sync(item.id)
        within = one.kill_after_seconds + 0.3 if self.plan.kills else 0.0
        await asyncio.gather(self._edit(one.edits, within), self._work(one, worker))
        await self._edit(one.edits // 2)

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
        with contextlib.suppress(StrongroomError):  # asked a moment ago, or unlinked
            await self._do(connections.ask_for_sync, item_id=item_id, now=clock())

    async def _edit(self, count: int, within_seconds: float = 0.0) -> None:
        """Choose categories and write notes on rows of the book, newest ones mostly."""
        for _ in range(count):
            await asyncio.sleep(self.rng.random() * within_seconds / count)
            page = await self._do(transactions.search, filter=transactions.Filter(), limit=60)
            rows = [row for row in page.items if row.removed_by_bank is None]
            if not rows:
                return
            row = self.rng.choice(rows)
            kinds = await self._do(transactions.categories)
            category = self.rng.choice(kinds).id if self.rng.random() < 0.6 else None
            note = f"note {self.rng.randrange(10**6)}"
            with contextlib.suppress(transactions.TransactionNotFound):  # the bank was quicker
                await self._edit_one(row.id, category, note)

    async def _edit_one(self, book_id: Any, category: Any, note: str) -> None:
        try:
            plaid_id = await self._write(book_id, category, note)
        except DatabaseDown:  # it may be stored or not, as the person was told: so look
            kept_note, plaid_id = await asyncio.to_thread(self._kept, book_id)
            if kept_note != note:
                return
        earlier = self.edits.get(book_id)
        category = category or (earlier.category_id if earlier else None)
        self.edits[book_id] = Edit(plaid_id, category, note)

    async def _write(self, book_id: Any, category: Any, note: str) -> str:
        async with self.links.database.unit_of_work(self.owner) as db:
            # Before any row is looked at, as every verb that writes the book does.
            await totals.take_turn(db, self.owner)
            row = await (await db.execute(_BANK_ROW, (book_id,))).fetchone()
            if row is None:
                raise transactions.TransactionNotFound("gone")
            if category is not None:
                await transactions.set_category(
                    db, owner=self.owner, transaction_ids=[book_id], category_id=category,
                    now=clock(),
                )  # fmt: skip
            await transactions.set_note(
                db, owner=self.owner, transaction_id=book_id, note=note, now=clock()
            )
        return str(row[1])

    def _kept(self, book_id: Any) -> tuple[str | None, str]:
        with self.base.patient_admin() as db:
            row = db.execute(_BANK_ROW, (book_id,)).fetchone()
            assert row is not None, "an edited row is gone"
            return row[0], row[1]

    async def _settle(self, worker: Worker | None) -> list[str]:
        """Faults are off: let time pass and look after silent links, as the worker does."""
        before = await self._syncs()
        wrong: list[str] = []
        for _ in range(_SETTLE_ROUNDS):
            await self._webhooks_delivered()
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
            items = db.execute("SELECT id, plaid_item_id FROM plaid_items").fetchall()
            found = [] if items else ["no item"]
            for item_id, plaid_item_id in items:
                truth = self.sandbox.control("GET", "/truth", item_id=plaid_item_id)
                mine = db.execute(
                    "SELECT t.id FROM transactions t JOIN accounts a"
                    " ON (a.user_id, a.id) = (t.user_id, t.account_id) WHERE a.item_id = %s",
                    (item_id,),
                ).fetchall()
                ids = {row[0] for row in mine}
                edits = {
                    one: edit for one, edit in self.edits.items() if one in ids or len(items) == 1
                }
                found += differences(db, item_id, truth, edits)
            return found + left_over(db) + self._forged()

    def _forged(self) -> list[str]:
        sent = self.sandbox.control("GET", "/webhooks")["webhooks"]
        taken = [one for one in sent if one["forged"] and one["outcome"] == "200"]
        return [f"{len(taken)} forged webhooks were taken"] if taken else []

    async def _webhooks_delivered(self) -> None:
        deadline = asyncio.get_running_loop().time() + 15
        while asyncio.get_running_loop().time() < deadline:
            listed = await self._control("GET", "/webhooks")
            if all(one["done"] or one["forged"] for one in listed["webhooks"]):
                return
            await asyncio.sleep(0.05)

    async def _syncs(self) -> int:
        return len(await self._do(connections.refreshes, limit=10_000))

    async def _control(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        return await asyncio.to_thread(self.sandbox.control, method, path, **body)

    async def _ask(self, job: str, later_seconds: int, *, worker_died: bool = False) -> None:
        """Let time pass and ask for a periodic job as the clock would."""
        await asyncio.to_thread(
            passing_time.let_pass, self.base, later_seconds, worker_died=worker_died
        )

        async def ask(db: Db, *, owner: UserId) -> None:
            await enqueue(db, job, once=job, timestamp="0")

        await self._do(ask)

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
            STRONGROOM_URL=self.links.base_url,
            PLAID_URL=self.sandbox.url,
        )
        worker = Worker(env, self._log)
        worker.start()
        try:
            yield worker
        finally:
            worker.kill()


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
