# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A feed whose price counts one hop after it was seen
@notice Whoever attacks the source, or sees it fail, leaves everybody time to react, a hop where pokes come in time:
        MakerDAO's Oracle Security Module. `poke` makes the next price the current one and reads the next from the
        source, once in a hop; hops begin at multiples of their length, so that a late poke does not make the following
        ones late; what a late poke reads counts as much sooner as it came late.
        Until the first poke both are what the source answered at deployment.
        `updatedAt` is the source's, so age is that of the information: with pokes in time it stays below the
        source's heartbeat and two hops, which a market's largest age must leave room for.
"""

from ..interfaces import IAggregatorV3
from ..interfaces import IPokedFeed
from ..modules import feed_link

implements: IAggregatorV3
implements: IPokedFeed

event Poked:
    current: int256  # [10**-8, debt per collateral]
    upcoming: int256  # [10**-8, debt per collateral]


decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: delayed price"
version: public(constant(uint256)) = 1

DAY: constant(uint256) = 86_400  # [s]

SOURCE: public(immutable(address))  # AggregatorV3
HOP: public(immutable(uint256))  # [s]

current: feed_link.Answer
upcoming: feed_link.Answer
hop_began: public(uint256)  # of the last poke [unix s]


@deploy
def __init__(source: address, hop: uint256):
    """
    @param source AggregatorV3 with 8 decimals
    @param hop    [s]
    """
    assert 0 < hop and hop <= DAY, "feed: hop not between 0 and a day"
    feed_link._check_feed(source)
    SOURCE = source
    HOP = hop
    self.upcoming = feed_link._answer_of(source)
    assert self.upcoming.value > 0, "feed: source without an answer"
    self._step(self.upcoming)


@external
def poke():
    """
    @notice Move on to the next price. Anyone, once in a hop and while the source has an answer.
    """
    seen: feed_link.Answer = feed_link._answer_of(SOURCE)
    assert self._due(seen), "feed: not due"
    self._step(seen)


@view
@external
def due() -> bool:
    """
    @return whether `poke` would move on now
    """
    return self._due(feed_link._answer_of(SOURCE))


@view
@external
def peep() -> (int256, uint256):
    """
    @return the price that the next poke makes the current one [10**-8], when the source updated it [unix s]
    """
    return self.upcoming.value, self.upcoming.updated_at


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    return feed_link._round_data(self.current)


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice Only the latest round is kept; of another one it reverts.
    @return as `latestRoundData`
    """
    return feed_link._round_of(self.current, round_id)


@view
def _due(seen: feed_link.Answer) -> bool:
    return seen.value > 0 and block.timestamp >= self.hop_began + HOP


def _step(seen: feed_link.Answer):
    self.current = self.upcoming
    self.upcoming = seen
    self.hop_began = block.timestamp - block.timestamp % HOP
    log Poked(current=self.current.value, upcoming=seen.value)
