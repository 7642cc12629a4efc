"""What this room's routes, and the domain's pages, take from the application."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from strongroom.goals.parsing.types import Interpreter


def interpreter_of(request: Request) -> Interpreter:
    """Return what goals are read with beside the rules, as wiring built it."""
    found: Interpreter = request.app.state.services.interpreter
    return found


Reading = Annotated[Interpreter, Depends(interpreter_of)]
