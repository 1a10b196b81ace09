"""What a swap in the pool would do, from the public positions: Uniswap v3's formulas in floats.

Prices are per whole token; inside, `s` is the square root of the price in smallest units (debt per
collateral), so whichever token Uniswap calls token0, a range [a, b] with liquidity L holds L (1/s -
1/b) of the collateral and L (s - a) of the debt token (Adams et al. 2021, eq. 6.29 and 6.30).
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from typing import NamedTuple

TICK = 1.0001


@dataclass(frozen=True, slots=True)
class Range:
    """A position's liquidity between two roots."""

    low: float
    high: float
    liquidity: float


class Swap(NamedTuple):
    """What comes of a swap: amounts in smallest units, the root of the price after it."""

    spent: float
    got: float
    root: float


class PoolDepth:
    """The pool as a keeper's calculator sees it. Immutable: `after` gives the pool after a swap."""

    def __init__(self, ranges: Iterable[Range], root: float, fee: float, unit: float) -> None:
        """`fee` as a ratio; `unit` is a price of one in smallest units: 10**(debt - collateral
        decimals)."""
        self._ranges = tuple(ranges)
        self._fee = fee
        self._unit = unit
        self.root = root
        self._edges = sorted({edge for r in self._ranges for edge in (r.low, r.high)})
        self._sums: dict[int, float] = {}  # of liquidity, by the upper edge, as far as asked for

    @property
    def price(self) -> float:
        """[debt token per collateral token]"""
        return self.root**2 / self._unit

    @property
    def fee(self) -> float:
        return self._fee

    def after(self, swap: Swap) -> PoolDepth:
        """The pool once the swap is done."""
        return self.at(swap.root)

    def at(self, root: float) -> PoolDepth:
        """The same liquidity at another price."""
        moved = copy(self)
        moved.root = root
        return moved

    def sell(self, amount: float) -> Swap:
        """Sell collateral; when liquidity ends, less is spent."""
        return self._sell(amount, 0.0)

    def sell_down_to(self, price: float) -> Swap:
        """Sell until one more token would fetch `price` after the fee."""
        return self._sell(math.inf, math.sqrt(price / (1 - self._fee) * self._unit))

    def paid_down_by(self, drop: float) -> float:
        """What the pool pays in all for collateral until its price has fallen by the ratio `drop`
        [smallest units of the debt token]."""
        return self._sell(math.inf, self.root * math.sqrt(1 - drop)).got

    def within(self, share: float) -> float:
        """What it takes to move the price by this ratio, down and up [smallest units of the debt
        token]."""
        up = self.buy_up_to(self.price * (1 + share) / (1 - self._fee), math.inf)
        return self.paid_down_by(share) + up.spent * (1 - self._fee)

    @property
    def collateral_share(self) -> float:
        """Of what the pool holds, at its price; none in an empty one."""
        collateral = debt = 0.0
        for held in self._ranges:
            at = min(max(self.root, held.low), held.high)
            collateral += held.liquidity * (1 / at - 1 / held.high)
            debt += held.liquidity * (at - held.low)
        worth = collateral * self.root**2
        return worth / (worth + debt) if worth + debt else 0.0

    def buy_up_to(self, price: float, budget: float) -> Swap:
        """Spend up to `budget` of the debt token, until one more collateral would cost `price` with
        the fee."""
        limit = math.sqrt(price * (1 - self._fee) * self._unit)
        net, got, root = budget * (1 - self._fee), 0.0, self.root
        spent = 0.0
        while root < limit and spent < net:
            edge, liquidity = self._above(root)
            if edge is None:
                break
            target = min(edge, limit, root + (net - spent) / liquidity if liquidity else edge)
            spent += liquidity * (target - root)
            got += liquidity * (1 / root - 1 / target)
            if target == root:
                break
            root = target
        return Swap(spent / (1 - self._fee), got, root)

    def _sell(self, amount: float, limit: float) -> Swap:
        net, got, root = amount * (1 - self._fee), 0.0, self.root
        spent = 0.0
        while root > limit and spent < net:
            edge, liquidity = self._below(root)
            if edge is None:
                break
            stop = 1 / (1 / root + (net - spent) / liquidity) if liquidity else edge
            target = max(edge, limit, stop)
            spent += liquidity * (1 / target - 1 / root)
            got += liquidity * (root - target)
            if target == root:
                break
            root = target
        return Swap(spent / (1 - self._fee), got, root)

    def _below(self, root: float) -> tuple[float | None, float]:
        """The next edge under the root and the liquidity down to it."""
        i = bisect.bisect_left(self._edges, root)
        if not i:
            return None, 0.0
        return self._edges[i - 1], self._between(i)

    def _above(self, root: float) -> tuple[float | None, float]:
        i = bisect.bisect_right(self._edges, root)
        if i == len(self._edges):
            return None, 0.0
        return self._edges[i], self._between(i)

    def _between(self, i: int) -> float:
        """The liquidity from one edge to the i-th; none outside of all."""
        if not 0 < i < len(self._edges):
            return 0.0
        if i not in self._sums:
            low, high = self._edges[i - 1], self._edges[i]
            stand = (r.liquidity for r in self._ranges if r.low <= low and high <= r.high)
            self._sums[i] = sum(stand)
        return self._sums[i]


def range_of_ticks(lower: int, upper: int, liquidity: int, collateral_is_token0: bool) -> Range:
    """A position as Uniswap stores it; when the collateral is token1 its price is the inverse of
    Uniswap's."""
    low, high = (lower, upper) if collateral_is_token0 else (-upper, -lower)
    return Range(TICK ** (low / 2), TICK ** (high / 2), float(liquidity))


def root_of(sqrt_price_x96: int, collateral_is_token0: bool) -> float:
    """The root of the price from Uniswap's own number."""
    root = sqrt_price_x96 / 2**96
    return root if collateral_is_token0 else 1 / root


def amounts_for(usd: float, low: float, price: float, high: float) -> tuple[float, float]:
    """Whole collateral tokens and debt tokens that a position of `usd` holds at `price` in [low,
    high]."""
    debt = math.sqrt(price) - math.sqrt(low)
    collateral = 1 / math.sqrt(price) - 1 / math.sqrt(high)
    liquidity = usd / (debt + collateral * price)
    return liquidity * collateral, liquidity * debt
