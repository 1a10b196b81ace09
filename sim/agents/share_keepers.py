"""Keepers of a market whose collateral is another market's shares: they pay with their own debt
tokens and redeem what they got, first come, first served.

There is no pool to sell shares in. What a keeper can turn into money is what the other market has
in cash and lets out; beyond that a share is worth nothing to it, however sound. When that market's
lenders run, its keepers are shut in with them.
"""

from __future__ import annotations

from sim.agents.base import Facts, Intent, View, Wish
from sim.agents.capital_keepers import LEAST_USD, CapitalKeepers
from sim.agents.crew import Keeper
from sim.agents.keepers import ROLE
from sim.engines.base import Call
from sim.units import WITHDRAW


class ShareKeepers(CapitalKeepers):
    """All keepers of the market; `Facts.collateral` is the key of the one that gives the shares."""

    def _sell_on_venue(self, keeper: Keeper, view: View) -> list[Wish]:
        return []

    def _unload(self, keeper: Keeper, view: View, fee: int) -> list[Wish]:
        """Redeem all shares, or as many as the cash and the breakers let out."""
        facts, me = self._facts, keeper.address
        stock = view.wallets.on_chain(me, facts.collateral)
        worth = stock / facts.collateral_unit * view.venue_price
        free = _free(facts, view)
        if min(worth, free) < LEAST_USD:
            return []
        part = stock if worth <= free else int(stock * (free / worth))
        call = Call(facts.collateral, "redeem", (part, me, me))
        return [Intent(ROLE, me, call, "redeem", fee, keeper.latency_s, keeper.max_fee)]

    def _exit(self, value: float, held: float, view: View) -> float:
        """What `value` USD of shares redeems for after `held` USD of them [USD]."""
        return min(value, max(0.0, _free(self._facts, view) - held))

    def _left(self, sold: float, view: View) -> float:
        """Of a share's worth, for the next one after `sold` USD of them."""
        return 1.0 if sold < _free(self._facts, view) else 0.0


def _free(facts: Facts, view: View) -> float:
    """What can be redeemed now [USD]."""
    backing = view.backing
    if backing is None:
        return 0.0
    return min(backing.market.cash, backing.market.allowed[WITHDRAW]) / facts.debt_unit
