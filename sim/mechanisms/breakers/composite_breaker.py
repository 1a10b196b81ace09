"""Twin of contracts/breakers/CompositeBreaker.vy: trips when much is liquidated into little depth
while the price falls fast. The algebra stands in the contract."""

from __future__ import annotations

from math import isqrt
from typing import Any

from sim.mechanisms.breakers.ladder import LATCHED, Tiers, breach_of, check_levels
from sim.mechanisms.breakers.observer import Observer
from sim.mechanisms.breakers.price_reference import PriceReference, decay_of
from sim.mechanisms.breakers.response import Response
from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant, view
from sim.mechanisms.pool_link import PoolLink
from sim.mechanisms.ray_maths import pow_half_up
from sim.mechanisms.tick_maths import price_near
from sim.units import LIQUIDATE, RAY, WAD

LARGEST = 2**128  # flow, depth, liquidity or ratio that is told apart from a larger one


class CompositeBreaker(Response, Observer, PriceReference, PoolLink):
    """Amounts in [debt token]; `shared` are the ladder's and the response's parameters."""

    guarded = True
    unlocked = frozenset({"POOL", "WINDOW"})

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        collateral: Address,
        pool: Address,
        window: int,
        cardinality: int,
        band: int,
        flow_half_life: int,
        half_life: int,
        clip: int,
        level: Tiers,
        release: Tiers,
        *shared: Any,
    ) -> None:
        super().__init__(chain, address)
        if collateral == NOBODY:
            raise Revert("breaker: unknown collateral")
        if not 0 < band < WAD:
            raise Revert("breaker: band not between 0 and 1")
        check_levels(level, release)
        self.POOL, self.WINDOW = pool, window
        self._band = WAD - isqrt((WAD - band) * WAD)
        self._flow_decay = decay_of(flow_half_life)
        self._levels, self._releases = level, release
        self._init_observer()
        self._init_price_reference(half_life, clip)
        self._init_ladder(*shared[:4])
        self._init_response(market, collateral, *shared[4:])
        debt_token = self._call(market, "debt_token")
        self._is_token0 = self._is_token0_of(pool, collateral, debt_token)
        self._remember(pool, window, cardinality)
        self.flow = 0  # liquidated of the collateral, faded
        self.faded_at = chain.timestamp  # [unix s]
        self.highest = 0  # that the confidence of the last price allowed
        self.judged_at = 0  # when the stress was judged last [unix s]
        self._observe()

    @view
    def depth(self) -> int:
        """What the pool would pay within the band by the means of now."""
        return self._depth_down()

    @reentrant
    def pulse(self) -> None:
        """Observe and latch. A call from anyone but the market pulses all of its breakers."""
        if not self._is_pulsed_by_market():
            return
        if self._settle():
            self._rebase()
        self._observe()

    def record(self, action: int, asset: Address, amount: int) -> None:
        """Count what was liquidated; take what passed through a throttle out of its bucket."""
        self._only_market()
        if action == LIQUIDATE and asset == self.COLLATERAL:
            self._fade()
            self.flow = min(self.flow + min(amount, LARGEST), LARGEST)
        self._pay(self._mode(action, asset), action, amount)

    def _observe(self) -> None:
        """Take the price, if there is a new one, and latch what the stress calls for, once a
        block."""
        seen = self._take(self._market, self.COLLATERAL, self.last_price)
        if seen.price:
            self._follow(seen.price, seen.elapsed, self._phase() == LATCHED)
            self.highest = seen.highest
        elif self.judged_at == self._chain.timestamp or not self._stands():
            return
        self.judged_at = self._chain.timestamp
        self._fade()
        depth = self._depth_down()
        stress = self._stress(self.highest, self.reference, depth)
        breach = breach_of(stress, self._levels)
        if self._climb(breach, self._is_inside(self.last_price, depth)):
            self.held = self.reference
        told = {"price": self.last_price, "flow": self.flow, "depth": depth}
        self._log("Observed", **told, stress=stress, breach=breach)

    def _stands(self) -> bool:
        """Whether the price that was taken last is still the market's, and not stale."""
        return 0 < self._price_or_zero(self._market, self.COLLATERAL) == self.last_price

    def _fade(self) -> None:
        """Bring the weight of the flow up to now, rounded down."""
        now = self._chain.timestamp
        self.flow = self.flow * pow_half_up(self._flow_decay, now - self.faded_at) // RAY
        self.faded_at = now

    def _is_inside(self, price: int, depth: int) -> bool:
        """Whether price and depth release the tier latched last."""
        if not self.tier:
            return False
        return self._stress(price, self.held, depth) <= self._releases[self.breach - 1]

    def _stress(self, price: int, reference: int, depth: int) -> int:
        """flow / depth * fall [WAD], rounded down."""
        if price >= reference:
            return 0
        fall = (reference - price) * WAD // reference
        return min(self.flow * WAD // max(depth, 1), LARGEST) * fall // WAD

    def _depth_down(self) -> int:
        """What the pool would pay for collateral until its price is lower by the band."""
        mean = self._mean(self.POOL, self.WINDOW, self._is_token0)
        root = isqrt(price_near(mean.tick))  # [Q64.64]
        reserve = min(mean.liquidity, LARGEST) * root >> 64
        return min(reserve * self._band // WAD, LARGEST)
