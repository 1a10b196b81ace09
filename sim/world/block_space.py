"""The chain's block space: what others want of it, what is left for ours, and the base fee.

The others are modelled, not sent. At a price of `p` for gas they want

    D(p) = wanted x target x Q(z + ln(p / level) / spread),   D(level) = target

in a slot: log-normal willingness to pay, Q the upper tail of the normal distribution. `level`, over
that of calm times, is exp(x), and x an Ornstein-Uhlenbeck process about the logarithm of the
schedule plus what a falling price adds. Who bids more stands in front: a transaction that pays `p`
in all finds the limit less D(p). The base fee follows EIP-1559 in each slot of 12 s, others' gas
and the usual gas of ours counted. A longer step is so many slots at the base fee of the first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import ndtr, ndtri

from sim.agents.base import Floats
from sim.block_space import LoadSpec
from sim.elementary import log
from sim.markets.paths import Stream, fundamental
from sim.scenario import Scenario
from sim.units import GWEI

SLOT_S = 12
ELASTICITY = 2  # limit over target, EIP-1559
DENOMINATOR = 8  # a full slot raises the base fee by an eighth
DAY_S, HOUR_S = 86_400, 3_600
CEILING = 10**6 * GWEI  # of the base fee: ours, who must, may want more than there is for ever


def next_base_fee(base_fee: int, gas: int, target: int) -> int:
    """EIP-1559's rule, in integers [wei per gas]."""
    if gas == target:
        return base_fee
    change = base_fee * abs(gas - target) // target // DENOMINATOR
    return base_fee + max(change, 1) if gas > target else base_fee - change


@dataclass(frozen=True, slots=True)
class Demand:
    """What others want in a slot, by price."""

    level: float  # the price at which they want the target [wei per gas]
    target: float  # [gas]
    wanted: float
    spread: float

    def above(self, price: float) -> float:
        """Gas wanted by those who pay at least `price` [wei per gas]."""
        z = _calm_quantile(self.wanted) + math.log(max(price, 1.0) / self.level) / self.spread
        return float(self.wanted * self.target * ndtr(-z))


@cache
def _calm_quantile(wanted: float) -> float:
    """Of the normal distribution, where all that is wanted is so many times the target."""
    return float(ndtri(1 - 1 / wanted))


class BlockSpace:
    """Without a load: the whole block is ours and the base fee stands still."""

    def __init__(self, scenario: Scenario) -> None:
        self.limit = scenario.block_gas
        self.base_fee = int(scenario.block_space.base_fee_gwei * GWEI)  # of the block to come

    @property
    def wanted(self) -> int:
        """Gas that others want in the block to come, at its base fee."""
        return 0

    def open(self, prices: Floats, time: int) -> None:
        """Before the block at `time`: others see the venue's prices so far, oldest first."""

    def room(self, price: int) -> int:
        """Gas left for who pays `price` in all [wei per gas]."""
        return self.limit

    def others(self, ours: int) -> int:
        """Gas that others use beside `ours` in the block to come."""
        return min(self.wanted, max(0, self.limit - ours))

    def close(self, ours: int) -> None:
        """After a block with `ours`, by usual gas: the base fee of the next one."""


class CrowdedSpace(BlockSpace):
    """Others on the chain, block by block."""

    def __init__(
        self, scenario: Scenario, load: LoadSpec, before: Floats, rng: np.random.Generator
    ) -> None:
        """`before`: the prices before the run, a step apart."""
        super().__init__(scenario)
        self._load, self._before, self._rng = load, before, rng
        self._hour_0, self._spacing = scenario.clock.start, scenario.clock.block_spacing_s
        self._slots = max(1, round(self._spacing / SLOT_S))
        self._target = self.limit / self._slots / ELASTICITY
        self._calm = max(1.0, scenario.block_space.base_fee_gwei * GWEI)
        hours, times = zip(*load.schedule, strict=True)
        self._schedule = np.array(hours, dtype=float), log(times)
        self._x = self._mean(np.array([]), scenario.clock.begin)
        self._demand = self._wish(0.0)
        self.base_fee = int(self._demand.level)

    @property
    def wanted(self) -> int:
        return int(self._slots * self._demand.above(self.base_fee))

    def open(self, prices: Floats, time: int) -> None:
        slow, fast = self._rng.standard_normal(2)
        kept = 2.0 ** (-self._spacing / self._load.half_life_s)
        pull = (1 - kept) * (self._mean(prices, time) - self._x)
        self._x += pull + self._load.noise * math.sqrt(1 - kept**2) * slow
        self._x = min(self._x, math.log(self._load.most))
        self._demand = self._wish(self._load.burst / math.sqrt(self._slots) * fast)

    def room(self, price: int) -> int:
        return max(0, int(self.limit - self._slots * self._demand.above(price)))

    def close(self, ours: int) -> None:
        target, limit = int(self._target), self.limit // self._slots
        for _ in range(self._slots):
            gas = min(limit, int(self._demand.above(self.base_fee)) + ours // self._slots)
            self.base_fee = min(CEILING, next_base_fee(self.base_fee, gas, target))

    def _wish(self, burst: float) -> Demand:
        load = self._load
        level = self._calm * math.exp(self._x + burst)
        return Demand(level, self._target, load.wanted, load.spread)

    def _mean(self, prices: Floats, time: int) -> float:
        """Where the logarithm of the level is drawn to."""
        load = self._load
        x = float(np.interp((time - self._hour_0) / 3600, *self._schedule))
        seen = np.concatenate([self._before, prices])[-DAY_S // self._spacing - 1 :]
        if len(seen):
            hour_ago = seen[-min(len(seen), HOUR_S // self._spacing + 1)]
            x += load.drawdown_weight * (1 - seen[-1] / seen.max())
            x += load.speed_weight * max(0.0, 1 - seen[-1] / hour_ago)
        return min(x, math.log(load.most))


def block_space(scenario: Scenario, stream: Stream) -> BlockSpace:
    """As the scenario says."""
    load = scenario.block_space.load
    if load is None:
        return BlockSpace(scenario)
    return CrowdedSpace(scenario, load, _before(scenario, stream), stream("world/load"))


def _before(scenario: Scenario, stream: Stream) -> Floats:
    """The outside price of the steps before the run, as a run from hour 0 on would have met it."""
    clock = scenario.clock
    from_0 = {"first_hour": 0, "hours": clock.first_hour + clock.hours}
    whole = fundamental(scenario.prices, clock.model_copy(update=from_0), stream)
    return whole[: len(whole) - 1 - clock.steps]
