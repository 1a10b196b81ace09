"""Twin of contracts/modules/pool_link.vy: what looks into a Uniswap v3 pool shares."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Address, Contract, Revert
from sim.mechanisms.uniswap.pool import Slot0
from sim.mechanisms.words import wrapped

WEEK = 7 * 86_400  # [s]
CLOCK = 1 << 32  # the pool's clock starts again [s]


class Mean(NamedTuple):
    """Over a window."""

    tick: int  # of debt per collateral, rounded down
    liquidity: int  # [sqrt(token0 x token1)]


class PoolLink(Contract):
    """Knows which way round a pool holds its tokens, and its means over time."""

    def _is_token0_of(self, pool: Address, collateral: Address, debt_token: Address) -> bool:
        """Whether the collateral is the pool's first token."""
        pair = self._call(pool, "token0"), self._call(pool, "token1")
        if (collateral, debt_token) == pair:
            return True
        if (debt_token, collateral) != pair:
            raise Revert("pool: other tokens")
        return False

    def _remember(self, pool: Address, window: int, cardinality: int) -> None:
        """Have the pool keep so many observations, for means over the window [s]."""
        if not 0 < window <= WEEK:
            raise Revert("pool: window not between 0 and a week")
        if cardinality < 2:
            raise Revert("pool: cardinality below 2")
        self._call(pool, "increaseObservationCardinalityNext", cardinality)

    def _mean(self, pool: Address, window: int, is_token0: bool) -> Mean:
        """Over the window, if the pool remembers as much."""
        slot: Slot0 = self._call(pool, "slot0")
        span = self._span(slot, pool, window)
        if not span:
            return Mean(slot.tick if is_token0 else -slot.tick, self._call(pool, "liquidity"))
        sums, per_liquidity = self._call(pool, "observe", [span, 0])
        rise = sums[1] - sums[0] if is_token0 else sums[0] - sums[1]
        passed = wrapped(per_liquidity[1] - per_liquidity[0], 160)
        return Mean(rise // span, (span << 128) // max(passed, 1))

    def _span(self, slot: Slot0, pool: Address, window: int) -> int:
        """The window, or the age of the oldest observation if that is less [s]."""
        oldest = self._call(pool, "observations", (slot.newest + 1) % slot.cardinality)
        if not oldest[3]:  # the ring has not come round yet
            oldest = self._call(pool, "observations", 0)
        age: int = (self._chain.timestamp - oldest[0]) % CLOCK
        return min(age, window)
