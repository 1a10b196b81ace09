"""Twin of contracts/modules/tick_maths.vy; the roots are those of the pool's own twin."""

from __future__ import annotations

from sim.mechanisms.uniswap.ticks import Q128, sqrt_price_at

Q32 = 1 << 32
Q64 = 1 << 64


def price_near(tick: int) -> int:
    """The tick's price, the root's square, off by less than 1e-9 of itself [Q128.128]."""
    root = sqrt_price_at(tick)
    return root * root // Q64 if root < Q128 else (root // Q32) ** 2
