# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The price falls along a straight line to zero
@notice price(t) = start_price * (duration - t) / duration for t < duration, and 0 from then on.
        Source of the formula: MakerDAO, Liquidations 2.0, abacus "linear decrease" (MIP45).
"""

from ..interfaces import IPriceCurve
from ..modules import maths
from ..modules import ray_maths

implements: IPriceCurve

DURATION: public(immutable(uint256))  # from the start to zero [s]


@deploy
def __init__(duration: uint256):
    """
    @param duration from the start to zero [s]
    """
    assert duration > 0, "curve: zero duration"
    DURATION = duration


@view
@external
def price(start_price: uint256, elapsed: uint256) -> uint256:
    """
    @param start_price [any unit]
    @param elapsed     time since the start without halts [s]
    @return the price now [unit of start_price], rounded half up
    """
    if elapsed >= DURATION:
        return 0
    return ray_maths._mul_half_up(start_price, (DURATION - elapsed) * maths.RAY // DURATION)
