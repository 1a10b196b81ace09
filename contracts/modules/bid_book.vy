# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The book of sales by rising bids
@notice At the most one sale for each pair of account and collateral; an open sale holds something.
        The first bid may be the smallest unit; each further one pays at least `raise_by` and `least_raise` more for
        the whole lot, up to the target. From there on bids pay the target for a lot smaller by `raise_by`.
"""

from . import maths

struct Sale:
    debt: uint256  # that entered the sale; bids pay it before the penalty [debt token]
    target: uint256  # most that bids raise, with the penalty [debt token]
    held: uint256  # taken from the account [collateral token]
    lot: uint256  # what the highest bidder wins [collateral token]
    bid: uint256  # paid by the highest bidder; 0: none [debt token]
    bidder: address
    receiver: address  # of the lot
    deadline: uint256  # of the highest bid or, without one, of the sale [WAD s, auction time]
    ends_at: uint256  # no bid from here on [WAD s, auction time]


RAISE_BY: public(immutable(uint256))  # of each bid over the one before [WAD]
LEAST_RAISE: public(immutable(uint256))  # likewise [debt token]
BID_LIFE: public(immutable(uint256))  # until the highest bid has won [s, auction time]
LENGTH: public(immutable(uint256))  # of a sale [s, auction time]

open_sales: public(HashMap[address, uint256])  # by account
sales: HashMap[address, HashMap[address, Sale]]  # by account, by collateral


@deploy
def __init__(raise_by: uint256, least_raise: uint256, bid_life: uint256, length: uint256):
    """
    @param raise_by    of each bid over the one before, of payment or of lot [WAD]
    @param least_raise likewise, of payment [debt token]
    @param bid_life    until the highest bid has won [s]
    @param length      of a sale [s]
    """
    assert raise_by > 0 and raise_by <= maths.WAD, "english: raise_by not between 0 and 1"
    assert least_raise > 0, "english: zero least_raise"
    assert bid_life > 0 and bid_life <= length, "english: bid_life not up to length"
    RAISE_BY = raise_by
    LEAST_RAISE = least_raise
    BID_LIFE = bid_life
    LENGTH = length


@view
@external
def sale(account: address, collateral: address) -> Sale:
    """
    @return the open sale; all zero when there is none
    """
    return self.sales[account][collateral]


@view
def _least_bid(sale: Sale) -> (uint256, uint256):
    """
    @return the least bid that would stand [debt token], the lot that it would win [collateral token]
    """
    if sale.bid == sale.target:
        return sale.target, maths._mul_div_down(sale.lot, maths.WAD, maths.WAD + RAISE_BY)
    if sale.bid == 0:
        return 1, sale.lot
    more: uint256 = max(LEAST_RAISE, maths._mul_div_up(sale.bid, RAISE_BY, maths.WAD))
    return min(sale.target, sale.bid + more), sale.lot


def _open(account: address, collateral: address, debt: uint256, target: uint256, held: uint256, now: uint256):
    self.sales[account][collateral].debt = debt
    self.sales[account][collateral].target = target
    self.sales[account][collateral].held = held
    self.sales[account][collateral].lot = held
    self.open_sales[account] += 1
    self._reopen(account, collateral, now)


def _reopen(account: address, collateral: address, now: uint256):
    self.sales[account][collateral].deadline = now + LENGTH * maths.WAD
    self.sales[account][collateral].ends_at = now + LENGTH * maths.WAD


def _place(
    account: address, collateral: address, pay: uint256, lot: uint256, bidder: address, receiver: address, now: uint256
) -> uint256:
    """
    @return when the bid has won [WAD s, auction time]
    """
    deadline: uint256 = min(now + BID_LIFE * maths.WAD, self.sales[account][collateral].ends_at)
    self.sales[account][collateral].bid = pay
    self.sales[account][collateral].lot = lot
    self.sales[account][collateral].bidder = bidder
    self.sales[account][collateral].receiver = receiver
    self.sales[account][collateral].deadline = deadline
    return deadline


def _close(account: address, collateral: address) -> Sale:
    """
    @return the sale as it was
    """
    sale: Sale = self.sales[account][collateral]
    self.sales[account][collateral] = empty(Sale)
    self.open_sales[account] -= 1
    return sale
