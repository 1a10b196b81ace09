"""Who of the keepers is at work: alertness, outages that are known beforehand, and breakdowns that
come more often the dearer gas is.

A keeper breaks down with a hazard in proportion to the base fee (its node, its queue and its funds
for gas fail under the load that makes gas dear) and is repaired after `repair_s` in the mean. While
it is down it does nothing, and what it has sent waits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.agents.base import Floats, View, bid, chance
from sim.engines.base import Address
from sim.people import KeepersSpec

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Keeper:
    """Drawn once, by sim/world/keepers.py."""

    address: Address
    margin: float
    bid_share: float
    latency_s: float
    size: float = 1.0  # capital and alertness over those of the mean keeper
    max_fee: int | None = (
        None  # for base and priority fee, of one with wrong settings [wei per gas]
    )
    outages: tuple[tuple[int, int], ...] = ()  # from, until [unix s]
    breakdown: float = 0.0  # hazard for a base fee of one wei per gas [1/s]

    def pays_at_most(self, function: str, budget_usd: float, price: float) -> int:
        """The cap of a call that is worth `budget_usd` [wei per gas]."""
        cap = bid(function, budget_usd, price)
        return cap if self.max_fee is None else min(cap, self.max_fee)


class Crew:
    """All keepers of a kind, step by step."""

    def __init__(self, spec: KeepersSpec, spacing_s: int, members: Sequence[Keeper]) -> None:
        self._spacing_s, self._members = spacing_s, members
        self._alertness = np.minimum(1.0, [spec.alert * k.size for k in members])
        self._hazard: Floats = np.array([k.breakdown for k in members], dtype=float)
        self._broken = np.zeros(len(members), dtype=bool)
        self._repaired = chance(1 / spec.repair_s, spacing_s)
        self._outages = [(i, *outage) for i, k in enumerate(members) for outage in k.outages]

    def look(self, view: View, rng: np.random.Generator) -> tuple[Flags, Flags]:
        """Who is up, and who of them looks at the market in this step; draws twice each."""
        draws = rng.random((2, len(self._members)))
        if self._hazard.any():
            hazard = np.asarray(self._hazard * float(view.base_fee))
            breaks = draws[1] < chance(hazard, self._spacing_s)
            self._broken = np.where(self._broken, draws[1] >= self._repaired, breaks)
        up = ~(self._broken | self._scheduled(view.time))
        return up, up & (draws[0] < self._alertness)

    def _scheduled(self, now: int) -> Flags:
        down = np.zeros(len(self._members), dtype=bool)
        down[[i for i, a, b in self._outages if a <= now < b]] = True
        return down
