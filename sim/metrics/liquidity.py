"""Liquidity when it is needed: depth, spread, and how far prices of one thing stand apart."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sim.metrics.registry import metric
from sim.metrics.series import events
from sim.trace import Trace

NEAR = 0.05  # a feed this close to the market counts as right


def feed_gaps(trace: Trace) -> pd.Series:
    """Distance of the feed from the pool at each take, a ratio of the pool's price after the
    step."""
    takes = events(trace, "Taken")
    if takes.empty:
        return pd.Series(dtype=float)
    steps = trace.rows("block").set_index("time_s")
    gap = (steps["oracle"] / steps["pool"] - 1).abs()
    return gap.loc[takes["time_s"]]


@metric("%", "lower", "How much of the pool's depth within 2% of its price was gone at the worst")
def pool_depth_lost_pct(trace: Trace) -> float | None:
    depth = trace.rows("block")["pool_depth"]
    first = float(depth.iloc[0])
    return 100 * (1 - float(depth.min()) / first) if first else None


@metric("%", "lower", "Largest share of what the pool held that was collateral, by worth")
def pool_collateral_peak_pct(trace: Trace) -> float:
    return 100 * float(trace.rows("block")["pool_collateral"].max())


@metric("%", "lower", "How much of the venue's calm depth was gone at the worst")
def venue_depth_lost_pct(trace: Trace) -> float:
    return 100 * (1 - float(trace.rows("block")["venue_depth"].min()))


@metric("bp", "lower", "Widest spread on the venue, bid to ask")
def venue_spread_worst_bp(trace: Trace) -> float:
    return 2e4 * float(trace.rows("block")["half_spread"].max())


@metric("bp", "lower", "Distance of the pool's price from the venue's, 95% of the steps are nearer")
def pool_gap_p95_bp(trace: Trace) -> float:
    steps = trace.rows("block")
    return 1e4 * float((steps["pool"] / steps["venue"] - 1).abs().quantile(0.95))


@metric("%", "lower", "Steps in which the feed was further than 5% from the venue")
def feed_far_pct(trace: Trace) -> float:
    steps = trace.rows("block")
    return 100 * float(((steps["oracle"] / steps["venue"] - 1).abs() > NEAR).mean())


@metric("bp", "lower", "Distance of the feed from the pool at liquidations, median")
def feed_gap_p50_bp(trace: Trace) -> float | None:
    return _gap(trace, 0.5)


@metric("bp", "lower", "Distance of the feed from the pool at liquidations, 95% are nearer")
def feed_gap_p95_bp(trace: Trace) -> float | None:
    return _gap(trace, 0.95)


def _gap(trace: Trace, quantile: float) -> float | None:
    gaps = feed_gaps(trace)
    return 1e4 * float(np.quantile(gaps, quantile)) if len(gaps) else None
