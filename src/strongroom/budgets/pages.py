"""The pages of budgets, of recurring payments and of the forecast."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.budgets import forecast_pages, plan_pages, recurring_pages

router = APIRouter(include_in_schema=False)
router.include_router(recurring_pages.router)
router.include_router(forecast_pages.router)
router.include_router(plan_pages.router)  # last: /budgets/{id} must not stand before the others
