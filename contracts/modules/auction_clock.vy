# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title How the price of a sale moves with time
@notice It starts at feed x buffer, falls along the curve, and goes stale. Its time is the market's auction time, which
        stands still in a halt; while a breaker slows auctions they start higher and that time runs slower.
"""

from ..interfaces import IPriceCurve
from . import auction_book
from . import market_link
from . import maths

uses: auction_book
uses: market_link

CURVE: immutable(IPriceCurve)
BUFFER: public(immutable(uint256))  # start price over feed price [WAD]
TAIL: public(immutable(uint256))  # a sale older than this is stale [s, auction time]
CUSP: public(immutable(uint256))  # a sale below this part of its start price is stale [WAD]


@deploy
def __init__(curve: address, buffer: uint256, tail: uint256, cusp: uint256):
    """
    @param curve  of the price
    @param buffer start price over feed price [WAD]
    @param tail   a sale older than this is stale [s]
    @param cusp   a sale below this part of its start price is stale [WAD]
    """
    assert buffer >= maths.WAD, "auction: buffer below 1"
    assert tail > 0, "auction: zero tail"
    assert cusp > 0 and cusp < maths.WAD, "auction: cusp not between 0 and 1"
    assert staticcall IPriceCurve(curve).price(maths.WAD, 0) == maths.WAD, "auction: curve starts elsewhere"
    CURVE = IPriceCurve(curve)
    BUFFER = buffer
    TAIL = tail
    CUSP = cusp


@view
@external
def curve() -> address:
    return CURVE.address


@view
@external
def price(account: address, collateral: address) -> uint256:
    """
    @return of the open sale now [WAD, debt per collateral]; 0 when there is none
    """
    sale: auction_book.Sale = auction_book.sales[account][collateral]
    if sale.lot == 0:
        return 0
    return self._price(sale)


@view
def _start_price_up(collateral: address) -> uint256:
    """
    @return of a sale that starts now [WAD, debt per collateral]
    """
    price: uint256 = staticcall market_link.MARKET.price(collateral)
    uplift: uint256 = staticcall market_link.MARKET.start_uplift()
    return maths._mul_div_up(price * BUFFER, maths.WAD + uplift, maths.WAD * maths.WAD)


@view
def _elapsed(sale: auction_book.Sale) -> uint256:
    """
    @return since the last start, without halts [s, auction time]
    """
    return (staticcall market_link.MARKET.auction_time() - sale.started_at) // maths.WAD


@view
def _price(sale: auction_book.Sale) -> uint256:
    """
    @return of an open sale now [WAD, debt per collateral]
    """
    return staticcall CURVE.price(sale.start_price, self._elapsed(sale))


@view
def _is_stale(sale: auction_book.Sale) -> bool:
    """
    @return whether the sale is older than the tail or cheaper than the cusp
    """
    return self._elapsed(sale) > TAIL or self._price(sale) * maths.WAD < sale.start_price * CUSP
