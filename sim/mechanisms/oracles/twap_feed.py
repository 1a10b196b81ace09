"""Twin of contracts/oracles/TwapFeed.vy. Answers in [10**-8, debt per collateral]."""

from __future__ import annotations

from sim.mechanisms.feed_link import Answer, FeedLink, RoundData
from sim.mechanisms.kernel import Address, Chain, Revert, view
from sim.mechanisms.pool_link import PoolLink
from sim.mechanisms.tick_maths import price_near
from sim.mechanisms.uniswap.pool import Slot0
from sim.mechanisms.uniswap.ticks import Q128
from sim.units import MAX_UINT

WEEK = 7 * 86_400  # [s]
CLOCK = 1 << 32  # the pool's clock starts again [s]


class TwapFeed(FeedLink, PoolLink):
    """The time-weighted average price of a Uniswap v3 pool."""

    guarded = True

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
        if not 0 < window <= WEEK:
            raise Revert("feed: window not between 0 and a week")
        self._is_token0 = self._is_token0_of(pool, collateral, debt_token)
        self.decimals, self.description, self.version = 8, "Firesale: mean price of a pool", 1
        self.POOL, self.WINDOW = pool, window
        self._numerator = 10 ** (8 + self._call(collateral, "decimals"))
        self._denominator = Q128 * 10 ** self._call(debt_token, "decimals")
        self._call(pool, "increaseObservationCardinalityNext", cardinality)

    @view
    def latestRoundData(self) -> RoundData:
        """As of now."""
        price = price_near(self._mean_tick())
        scaled = price * self._numerator
        if not self._denominator <= scaled <= MAX_UINT:
            return Answer().round_data()
        return Answer(scaled // self._denominator, self._chain.timestamp).round_data()

    @view
    def averaged(self) -> int:
        """Over how long the answer is the mean now [s]."""
        return self._span(self._call(self.POOL, "slot0"))

    def _mean_tick(self) -> int:
        """Of debt per collateral, rounded down; Python's division does so."""
        slot: Slot0 = self._call(self.POOL, "slot0")
        span = self._span(slot)
        rise: int = slot.tick
        if span:
            sums, _ = self._call(self.POOL, "observe", [span, 0])
            rise = sums[1] - sums[0]
        return (rise if self._is_token0 else -rise) // (span or 1)

    def _span(self, slot: Slot0) -> int:
        """The window, or the age of the oldest observation if that is less [s]."""
        oldest = self._call(self.POOL, "observations", (slot.newest + 1) % slot.cardinality)
        if not oldest[3]:  # the ring has not come round yet
            oldest = self._call(self.POOL, "observations", 0)
        age: int = (self._chain.timestamp - oldest[0]) % CLOCK
        return min(age, self.WINDOW)
