"""Simulations that are kept: run, list, stop, replay, archive. The room's door."""

from strongroom.goals.runs.types import SHORT, Replayed, Run

__all__ = ["SHORT", "Replayed", "Run"]
