# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Trips when much is liquidated into little depth while the price falls fast
@notice Each of the three alone is harmless: sales that a deep market takes, a thin market in which nothing is sold, a
        fall that liquidates nobody. Together they feed each other. The stress is their product,

            stress = flow / depth * fall

        - flow: debt that liquidations of the collateral have raised, half as much counted after each `flow_half_life`;
        - depth: what the Uniswap v3 pool would pay for collateral until its price is lower by `band`, if the liquidity
          around its price reached so far. With L the liquidity and P the price of the collateral in smallest units,
          that is L * sqrt(P) * (1 - sqrt(1 - band)) (Uniswap v3 whitepaper, 6.2.1), with the means of both over
          `window` (`modules/pool_link.vy`);
        - fall: that of the price below its exponential average, net of the feed's confidence
          (`modules/price_reference.vy`). Of a price that falls at a steady rate it grows to rate * half_life / ln 2,
          so it measures speed.
        Stress of 0.1 is: what the pool could take within the band has been sold once, and the price is 10% below its
        average. `level[i]` breaches tier i + 1; a tier is released when the stress is back at `release[i]`, with the
        fall measured from what it was measured from when the tier latched.
        Sales and depth change between two prices, so a price that stands is judged again in every block with a pulse.
        Liquidity that comes or goes for the moment of a pulse changes no depth. A pool that nobody provides for is as
        shallow as can be for as long as the window holds such a block: to drive the price out of all liquidity over the
        end of a block trips this breaker, and costs what traders take to bring it back. What is taken for a new price,
        tiers and response are as in `PriceBreaker`.
"""

from ..interfaces import IBreaker
from ..modules import actions
from ..modules import ladder
from ..modules import maths
from ..modules import observer
from ..modules import pool_link
from ..modules import price_reference
from ..modules import probe
from ..modules import ray_maths
from ..modules import response
from ..modules import tick_maths

implements: IBreaker
initializes: ladder
initializes: observer
initializes: price_reference
initializes: response[ladder := ladder]

exports: ladder.__interface__
exports: observer.__interface__
exports: price_reference.__interface__
exports: (
    response.COLLATERAL,
    response.GUARDIAN_RESPONSE,
    response.PRICE_SPEED,
    response.clear,
    response.gate,
    response.halted_until,
    response.longest,
    response.market,
    response.queued_until,
    response.slowdown,
    response.tokens,
    response.worst_bad_debt,
)

event Observed:
    price: uint256  # [WAD, debt per collateral]
    flow: uint256  # faded [debt token]
    depth: uint256  # [debt token]
    stress: uint256  # [WAD]
    breach: uint256  # tier; 0: none


LARGEST: constant(uint256) = 2**128  # flow, depth, liquidity or ratio that is told apart from a larger one

POOL: public(immutable(address))  # Uniswap v3
WINDOW: public(immutable(uint256))  # of the means of its price and liquidity [s]
IS_TOKEN0: immutable(bool)  # the collateral
BAND: immutable(uint256)  # 1 - sqrt(1 - band) [WAD]
FLOW_DECAY: immutable(uint256)  # what is left of a flow after a second [RAY]
LEVELS: immutable(uint256[3])  # stress by tier [WAD]
RELEASES: immutable(uint256[3])  # stress by tier [WAD]

flow: public(uint256)  # liquidated of the collateral, faded [debt token]
faded_at: public(uint256)  # up to when the flow is faded [unix s]
highest: public(uint256)  # that the confidence of the last price allowed [WAD, debt per collateral]
judged_at: public(uint256)  # when the stress was judged last [unix s]


@deploy
def __init__(
    market: address,
    collateral: address,
    pool: address,
    window: uint256,
    cardinality: uint16,
    band: uint256,
    flow_half_life: uint256,
    half_life: uint256,
    clip: uint256,
    level: uint256[3],
    release: uint256[3],
    duration: uint256[3],
    rest: uint256,
    repeat: uint256,
    calm: uint256,
    liquidation: uint256[3],
    borrowing: uint256[3],
    withdrawal: uint256[3],
    throttle_capacity: uint256,
    throttle_refill: uint256,
    pace: uint256,
    uplift: uint256,
    guardian_response: uint256,
    price_speed: uint256,
    budget: uint256,
):
    """
    @notice From `duration` on the parameters are those of `ladder` and `response`.
    @param market         whose actions are gated
    @param collateral     whose price and sales are watched and whose liquidation is gated
    @param pool           Uniswap v3's, of the collateral and the debt token
    @param window         over which its price and liquidity are averaged [s]
    @param cardinality    observations that the pool shall keep: at least the window's number of blocks
    @param band           fall of the pool's price up to which its depth counts [WAD]
    @param flow_half_life of a sale's weight [s]
    @param half_life      of the price's average [s]
    @param clip           most that one observation moves the average [WAD]
    @param level          stress that breaches, by tier [WAD]
    @param release        stress that releases, by tier [WAD]
    """
    assert collateral != empty(address), "breaker: unknown collateral"
    assert band > 0 and band < maths.WAD, "breaker: band not between 0 and 1"
    ladder._check_levels(level, release)
    POOL = pool
    WINDOW = window
    BAND = maths.WAD - isqrt((maths.WAD - band) * maths.WAD)
    FLOW_DECAY = price_reference._decay(flow_half_life)
    LEVELS = level
    RELEASES = release
    price_reference.__init__(half_life, clip)
    ladder.__init__(duration, rest, repeat, calm)
    response.__init__(
        market,
        collateral,
        liquidation,
        borrowing,
        withdrawal,
        throttle_capacity,
        throttle_refill,
        pace,
        uplift,
        guardian_response,
        price_speed,
        budget,
    )
    IS_TOKEN0 = pool_link._is_token0(pool, collateral, staticcall response.MARKET.debt_token())
    pool_link._remember(pool, window, cardinality)
    self.faded_at = block.timestamp
    self._observe()


@view
@external
def depth() -> uint256:
    """
    @return what the pool would pay within the band by the means of now [debt token]
    """
    return self._depth_down()


@external
@reentrant
def pulse():
    """
    @notice Observe and latch. A call from anyone but the market pulses all of its breakers.
    """
    if not response._is_pulsed_by_market():
        return
    if ladder._settle():
        price_reference._rebase()
    self._observe()


@external
def record(action: uint256, asset: address, amount: uint256):
    """
    @notice Count what was liquidated, and take what passed through a throttle out of its bucket. Only the market.
    @param amount that has passed [debt token]
    """
    response._only_market()
    if action == actions.LIQUIDATE and asset == response.COLLATERAL:
        self._fade()
        self.flow = min(self.flow + min(amount, LARGEST), LARGEST)
    response._pay(response._mode(action, asset), action, amount)


def _observe():
    """
    @notice Take the price, if there is a new one, and latch what the stress calls for, once a block.
    """
    seen: observer.Observation = observer._take(
        response.MARKET, response.COLLATERAL, price_reference.last_price
    )
    if seen.price > 0:
        price_reference._follow(seen.price, seen.elapsed, ladder._phase() == ladder.LATCHED)
        self.highest = seen.highest
    elif self.judged_at == block.timestamp or not self._stands():
        return
    self.judged_at = block.timestamp
    self._fade()
    price: uint256 = price_reference.last_price
    depth: uint256 = self._depth_down()
    stress: uint256 = self._stress(self.highest, price_reference.reference, depth)
    breach: uint256 = ladder._breach_of(stress, LEVELS)
    if ladder._climb(breach, self._is_inside(price, depth)):
        price_reference.held = price_reference.reference
    log Observed(price=price, flow=self.flow, depth=depth, stress=stress, breach=breach)


@view
def _stands() -> bool:
    """
    @return whether the price that was taken last is still the market's, and not stale
    """
    price: uint256 = probe._price_or_zero(response.MARKET.address, response.COLLATERAL)
    return price > 0 and price == price_reference.last_price


def _fade():
    """
    @notice Bring the weight of the flow up to now, rounded down.
    """
    kept: uint256 = ray_maths._pow_half_up(FLOW_DECAY, block.timestamp - self.faded_at)
    self.flow = self.flow * kept // maths.RAY
    self.faded_at = block.timestamp


@view
def _is_inside(price: uint256, depth: uint256) -> bool:
    """
    @return whether the price [WAD, debt per collateral] and the depth [debt token] release the tier latched last
    """
    if ladder.tier == 0:
        return False
    return self._stress(price, price_reference.held, depth) <= RELEASES[ladder.breach - 1]


@view
def _stress(price: uint256, reference: uint256, depth: uint256) -> uint256:
    """
    @param price     [WAD, debt per collateral]
    @param reference that its fall is measured from [WAD, debt per collateral]
    @param depth     [debt token]
    @return rounded down [WAD]
    """
    if price >= reference:
        return 0
    fall: uint256 = (reference - price) * maths.WAD // reference
    return min(self.flow * maths.WAD // max(depth, 1), LARGEST) * fall // maths.WAD


@view
def _depth_down() -> uint256:
    """
    @return what the pool would pay for collateral until its price is lower by the band [debt token]
    """
    mean: pool_link.Mean = pool_link._mean(POOL, WINDOW, IS_TOKEN0)
    root: uint256 = isqrt(tick_maths._price_near(mean.tick))  # [Q64.64]
    reserve: uint256 = (min(mean.liquidity, LARGEST) * root) >> 64
    return min(reserve * BAND // maths.WAD, LARGEST)
