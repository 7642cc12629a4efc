"""Reading a file as the last one of its source was, as far as the file does not contradict that.

What contradicts it is dropped by itself, and what the file shows stands in; it is said in words.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from strongroom.connections.files.columns import currency_in
from strongroom.connections.files.guess import read, sampled
from strongroom.connections.files.types import FileIsRefused, Guess, Limits, Source
from strongroom.ui import N_
from strongroom.ui import gettext as _

_ROWS_TRIED: Final = 5_000
_PARTS: Final = (
    ("columns", "sign"), ("date_order",), ("decimal_mark",),
)  # fmt: skip
_NAMES: Final = {
    "columns": N_("the columns"),
    "date_order": N_("the order of dates"),
    "decimal_mark": N_("the decimal mark"),
}


def as_before(source: Source, guess: Guess, saved: Guess, *, limits: Limits) -> Guess:
    """Return a file's guess with what was settled for its source where the file bears it out."""
    best = guess.changed(currency=_currency(guess, saved))
    whole = best.changed(**{name: getattr(saved, name) for part in _PARTS for name in part})
    fits = _fits(source, best, limits)
    if _fits(source, whole, limits) >= fits:
        reason = _("The file is read as the last one from this source was.")
        return sampled(source, whole.changed(reasons=(reason,), confidence=100), limits=limits)
    dropped = []
    for part in _PARTS:
        facts: Mapping[str, Any] = {name: getattr(saved, name) for name in part}
        tried = best.changed(**facts)
        if tried == best:
            continue
        found = _fits(source, tried, limits)
        if found >= fits:
            best, fits = tried, found
        else:
            dropped.append(_(_NAMES[part[0]]))
    reason = _(
        "The last file from this source was read otherwise: this one contradicts %(what)s,"
        " found anew.", what=", ".join(dropped) or _("that"),
    )  # fmt: skip
    return sampled(
        source, best.changed(reasons=(reason, *guess.reasons), confidence=60), limits=limits
    )


def _currency(guess: Guess, saved: Guess) -> str | None:
    """Return the currency settled before, unless the amounts of this file show another."""
    shown = (guess.currency,) if guess.currency else guess.currency_hints
    by_heading = guess.currency in [currency_in(heading) for heading in guess.header]
    if saved.currency and (not shown or by_heading or saved.currency in shown):
        return saved.currency
    return guess.currency


def _fits(source: Source, guess: Guess, limits: Limits) -> int:
    """Return how well a guess reads the beginning: rows less problems; nothing is worst."""
    try:
        with read(source, guess, limits=limits) as reading:
            rows = sum(1 for _row in islice(reading.rows, _ROWS_TRIED))
            return rows - reading.problem_count
    except FileIsRefused:
        return -(2**31)
