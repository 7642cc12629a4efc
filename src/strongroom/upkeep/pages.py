"""The page of upkeep: what runs by itself, when it last did, and how that went."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.responses import HTMLResponse, Response

from strongroom import identity, ui, upkeep
from strongroom.identity.access import may
from strongroom.ui.responses import redirect, render
from strongroom.upkeep.access import check_administrator
from strongroom.upkeep.labels import (
    OUTCOME_LABELS,
    STANDING_LABELS,
    job_label,
    job_note,
    result_text,
    took_text,
)

router = APIRouter(include_in_schema=False)

Reader = Annotated[identity.Caller, Depends(may("profile:read"))]
Keeper = Annotated[identity.Caller, Depends(may("settings:write"))]
_TONES = {"never": "", "fine": "good", "running": "", "failed": "error", "late": "warn"}


@router.get("/upkeep")
async def show(request: Request, caller: Reader) -> HTMLResponse:
    """Show every periodic job with its last run, and the newest report of slow statements."""
    async with caller.unit_of_work() as db:
        jobs = await upkeep.list_jobs(db, now=caller.now)
        slow = await upkeep.slow_statements(db)
    return render(
        request,
        "upkeep/upkeep.html",
        nav="settings",
        jobs=sorted(jobs, key=lambda one: (one.standing.value not in ("failed", "late"), one.name)),
        slow=slow,
        standings=STANDING_LABELS,
        tones=_TONES,
        job_label=job_label,
        result_text=result_text,
        took_text=took_text,
        may_run=caller.role == "admin",
        now=caller.now,
    )


@router.get("/upkeep/{name}")
async def show_job(request: Request, caller: Reader, name: str) -> HTMLResponse:
    """Show the newest runs of one job."""
    async with caller.unit_of_work() as db:
        job = await upkeep.get_job(db, name=name, now=caller.now)
        runs = await upkeep.list_runs(db, name=name, now=caller.now)
    return render(
        request,
        "upkeep/job.html",
        nav="settings",
        job=job,
        runs=runs,
        outcomes=OUTCOME_LABELS,
        job_label=job_label,
        note=job_note(job.name),
        result_text=result_text,
        took_text=took_text,
        may_run=caller.role == "admin",
        now=caller.now,
    )


@router.post("/upkeep")
async def run(request: Request, caller: Keeper, name: Annotated[str, Form()] = "") -> Response:
    """Ask that a job runs now. For administrators."""
    check_administrator(caller)
    async with caller.unit_of_work() as db:
        await upkeep.ask(db, name=name, now=caller.now)
    with ui.using(request.state.preferences):
        return redirect("/upkeep", toast=ui.gettext("It runs as soon as the worker is free."))
