"""Random numbers for simulations in plain NumPy: as they come, mirrored, and Sobol's.

Sobol's points fill the unit cube evenly, so that fewer of them say as much (I. M. Sobol, 1967);
each sequence of normals is laid along slow waves first, as the slowest waves decide most.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
_BITS = 32
_MONTHLY = ("markets", "flows", "emergencies")
_HALF_YEARLY = ("years", "chances", "promotions")


class Plain:
    """NumPy's own generator."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)

    def normal(self, what: str, paths: int) -> Array:
        return self.rng.standard_normal(paths)

    def uniform(self, what: str, paths: int) -> Array:
        return self.rng.random(paths)


class Mirrored(Plain):
    """Every second path sees the first one's draws mirrored."""

    def normal(self, what: str, paths: int) -> Array:
        half = super().normal(what, paths // 2)
        return np.concatenate([half, -half])

    def uniform(self, what: str, paths: int) -> Array:
        half = super().uniform(what, paths // 2)
        return np.concatenate([half, 1 - half])


class Sobol:
    """Sobol's points for so many months, shifted at random. ``paths`` is a power of two."""

    def __init__(self, seed: int, *, months: int, paths: int) -> None:
        lengths = dict.fromkeys(_MONTHLY, months) | dict.fromkeys(_HALF_YEARLY, -(-months // 6))
        places = [(wave, what) for what in lengths for wave in range(lengths[what])]
        # The first dimensions are the most even, and go to the slowest waves.
        places.sort(key=lambda place: place[0])
        points = sobol(len(places), paths, random.Random(seed))
        self._points = {
            what: points[[at for at, place in enumerate(places) if place[1] == what]]
            for what in lengths
        }
        self._normals: dict[str, Array] = {}
        self._drawn: Counter[str] = Counter()

    def normal(self, what: str, paths: int) -> Array:
        if what not in self._normals:
            points = self._points[what]
            self._normals[what] = _waves(len(points)) @ _normal(points)
        return self._next(what, self._normals[what])

    def uniform(self, what: str, paths: int) -> Array:
        return self._next(what, self._points[what])

    def _next(self, what: str, rows: Array) -> Array:
        self._drawn[what] += 1
        row: Array = rows[self._drawn[what] - 1]
        return row


def sobol(dimensions: int, points: int, rng: random.Random) -> Array:
    """Return points of the unit cube, a row for each dimension; ``points`` is a power of two.

    The first numbers of each dimension are drawn, as any odd ones will do; a shift of all bits
    makes every point uniform.
    """
    found = np.zeros((dimensions, points), np.uint32)
    for row, (degree, polynomial) in zip(
        found, [(0, 1), *islice(_primitive(), dimensions - 1)], strict=True
    ):
        row[0] = rng.getrandbits(_BITS)
        for bit, direction in enumerate(_directions(degree, polynomial, rng)):
            done = 1 << bit
            if done >= points:
                break
            row[done : 2 * done] = row[:done] ^ np.uint32(direction)
    evened: Array = (found.astype(np.float64) + 0.5) / 2.0**_BITS
    return evened


def _directions(degree: int, polynomial: int, rng: random.Random) -> list[int]:
    numbers = [rng.randrange(1, 2 << k, 2) for k in range(degree)] if degree else [1] * _BITS
    for k in range(len(numbers), _BITS):
        new = numbers[k - degree] ^ numbers[k - degree] << degree
        for back in range(1, degree):
            if polynomial >> (degree - back) & 1:
                new ^= numbers[k - back] << back
        numbers.append(new)
    return [number << (_BITS - 1 - k) for k, number in enumerate(numbers)]


def _primitive() -> Iterator[tuple[int, int]]:
    """Yield the degree and the bits of every polynomial over two elements that is primitive."""
    degree = 1
    while True:
        for polynomial in range((1 << degree) + 1, 2 << degree, 2):
            power, steps = 1, 0
            while steps == 0 or power != 1:
                power <<= 1
                power ^= polynomial * (power >> degree)
                steps += 1
            if steps == (1 << degree) - 1:
                yield degree, polynomial
        degree += 1


@cache
def _table() -> tuple[Array, Array]:
    z = np.linspace(-7, 7, 20_001)
    return np.array([NormalDist().cdf(one) for one in z]), z


def _normal(uniform: Array) -> Array:
    shares, z = _table()
    return np.interp(uniform, shares, z)


@cache
def _waves(months: int) -> Array:
    """Return an orthogonal matrix whose columns are waves, the slowest first (DCT-II)."""
    month, wave = np.arange(months)[:, None], np.arange(months)[None, :]
    waves: Array = np.cos(np.pi * wave * (month + 0.5) / months) * (2 / months) ** 0.5
    waves[:, 0] /= 2**0.5
    return waves
