# pragma version 0.4.3
"""
@title What a taker pays and receives at a given price
@notice The rules that a fixed spread and an auction share: never more than is owed or than the lot costs, and no
        partial take that leaves dust of debt or of collateral.
"""

from . import maths


@pure
def _terms(
    owed: uint256, lot: uint256, price: uint256, scale: uint256, most: uint256, least_owed: uint256, least_lot: uint256
) -> (uint256, uint256):
    """
    @notice A take that would leave less than the least on one leg, without finishing either, is shrunk to leave
            just that; when even that is impossible there is nothing to take.
    @param owed       to be raised [debt token]
    @param lot        for sale [collateral token]
    @param price      [WAD, debt per collateral], above 0
    @param scale      lot * price is that many times its value in [debt token]
    @param most       what the taker would pay and the breakers let pass [debt token]
    @param least_owed what a partial take leaves owed [debt token]
    @param least_lot  what a partial take leaves of the lot [collateral token]
    @return paid, rounded up [debt token], received, rounded down [collateral token]
    """
    cost: uint256 = maths._mul_div_up(lot, price, scale)
    pay: uint256 = min(most, min(owed, cost))
    if pay < owed and pay < cost:
        sellable: uint256 = lot - min(lot, least_lot)
        by_lot: uint256 = maths._mul_div_down(sellable, price, scale)
        by_debt: uint256 = owed - min(owed, least_owed)
        pay = min(pay, min(by_debt, by_lot))
    return pay, min(lot, maths._mul_div_down(pay, scale, price))
