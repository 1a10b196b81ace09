# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The time-weighted average price of a Uniswap v3 pool
@notice 1.0001 to the mean tick of the last WINDOW seconds, which is the geometric mean of the price, rounded down to a
        tick. To move it by some ticks for a moment is cheap; to hold it there for the window is what costs.
        While the pool's memory is shorter than the window, the mean is over what it remembers; when it remembers
        nothing, the answer is the pool's price of this moment, which a single swap can set. The constructor has the
        pool remember `cardinality` observations, of which it writes one a block at the most.
        The answer is always as of now; a price that 8 decimals can't hold is 0 as of 0.
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import IAggregatorV3
from ..interfaces import IUniswapV3Pool
from ..modules import feed_link
from ..modules import pool_link
from ..modules import tick_maths

implements: IAggregatorV3

struct Memory:
    tick: int24  # of the pool's price at this moment
    index: uint256  # of the last observation
    cardinality: uint256  # observations in use


decimals: public(constant(uint8)) = 8
description: public(constant(String[32])) = "Firesale: mean price of a pool"
version: public(constant(uint256)) = 1

WEEK: constant(uint256) = 7 * 86_400  # [s]
CLOCK: constant(uint256) = 2**32  # the pool's clock starts again [s]

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
    assert 0 < window and window <= WEEK, "feed: window not between 0 and a week"
    IS_TOKEN0 = pool_link._is_token0(pool, collateral, debt_token)
    POOL = pool
    WINDOW = window
    NUMERATOR = 10**(8 + convert(staticcall IERC20Detailed(collateral).decimals(), uint256))
    DENOMINATOR = 2**128 * 10**convert(staticcall IERC20Detailed(debt_token).decimals(), uint256)
    extcall IUniswapV3Pool(pool).increaseObservationCardinalityNext(cardinality)


@view
@external
def latestRoundData() -> (uint80, int256, uint256, uint256, uint80):
    """
    @return roundId, answer [10**-8], startedAt [unix s], updatedAt [unix s], answeredInRound
    """
    price: uint256 = tick_maths._price_near(self._mean_tick())
    if price > max_value(uint256) // NUMERATOR or price * NUMERATOR < DENOMINATOR:
        return feed_link._round_data(empty(feed_link.Answer))
    answer: int256 = convert(price * NUMERATOR // DENOMINATOR, int256)
    return feed_link._round_data(feed_link.Answer(value=answer, updated_at=block.timestamp))


@view
@external
def averaged() -> uint256:
    """
    @return over how long the answer is the mean now: the window, or what the pool remembers of it [s]
    """
    return self._span(self._memory())


@view
def _mean_tick() -> int24:
    """
    @return of debt per collateral, rounded down
    """
    memory: Memory = self._memory()
    span: uint256 = self._span(memory)
    if span == 0:
        return self._directed(convert(memory.tick, int56), 1)
    sums: DynArray[int56, 2] = []
    per_liquidity: DynArray[uint160, 2] = []
    sums, per_liquidity = staticcall IUniswapV3Pool(POOL).observe([convert(span, uint32), 0])
    return self._directed(sums[1] - sums[0], convert(span, int56))


@view
def _directed(rise: int56, span: int56) -> int24:
    """
    @param rise sum of the pool's tick x seconds over the span [s]
    @param span [s]
    @return mean tick of debt per collateral, rounded down; Vyper's division rounds towards zero
    """
    ticks: int56 = rise
    if not IS_TOKEN0:
        ticks = -rise
    mean: int56 = ticks // span
    if ticks % span < 0:
        mean -= 1
    return convert(mean, int24)


@view
def _span(memory: Memory) -> uint256:
    """
    @return the window, or the age of the oldest observation if that is less [s]
    """
    written_at: uint32 = 0
    sum: int56 = 0
    per_liquidity: uint160 = 0
    written: bool = False
    oldest: uint256 = (memory.index + 1) % memory.cardinality
    (written_at, sum, per_liquidity, written) = staticcall IUniswapV3Pool(POOL).observations(oldest)
    if not written:  # the ring has not come round yet
        (written_at, sum, per_liquidity, written) = staticcall IUniswapV3Pool(POOL).observations(0)
    age: uint256 = (block.timestamp % CLOCK + CLOCK - convert(written_at, uint256)) % CLOCK
    return min(age, WINDOW)


@view
def _memory() -> Memory:
    root: uint160 = 0
    tick: int24 = 0
    index: uint16 = 0
    cardinality: uint16 = 0
    cardinality_next: uint16 = 0
    fee: uint8 = 0
    unlocked: bool = False
    (root, tick, index, cardinality, cardinality_next, fee, unlocked) = staticcall IUniswapV3Pool(POOL).slot0()
    return Memory(
        tick=tick, index=convert(index, uint256), cardinality=convert(cardinality, uint256)
    )
