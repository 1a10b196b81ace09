"""Twin of contracts/breakers/DeviationBreaker.vy: trips when the market's price is in doubt."""

from __future__ import annotations

from typing import Any

from sim.mechanisms.breakers.ladder import Tiers, breach_of, check_levels
from sim.mechanisms.breakers.response import Response
from sim.mechanisms.feed_link import Answer, FeedLink
from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant
from sim.units import WAD


class DeviationBreaker(Response, FeedLink):
    """Answers in [10**-8, debt per collateral]; `shared` are the ladder's and the response's
    parameters."""

    guarded = True
    unlocked = frozenset({"OTHER"})

    def __init__(
        self,
        chain: Chain,
        address: Address,
        market: Address,
        collateral: Address,
        other: Address,
        level: Tiers,
        release: Tiers,
        *shared: Any,
    ) -> None:
        super().__init__(chain, address)
        if collateral == NOBODY:
            raise Revert("breaker: unknown collateral")
        if other != NOBODY:
            self._check_feed(other)
        check_levels(level, release)
        if level[2] >= WAD:
            raise Revert("breaker: deviation of 1 or more")
        self.OTHER, self._levels, self._releases = other, level, release
        self.observed_at = 0  # when the last observation was taken [unix s]
        self._seen: tuple[Answer, ...] = ()  # the three answers in it
        self._init_ladder(*shared[:4])
        self._init_response(market, collateral, *shared[4:])
        self._observe()

    @reentrant
    def pulse(self) -> None:
        """Observe and latch. A call from anyone but the market pulses all of its breakers."""
        if not self._is_pulsed_by_market():
            return
        self._settle()
        self._observe()

    def _observe(self) -> None:
        """See the three prices, if one of them is new, and latch what their doubt calls for."""
        config = self._call(self._market, "config", self.COLLATERAL)
        price = self._fresh(config.feed, config.max_age)
        if not price.value or self.observed_at == self._chain.timestamp:
            return
        other, upcoming = self._fresh(self.OTHER, config.max_age), self._upcoming_of(config.feed)
        seen = price, other, upcoming
        if seen == self._seen:
            return
        self.observed_at, self._seen = self._chain.timestamp, seen
        doubt = _gap(price.value, other.value)
        if upcoming.value < price.value:
            doubt = max(doubt, _gap(price.value, upcoming.value))
        breach = breach_of(doubt, self._levels)
        self._climb(breach, self.tier > 0 and doubt <= self._releases[self.breach - 1])
        told = {"price": price.value, "other": other.value, "upcoming": upcoming.value}
        self._log("Observed", **told, doubt=doubt, breach=breach)

    def _fresh(self, feed: Address, max_age: int) -> Answer:
        """The feed's answer; empty when it is stale or there is none."""
        answer = self._answer_of(feed)
        return answer if self._chain.timestamp - answer.updated_at <= max_age else Answer()

    def _upcoming_of(self, feed: Address) -> Answer:
        """The price that counts next, if the feed tells it; else empty."""
        ok, said = self._chain.attempt(self.address, feed, "peep")
        return self._checked(*said) if ok else Answer()


def _gap(first: int, second: int) -> int:
    """1 - lower / higher, rounded down; 0 when there is no second [WAD]."""
    if not second:
        return 0
    higher = max(first, second)
    return (higher - min(first, second)) * WAD // higher
