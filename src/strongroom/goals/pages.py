"""Goals as pages: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.goals.profile import pages as profile_pages

router = APIRouter(include_in_schema=False)
router.include_router(profile_pages.router)  # first: /goals/{id} must not stand before it
