"""The worker process: runs every domain's jobs from the queue, and gives back those that stalled.

Registers and serves; decides nothing. ``python -m strongroom.worker`` runs it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta

import procrastinate

from strongroom import accounts, goals, upkeep, wiring
from strongroom.accounts import jobs as accounts_jobs
from strongroom.audit import jobs as audit_jobs
from strongroom.budgets import jobs as budgets_jobs
from strongroom.connections import jobs as connections_jobs
from strongroom.core import log, queue
from strongroom.core.answers import forget_answers_for_all
from strongroom.core.errors import StrongroomError
from strongroom.core.runner import build_app, give_back_stalled, somebody_works
from strongroom.core.settings import Settings
from strongroom.goals import jobs as goals_jobs
from strongroom.identity import jobs as identity_jobs
from strongroom.net_worth import jobs as net_worth_jobs
from strongroom.transactions import jobs as transactions_jobs
from strongroom.upkeep import jobs as upkeep_jobs

_CONCURRENT_JOBS = 4
_STOP_SECONDS = 8.0
_POLL_SECONDS = 1.0  # for jobs whose time comes; new ones are announced at once
_HEARTBEAT_SECONDS = 5.0
_INBOX_SECONDS = 1.0
_KEEP_ANSWERS = timedelta(days=1)
_KEEP_FAILED_JOBS_HOURS = 24 * 30
_BROKE = 70
_log = logging.getLogger("strongroom.worker")


def tables(services: wiring.Services) -> list[queue.Jobs]:
    """Return every domain's jobs."""
    database, clock = services.database, services.clock
    return [
        audit_jobs.build(database, services.settings.home),
        identity_jobs.build(database),
        accounts_jobs.build(database, clock),
        connections_jobs.build(services.links),
        transactions_jobs.build(database),
        net_worth_jobs.build(database, clock),
        upkeep_jobs.build(database, clock),
        budgets_jobs.build(database, clock),
        goals_jobs.build(database, clock, services.settings.home),
        _own(services),
    ]


def _own(services: wiring.Services) -> queue.Jobs:
    """Return the jobs of no domain: forgetting what has served its time."""
    jobs = queue.Jobs("core")

    @jobs.job(attempts=1, cron="17 * * * *")
    async def forget_answers() -> Mapping[str, int]:
        """Forget answers to idempotent requests after a day."""
        async with services.database.unit_of_work_for_all() as db:
            gone = await forget_answers_for_all(db, before=services.clock() - _KEEP_ANSWERS)
        return {"answers": gone}

    return jobs


async def work(services: wiring.Services, stop: asyncio.Event) -> None:
    """Run jobs until ``stop`` is set; then let running ones end, or give them back to the queue."""
    if services.system_dsn is None:
        raise RuntimeError("the worker needs services built for it")
    declared = tables(services)
    inboxes = [empty for table in declared for empty in table.inboxes]
    app = _app(services, declared)
    async with services, app.open_async():
        await _make_partitions(services)
        await _declare(services, declared, catch_up=True)
        forgotten = _KEEP_FAILED_JOBS_HOURS
        await app.job_manager.delete_old_jobs(
            forgotten, include_failed=True, include_cancelled=True, include_aborted=True
        )
        _log.info("working", extra={"jobs": len(app.tasks)})
        # What simulates is compiled once a machine, before anybody waits for it.
        preparing = asyncio.create_task(goals.prepare_engine(services.settings.home))
        try:
            await _run(app, inboxes, stop)
        finally:
            preparing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await preparing
    _log.info("stopped")


def _app(services: wiring.Services, declared: list[queue.Jobs]) -> procrastinate.App:
    """Return the queue of these jobs; each run of a periodic one is recorded."""
    around = upkeep.recorder(services.database, services.clock)
    return build_app(str(services.system_dsn), declared, around=around)


async def _declare(
    services: wiring.Services, declared: list[queue.Jobs], *, catch_up: bool
) -> None:
    """Say which jobs are periodic; ``catch_up`` with those missed while no worker was up."""
    now = services.clock()
    async with services.database.unit_of_work_for_all() as db:
        await upkeep.declare_for_all(db, declared=upkeep.declared(declared), now=now)
        if catch_up:
            await upkeep.catch_up_for_all(db, now=now)


async def _make_partitions(services: wiring.Services) -> None:
    """Make the months' partitions before any job: after a long pause the next sync needs them."""
    async with services.database.unit_of_work_for_all() as db:
        await accounts.make_partitions_for_all(db, today=services.clock().date())


async def _give_back(app: procrastinate.App) -> None:
    """Give jobs of workers that died back to the queue, as soon as that can be told, for good."""
    while True:
        try:
            count = await give_back_stalled(app)
        except procrastinate.exceptions.ConnectorException:
            count = 0  # the database is away; the jobs' own loop says so
        if count:
            _log.warning("gave jobs of a dead worker back", extra={"jobs": count})
        await asyncio.sleep(_HEARTBEAT_SECONDS)


async def _look_into(inboxes: Sequence[queue.Run]) -> None:
    """Empty the tables that are their own queues, for good."""
    while True:
        for empty in inboxes:
            try:
                await empty()
            except StrongroomError as error:
                # The database is away, most likely; what waits keeps until the next look.
                _log.warning("an inbox was not emptied", extra={"error": error.message})
            except Exception:
                _log.exception("an inbox was not emptied")
        await asyncio.sleep(_INBOX_SECONDS)


async def work_off(services: wiring.Services) -> None:
    """Run the jobs that wait now, in this process, unless a worker is up to do it."""
    if services.system_dsn is None:
        raise RuntimeError("only the worker and the command line may run jobs")
    declared = tables(services)
    app = _app(services, declared)
    async with app.open_async():
        await _declare(services, declared, catch_up=False)
        if not await somebody_works(app):
            for table in declared:
                for empty in table.inboxes:
                    await empty()
            await app.run_worker_async(
                wait=False,
                listen_notify=False,
                delete_jobs="successful",
                install_signal_handlers=False,
            )


async def _run(app: procrastinate.App, inboxes: Sequence[queue.Run], stop: asyncio.Event) -> None:
    running = asyncio.create_task(
        app.run_worker_async(
            concurrency=_CONCURRENT_JOBS,
            delete_jobs="successful",
            fetch_job_polling_interval=_POLL_SECONDS,
            install_signal_handlers=False,
            shutdown_graceful_timeout=_STOP_SECONDS,
            update_heartbeat_interval=_HEARTBEAT_SECONDS,
        )
    )
    stopping = asyncio.create_task(stop.wait())
    beside = [asyncio.create_task(_give_back(app)), asyncio.create_task(_look_into(inboxes))]
    await asyncio.wait({running, stopping, *beside}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    broke = any(task.done() for task in beside)
    for task in beside:
        task.cancel()
    if stop.is_set() or broke:
        running.cancel()
    for task in (running, *beside):
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _until_signalled(services: wiring.Services) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await work(services, stop)


def main() -> int:
    """Work until SIGTERM or SIGINT; return the exit code."""
    try:
        settings = Settings.from_environment()
        log.configure(as_json=settings.log_format == "json")
        services = wiring.build(settings, role="worker")
        asyncio.run(_until_signalled(services))
    except StrongroomError as error:
        sys.stderr.write(f"strongroom: {error.message} {error.hint or ''}".rstrip() + "\n")
        return error.exit_code
    except Exception:
        _log.exception("the worker broke")
        return _BROKE
    return 0


if __name__ == "__main__":
    sys.exit(main())
