# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at a discount that grows as health falls
@notice The rules of Euler v2, a Dutch auction driven by the price in the place of time: what is paid is
        max(health factor, 1 - max_discount) of the feed's value of what is received. A take closes as much as
        restores health to `target_health` at the most, and all of the debt where the discount outweighs that or less
        than `min_leftover` would be left.
        For `cool_off` seconds after the market last found the account within its borrow limit (by a loan, a
        withdrawal of collateral or `check`, which anyone may call) nobody can liquidate it: no jump of the price in
        the same breath makes a loan a sale. The market ramps a lower liquidation threshold in (`ramp_threshold`).
"""

from ..interfaces import ILendingMarket
from ..interfaces import ILiquidation
from ..modules import market_link
from ..modules import maths
from ..modules import restoring
from ..modules import spot_sale

implements: ILiquidation
initializes: market_link
initializes: spot_sale[market_link := market_link]
exports: market_link.market
exports: spot_sale.__interface__

MAX_DISCOUNT: public(immutable(uint256))  # off the feed's price [WAD]
TARGET_HEALTH: public(immutable(uint256))  # health factor that a take restores at the most [WAD]
COOL_OFF: public(immutable(uint256))  # after a check [s]


@deploy
def __init__(market: address, max_discount: uint256, target_health: uint256, cool_off: uint256, min_leftover: uint256):
    """
    @param market        that this is the liquidation module of
    @param max_discount  off the feed's price [WAD]
    @param target_health health factor that a take restores at the most [WAD]
    @param cool_off      after a check [s]
    @param min_leftover  least that a partial take leaves on each leg [debt token]
    """
    assert max_discount < maths.WAD, "discount: max_discount not below 1"
    assert target_health >= maths.WAD and target_health <= 2 * maths.WAD, "discount: target_health not between 1 and 2"
    market_link.__init__(market)
    spot_sale.__init__(min_leftover)
    MAX_DISCOUNT = max_discount
    TARGET_HEALTH = target_health
    COOL_OFF = cool_off


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the taker would pay [debt token]
    @return paid [debt token], received [collateral token]; (0, 0) also while the feed gives no price
    """
    if not spot_sale._for_sale(account, collateral) or self._is_cooling(account):
        return 0, 0
    price: uint256 = self._price_up(account, collateral)
    return spot_sale._quote(account, collateral, max_pay, self._closable(account, collateral, price), price)


@external
def take(
    account: address,
    collateral: address,
    max_pay: uint256,
    min_receive: uint256,
    receiver: address,
    data: Bytes[1024],
) -> (uint256, uint256):
    """
    @notice Repay debt of an unhealthy account and receive its collateral at the quote.
    @param max_pay     the most the caller pays [debt token]
    @param min_receive the least the caller accepts [collateral token]
    @param receiver    of the collateral; called when there is data
    @return paid [debt token], received [collateral token]
    """
    spot_sale._admit(account, collateral, max_pay)
    assert not self._is_cooling(account), "discount: cooling off"
    price: uint256 = self._price_up(account, collateral)
    closable: uint256 = self._closable(account, collateral, price)
    return spot_sale._take(account, collateral, max_pay, min_receive, closable, price, receiver, data)


@view
def _is_cooling(account: address) -> bool:
    return block.timestamp < staticcall market_link.MARKET.checked_at(account) + COOL_OFF


@view
def _closable(account: address, collateral: address, asked: uint256) -> uint256:
    """
    @notice The account is unhealthy.
    @param asked price that a taker pays [WAD, debt per collateral]
    @return what may be repaid [debt token]
    """
    market: ILendingMarket = market_link.MARKET
    values: ILendingMarket.AccountValues = staticcall market.values(account)
    closable: uint256 = restoring._payment_up(
        values.debt,
        staticcall market.index(),
        values.liquidation_limit,
        (staticcall market.config(collateral)).liquidation_threshold,
        TARGET_HEALTH,
        staticcall market.price(collateral),
        asked,
    )
    return spot_sale._enlarged(account, collateral, closable, asked)


@view
def _price_up(account: address, collateral: address) -> uint256:
    """
    @return the feed's price less the discount [WAD, debt per collateral]
    """
    kept: uint256 = max(staticcall market_link.MARKET.health_factor(account), maths.WAD - MAX_DISCOUNT)
    return maths._mul_div_up(staticcall market_link.MARKET.price(collateral), kept, maths.WAD)
