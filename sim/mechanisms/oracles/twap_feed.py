"""Twin of contracts/oracles/TwapFeed.vy. Answers in [10**-8, debt per collateral]."""

from __future__ import annotations

from sim.mechanisms.feed_link import Answer, StackedFeed
from sim.mechanisms.kernel import Address, Chain, view
from sim.mechanisms.pool_link import PoolLink
from sim.mechanisms.tick_maths import price_near
from sim.mechanisms.uniswap.ticks import Q128
from sim.units import MAX_UINT


class TwapFeed(StackedFeed, PoolLink):
    """The time-weighted average price of a Uniswap v3 pool."""

    def __init__(
        self,
        chain: Chain,
        address: Address,
        pool: Address,
        collateral: Address,
        debt_token: Address,
        window: int,
        cardinality: int,
    ) -> None:
        super().__init__(chain, address)
        self._is_token0 = self._is_token0_of(pool, collateral, debt_token)
        self.decimals, self.description, self.version = 8, "Firesale: mean price of a pool", 1
        self.POOL, self.WINDOW = pool, window
        self._numerator = 10 ** (8 + self._call(collateral, "decimals"))
        self._denominator = Q128 * 10 ** self._call(debt_token, "decimals")
        self._remember(pool, window, cardinality)

    def _latest(self) -> Answer:
        """As of now."""
        price = price_near(self._mean(self.POOL, self.WINDOW, self._is_token0).tick)
        scaled = price * self._numerator
        if not self._denominator <= scaled <= MAX_UINT:
            return Answer()
        return Answer(scaled // self._denominator, self._chain.timestamp)

    @view
    def averaged(self) -> int:
        """Over how long the answer is the mean now [s]."""
        return self._span(self._call(self.POOL, "slot0"), self.POOL, self.WINDOW)
