"""Goals as pages: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.goals import (
    future_pages,
    goal_new_pages,
    goal_pages,
    number_pages,
    run_pages,
)
from strongroom.goals.profile import pages as profile_pages

router = APIRouter(include_in_schema=False)
router.include_router(profile_pages.router)  # first: /goals/{id} must not stand before it
router.include_router(goal_new_pages.router)
router.include_router(goal_pages.router)
router.include_router(number_pages.router)
router.include_router(run_pages.router)
router.include_router(future_pages.router)
