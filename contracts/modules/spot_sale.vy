# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at once, at a price that the contract names
@notice What liquidation modules without a phase before the sale share. A partial take leaves `min_leftover` or more
        on both legs and is shrunk to do so; one that closes a leg wholly needs no leftover. An account left
        without collateral has its remaining debt written off in the same take.
        The protocol may keep a part of the bonus, which is what the feed's price exceeds the asked one by: the taker
        pays it on top of the debt that it closes, into the reserve, and never more in all than the feed's value.
        In a grace period of a collateral nobody is liquidated for it.
"""

from ..interfaces import ILiquidation
from . import market_link
from . import maths
from . import probe
from . import sale_terms

uses: market_link

event GraceSet:
    caller: indexed(address)
    collateral: indexed(address)
    until: uint256  # [unix s]


MAX_GRACE: constant(uint256) = 4 * 3_600  # [s]

MIN_LEFTOVER: public(immutable(uint256))  # least that a partial take leaves on each leg [debt token]

protocol_fee: public(HashMap[address, uint256])  # by collateral, of the bonus [WAD]
grace_until: public(HashMap[address, uint256])  # by collateral: no liquidation up to and at this time [unix s]


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


@external
def set_grace(collateral: address, until: uint256):
    """
    @notice Let nobody be liquidated for this collateral up to and at a time, four hours away at the most; a time in
            the past ends a grace period. The market's guardian or owner.
    @param until [unix s]
    """
    trusted: bool = msg.sender == staticcall market_link.MARKET.guardian()
    assert trusted or msg.sender == staticcall market_link.MARKET.owner(), "spot: only guardian"
    assert until <= block.timestamp + MAX_GRACE, "spot: grace too long"
    self.grace_until[collateral] = until
    log GraceSet(caller=msg.sender, collateral=collateral, until=until)


def _set_protocol_fees(fees: DynArray[uint256, 8]):
    """
    @param fees of the bonus, by collateral, in the market's order [WAD]
    """
    collaterals: DynArray[address, 8] = staticcall market_link.MARKET.collaterals()
    assert len(fees) == len(collaterals), "spot: one fee for each collateral"
    for i: uint256 in range(len(fees), bound=8):
        assert fees[i] <= maths.WAD, "spot: fee above 1"
        self.protocol_fee[collaterals[i]] = fees[i]


@view
def _for_sale(account: address, collateral: address) -> bool:
    """
    @return whether the account is unhealthy and holds some of the collateral; false in a grace period and while the
            feed gives no price
    """
    if block.timestamp <= self.grace_until[collateral]:
        return False
    if probe._health_or_max(market_link.MARKET.address, account) >= maths.WAD:
        return False
    return staticcall market_link.MARKET.collateral_of(account, collateral) > 0


@view
def _admit(account: address, collateral: address, max_pay: uint256):
    """
    @notice Reverts unless something can be for sale.
    """
    assert max_pay > 0, "spot: nothing offered"
    assert block.timestamp > self.grace_until[collateral], "spot: grace period"
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "spot: healthy"
    assert staticcall market_link.MARKET.collateral_of(account, collateral) > 0, "spot: no collateral"
    assert market_link._passing(collateral, max_pay) > 0, "spot: halted"


@view
def _enlarged(account: address, collateral: address, closable: uint256, price: uint256) -> uint256:
    """
    @param closable by a rule that closes a part [debt token]
    @param price    asked for [WAD, debt per collateral]
    @return all of the debt, where the rule would leave less than `min_leftover` on a leg [debt token]
    """
    debt: uint256 = staticcall market_link.MARKET.debt_of(account)
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    received: uint256 = maths._mul_div_down(closable, market_link._scale(collateral), price)
    left: uint256 = staticcall market_link.MARKET.value_down(collateral, held - min(held, received))
    if closable + MIN_LEFTOVER > debt or left < MIN_LEFTOVER:
        return debt
    return closable


@view
def _fee_ratio(collateral: address, price: uint256) -> (uint256, uint256):
    """
    @param price asked for, at the most the feed's [WAD, debt per collateral]
    @return the fee over the debt that is paid, as a fraction: protocol_fee * (feed / price - 1)
    """
    bonus: uint256 = staticcall market_link.MARKET.price(collateral) - price
    return self.protocol_fee[collateral] * bonus, price * maths.WAD


@view
def _terms(
    account: address, collateral: address, max_pay: uint256, closable: uint256, price: uint256
) -> (uint256, uint256, uint256):
    """
    @notice The account is unhealthy and holds some of the collateral.
    @param max_pay  the most the taker would pay, with the fee [debt token]
    @param closable debt that the rules let be closed [debt token]
    @param price    asked for, at the most the feed's [WAD, debt per collateral]
    @return debt that is paid [debt token], fee on it, rounded up [debt token], received [collateral token]
    """
    part: uint256 = 0
    whole: uint256 = 0
    part, whole = self._fee_ratio(collateral, price)
    dearest: uint256 = closable + maths._mul_div_up(closable, part, whole)
    offered: uint256 = market_link._passing(collateral, min(max_pay, dearest))
    scale: uint256 = market_link._scale(collateral)
    debt: uint256 = 0
    received: uint256 = 0
    debt, received = sale_terms._terms(
        staticcall market_link.MARKET.debt_of(account),
        staticcall market_link.MARKET.collateral_of(account, collateral),
        price,
        scale,
        maths._mul_div_down(offered, whole, whole + part),
        MIN_LEFTOVER,
        maths._mul_div_up(MIN_LEFTOVER, scale, staticcall market_link.MARKET.price(collateral)),
    )
    return debt, maths._mul_div_up(debt, part, whole), received


@view
def _price_with_fee_up(collateral: address, price: uint256) -> uint256:
    """
    @return what a taker pays in all for a unit of collateral, at the most the feed's [WAD, debt per collateral]
    """
    part: uint256 = 0
    whole: uint256 = 0
    part, whole = self._fee_ratio(collateral, price)
    return price + maths._mul_div_up(price, part, whole)


@view
def _quote(
    account: address, collateral: address, max_pay: uint256, closable: uint256, price: uint256
) -> (uint256, uint256):
    """
    @notice The parameters are those of `_terms`.
    @return paid [debt token], received [collateral token]
    """
    debt: uint256 = 0
    fee: uint256 = 0
    received: uint256 = 0
    debt, fee, received = self._terms(account, collateral, max_pay, closable, price)
    return debt + fee, received


def _take(
    account: address,
    collateral: address,
    max_pay: uint256,
    min_receive: uint256,
    closable: uint256,
    price: uint256,
    receiver: address,
    data: Bytes[1024],
) -> (uint256, uint256):
    """
    @notice Sell on the terms of the quote. The parameters are those of `_terms`, and
    @param min_receive the least the caller accepts [collateral token]
    @param receiver    of the collateral; called when there is data
    @return paid [debt token], received [collateral token]
    """
    debt: uint256 = 0
    fee: uint256 = 0
    received: uint256 = 0
    debt, fee, received = self._terms(account, collateral, max_pay, closable, price)
    paid_price: uint256 = self._price_with_fee_up(collateral, price)
    assert debt > 0, "spot: would leave dust"
    assert received >= min_receive, "spot: too little"
    extcall market_link.MARKET.assume_debt(account, debt)
    extcall market_link.MARKET.seize(account, collateral, received, receiver)
    market_link._charge(account, collateral, debt, fee, received, receiver, data)
    log ILiquidation.Taken(
        account=account,
        collateral=collateral,
        taker=msg.sender,
        receiver=receiver,
        paid=debt + fee,
        fee=fee,
        received=received,
        price=paid_price,
        debt_left=staticcall market_link.MARKET.debt_of(account),
        lot_left=staticcall market_link.MARKET.collateral_of(account, collateral),
    )
    if not market_link._has_collateral(account):
        market_link._write_off(account, 0)
    return debt + fee, received
