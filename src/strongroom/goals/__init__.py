"""Goals: what a person saves for, and how likely they are to get there. The door of the domain."""

from strongroom.goals.parsing import GoalTextIsEmpty, GoalTextIsTooLong, parse
from strongroom.goals.types import (
    Constraint,
    ConstraintKind,
    GoalType,
    Interpreter,
    LocalModel,
    ModelIsSilent,
    ModelUse,
    Origin,
    Question,
    Source,
    Understood,
)

__all__ = [
    "Constraint",
    "ConstraintKind",
    "GoalTextIsEmpty",
    "GoalTextIsTooLong",
    "GoalType",
    "Interpreter",
    "LocalModel",
    "ModelIsSilent",
    "ModelUse",
    "Origin",
    "Question",
    "Source",
    "Understood",
    "parse",
]
