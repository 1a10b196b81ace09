"""A searcher who sandwiches swaps in the pool, by an agreement with the builder.

Before a swap with a loose limit it swaps the same way, and back after it: the victim gets no more
than its limit asks for, and the searcher the difference, less the pool's fee on both of its swaps
and the gas (Daian et al. 2019; Qin, Zhou and Gervais 2022). It trades its own tokens, knows the
block before it is mined, and takes the one victim that pays most; the three go to the top of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Intent, News, View, swap
from sim.block_space import SandwichSpec
from sim.engines.base import Address
from sim.markets.depth import PoolDepth, Swap

ROLE = "adversary"
FRONT, BACK = "front", "back"
SWAP = "exactInputSingle"
ROUNDS = 40  # of the search for the most that the victim's limit bears
PARTS = 16  # of that, tried for the best: the pool's fee may make less pay more
TOLERANCE = 0.999  # of what the searcher reckons to get for its front, that it insists on
STOP = 0.97  # of what the front cost: for less it keeps what it has
SLACK = 1e-6  # over the victim's limit, so that rounding on the chain does not fail it


@dataclass(frozen=True, slots=True)
class Sandwich:
    """What the builder puts around the victim; profit in [USD] before gas."""

    victim: int  # its place among the intents
    front: Intent
    back: Intent
    profit: float


@dataclass(frozen=True, slots=True)
class _Legs:
    """The three swaps of a sandwich; profit in the token that the victim pays with."""

    front: Swap
    back: Swap

    @property
    def profit(self) -> float:
        return self.back.got - self.front.spent


class Searcher:
    """Wishes nothing by itself; `sandwich` is asked when the block stands."""

    role = ROLE

    def __init__(self, facts: Facts, spec: SandwichSpec, address: Address) -> None:
        self._facts, self._spec, self._address = facts, spec, address
        self._view: View | None = None

    def act(self, view: View, rng: np.random.Generator) -> list[Intent]:
        self._view = view
        return []

    def learn(self, news: News) -> list[Intent]:
        return []

    def sandwich(self, block: Sequence[Intent]) -> Sandwich | None:
        """The one that pays most around a swap in the block, if any pays."""
        assert self._view is not None  # it acts before the block is built
        seen: set[Address] = set()
        found = []
        for place, intent in enumerate(block):
            if intent.sender not in seen and self._is_prey(intent):
                found.append(self._around(place, intent, self._view))
            seen.add(intent.sender)
        paying = [sandwich for sandwich in found if sandwich is not None]
        return max(paying, key=lambda sandwich: sandwich.profit, default=None)

    def _is_prey(self, intent: Intent) -> bool:
        facts, call = self._facts, intent.call
        if call.target != "router" or call.function != SWAP:
            return False
        tokens = {facts.collateral_arg, facts.debt_arg}
        return set(call.args[0][:2]) == tokens and call.args[0][2] == facts.pool_fee

    def _around(self, place: int, victim: Intent, view: View) -> Sandwich | None:
        facts = self._facts
        params = victim.call.args[0]
        selling = params[0] == facts.collateral_arg
        token = facts.collateral if selling else facts.debt
        own = view.wallets.on_chain(self._address, token)
        legs = self._best(view.depth, selling, float(params[5]), float(params[6]), float(own))
        unit = facts.collateral_unit / view.venue_price if selling else facts.debt_unit
        profit = legs.profit / unit if legs is not None else 0.0
        gas = 2 * view.gas_usd(SWAP, self._spec.priority_fee)
        if legs is None or profit - gas < self._spec.least_profit_usd:
            return None
        return Sandwich(place, *self._intents(token, legs), profit)

    def _best(
        self, pool: PoolDepth, selling: bool, amount: float, least: float, own: float
    ) -> _Legs | None:
        """The legs that earn most with up to `own`; the victim swaps `amount` for at least
        `least`."""
        most = _most(pool, selling, amount, least, own)
        tried = [_legs(pool, selling, amount, most * (part + 1) / PARTS) for part in range(PARTS)]
        paying = [legs for legs in tried if legs.profit > 0]
        return max(paying, key=lambda legs: legs.profit, default=None)

    def _intents(self, token: str, legs: _Legs) -> tuple[Intent, Intent]:
        facts, fee = self._facts, self._spec.priority_fee
        other = facts.debt if token == facts.collateral else facts.collateral
        spent, got = int(legs.front.spent), int(legs.front.got)
        front = swap(facts, ROLE, self._address, token, spent, int(TOLERANCE * got), fee)
        least = int(STOP * spent)
        back = swap(facts, ROLE, self._address, other, got, least, fee)
        return front._replace(key=FRONT), back._replace(key=BACK)


def _swapped(pool: PoolDepth, selling: bool, amount: float) -> Swap:
    return pool.sell(amount) if selling else pool.buy_up_to(float("inf"), amount)


def _most(pool: PoolDepth, selling: bool, amount: float, least: float, own: float) -> float:
    """The largest front after which the victim still gets `least`, by bisection."""
    low, high = 0.0, own
    for _ in range(ROUNDS):
        middle = (low + high) / 2
        after = pool.after(_swapped(pool, selling, middle))
        bears = _swapped(after, selling, amount).got > least * (1 + SLACK)
        low, high = (middle, high) if bears else (low, middle)
    return low


def _legs(pool: PoolDepth, selling: bool, amount: float, size: float) -> _Legs:
    front = _swapped(pool, selling, size)
    pushed = pool.after(front)
    moved = pushed.after(_swapped(pushed, selling, amount))
    return _Legs(front, _swapped(moved, not selling, front.got))
