"""Noise traders: the turnover that is there anyhow, on the venue and in the pool.

What they trade in a day of calm is given; at a moment it is that times

    season(hour) x mood x (volatility / usual) ^ elasticity,    at most `most`

because volume follows volatility (Karpoff 1987; Tauchen and Pitts 1983), has a shape over the day
and comes in clusters: the mood is a log-normal autoregression with mean one.

On the venue they are one crowd that trades among itself at the mid price, and a small remainder of
one side that meets the book. In the pool a few of them swap amounts of log-normal size; who holds
more of a token sells it more often, so that nobody runs dry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from sim.agents.base import (
    LEAST_SALE_USD,
    Facts,
    Floats,
    Intent,
    News,
    View,
    Wish,
    everyday_fee,
    swap,
    volatility,
)
from sim.engines.base import Address
from sim.markets.venue import Side, VenueOrder
from sim.people import NoiseSpec

ROLE = "noise_traders"
DAY_S = 86_400
GAS_SHARE = 0.05  # of a swap that its gas may cost


class NoiseTraders:
    """All noise traders of a market's pool and venue."""

    role = ROLE

    def __init__(
        self, facts: Facts, spec: NoiseSpec, swappers: Sequence[Address], crowd: Address
    ) -> None:
        """`crowd` trades on the venue."""
        self._facts = facts
        self._spec = spec
        self._swappers = swappers
        self._crowd = crowd
        self._mood = 0.0  # in standard deviations

    def act(self, view: View, rng: np.random.Generator) -> list[Wish]:
        shock, side = rng.standard_normal(2)
        slots = self._spec.swaps_per_step
        who = rng.permutation(len(self._swappers))[:slots]
        luck = rng.random((slots, 2))
        sizes = rng.lognormal(-0.5 * self._spec.size_spread**2, self._spec.size_spread, slots)
        fee = everyday_fee(rng)
        activity = self._activity(view, float(shock))
        return [
            *self._on_venue(view, activity, float(side)),
            *self._in_pool(view, activity, who.tolist(), luck, sizes, fee),
        ]

    def learn(self, news: News) -> list[Wish]:
        return []

    def _activity(self, view: View, shock: float) -> float:
        """Turnover now, in that of a calm day."""
        spec, hours = self._spec, self._facts.spacing_s / 3600
        keeps = 0.5 ** (hours / spec.mood_half_life_h)
        self._mood = keeps * self._mood + math.sqrt(1 - keeps**2) * shock
        mood = math.exp(spec.mood_sd * self._mood - 0.5 * spec.mood_sd**2)
        hour = view.time % DAY_S / 3600
        season = 1 + spec.day_swing * math.cos(2 * math.pi * (hour - spec.peak_hour) / 24)
        swing = volatility(view, self._facts, spec.window_s) / spec.usual_volatility
        return float(min(spec.most, season * mood * swing**spec.elasticity))

    def _on_venue(self, view: View, activity: float, side: float) -> list[VenueOrder]:
        calm = self._spec.venue_usd_per_day * self._facts.spacing_s / DAY_S
        among = self._amount(calm * activity, view)
        # independent trades: the remainder grows as the root of their number
        rest = self._amount(self._spec.imbalance * calm * math.sqrt(activity) * abs(side), view)
        orders = []
        if among:
            orders.append(VenueOrder(ROLE, self._crowd, "cross", among, forced=False))
        if rest:
            way: Side = "buy" if side > 0 else "sell"
            orders.append(VenueOrder(ROLE, self._crowd, way, rest, forced=False))
        return orders

    def _amount(self, usd: float, view: View) -> int:
        return int(usd / view.venue_price * self._facts.collateral_unit)

    def _in_pool(
        self,
        view: View,
        activity: float,
        who: Sequence[int],
        luck: Floats,
        sizes: Floats,
        fee: int,
    ) -> list[Intent]:
        spec = self._spec
        expected = spec.pool_usd_per_day * self._facts.spacing_s / DAY_S * activity
        wanted = expected / spec.size_usd / spec.swaps_per_step  # of each slot
        larger = max(1.0, wanted)  # what the slots can't hold goes into the sizes
        swaps = [
            self._swap(view, self._swappers[i], float(size) * spec.size_usd * larger, side, fee)
            for i, (comes, side), size in zip(who, luck.tolist(), sizes, strict=False)
            if comes < wanted
        ]
        return [intent for intent in swaps if intent is not None]

    def _swap(self, view: View, me: Address, usd: float, side: float, fee: int) -> Intent | None:
        facts, depth, slip = self._facts, view.depth, self._spec.slippage
        collateral = view.wallets.on_chain(me, facts.collateral)
        debt = view.wallets.on_chain(me, facts.debt)
        value = collateral / facts.collateral_unit * view.venue_price
        total = value + debt / facts.debt_unit
        if usd * GAS_SHARE < view.gas_usd("exactInputSingle", fee) or total < LEAST_SALE_USD:
            return None
        if side < value / total:
            most = depth.sell_down_to(depth.price * (1 - slip)).spent
            amount = min(self._amount(usd, view), collateral, int(most))
            least = int(depth.sell(amount).got * (1 - slip))
            return swap(facts, ROLE, me, facts.collateral, amount, least, fee) if amount else None
        budget = min(int(usd * facts.debt_unit), debt)
        bought = depth.buy_up_to(depth.price * (1 + slip), budget)
        if not bought.got:
            return None
        least = int(bought.got * (1 - slip))
        return swap(facts, ROLE, me, facts.debt, int(bought.spent), least, fee)
