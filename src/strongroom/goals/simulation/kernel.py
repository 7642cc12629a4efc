"""The inner loops of a simulation, and their compilation by Numba to object code. Single precision.

Paths go in blocks of lanes, so that a processor takes 8 or 16 at a time, and a month goes in short
loops, so that it has many of them in hand at once. Every path has its own stream of random bits, a
function of the seed, the path's number and the month alone: neither the number of workers nor what
is simulated decides what is drawn. No operation may be fused or put in another order, so that
results are the same bits wherever arithmetic is IEEE 754's. Knows nothing of money; ``engine``
does. Imported where the engine is compiled, and nowhere else.
"""

from __future__ import annotations

import sys
from pathlib import Path

import llvmlite.binding as llvm
import numba
import numpy as np
from numba import (  # type: ignore[attr-defined]
    carray,
    float32,
    int32,
    int64,
    njit,
    types,
    uint32,
)

from strongroom.goals.simulation.compiled import (
    BITS,
    CAP,
    CHANCE,
    DRIFT,
    FREE,
    HELD,
    INCOME,
    INCOME_SD,
    INFLATION,
    INFLATION_SD,
    LANES,
    LEAST,
    PARAMETERS,
    PROMOTED,
    PROMOTION,
    PROMOTION_SD,
    RAISE,
    RAISE_SD,
    REST,
    ROWS,
    SHORT,
    SPAN,
    SPENDING,
    SPENDING_SD,
    START,
    SWING,
    SYMBOL,
    TODAY,
    keep,
    machine,
)

# What a path remembers, each a row of LANES numbers in one array: with one array, a compiler can
# see that no row overlaps another. The last three are what was drawn.
(_ALL, _FREE, _LOW, _PAY, _PRICE, _RISE, _LIFT, _SINES, _COSINES, _LUCK) = (
    LANES * row for row in range(ROWS)
)
_SECOND, _THIRD = LANES, 2 * LANES

_ZERO, _ONE, _MINUS_TWO = np.float32(0), np.float32(1), np.float32(-2)
_BITS_24, _BITS_25, _BITS_32 = (np.float32(2.0**-n) for n in (24, 25, 32))
_LOG2_E, _TO_WHOLE = np.float32(1.4426950408889634), np.float32(1.5 * 2**23)
_LN_2 = np.float32(2.0**-23 * 0.6931471805599453)
# Polynomials fitted by Chebyshev interpolation; errors: ln 4e-7, sine 6e-7, cosine 4e-7, 2^x 3e-7.
_LN = tuple(np.float32(one) for one in (
    -0.15049429, 0.167291008, -0.164815794, 0.198587175, -0.250042057, 0.333353354, -0.499999852,
))  # fmt: skip
_SINE = tuple(np.float32(one) for one in (
    -12.4712435, 41.3428824, -76.6144725, 81.5999433, -41.3415892, 6.28318492,
))  # fmt: skip
_COSINE = tuple(np.float32(one) for one in (
    6.52865816, -25.9675992, 60.167631, -85.4501395, 64.9391175, -19.7392045, 0.999999989,
))  # fmt: skip
_POWER = tuple(np.float32(one) for one in (
    0.00134004322, 0.0096760371, 0.0555032721, 0.240221074, 0.693147207,
))  # fmt: skip

# Division by zero gives what IEEE 754 says; Python's error would keep loops from being widened.
_inlined = njit(inline="always", error_model="numpy")


@_inlined
def _mixed(x):  # type: ignore[no-untyped-def]
    """Scatter 32 bits: a bijection whose every output bit depends on every input bit."""
    x = uint32(uint32(x ^ (x >> uint32(16))) * uint32(0x7FEB352D))
    x = uint32(uint32(x ^ (x >> uint32(15))) * uint32(0x846CA68B))
    return uint32(x ^ (x >> uint32(16)))


@_inlined
def _step(a, b, c, tick):  # type: ignore[no-untyped-def]
    """Return the next 32 bits, and the three words that chase each other, one step on."""
    word = uint32(uint32(a + b) + tick)
    after_c = uint32(uint32(uint32(c << uint32(21)) | uint32(c >> uint32(11))) + word)
    return word, uint32(b ^ (b >> uint32(9))), uint32(c + uint32(c << uint32(3))), after_c


@_inlined
def _drawn(bits, lane, tick):  # type: ignore[no-untyped-def]
    """Return three words of 32 bits each of a lane; its stream stands in ``bits``."""
    one, a, b, c = _step(bits[lane], bits[lane + _SECOND], bits[lane + _THIRD], tick)
    two, a, b, c = _step(a, b, c, uint32(tick + uint32(1)))
    three, a, b, c = _step(a, b, c, uint32(tick + uint32(2)))
    bits[lane] = a
    bits[lane + _SECOND] = b
    bits[lane + _THIRD] = c
    return one, two, three


@_inlined
def _radius(word):  # type: ignore[no-untyped-def]
    """Return how far from the middle a point lies whose two coordinates are normal (Box, Muller).

    The root of -2 ln u, for u from 24 bits, never 0.
    """
    u = float32(int32(word >> uint32(8))) * _BITS_24 + _BITS_25
    whole = np.float32(u).view(np.int32)
    power = int32(int32(whole - int32(0x3F2AAAAB)) & int32(-8388608))
    f = np.int32(whole - power).view(np.float32) - _ONE
    r = ((((((_LN[0] * f + _LN[1]) * f + _LN[2]) * f + _LN[3]) * f + _LN[4]) * f) + _LN[5]) * f
    r = r + _LN[6]
    return np.sqrt(_MINUS_TWO * (float32(power) * _LN_2 + (f + (f * f) * r)))


@_inlined
def _sine(turns):  # type: ignore[no-untyped-def]
    q = turns * turns
    r = (((_SINE[0] * q + _SINE[1]) * q + _SINE[2]) * q + _SINE[3]) * q + _SINE[4]
    return turns * (r * q + _SINE[5])


@_inlined
def _cosine(turns):  # type: ignore[no-untyped-def]
    q = turns * turns
    r = (((_COSINE[0] * q + _COSINE[1]) * q + _COSINE[2]) * q + _COSINE[3]) * q + _COSINE[4]
    return (r * q + _COSINE[5]) * q + _COSINE[6]


@_inlined
def _turns(word):  # type: ignore[no-untyped-def]
    return float32(int32(word)) * _BITS_32


@_inlined
def _share(word):  # type: ignore[no-untyped-def]
    return float32(int32(word >> uint32(8))) * _BITS_24


@_inlined
def _growth(x):  # type: ignore[no-untyped-def]
    """Return e to the x, less one; exact near zero."""
    y = x * _LOG2_E
    whole = (y + _TO_WHOLE) - _TO_WHOLE
    t = y - whole
    r = (((_POWER[0] * t + _POWER[1]) * t + _POWER[2]) * t + _POWER[3]) * t + _POWER[4]
    two = np.int32(int32(int32(whole) + int32(127)) << int32(23)).view(np.float32)
    return (two - _ONE) + two * (t * r)


@_inlined
def _begin(block, key, other_key, p, bits, now):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        first = _mixed(uint32(block * LANES + lane) ^ key)
        bits[lane] = first
        bits[lane + _SECOND] = _mixed(uint32(uint32(first + uint32(0x9E3779B9)) ^ other_key))
        bits[lane + _THIRD] = _mixed(uint32(first + uint32(0x3C6EF372)))
        now[lane + _ALL] = p[START] + p[FREE]
        now[lane + _FREE] = p[FREE]
        now[lane + _LOW] = p[START] + p[FREE]
        now[lane + _PAY] = p[INCOME]
        now[lane + _PRICE] = _ONE
        now[lane + _RISE] = _ONE
        now[lane + _LIFT] = _ONE


@_inlined
def _draw(tick, bits, now):  # type: ignore[no-untyped-def]
    """Give each lane two normals and a uniform number in 0 to 1."""
    for lane in range(LANES):
        one, two, three = _drawn(bits, lane, tick)
        now[lane + _SINES], now[lane + _COSINES] = _radius(one), _turns(two)
        now[lane + _LUCK] = _share(three)
    for lane in range(LANES):
        far, turns = now[lane + _SINES], now[lane + _COSINES]
        now[lane + _SINES], now[lane + _COSINES] = far * _sine(turns), far * _cosine(turns)


@_inlined
def _half_year(half, tick, p, bits, now):  # type: ignore[no-untyped-def]
    """Pay and prices at the start of a half-year: promotions, then by turns prices and raises.

    The raise of a year is drawn in its middle, and comes at its end.
    """
    rate, rate_sd, more, more_sd = p[INFLATION], p[INFLATION_SD], p[RAISE], p[RAISE_SD]
    jump, jump_sd = p[PROMOTION], p[PROMOTION_SD]
    promoted = _ZERO if half == 0 else p[PROMOTED]
    _draw(tick, bits, now)
    for lane in range(LANES):
        jumped = _ONE + jump + jump_sd * now[lane + _SINES]
        now[lane + _PAY] = now[lane + _PAY] * (jumped if now[lane + _LUCK] < promoted else _ONE)
    if half % 2 == 0:
        for lane in range(LANES):
            now[lane + _PAY] = now[lane + _PAY] * now[lane + _LIFT]
            now[lane + _RISE] = _ONE + _growth(rate + rate_sd * now[lane + _COSINES])
    else:
        for lane in range(LANES):
            now[lane + _LIFT] = _ONE + more + more_sd * now[lane + _COSINES]


@_inlined
def _month(tick, out, p, bits, now):  # type: ignore[no-untyped-def]
    """One month of every lane: markets move what is invested, then what is left comes in.

    ``out`` leaves whatever happens. Nothing is stored under a condition: that would cost the
    widening of the loop.
    """
    drift, swing, rest, short, held = p[DRIFT], p[SWING], p[REST], p[SHORT], p[HELD]
    spending, income_sd, spending_sd = p[SPENDING], p[INCOME_SD], p[SPENDING_SD]
    chance, least, span, cap = p[CHANCE], p[LEAST], p[SPAN], p[CAP]
    _draw(tick, bits, now)
    for lane in range(LANES):
        now[lane + _SINES] = _growth(drift + swing * now[lane + _SINES])
    for lane in range(LANES):
        growth, u = now[lane + _SINES], now[lane + _LUCK]
        price = now[lane + _PRICE] * now[lane + _RISE]
        pay, spent = now[lane + _PAY], spending * price
        every, free = now[lane + _ALL], now[lane + _FREE]
        over = every - held * spent
        invested = over if over > _ZERO else _ZERO
        cash = every - invested
        gain = invested * growth + cash * (rest if cash > _ZERO else short)
        pay_sd, spent_sd = income_sd * pay, spending_sd * spent
        sd = np.sqrt(pay_sd * pay_sd + spent_sd * spent_sd)
        mishap = (least + span * u) * price if u < chance else _ZERO
        left = pay - spent - out + sd * now[lane + _COSINES] - mishap
        # What is free is held back first; what of it is not held back moves with the markets.
        still = cash if cash > _ZERO else _ZERO
        still = still if still < free else free
        free = free + free * growth + still * (rest - growth) + left - cap
        every = every + gain + left
        free = free if free < every else every
        now[lane + _FREE] = free if free > _ZERO else _ZERO
        now[lane + _ALL] = every
        now[lane + _PRICE] = price
        low = now[lane + _LOW]
        now[lane + _LOW] = every if every < low else low


@_inlined
def _put(now, owed, today, into):  # type: ignore[no-untyped-def]
    for lane in range(LANES):
        saved = now[lane + _ALL] - now[lane + _FREE] - owed
        into[lane] = saved / (_ONE + today * (now[lane + _PRICE] - _ONE))


@_inlined
def _walk(first, last, keys, p, out, owed, ends, below, sample, bits, now):  # type: ignore[no-untyped-def]
    months, sampled = len(out), len(sample) // len(out)
    for block in range(first, last):
        place = block * LANES
        _begin(block, keys[0], keys[1], p, bits, now)
        tick = uint32(1)
        for month in range(months):
            if month % 6 == 0:
                _half_year(month // 6, tick, p, bits, now)
                tick = uint32(tick + uint32(3))
            _month(tick, out[month], p, bits, now)
            tick = uint32(tick + uint32(3))
            if place + LANES <= sampled:
                at = month * sampled + place
                _put(now, owed[month], p[TODAY], sample[at : at + LANES])
        _put(now, owed[months - 1], p[TODAY], ends[place : place + LANES])
        found = 0
        for lane in range(LANES):
            found += now[lane + _LOW] < _ZERO
        below[block] = found


def walk(first, last, months, sampled, keys, p, out, owed, ends, below, sample, bits, now):  # type: ignore[no-untyped-def]
    """Walk blocks ``first`` to ``last`` through every month. Takes addresses, as C does.

    ``p``: the parameters; ``out`` and ``owed``: what leaves, and is still owed, by month. Fills
    ``ends`` by path and ``below`` (paths that were ever below zero) by block, and ``sample`` by
    month and path for as many paths as it has room for. ``bits`` and ``now`` are room to work in.
    """
    _walk(
        first, last, carray(keys, (2,)), carray(p, (PARAMETERS,)),
        carray(out, (months,)), carray(owed, (months,)),
        carray(ends, (last * LANES,)), carray(below, (last,)),
        carray(sample, (months * sampled,)),
        carray(bits, (BITS * LANES,)), carray(now, (ROWS * LANES,)),
    )  # fmt: skip


def compiled() -> bytes:
    """Compile ``walk`` for this machine: seconds. Return object code that needs nothing else."""
    made = njit(_WALK, error_model="numpy")(walk)
    module = llvm.parse_assembly(made.inspect_llvm(made.signatures[0]))
    for function in module.functions:
        if function.is_declaration:
            continue
        added = function.name.startswith(("cpython.", "cfunc."))
        if function.linkage == llvm.Linkage.external and not added:
            function.name = SYMBOL
        else:  # what Numba adds to every function, and nobody calls here
            function.linkage = llvm.Linkage.internal
    target = machine()
    passes = llvm.create_new_module_pass_manager()
    passes.add_global_dead_code_eliminate_pass()
    passes.run(module, llvm.create_pass_builder(target, llvm.create_pipeline_tuning_options(0)))
    code: bytes = target.emit_object(module)
    return code


_COUNT, _FLOATS, _COUNTS, _WORDS = (
    int64, *(types.CPointer(one) for one in (float32, int64, uint32))  # type: ignore[no-untyped-call]
)  # fmt: skip
_WALK = numba.void(
    _COUNT, _COUNT, _COUNT, _COUNT, _WORDS, _FLOATS, _FLOATS, _FLOATS, _FLOATS, _COUNTS, _FLOATS,
    _WORDS, _FLOATS,
)  # fmt: skip


if __name__ == "__main__":
    keep(Path(sys.argv[1]), compiled())
