"""Lenders: they leave, first come first served, when utilisation is high or the market has lost
money.

hazard_i = hazard_per_hour x (max(0, (utilisation - u_i) / (1 - u_i)) + loss_weight x percent of the
supply lost)

with a patience u_i of each lender's own. Who wants out redeems what the market's cash allows and
tries again. The run on the common pool of cash is Diamond and Dybvig's (1983), the patience makes
it gradual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, News, View, chance, everyday_fee
from sim.engines.base import Address, Call
from sim.people import LendersSpec

ROLE = "lenders"
LEAST_SHARE = 0.01  # of the own supply: less is not worth a transaction


@dataclass(frozen=True, slots=True)
class Lender:
    """Drawn once, by sim/world/population.py."""

    address: Address
    patience: float  # utilisation that is borne
    supply_usd: float


class Lenders:
    """All lenders of the market."""

    role = ROLE

    def __init__(self, facts: Facts, spec: LendersSpec, members: Sequence[Lender]) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._patience = np.array([m.patience for m in members])
        self._leaving = np.zeros(len(members), dtype=bool)

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        draws = rng.random(len(self._members))
        tries = rng.random(len(self._members)) < chance(
            1 / self._spec.attention_s, self._facts.spacing_s
        )
        fee = everyday_fee(rng)
        hazard = self._spec.hazard_per_hour / 3600 * self._score(view)
        self._leaving |= draws < chance(hazard, self._facts.spacing_s)
        wishes = [self._redeem(int(i), view, fee) for i in np.flatnonzero(self._leaving & tries)]
        return [wish for wish in wishes if wish is not None]

    def learn(self, news: News) -> list[Intent]:
        return []

    def _score(self, view: View) -> Floats:
        market = view.snapshot.market
        supplied = max(1, market.total_assets)
        utilisation = 1 - market.cash / supplied
        lost_percent = 100 * view.bad_debt * self._facts.debt_unit / supplied
        excess = np.maximum(0.0, (utilisation - self._patience) / (1 - self._patience))
        return np.asarray(excess + self._spec.loss_weight * lost_percent)

    def _redeem(self, i: int, view: View, fee: int) -> Intent | None:
        """All shares, or as many as the cash and the breakers let out."""
        market, address = view.snapshot.market, self._members[i].address
        shares = view.wallets.on_chain(address, self._facts.market)
        worth = shares * market.total_assets // max(1, market.total_shares)
        free = min(worth, market.cash, market.allowed[1])
        if free < LEAST_SHARE * self._members[i].supply_usd * self._facts.debt_unit:
            return None
        part = shares if free == worth else shares * free // worth
        call = Call(self._facts.market, "redeem", (part, address, address))
        return Intent(ROLE, address, call, "redeem", fee)
