"""Loopers: they borrow, buy collateral with it and deposit that again, several times over.

With equity E and a threshold l, a health factor h is a leverage of h / (h - l) and a debt of
l E / (h - l). A looper aims at its own h: above the upper end of its band it loops again, in calm
only; below the lower end it winds down, taking out what the loan-to-value frees, selling it in the
pool and repaying, until it is back at h. So it buys when prices rise and sells when they fall, as
whoever targets leverage does (Adrian and Shin 2010). The target rises with the volatility seen
(margins.py). A fall through the loan-to-value leaves nothing to take out: then it is liquidated.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.agents.base import Facts, Intent, News, View, chance
from sim.agents.borrowers import LOOP, Borrower
from sim.agents.margins import realised_volatility, stretched
from sim.agents.positions import MARGIN, ROLE, Positions
from sim.people import BorrowersSpec

IDLE, BUILD, UNWIND = range(3)


class Loopers:
    """Those of the borrowers who loop; an index is that of the watched account."""

    role = ROLE

    def __init__(self, facts: Facts, spec: BorrowersSpec, members: Sequence[Borrower]) -> None:
        """`members`: all borrowers."""
        self._facts = facts
        self._spec = spec
        self._do = Positions(facts, [m.address for m in members])
        self._index = [i for i, m in enumerate(members) if m.kind == LOOP]
        self._target = np.array([members[i].target for i in self._index])
        self._mode = [IDLE] * len(self._index)
        self._attention = chance(1 / spec.loopers.attention_s, facts.spacing_s)

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        spec, facts = self._spec.loopers, self._facts
        looks = rng.random(len(self._index)) < self._attention
        if not self._index:
            return []
        margins = self._spec.margins
        seen = realised_volatility(facts, view, margins.window_s)
        target = stretched(self._target, margins, seen)
        floor = MARGIN * facts.liquidation_threshold / facts.ltv
        lower = np.maximum(target - spec.unwind_below, (floor + target) / 2)
        upper = target + spec.loop_above
        calm = seen <= margins.normal_volatility
        for k in np.flatnonzero(looks & (view.debt[self._index] > 0)):
            health = self._do.health_with_wallet(self._index[k], view)
            if health < lower[k]:
                self._mode[k] = UNWIND
            elif health > upper[k] and calm:
                self._mode[k] = BUILD
        at_it = (k for k, mode in enumerate(self._mode) if mode != IDLE)
        intents = [self._next(k, float(target[k]), view) for k in at_it]
        return [intent for intent in intents if intent is not None]

    def learn(self, news: News) -> list[Intent]:
        return []

    def _next(self, k: int, target: float, view: View) -> Intent | None:
        """The next transaction of what is under way; idle again when there is none."""
        i = self._index[k]
        intent = self._loop(i, target, view) if self._mode[k] == BUILD else None
        if self._mode[k] == UNWIND:
            intent = self._wind_down(i, target, view)
        if intent is None:
            self._mode[k] = IDLE
        return intent

    def _loop(self, i: int, target: float, view: View) -> Intent | None:
        """Buy with what was borrowed, deposit what was bought, or borrow up to the target."""
        under_way = self._do.buy(i, view) or self._do.supply(i, self._do.loose(i, view), view)
        if under_way is not None or not view.debt[i]:
            return under_way
        threshold, debt = self._facts.liquidation_threshold, float(view.debt[i])
        wanted = threshold * (self._do.value(i, view) - debt) / (target - threshold)
        return self._do.borrow(i, wanted - debt, view)

    def _wind_down(self, i: int, target: float, view: View) -> Intent | None:
        """Sell what is loose, repay with the cash, or take out what leads to the target."""
        debt, health = float(view.debt[i]), float(view.health[i])
        under_way = self._do.sell(i, view)
        if under_way is not None or not debt:
            return under_way
        under_way = self._do.repay(i, self._do.cash(i, view), view)
        if under_way is not None or not 1 < health < target:
            return under_way
        want = debt * (target - health) / (target - self._facts.liquidation_threshold)
        return self._do.take_out(i, want, view)
