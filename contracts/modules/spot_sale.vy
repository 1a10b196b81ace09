# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at once, at a price that the contract names
@notice What liquidation modules without a phase before the sale share. A partial take leaves `min_leftover` or more
        on both legs and is shrunk to do so; one that closes a leg wholly needs no leftover. An account left
        without collateral has its remaining debt written off in the same take.
"""

from ..interfaces import ILiquidation
from . import market_link
from . import maths
from . import probe
from . import sale_terms

uses: market_link

MIN_LEFTOVER: public(immutable(uint256))  # least that a partial take leaves on each leg [debt token]


@deploy
def __init__(min_leftover: uint256):
    """
    @param min_leftover least that a partial take leaves on each leg [debt token]
    """
    MIN_LEFTOVER = min_leftover


@view
@external
def startable(account: address) -> bool:
    """
    @return false: there is no phase before the sale
    """
    return False


@external
def start(account: address, collateral: address):
    """
    @notice Always reverts.
    """
    raise "spot: no sales to start"


@view
@external
def restartable(account: address, collateral: address) -> bool:
    """
    @return false: there is nothing that could go stale
    """
    return False


@external
def restart(account: address, collateral: address):
    """
    @notice Always reverts.
    """
    raise "spot: no sales to start"


@view
def _for_sale(account: address, collateral: address) -> bool:
    """
    @return whether the account is unhealthy and holds some of the collateral; false while the feed gives no price
    """
    if probe._health_or_max(market_link.MARKET.address, account) >= maths.WAD:
        return False
    return staticcall market_link.MARKET.collateral_of(account, collateral) > 0


@view
def _admit(account: address, collateral: address, max_pay: uint256):
    """
    @notice Reverts unless something can be for sale.
    """
    assert max_pay > 0, "spot: nothing offered"
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "spot: healthy"
    assert staticcall market_link.MARKET.collateral_of(account, collateral) > 0, "spot: no collateral"
    assert market_link._passing(collateral, max_pay) > 0, "spot: halted"


@view
def _terms(account: address, collateral: address, most: uint256, price: uint256) -> (uint256, uint256):
    """
    @param most  what the taker would pay and the rules let be closed [debt token]
    @param price asked for [WAD, debt per collateral]
    @return paid [debt token], received [collateral token]
    """
    scale: uint256 = market_link._scale(collateral)
    return sale_terms._terms(
        staticcall market_link.MARKET.debt_of(account),
        staticcall market_link.MARKET.collateral_of(account, collateral),
        price,
        scale,
        market_link._passing(collateral, most),
        MIN_LEFTOVER,
        maths._mul_div_up(MIN_LEFTOVER, scale, staticcall market_link.MARKET.price(collateral)),
    )


@view
def _enlarged(account: address, collateral: address, closable: uint256, price: uint256) -> uint256:
    """
    @param closable by a rule that closes a part [debt token]
    @param price    asked for [WAD, debt per collateral]
    @return all of the debt, where the rule would leave less than `min_leftover` on a leg [debt token]
    """
    debt: uint256 = staticcall market_link.MARKET.debt_of(account)
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    cost: uint256 = maths._mul_div_down(held, price, market_link._scale(collateral))
    if closable + MIN_LEFTOVER > min(debt, cost):
        return debt
    return closable


def _sell(
    account: address,
    collateral: address,
    max_debt: uint256,
    received: uint256,
    price: uint256,
    receiver: address,
    data: Bytes[1024],
) -> uint256:
    """
    @param max_debt to be paid by the caller [debt token]
    @param received [collateral token]
    @param price    to be logged [WAD, debt per collateral]
    @return paid [debt token]
    """
    paid: uint256 = extcall market_link.MARKET.assume_debt(account, max_debt)
    extcall market_link.MARKET.seize(account, collateral, received, receiver)
    market_link._charge(account, collateral, paid, 0, received, receiver, data)
    log ILiquidation.Taken(
        account=account,
        collateral=collateral,
        taker=msg.sender,
        receiver=receiver,
        paid=paid,
        fee=0,
        received=received,
        price=price,
        debt_left=staticcall market_link.MARKET.debt_of(account),
        lot_left=staticcall market_link.MARKET.collateral_of(account, collateral),
    )
    if not market_link._has_collateral(account):
        market_link._write_off(account, 0)
    return paid


@pure
def _agree(pay: uint256, received: uint256, min_receive: uint256):
    """
    @notice Reverts unless the taker gets enough of something.
    """
    assert pay > 0, "spot: would leave dust"
    assert received >= min_receive, "spot: too little"
