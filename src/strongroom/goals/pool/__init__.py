"""What each goal has of one pool, and so what it is simulated with today. The room's door."""

from __future__ import annotations

from strongroom.goals.pool.service import Cases, GoalHasNoRate, GoalIsOver, case_of, cases

__all__ = ["Cases", "GoalHasNoRate", "GoalIsOver", "case_of", "cases"]
