# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A feed that follows another one by bounded steps
@notice In a block `poke` moves the answer towards the source's by STEP of itself at the most, whatever the source says,
        so a false price has to last before it counts, and after a true fall the answer catches up, a step a block.
        It is as old as the source's answer that it last stepped towards, or now equals: a step makes nothing younger,
        so that a market refuses it when the source is silent, and when nobody pokes. Steps towards one answer of the
        source share a round.
"""

from ..interfaces import IAggregatorV3
from ..interfaces import IPokedFeed
from ..modules import feed_link
from ..modules import maths

implements: IAggregatorV3
implements: IPokedFeed

event Stepped:
    answer: int256  # [10**-8, debt per collateral]
    source: int256  # where it is heading [10**-8, debt per collateral]


decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: clamped price"
version: public(constant(uint256)) = 1

SOURCE: public(immutable(address))  # AggregatorV3
STEP: public(immutable(uint256))  # largest in a block [WAD]

last: feed_link.Answer
stepped_at: uint256  # [unix s]; 0: never


@deploy
def __init__(source: address, step: uint256):
    """
    @param source AggregatorV3 with 8 decimals
    @param step   largest in a block, of the answer [WAD]
    """
    assert 0 < step and step < maths.WAD, "feed: step not between 0 and 1"
    feed_link._check_feed(source)
    SOURCE = source
    STEP = step
    self.last = feed_link._answer_of(source)
    assert self.last.value > 0, "feed: source without an answer"


@external
def poke():
    """
    @notice Make a step. Anyone, once in a block and while the source answers something else.
    """
    seen: feed_link.Answer = feed_link._answer_of(SOURCE)
    assert self._due(seen), "feed: not due"
    # a step of at least the smallest unit, or small answers could never move
    most: int256 = max(1, convert(convert(self.last.value, uint256) * STEP // maths.WAD, int256))
    value: int256 = min(max(seen.value, self.last.value - most), self.last.value + most)
    self.last = feed_link.Answer(value=value, updated_at=seen.updated_at)
    self.stepped_at = block.timestamp
    log Stepped(answer=value, source=seen.value)


@view
@external
def due() -> bool:
    """
    @return whether `poke` would make a step now
    """
    return self._due(feed_link._answer_of(SOURCE))


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    return feed_link._round_data(self._latest())


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice Only the latest round is kept; of another one it reverts.
    @return as `latestRoundData`
    """
    return feed_link._round_of(self._latest(), round_id)


@view
def _due(seen: feed_link.Answer) -> bool:
    return seen.value > 0 and seen.value != self.last.value and block.timestamp > self.stepped_at


@view
def _latest() -> feed_link.Answer:
    seen: feed_link.Answer = feed_link._answer_of(SOURCE)
    if seen.value == self.last.value and seen.updated_at > self.last.updated_at:
        return seen
    return self.last
