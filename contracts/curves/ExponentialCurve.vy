# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The price is cut by the same factor every second
@notice price(t) = start_price * cut ** t.
        Source of the formula: MakerDAO, Liquidations 2.0, abacus "exponential decrease" (MIP45).
"""

from ..interfaces import IPriceCurve
from ..modules import maths
from ..modules import ray_maths

implements: IPriceCurve

CUT: public(immutable(uint256))  # what each second leaves [RAY]


@deploy
def __init__(cut: uint256):
    """
    @param cut what each second leaves of the price [RAY]
    """
    assert cut > 0 and cut < maths.RAY, "curve: cut not between 0 and 1"
    CUT = cut


@view
@external
def price(start_price: uint256, elapsed: uint256) -> uint256:
    """
    @param start_price [any unit]
    @param elapsed     time since the start without halts [s]
    @return the price now [unit of start_price], rounded half up
    """
    return ray_maths._mul_half_up(start_price, ray_maths._pow_half_up(CUT, elapsed))
