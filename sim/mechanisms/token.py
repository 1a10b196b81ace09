"""Twin of contracts/tokens/Token.vy. Amounts in [token]."""

from __future__ import annotations

from sim.mechanisms.erc20 import Erc20
from sim.mechanisms.kernel import Address, Chain, Revert


class Token(Erc20):
    """ERC-20 that its deployer mints at will."""

    guarded = True
    unlocked = frozenset({"minter"})

    def __init__(
        self, chain: Chain, address: Address, name: str, symbol: str, decimals: int
    ) -> None:
        super().__init__(chain, address)
        self.minter = chain.sender
        self._init_erc20(name, symbol, decimals)

    def mint(self, to: Address, amount: int) -> None:
        """Create `amount` for `to`. Only the minter."""
        if self._chain.sender != self.minter:
            raise Revert("token: only minter")
        self._mint(to, amount)
