"""Twin of contracts/oracles/ClampedFeed.vy. Answers in [10**-8, debt per collateral]."""

from __future__ import annotations

from sim.mechanisms.feed_link import Answer, StackedFeed
from sim.mechanisms.kernel import Address, Chain, Revert, view
from sim.units import WAD


class ClampedFeed(StackedFeed):
    """A feed that follows another one by bounded steps."""

    def __init__(self, chain: Chain, address: Address, source: Address, step: int) -> None:
        super().__init__(chain, address)
        if not 0 < step < WAD:
            raise Revert("feed: step not between 0 and 1")
        self.decimals, self.description, self.version = 8, "Firesale: clamped price", 1
        self._check_feed(source)
        self.SOURCE, self.STEP = source, step
        self._stepped_at = 0  # [unix s]
        self._last = self._answer_of(source)
        if not self._last.value:
            raise Revert("feed: source without an answer")

    def poke(self) -> None:
        """Make a step, once in a block and while the source answers something else."""
        seen = self._answer_of(self.SOURCE)
        if not self._due(seen):
            raise Revert("feed: not due")
        last = self._last.value
        most = max(1, last * self.STEP // WAD)
        value = min(max(seen.value, last - most), last + most)
        self._last = Answer(value, seen.updated_at)
        self._stepped_at = self._chain.timestamp
        self._log("Stepped", answer=value, source=seen.value)

    @view
    def due(self) -> bool:
        """Whether `poke` would make a step now."""
        return self._due(self._answer_of(self.SOURCE))

    def _latest(self) -> Answer:
        """As old as the source's answer that it equals or last stepped towards."""
        seen, last = self._answer_of(self.SOURCE), self._last
        same = seen.value == last.value and seen.updated_at > last.updated_at
        return seen if same else last

    def _due(self, seen: Answer) -> bool:
        return 0 < seen.value != self._last.value and self._chain.timestamp > self._stepped_at
