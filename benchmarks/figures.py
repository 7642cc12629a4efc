"""How figures are taken and shown: medians, percentiles, and lines that stand under each other."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Timed:
    """How long a block took."""

    seconds: float = 0.0


@contextmanager
def timed() -> Iterator[Timed]:
    """Measure the block."""
    found = Timed()
    started = time.perf_counter()
    yield found
    found.seconds = time.perf_counter() - started


def show(what: str, figure: str, note: str = "") -> None:
    """Print one line of a table."""
    print(f"  {what:<52}{figure:>16}  {note}".rstrip(), flush=True)


def rate(rows: int, seconds: float) -> str:
    """Rows a second."""
    return f"{rows / seconds:,.0f} rows/s"


def milliseconds(seconds: float) -> str:
    """A time in milliseconds."""
    return f"{seconds * 1000:.1f} ms"


def percentile(values: Sequence[float], share: int) -> float:
    """The value that ``share`` of a hundred do not exceed."""
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]
