"""Goals as JSON under ``/api/v1``: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.goals import goal_routes
from strongroom.goals.levers import routes as levers_routes
from strongroom.goals.parsing import routes as parsing_routes
from strongroom.goals.profile import routes as profile_routes
from strongroom.goals.runs import routes as run_routes

router = APIRouter()
router.include_router(parsing_routes.router)
router.include_router(profile_routes.router)
router.include_router(run_routes.router)
router.include_router(goal_routes.router)  # last: /goals/{id} must not stand before others
router.include_router(levers_routes.router)
