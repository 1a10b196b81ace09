"""Twin of contracts/modules/probe.vy: questions that must not fail."""

from __future__ import annotations

from typing import Any

from sim.mechanisms.kernel import Address, Contract
from sim.units import MAX_UINT


class Probe(Contract):
    """Asks on when a feed is stale or a breaker is broken."""

    def _price_or_zero(self, market: Address, collateral: Address) -> int:
        """The market's price [WAD, debt per collateral]; 0 when it reverts."""
        return self._ask(market, 0, "price", collateral)

    def _health_or_max(self, market: Address, account: Address) -> int:
        """The account's health factor [WAD]; 2**256 - 1 when it reverts."""
        return self._ask(market, MAX_UINT, "health_factor", account)

    def _ask(self, target: Address, otherwise: int, function: str, *args: Any) -> int:
        """What the call answers; `otherwise` when it reverts."""
        ok, answer = self._chain.attempt(self.address, target, function, *args)
        return answer if ok else otherwise
