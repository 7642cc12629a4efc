"""One event that two sources told: asked about, merged by the person or kept as two.

What the rest of the book may use of it.
"""

from strongroom.transactions.doubles.queries import days_of_import
from strongroom.transactions.doubles.service import (
    DoubleNotFound,
    ask_again,
    count_asked,
    find_of,
    list_asked,
    merge,
    propose,
    reject,
)
from strongroom.transactions.doubles.types import Double, DoubleRow

__all__ = [
    "Double",
    "DoubleNotFound",
    "DoubleRow",
    "ask_again",
    "count_asked",
    "days_of_import",
    "find_of",
    "list_asked",
    "merge",
    "propose",
    "reject",
]
