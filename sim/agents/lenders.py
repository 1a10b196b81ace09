"""Lenders: they leave, first come first served, when utilisation is high, the market has lost
money or others leave.

hazard_i = hazard_per_hour x (max(0, (utilisation - u_i) / (1 - u_i)) + loss_weight x percent of the
supply lost + peers_weight x share of the supply that has left)

with a patience u_i of each lender's own. Lost is what was written off and what the lens shows of
accounts that owe more than their collateral is worth. Who wants out redeems what the market's cash
allows and tries again. The run on the common pool of cash is Diamond and Dybvig's (1983), the
patience makes it gradual.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, News, View, chance, everyday_fee
from sim.engines.base import Address, Call
from sim.people import LendersSpec
from sim.units import WITHDRAW

ROLE = "lenders"
LEAST_SHARE = 0.01  # of the own supply: less is not worth a transaction


@dataclass(frozen=True, slots=True)
class Lender:
    """Drawn once, by sim/world/population.py."""

    address: Address
    patience: float  # utilisation that is borne
    supply_usd: float


class Lenders:
    """All lenders of the market but those who race."""

    role = ROLE

    def __init__(self, facts: Facts, spec: LendersSpec, members: Sequence[Lender]) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._attention = chance(1 / spec.attention_s, facts.spacing_s)
        self._patience = np.array([m.patience for m in members])
        self._leaving = np.zeros(len(members), dtype=bool)
        self._withdrawn = 0  # by anybody since the start [debt token]

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        draws = rng.random(len(self._members))
        tries = rng.random(len(self._members)) < self._attention
        fee = everyday_fee(rng)
        hazard = self._spec.hazard_per_hour / 3600 * self._score(view)
        self._leaving |= draws < chance(hazard, self._facts.spacing_s)
        leaving = (self._members[i] for i in np.flatnonzero(self._leaving & tries))
        wishes = [redeem(self._facts, m.address, m.supply_usd, view, fee) for m in leaving]
        return [wish for wish in wishes if wish is not None]

    def learn(self, news: News) -> list[Intent]:
        for event in news.block.events if news.block is not None else ():
            if event.name == "Withdraw" and event.contract == self._facts.market:
                self._withdrawn += event.args["assets"]
        return []

    def _score(self, view: View) -> Floats:
        market, spec, unit = view.snapshot.market, self._spec, self._facts.debt_unit
        supplied = max(1, market.total_assets)
        utilisation = 1 - market.cash / supplied
        lost = view.bad_debt + shortfall(self._facts, view)
        excess = np.maximum(0.0, (utilisation - self._patience) / (1 - self._patience))
        left = self._withdrawn / (self._withdrawn + supplied)
        fear = spec.loss_weight * 100 * lost * unit / supplied + spec.peers_weight * left
        return np.asarray(excess + fear)


def shortfall(facts: Facts, view: View) -> float:
    """By how much accounts owe more than their collateral is worth to the market [USD]."""
    owing = view.debt > 0
    debt = view.debt[owing]
    value = view.health[owing] * debt / facts.liquidation_threshold
    return float(np.maximum(0.0, debt - value).sum())


def payable(view: View) -> int:
    """What the cash and the breakers let out now [debt token]."""
    market = view.snapshot.market
    return min(market.cash, market.allowed[WITHDRAW])


def claim(facts: Facts, holder: Address, view: View) -> tuple[int, int]:
    """The shares of a lender, and what they are worth [debt token]."""
    market, shares = view.snapshot.market, view.wallets.on_chain(holder, facts.market)
    return shares, shares * market.total_assets // max(1, market.total_shares)


def redeem(facts: Facts, holder: Address, supply_usd: float, view: View, fee: int) -> Intent | None:
    """All shares, or as many as the market lets out; None: too little of what was supplied."""
    shares, worth = claim(facts, holder, view)
    free = min(worth, payable(view))
    if free < LEAST_SHARE * supply_usd * facts.debt_unit:
        return None
    part = shares if free == worth else shares * free // worth
    call = Call(facts.market, "redeem", (part, holder, holder))
    return Intent(ROLE, holder, call, "redeem", fee)
