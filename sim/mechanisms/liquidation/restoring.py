"""Twin of contracts/modules/restoring.vy: how much repayment restores a health factor.

A payment of x takes x * (1 + bonus) of collateral, so that
(limit - x * (1 + bonus) * threshold) / (debt - x) = target, which gives
x = (target * debt - limit) / (target - (1 + bonus) * threshold).
"""

from __future__ import annotations

from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD

SLACK = 2  # what roundings of the limit that is left can take from it [debt token]


def payment_up(debt: int, limit: int, threshold: int, target: int, price: int, asked: int) -> int:
    """[debt token]; all of the debt where the bonus, price / asked - 1, outweighs the relief.

    Debt and limit in [debt token], threshold and target in [WAD], prices in [WAD, debt per
    collateral]. The limit of all collateral is below target * debt.
    """
    loss = mul_div_up(threshold, price, asked)
    if target <= loss:
        return debt
    missing = uint(uint(target * debt) - max(limit - SLACK, 0) * WAD)
    return min(debt, mul_div_up(missing, 1, target - loss))
