"""Upkeep as JSON under ``/api/v1``: periodic jobs, their runs, and asking for one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from strongroom import identity, upkeep
from strongroom.identity.access import may
from strongroom.upkeep import Job, Run, SlowStatement
from strongroom.upkeep.access import check_administrator

router = APIRouter(tags=["upkeep"])

Reader = Annotated[identity.Caller, Depends(may("profile:read"))]
Keeper = Annotated[identity.Caller, Depends(may("settings:write"))]


class RunOut(BaseModel):
    """One run of a job: ``outcome`` is running, done, failed or cut_short; counts in ``result``."""

    started_at: datetime
    ended_at: datetime | None
    outcome: str
    result: dict[str, int | str]
    error: str | None

    @classmethod
    def of(cls, run: Run) -> RunOut:
        """Return the run as it stands in JSON."""
        return cls(
            started_at=run.started_at,
            ended_at=run.ended_at,
            outcome=run.outcome.value,
            result=dict(run.result),
            error=run.error,
        )


class JobOut(BaseModel):
    """One periodic job; ``cron`` is in UTC, ``standing`` never, fine, running, failed or late."""

    name: str
    cron: str
    says: str
    standing: str
    last: RunOut | None
    last_done: datetime | None
    next_due: datetime

    @classmethod
    def of(cls, job: Job) -> JobOut:
        """Return the job as it stands in JSON."""
        return cls(
            name=job.name,
            cron=job.cron,
            says=job.says,
            standing=job.standing.value,
            last=None if job.last is None else RunOut.of(job.last),
            last_done=job.last_done,
            next_due=job.next_due,
        )


class SlowOut(BaseModel):
    """A statement that takes long; values in it are replaced by $1, $2. Milliseconds."""

    statement: str
    calls: int
    mean_ms: Decimal
    longest_ms: Decimal
    total_ms: Decimal
    rows: int

    @classmethod
    def of(cls, one: SlowStatement) -> SlowOut:
        """Return the statement as it stands in JSON."""
        return cls(
            statement=one.statement,
            calls=one.calls,
            mean_ms=one.mean_ms,
            longest_ms=one.longest_ms,
            total_ms=one.total_ms,
            rows=one.rows,
        )


class SlowList(BaseModel):
    """Statements that take long, the most costly in all first."""

    items: list[SlowOut]


class JobList(BaseModel):
    """Every periodic job, by name."""

    items: list[JobOut]


class RunList(BaseModel):
    """Runs, newest first."""

    items: list[RunOut]


@router.get("/upkeep", summary="What runs by itself, and how it went")
async def list_jobs(caller: Reader) -> JobList:
    """List the periodic jobs of this installation, each with its last run."""
    async with caller.unit_of_work() as db:
        found = await upkeep.list_jobs(db, now=caller.now)
    return JobList(items=[JobOut.of(one) for one in found])


@router.get("/upkeep/slow", summary="Which statements take long")
async def list_slow(caller: Reader) -> SlowList:
    """List the statements of the newest report, which ``upkeep.analyse`` writes."""
    async with caller.unit_of_work() as db:
        found = await upkeep.slow_statements(db)
    return SlowList(items=[SlowOut.of(one) for one in found])


@router.get("/upkeep/{name}/runs", summary="The last runs of a job")
async def list_runs(caller: Reader, name: str) -> RunList:
    """List the newest runs of a job."""
    async with caller.unit_of_work() as db:
        found = await upkeep.list_runs(db, name=name, now=caller.now)
    return RunList(items=[RunOut.of(one) for one in found])


@router.post("/upkeep/{name}/runs", status_code=202, summary="Run a job now")
async def run_job(caller: Keeper, name: str) -> JobOut:
    """Ask that a job runs now. For administrators: a job works for everyone."""
    check_administrator(caller)
    async with caller.unit_of_work() as db:
        return JobOut.of(await upkeep.ask(db, name=name, now=caller.now))
