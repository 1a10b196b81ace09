"""Twin of contracts/modules/transfers.vy: every movement of tokens. Amounts in [token]."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Contract, Revert


class Transfers(Contract):
    """A token that answers false is refused; one that answers nothing is taken to have moved."""

    def _pull(self, token: Address, payer: Address, amount: int) -> None:
        """Fetch what the payer has approved to this contract."""
        self._move_token(token, "transferFrom", payer, self.address, amount)

    def _push(self, token: Address, receiver: Address, amount: int) -> None:
        self._move_token(token, "transfer", receiver, amount)

    def _allow(self, token: Address, spender: Address, amount: int) -> None:
        """Let the spender fetch up to so much."""
        self._move_token(token, "approve", spender, amount)

    def _move_token(self, token: Address, function: str, *args: Address | int) -> None:
        if self._call(token, function, *args) is False:
            raise Revert("transfer: refused")
