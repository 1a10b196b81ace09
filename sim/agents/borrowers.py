"""Borrowers: most are passive; some lift their health factor before it reaches one, some flee.

An active borrower looks at the position as a Poisson process of mean gap `attention_s`. Below its
own trigger it brings the health factor to its target, as far as its stash goes: topping up adds
collateral, repaying pays debt, selling takes collateral out, sells it in the pool and repays. Who
flees does that until nothing is owed and sells the rest too, over as many transactions as it takes.
Trigger and target rise with the volatility seen (margins.py). Loopers have a file of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats, Intent, News, View, chance
from sim.agents.margins import widened
from sim.agents.positions import ROLE, Positions
from sim.engines.base import Address
from sim.people import BorrowersSpec

PASSIVE, TOP_UP, REPAY, SELL, FLEE, LOOP = range(6)


@dataclass(frozen=True, slots=True)
class Borrower:
    """Drawn once, by sim/world/population.py."""

    address: Address
    kind: int
    trigger: float
    target: float
    stash_usd: float


class Borrowers:
    """All borrowers but what loopers do; index i is also the i-th watched account."""

    role = ROLE

    def __init__(self, facts: Facts, spec: BorrowersSpec, members: Sequence[Borrower]) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._attention = chance(1 / spec.attention_s, facts.spacing_s)
        self._do = Positions(facts, [m.address for m in members])
        self._levels = np.array([[m.trigger, m.target] for m in members]).T
        self._active = np.array([m.kind not in (PASSIVE, LOOP) for m in members])
        self._sellers = [i for i, m in enumerate(members) if m.kind in (SELL, FLEE)]
        self._fleeing: set[int] = set()

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        looks = rng.random(len(self._members)) < self._attention
        trigger, target = widened(self._levels, self._spec.margins, self._facts, view)
        worried = looks & self._active & (view.health < trigger) & (view.health > 1)
        afraid = [int(i) for i in np.flatnonzero(worried)]
        self._fleeing |= {i for i in afraid if self._members[i].kind == FLEE}
        under_way = {i: self._finish(i, view) for i in self._sellers if self._do.holds(i, view)}
        busy = {i for i, intent in under_way.items() if intent is not None}
        fresh = sorted((set(afraid) | self._fleeing) - busy)
        intents = [*under_way.values(), *(self._begin(i, target, view) for i in fresh)]
        return [intent for intent in intents if intent is not None]

    def learn(self, news: News) -> list[Intent]:
        return []

    def _begin(self, i: int, target: Floats, view: View) -> Intent | None:
        """The first transaction of whatever this borrower does."""
        kind, health, debt = self._members[i].kind, float(view.health[i]), float(view.debt[i])
        if kind == FLEE:
            return self._do.take_out(i, np.inf, view) if debt else self._do.take_out_all(i, view)
        if kind == REPAY:
            want = debt * (1 - health / target[i])
            return self._do.repay(i, min(want, self._do.cash(i, view)), view)
        if kind == TOP_UP:
            collateral = view.snapshot.collateral[self._facts.collateral][i]
            want = collateral * (target[i] / health - 1)
            return self._do.supply(i, int(min(want, self._do.loose(i, view))), view)
        want = debt * (target[i] - health) / (target[i] - self._facts.liquidation_threshold)
        return self._do.take_out(i, want, view)  # sold at par: solves for the target

    def _finish(self, i: int, view: View) -> Intent | None:
        """The next transaction of a sale under way: sell what was taken out, then repay with it."""
        sale = self._do.sell(i, view)
        if sale is not None or not view.debt[i]:
            return sale
        whole = self._do.repay_all(i, view) if i in self._fleeing else None
        return whole or self._do.repay(i, self._do.cash(i, view), view)
