"""How far an order moves the venue's price, and how wide the quotes stand around it.

    move = impact x (f((flow + order) / depth) - f(flow / depth))

with order and flow in million USD, depth the share of the calm book that stands, and f(x) = x or
sign(x) sqrt|x|. The flow is what has been traded in about the last minute: under a square root, an
order cut in pieces must cost what it costs as a whole (Toth et al. 2011; Bouchaud et al. 2018,
ch. 12). Under the linear law the flow cancels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.scenario import ImpactLaw


@dataclass(frozen=True, slots=True)
class Quote:
    """The venue's screen: what an order would do to the price now."""

    price: float  # mid [USD]
    half_spread: float  # a ratio
    law: ImpactLaw
    impact: float  # of the logarithm, of a (square-root) million USD at full depth
    depth: float = 1.0  # share of the calm depth that stands
    flow: float = 0.0  # net bought in about the last minute [million USD]

    @property
    def ask(self) -> float:
        return self.price * (1 + self.half_spread)

    @property
    def bid(self) -> float:
        return self.price * (1 - self.half_spread)

    def moved(self, usd: float) -> float:
        """What buying `usd` (negative: selling) adds to the logarithm of the price."""
        before, after = self._ends(usd)
        return self.impact * (_pressure(self.law, after) - _pressure(self.law, before))

    def averaged(self, usd: float) -> float:
        """The mean of `moved` on the way, which is what a fill pays."""
        before, after = self._ends(usd)
        if before == after:
            return 0.0
        area = _area(self.law, after) - _area(self.law, before)
        return self.impact * (area / (after - before) - _pressure(self.law, before))

    def _ends(self, usd: float) -> tuple[float, float]:
        before = self.flow / self.depth
        return before, before + usd / 1e6 / self.depth


def _pressure(law: ImpactLaw, x: float) -> float:
    return x if law == "linear" else math.copysign(math.sqrt(abs(x)), x)


def _area(law: ImpactLaw, x: float) -> float:
    """The integral of the pressure from 0 to x."""
    return float(x * x / 2 if law == "linear" else 2 / 3 * abs(x) ** 1.5)
