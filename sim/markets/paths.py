"""Price paths on the block grid.

Element i of a path is the price `i x spacing` seconds after the begin of the run; there are `steps
+ 1` of them. Every candle draws from a stream of its own, so the hours before it (or their absence)
do not change it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim.elementary import exp
from sim.network import Correlated
from sim.prices import Candles, Pegged, PricePath, Prices, Process, Product, Single
from sim.scenario import ClockSpec
from sim.units import YEAR_S

Floats = NDArray[np.float64]
Stream = Callable[[str], np.random.Generator]

PARKINSON = 2 * math.sqrt(math.log(2))  # Parkinson (1980): sigma of a bar = log(high / low) / this
TREND_FIRST = 0.75  # how often a falling bar has its high before its low


def fundamental(prices: Prices, clock: ClockSpec, stream: Stream) -> Floats:
    """The price outside, without anybody's impact, for each step of the run."""
    if isinstance(prices, Product):
        base, *others = prices.factors
        path = fundamental(base, clock, stream)
        for i, factor in enumerate(others):
            path = path * _relative(factor, clock, _below(stream, f"price/factor/{i}/"))
        return path
    if isinstance(prices, Pegged):
        return fundamental(prices.base, clock, stream) * (1 - _discount(prices, clock))
    if isinstance(prices, Candles):
        return _candles(prices, clock, stream)
    offset = _offset(clock)
    whole = offset + clock.steps
    if isinstance(prices, Process):
        path = _process(prices, whole, clock.block_spacing_s, stream("price"))
    else:
        path = _piecewise(prices, whole, clock.block_spacing_s, stream("price"))
    return np.asarray(path[offset:])


def _offset(clock: ClockSpec) -> int:
    """Steps before the run."""
    return 3600 * clock.first_hour // clock.block_spacing_s


def _below(stream: Stream, prefix: str) -> Stream:
    return lambda name: stream(prefix + name)


def _relative(factor: Single, clock: ClockSpec, stream: Stream) -> Floats:
    """What the factor has become of its first price, for each step of the run; it stays where it
    ends."""
    hours = clock.first_hour + clock.hours
    if factor.seconds is not None:
        hours = min(hours, math.ceil(factor.seconds / 3600))
    spacing = clock.block_spacing_s
    known = ClockSpec(start=clock.start, hours=hours, block_spacing_s=spacing)
    path = fundamental(factor, known, stream) / factor.first
    steps = np.arange(_offset(clock), _offset(clock) + clock.steps + 1)
    return np.asarray(path[np.minimum(steps, len(path) - 1)])


def _discount(pegged: Pegged, clock: ClockSpec) -> Floats:
    steps = np.arange(_offset(clock), _offset(clock) + clock.steps + 1)
    hours, discounts = zip(*pegged.discount, strict=True)
    return np.interp(steps * clock.block_spacing_s / 3600, hours, discounts)


def _candles(candles: Candles, clock: ClockSpec, stream: Stream) -> Floats:
    begin = 3600 * clock.first_hour // candles.interval_s
    end = -(-3600 * (clock.first_hour + clock.hours) // candles.interval_s)
    points = candles.interval_s // clock.block_spacing_s
    last = candles.bars[begin - 1][2] if begin else candles.open
    parts = [np.array([last])]
    for i in range(begin, end):
        parts.append(bridge_bar(last, candles.bars[i], points, stream(f"price/bar/{i}")))
        last = candles.bars[i][2]
    skipped = (3600 * clock.first_hour - begin * candles.interval_s) // clock.block_spacing_s
    return np.asarray(np.concatenate(parts)[skipped : skipped + clock.steps + 1])


def bridge_bar(
    before: float, bar: tuple[float, float, float], points: int, rng: np.random.Generator
) -> Floats:
    """`points` prices after `before` that stay within the bar, touch its high and its low and end
    at its close."""
    high, low, close = bar
    free = sorted(rng.choice(np.arange(1, points), size=2, replace=False).tolist())
    falling = (close <= before) == (rng.random() < TREND_FIRST)
    extremes = (high, low) if falling else (low, high)
    turns = {at: p for at, p in zip(free, extremes, strict=True) if p != close}
    anchors = {0: before, **turns, points: close}
    sigma = math.log(high / low) / PARKINSON / math.sqrt(points)
    levels = _bridge({at: math.log(p) for at, p in anchors.items()}, sigma, rng)
    path = exp(_folded(levels, math.log(low), math.log(high)))[1:]
    for at, price in anchors.items():
        if at:
            path[at - 1] = price  # exactly, not up to rounding of the logarithm
    return np.asarray(np.clip(path, low, high))


def _bridge(anchors: dict[int, float], sigma: float, rng: np.random.Generator) -> Floats:
    """Brownian bridges between anchors (position -> level), `sigma` a step."""
    where = sorted(anchors)
    parts = [np.array([anchors[where[0]]])]
    for a, b in pairwise(where):
        steps = np.arange(1, b - a + 1)
        walk = np.cumsum(rng.normal(0.0, sigma, b - a))
        line = anchors[a] + (anchors[b] - anchors[a]) * steps / (b - a)
        parts.append(line + walk - walk[-1] * steps / (b - a))
    return np.concatenate(parts)


def _folded(x: Floats, low: float, high: float) -> Floats:
    """Reflect into [low, high], as often as it takes."""
    width = high - low
    if width == 0:
        return np.full_like(x, low)
    y = np.mod(x - low, 2 * width)
    return low + np.minimum(y, 2 * width - y)


def _process(process: Process, steps: int, spacing: int, rng: np.random.Generator) -> Floats:
    """Geometric Brownian motion with compound Poisson jumps and no drift of the diffusion's
    price."""
    return process.price * exp(jumps_and_diffusion(process, steps, spacing, rng))


def jumps_and_diffusion(
    process: Process | Correlated, steps: int, spacing: int, rng: np.random.Generator
) -> Floats:
    """Logarithm of a price of Merton's (1976) over its first one, for each step; the diffusion's
    price has no drift."""
    dt = spacing / YEAR_S
    sigma = process.volatility
    diffusion = rng.normal(-0.5 * sigma**2 * dt, sigma * np.sqrt(dt), steps)
    counts = rng.poisson(process.jumps_per_day * spacing / 86_400, steps)
    jumps = counts * process.jump_mean + np.sqrt(counts) * process.jump_sd * rng.normal(size=steps)
    return np.asarray(np.concatenate([[0.0], np.cumsum(diffusion + jumps)]))


def _piecewise(path: PricePath, steps: int, spacing: int, rng: np.random.Generator) -> Floats:
    """Straight in the logarithm between the points, each leg a bridge, so that the points are
    met."""
    position = [round(hour * 3600 / spacing) for hour, _ in path.points]
    anchors = {at: math.log(p) for at, (_, p) in zip(position, path.points, strict=True)}
    sigma = path.volatility * np.sqrt(spacing / YEAR_S)
    return exp(_bridge(anchors, sigma, rng))[: steps + 1]
