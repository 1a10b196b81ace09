# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A price feed that one feeder pushes answers to
@notice Speaks Chainlink's AggregatorV3. Like theirs it takes a new answer only when the price has moved by
        DEVIATION or the last answer is as old as HEARTBEAT.
"""

from ..interfaces import IAggregatorV3
from ..modules import maths

implements: IAggregatorV3

event AnswerUpdated:
    current: indexed(int256)  # [10**-8, debt per collateral]
    roundId: indexed(uint256)
    updatedAt: uint256  # [unix s]


struct Round:
    answer: int256  # [10**-8, debt per collateral]
    updated_at: uint256  # [unix s]


decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: pushed price"
version: public(constant(uint256)) = 1

FEEDER: public(immutable(address))
HEARTBEAT: public(immutable(uint256))  # an answer may follow after this time whatever the price [s]
DEVIATION: public(immutable(uint256))  # or before it when the price has moved by this much [WAD]

latest_round: public(uint80)
rounds: HashMap[uint80, Round]


@deploy
def __init__(feeder: address, answer: int256, heartbeat: uint256, deviation: uint256):
    """
    @param feeder    who may push
    @param answer    the first [10**-8, debt per collateral]
    @param heartbeat [s]
    @param deviation [WAD]
    """
    FEEDER = feeder
    HEARTBEAT = heartbeat
    DEVIATION = deviation
    self._store(answer)


@external
def push(answer: int256):
    """
    @param answer [10**-8, debt per collateral]
    """
    assert msg.sender == FEEDER, "feed: only feeder"
    assert self._due(answer), "feed: not due"
    self._store(answer)


@view
@external
def due(answer: int256) -> bool:
    """
    @param answer [10**-8, debt per collateral]
    @return whether `push` would take it now
    """
    return answer > 0 and self._due(answer)


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    return self._round_data(self.latest_round)


@view
@external
def getRoundData(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    return self._round_data(round_id)


@view
def _round_data(round_id: uint80) -> (uint80, int256, uint256, uint256, uint80):
    round: Round = self.rounds[round_id]
    assert round.updated_at != 0, "feed: no such round"
    return round_id, round.answer, round.updated_at, round.updated_at, round_id


@view
def _due(answer: int256) -> bool:
    last: Round = self.rounds[self.latest_round]
    if block.timestamp >= last.updated_at + HEARTBEAT:
        return True
    moved: uint256 = convert(abs(answer - last.answer), uint256)
    return moved * maths.WAD >= DEVIATION * convert(last.answer, uint256)


def _store(answer: int256):
    assert answer > 0, "feed: zero answer"
    self.latest_round += 1
    self.rounds[self.latest_round] = Round(answer=answer, updated_at=block.timestamp)
    log AnswerUpdated(
        current=answer, roundId=convert(self.latest_round, uint256), updatedAt=block.timestamp
    )
