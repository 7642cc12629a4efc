"""The pages of budgets, of recurring payments and of the forecast."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
