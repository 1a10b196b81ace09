"""The monitor: watches a run and says, at any step, what a fall of the price would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Facts, Floats
from sim.engines.base import Address, Block, Snapshot
from sim.metrics.risk import Cluster, at_risk, drops, next_cluster
from sim.monitor.book import Book
from sim.units import FEED, LIQUIDATE, WAD
from sim.world.pool_book import PoolBook

FALLS = (0.0, 0.01, 0.02, 0.05, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3, 0.4, 0.5)
NEAR = 0.2  # accounts closer to insolvency than this fall are listed
LISTED = 8


@dataclass(frozen=True, slots=True)
class Risk:
    """What one fall of the price does."""

    fall: float  # ratio
    debt: float  # with a health factor below 1 after it [USD]
    depth: float  # what the pool pays until its own price has fallen as far [USD]


@dataclass(frozen=True, slots=True)
class Exposed:
    """An account near insolvency."""

    account: Address
    debt: float  # [USD]
    collateral: float  # of the first collateral [token]
    health: float
    drop: float  # fall of the price that makes it liquidatable; below zero: it is


@dataclass(frozen=True, slots=True)
class Guard:
    """A breaker."""

    key: str
    contract: str
    tier: int
    phase: str
    left_s: int  # until the latched tier ends; 0 when none is latched [s]
    locked: bool
    modes: dict[str, str]  # by action


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a view shows. Amounts in [USD]."""

    time_s: int  # since the start of the run
    price: float  # as the market reads it
    pool: float
    debt: float
    in_sale: float
    bad: float
    cash: float
    halted_s: int  # how long liquidation stays halted [s]
    risks: tuple[Risk, ...]
    exposed: tuple[Exposed, ...]
    cluster: Cluster | None
    guards: tuple[Guard, ...]
    asked: tuple[str, ...]  # collaterals whose feed logs no answer and was asked


class Monitor:
    """An observer of a run (sim/world/observer.py)."""

    def __init__(self) -> None:
        self.now = self._began = 0

    def open(
        self, facts: Facts, accounts: Sequence[Address], pool: PoolBook, state: Snapshot
    ) -> None:
        """The set-up is done."""
        self._facts, self.book = facts, Book(facts, accounts, pool, state)
        self.now = self._began = state.timestamp

    def step(self, block: Block | None, state: Snapshot) -> None:
        """Of the state only the time is read, and the answers of feeds that log none."""
        if block is not None:
            self.book.follow(block.events, block.timestamp)
        self.now = state.timestamp
        self.book.prices.tell(state.feeds)

    def report(self) -> Report:
        """As of the next step."""
        book, facts, now = self.book, self._facts, self.now
        standing, unit = book.standing(now), facts.debt_unit
        debt = np.array(standing.debt, dtype=float) / unit
        health = np.where(debt > 0, np.array(standing.health, dtype=float) / WAD, np.inf)
        held = np.array(standing.collateral[0], dtype=float) / facts.collateral_unit
        depth = book.depth
        return Report(
            time_s=now - self._began,
            price=book.prices.answer(facts.collateral) / FEED,
            pool=depth.price,
            debt=book.debts.total(now) / unit,
            in_sale=book.debts.in_sale / unit,
            bad=book.debts.bad / unit,
            cash=book.debts.cash / unit,
            halted_s=max(0, book.debts.halts.until[LIQUIDATE] - now),
            risks=tuple(
                Risk(fall, float(reached), depth.paid_down_by(fall) / unit)
                for fall, reached in zip(FALLS, at_risk(debt, health, np.array(FALLS)), strict=True)
            ),
            exposed=_exposed(standing.accounts, debt, held, health),
            cluster=next_cluster(debt, health),
            guards=self._guards(now),
            asked=book.prices.mute,
        )

    def _guards(self, now: int) -> tuple[Guard, ...]:
        return tuple(
            Guard(
                key,
                state.spec.contract,
                state.tier,
                state.phase(now),
                max(0, state.ends_at - now),
                state.locked,
                state.modes(now),
            )
            for key, state in self.book.breakers.items()
        )


def _exposed(
    accounts: Sequence[Address],
    debt: Floats,
    held: Floats,
    health: Floats,
) -> tuple[Exposed, ...]:
    """The largest of those within `NEAR`, by debt."""
    distance = drops(health)
    near = np.flatnonzero((debt > 0) & (distance < NEAR))
    largest = near[np.argsort(-debt[near], kind="stable")][:LISTED]
    return tuple(
        Exposed(accounts[i], float(debt[i]), float(held[i]), float(health[i]), float(distance[i]))
        for i in largest
    )
