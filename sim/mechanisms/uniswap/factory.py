"""Twin of UniswapV3Factory."""

from __future__ import annotations

from collections.abc import Callable

from sim.mechanisms.kernel import NOBODY, Address, Chain, Contract, Revert
from sim.mechanisms.uniswap.pool import UniswapV3Pool

TIERS = {500: 10, 3000: 60, 10000: 200}  # open from the start: tick spacing by fee [1e-6]


class UniswapV3Factory(Contract):
    """`place` says at which address the pool of (token0, token1, fee) comes to stand.

    On the chain that is the hash of the three and of the pool's code.
    """

    def __init__(
        self, chain: Chain, address: Address, place: Callable[[Address, Address, int], Address]
    ) -> None:
        super().__init__(chain, address)
        self._place = place
        self.owner = chain.sender
        self.feeAmountTickSpacing = self._table(0)  # by fee; 0: no such tier
        for fee, spacing in TIERS.items():
            self.feeAmountTickSpacing[fee] = spacing
        self.getPool = self._table(NOBODY)  # by both orders of the tokens, and fee

    def createPool(self, token_a: Address, token_b: Address, fee: int) -> Address:
        """A pool without a price yet."""
        spacing = self.feeAmountTickSpacing[fee]
        first, second = sorted((token_a, token_b))
        known = self.getPool[first, second, fee] != NOBODY
        if first in (second, NOBODY) or not spacing or known:
            raise Revert
        pool = self._place(first, second, fee)
        self._chain.deploy(self.address, UniswapV3Pool, pool, first, second, fee, spacing)
        self.getPool[first, second, fee] = self.getPool[second, first, fee] = pool
        key = {"token0": first, "token1": second, "fee": fee}
        self._log("PoolCreated", **key, tickSpacing=spacing, pool=pool)
        return pool

    def enableFeeAmount(self, fee: int, spacing: int) -> None:
        """A further tier. Only the owner."""
        sane = fee < 1_000_000 and 0 < spacing < 16_384
        if self._chain.sender != self.owner or not sane or self.feeAmountTickSpacing[fee]:
            raise Revert
        self.feeAmountTickSpacing[fee] = spacing
        self._log("FeeAmountEnabled", fee=fee, tickSpacing=spacing)
