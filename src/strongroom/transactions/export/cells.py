"""Texts in the cells of a spreadsheet: kept from running as formulas, and back again exactly."""

from __future__ import annotations

from typing import Final

# OWASP "CSV injection": a cell that begins so is run as a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: an apostrophe before its start.

    A text that begins with an apostrophe gets one more, so that ``as_it_was`` undoes it exactly.
    """
    if text.startswith("'") or text.lstrip(" ").startswith(_FORMULA_STARTS):
        return f"'{text}"
    return text


def as_it_was(cell: str) -> str:
    """Return the text that ``harmless`` was given."""
    return cell.removeprefix("'")
