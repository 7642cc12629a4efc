"""A simulation asked for in JSON, for anyone's numbers, without a database. The room's door."""

from __future__ import annotations

from strongroom.goals.request.reading import (
    Request,
    SimulationRequestIsWrong,
    outcome_json,
    read,
)

__all__ = ["Request", "SimulationRequestIsWrong", "outcome_json", "read"]
