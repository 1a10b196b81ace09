# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The time-weighted average price of a Uniswap v3 pool
@notice 1.0001 to the mean tick of the last WINDOW seconds, which is the geometric mean of the price, rounded down to a
        tick. To move it by some ticks for a moment is cheap; to hold it there for the window is what costs.
        While the pool's memory is shorter than the window, the mean is over what it remembers; when it remembers
        nothing, the answer is the pool's price of this moment, which a single swap can set. The constructor has the
        pool remember `cardinality` observations, two at the least, of which it writes one a block at the most.
        The answer is always as of now; a price that 8 decimals can't hold is 0 as of 0.
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import IAggregatorV3
from ..modules import feed_link
from ..modules import pool_link
from ..modules import tick_maths

implements: IAggregatorV3

decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: mean price of a pool"
version: public(constant(uint256)) = 1

POOL: public(immutable(address))  # Uniswap v3
WINDOW: public(immutable(uint256))  # [s]
IS_TOKEN0: immutable(bool)  # the collateral
NUMERATOR: immutable(uint256)  # price in smallest units [Q128.128] * NUMERATOR / DENOMINATOR is the answer [10**-8]
DENOMINATOR: immutable(uint256)


@deploy
def __init__(pool: address, collateral: address, debt_token: address, window: uint256, cardinality: uint16):
    """
    @param pool        Uniswap v3's, of both tokens
    @param collateral  whose price is told
    @param debt_token  in which it is told
    @param window      [s]
    @param cardinality observations that the pool shall keep: at least the window's number of blocks
    """
    IS_TOKEN0 = pool_link._is_token0(pool, collateral, debt_token)
    POOL = pool
    WINDOW = window
    NUMERATOR = 10**(8 + convert(staticcall IERC20Detailed(collateral).decimals(), uint256))
    DENOMINATOR = 2**128 * 10**convert(staticcall IERC20Detailed(debt_token).decimals(), uint256)
    pool_link._remember(pool, window, cardinality)


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
def averaged() -> uint256:
    """
    @return over how long the answer is the mean now: the window, or what the pool remembers of it [s]
    """
    return pool_link._span(pool_link._memory(POOL), POOL, WINDOW)


@view
def _latest() -> feed_link.Answer:
    mean: pool_link.Mean = pool_link._mean(POOL, WINDOW, IS_TOKEN0)
    price: uint256 = tick_maths._price_near(mean.tick)
    if price > max_value(uint256) // NUMERATOR or price * NUMERATOR < DENOMINATOR:
        return empty(feed_link.Answer)
    answer: int256 = convert(price * NUMERATOR // DENOMINATOR, int256)
    return feed_link.Answer(value=answer, updated_at=block.timestamp)
