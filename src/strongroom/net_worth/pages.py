"""The pages of net worth: why it changed, and what it was at the end of each period."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.net_worth.why import pages as why_pages

router = APIRouter(include_in_schema=False)
router.include_router(why_pages.router)
