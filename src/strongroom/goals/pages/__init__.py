"""Goals as pages: what a person sees and may do, room by room, put together here."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.goals.pages import future, goals, new, numbers, runs
from strongroom.goals.profile import pages as profile_pages

router = APIRouter(include_in_schema=False)
router.include_router(profile_pages.router)  # first: /goals/{id} must not stand before it
router.include_router(new.router)
router.include_router(goals.router)
router.include_router(numbers.router)
router.include_router(runs.router)
router.include_router(future.router)
