"""Twin of contracts/oracles/DelayedFeed.vy. Answers in [10**-8, debt per collateral]."""

from __future__ import annotations

from sim.mechanisms.feed_link import Answer, StackedFeed
from sim.mechanisms.kernel import Address, Chain, Revert, view

DAY = 86_400  # [s]


class DelayedFeed(StackedFeed):
    """A feed whose price counts one hop after it was seen."""

    def __init__(self, chain: Chain, address: Address, source: Address, hop: int) -> None:
        super().__init__(chain, address)
        if not 0 < hop <= DAY:
            raise Revert("feed: hop not between 0 and a day")
        self.decimals, self.description, self.version = 8, "Firesale: delayed price", 1
        self._check_feed(source)
        self.SOURCE, self.HOP = source, hop
        self._upcoming = self._answer_of(source)
        if not self._upcoming.value:
            raise Revert("feed: source without an answer")
        self._step(self._upcoming)

    def poke(self) -> None:
        """Move on to the next price, once in a hop and while the source has an answer."""
        seen = self._answer_of(self.SOURCE)
        if not self._due(seen):
            raise Revert("feed: not due")
        self._step(seen)

    @view
    def due(self) -> bool:
        """Whether `poke` would move on now."""
        return self._due(self._answer_of(self.SOURCE))

    @view
    def peep(self) -> Answer:
        """The price that the next poke makes the current one, and when the source updated it."""
        return self._upcoming

    def _latest(self) -> Answer:
        """The price that counts."""
        return self._current

    def _due(self, seen: Answer) -> bool:
        return seen.value > 0 and self._chain.timestamp >= self.hop_began + self.HOP

    def _step(self, seen: Answer) -> None:
        now = self._chain.timestamp
        self._current, self._upcoming = self._upcoming, seen
        self.hop_began = now - now % self.HOP  # [unix s]
        self._log("Poked", current=self._current.value, upcoming=seen.value)
