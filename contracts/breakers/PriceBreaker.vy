# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Trips when the price of one collateral is far below its recent average
@notice Two references, both exponential averages of the feed (`modules/price_reference.vy`). A price below the first
        by `deviation[i]` breaches tier i + 1; a price below the second, far slower one, the anchor, by
        `anchor_deviation` breaches tier 1, so that a fall in steps too small for the first shows too. Both are
        measured net of the feed's confidence: what counts is the highest price that the answer allows. Only falls
        count: a rise puts neither debt nor lenders in danger.
        What may be taken for a price is in `modules/observer.vy`, which tier latches and until when in
        `modules/ladder.vy`, what it limits in `modules/response.vy`. A tier is released when the price is nearer than
        `release[i]` to the reference that its fall was measured from.
        The price at deployment is the first observation. A pulse that finds no new one lets time pass, no more.
"""

from ..interfaces import IBreaker
from ..modules import ladder
from ..modules import maths
from ..modules import observer
from ..modules import price_reference
from ..modules import response

implements: IBreaker
initializes: ladder
initializes: observer
initializes: price_reference
initializes: response[ladder := ladder]

exports: ladder.__interface__
exports: observer.__interface__
exports: price_reference.__interface__
exports: response.__interface__

event Observed:
    price: uint256  # [WAD, debt per collateral]
    highest: uint256  # that the feed's confidence allows [WAD, debt per collateral]
    reference: uint256  # [WAD, debt per collateral]
    anchor: uint256  # [WAD, debt per collateral]
    breach: uint256  # tier; 0: none


DEVIATIONS: immutable(uint256[3])  # by tier, below the reference [WAD]
RELEASES: immutable(uint256[3])  # by tier [WAD]
ANCHOR_DECAY: immutable(uint256)  # what is left of an old price in the anchor after a second [RAY]
ANCHOR_DEVIATION: immutable(uint256)  # below the anchor, of tier 1 [WAD]

anchor: public(uint256)  # [WAD, debt per collateral]


@deploy
def __init__(
    market: address,
    collateral: address,
    half_life: uint256,
    clip: uint256,
    deviation: uint256[3],
    release: uint256[3],
    anchor_half_life: uint256,
    anchor_deviation: uint256,
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
    @param market           whose actions are gated
    @param collateral       whose price is watched and whose liquidation is gated
    @param half_life        of the reference [s]
    @param clip             most that one observation moves either reference [WAD]
    @param deviation        by tier, of the price below the reference [WAD]
    @param release          by tier, of the price below what it fell from [WAD]
    @param anchor_half_life of the anchor [s]
    @param anchor_deviation of the price below the anchor, for tier 1 [WAD]
    """
    assert collateral != empty(address), "breaker: unknown collateral"
    ladder._check_levels(deviation, release)
    assert max(deviation[2], anchor_deviation) < maths.WAD, "breaker: deviation of 1 or more"
    assert anchor_deviation > 0, "breaker: zero anchor deviation"
    assert release[0] < anchor_deviation, "breaker: release not inside the anchor's level"
    assert anchor_half_life > half_life, "breaker: anchor not slower"
    DEVIATIONS = deviation
    RELEASES = release
    ANCHOR_DECAY = price_reference._decay(anchor_half_life)
    ANCHOR_DEVIATION = anchor_deviation
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
    self._observe()


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
        self.anchor = price_reference.last_price
    self._observe()


def _observe():
    """
    @notice Take the price, if there is a new one, into both references, and latch what it calls for.
    """
    seen: observer.Observation = observer._take(
        response.MARKET, response.COLLATERAL, price_reference.last_price
    )
    if seen.price == 0:
        return
    self._follow(seen)
    breach: uint256 = self._breach(seen.highest)
    if ladder._climb(breach, self._is_inside(seen.price)):
        self._hold(seen.highest)
    log Observed(
        price=seen.price,
        highest=seen.highest,
        reference=price_reference.reference,
        anchor=self.anchor,
        breach=breach,
    )


def _follow(seen: observer.Observation):
    stands: bool = ladder._phase() == ladder.LATCHED
    if price_reference.last_price == 0:
        self.anchor = seen.price
    elif not stands:
        self.anchor = price_reference._moved(self.anchor, ANCHOR_DECAY, seen.elapsed)
    price_reference._follow(seen.price, seen.elapsed, stands)


@view
def _breach(price: uint256) -> uint256:
    """
    @return deepest tier whose level the price [WAD, debt per collateral] has reached; 0: none
    """
    reached: uint256 = price_reference._levels_reached(price, DEVIATIONS)
    if reached == 0 and price_reference._is_down(price, self.anchor, ANCHOR_DEVIATION):
        return 1
    return reached


def _hold(price: uint256):
    """
    @notice Keep what the fall that has latched is measured from.
    """
    by_anchor: bool = price_reference._levels_reached(price, DEVIATIONS) == 0
    price_reference.held = self.anchor if by_anchor else price_reference.reference


@view
def _is_inside(price: uint256) -> bool:
    """
    @return whether the price [WAD, debt per collateral] releases the tier latched last
    """
    if ladder.tier == 0:
        return False
    return not price_reference._is_down(price, price_reference.held, RELEASES[ladder.breach - 1])
