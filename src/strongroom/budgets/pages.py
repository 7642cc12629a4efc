"""The pages of budgets, of recurring payments and of the forecast."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.budgets import forecast_pages, recurring_pages

router = APIRouter(include_in_schema=False)
router.include_router(recurring_pages.router)
router.include_router(forecast_pages.router)
