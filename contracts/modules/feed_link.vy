# pragma version 0.4.3
"""
@title What feeds that read other feeds share
@notice All speak AggregatorV3 with 8 decimals. A round's number is the time at which its answer was updated. A feed
        that has no answer says 0 as of 0, which every market refuses, and does not revert.
"""

from ..interfaces import IAggregatorV3

LARGEST: constant(int256) = 2**127  # answer that is taken for one [10**-8]
DECIMALS: constant(uint8) = 8


struct Answer:
    value: int256  # [10**-8, debt per collateral]; 0: none
    updated_at: uint256  # [unix s]


@view
def _check_feed(feed: address):
    assert staticcall IAggregatorV3(feed).decimals() == DECIMALS, "feed: decimals"


@view
def _answer_of(feed: address) -> Answer:
    """
    @return the feed's last answer; empty when it reverts, or says nothing above zero, or speaks of the future
    """
    ok: bool = False
    said: Bytes[160] = b""
    ok, said = raw_call(
        feed,
        method_id("latestRoundData()"),
        max_outsize=160,
        is_static_call=True,
        revert_on_failure=False,
    )
    if not ok or len(said) != 160:
        return empty(Answer)
    return self._checked(convert(slice(said, 32, 32), int256), convert(slice(said, 96, 32), uint256))


@view
def _checked(said: int256, updated_at: uint256) -> Answer:
    """
    @return empty when it is not above zero, beyond arithmetic, or of the future
    """
    if said <= 0 or said > LARGEST or updated_at > block.timestamp:
        return empty(Answer)
    return Answer(value=said, updated_at=updated_at)


@pure
def _round_data(answer: Answer) -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    round_id: uint80 = convert(answer.updated_at, uint80)
    return round_id, answer.value, answer.updated_at, answer.updated_at, round_id


@pure
def _round_of(latest: Answer, round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @notice Of a feed that keeps no round but the latest.
    @return as `_round_data`
    """
    assert round_id > 0 and convert(round_id, uint256) == latest.updated_at, "feed: no such round"
    return self._round_data(latest)
