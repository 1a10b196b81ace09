# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Throttles the value that is liquidated
@notice A token bucket: at the most `capacity` at once and `refill` a second on average, over all collaterals.
        It never halts, and it leaves borrowing and withdrawing alone.
        A capacity below the market's smallest debt could keep small accounts from ever being closed, so it is
        refused; keep it also above the liquidation module's dust limits.
"""

from ..interfaces import IBreaker
from ..interfaces import ILendingMarket
from ..modules import actions
from ..modules import maths
from ..modules import token_bucket

implements: IBreaker
initializes: token_bucket

event Spent:
    action: indexed(uint256)
    amount: uint256  # [debt token]
    left: uint256  # in the bucket [debt token]


MARKET: immutable(ILendingMarket)


@deploy
def __init__(market: address, capacity: uint256, refill: uint256):
    """
    @param market   whose liquidations are throttled
    @param capacity most that may be liquidated at once [debt token]
    @param refill   [debt token/s]
    """
    MARKET = ILendingMarket(market)
    assert capacity > 0 and refill > 0, "breaker: zero throttle"
    assert capacity >= staticcall MARKET.min_debt(), "breaker: capacity below the smallest debt"
    token_bucket.__init__(capacity, refill)


@view
@external
def gate(action: uint256, asset: address, amount: uint256) -> uint256:
    """
    @param action BORROW, WITHDRAW or LIQUIDATE
    @param asset  without meaning here
    @param amount what the caller wants [debt token]
    @return how much of it may pass now [debt token]
    """
    if action != actions.LIQUIDATE:
        return amount
    return min(amount, token_bucket._tokens(action))


@view
@external
def halted_until(action: uint256) -> uint256:
    """
    @return always 0: a throttle is not a halt [unix s]
    """
    return 0


@view
@external
def slowdown() -> (uint256, uint256, uint256):
    """
    @return always (1, 0, 0): auctions run as ever [WAD, WAD, unix s]
    """
    return maths.WAD, 0, 0


@external
@reentrant
def pulse():
    """
    @notice There is nothing to observe. A call from anyone but the market pulses all of its breakers.
    """
    if msg.sender != MARKET.address:
        extcall MARKET.pulse()


@external
def record(action: uint256, asset: address, amount: uint256):
    """
    @notice Take what was liquidated out of the bucket. Only the market.
    @param amount that has passed [debt token]
    """
    assert msg.sender == MARKET.address, "breaker: not the market"
    if action == actions.LIQUIDATE:
        token_bucket._spend(action, amount)
        log Spent(action=action, amount=amount, left=token_bucket._tokens(action))


@view
@external
def tokens() -> uint256:
    """
    @return what may be liquidated now [debt token]
    """
    return token_bucket._tokens(actions.LIQUIDATE)


@view
@external
def market() -> address:
    return MARKET.address
