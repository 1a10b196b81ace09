"""Twin of contracts/breakers/VolatilityBreaker.vy: trips when a price has fallen further than its
volatility explains. The algebra stands in the contract."""

from __future__ import annotations

from math import isqrt
from typing import Any

from sim.mechanisms.breakers.ladder import LATCHED, Tiers, check_levels
from sim.mechanisms.breakers.observer import Observer
from sim.mechanisms.breakers.price_reference import PriceReference, decay_of, is_down
from sim.mechanisms.breakers.response import Response
from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant, view
from sim.mechanisms.ray_maths import HALF, LN2, pow_half_up
from sim.mechanisms.words import uint
from sim.units import RAY, WAD


class VolatilityBreaker(Response, Observer, PriceReference):
    """Prices in [WAD, debt per collateral]; `shared` are the ladder's and the response's."""

    guarded = True
    unlocked = frozenset({"LEAST_GAP", "LARGEST_GAP"})

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        collateral: Address,
        half_life: int,
        clip: int,
        variance_half_life: int,
        multiple: Tiers,
        release: Tiers,
        usual_gap: int,
        least_gap: int,
        largest_gap: int,
        *shared: Any,
    ) -> None:
        super().__init__(chain, address)
        if collateral == NOBODY:
            raise Revert("breaker: unknown collateral")
        check_levels(multiple, release)
        _check_gaps(multiple, usual_gap, least_gap, largest_gap)
        self._multiples, self._releases = multiple, release
        self._variance_decay = decay_of(variance_half_life)
        self.LEAST_GAP, self.LARGEST_GAP = least_gap, largest_gap
        self._init_observer()
        self._init_price_reference(half_life, clip)
        self._horizon = half_life * RAY * RAY // (2 * LN2)  # [RAY s]
        self.held_gap = 0  # by which the latched fall was judged [WAD]
        self.variance = usual_gap**2 * RAY // self._horizon  # [WAD**2/s]
        self._init_ladder(*shared[:4])
        self._init_response(market, collateral, *shared[4:])
        self._observe()

    @view
    def gap(self) -> int:
        """The usual gap: a standard deviation of the price about the reference [WAD]."""
        return self._gap()

    @reentrant
    def pulse(self) -> None:
        """Observe and latch. A call from anyone but the market pulses all of its breakers."""
        if not self._is_pulsed_by_market():
            return
        if self._settle():
            self._rebase()
        self._observe()

    def _observe(self) -> None:
        """Judge the price, if there is a new one, by what is usual up to now; then learn."""
        seen = self._take(self._market, self.COLLATERAL, self.last_price)
        if not seen.price:
            return
        gap = self._gap()
        if seen.elapsed:
            self._learn(seen.price, seen.elapsed)
        self._follow(seen.price, seen.elapsed, self._phase() == LATCHED)
        breach = self._levels_reached(seen.highest, _levels(self._multiples, gap))
        if self._climb(breach, self._is_inside(seen.price, gap)):
            self.held, self.held_gap = self.reference, gap
        self._log(
            "Observed",
            price=seen.price,
            highest=seen.highest,
            reference=self.reference,
            gap=gap,
            breach=breach,
        )

    def _learn(self, price: int, elapsed: int) -> None:
        """Average the variance that the return since the last observation has realised."""
        last = self.last_price
        change = min(abs(price - last) * WAD // last, WAD)
        kept = pow_half_up(self._variance_decay, elapsed)
        weighted = self.variance * kept + change**2 // elapsed * (RAY - kept)
        self.variance = (weighted + HALF) // RAY

    def _gap(self) -> int:
        usual = isqrt(self.variance * self._horizon // RAY)
        return min(max(usual, self.LEAST_GAP), self.LARGEST_GAP)

    def _is_inside(self, price: int, gap: int) -> bool:
        """Whether the price releases the tier latched last."""
        if not self.tier:
            return False
        levels = _levels(self._releases, min(gap, self.held_gap))
        return not is_down(price, self.held, levels[self.breach - 1])


def _levels(multiple: Tiers, gap: int) -> Tiers:
    """Multiples of the gap by tier, rounded down; all in [WAD]."""
    first, second, third = multiple
    return first * gap // WAD, second * gap // WAD, third * gap // WAD


def _check_gaps(multiple: Tiers, usual: int, least: int, largest: int) -> None:
    if multiple[0] < WAD:
        raise Revert("breaker: multiple below 1")
    if not least:
        raise Revert("breaker: zero gap")
    if not least <= usual <= largest:
        raise Revert("breaker: gaps out of order")
    if uint(multiple[2] * largest) >= WAD**2:
        raise Revert("breaker: deviation of 1 or more")
