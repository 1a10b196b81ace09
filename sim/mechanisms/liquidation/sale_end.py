"""Twin of contracts/modules/sale_end.vy: what becomes of a sale's remains."""

from __future__ import annotations

from sim.mechanisms.kernel import Address
from sim.mechanisms.liquidation.market_link import MarketLink


class SaleEnd(MarketLink):
    """Collateral that was not sold goes back; debt that was not paid goes back or is lost."""

    def _end_sale(
        self, account: Address, collateral: Address, unsold: int, unpaid: int, in_sale: bool
    ) -> None:
        """Unpaid debt returns to an account that has something left, in the market or in sale."""
        self._give_back(account, collateral, unsold, 0)
        lost = back = 0
        if in_sale or self._has_collateral(account):
            back = unpaid
            self._give_back(account, collateral, 0, back)
        else:
            lost = self._write_off(account, unpaid)
        self._log_end(account, collateral, unsold, lost, back)

    def _cancel_sale(self, account: Address, collateral: Address, unsold: int, unpaid: int) -> None:
        """Put everything back on the account."""
        self._give_back(account, collateral, unsold, unpaid)
        self._log_end(account, collateral, unsold, 0, unpaid)

    def _give_back(self, account: Address, collateral: Address, unsold: int, unpaid: int) -> None:
        if unsold:
            self._allow(collateral, self.market, unsold)
            self._ask_market("return_collateral", account, collateral, unsold)
        if unpaid:
            self._ask_market("return_debt", account, unpaid)

    def _log_end(
        self, account: Address, collateral: Address, returned: int, lost: int, back: int
    ) -> None:
        self._log(
            "SaleEnded",
            account=account,
            collateral=collateral,
            returned=returned,
            written_off=lost,
            debt_returned=back,
        )
