"""Budgets, recurring payments and the forecast as JSON under ``/api/v1``."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
