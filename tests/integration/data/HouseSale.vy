# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title A design of a user's own: unhealthy accounts sell at a discount to the feed until nothing is owed
@notice Written only for the test that shows that a contract is enough to take part.
"""

from .interfaces import ILiquidation
from .modules import market_link
from .modules import maths
from .modules import probe
from .modules import sale_terms

implements: ILiquidation
initializes: market_link
exports: market_link.market

DISCOUNT: immutable(uint256)  # to the feed's price [WAD]


@deploy
def __init__(market: address, discount: uint256):
    assert discount < maths.WAD, "house: discount not below 1"
    market_link.__init__(market)
    DISCOUNT = discount


@view
@external
def startable(account: address) -> bool:
    return False


@external
def start(account: address, collateral: address):
    raise "house: no sales to start"


@view
@external
def restartable(account: address, collateral: address) -> bool:
    return False


@external
def restart(account: address, collateral: address):
    raise "house: no sales to start"


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    if probe._health_or_max(market_link.MARKET.address, account) >= maths.WAD:
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
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "house: healthy"
    pay: uint256 = 0
    received: uint256 = 0
    pay, received = self._terms(account, collateral, max_pay)
    assert pay > 0, "house: nothing for sale"
    assert received >= min_receive, "house: too little"
    price: uint256 = self._price(collateral)
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
    return sale_terms._terms(
        staticcall market_link.MARKET.debt_of(account),
        staticcall market_link.MARKET.collateral_of(account, collateral),
        self._price(collateral),
        market_link._scale(collateral),
        market_link._passing(collateral, max_pay),
        0,
        0,
    )


@view
def _price(collateral: address) -> uint256:
    feed_price: uint256 = staticcall market_link.MARKET.price(collateral)
    return maths._mul_div_up(feed_price, maths.WAD - DISCOUNT, maths.WAD)
