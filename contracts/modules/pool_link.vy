# pragma version 0.4.3
"""
@title What feeds and breakers that look into a Uniswap v3 pool share
@notice Means over a window: of the tick the arithmetic one, which is the geometric one of the price, and of the
        liquidity around the price the harmonic one (Uniswap v3 whitepaper, 5.2 and 5.3). What stands for a moment
        moves neither; what stood for a part of the window moves them by that part, and liquidity that was gone for
        a part of it can be no more than it is without.
"""

from ..interfaces import IUniswapV3Pool

struct Mean:
    tick: int24  # of debt per collateral, rounded down
    liquidity: uint256  # [sqrt(token0 x token1)]


struct Memory:
    tick: int24  # of the pool's price at this moment
    index: uint256  # of the last observation
    cardinality: uint256  # observations in use


WEEK: constant(uint256) = 7 * 86_400  # [s]
CLOCK: constant(uint256) = 2**32  # the pool's clock starts again [s]


@view
def _is_token0(pool: address, collateral: address, debt_token: address) -> bool:
    """
    @return whether the collateral is the pool's first token; reverts unless the pool has both tokens
    """
    token0: address = staticcall IUniswapV3Pool(pool).token0()
    token1: address = staticcall IUniswapV3Pool(pool).token1()
    if collateral == token0 and debt_token == token1:
        return True
    assert collateral == token1 and debt_token == token0, "pool: other tokens"
    return False


def _remember(pool: address, window: uint256, cardinality: uint16):
    """
    @notice Have the pool keep so many observations, for means over the window [s].
    """
    assert 0 < window and window <= WEEK, "pool: window not between 0 and a week"
    # with one alone every swap would make the mean the price of its own moment
    assert cardinality > 1, "pool: cardinality below 2"
    extcall IUniswapV3Pool(pool).increaseObservationCardinalityNext(cardinality)


@view
def _mean(pool: address, window: uint256, is_token0: bool) -> Mean:
    """
    @param window    over how long, if the pool remembers as much [s]
    @param is_token0 whether the collateral is the pool's first token
    """
    memory: Memory = self._memory(pool)
    span: uint256 = self._span(memory, pool, window)
    if span == 0:
        tick: int24 = memory.tick if is_token0 else -memory.tick
        return Mean(tick=tick, liquidity=convert(staticcall IUniswapV3Pool(pool).liquidity(), uint256))
    sums: DynArray[int56, 2] = []
    per_liquidity: DynArray[uint160, 2] = []
    sums, per_liquidity = staticcall IUniswapV3Pool(pool).observe([convert(span, uint32), 0])
    rise: int56 = sums[1] - sums[0] if is_token0 else sums[0] - sums[1]
    passed: uint256 = convert(unsafe_sub(per_liquidity[1], per_liquidity[0]), uint256)  # it wraps around
    return Mean(tick=self._tick_down(rise, span), liquidity=(span << 128) // max(passed, 1))


@pure
def _tick_down(rise: int56, span: uint256) -> int24:
    """
    @param rise sum of tick x seconds over the span [s]
    @param span [s]
    @return mean tick, rounded down; Vyper's division rounds towards zero
    """
    seconds: int56 = convert(span, int56)
    mean: int56 = rise // seconds
    if rise % seconds < 0:
        mean -= 1
    return convert(mean, int24)


@view
def _span(memory: Memory, pool: address, window: uint256) -> uint256:
    """
    @return the window, or the age of the oldest observation if that is less [s]
    """
    written_at: uint32 = 0
    sum: int56 = 0
    per_liquidity: uint160 = 0
    written: bool = False
    oldest: uint256 = (memory.index + 1) % memory.cardinality
    (written_at, sum, per_liquidity, written) = staticcall IUniswapV3Pool(pool).observations(oldest)
    if not written:  # the ring has not come round yet
        (written_at, sum, per_liquidity, written) = staticcall IUniswapV3Pool(pool).observations(0)
    age: uint256 = (block.timestamp % CLOCK + CLOCK - convert(written_at, uint256)) % CLOCK
    return min(age, window)


@view
def _memory(pool: address) -> Memory:
    root: uint160 = 0
    tick: int24 = 0
    index: uint16 = 0
    cardinality: uint16 = 0
    cardinality_next: uint16 = 0
    fee: uint8 = 0
    unlocked: bool = False
    (root, tick, index, cardinality, cardinality_next, fee, unlocked) = staticcall IUniswapV3Pool(pool).slot0()
    return Memory(tick=tick, index=convert(index, uint256), cardinality=convert(cardinality, uint256))
