# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation by rising bids
@notice MakerDAO's first auctions (tend, then dent), as on 12 March 2020. `start` moves debt and collateral of an
        unhealthy account into a sale. Bids rise up to the target, which is the debt with its penalty, and then ask
        for a smaller lot (`bid_book`). A bid is paid at once and pays back the one before.
        It has won when `bid_life` has passed without another or when `length` has passed since the start.
        In the terms of ILiquidation: `quote` is the least bid that would stand and what it would win, `take` makes
        that bid, and `restart` ends a sale that was won ("deal") or opens one that found no bid again ("tick").
        The lot is delivered at the end, so a take with data is refused: nobody can bid with the proceeds.
        All deadlines are in auction time, which stands still while liquidation is halted and runs slower while
        breakers slow it.
        With several collaterals a sale takes the share of the debt that its collateral has of all collateral.
        Owner is the market's.
"""

from ..interfaces import ILiquidation
from ..modules import bid_book
from ..modules import market_link
from ..modules import maths
from ..modules import probe
from ..modules import sale_end
from ..modules import transfers

implements: ILiquidation
initializes: market_link
initializes: bid_book
initializes: sale_end[market_link := market_link]
exports: market_link.market
exports: bid_book.__interface__

PENALTY: public(immutable(uint256))  # on the debt [WAD]
TIP: public(immutable(uint256))  # for each start and restart [debt token]
MIN_SALE: public(immutable(uint256))  # a smaller target pays no tip [debt token]


@deploy
def __init__(
    market: address,
    raise_by: uint256,
    least_raise: uint256,
    bid_life: uint256,
    length: uint256,
    penalty: uint256,
    tip: uint256,
    min_sale: uint256,
):
    """
    @param market      that this is the liquidation module of
    @param raise_by    of each bid over the one before, of payment or of lot [WAD]
    @param least_raise likewise, of payment [debt token]
    @param bid_life    until the highest bid has won [s]
    @param length      of a sale [s]
    @param penalty     on the debt [WAD]
    @param tip         for each start and restart [debt token]
    @param min_sale    a smaller target pays no tip [debt token]
    """
    assert penalty <= maths.WAD, "english: penalty above 1"
    market_link.__init__(market)
    bid_book.__init__(raise_by, least_raise, bid_life, length)
    PENALTY = penalty
    TIP = tip
    MIN_SALE = min_sale


# --- reading -------------------------------------------------------------------------------------------------


@view
@external
def startable(account: address) -> bool:
    """
    @return whether `start` would open a sale for some collateral of the account; false while feeds give no price
    """
    if probe._health_or_max(market_link.MARKET.address, account) >= maths.WAD:
        return False
    for collateral: address in staticcall market_link.MARKET.collaterals():
        if self._why_not_start(account, collateral) == "":
            return True
    return False


@view
@external
def restartable(account: address, collateral: address) -> bool:
    """
    @return whether the sale was won or has found no bid in its time
    """
    return self._why_not_restart(account, collateral) == ""


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the bidder would pay [debt token]
    @return the least bid that would stand [debt token], the lot that it would win [collateral token]
    """
    if self._why_not_bid(account, collateral) != "":
        return 0, 0
    return self._next_bid(account, collateral, max_pay)


# --- anyone --------------------------------------------------------------------------------------------------


@external
def start(account: address, collateral: address):
    """
    @notice Open a sale of an unhealthy account's collateral and receive the tip.
    """
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "english: healthy"
    why_not: String[32] = self._why_not_start(account, collateral)
    assert why_not == "", why_not
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    share: uint256 = market_link._share_up(account, collateral)
    debt: uint256 = extcall market_link.MARKET.assume_debt(account, share)
    extcall market_link.MARKET.seize(account, collateral, held, self)
    target: uint256 = debt + maths._mul_div_up(debt, PENALTY, maths.WAD)
    bid_book._open(account, collateral, debt, target, held, self._now())
    log ILiquidation.SaleStarted(
        account=account,
        collateral=collateral,
        starter=msg.sender,
        debt=debt,
        target=target,
        lot=held,
        start_price=0,
        incentive=self._tip(target),
    )


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
    @notice Bid what `quote` says; the bidder before is paid back.
    @param max_pay     the most the caller pays [debt token]
    @param min_receive the least the caller wants to win [collateral token]
    @param receiver    of the lot, if the bid wins
    @param data        must be empty
    @return paid [debt token], what the bid would win [collateral token]
    """
    assert len(data) == 0, "english: no callback"
    why_not: String[32] = self._why_not_bid(account, collateral)
    assert why_not == "", why_not
    last: bid_book.Sale = bid_book.sales[account][collateral]
    assert msg.sender != last.bidder, "english: already the highest"
    pay: uint256 = 0
    lot: uint256 = 0
    pay, lot = self._next_bid(account, collateral, max_pay)
    assert pay > 0, "english: bid too low"
    assert lot >= min_receive, "english: too little"
    deadline: uint256 = bid_book._place(account, collateral, pay, lot, msg.sender, receiver, self._now())
    self._collect(collateral, last, pay)
    log ILiquidation.Bid(
        account=account,
        collateral=collateral,
        bidder=msg.sender,
        receiver=receiver,
        paid=pay,
        lot=lot,
        deadline=deadline,
    )
    return pay, lot


@external
def restart(account: address, collateral: address):
    """
    @notice End a sale that was won, or open one that found no bid again, and receive the tip.
    """
    why_not: String[32] = self._why_not_restart(account, collateral)
    assert why_not == "", why_not
    incentive: uint256 = self._tip(bid_book.sales[account][collateral].target)
    if bid_book.sales[account][collateral].bid > 0:
        self._deal(account, collateral)
    else:
        bid_book._reopen(account, collateral, self._now())
        log ILiquidation.SaleRestarted(
            account=account, collateral=collateral, starter=msg.sender, start_price=0, incentive=incentive
        )


# --- owner ---------------------------------------------------------------------------------------------------


@external
def cancel(account: address, collateral: address):
    """
    @notice Put lot and debt of a sale without bids back on the account, as before the market changes its module.
            Only the owner.
    """
    assert msg.sender == staticcall market_link.MARKET.owner(), "english: only owner"
    assert bid_book.sales[account][collateral].held > 0, "english: no sale"
    assert bid_book.sales[account][collateral].bid == 0, "english: a bid stands"
    sale: bid_book.Sale = bid_book._close(account, collateral)
    sale_end._cancel(account, collateral, sale.held, sale.debt)


# --- what stands in the way ----------------------------------------------------------------------------------


@view
def _why_not_start(account: address, collateral: address) -> String[32]:
    """
    @notice The account is unhealthy.
    @return the reason, or nothing
    """
    if bid_book.sales[account][collateral].held > 0:
        return "english: sale is open"
    if staticcall market_link.MARKET.collateral_of(account, collateral) == 0:
        return "english: no collateral"
    if self._is_halted(collateral):
        return "english: halted"
    if market_link._share_up(account, collateral) == 0:
        return "english: worthless lot"
    return ""


@view
def _why_not_bid(account: address, collateral: address) -> String[32]:
    if bid_book.sales[account][collateral].held == 0:
        return "english: no sale"
    if self._is_halted(collateral):
        return "english: halted"
    if self._now() >= bid_book.sales[account][collateral].deadline:
        return "english: too late"
    return ""


@view
def _why_not_restart(account: address, collateral: address) -> String[32]:
    if bid_book.sales[account][collateral].held == 0:
        return "english: no sale"
    if self._now() < bid_book.sales[account][collateral].deadline:
        return "english: still open"
    return ""


@view
def _is_halted(collateral: address) -> bool:
    return market_link._passing(collateral, max_value(uint256)) == 0


# --- bids ----------------------------------------------------------------------------------------------------


@view
def _now() -> uint256:
    """
    @return the clock of deadlines [WAD s, auction time]
    """
    return staticcall market_link.MARKET.auction_time()


@view
def _next_bid(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @return the least bid that would stand [debt token] and its lot [collateral token]; (0, 0) when it is above
            `max_pay`, when a throttle does not let its raise pass, or when no smaller lot is left
    """
    pay: uint256 = 0
    lot: uint256 = 0
    pay, lot = bid_book._least_bid(bid_book.sales[account][collateral])
    more: uint256 = pay - bid_book.sales[account][collateral].bid
    if pay > max_pay or lot == 0 or market_link._passing(collateral, more) < more:
        return 0, 0
    return pay, lot


def _collect(collateral: address, last: bid_book.Sale, pay: uint256):
    """
    @notice Pull the bid from the caller, pay the bidder before back, and settle what it is more than that.
    @param last the sale before the bid
    @param pay  the bid [debt token]
    """
    transfers._pull(market_link.DEBT_TOKEN, msg.sender, pay)
    if last.bid > 0:
        transfers._push(market_link.DEBT_TOKEN, last.bidder, last.bid)
    if pay > last.bid:
        debt: uint256 = min(pay, last.debt) - min(last.bid, last.debt)
        extcall market_link.MARKET.settle(collateral, debt, pay - last.bid - debt)


def _tip(target: uint256) -> uint256:
    """
    @return paid to the caller, nothing for dust [debt token]
    """
    if target < MIN_SALE:
        return 0
    return extcall market_link.MARKET.pay_incentive(msg.sender, TIP)


# --- the end -------------------------------------------------------------------------------------------------


def _deal(account: address, collateral: address):
    """
    @notice Deliver the lot to the highest bidder, give back the rest of what was held, and recognise what bids
            have not paid.
    """
    sale: bid_book.Sale = bid_book._close(account, collateral)
    transfers._push(collateral, sale.receiver, sale.lot)
    paid: uint256 = min(sale.bid, sale.debt)
    rest: uint256 = sale.held - sale.lot
    log ILiquidation.Taken(
        account=account,
        collateral=collateral,
        taker=sale.bidder,
        receiver=sale.receiver,
        paid=sale.bid,
        fee=sale.bid - paid,
        received=sale.lot,
        price=maths._mul_div_up(sale.bid, market_link._scale(collateral), sale.lot),
        debt_left=sale.debt - paid,
        lot_left=rest,
    )
    sale_end._end(account, collateral, rest, sale.debt - paid, bid_book.open_sales[account] > 0)
