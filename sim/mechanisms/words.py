"""The machine's numbers: integers of fixed width, and what happens when one does not fit."""

from __future__ import annotations

from sim.mechanisms.kernel import Revert


def uint(value: int, bits: int = 256) -> int:
    """The value, checked: reverts without a reason when it is negative or too large."""
    if value < 0 or value >> bits:
        raise Revert
    return value


def sint(value: int, bits: int = 256) -> int:
    """The value, checked: reverts without a reason when it does not fit into two's complement."""
    if value >> (bits - 1) not in (0, -1):
        raise Revert
    return value


def wrapped(value: int, bits: int = 256) -> int:
    """The value modulo 2**bits, as unchecked unsigned arithmetic leaves it."""
    return value & ((1 << bits) - 1)


def wrapped_sint(value: int, bits: int = 256) -> int:
    """The value as unchecked signed arithmetic leaves it."""
    low = value & ((1 << bits) - 1)
    return low - (1 << bits) if low >> (bits - 1) else low


def mul_div_down(a: int, b: int, denominator: int) -> int:
    """a * b / denominator through a product of double width; reverts when it overflows a word."""
    if not denominator:
        raise Revert
    return uint(a * b // denominator)
