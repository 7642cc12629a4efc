"""Goals as pages: the rooms of this domain, put together."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(include_in_schema=False)
