"""Twin of contracts/modules/erc20.vy: balances and allowances. Amounts in [token]."""

from __future__ import annotations

from sim.mechanisms.kernel import NOBODY, Address, Contract, Revert
from sim.mechanisms.words import uint
from sim.units import MAX_UINT


class Erc20(Contract):
    """The whole of the standard's outside; who mints and burns is the heir's to say."""

    unlocked = frozenset({"name", "symbol", "decimals"})

    def _init_erc20(self, name: str, symbol: str, decimals: int) -> None:
        self.name, self.symbol, self.decimals = name, symbol, decimals
        self.totalSupply = 0
        self.balanceOf = self._table(0)
        self.allowance = self._table(0)  # by owner, spender

    def transfer(self, to: Address, amount: int) -> bool:
        """Move `amount` of the caller's."""
        self._move(self._chain.sender, to, amount)
        return True

    def transferFrom(self, owner: Address, to: Address, amount: int) -> bool:
        """Move `amount` of the owner's, who has approved the caller."""
        self._spend_allowance(owner, self._chain.sender, amount)
        self._move(owner, to, amount)
        return True

    def approve(self, spender: Address, amount: int) -> bool:
        """Let the spender move up to `amount` of the caller's; 2**256 - 1 never runs out."""
        owner = self._chain.sender
        self.allowance[owner, spender] = amount
        self._log("Approval", owner=owner, spender=spender, value=amount)
        return True

    def _move(self, owner: Address, to: Address, amount: int) -> None:
        if to == NOBODY:
            raise Revert("erc20: zero address")
        self._take_from(owner, amount)
        self.balanceOf[to] += amount  # no more than the total supply
        self._log("Transfer", sender=owner, receiver=to, value=amount)

    def _spend_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        allowed = self.allowance[owner, spender]
        if allowed < amount:
            raise Revert("erc20: insufficient allowance")
        if allowed != MAX_UINT:
            self.allowance[owner, spender] = allowed - amount

    def _mint(self, to: Address, amount: int) -> None:
        if to == NOBODY:
            raise Revert("erc20: zero address")
        self.totalSupply = uint(self.totalSupply + amount)
        self.balanceOf[to] += amount
        self._log("Transfer", sender=NOBODY, receiver=to, value=amount)

    def _burn(self, owner: Address, amount: int) -> None:
        self._take_from(owner, amount)
        self.totalSupply -= amount
        self._log("Transfer", sender=owner, receiver=NOBODY, value=amount)

    def _take_from(self, owner: Address, amount: int) -> None:
        balance = self.balanceOf[owner]
        if balance < amount:
            raise Revert("erc20: insufficient balance")
        self.balanceOf[owner] = balance - amount
