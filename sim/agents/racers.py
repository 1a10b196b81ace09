"""Lenders who race to the exit: each decides on a private signal, nobody talks.

The game of sim/games/race.py in the world. At every round each who is still in sees the market's
strength theta with noise of the own and leaves when what it sees is below the cutoff x* that is
best when all do so. Here

    theta = (cash - what accounts owe beyond their collateral) / claims

of all who are still in: the share of the claims that it can bear to lose at once. Where gates are
feared only the cash that breakers let out now counts, so that a throttle or a halt can set off the
run that it is there to stop (Engineer 1989; Cipriani, Martin, McCabe, Parigi 2014). Who has decided
to leave tries in every block, first come, first served. Claims are equal, so that shares of the
racers are shares of the claims.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, News, Round, View, Wish, everyday_fee
from sim.agents.lenders import ROLE, claim, payable, redeem, shortfall
from sim.engines.base import Address
from sim.games.race import Race
from sim.people import RaceSpec

HURRY = 5  # somebody who runs pays so many everyday fees


@dataclass(frozen=True, slots=True)
class Racer:
    """Drawn once, by sim/world/population.py."""

    address: Address
    supply_usd: float


class Racers:
    """All who race; each is in or on the run."""

    role = ROLE

    def __init__(self, facts: Facts, spec: RaceSpec, members: Sequence[Racer]) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._race = Race(spec.benefit, spec.cost, spec.noise)
        self._every = max(1, round(spec.round_s / facts.spacing_s))  # steps
        self._runs = np.zeros(len(members), dtype=bool)

    def act(self, view: View, rng: np.random.Generator) -> list[Wish]:
        if not self._members:
            return []
        noise = rng.uniform(-1.0, 1.0, len(self._members))
        fees = [HURRY * everyday_fee(rng) for _ in self._members]
        rounds = [] if view.step % self._every else self._round(view, noise)
        tries = (self._redeem(int(i), view, fees[i]) for i in np.flatnonzero(self._runs))
        return [*rounds, *(intent for intent in tries if intent is not None)]

    def learn(self, news: News) -> list[Wish]:
        return []

    def _round(self, view: View, noise: Floats) -> list[Wish]:
        """Signals for all who are in, and who leaves of them."""
        facts, inside = self._facts, ~self._runs
        claims = sum(
            claim(facts, self._members[i].address, view)[1] for i in np.flatnonzero(inside)
        )
        if not claims:
            return []
        there = payable(view) if self._spec.fears_gates else view.snapshot.market.cash
        strength = (there - shortfall(facts, view) * facts.debt_unit) / claims
        leaves = inside & (strength + self._race.noise * noise < self._race.cutoff)
        self._runs |= leaves
        counts = int(inside.sum()), int(leaves.sum())
        return [Round(ROLE, strength, *counts, claims / facts.debt_unit)]

    def _redeem(self, i: int, view: View, fee: int) -> Intent | None:
        member = self._members[i]
        return redeem(self._facts, member.address, member.supply_usd, view, fee)
