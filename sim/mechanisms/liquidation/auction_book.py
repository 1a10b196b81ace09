"""Twin of contracts/modules/auction_book.vy: open sales, and the caps on the debt in them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.mechanisms.kernel import Address, Contract, Revert, Table, view


class Sale(NamedTuple):
    """An open sale; its lot is above zero."""

    debt: int = 0  # not yet paid [debt token]
    target: int = 0  # not yet raised, with the penalty [debt token]
    lot: int = 0  # not yet sold [collateral token]
    start_price: int = 0  # [WAD, debt per collateral]
    started_at: int = 0  # [WAD s, auction time]


class AuctionBook(Contract):
    """At the most one sale for each pair of account and collateral."""

    def _init_auction_book(
        self, cap: int, min_sale: int, collaterals: Sequence[Address], caps: Sequence[int]
    ) -> None:
        """Amounts in [debt token], `caps` by collateral."""
        if cap < min_sale:
            raise Revert("auction: cap below min_sale")
        if len(caps) != len(collaterals):
            raise Revert("auction: one cap for each collateral")
        self.collateral_cap: Table[Address, int] = self._table(0)
        for collateral, at_most in zip(collaterals, caps, strict=True):
            if at_most < min_sale:
                raise Revert("auction: cap below min_sale")
            self.collateral_cap[collateral] = at_most
        self.CAP, self.MIN_SALE = cap, min_sale
        self.debt_in_auction = 0  # without penalties [debt token]
        self.debt_in_auction_of: Table[Address, int] = self._table(0)  # by collateral
        self.open_sales: Table[Address, int] = self._table(0)  # by account
        self._sales: Table[tuple[Address, Address], Sale] = self._table(Sale())

    @view
    def sale(self, account: Address, collateral: Address) -> Sale:
        """The open sale; all zero when there is none."""
        return self._sales[account, collateral]

    def _admitted_to(self, collateral: Address, debt: int, dust: int) -> int:
        """What the caps leave room for.

        A rest below `dust` goes in too; a part below MIN_SALE does not go in alone.
        """
        of_all = max(0, self.CAP - self.debt_in_auction)
        of_one = self.collateral_cap[collateral] - self.debt_in_auction_of[collateral]
        room = min(of_all, max(0, of_one))
        if debt <= room or (room > 0 and debt - room < dust):
            return debt
        return room if room >= self.MIN_SALE else 0

    def _open(
        self, account: Address, collateral: Address, debt: int, target: int, lot: int
    ) -> None:
        self._sales[account, collateral] = Sale(debt, target, lot)
        self.open_sales[account] += 1
        self.debt_in_auction += debt
        self.debt_in_auction_of[collateral] += debt

    def _start_clock(
        self, account: Address, collateral: Address, start_price: int, now: int
    ) -> None:
        debt, target, lot = self._sales[account, collateral][:3]
        self._sales[account, collateral] = Sale(debt, target, lot, start_price, now)

    def _deduct(
        self, account: Address, collateral: Address, debt: int, raised: int, sold: int
    ) -> None:
        """`raised` has come in for `sold` and paid `debt`."""
        sale = self._sales[account, collateral]
        self._sales[account, collateral] = Sale(
            sale.debt - debt, sale.target - raised, sale.lot - sold, *sale[3:]
        )
        self._free(collateral, debt)

    def _close(self, account: Address, collateral: Address) -> Sale:
        """Forget the sale; returns it as it was."""
        sale = self._sales[account, collateral]
        self._sales[account, collateral] = Sale()
        self.open_sales[account] -= 1
        self._free(collateral, sale.debt)
        return sale

    def _free(self, collateral: Address, debt: int) -> None:
        self.debt_in_auction -= debt
        self.debt_in_auction_of[collateral] -= debt
