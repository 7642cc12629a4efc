"""Export: Activity as a sheet, and a whole book as CSV, JSON, beancount or ledger.

What stands in a file is decided here; who may ask for one is the edges' matter.
"""

from __future__ import annotations

from strongroom.transactions.export.types import Format, Part, Written
from strongroom.transactions.export.whole import ExportIsBeingWritten, ask, write

__all__ = ["ExportIsBeingWritten", "Format", "Part", "Written", "ask", "write"]
