"""Goals as JSON under ``/api/v1``: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()
