"""Ticks and square roots of prices (WP 6.1): p(i) = 1.0001**i, square roots in Q64.96.

The contract multiplies stored powers instead of taking one. With |i| = sum of b_k 2**k,

    1 / sqrt(p(|i|)) = product over b_k = 1 of  c_k,    c_k = 1.0001**(-2**k / 2)

where every c_k is rounded to the nearest in Q128.128 and every product cut there. A positive tick
takes the reciprocal of all that, cut too; at last the result is rounded up to Q64.96.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import lru_cache

from sim.mechanisms.kernel import Revert
from sim.units import MAX_UINT

MIN_TICK, MAX_TICK = -887_272, 887_272
MIN_SQRT_PRICE = 4_295_128_739  # of MIN_TICK [Q64.96]
MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_342  # of MAX_TICK
BITS = 20  # of the largest tick

Q96 = 1 << 96
Q128 = 1 << 128
DIGITS = 80  # enough for squaring 20 times and rounding at the 39th
BASE = math.log(1.0001)
SHIFT = 96 * math.log(2)


def _powers() -> tuple[int, ...]:
    """c_k in Q128.128; each is the square of the one before."""
    with localcontext() as context:
        context.prec = DIGITS
        power, scaled = 1 / Decimal("1.0001").sqrt(), []
        for _ in range(BITS):
            scaled.append(int((power * Q128).to_integral_value()))
            power *= power
    return tuple(scaled)


POWERS = _powers()


@lru_cache(maxsize=1 << 16)
def sqrt_price_at(tick: int) -> int:
    """The square root of the price at a tick [Q64.96]. Reverts with T outside the range."""
    size = abs(tick)
    if size > MAX_TICK:
        raise Revert("T")
    ratio = Q128
    for k, power in enumerate(POWERS):
        if size >> k & 1:
            ratio = ratio * power >> 128
    if tick > 0:
        ratio = MAX_UINT // ratio
    return -(-ratio >> 32)


def tick_at(sqrt_price: int) -> int:
    """The greatest tick whose square root is not above this one. Reverts with R outside the range.

    The contract finds it by a binary logarithm that it corrects by comparing with
    `sqrt_price_at`, so its answer is this very tick. The float's guess is off by far less than
    one, and the comparisons are exact.
    """
    if not MIN_SQRT_PRICE <= sqrt_price < MAX_SQRT_PRICE:
        raise Revert("R")
    guess = min(math.floor(2 * (math.log(sqrt_price) - SHIFT) / BASE), MAX_TICK - 1)
    if sqrt_price_at(guess + 1) <= sqrt_price:
        return guess + 1
    return guess if sqrt_price_at(guess) <= sqrt_price else guess - 1


@lru_cache(maxsize=16)
def max_liquidity_per_tick(spacing: int) -> int:
    """The bound that keeps the sum over all usable ticks within 128 bits."""
    usable = 2 * (MAX_TICK // spacing) + 1
    return (Q128 - 1) // usable


def next_tick(words: dict[int, int], tick: int, spacing: int, down: bool) -> tuple[int, bool]:
    """The next initialised tick within one word of the bitmap, and whether it is initialised.

    Bit k of word w stands for tick (256 w + k) * spacing (WP 6.2.4). Downwards the search begins at
    the tick itself, upwards at the next usable one. A word without one gives its last place, and
    the swap makes a step there of its own, whose rounding counts; so the walk is word by word.
    """
    place = tick // spacing
    if down:
        word, bit = place >> 8, place & 255
        below = words[word] & ((2 << bit) - 1)
        if below:
            return ((word << 8) + below.bit_length() - 1) * spacing, True
        return (word << 8) * spacing, False
    word, bit = (place + 1) >> 8, (place + 1) & 255
    above = words[word] >> bit
    if above:
        lowest = (above & -above).bit_length() - 1
        return ((word << 8) + bit + lowest) * spacing, True
    return ((word << 8) + 255) * spacing, False
