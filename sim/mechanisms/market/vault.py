"""Twin of contracts/modules/vault.vy: the lenders' side, ERC-4626 over the book of the debt token.

With S shares and A assets in all, assets are worth assets * (S + 10**6) / (A + 1) shares, and the
other way round; what a lender gets is rounded down, what a lender gives is rounded up.

Assets are in [debt token], shares in [shares].
"""

from __future__ import annotations

from sim.mechanisms.erc20 import Erc20
from sim.mechanisms.kernel import Address, Revert, view
from sim.mechanisms.market.debt_book import DebtBook
from sim.mechanisms.maths import mul_div_down, mul_div_up
from sim.units import MAX_UINT, WITHDRAW

VIRTUAL_SHARES = 10**6
VIRTUAL_ASSETS = 1


class Vault(DebtBook, Erc20):
    """A million virtual shares stand against one virtual unit of assets."""

    def deposit(self, assets: int, receiver: Address) -> int:
        """Lend so many assets of the caller's; shares, rounded down."""
        self._accrue()
        shares = self._shares_down(assets)
        self._enter(assets, shares, receiver)
        return shares

    def mint(self, shares: int, receiver: Address) -> int:
        """Lend what the shares cost; assets, rounded up."""
        self._accrue()
        assets = self._assets_up(shares)
        self._enter(assets, shares, receiver)
        return assets

    def withdraw(self, assets: int, receiver: Address, owner: Address) -> int:
        """Send assets of the owner's; shares burned, rounded up."""
        self._accrue()
        shares = self._shares_up(assets)
        self._leave(assets, shares, receiver, owner)
        return shares

    def redeem(self, shares: int, receiver: Address, owner: Address) -> int:
        """Burn shares of the owner's; assets sent, rounded down."""
        self._accrue()
        assets = self._assets_down(shares)
        self._leave(assets, shares, receiver, owner)
        return assets

    @view
    def asset(self) -> Address:
        """The debt token."""
        return self.debt_token

    @view
    def totalAssets(self) -> int:
        """Cash + total_debt + debt_in_sale - reserve, up to now."""
        return self._total_assets()

    @view
    def convertToShares(self, assets: int) -> int:
        """Rounded down."""
        return self._shares_down(assets)

    @view
    def convertToAssets(self, shares: int) -> int:
        """Rounded down."""
        return self._assets_down(shares)

    @view
    def previewDeposit(self, assets: int) -> int:
        """Rounded down."""
        return self._shares_down(assets)

    @view
    def previewMint(self, shares: int) -> int:
        """Rounded up."""
        return self._assets_up(shares)

    @view
    def previewWithdraw(self, assets: int) -> int:
        """Rounded up."""
        return self._shares_up(assets)

    @view
    def previewRedeem(self, shares: int) -> int:
        """Rounded down."""
        return self._assets_down(shares)

    @view
    def maxDeposit(self, receiver: Address) -> int:
        """No limit."""
        return MAX_UINT

    @view
    def maxMint(self, receiver: Address) -> int:
        """No limit."""
        return MAX_UINT

    @view
    def maxWithdraw(self, owner: Address) -> int:
        """The owner's part, as far as cash and breakers reach."""
        return min(self._assets_down(self.balanceOf[owner]), self._available())

    @view
    def maxRedeem(self, owner: Address) -> int:
        """The owner's shares, as far as cash and breakers reach."""
        shares, available = self.balanceOf[owner], self._available()
        return shares if self._assets_down(shares) <= available else self._shares_down(available)

    def _available(self) -> int:
        """What lenders may withdraw in all right now."""
        return self._allowed(WITHDRAW, self.debt_token, self.cash)

    def _shares_down(self, assets: int) -> int:
        return mul_div_down(assets, *self._totals())

    def _shares_up(self, assets: int) -> int:
        return mul_div_up(assets, *self._totals())

    def _assets_down(self, shares: int) -> int:
        return mul_div_down(shares, *reversed(self._totals()))

    def _assets_up(self, shares: int) -> int:
        return mul_div_up(shares, *reversed(self._totals()))

    def _totals(self) -> tuple[int, int]:
        """All shares and all assets, with the virtual ones."""
        return self.totalSupply + VIRTUAL_SHARES, self._total_assets() + VIRTUAL_ASSETS

    def _enter(self, assets: int, shares: int, receiver: Address) -> None:
        if not shares:
            raise Revert("market: zero shares")
        sender = self._chain.sender
        self._mint(receiver, shares)
        self._receive(sender, assets)
        self._log("Deposit", sender=sender, owner=receiver, assets=assets, shares=shares)
        self._log_liquidity()

    def _leave(self, assets: int, shares: int, receiver: Address, owner: Address) -> None:
        sender = self._chain.sender
        self._require(WITHDRAW, self.debt_token, assets)
        if sender != owner:
            self._spend_allowance(owner, sender, shares)
        self._burn(owner, shares)
        self._pay(receiver, assets)
        who = {"sender": sender, "receiver": receiver, "owner": owner}
        self._log("Withdraw", **who, assets=assets, shares=shares)
        self._log_liquidity()
        self._record(WITHDRAW, self.debt_token, assets)

    def _log_liquidity(self) -> None:
        self._log(
            "LiquidityChanged",
            cash=self.cash,
            total_assets=self._total_assets(),
            total_shares=self.totalSupply,
        )
