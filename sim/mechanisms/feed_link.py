"""Twin of contracts/modules/feed_link.vy: what feeds that read other feeds share."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from sim.mechanisms.kernel import Address, Contract, Revert, view

DECIMALS = 8
LARGEST = 2**127  # answer that is taken for one [10**-8]

RoundData = tuple[int, int, int, int, int]  # round, answer, started at, updated at, answered in


class Answer(NamedTuple):
    """What a feed said."""

    value: int = 0  # [10**-8, debt per collateral]; 0: nothing
    updated_at: int = 0  # [unix s]

    def round_data(self) -> RoundData:
        """As AggregatorV3 says it; a round's number is its time."""
        at = self.updated_at
        return at, self.value, at, at, at


class FeedLink(Contract):
    """Asks other feeds."""

    def _check_feed(self, feed: Address) -> None:
        if self._call(feed, "decimals") != DECIMALS:
            raise Revert("feed: decimals")

    def _answer_of(self, feed: Address) -> Answer:
        """The feed's last answer; empty when it reverts, or says nothing above zero, or speaks of
        the future."""
        ok, said = self._chain.attempt(self.address, feed, "latestRoundData")
        if not ok:
            return Answer()
        return self._checked(said[1], said[3])

    def _checked(self, value: int, updated_at: int) -> Answer:
        """Empty when it is not above zero, beyond arithmetic, or of the future."""
        if not 0 < value <= LARGEST or updated_at > self._chain.timestamp:
            return Answer()
        return Answer(value, updated_at)


class StackedFeed(FeedLink):
    """A feed on top of others."""

    guarded = True
    unlocked = frozenset({"decimals", "description", "version"})

    @abstractmethod
    def _latest(self) -> Answer:
        """What it says now."""

    @view
    def latestRoundData(self) -> RoundData:
        """As AggregatorV3 says it."""
        return self._latest().round_data()

    @view
    def getRoundData(self, round_id: int) -> RoundData:
        """Only the latest round is kept; of another one it reverts."""
        latest = self._latest()
        if not round_id or round_id != latest.updated_at:
            raise Revert("feed: no such round")
        return latest.round_data()
