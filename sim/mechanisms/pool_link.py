"""Twin of contracts/modules/pool_link.vy: what looks into a Uniswap v3 pool shares."""

from __future__ import annotations

from sim.mechanisms.kernel import Address, Contract, Revert


class PoolLink(Contract):
    """Knows which way round a pool holds its tokens."""

    def _is_token0_of(self, pool: Address, collateral: Address, debt_token: Address) -> bool:
        """Whether the collateral is the pool's first token."""
        pair = self._call(pool, "token0"), self._call(pool, "token1")
        if (collateral, debt_token) == pair:
            return True
        if (debt_token, collateral) != pair:
            raise Revert("pool: other tokens")
        return False
