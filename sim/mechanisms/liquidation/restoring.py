"""Twin of contracts/modules/restoring.vy: how much repayment restores a health factor.

A payment of x takes x * (1 + bonus) of collateral, so that
(limit - x * (1 + bonus) * threshold) / (debt - x) = target, which gives
x = (target * debt - limit) / (target - (1 + bonus) * threshold).

The market's book keeps debts at index 1: of a payment x it takes off floor(x / index), and what is
left counts as ceil(left * index), more than debt - x by ceil(index) units at the most, and by none
at index 1.
"""

from __future__ import annotations

from sim.mechanisms.maths import mul_div_up
from sim.mechanisms.words import uint
from sim.units import RAY, WAD

LIMIT_SLACK = 2  # what roundings of the limit that is left can take from it [debt token]


def payment_up(
    debt: int, index: int, limit: int, threshold: int, target: int, price: int, asked: int
) -> int:
    """[debt token]; all of the debt where the bonus, price / asked - 1, outweighs the relief.

    Debt and limit in [debt token], the index of debts in [RAY], threshold and target in [WAD],
    prices in [WAD, debt per collateral]. The limit of all collateral is below target * debt.
    """
    loss = mul_div_up(threshold, price, asked)
    if target <= loss:
        return debt
    rounding = mul_div_up(index, 1, RAY) if index > RAY else 0
    missing = uint(uint(target * (debt + rounding)) - max(limit - LIMIT_SLACK, 0) * WAD)
    return min(debt, mul_div_up(missing, 1, target - loss))
