"""Twin of contracts/modules/observer.vy: what a breaker may take for a new price."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import Address
from sim.mechanisms.probe import Probe

LARGEST = 2**128  # price that is taken for one [WAD], and confidence [10**-8]
ANSWER_TO_WAD = 10**10


class Observation(NamedTuple):
    """Prices in [WAD, debt per collateral]."""

    price: int = 0  # 0: there is no new one
    highest: int = 0  # price and confidence
    elapsed: int = 0  # since the one before, 0 for the first [s]


NOTHING = Observation()


class Observer(Probe):
    """One observation a block, none that is stale, replayed or from the future."""

    def _init_observer(self) -> None:
        self.observed_at = 0  # when the last observation was taken [unix s]
        self.round_at = 0  # when the feed had updated it [unix s]

    def _take(self, market: Address, collateral: Address, last_price: int) -> Observation:
        """Take what the market's feed of the collateral answers, if that is new."""
        now, last = self._chain.timestamp, self.observed_at
        price = self._price_or_zero(market, collateral)
        if not 0 < price <= LARGEST or last == now:
            return NOTHING
        feed = self._call(market, "config", collateral).feed
        round_at = self._call(feed, "latestRoundData")[3]
        if not self.round_at <= round_at <= now:
            return NOTHING
        if (round_at, price) == (self.round_at, last_price):
            return NOTHING
        self.observed_at, self.round_at = now, round_at
        return Observation(price, price + self._confidence(feed), now - last if last else 0)

    def _confidence(self, feed: Address) -> int:
        """How far the answer may be from the price [WAD]; 0 when the feed does not say."""
        return min(self._ask(feed, 0, "confidence"), LARGEST) * ANSWER_TO_WAD
