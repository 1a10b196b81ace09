# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The median of up to five feeds
@notice Sources that revert, or whose answer is older than MAX_AGE, don't count; when fewer than QUORUM do, the answer
        is 0 as of 0. Of an even number the median is the mean of the middle two, rounded down.
        `updatedAt` is that of the newest answer that counts: any of them may have moved the median.
"""

from ..interfaces import IAggregatorV3
from ..modules import feed_link

implements: IAggregatorV3

MAX_SOURCES: constant(uint256) = 5

decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: median price"
version: public(constant(uint256)) = 1

MAX_AGE: public(immutable(uint256))  # oldest answer that counts [s]
QUORUM: public(immutable(uint256))  # least number of answers

listed: DynArray[address, MAX_SOURCES]


@deploy
def __init__(sources: DynArray[address, MAX_SOURCES], max_age: uint256, quorum: uint256):
    """
    @param sources AggregatorV3 with 8 decimals, each once
    @param max_age oldest answer that counts [s]
    @param quorum  least number of answers
    """
    assert 0 < quorum and quorum <= len(sources), "feed: quorum not between 1 and all sources"
    for source: address in sources:
        assert source not in self.listed, "feed: source listed twice"
        feed_link._check_feed(source)
        self.listed.append(source)
    MAX_AGE = max_age
    QUORUM = quorum


@view
@external
def sources() -> DynArray[address, MAX_SOURCES]:
    return self.listed


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
@external
def confidence() -> uint256:
    """
    @return how far a quorum of answers is from the median at the most; those beyond don't matter, however far [10**-8]
    """
    values: DynArray[int256, MAX_SOURCES] = []
    newest: uint256 = 0
    values, newest = self._sorted_answers()
    assert len(values) >= QUORUM, "feed: no quorum"
    median: int256 = self._median(values)
    distances: DynArray[int256, MAX_SOURCES] = []
    for value: int256 in values:
        distances = self._inserted(distances, abs(value - median))
    return convert(distances[QUORUM - 1], uint256)


@view
def _sorted_answers() -> (DynArray[int256, MAX_SOURCES], uint256):
    """
    @return those that count, lowest first [10**-8], and when the newest was updated [unix s]
    """
    values: DynArray[int256, MAX_SOURCES] = []
    newest: uint256 = 0
    for source: address in self.listed:
        answer: feed_link.Answer = feed_link._answer_of(source)
        if answer.value == 0 or block.timestamp - answer.updated_at > MAX_AGE:
            continue
        values = self._inserted(values, answer.value)
        newest = max(newest, answer.updated_at)
    return values, newest


@pure
def _median(values: DynArray[int256, MAX_SOURCES]) -> int256:
    """
    @param values one or more, lowest first
    @return the middle one, or the mean of the middle two, rounded down
    """
    return (values[(len(values) - 1) // 2] + values[len(values) // 2]) // 2


@pure
def _inserted(values: DynArray[int256, MAX_SOURCES], added: int256) -> DynArray[int256, MAX_SOURCES]:
    """
    @return the sorted values with one more in its place
    """
    result: DynArray[int256, MAX_SOURCES] = []
    waits: bool = True
    for other: int256 in values:
        if waits and added < other:
            result.append(added)
            waits = False
        result.append(other)
    if waits:
        result.append(added)
    return result


@view
def _latest() -> feed_link.Answer:
    values: DynArray[int256, MAX_SOURCES] = []
    newest: uint256 = 0
    values, newest = self._sorted_answers()
    if len(values) < QUORUM:
        return empty(feed_link.Answer)
    return feed_link.Answer(value=self._median(values), updated_at=newest)
