"""Prices of further assets, from the first one's path."""

from __future__ import annotations

import numpy as np

from sim.elementary import exp, log
from sim.markets.paths import Floats, jumps_and_diffusion
from sim.network import Correlated, Pegged
from sim.prices import Prices
from sim.scenario import ClockSpec


def linked(
    price: Correlated | Pegged,
    first: Floats,
    prices: Prices,
    clock: ClockSpec,
    rng: np.random.Generator,
) -> Floats:
    """A price on the steps of the run; `first` is the first asset's, of the scenario's `prices`."""
    if isinstance(price, Pegged):
        return np.asarray(first * (1 - discounts(price, clock)))
    own = jumps_and_diffusion(price, len(first) - 1, clock.block_spacing_s, rng)
    moved = price.beta * log(first / prices.first)
    return price.price * exp(moved + own)


def discounts(price: Pegged, clock: ClockSpec) -> Floats:
    """Of a claim to the first asset, at each step."""
    hours = clock.first_hour + np.arange(clock.steps + 1) * clock.block_spacing_s / 3600
    at, values = zip(*price.discount, strict=True)
    return np.asarray(np.interp(hours, at, values))
