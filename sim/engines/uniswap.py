"""Uniswap v3's own grid: prices to ticks and square roots, for either order of the two tokens.

A pool's raw price is units of token1 for one unit of token0; token0 is the one with the lower
address (Uniswap v3 Core whitepaper, 6.1). People's prices here are whole debt tokens for one whole
collateral token.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from sim.engines.base import Address
from sim.errors import InputError

SPACING = {500: 10, 3000: 60, 10000: 200}  # ticks between usable ones, by fee [1e-6]
MAX_TICK = 887_272
BASE = math.log(1.0001)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two tokens of a pool, and which comes first."""

    collateral: Address
    debt_token: Address
    collateral_decimals: int
    debt_decimals: int
    fee: int  # [1e-6]

    @property
    def collateral_is_token0(self) -> bool:
        return int(self.collateral, 16) < int(self.debt_token, 16)

    @property
    def tokens(self) -> tuple[Address, Address]:
        """token0, token1."""
        both = (self.collateral, self.debt_token)
        return both if self.collateral_is_token0 else (both[1], both[0])

    @property
    def _scale(self) -> Fraction:
        """Raw units of the debt token for one raw unit of collateral, at a price of 1."""
        return Fraction(10**self.debt_decimals, 10**self.collateral_decimals)

    def sqrt_price_x96(self, price: float) -> int:
        """The square root of the raw price in Q64.96, rounded down."""
        raw = self._raw(price)
        return math.isqrt((raw.numerator << 192) // raw.denominator)

    def price(self, sqrt_price_x96: int) -> float:
        """[debt token per collateral token] of a pool's square root."""
        if not sqrt_price_x96:
            return 0.0
        over, under = sqrt_price_x96**2, 1 << 192
        if not self.collateral_is_token0:
            over, under = under, over
        units = 10**self.collateral_decimals, 10**self.debt_decimals
        price: float = over * units[0] / (under * units[1])
        return price

    def ticks(self, lower_price: float, upper_price: float) -> tuple[int, int]:
        """The range as lower and upper tick, each rounded to the nearest usable one, never empty.

        Raises InputError when the prices are not a range.
        """
        if not 0 < lower_price < upper_price:
            raise InputError(
                f"a position from {lower_price} to {upper_price}: prices must rise from above 0"
            )
        spacing = SPACING[self.fee]
        lower, upper = sorted(self._tick(p, spacing) for p in (lower_price, upper_price))
        return lower, max(upper, lower + spacing)

    def _tick(self, price: float, spacing: int) -> int:
        raw = self._raw(price)
        exact = (math.log(raw.numerator) - math.log(raw.denominator)) / BASE
        bound = MAX_TICK // spacing * spacing
        return max(-bound, min(bound, round(exact / spacing) * spacing))

    def _raw(self, price: float) -> Fraction:
        raw = Fraction(str(price)) * self._scale
        return raw if self.collateral_is_token0 else 1 / raw

    def ordered(self, collateral: int, debt_token: int) -> tuple[int, int]:
        """The two amounts in the pool's order."""
        return (collateral, debt_token) if self.collateral_is_token0 else (debt_token, collateral)
