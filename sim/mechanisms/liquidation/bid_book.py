"""Twin of contracts/modules/bid_book.vy: open sales by rising bids."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import NOBODY, Address, Contract, Revert, Table, view
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.mechanisms.words import uint
from sim.units import WAD


class Sale(NamedTuple):
    """An open sale holds something."""

    debt: int = 0  # that entered the sale; bids pay it before the penalty [debt token]
    target: int = 0  # most that bids raise, with the penalty [debt token]
    held: int = 0  # taken from the account [collateral token]
    lot: int = 0  # what the highest bidder wins [collateral token]
    bid: int = 0  # paid by the highest bidder; 0: none [debt token]
    bidder: Address = NOBODY
    receiver: Address = NOBODY  # of the lot
    deadline: int = 0  # of the highest bid or, without one, of the sale [WAD s, auction time]
    ends_at: int = 0  # no bid from here on [WAD s, auction time]


class BidBook(Contract):
    """At the most one sale for each pair of account and collateral."""

    def _init_bid_book(self, raise_by: int, least_raise: int, bid_life: int, length: int) -> None:
        """`raise_by` in [WAD], `least_raise` in [debt token], times in [s]."""
        if not 0 < raise_by <= WAD:
            raise Revert("english: raise_by not between 0 and 1")
        if not least_raise:
            raise Revert("english: zero least_raise")
        if not 0 < bid_life <= length:
            raise Revert("english: bid_life not up to length")
        self.RAISE_BY, self.LEAST_RAISE = raise_by, least_raise
        self.BID_LIFE, self.LENGTH = bid_life, length
        self.open_sales: Table[Address, int] = self._table(0)  # by account
        self._sales: Table[tuple[Address, Address], Sale] = self._table(Sale())

    @view
    def sale(self, account: Address, collateral: Address) -> Sale:
        """The open sale; all zero when there is none."""
        return self._sales[account, collateral]

    def _least_bid(self, sale: Sale) -> tuple[int, int]:
        """The least bid that would stand, and the lot that it would win."""
        if sale.bid == sale.target:
            return sale.target, mul_div_down(sale.lot, WAD, WAD + self.RAISE_BY)
        if not sale.bid:
            return 1, sale.lot
        more = max(self.LEAST_RAISE, mul_div_up(sale.bid, self.RAISE_BY, WAD))
        return min(sale.target, uint(sale.bid + more)), sale.lot

    def _open(
        self, account: Address, collateral: Address, debt: int, target: int, held: int, now: int
    ) -> None:
        self._sales[account, collateral] = Sale(debt, target, held, lot=held)
        self.open_sales[account] += 1
        self._reopen(account, collateral, now)

    def _reopen(self, account: Address, collateral: Address, now: int) -> None:
        end = uint(now + uint(self.LENGTH * WAD))
        sale = self._sales[account, collateral]
        self._sales[account, collateral] = sale._replace(deadline=end, ends_at=end)

    def _place(
        self,
        account: Address,
        collateral: Address,
        pay: int,
        lot: int,
        bidder: Address,
        receiver: Address,
        now: int,
    ) -> int:
        """Returns when the bid has won [WAD s, auction time]."""
        sale = self._sales[account, collateral]
        deadline = min(uint(now + uint(self.BID_LIFE * WAD)), sale.ends_at)
        self._sales[account, collateral] = sale._replace(
            bid=pay, lot=lot, bidder=bidder, receiver=receiver, deadline=deadline
        )
        return deadline

    def _close(self, account: Address, collateral: Address) -> Sale:
        """Forget the sale; returns it as it was."""
        sale = self._sales[account, collateral]
        self._sales[account, collateral] = Sale()
        self.open_sales[account] -= 1
        return sale
