"""A lending market as its events tell it.

The book opens with the lens's reading at the end of the set-up, as an indexer starts at a
checkpoint, and with the design, which is public. From there on it hears events and nothing else,
but for the answers of feeds that log none (sim/monitor/prices.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sim.agents.base import Facts
from sim.engines.base import Address, Event, PoolState, Snapshot
from sim.markets.depth import PoolDepth
from sim.mechanisms.market.interest import Model
from sim.mechanisms.periphery.lens import standing
from sim.monitor.breakers import BreakerState
from sim.monitor.debts import Debts
from sim.monitor.prices import Prices
from sim.units import to_wad
from sim.world.pool_book import PoolBook

HELD = ("CollateralSupplied", "CollateralWithdrawn", "Seized", "CollateralReturned")


@dataclass(frozen=True, slots=True)
class Standing:
    """All accounts that ever owed or held, at a time."""

    accounts: Sequence[Address]
    debt: Sequence[int]  # [debt token]
    collateral: Sequence[Sequence[int]]  # by collateral in the market's order [collateral token]
    health: Sequence[int]  # [WAD]; MAX_UINT without debt


class Book:
    """Folds events. Questions are asked of a time, because interest and halts run on."""

    def __init__(
        self, facts: Facts, accounts: Sequence[Address], pool: PoolBook, state: Snapshot
    ) -> None:
        rates, now = facts.design.market.interest, state.timestamp
        shares = (rates.base, rates.kink, rates.at_kink, rates.at_full, rates.reserve_factor)
        at = facts.deployment.addresses
        self._facts = facts
        self._pool, self._pool_state = pool, state.pool
        self._tokens = [at[symbol] for symbol in facts.deployment.collaterals]
        self._held: dict[tuple[Address, Address], int] = defaultdict(int)  # by token, account
        for symbol, amounts in state.collateral.items():
            self._held.update({(at[symbol], a): x for a, x in zip(accounts, amounts, strict=True)})
        opening = dict(zip(accounts, state.debt, strict=True))
        self.debts = Debts(Model(*map(to_wad, shares)), state.market, opening, now)
        self.prices = Prices(facts, state.feeds)
        specs = enumerate(facts.design.breakers)
        self.breakers = {facts.breaker(i): BreakerState(spec) for i, spec in specs}

    def follow(self, events: Iterable[Event], now: int) -> None:
        """The events of a block, in order."""
        for event in events:
            name, args = event.name, event.args
            if event.contract == self._facts.market:
                self.debts.follow(name, args, now)
                if name in HELD:
                    self._held[args["collateral"], args["account"]] = args["balance"]
            elif event.contract == self._facts.pool and name == "Swap":
                root = args["sqrtPriceX96"]
                self._pool_state = replace(self._pool_state, sqrt_price_x96=root)
            elif event.contract in self.breakers:
                self.breakers[event.contract].follow(name, args)
            self.prices.follow(event.contract, name, args, now)

    def standing(self, now: int) -> Standing:
        """Debts, collateral and health factors, rounded as the lens rounds them."""
        scaled = self.debts.scaled
        held = [[self._held[token, account] for account in scaled] for token in self._tokens]
        debts, health = standing(
            self.debts.index(now), self.prices.terms(now), scaled.values(), held
        )
        return Standing(tuple(scaled), debts, held, health)

    @property
    def pool(self) -> PoolState:
        """Only its price follows the events."""
        return self._pool_state

    @property
    def depth(self) -> PoolDepth:
        """Of the pool at its present price."""
        return self._pool.depth(self._pool_state)
