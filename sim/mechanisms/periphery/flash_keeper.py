"""Twin of contracts/periphery/FlashKeeper.vy: take, sell on Uniswap v3, pay, keep the rest."""

from __future__ import annotations

from sim.mechanisms.kernel import NOBODY, Address, Chain, Revert, reentrant
from sim.mechanisms.transfers import Transfers

DATA = b"sell"  # what it says has no meaning


class FlashKeeper(Transfers):
    """A keeper without capital; amounts in [debt token] and [collateral token]."""

    guarded = True

    def __init__(
        self, chain: Chain, address: Address, owner: Address, router: Address, pool_fee: int
    ) -> None:
        super().__init__(chain, address)
        self.OWNER, self.ROUTER, self.POOL_FEE = owner, router, pool_fee  # fee in [1e-6]
        self._debt_token = self._liquidation = NOBODY  # of the take that runs

    def execute(
        self,
        liquidation: Address,
        account: Address,
        collateral: Address,
        max_pay: int,
        min_profit: int,
    ) -> None:
        """Take from a sale; what is left after selling and paying goes to the owner. Only he."""
        if self._chain.sender != self.OWNER:
            raise Revert("keeper: only owner")
        self._debt_token = self._call(self._call(liquidation, "market"), "debt_token")
        self._liquidation = liquidation
        terms = (account, collateral, max_pay, 0, self.address, DATA)
        paid, sold = self._call(liquidation, "take", *terms)
        self._liquidation = NOBODY
        profit: int = self._call(self._debt_token, "balanceOf", self.address)
        if profit < min_profit:
            raise Revert("keeper: unprofitable")
        self._push(self._debt_token, self.OWNER, profit)
        unsold: int = self._call(collateral, "balanceOf", self.address)
        if unsold:
            self._push(collateral, self.OWNER, unsold)
        which = {"liquidation": liquidation, "account": account, "collateral": collateral}
        self._log("Executed", **which, paid=paid, sold=sold, profit=profit)

    @reentrant
    def on_take(
        self, account: Address, collateral: Address, pay: int, received: int, data: bytes
    ) -> None:
        """Sell what was received. Only from the module, while it is taken from."""
        sender = self._chain.sender
        if sender != self._liquidation:
            raise Revert("keeper: unexpected callback")
        self._allow(collateral, self.ROUTER, received)
        now = self._chain.timestamp
        order = (collateral, self._debt_token, self.POOL_FEE, self.address, now, received, 0, 0)
        if self._call(self.ROUTER, "exactInputSingle", order) < pay:
            raise Revert("keeper: unprofitable")
        self._allow(self._debt_token, sender, pay)
