"""Twin of contracts/modules/ray_maths.vy: decay in RAY, every product rounded half up."""

from __future__ import annotations

from functools import lru_cache

from sim.mechanisms.words import uint
from sim.units import RAY

HALF = RAY // 2


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
