"""Movements of the price and of the amounts within one range of constant liquidity (WP 6.2.3).

With s the square root of the price and L the liquidity, amount1 moves s by amount1 / L and amount0
moves 1/s by amount0 / L (WP 6.13 to 6.16). Square roots `s` in [Q64.96], amounts in [token].
Every rounding favours the pool: what it gets is rounded up, what it gives down, and the price ends
where it gave no more than it got.
"""

from __future__ import annotations

from collections.abc import Callable

MILLION = 10**6  # unit of fees
Between = Callable[[int, int, int, bool], int]


def amount0_between(a: int, b: int, liquidity: int, up: bool) -> int:
    """L (1/low - 1/high) = L (high - low) / (low high).

    The contract divides by the one and then by the other, which rounds as dividing by the product.
    """
    low, high = (a, b) if a < b else (b, a)
    numerator, denominator = (liquidity << 96) * (high - low), low * high
    return -(-numerator // denominator) if up else numerator // denominator


def amount1_between(a: int, b: int, liquidity: int, up: bool) -> int:
    """L (high - low)."""
    product = liquidity * abs(b - a)
    return -(-product >> 96) if up else product >> 96


def price_after_amount0(s: int, liquidity: int, amount: int, into: bool) -> int:
    """1 / (1/s +- amount / L) = L s / (L +- amount s), rounded up.

    The contract has a coarser form for products beyond a word. No step gets there: the amount is
    less than `amount0_between` low and high, so that amount x s < L high / low, and within a word
    of the bitmap high / low is below 1.0001**(128 x 200) < 13. Out of the pool, amount s < L.
    """
    scaled, product = liquidity << 96, amount * s
    return -(-scaled * s // (scaled + product if into else scaled - product))


def price_after_amount1(s: int, liquidity: int, amount: int, into: bool) -> int:
    """s +- amount / L, rounded down. It stays before the target, so it is on the line."""
    if into:
        return s + (amount << 96) // liquidity
    return s - -(-(amount << 96) // liquidity)


def step(s: int, target: int, liquidity: int, rest: int, fee: int) -> tuple[int, int, int, int]:
    """One step of a swap towards a target: the new s, amount in without fee, amount out, fee.

    `rest` is what is left of an exact input, or of an exact output below zero; `fee` in [1e-6]. An
    exact input that stops short is used up: what the price did not need is fee. An exact output
    is never exceeded, though the price is rounded towards the target.
    """
    down, exact_in = s >= target, rest >= 0
    between_in, between_out = _sides(down)
    if exact_in:
        usable = rest * (MILLION - fee) // MILLION
        arrives = usable >= between_in(s, target, liquidity, True)
        move = price_after_amount0 if down else price_after_amount1
        end = target if arrives else move(s, liquidity, usable, True)
    else:
        arrives = -rest >= between_out(s, target, liquidity, False)
        move = price_after_amount1 if down else price_after_amount0
        end = target if arrives else move(s, liquidity, -rest, False)
    taken, given = between_in(s, end, liquidity, True), between_out(s, end, liquidity, False)
    charge = -(-taken * fee // (MILLION - fee)) if arrives or not exact_in else rest - taken
    return end, taken, given if exact_in else min(given, -rest), charge


def _sides(down: bool) -> tuple[Between, Between]:
    """What measures the amount in and the amount out: downwards token0 comes in."""
    return (amount0_between, amount1_between) if down else (amount1_between, amount0_between)
