"""Twin of contracts/breakers/PriceBreaker.vy: trips on a price far below its recent average."""

from __future__ import annotations

from typing import Any

from sim.mechanisms.breakers.ladder import LATCHED, Tiers, check_levels
from sim.mechanisms.breakers.observer import Observation, Observer
from sim.mechanisms.breakers.price_reference import PriceReference, decay_of, is_down
from sim.mechanisms.breakers.response import Response
from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant
from sim.units import WAD


class PriceBreaker(Response, Observer, PriceReference):
    """Prices in [WAD, debt per collateral]; `shared` are the ladder's and the response's."""

    guarded = True

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        collateral: Address,
        half_life: int,
        clip: int,
        deviation: Tiers,
        release: Tiers,
        anchor_half_life: int,
        anchor_deviation: int,
        *shared: Any,
    ) -> None:
        super().__init__(chain, address)
        if collateral == NOBODY:
            raise Revert("breaker: unknown collateral")
        check_levels(deviation, release)
        if max(deviation[2], anchor_deviation) >= WAD:
            raise Revert("breaker: deviation of 1 or more")
        if not anchor_deviation:
            raise Revert("breaker: zero anchor deviation")
        if release[0] >= anchor_deviation:
            raise Revert("breaker: release not inside the anchor's level")
        if anchor_half_life <= half_life:
            raise Revert("breaker: anchor not slower")
        self._deviations, self._releases = deviation, release
        self._anchor_decay, self._anchor_deviation = decay_of(anchor_half_life), anchor_deviation
        self.anchor = 0
        self._init_observer()
        self._init_price_reference(half_life, clip)
        self._init_ladder(*shared[:4])
        self._init_response(market, collateral, *shared[4:])
        self._observe()

    @reentrant
    def pulse(self) -> None:
        """Observe and latch. A call from anyone but the market pulses all of its breakers."""
        if not self._is_pulsed_by_market():
            return
        if self._settle():
            self._rebase()
            self.anchor = self.last_price
        self._observe()

    def _observe(self) -> None:
        """Take the price, if there is a new one, into both references; latch what it calls for."""
        seen = self._take(self._market, self.COLLATERAL, self.last_price)
        if not seen.price:
            return
        self._follow_both(seen)
        reached = self._levels_reached(seen.highest, self._deviations)
        breach = reached or int(is_down(seen.highest, self.anchor, self._anchor_deviation))
        if self._climb(breach, self._is_inside(seen.price)):
            self.held = self.reference if reached else self.anchor
        self._log(
            "Observed",
            price=seen.price,
            highest=seen.highest,
            reference=self.reference,
            anchor=self.anchor,
            breach=breach,
        )

    def _follow_both(self, seen: Observation) -> None:
        stands = self._phase() == LATCHED
        if not self.last_price:
            self.anchor = seen.price
        elif not stands:
            self.anchor = self._moved(self.anchor, self._anchor_decay, seen.elapsed)
        self._follow(seen.price, seen.elapsed, stands)

    def _is_inside(self, price: int) -> bool:
        """Whether the price releases the tier latched last."""
        return self.tier > 0 and not is_down(price, self.held, self._releases[self.breach - 1])
