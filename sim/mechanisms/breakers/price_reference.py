"""Twin of contracts/modules/price_reference.vy: the price that a fall is measured from."""

from __future__ import annotations

from sim.mechanisms.breakers.ladder import Tiers
from sim.mechanisms.kernel import Contract, Revert
from sim.mechanisms.maths import mul_div_down
from sim.mechanisms.ray_maths import HALF, half_life_factor, pow_half_up
from sim.units import RAY, WAD, YEAR_S


class PriceReference(Contract):
    """Prices in [WAD, debt per collateral]."""

    def _init_price_reference(self, half_life: int, clip: int) -> None:
        if not 0 < clip <= WAD:
            raise Revert("breaker: clip not between 0 and 1")
        self._decay, self._clip = decay_of(half_life), clip  # [RAY], [WAD]
        self.reference = 0
        self.held = 0  # what the latched fall is measured from
        self.last_price = 0  # observed last

    def _follow(self, price: int, elapsed: int, stands: bool) -> None:
        """Take a price, so long after the last one [s]; a latched reference stands still."""
        if not self.last_price:
            self.reference = price
        elif not stands:
            self.reference = self._moved(self.reference, self._decay, elapsed)
        self.last_price = price

    def _rebase(self) -> None:
        """After the end of a tier the fall that latched it is forgotten."""
        self.reference = self.last_price

    def _moved(self, average: int, decay: int, elapsed: int) -> int:
        """last_price + (average - last_price) * decay ** elapsed, rounded half up, clipped."""
        kept = pow_half_up(decay, elapsed)
        weighted = average * kept + self.last_price * (RAY - kept)
        most = mul_div_down(average, self._clip, WAD)
        return min(max((weighted + HALF) // RAY, average - most), average + most)

    def _levels_reached(self, price: int, level: Tiers) -> int:
        """How many of the levels [WAD] the fall of the price below the reference has reached."""
        return sum(is_down(price, self.reference, deviation) for deviation in level)


def is_down(price: int, reference: int, deviation: int) -> bool:
    """Whether the price is below the reference by the deviation [WAD] or more."""
    return price * WAD <= reference * (WAD - deviation)


def decay_of(half_life: int) -> int:
    """What is left of an old price after a second [RAY]; `half_life` in [s]."""
    if not half_life:
        raise Revert("breaker: zero half-life")
    if half_life > YEAR_S:
        raise Revert("breaker: half-life above a year")
    return half_life_factor(half_life)
