"""Twin of contracts/modules/maths.vy: products that are divided."""

from __future__ import annotations

from sim.mechanisms.kernel import Revert
from sim.units import MAX_UINT


def mul_div_down(x: int, y: int, divisor: int) -> int:
    """x * y / divisor, rounded down; reverts when the product overflows or there is no divisor."""
    product = x * y
    if product > MAX_UINT or not divisor:
        raise Revert
    return product // divisor


def mul_div_up(x: int, y: int, divisor: int) -> int:
    """x * y / divisor, rounded up; reverts when the product overflows or there is no divisor."""
    product = x * y
    if product > MAX_UINT or not divisor:
        raise Revert
    return (product + divisor - 1) // divisor
