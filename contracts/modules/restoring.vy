# pragma version 0.4.3
"""
@title How much repayment restores a health factor
@notice A payment of x takes x * (1 + bonus) of collateral, so that
        (limit - x * (1 + bonus) * threshold) / (debt - x) = target, which gives
        x = (target * debt - limit) / (target - (1 + bonus) * threshold).
        When the bonus outweighs the relief, no payment below the whole debt does.
        The market's book keeps debts at index 1: of a payment x it takes off floor(x / index), and what is left counts
        as ceil(left * index), which is more than debt - x by ceil(index) units at the most, and by none at index 1.
"""

from . import maths

LIMIT_SLACK: constant(uint256) = 2  # what roundings of the limit that is left can take from it [debt token]


@pure
def _payment_up(
    debt: uint256,
    index: uint256,
    limit: uint256,
    threshold: uint256,
    target: uint256,
    price: uint256,
    asked: uint256,
) -> uint256:
    """
    @param debt      [debt token]
    @param index     of debts [RAY]
    @param limit     liquidation limit of all collateral [debt token], below target * debt
    @param threshold liquidation threshold of the collateral that is sold [WAD]
    @param target    health factor to reach [WAD]
    @param price     of the feed, price / asked = 1 + bonus [WAD, debt per collateral]
    @param asked     price that a taker pays [WAD, debt per collateral]
    @return [debt token]
    """
    loss: uint256 = maths._mul_div_up(threshold, price, asked)
    if target <= loss:
        return debt
    sure: uint256 = limit - min(limit, LIMIT_SLACK)
    rounding: uint256 = maths._mul_div_up(index, 1, maths.RAY) if index > maths.RAY else 0
    missing: uint256 = target * (debt + rounding) - sure * maths.WAD
    return min(debt, maths._mul_div_up(missing, 1, target - loss))
