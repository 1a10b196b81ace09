"""Borrowers: most are passive; some lift their health factor before it reaches one.

An active borrower looks at the position as a Poisson process of mean gap `attention_s`. Below its
own trigger it brings the health factor to trigger + lift, as far as its stash goes (dynamic margin:
Aramonte, Huang, Schrimpf 2022): topping up adds collateral, repaying pays debt, selling takes
collateral out, sells it in the pool and repays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Intent, News, Result, View, chance, received, sell_in_pool
from sim.engines.base import Address, Call
from sim.scenario import BorrowersSpec
from sim.units import GWEI

ROLE = "borrowers"
PASSIVE, TOP_UP, REPAY, SELL = range(4)
URGENT_GWEI = 5  # a borrower in a hurry outbids the everyday, not the keepers
SLIPPAGE = 0.05
LEAST_USD = 50.0  # less is not worth a transaction


@dataclass(frozen=True, slots=True)
class Borrower:
    """Drawn once, by sim/world/population.py."""

    address: Address
    kind: int
    trigger: float
    target: float
    stash_usd: float


class Borrowers:
    """All borrowers; index i is also the i-th watched account."""

    role = ROLE

    def __init__(self, facts: Facts, spec: BorrowersSpec, members: Sequence[Borrower]) -> None:
        self._facts = facts
        self._spec = spec
        self._members = members
        self._index = {m.address: i for i, m in enumerate(members)}
        self._trigger = np.array([m.trigger for m in members])
        self._active = np.array([m.kind != PASSIVE for m in members])
        self._withdrawn: dict[int, int] = {}  # collateral to sell, by member
        self._raised: dict[int, int] = {}  # debt tokens to repay with, by member

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        looks = rng.random(len(self._members)) < chance(
            1 / self._spec.attention_s, self._facts.spacing_s
        )
        intents = [self._finish(i, view) for i in [*self._withdrawn, *self._raised]]
        worried = looks & self._active & (view.health < self._trigger) & (view.health > 1)
        idle = (int(i) for i in np.flatnonzero(worried) if i not in self._withdrawn)
        intents += [self._deleverage(i, view) for i in idle if i not in self._raised]
        return [intent for intent in intents if intent is not None]

    def learn(self, news: News) -> list[Intent]:
        for result in news.results:
            if result.status == "ok":
                self._advance(self._index[result.intent.sender], result)
        return []

    def _deleverage(self, i: int, view: View) -> Intent | None:
        """The first transaction of whatever this borrower does."""
        member, debt, health = self._members[i], float(view.debt[i]), float(view.health[i])
        if member.kind == REPAY:
            want = debt * (1 - health / member.target)
            return self._repay(i, min(want, self._stash(i, self._facts.debt, view)), debt)
        collateral = view.snapshot.collateral[self._facts.collateral][i]
        if member.kind == TOP_UP:
            want = collateral * (member.target / health - 1)
            amount = int(min(want, view.wallets.on_chain(member.address, self._facts.collateral)))
            return self._supply(i, amount, view)
        return self._take_out(i, collateral, debt, health, view)

    def _stash(self, i: int, token: str, view: View) -> float:
        return view.wallets.on_chain(self._members[i].address, token) / self._facts.debt_unit

    def _supply(self, i: int, amount: int, view: View) -> Intent | None:
        if amount / self._facts.collateral_unit * view.venue_price < LEAST_USD:
            return None
        address = self._members[i].address
        return self._intent(i, "supply_collateral", (self._facts.collateral_arg, amount, address))

    def _repay(self, i: int, usd: float, debt: float) -> Intent | None:
        """Pay back, but leave either nothing or more than the market's minimum."""
        least = self._facts.design.market.min_debt
        if debt - usd < least:
            usd = max(0.0, debt - 1.01 * least)
        if usd < LEAST_USD:
            return None
        units = int(usd * self._facts.debt_unit)
        return self._intent(i, "repay", (units, self._members[i].address))

    def _take_out(
        self, i: int, collateral: int, debt: float, health: float, view: View
    ) -> Intent | None:
        """Free collateral, as far as the loan-to-value lets it go, to sell and repay with."""
        target, facts = self._members[i].target, self._facts
        threshold = facts.liquidation_threshold
        value = health * debt / threshold
        free = value - 1.001 * debt / facts.ltv
        want = debt * (target - health) / (target - threshold)  # sold at par: solves for the target
        usd = min(want, free)
        if usd < LEAST_USD:
            return None
        amount = int(collateral * usd / value)
        args = (facts.collateral_arg, amount, self._members[i].address)
        return self._intent(i, "withdraw_collateral", args)

    def _finish(self, i: int, view: View) -> Intent | None:
        """The next transaction of a sale under way: sell what was taken out, then repay with it."""
        if i in self._raised:
            return self._repay(i, self._raised[i] / self._facts.debt_unit, float(view.debt[i]))
        amount = self._withdrawn[i]
        least = amount / self._facts.collateral_unit * view.depth.price * (1 - SLIPPAGE)
        address = self._members[i].address
        return sell_in_pool(self._facts, ROLE, address, amount, least, URGENT_GWEI * GWEI)

    def _advance(self, i: int, result: Result) -> None:
        function, args = result.intent.call.function, result.intent.call.args
        if function == "withdraw_collateral":
            self._withdrawn[i] = args[1]
        elif function == "exactInputSingle":
            self._withdrawn.pop(i, None)
            self._raised[i] = received(result, self._facts.debt)
        elif function == "repay":
            self._raised.pop(i, None)

    def _intent(self, i: int, function: str, args: tuple[object, ...]) -> Intent:
        call = Call("market", function, args)
        return Intent(ROLE, self._members[i].address, call, function, URGENT_GWEI * GWEI)
