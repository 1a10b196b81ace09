# pragma version 0.4.3
# pragma nonreentrancy on
"""
@title What becomes of a sale's remains
"""

from ..interfaces import ILiquidation
from . import market_link
from . import transfers

uses: market_link


def _end(account: address, collateral: address, unsold: uint256, unpaid: uint256, in_sale: bool):
    """
    @notice Give back what was not sold. Unpaid debt returns to an account that has something left for it, in the
            market or in another sale; otherwise it is lost, with all that the account still owes.
    @param unsold  held by the module [collateral token]
    @param unpaid  of the book of sales [debt token]
    @param in_sale whether the account has another sale
    """
    self._give_back(account, collateral, unsold, 0)
    lost: uint256 = 0
    back: uint256 = 0
    if in_sale or market_link._has_collateral(account):
        back = unpaid
        self._give_back(account, collateral, 0, back)
    else:
        lost = market_link._write_off(account, unpaid)
    log ILiquidation.SaleEnded(
        account=account, collateral=collateral, returned=unsold, written_off=lost, debt_returned=back
    )


def _cancel(account: address, collateral: address, unsold: uint256, unpaid: uint256):
    """
    @notice Put everything back on the account.
    """
    self._give_back(account, collateral, unsold, unpaid)
    log ILiquidation.SaleEnded(
        account=account, collateral=collateral, returned=unsold, written_off=0, debt_returned=unpaid
    )


def _give_back(account: address, collateral: address, unsold: uint256, unpaid: uint256):
    if unsold > 0:
        transfers._allow(collateral, market_link.MARKET.address, unsold)
        extcall market_link.MARKET.return_collateral(account, collateral, unsold)
    if unpaid > 0:
        extcall market_link.MARKET.return_debt(account, unpaid)
