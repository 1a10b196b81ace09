"""The keepers of a scenario: who is large, who is down when, and whose settings are wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.agents.base import Floats
from sim.agents.crew import Keeper
from sim.elementary import power
from sim.engines.base import address_of
from sim.people import KeepersSpec
from sim.scenario import Scenario
from sim.units import GWEI
from sim.world.rng import SeedTree

Keepers = tuple[Keeper, ...]


def draw_keepers(scenario: Scenario, seeds: SeedTree) -> tuple[Keepers, Keepers]:
    """Those who take with flash swaps, and those with capital of their own."""
    spec, faults = scenario.population.keepers, seeds.stream("population/keeper_faults")
    flash = _kind("flash", spec.flash, spec, seeds.stream("population/flash"))
    own = _kind("capital", spec.own_capital, spec, seeds.stream("population/capital"))
    return _with_faults(flash, scenario, faults), _with_faults(own, scenario, faults)


def sizes(count: int, decay: float) -> Floats:
    """Of the r-th of a kind, largest first: as r ** -decay, one in the mean."""
    weights = power(np.arange(1, count + 1), -decay)
    return np.asarray(weights / weights.mean()) if count else weights


def _kind(kind: str, count: int, spec: KeepersSpec, rng: np.random.Generator) -> list[Keeper]:
    return [
        Keeper(
            address_of(f"keepers/{kind}", i),
            float(rng.uniform(*spec.margin)),
            float(rng.uniform(*spec.bid_share)),
            float(rng.uniform(*spec.latency_s)),
            float(size),
        )
        for i, size in enumerate(sizes(count, spec.size_decay))
    ]


def _with_faults(keepers: list[Keeper], scenario: Scenario, rng: np.random.Generator) -> Keepers:
    """Stale settings and outages hit their shares of each kind up to whole ones; whom is drawn."""
    spec, calm = scenario.population.keepers, scenario.block_space.base_fee_gwei * GWEI
    lots = rng.permutation(len(keepers))
    stale = lots < round(spec.stale_bid_share * len(keepers))
    windows = [
        (_moments(outage.hours, scenario), rng.permutation(len(keepers)), outage.share)
        for outage in spec.outages
    ]
    return tuple(
        replace(
            keeper,
            max_fee=int(spec.stale_bid_multiple * calm) if stale[i] else None,
            outages=tuple(at for at, lot, share in windows if lot[i] < round(share * len(lot))),
            breakdown=spec.breakdowns_per_hour / 3600 / max(calm, 1.0),
        )
        for i, keeper in enumerate(keepers)
    )


def _moments(hours: tuple[float, float], scenario: Scenario) -> tuple[int, int]:
    begin, end = (scenario.clock.start + round(3600 * hour) for hour in hours)
    return begin, end
