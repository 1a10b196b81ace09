"""The market makers of the venue: how much of their calm book stands, and how wide they quote.

    depth = max(least, 1 / (1 + (sigma / volatility)^2 + fall / flow))

sigma is the volatility of late, `fall` the move that the forced trades of late would have caused
in a calm book: makers withdraw from a price they can't foresee and from inventory they can't pass
on (Grossman and Miller 1988; Brunnermeier and Pedersen 2009). They leave at once and come back with
a half-life. The spread follows the volatility (Glosten and Milgrom 1985; in the minutes of ether
in January 2021 the two are proportional), and runs away when hardly a book is left. Volatility
is that of moves over a minute, or over a step that is longer: a steady fall counts in any spacing.
"""

from __future__ import annotations

import math
from collections import deque

from sim.markets.impact import Quote
from sim.scenario import VenueSpec

MINUTE_S = 60
THIN = 0.3  # with less of the book than this the spread grows as it shrinks


class MarketMakers:
    """Their memory of the price and of forced trades, as exponential averages."""

    def __init__(self, spec: VenueSpec, price: float) -> None:
        self._spec = spec
        self._time = 0.0  # [s]
        self._minute = deque([(0.0, price)])  # prices back to a minute ago
        self._variance = 0.0  # of the logarithm, per second
        self._forced = 0.0  # traded under force of late [USD]
        self.depth = 1.0  # share of the calm book that stands

    @property
    def volatility(self) -> float:
        """Of late, per square-root minute."""
        return math.sqrt(self._variance * MINUTE_S)

    @property
    def half_spread(self) -> float:
        spec = self._spec
        wide = max(1.0, THIN / self.depth)
        return min(0.5, wide * max(spec.half_spread, spec.spread_per_volatility * self.volatility))

    def observe(self, price: float, seconds: float) -> None:
        """The price has moved to this in so many seconds: quote anew."""
        fading = math.exp2(-seconds / self._spec.memory_s)
        self._time += seconds
        while len(self._minute) > 1 and self._minute[1][0] <= self._time - MINUTE_S:
            self._minute.popleft()
        since, before = self._minute[0]
        self._minute.append((self._time, price))
        square = math.log(price / before) ** 2 / (self._time - since)
        self._variance = fading * self._variance + (1 - fading) * square
        self._forced *= fading
        self.depth = self._standing(seconds)

    def forced(self, usd: float) -> None:
        """Somebody had to trade."""
        self._forced += usd

    def _standing(self, seconds: float) -> float:
        withdrawal = self._spec.withdrawal
        if withdrawal is None:
            return 1.0
        calm = Quote(self._minute[-1][1], 0.0, self._spec.impact_law, self._spec.impact)
        fall = calm.moved(self._forced)
        fear = (self.volatility / withdrawal.volatility) ** 2 + fall / withdrawal.flow
        wanted = max(withdrawal.least, 1 / (1 + fear))
        back = 1 - math.exp2(-seconds / withdrawal.return_s)
        return min(wanted, self.depth + back * (wanted - self.depth))
