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

from sim.agents.base import Facts, Intent, News, View, chance, sell_in_pool
from sim.engines.base import Address, Call
from sim.people import BorrowersSpec
from sim.units import GWEI

ROLE = "borrowers"
PASSIVE, TOP_UP, REPAY, SELL = range(4)
FEE = 5 * GWEI  # a borrower in a hurry outbids the everyday, not the keepers [wei per gas]
SLIPPAGE = 0.05  # of the pool's price, that one sale may cost
MARGIN = 1.001  # of the debt, between a withdrawal and the loan-to-value
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
        self._trigger = np.array([m.trigger for m in members])
        self._active = np.array([m.kind != PASSIVE for m in members])
        self._sellers = [(i, m.address) for i, m in enumerate(members) if m.kind == SELL]

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        looks = rng.random(len(self._members)) < chance(
            1 / self._spec.attention_s, self._facts.spacing_s
        )
        worried = looks & self._active & (view.health < self._trigger) & (view.health > 1)
        holds, tokens = view.wallets.on_chain, (self._facts.collateral, self._facts.debt)
        under_way = {
            i: self._finish(i, view)
            for i, seller in self._sellers
            if holds(seller, tokens[0]) or holds(seller, tokens[1])
        }
        fresh = (int(i) for i in np.flatnonzero(worried) if under_way.get(int(i)) is None)
        intents = [*under_way.values(), *(self._deleverage(i, view) for i in fresh)]
        return [intent for intent in intents if intent is not None]

    def learn(self, news: News) -> list[Intent]:
        return []

    def _deleverage(self, i: int, view: View) -> Intent | None:
        """The first transaction of whatever this borrower does."""
        member, health = self._members[i], float(view.health[i])
        if member.kind == REPAY:
            want = float(view.debt[i]) * (1 - health / member.target)
            return self._repay(i, min(want, self._cash(i, view)), view)
        if member.kind == TOP_UP:
            collateral = view.snapshot.collateral[self._facts.collateral][i]
            want = collateral * (member.target / health - 1)
            return self._supply(i, int(min(want, self._loose(i, view))), view)
        return self._take_out(i, view)

    def _finish(self, i: int, view: View) -> Intent | None:
        """The next transaction of a sale under way: sell what was taken out, then repay with it.

        A seller's wallet is empty but for that. No more is sold at once than the pool bears.
        """
        amount, facts = self._loose(i, view), self._facts
        if amount / facts.collateral_unit * view.venue_price < LEAST_USD:
            return self._repay(i, self._cash(i, view), view)
        address = self._members[i].address
        return sell_in_pool(facts, ROLE, address, amount, SLIPPAGE, view, FEE)

    def _loose(self, i: int, view: View) -> int:
        """In the wallet [collateral token]."""
        return view.wallets.on_chain(self._members[i].address, self._facts.collateral)

    def _cash(self, i: int, view: View) -> float:
        """In the wallet [USD]."""
        cash = view.wallets.on_chain(self._members[i].address, self._facts.debt)
        return cash / self._facts.debt_unit

    def _supply(self, i: int, amount: int, view: View) -> Intent | None:
        if amount / self._facts.collateral_unit * view.venue_price < LEAST_USD:
            return None
        address = self._members[i].address
        return self._intent(i, "supply_collateral", (self._facts.collateral_arg, amount, address))

    def _repay(self, i: int, usd: float, view: View) -> Intent | None:
        """Pay back, but leave more than the market's minimum."""
        least = 1.01 * self._facts.design.market.min_debt
        usd = min(usd, float(view.debt[i]) - least)
        if usd < LEAST_USD:
            return None
        units = int(usd * self._facts.debt_unit)
        return self._intent(i, "repay", (units, self._members[i].address))

    def _take_out(self, i: int, view: View) -> Intent | None:
        """Free collateral, as far as the loan-to-value lets it go, to sell and repay with."""
        target, facts = self._members[i].target, self._facts
        debt, health, threshold = view.debt[i], view.health[i], facts.liquidation_threshold
        value = health * debt / threshold
        free = value - MARGIN * debt / facts.ltv
        want = debt * (target - health) / (target - threshold)  # sold at par: solves for the target
        usd = min(want, free)
        if usd < LEAST_USD:
            return None
        amount = int(view.snapshot.collateral[facts.collateral][i] * usd / value)
        args = (facts.collateral_arg, amount, self._members[i].address)
        return self._intent(i, "withdraw_collateral", args)

    def _intent(self, i: int, function: str, args: tuple[object, ...]) -> Intent:
        call = Call(self._facts.market, function, args)
        return Intent(ROLE, self._members[i].address, call, function, FEE)
