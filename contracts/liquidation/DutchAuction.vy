# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title Liquidation by descending-price auctions
@notice The rules of MakerDAO's Liquidations 2.0 with the market in the place of the vat. `start` moves debt and
        collateral of an unhealthy account into a sale that begins at feed x `buffer` and falls along `curve`;
        anyone takes parts of it at the price of the moment. Payment goes to the debt first, then to the penalty.
        A sale that is older than `tail` or has fallen below `cusp` of its start price waits for a restart.
        With several collaterals a sale takes the share of the debt that its collateral has of all collateral.
        While the breakers halt liquidation nothing starts or sells and the clock of the curve stands still; while
        they slow it sales start higher and fall slower.
        `min_sale` of debt and of collateral is what a partial take or a partial start leaves; smaller sales pay
        no incentive. A sale's worth of incentive above its penalty invites self-liquidation; the constructor
        leaves that to the designer.
        Owner and guardian are the market's.
"""

from ..interfaces import ILendingMarket
from ..interfaces import ILiquidation
from ..modules import auction_book
from ..modules import auction_clock
from ..modules import market_link
from ..modules import maths
from ..modules import probe
from ..modules import sale_end
from ..modules import sale_terms
from ..modules import transfers

implements: ILiquidation
initializes: market_link
initializes: auction_book
initializes: auction_clock[market_link := market_link, auction_book := auction_book]
initializes: sale_end[market_link := market_link]
exports: market_link.market
exports: auction_book.__interface__
exports: auction_clock.__interface__

event StopSet:
    caller: indexed(address)
    level: uint256


# levels of `stopped`; each includes those before it
NO_START: constant(uint256) = 1
NO_RESTART: constant(uint256) = 2
NO_TAKE: constant(uint256) = 3

TIP: public(immutable(uint256))  # for each start and restart [debt token]
CHIP: public(immutable(uint256))  # likewise, of the target [WAD]
PENALTY: public(immutable(uint256))  # on the debt [WAD]

stopped: public(uint256)  # level


@deploy
def __init__(
    market: address,
    curve: address,
    buffer: uint256,
    tail: uint256,
    cusp: uint256,
    tip: uint256,
    chip: uint256,
    penalty: uint256,
    cap: uint256,
    collateral_cap: DynArray[uint256, 8],
    min_sale: uint256,
):
    """
    @param market         that this is the liquidation module of
    @param curve          of the price
    @param buffer         start price over feed price [WAD]
    @param tail           an older sale must be restarted [s]
    @param cusp           a sale below this part of its start price must be restarted [WAD]
    @param tip            for each start and restart [debt token]
    @param chip           likewise, of the target [WAD]
    @param penalty        on the debt [WAD]
    @param cap            on the debt in auction [debt token]
    @param collateral_cap likewise by collateral, in the market's order [debt token]
    @param min_sale       dust limit [debt token]
    """
    assert max(chip, penalty) <= maths.WAD, "auction: chip or penalty above 1"
    market_link.__init__(market)
    auction_clock.__init__(curve, buffer, tail, cusp)
    auction_book.__init__(cap, min_sale, staticcall market_link.MARKET.collaterals(), collateral_cap)
    TIP = tip
    CHIP = chip
    PENALTY = penalty


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
    @return whether `restart` would succeed; false while the feed gives no price
    """
    if probe._price_or_zero(market_link.MARKET.address, collateral) == 0:
        return False
    return self._why_not_restart(account, collateral) == ""


@view
@external
def quote(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @param max_pay the most the taker would pay [debt token]
    @return paid [debt token], received [collateral token]
    """
    if self._why_not_take(account, collateral) != "":
        return 0, 0
    return self._terms(account, collateral, max_pay)


# --- anyone --------------------------------------------------------------------------------------------------


@external
def start(account: address, collateral: address):
    """
    @notice Open a sale of an unhealthy account's collateral and receive the incentive.
    """
    assert staticcall market_link.MARKET.health_factor(account) < maths.WAD, "auction: healthy"
    why_not: String[32] = self._why_not_start(account, collateral)
    assert why_not == "", why_not
    share: uint256 = market_link._share_up(account, collateral)
    held: uint256 = staticcall market_link.MARKET.collateral_of(account, collateral)
    debt: uint256 = self._admitted(collateral, share)
    lot: uint256 = maths._mul_div_up(held, debt, share)
    debt = extcall market_link.MARKET.assume_debt(account, debt)
    extcall market_link.MARKET.seize(account, collateral, lot, self)
    target: uint256 = debt + maths._mul_div_up(debt, PENALTY, maths.WAD)
    auction_book._open(account, collateral, debt, target, lot)
    incentive: uint256 = self._begin(account, collateral)
    log ILiquidation.SaleStarted(
        account=account,
        collateral=collateral,
        starter=msg.sender,
        debt=debt,
        target=target,
        lot=lot,
        start_price=auction_book.sales[account][collateral].start_price,
        incentive=incentive,
    )


@external
def restart(account: address, collateral: address):
    """
    @notice Start a stale sale again at feed x buffer and receive the incentive.
    """
    why_not: String[32] = self._why_not_restart(account, collateral)
    assert why_not == "", why_not
    incentive: uint256 = self._begin(account, collateral)
    log ILiquidation.SaleRestarted(
        account=account,
        collateral=collateral,
        starter=msg.sender,
        start_price=auction_book.sales[account][collateral].start_price,
        incentive=incentive,
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
    @notice Buy from an open sale at the quote.
    @param max_pay     the most the caller pays [debt token]
    @param min_receive the least the caller accepts [collateral token]
    @param receiver    of the collateral; called when there is data
    @return paid [debt token], received [collateral token]
    """
    assert max_pay > 0, "auction: nothing offered"
    why_not: String[32] = self._why_not_take(account, collateral)
    assert why_not == "", why_not
    pay: uint256 = 0
    received: uint256 = 0
    pay, received = self._terms(account, collateral, max_pay)
    assert pay > 0, "auction: would leave dust"
    assert received >= min_receive, "auction: too little"
    sale: auction_book.Sale = auction_book.sales[account][collateral]
    debt: uint256 = min(pay, sale.debt)
    auction_book._deduct(account, collateral, debt, pay, received)
    transfers._push(collateral, receiver, received)
    market_link._charge(account, collateral, debt, pay - debt, received, receiver, data)
    log ILiquidation.Taken(
        account=account,
        collateral=collateral,
        taker=msg.sender,
        receiver=receiver,
        paid=pay,
        fee=pay - debt,
        received=received,
        price=auction_clock._price(sale),
        debt_left=sale.debt - debt,
        lot_left=sale.lot - received,
    )
    if sale.target == pay or sale.lot == received:
        self._end(account, collateral)
    return pay, received


# --- owner and guardian --------------------------------------------------------------------------------------


@external
def set_stopped(level: uint256):
    """
    @notice 0 all open, 1 no start, 2 no restart either, 3 no take either. The owner; the guardian only upwards.
    """
    market_owner: address = staticcall market_link.MARKET.owner()
    raised: bool = level > self.stopped and msg.sender == staticcall market_link.MARKET.guardian()
    assert msg.sender == market_owner or raised, "auction: only guardian"
    assert level <= NO_TAKE, "auction: unknown stop level"
    self.stopped = level
    log StopSet(caller=msg.sender, level=level)


@external
def cancel(account: address, collateral: address):
    """
    @notice Put lot and unpaid debt of a sale back on the account, as before the market changes its module.
            Only the owner.
    """
    assert msg.sender == staticcall market_link.MARKET.owner(), "auction: only owner"
    assert auction_book.sales[account][collateral].lot > 0, "auction: no sale"
    sale: auction_book.Sale = auction_book._close(account, collateral)
    sale_end._cancel(account, collateral, sale.lot, sale.debt)


# --- what stands in the way ----------------------------------------------------------------------------------


@view
def _why_not_start(account: address, collateral: address) -> String[32]:
    """
    @notice The account is unhealthy.
    @return the reason, or nothing
    """
    if self.stopped >= NO_START:
        return "auction: starting is stopped"
    if auction_book.sales[account][collateral].lot > 0:
        return "auction: sale is open"
    if staticcall market_link.MARKET.collateral_of(account, collateral) == 0:
        return "auction: no collateral"
    if self._is_halted(collateral):
        return "auction: halted"
    share: uint256 = market_link._share_up(account, collateral)
    if share == 0:
        return "auction: worthless lot"
    if self._admitted(collateral, share) == 0:
        return "auction: cap reached"
    return ""


@view
def _why_not_restart(account: address, collateral: address) -> String[32]:
    if self.stopped >= NO_RESTART:
        return "auction: restarting is stopped"
    if auction_book.sales[account][collateral].lot == 0:
        return "auction: no sale"
    if self._is_halted(collateral):
        return "auction: halted"
    if not auction_clock._is_stale(auction_book.sales[account][collateral]):
        return "auction: not stale"
    return ""


@view
def _why_not_take(account: address, collateral: address) -> String[32]:
    if self.stopped >= NO_TAKE:
        return "auction: taking is stopped"
    if auction_book.sales[account][collateral].lot == 0:
        return "auction: no sale"
    if self._is_halted(collateral):
        return "auction: halted"
    if auction_clock._is_stale(auction_book.sales[account][collateral]):
        return "auction: needs restart"
    return ""


@view
def _is_halted(collateral: address) -> bool:
    return market_link._passing(collateral, max_value(uint256)) == 0


# --- amounts and prices --------------------------------------------------------------------------------------


@view
def _terms(account: address, collateral: address, max_pay: uint256) -> (uint256, uint256):
    """
    @notice The sale is open and not stale.
    """
    sale: auction_book.Sale = auction_book.sales[account][collateral]
    price: uint256 = auction_clock._price(sale)
    scale: uint256 = market_link._scale(collateral)
    return sale_terms._terms(
        sale.target,
        sale.lot,
        price,
        scale,
        market_link._passing(collateral, max_pay),
        auction_book.MIN_SALE,
        maths._mul_div_up(auction_book.MIN_SALE, scale, price),
    )


@view
def _admitted(collateral: address, share: uint256) -> uint256:
    """
    @return how much of the share goes into a sale now [debt token]
    """
    dust: uint256 = max(auction_book.MIN_SALE, staticcall market_link.MARKET.min_debt())
    return auction_book._admitted(collateral, share, dust)


# --- steps ---------------------------------------------------------------------------------------------------


def _begin(account: address, collateral: address) -> uint256:
    """
    @notice Set the clock and the start price, and pay the caller unless the sale is dust.
    @return paid [debt token]
    """
    market: ILendingMarket = market_link.MARKET
    start_price: uint256 = auction_clock._start_price_up(collateral)
    auction_book._start_clock(account, collateral, start_price, staticcall market.auction_time())
    sale: auction_book.Sale = auction_book.sales[account][collateral]
    worth: uint256 = staticcall market.value_down(collateral, sale.lot)
    if min(sale.target, worth) < auction_book.MIN_SALE:
        return 0
    return extcall market.pay_incentive(
        msg.sender, TIP + maths._mul_div_down(sale.target, CHIP, maths.WAD)
    )


def _end(account: address, collateral: address):
    sale: auction_book.Sale = auction_book._close(account, collateral)
    in_sale: bool = auction_book.open_sales[account] > 0
    sale_end._end(account, collateral, sale.lot, sale.debt, in_sale)
