"""Prices: how far they fell, and how much further than without anybody's impact."""

from __future__ import annotations

from sim.metrics.registry import metric
from sim.metrics.series import pool_swaps
from sim.trace import Trace


def _trough(trace: Trace, column: str) -> float:
    return float(trace.rows("block")[column].min())


@metric("USD/token", "higher", "Lowest price in the Uniswap pool after a step")
def price_trough_dex(trace: Trace) -> float:
    return _trough(trace, "pool")


@metric("USD/token", "higher", "Lowest price on the off-chain venue after a step")
def price_trough_venue(trace: Trace) -> float:
    return _trough(trace, "venue")


@metric("%", "lower", "How far the venue's price fell from its first to its lowest after a step")
def fall_pct(trace: Trace) -> float:
    venue = trace.rows("block")["venue"]
    return 100 * (1 - float(venue.min()) / float(venue.iloc[0]))


@metric("USD/token", "neither", "Lowest price of the path without anybody's impact")
def fundamental_trough(trace: Trace) -> float:
    return _trough(trace, "fundamental")


@metric(
    "%",
    "lower",
    "How far the lower of pool and venue trough lies below the fundamental one; negative: above it",
)
def overshoot_pct(trace: Trace) -> float:
    lowest = min(_trough(trace, "pool"), _trough(trace, "venue"))
    return 100 * (1 - lowest / _trough(trace, "fundamental"))


@metric(
    "%",
    "lower",
    "Largest gap at one moment from the fundamental price down to the lower of pool and venue",
)
def largest_gap_pct(trace: Trace) -> float:
    steps = trace.rows("block")
    gap = 1 - steps[["pool", "venue"]].min(axis=1) / steps["fundamental"]
    return 100 * max(0.0, float(gap.max()))


@metric(
    "USD", "lower", "What panicking holders sold, on the venue and in the pool, at what they got"
)
def panic_sold_usd(trace: Trace) -> float:
    trades = trace.rows("trade")
    on_venue = trades[(trades["role"] == "panic_sellers") & (trades["side"] == "sell")]["usd"]
    swaps = pool_swaps(trace)
    in_pool = swaps[(swaps["role"] == "panic_sellers") & (swaps["collateral"] > 0)]["debt"]
    return float(on_venue.sum() - in_pool.sum())
