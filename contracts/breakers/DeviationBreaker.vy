# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Trips when the market's price is in doubt: another feed disagrees, or the next price is far lower
@notice The doubt is the larger of two:
        - disagreement: 1 - lower / higher of the market's price and that of the other feed (a pool's mean against a
          pushed price, say). While the other feed has no fresh answer it says nothing;
        - what is coming: how far the next price of a delayed feed (`peep`, as in MakerDAO's module) is below the
          present one. Only falls count. A feed without `peep` has nothing coming.
        Doubt of `level[i]` breaches tier i + 1, and of `release[i]` or less releases it. Doubt that lasts latches
        again with the first new answer after the rest, a tier deeper each time if it is soon enough, and at last until
        the guardian has looked.
        A pulse takes at the most one observation a block, and only when one of the three, or when it was updated, is
        not what it was the last time and the market's price is fresh. Which tier latches and until when is in
        `modules/ladder.vy`, what it limits in `modules/response.vy`.
"""

from ..interfaces import IBreaker
from ..interfaces import ILendingMarket
from ..modules import feed_link
from ..modules import ladder
from ..modules import maths
from ..modules import response

implements: IBreaker
initializes: ladder
initializes: response[ladder := ladder]

exports: ladder.__interface__
exports: response.__interface__

event Observed:
    price: int256  # the market's [10**-8, debt per collateral]
    other: int256  # [10**-8, debt per collateral]; 0: it says nothing
    upcoming: int256  # [10**-8, debt per collateral]; 0: nothing
    doubt: uint256  # [WAD]
    breach: uint256  # tier; 0: none


OTHER: public(immutable(address))  # AggregatorV3; the zero address: none
LEVELS: immutable(uint256[3])  # doubt by tier [WAD]
RELEASES: immutable(uint256[3])  # doubt by tier [WAD]

observed_at: public(uint256)  # when the last observation was taken [unix s]
seen: bytes32  # hash of the three answers in it


@deploy
def __init__(
    market: address,
    collateral: address,
    other: address,
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
    @param market     whose actions are gated
    @param collateral whose price is watched and whose liquidation is gated
    @param other      AggregatorV3 with 8 decimals; the zero address: none
    @param level      doubt that breaches, by tier [WAD]
    @param release    doubt that releases, by tier [WAD]
    """
    assert collateral != empty(address), "breaker: unknown collateral"
    if other != empty(address):
        feed_link._check_feed(other)
    ladder._check_levels(level, release)
    assert level[2] < maths.WAD, "breaker: deviation of 1 or more"
    OTHER = other
    LEVELS = level
    RELEASES = release
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
    self._observe()


@external
@reentrant
def pulse():
    """
    @notice Observe and latch. A call from anyone but the market pulses all of its breakers.
    """
    if not response._is_pulsed_by_market():
        return
    ladder._settle()
    self._observe()


def _observe():
    """
    @notice See the three prices, if one of them is new, and latch what their doubt calls for.
    """
    config: ILendingMarket.CollateralConfig = staticcall response.MARKET.config(response.COLLATERAL)
    price: feed_link.Answer = self._fresh(config.feed, config.max_age)
    if price.value == 0 or self.observed_at == block.timestamp:
        return
    other: feed_link.Answer = self._fresh(OTHER, config.max_age)
    upcoming: feed_link.Answer = self._upcoming(config.feed)
    seen: bytes32 = keccak256(abi_encode(price, other, upcoming))
    if seen == self.seen:
        return
    self.observed_at = block.timestamp
    self.seen = seen
    doubt: uint256 = self._gap(price.value, other.value)
    if upcoming.value < price.value:
        doubt = max(doubt, self._gap(price.value, upcoming.value))
    breach: uint256 = ladder._breach_of(doubt, LEVELS)
    is_inside: bool = ladder.tier > 0 and doubt <= RELEASES[ladder.breach - 1]
    ladder._climb(breach, is_inside)
    log Observed(
        price=price.value, other=other.value, upcoming=upcoming.value, doubt=doubt, breach=breach
    )


@view
def _fresh(feed: address, max_age: uint256) -> feed_link.Answer:
    """
    @return the feed's answer; empty when it is stale or there is none
    """
    answer: feed_link.Answer = feed_link._answer_of(feed)
    if block.timestamp - answer.updated_at > max_age:
        return empty(feed_link.Answer)
    return answer


@view
def _upcoming(feed: address) -> feed_link.Answer:
    """
    @return the price that counts next, if the feed tells it; else empty
    """
    ok: bool = False
    said: Bytes[64] = b""
    ok, said = raw_call(
        feed, method_id("peep()"), max_outsize=64, is_static_call=True, revert_on_failure=False
    )
    if not ok or len(said) != 64:
        return empty(feed_link.Answer)
    return feed_link._checked(convert(slice(said, 0, 32), int256), convert(slice(said, 32, 32), uint256))


@pure
def _gap(first: int256, second: int256) -> uint256:
    """
    @param first  [10**-8, debt per collateral]
    @param second [10**-8, debt per collateral]; 0: there is none
    @return 1 - lower / higher, rounded down; 0 when there is no second [WAD]
    """
    if second == 0:
        return 0
    higher: uint256 = convert(max(first, second), uint256)
    lower: uint256 = convert(min(first, second), uint256)
    return (higher - lower) * maths.WAD // higher
