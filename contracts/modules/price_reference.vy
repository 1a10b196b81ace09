# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The price that a fall is measured from
@notice An exponential average: between two observations the older price is taken to have stood, so a fresh fall shows
        in full, and one observation moves the average by `clip` of itself at the most.
        While a tier is latched it stands still. From the end of the tier on it is the price that stood then, so that
        the same fall can't latch twice; `held`, what the fall was measured from, decides when the tier is released.
"""

from . import maths
from . import ray_maths

DECAY: immutable(uint256)  # what is left of an old price after a second [RAY]
CLIP: immutable(uint256)  # most that one observation moves the average [WAD]

reference: public(uint256)  # [WAD, debt per collateral]
held: public(uint256)  # what the latched fall is measured from [WAD, debt per collateral]
last_price: public(uint256)  # observed last [WAD, debt per collateral]


@deploy
def __init__(half_life: uint256, clip: uint256):
    """
    @param half_life [s]
    @param clip      most that one observation moves the average [WAD]
    """
    assert clip > 0 and clip <= maths.WAD, "breaker: clip not between 0 and 1"
    DECAY = self._decay(half_life)
    CLIP = clip


def _follow(price: uint256, elapsed: uint256, stands: bool):
    """
    @param price   observed now [WAD, debt per collateral]
    @param elapsed since the last observation [s]
    @param stands  whether a tier is latched
    """
    if self.last_price == 0:
        self.reference = price
    elif not stands:
        self.reference = self._moved(self.reference, DECAY, elapsed)
    self.last_price = price


def _rebase():
    """
    @notice After the end of a tier the fall that latched it is forgotten.
    """
    self.reference = self.last_price


@view
def _moved(average: uint256, decay: uint256, elapsed: uint256) -> uint256:
    """
    @notice last_price + (average - last_price) * decay ** elapsed, rounded half up, clipped.
    @param average [WAD, debt per collateral]
    @param decay   [RAY]
    @param elapsed [s]
    @return [WAD, debt per collateral]
    """
    kept: uint256 = ray_maths._pow_half_up(decay, elapsed)
    weighted: uint256 = average * kept + self.last_price * (maths.RAY - kept)
    most: uint256 = maths._mul_div_down(average, CLIP, maths.WAD)
    target: uint256 = (weighted + maths.RAY // 2) // maths.RAY
    return min(max(target, average - most), average + most)


@view
def _levels_reached(price: uint256, level: uint256[3]) -> uint256:
    """
    @param price [WAD, debt per collateral]
    @param level by tier, rising [WAD]
    @return how many of the levels the fall of the price below the reference has reached
    """
    reached: uint256 = 0
    for deviation: uint256 in level:
        if self._is_down(price, self.reference, deviation):
            reached += 1
    return reached


@pure
def _is_down(price: uint256, reference: uint256, deviation: uint256) -> bool:
    """
    @param deviation below 1 [WAD]
    @return whether the price is below the reference by the deviation or more
    """
    return price * maths.WAD <= reference * (maths.WAD - deviation)


@pure
def _decay(half_life: uint256) -> uint256:
    """
    @param half_life [s]
    @return what is left of an old price after a second [RAY]
    """
    assert half_life > 0, "breaker: zero half-life"
    assert half_life <= 365 * 86_400, "breaker: half-life above a year"
    return ray_maths._half_life_factor(half_life)
