"""Files as a source of bank data: ``look`` says what a file is, ``read`` streams its rows.

Reading only: nothing is stored, no network is used. What the formats are stands in ``readers``.
"""

from __future__ import annotations

from strongroom.connections.files.content import Beside
from strongroom.connections.files.currencies import is_known as is_currency
from strongroom.connections.files.guess import look, read, sampled
from strongroom.connections.files.readers import READERS
from strongroom.connections.files.remembered import as_before
from strongroom.connections.files.types import (
    MOST_PROBLEMS,
    SIGNS,
    Correction,
    FileAccount,
    FileBalance,
    FileCategory,
    FileIsRefused,
    FileRow,
    Guess,
    Limits,
    Problem,
    Reading,
    Source,
)

__all__ = [
    "MOST_PROBLEMS",
    "READERS",
    "SIGNS",
    "Beside",
    "Correction",
    "FileAccount",
    "FileBalance",
    "FileCategory",
    "FileIsRefused",
    "FileRow",
    "Guess",
    "Limits",
    "Problem",
    "Reading",
    "Source",
    "as_before",
    "is_currency",
    "look",
    "read",
    "sampled",
]
