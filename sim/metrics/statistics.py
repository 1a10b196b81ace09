"""Statistics of prices and of forced sales, on arrays."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from sim.elementary import log

Floats = npt.NDArray[np.float64]


def worst_window_share(times_s: npt.ArrayLike, values: npt.ArrayLike, window_s: float) -> float:
    """The largest share of all values that falls into a window of this length; NaN without any."""
    times, amounts = np.asarray(times_s, dtype=float), np.asarray(values, dtype=float)
    order = np.argsort(times, kind="stable")
    times, sums = times[order], np.concatenate([[0.0], np.cumsum(amounts[order])])
    if not sums[-1]:
        return math.nan
    ends = np.searchsorted(times, times + window_s, side="left")
    return float((sums[ends] - sums[:-1]).max() / sums[-1])


def top_share(values: npt.ArrayLike, share: float) -> float:
    """What the largest `share` of the values carry of their sum, at least one; NaN without any."""
    ranked = np.sort(np.asarray(values, dtype=float))[::-1]
    total = ranked.sum()
    return float(ranked[: max(1, round(share * len(ranked)))].sum() / total) if total else math.nan


def autocorrelation(values: npt.ArrayLike, lag: int) -> float:
    """At a lag of 1 or more, with the whole series' mean and variance; NaN for a constant."""
    gaps = np.asarray(values, dtype=float)
    gaps = gaps - gaps.mean()
    spread = float((gaps**2).sum())
    return float((gaps[lag:] * gaps[:-lag]).sum()) / spread if spread else math.nan


def tail_index(values: npt.ArrayLike, share: float = 0.05) -> float:
    """Hill's (1975) estimator on the largest `share` of the sizes; infinite without a tail."""
    sizes = np.sort(np.abs(np.asarray(values, dtype=float)))[::-1]
    k = max(1, int(share * len(sizes)))
    tail = sizes[: k + 1]
    if not tail[-1]:
        return math.nan
    mean = float(log(tail[:-1] / tail[-1]).mean())
    return 1 / mean if mean else math.inf


def skewness(values: npt.ArrayLike) -> float:
    """Third standardised moment; NaN for a constant."""
    gaps = np.asarray(values, dtype=float)
    gaps = gaps - gaps.mean()
    spread = float((gaps**2).mean())
    return float((gaps * gaps**2).mean()) / spread**1.5 if spread else math.nan


def recovered(prices: npt.ArrayLike, steps: int) -> float:
    """Share of the fall from the first to the lowest price that is back `steps` after the lowest,
    or at the end; NaN when nothing fell."""
    path = np.asarray(prices, dtype=float)
    low = int(path.argmin())
    fall = float(path[0] - path[low])
    later = path[min(low + steps, len(path) - 1)]
    return float(later - path[low]) / fall if fall > 0 else math.nan


def hit_probability(drop: float, volatility: float, years: float) -> float:
    """That a Brownian logarithm of the price without drift falls by the ratio `drop` within a time:
    2 Phi(ln(1 - drop) / (sigma sqrt(T))), by reflection."""
    return float(2 * ndtr(math.log(1 - drop) / (volatility * math.sqrt(years))))
