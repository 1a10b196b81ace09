# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation at once, up to a target health
@notice The rules of Aave v4 and, with one bonus for all, of Silo v2. The bonus rises linearly from `min_bonus` at a
        health factor of 1 to `max_bonus` at `health_for_max` and below. A take closes as much as restores health to
        `target_health` at the most: debt * (target - health) / (target - (1 + bonus) * threshold). It closes all of
        the debt where that is more than `full_close_share` of it, where the bonus outweighs the relief, or where less
        than `min_leftover` would be left.
        With one collateral a target loan-to-value T is a target health of liquidation threshold / T.
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

HEALTH_FOR_MAX: public(immutable(uint256))  # health factor from which down the bonus is the largest [WAD]
TARGET_HEALTH: public(immutable(uint256))  # health factor that a take restores at the most [WAD]
FULL_CLOSE_SHARE: public(immutable(uint256))  # where the target takes more of the debt, all of it may be closed [WAD]

min_bonus: public(HashMap[address, uint256])  # by collateral, at a health factor of 1 [WAD]
max_bonus: public(HashMap[address, uint256])  # by collateral [WAD]


@deploy
def __init__(
    market: address,
    min_bonus: DynArray[uint256, 8],
    max_bonus: DynArray[uint256, 8],
    protocol_fee: DynArray[uint256, 8],
    health_for_max: uint256,
    target_health: uint256,
    full_close_share: uint256,
    min_leftover: uint256,
):
    """
    @param market            that this is the liquidation module of
    @param min_bonus         at a health factor of 1, by collateral, in the market's order [WAD]
    @param max_bonus         at `health_for_max` and below, likewise [WAD]
    @param protocol_fee      what the reserve gets of the bonus, likewise [WAD]
    @param health_for_max    health factor [WAD]
    @param target_health     health factor that a take restores at the most [WAD]
    @param full_close_share  where the target takes more of the debt, all of it may be closed [WAD]
    @param min_leftover      least that a partial take leaves on each leg [debt token]
    """
    assert health_for_max < maths.WAD, "target: health_for_max not below 1"
    assert target_health >= maths.WAD and target_health <= 2 * maths.WAD, "target: target_health not between 1 and 2"
    assert full_close_share <= maths.WAD, "target: full_close_share above 1"
    market_link.__init__(market)
    spot_sale.__init__(min_leftover)
    spot_sale._set_protocol_fees(protocol_fee)
    collaterals: DynArray[address, 8] = staticcall market_link.MARKET.collaterals()
    assert len(min_bonus) == len(collaterals), "target: one bonus for each collateral"
    assert len(max_bonus) == len(collaterals), "target: one bonus for each collateral"
    for i: uint256 in range(len(collaterals), bound=8):
        assert min_bonus[i] <= max_bonus[i], "target: min_bonus above max_bonus"
        assert max_bonus[i] <= maths.WAD, "target: max_bonus above 1"
        self.min_bonus[collaterals[i]] = min_bonus[i]
        self.max_bonus[collaterals[i]] = max_bonus[i]
    HEALTH_FOR_MAX = health_for_max
    TARGET_HEALTH = target_health
    FULL_CLOSE_SHARE = full_close_share


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the taker would pay [debt token]
    @return paid [debt token], received [collateral token]; (0, 0) also while the feed gives no price
    """
    if not spot_sale._for_sale(account, collateral):
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
    @param max_pay     the most the caller pays, with the protocol's fee [debt token]
    @param min_receive the least the caller accepts [collateral token]
    @param receiver    of the collateral; called when there is data
    @return paid [debt token], received [collateral token]
    """
    spot_sale._admit(account, collateral, max_pay)
    price: uint256 = self._price_up(account, collateral)
    closable: uint256 = self._closable(account, collateral, price)
    return spot_sale._take(account, collateral, max_pay, min_receive, closable, price, receiver, data)


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
    if closable * maths.WAD > values.debt * FULL_CLOSE_SHARE:
        return values.debt
    return spot_sale._enlarged(account, collateral, closable, asked)


@view
def _price_up(account: address, collateral: address) -> uint256:
    """
    @return the feed's price less the bonus, price / (1 + bonus) [WAD, debt per collateral]
    """
    price: uint256 = staticcall market_link.MARKET.price(collateral)
    return maths._mul_div_up(price, maths.WAD, maths.WAD + self._bonus_down(account, collateral))


@view
def _bonus_down(account: address, collateral: address) -> uint256:
    """
    @return of an unhealthy account [WAD]
    """
    least: uint256 = self.min_bonus[collateral]
    health: uint256 = max(staticcall market_link.MARKET.health_factor(account), HEALTH_FOR_MAX)
    span: uint256 = self.max_bonus[collateral] - least
    return least + maths._mul_div_down(span, maths.WAD - health, maths.WAD - HEALTH_FOR_MAX)
