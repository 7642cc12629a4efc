"""How a command is told what to reckon: a goal of one's own, or a request's file.

What stands in a file is read by ``reading``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from strongroom.core.errors import NotFound, Refused
from strongroom.goals.request import reading
from strongroom.goals.request.reading import Request

GoalOrFile = Annotated[
    str | None, typer.Argument(help="The goal (goal_…), as `goals list` shows it.")
]
RequestFile = Annotated[
    Path | None,
    typer.Option(
        "--input", metavar="FILE", help="A request as JSON, without a database; - reads stdin."
    ),
]


class NameOneGoal(Refused):
    """Either a goal of one's own or a file is reckoned."""


class RequestFileNotFound(NotFound):
    """There is no such file, or it may not be read."""


def check_one(goal: str | None, file: Path | None) -> None:
    """Raise ``NameOneGoal`` unless one of the two is given."""
    if (goal is None) == (file is None):
        raise NameOneGoal(
            "Name a goal, or a file with --input.", field="goal", hint="One of the two, not both."
        )


def read_file(file: Path) -> Request:
    """Return what the request in a file asks for; ``-`` is standard input.

    Raises ``RequestFileNotFound``, ``SimulationRequestIsWrong`` and ``Refused`` for what is not
    text.
    """
    return reading.read(_text(file))


def _text(file: Path) -> str:
    try:
        if str(file) == "-":
            return sys.stdin.read(reading.LONGEST + 1)
        with file.open(encoding="utf-8") as opened:
            return opened.read(reading.LONGEST + 1)
    except OSError as error:
        raise RequestFileNotFound(
            f"{file} cannot be read.", field="--input", hint="Name a file that you may read."
        ) from error
    except UnicodeDecodeError as error:
        raise Refused(f"{file} is not text in UTF-8.", field="--input") from error
