# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at once, at the feed's price less a bonus
@notice The rules of Aave v3.3 and later. Half of the whole debt (`close_factor`) may be closed while the health
        factor is above `full_close_health` and debt and collateral are both worth `min_base` or more, otherwise
        all of it. What a take leaves, and what becomes of an account without collateral, says `spot_sale`.
        A bonus above 1 / liquidation threshold - 1 makes liquidation worsen the health of an account that has
        just become unhealthy; the constructor leaves that to the designer.
"""

from ..interfaces import ILiquidation
from ..modules import market_link
from ..modules import maths
from ..modules import spot_sale

implements: ILiquidation
initializes: market_link
initializes: spot_sale[market_link := market_link]
exports: market_link.market
exports: spot_sale.__interface__

CLOSE_FACTOR: public(immutable(uint256))  # of the whole debt [WAD]
FULL_CLOSE_HEALTH: public(immutable(uint256))  # at or below it all of the debt may be closed [WAD]
MIN_BASE: public(immutable(uint256))  # with less on a leg all of the debt may be closed [debt token]

bonus: public(HashMap[address, uint256])  # by collateral [WAD]


@deploy
def __init__(
    market: address,
    bonus: DynArray[uint256, 8],
    protocol_fee: DynArray[uint256, 8],
    close_factor: uint256,
    full_close_health: uint256,
    min_base: uint256,
    min_leftover: uint256,
):
    """
    @param market            that this is the liquidation module of
    @param bonus             by collateral, in the market's order [WAD]
    @param protocol_fee      what the reserve gets of the bonus, likewise [WAD]
    @param close_factor      of the whole debt [WAD]
    @param full_close_health at or below it all of the debt may be closed [WAD]
    @param min_base          with less on a leg all of the debt may be closed [debt token]
    @param min_leftover      least that a partial take leaves on each leg [debt token]
    """
    assert close_factor > 0 and close_factor <= maths.WAD, "fixed: close factor not between 0 and 1"
    assert full_close_health <= maths.WAD, "fixed: full close health above 1"
    half: uint256 = maths._mul_div_down(min_base, maths.WAD - close_factor, maths.WAD)
    assert min_leftover <= half or close_factor == maths.WAD, "fixed: min_leftover above what is left of min_base"
    market_link.__init__(market)
    spot_sale.__init__(min_leftover)
    spot_sale._set_protocol_fees(protocol_fee)
    collaterals: DynArray[address, 8] = staticcall market_link.MARKET.collaterals()
    assert len(bonus) == len(collaterals), "fixed: one bonus for each collateral"
    for i: uint256 in range(len(bonus), bound=8):
        assert bonus[i] <= maths.WAD, "fixed: bonus above 1"
        self.bonus[collaterals[i]] = bonus[i]
    CLOSE_FACTOR = close_factor
    FULL_CLOSE_HEALTH = full_close_health
    MIN_BASE = min_base


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the taker would pay [debt token]
    @return paid [debt token], received [collateral token]; (0, 0) also while the feed gives no price
    """
    if not spot_sale._for_sale(account, collateral):
        return 0, 0
    price: uint256 = self._price_up(collateral)
    return spot_sale._quote(account, collateral, max_pay, self._closable(account, collateral), price)


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
    @param max_pay     the most the caller pays, with the protocol's fee [debt token]
    @param min_receive the least the caller accepts [collateral token]
    @param receiver    of the collateral; called when there is data
    @return paid [debt token], received [collateral token]
    """
    spot_sale._admit(account, collateral, max_pay)
    price: uint256 = self._price_up(collateral)
    closable: uint256 = self._closable(account, collateral)
    return spot_sale._take(account, collateral, max_pay, min_receive, closable, price, receiver, data)


@view
def _closable(account: address, collateral: address) -> uint256:
    """
    @notice The account is unhealthy.
    @return what the close factor lets be repaid [debt token]
    """
    debt: uint256 = staticcall market_link.MARKET.debt_of(account)
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    worth: uint256 = staticcall market_link.MARKET.value_down(collateral, held)
    sound: bool = staticcall market_link.MARKET.health_factor(account) > FULL_CLOSE_HEALTH
    if sound and min(debt, worth) >= MIN_BASE:
        return maths._mul_div_down(debt, CLOSE_FACTOR, maths.WAD)
    return debt


@view
def _price_up(collateral: address) -> uint256:
    """
    @return the feed's price less the bonus, price / (1 + bonus) [WAD, debt per collateral]
    """
    price: uint256 = staticcall market_link.MARKET.price(collateral)
    return maths._mul_div_up(price, maths.WAD, maths.WAD + self.bonus[collateral])
