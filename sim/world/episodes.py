"""Spells in which an account could be liquidated: from falling below health factor 1 until that is
over.

A spell lasts while the health factor is below 1 or a sale of the account's collateral is open, so
that designs with an auction are not counted as done when the auction begins.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sim.agents.base import Floats
from sim.engines.base import Address, Event


@dataclass(frozen=True, slots=True)
class Episode:
    """One spell of one account. Times since the start of the run [s]."""

    account: int
    start_s: int
    cleared_s: int | None
    debt: float  # when it began [USD]
    how: str


class Episodes:
    """Follows all accounts, step by step."""

    def __init__(self, accounts: Iterable[Address], liquidation: str = "liquidation") -> None:
        """`liquidation`: key of the module that sells for these accounts."""
        self._liquidation = liquidation
        self._index = {account: i for i, account in enumerate(accounts)}
        self._on_sale: set[int] = set()
        self._hit: set[int] = set()  # seized from since their spell began
        self._since: dict[int, tuple[int, float]] = {}
        self._most = np.zeros(len(self._index))
        self.finished: list[Episode] = []

    @property
    def ever_eligible(self) -> float:
        """Sum over accounts of the most that was ever eligible [USD]."""
        return float(self._most.sum())

    def update(self, time_s: int, debt: Floats, health: Floats, events: Iterable[Event]) -> float:
        """Take in the state after a step and the events of its block; returns the debt that is
        eligible now [USD]."""
        for event in events:
            self._follow(event)
        below = health < 1
        eligible = np.where(below, debt, 0.0)
        np.maximum(self._most, eligible, out=self._most)
        spells = self._on_sale.union(np.flatnonzero(below).tolist())
        for i in sorted(self._since.keys() - spells):
            since, owed = self._since.pop(i)
            how = "liquidated" if i in self._hit else "recovered"
            self.finished.append(Episode(i, since, time_s, owed, how))
        for i in sorted(spells - self._since.keys()):
            self._since[i] = time_s, float(debt[i])
        self._hit &= spells
        return float(eligible.sum())

    def open(self) -> list[Episode]:
        """Spells that the run's end has cut off."""
        return [Episode(i, t, None, owed, "open") for i, (t, owed) in self._since.items()]

    def _follow(self, event: Event) -> None:
        if event.contract != self._liquidation or event.args.get("account") not in self._index:
            return
        i = self._index[event.args["account"]]
        if event.name == "SaleStarted":
            self._on_sale.add(i)
        elif event.name == "SaleEnded":
            self._on_sale.discard(i)
        if event.name in ("SaleStarted", "Taken"):
            self._hit.add(i)
