"""Goals as JSON under ``/api/v1``: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.goals.profile import routes as profile_routes

router = APIRouter()
router.include_router(profile_routes.router)
