# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What a breaker may take for a new price
@notice At the most one observation a block, and none that is stale (by the market's `max_age`), replayed (of an older
        round than the last one taken, or of the same round and price), from the future, or too large for arithmetic.
        So whoever calls how often decides nothing but when a round is seen. Two prices of one second are two.
        A feed may say how wrong its answer can be, in a view `confidence()` [10**-8, debt per collateral]. That counts
        against a breach and not for a release: a feed that grows less sure of the same price ends nothing.
"""

from ..interfaces import IAggregatorV3
from ..interfaces import ILendingMarket
from . import probe

struct Observation:
    price: uint256  # 0: there is no new one [WAD, debt per collateral]
    highest: uint256  # price and confidence [WAD, debt per collateral]
    elapsed: uint256  # since the one before, 0 for the first [s]


LARGEST: constant(uint256) = 2**128  # price that is taken for one [WAD], and confidence [10**-8]
ANSWER_TO_WAD: constant(uint256) = 10**10

observed_at: public(uint256)  # when the last observation was taken [unix s]
round_at: public(uint256)  # when the feed had updated it [unix s]


def _take(market: ILendingMarket, collateral: address, last_price: uint256) -> Observation:
    """
    @notice Take what the market's feed of the collateral answers, if that is new.
    @param last_price that was taken last [WAD, debt per collateral]
    """
    price: uint256 = probe._price_or_zero(market.address, collateral)
    if price == 0 or price > LARGEST or self.observed_at == block.timestamp:
        return empty(Observation)
    feed: address = (staticcall market.config(collateral)).feed
    round_at: uint256 = (staticcall IAggregatorV3(feed).latestRoundData())[3]
    if round_at < self.round_at or round_at > block.timestamp:
        return empty(Observation)
    if round_at == self.round_at and price == last_price:
        return empty(Observation)
    elapsed: uint256 = block.timestamp - self.observed_at if self.observed_at > 0 else 0
    self.observed_at = block.timestamp
    self.round_at = round_at
    return Observation(price=price, highest=price + self._confidence(feed), elapsed=elapsed)


@view
def _confidence(feed: address) -> uint256:
    """
    @return how far the feed's answer may be from the price [WAD, debt per collateral]; 0 when it does not say
    """
    return min(probe._ask(feed, method_id("confidence()"), 0), LARGEST) * ANSWER_TO_WAD
