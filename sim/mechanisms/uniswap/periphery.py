"""What Uniswap's router and its manager of positions share: who pays a pool, and until when."""

from __future__ import annotations

from typing import NamedTuple

from sim.mechanisms.kernel import NOBODY, Address, Chain, Contract, Revert


class Order(NamedTuple):
    """What a callback has to know. On the chain it travels as bytes."""

    token0: Address
    token1: Address
    fee: int
    payer: Address


class Periphery(Contract):
    """Knows the factory; finds pools by their tokens and fee."""

    def __init__(self, chain: Chain, address: Address, factory: Address) -> None:
        super().__init__(chain, address)
        self.factory = factory

    def _pool(self, token0: Address, token1: Address, fee: int) -> Address:
        """The pool of sorted tokens; NOBODY, whom no call reaches, when there is none."""
        if token0 >= token1:
            raise Revert
        pool: Address = self._call(self.factory, "getPool", token0, token1, fee)
        return pool

    def _check_deadline(self, deadline: int) -> None:
        if self._chain.timestamp > deadline:
            raise Revert("Transaction too old")

    def _pull(self, order: Order, token: Address, amount: int) -> None:
        """Fetch a pool's due from the payer, for the pool alone. Reverts with STF when it can't."""
        pool = self._chain.sender
        if pool != self._pool(order.token0, order.token1, order.fee):
            raise Revert
        try:
            moved = self._call(token, "transferFrom", order.payer, pool, amount)
        except Revert:
            raise Revert("STF") from None
        if not moved:
            raise Revert("STF")

    def _recipient(self, wanted: Address) -> Address:
        """Nobody means this contract itself."""
        return self.address if wanted == NOBODY else wanted
