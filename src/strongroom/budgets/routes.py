"""Budgets, recurring payments and the forecast as JSON under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

from strongroom.budgets import forecast_routes, plan_routes, recurring_routes

router = APIRouter()
router.include_router(recurring_routes.router)
router.include_router(forecast_routes.router)
router.include_router(plan_routes.router)  # last: /budgets/{id} must not stand before the others
