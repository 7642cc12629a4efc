"""The model of ``goals.simulation`` in plain NumPy: whole arrays, double precision, no tricks.

It takes the kernel's parameters and follows the same months, with random numbers of its own. What
the compiled engine is held against, in time and in what it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from strongroom.goals import simulation_kernel as kernel

Array = NDArray[np.float64]


class Draws(Protocol):
    """Where random numbers come from; one call is one number for each path."""

    def normal(self, paths: int) -> Array:
        """Standard normals."""

    def uniform(self, paths: int) -> Array:
        """Uniform in 0 to 1."""


class Plain:
    """NumPy's own generator."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, paths: int) -> Array:
        return self.rng.standard_normal(paths)

    def uniform(self, paths: int) -> Array:
        return self.rng.random(paths)


class Antithetic(Plain):
    """Every second path sees the first one's draws mirrored."""

    def normal(self, paths: int) -> Array:
        half = super().normal(paths // 2)
        return np.concatenate([half, -half])

    def uniform(self, paths: int) -> Array:
        half = super().uniform(paths // 2)
        return np.concatenate([half, 1 - half])


def walk(
    p: Sequence[float], out: Sequence[float], owed: Sequence[float], paths: int, draws: Draws
) -> Array:
    """Return what is saved at the end of each path, in the unit of the parameters."""
    every = np.full(paths, p[kernel.START] + p[kernel.FREE])
    free = np.full(paths, p[kernel.FREE])
    pay = np.full(paths, p[kernel.INCOME])
    price, rise, lift = np.ones(paths), np.ones(paths), np.ones(paths)
    for month, leaves in enumerate(out):
        if month % 6 == 0:
            pay, rise, lift = _half_year(p, month // 6, pay, rise, lift, draws)
        price = price * rise
        market, flow, luck = draws.normal(paths), draws.normal(paths), draws.uniform(paths)
        spent = p[kernel.SPENDING] * price
        invested = np.maximum(every - p[kernel.HELD] * spent, 0)
        cash = every - invested
        growth = np.exp(p[kernel.DRIFT] + p[kernel.SWING] * market) - 1
        gain = invested * growth + cash * np.where(cash > 0, p[kernel.REST], p[kernel.SHORT])
        sd = np.hypot(p[kernel.INCOME_SD] * pay, p[kernel.SPENDING_SD] * spent)
        mishap = np.where(
            luck < p[kernel.CHANCE], (p[kernel.LEAST] + p[kernel.SPAN] * luck) * price, 0
        )
        left = pay - spent - leaves + sd * flow - mishap
        still = np.minimum(np.maximum(cash, 0), free)
        free = free + free * growth + still * (p[kernel.REST] - growth) + left - p[kernel.CAP]
        every = every + gain + left
        free = np.maximum(np.minimum(free, every), 0)
    saved: Array = every - free - owed[-1]
    return saved / price if p[kernel.TODAY] else saved


def _half_year(
    p: Sequence[float], half: int, pay: Array, rise: Array, lift: Array, draws: Draws
) -> tuple[Array, Array, Array]:
    one, two = draws.normal(len(pay)), draws.normal(len(pay))
    luck = draws.uniform(len(pay))
    if half:
        jump = 1 + p[kernel.PROMOTION] + p[kernel.PROMOTION_SD] * one
        pay = np.where(luck < p[kernel.PROMOTED], pay * jump, pay)
    if half % 2:
        return pay, rise, 1 + p[kernel.RAISE] + p[kernel.RAISE_SD] * two
    return pay * lift, np.exp(p[kernel.INFLATION] + p[kernel.INFLATION_SD] * two), lift
