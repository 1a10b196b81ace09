# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at once, at the feed's price less a bonus
@notice The rules of Aave v3.3 and later. Half of the whole debt (`close_factor`) may be closed while the health
        factor is above `full_close_health` and debt and collateral are both worth `min_base` or more, otherwise
        all of it. A partial take leaves `min_leftover` or more on both legs and is shrunk to do so. A take that
        closes one of the legs wholly needs no leftover. An account left without collateral has its remaining
        debt written off in the same take.
        A bonus above 1 / liquidation threshold - 1 makes liquidation worsen the health of an account that has
        just become unhealthy; the constructor leaves that to the designer.
"""

from ..interfaces import ILiquidation
from ..modules import market_link
from ..modules import maths
from ..modules import probe
from ..modules import sale_terms

implements: ILiquidation
initializes: market_link
exports: market_link.market

CLOSE_FACTOR: public(immutable(uint256))  # of the whole debt [WAD]
FULL_CLOSE_HEALTH: public(immutable(uint256))  # at or below it all of the debt may be closed [WAD]
MIN_BASE: public(immutable(uint256))  # with less on a leg all of the debt may be closed [debt token]
MIN_LEFTOVER: public(immutable(uint256))  # least that a partial take leaves on each leg [debt token]

bonus: public(HashMap[address, uint256])  # by collateral [WAD]


@deploy
def __init__(
    market: address,
    bonus: DynArray[uint256, 8],
    close_factor: uint256,
    full_close_health: uint256,
    min_base: uint256,
    min_leftover: uint256,
):
    """
    @param market            that this is the liquidation module of
    @param bonus             by collateral, in the market's order [WAD]
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
    collaterals: DynArray[address, 8] = staticcall market_link.MARKET.collaterals()
    assert len(bonus) == len(collaterals), "fixed: one bonus for each collateral"
    for i: uint256 in range(len(bonus), bound=8):
        assert bonus[i] <= maths.WAD, "fixed: bonus above 1"
        self.bonus[collaterals[i]] = bonus[i]
    CLOSE_FACTOR = close_factor
    FULL_CLOSE_HEALTH = full_close_health
    MIN_BASE = min_base
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
    raise "fixed: no sales to start"


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
    raise "fixed: no sales to start"


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the taker would pay [debt token]
    @return paid [debt token], received [collateral token]; (0, 0) also while the feed gives no price
    """
    if probe._health_or_max(market_link.MARKET.address, account) >= maths.WAD:
        return 0, 0
    if staticcall market_link.MARKET.collateral_of(account, collateral) == 0:
        return 0, 0
    return self._terms(account, collateral, max_pay)


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
    assert max_pay > 0, "fixed: nothing offered"
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "fixed: healthy"
    assert staticcall market_link.MARKET.collateral_of(account, collateral) > 0, "fixed: no collateral"
    assert market_link._passing(collateral, max_pay) > 0, "fixed: halted"
    pay: uint256 = 0
    received: uint256 = 0
    pay, received = self._terms(account, collateral, max_pay)
    assert pay > 0, "fixed: would leave dust"
    assert received >= min_receive, "fixed: too little"
    price: uint256 = self._price_up(collateral)
    pay = extcall market_link.MARKET.assume_debt(account, pay)
    extcall market_link.MARKET.seize(account, collateral, received, receiver)
    market_link._charge(account, collateral, pay, 0, received, receiver, data)
    log ILiquidation.Taken(
        account=account,
        collateral=collateral,
        taker=msg.sender,
        receiver=receiver,
        paid=pay,
        fee=0,
        received=received,
        price=price,
        debt_left=staticcall market_link.MARKET.debt_of(account),
        lot_left=staticcall market_link.MARKET.collateral_of(account, collateral),
    )
    if not market_link._has_collateral(account):
        market_link._write_off(account, 0)
    return pay, received


@view
def _terms(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @notice The account is unhealthy and holds some of the collateral.
    """
    debt: uint256 = staticcall market_link.MARKET.debt_of(account)
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    closable: uint256 = min(max_pay, self._closable(account, collateral, debt, held))
    scale: uint256 = market_link._scale(collateral)
    feed_price: uint256 = staticcall market_link.MARKET.price(collateral)
    return sale_terms._terms(
        debt,
        held,
        self._price_up(collateral),
        scale,
        market_link._passing(collateral, closable),
        MIN_LEFTOVER,
        maths._mul_div_up(MIN_LEFTOVER, scale, feed_price),
    )


@view
def _closable(account: address, collateral: address, debt: uint256, held: uint256) -> uint256:
    """
    @return what the close factor lets be repaid [debt token]
    """
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
