"""Twin of contracts/oracles/MedianFeed.vy. Answers in [10**-8, debt per collateral]."""

from __future__ import annotations

from collections.abc import Sequence

from sim.mechanisms.feed_link import Answer, StackedFeed
from sim.mechanisms.kernel import Address, Chain, Revert, view

MAX_SOURCES = 5


class MedianFeed(StackedFeed):
    """The median of up to five feeds."""

    def __init__(
        self, chain: Chain, address: Address, sources: Sequence[Address], max_age: int, quorum: int
    ) -> None:
        super().__init__(chain, address)
        if len(sources) > MAX_SOURCES:
            raise Revert  # the ABI's word, which gives no reason
        if not 0 < quorum <= len(sources):
            raise Revert("feed: quorum not between 1 and all sources")
        self.decimals, self.description, self.version = 8, "Firesale: median price", 1
        self._listed: tuple[Address, ...] = ()
        for source in sources:
            if source in self._listed:
                raise Revert("feed: source listed twice")
            self._check_feed(source)
            self._listed += (source,)
        self.MAX_AGE, self.QUORUM = max_age, quorum

    @view
    def sources(self) -> tuple[Address, ...]:
        """All of them."""
        return self._listed

    def _latest(self) -> Answer:
        """Of an even number the mean of the middle two, rounded down."""
        values, newest = self._sorted_answers()
        if len(values) < self.QUORUM:
            return Answer()
        return Answer(_median(values), newest)

    @view
    def confidence(self) -> int:
        """How far a quorum of answers is from the median at the most."""
        values, _ = self._sorted_answers()
        if len(values) < self.QUORUM:
            raise Revert("feed: no quorum")
        median = _median(values)
        return sorted(abs(value - median) for value in values)[self.QUORUM - 1]

    def _sorted_answers(self) -> tuple[list[int], int]:
        """Those that count, and when the newest was updated [unix s]."""
        answers = map(self._answer_of, self._listed)
        oldest = self._chain.timestamp - self.MAX_AGE
        fresh = [a for a in answers if a.value and a.updated_at >= oldest]
        return sorted(a.value for a in fresh), max((a.updated_at for a in fresh), default=0)


def _median(values: Sequence[int]) -> int:
    """The middle one of the sorted values, or the mean of the middle two, rounded down."""
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2
