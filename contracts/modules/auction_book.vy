# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title The book of open sales and the caps on the debt in them
@notice At the most one sale for each pair of account and collateral; an open sale has a lot above zero.
"""

from . import maths

struct Sale:
    debt: uint256  # not yet paid [debt token]
    target: uint256  # not yet raised, with the penalty [debt token]
    lot: uint256  # not yet sold [collateral token]
    start_price: uint256  # [WAD, debt per collateral]
    started_at: uint256  # [WAD s, auction time]


CAP: public(immutable(uint256))  # on the debt in auction [debt token]
MIN_SALE: public(immutable(uint256))  # dust limit [debt token]

collateral_cap: public(HashMap[address, uint256])  # on the debt in auction by collateral [debt token]
debt_in_auction: public(uint256)  # without penalties [debt token]
debt_in_auction_of: public(HashMap[address, uint256])  # by collateral, without penalties [debt token]
open_sales: public(HashMap[address, uint256])  # by account
sales: HashMap[address, HashMap[address, Sale]]  # by account, by collateral


@deploy
def __init__(cap: uint256, min_sale: uint256, collaterals: DynArray[address, 8], caps: DynArray[uint256, 8]):
    """
    @param cap      on the debt in auction [debt token]
    @param min_sale dust limit [debt token]
    @param caps     by collateral [debt token]
    """
    assert cap >= min_sale, "auction: cap below min_sale"
    assert len(caps) == len(collaterals), "auction: one cap for each collateral"
    for i: uint256 in range(len(collaterals), bound=8):
        assert caps[i] >= min_sale, "auction: cap below min_sale"
        self.collateral_cap[collaterals[i]] = caps[i]
    CAP = cap
    MIN_SALE = min_sale


@view
@external
def sale(account: address, collateral: address) -> Sale:
    """
    @return the open sale; all zero when there is none
    """
    return self.sales[account][collateral]


@view
def _admitted(collateral: address, debt: uint256, dust: uint256) -> uint256:
    """
    @notice What the caps leave room for. A rest below `dust` goes in too, so a cap can be exceeded by less than
            that; a part below MIN_SALE does not go in alone.
    @param debt of which as much as possible shall go into a sale [debt token]
    @return [debt token]
    """
    used: uint256 = self.debt_in_auction_of[collateral]
    room: uint256 = min(
        CAP - min(CAP, self.debt_in_auction),
        self.collateral_cap[collateral] - min(self.collateral_cap[collateral], used),
    )
    if debt <= room:
        return debt
    if room > 0 and debt - room < dust:
        return debt
    if room < MIN_SALE:
        return 0
    return room


def _open(account: address, collateral: address, debt: uint256, target: uint256, lot: uint256):
    self.sales[account][collateral].debt = debt
    self.sales[account][collateral].target = target
    self.sales[account][collateral].lot = lot
    self.open_sales[account] += 1
    self.debt_in_auction += debt
    self.debt_in_auction_of[collateral] += debt


def _start_clock(account: address, collateral: address, start_price: uint256, now: uint256):
    self.sales[account][collateral].start_price = start_price
    self.sales[account][collateral].started_at = now


def _deduct(account: address, collateral: address, debt: uint256, raised: uint256, sold: uint256):
    """
    @notice `raised` [debt token] has come in for `sold` [collateral token] and paid `debt` [debt token].
    """
    self.sales[account][collateral].debt -= debt
    self.sales[account][collateral].target -= raised
    self.sales[account][collateral].lot -= sold
    self._free(collateral, debt)


def _close(account: address, collateral: address) -> Sale:
    """
    @return the sale as it was
    """
    sale: Sale = self.sales[account][collateral]
    self.sales[account][collateral] = empty(Sale)
    self.open_sales[account] -= 1
    self._free(collateral, sale.debt)
    return sale


def _free(collateral: address, debt: uint256):
    self.debt_in_auction -= debt
    self.debt_in_auction_of[collateral] -= debt
