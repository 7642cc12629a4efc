"""Who may start a job by hand. Looking at jobs is everybody's: they tell nothing of anybody."""

from __future__ import annotations

from strongroom import identity
from strongroom.core.errors import Forbidden


class OnlyAdministrators(Forbidden):
    """A job works for everyone, so only an administrator may start one by hand."""


def check_administrator(caller: identity.Caller) -> None:
    """Raise ``OnlyAdministrators`` unless the caller is one."""
    if caller.role != "admin":
        raise OnlyAdministrators(
            "Only an administrator may start a job.",
            hint="On the server itself: strongroom upkeep run NAME",
        )
