"""The least a simulation could cost: drawing its normals with the fastest generator found.

The engine's own generator and its own way from bits to normals, in two short loops, and nothing
else. NumPy's generator takes thirty times as long.
"""

# mypy: disable-error-code="untyped-decorator"

from __future__ import annotations

from collections.abc import Callable

import numba
import numpy as np
from numba import njit, uint32

from strongroom.goals.simulation import kernel
from strongroom.goals.simulation.compiled import LANES

_SECOND, _THIRD, _TURNS = LANES, 2 * LANES, LANES
_inlined = njit(inline="always", error_model="numpy")
_mixed, _step = kernel._mixed, kernel._step
_radius, _turns, _sine, _cosine = kernel._radius, kernel._turns, kernel._sine, kernel._cosine


@_inlined
def _begin(block, key, other_key, bits):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        first = _mixed(uint32(block * LANES + lane) ^ key)
        bits[lane] = first
        bits[lane + _SECOND] = _mixed(uint32(uint32(first + uint32(0x9E3779B9)) ^ other_key))
        bits[lane + _THIRD] = _mixed(uint32(first + uint32(0x3C6EF372)))


@_inlined
def _draw(tick, bits, drawn, total):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        one, a, b, c = _step(bits[lane], bits[lane + _SECOND], bits[lane + _THIRD], tick)
        two, a, b, c = _step(a, b, c, uint32(tick + uint32(1)))
        bits[lane], bits[lane + _SECOND], bits[lane + _THIRD] = a, b, c
        drawn[lane], drawn[lane + _TURNS] = _radius(one), _turns(two)
    for lane in range(LANES):
        far, turns = drawn[lane], drawn[lane + _TURNS]
        total[lane] += far * _sine(turns) + far * _cosine(turns)


def _normals(first, last, steps, key, other_key, sums):  # type: ignore[no-untyped-def]
    """Draw so many pairs of normals for each path of the blocks; only add them up."""
    bits, drawn = np.empty(3 * LANES, np.uint32), np.empty(2 * LANES, np.float32)
    total = np.empty(LANES, np.float32)
    for block in range(first, last):
        _begin(block, key, other_key, bits)
        total[:] = np.float32(0)
        for step in range(steps):
            _draw(uint32(2 * step + 1), bits, drawn, total)
        sums[block] = total.sum()


def normals() -> Callable[..., None]:
    """Return the floor, compiled."""
    counts, words, sums = numba.int64, numba.uint32, numba.float64[::1]
    made: Callable[..., None] = njit(
        numba.void(counts, counts, counts, words, words, sums), nogil=True, error_model="numpy"
    )(_normals)
    return made
