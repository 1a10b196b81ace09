# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What every liquidation module needs of its market
"""

from ethereum.ercs import IERC20Detailed

from ..interfaces import ILendingMarket
from ..interfaces import ITaker
from . import actions
from . import maths
from . import transfers

MARKET: immutable(ILendingMarket)
DEBT_TOKEN: immutable(address)
DEBT_DECIMALS: immutable(uint256)


@deploy
def __init__(market: address):
    MARKET = ILendingMarket(market)
    DEBT_TOKEN = staticcall MARKET.debt_token()
    DEBT_DECIMALS = convert(staticcall IERC20Detailed(DEBT_TOKEN).decimals(), uint256)
    transfers._allow(DEBT_TOKEN, market, max_value(uint256))


@view
@external
def market() -> address:
    return MARKET.address


@view
def _scale(collateral: address) -> uint256:
    """
    @return amount [collateral token] * price [WAD] is that many times its value [debt token]
    """
    return 10**(18 + (staticcall MARKET.config(collateral)).decimals - DEBT_DECIMALS)


@view
def _passing(collateral: address, amount: uint256) -> uint256:
    """
    @return how much of a liquidation of `amount` the breakers let pass [debt token]
    """
    return staticcall MARKET.allowed(actions.LIQUIDATE, collateral, amount)


@view
def _share_up(account: address, collateral: address) -> uint256:
    """
    @return the part of the account's debt that its holding of this collateral answers for [debt token]
    """
    held: uint256 = staticcall MARKET.collateral_of(account, collateral)
    worth: uint256 = staticcall MARKET.value_down(collateral, held)
    values: ILendingMarket.AccountValues = staticcall MARKET.values(account)
    if worth == values.collateral:
        return values.debt
    return maths._mul_div_up(values.debt, worth, values.collateral)


@view
def _has_collateral(account: address) -> bool:
    for collateral: address in staticcall MARKET.collaterals():
        if staticcall MARKET.collateral_of(account, collateral) > 0:
            return True
    return False


def _charge(
    account: address,
    collateral: address,
    debt: uint256,
    fee: uint256,
    received: uint256,
    receiver: address,
    data: Bytes[1024],
):
    """
    @notice Call the receiver if there is data, then pull `debt + fee` [debt token] from the caller and settle.
    """
    if len(data) > 0:
        extcall ITaker(receiver).on_take(account, collateral, debt + fee, received, data)
    transfers._pull(DEBT_TOKEN, msg.sender, debt + fee)
    extcall MARKET.settle(collateral, debt, fee)


def _write_off(account: address, unpaid: uint256) -> uint256:
    """
    @notice Recognise `unpaid` [debt token] of the book of sales, and all that the account still owes, as lost.
    @return lost [debt token]
    """
    lost: uint256 = unpaid + extcall MARKET.assume_debt(account, max_value(uint256))
    if lost > 0:
        extcall MARKET.write_off(account, lost)
    return lost
