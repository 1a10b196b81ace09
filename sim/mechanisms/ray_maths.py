"""Twin of contracts/modules/ray_maths.vy: decay in RAY, every product rounded half up."""

from __future__ import annotations

from functools import lru_cache

from sim.mechanisms.words import uint
from sim.units import RAY

HALF = RAY // 2
LN2 = 693_147_180_559_945_309_417_232_121  # natural logarithm of 2 [RAY]
TERMS = 32  # of the exponential's series


def mul_half_up(x: int, factor: int) -> int:
    """x * factor, rounded half up; `factor` in [RAY]. Reverts when the product overflows."""
    return uint(uint(x * factor) + HALF) // RAY


@lru_cache(maxsize=1 << 16)
def pow_half_up(base: int, exponent: int) -> int:
    """base ** exponent by squaring, lowest bit first; `base` in [RAY], at most RAY."""
    result, square = RAY, base
    while True:
        if exponent & 1:
            result = mul_half_up(result, square)
        exponent >>= 1
        if not exponent:
            return result
        square = mul_half_up(square, square)


@lru_cache
def half_life_factor(half_life: int) -> int:
    """2 ** (-1 / half_life), what is left after one second [RAY]; exp(-ln 2 / half_life) by its
    series."""
    x, term, total = LN2 // half_life, RAY, RAY
    for n in range(1, TERMS):
        term = mul_half_up(term, x) // n
        total += -term if n & 1 else term
    return total
