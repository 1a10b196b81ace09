"""What the stylised facts need to know of one run, beside its metrics."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from sim.elementary import log
from sim.metrics.registry import evaluate
from sim.metrics.series import events, pool_swaps, takes
from sim.metrics.statistics import (
    Floats,
    autocorrelation,
    recovered,
    skewness,
    tail_index,
    top_share,
    worst_window_share,
)
from sim.trace import Trace
from sim.units import YEAR_S

DAY_S = 86_400
LAGS = (1, 10, 20)  # of the autocorrelation of the sizes of returns [steps]
NEAR_ZERO = 0.1  # of the venue's price: less is next to nothing


def observe(trace: Trace) -> dict[str, float | None]:
    """By name; None where a run has nothing to measure."""
    steps = trace.rows("block")
    found = {
        **evaluate(trace),
        **_amplified(steps),
        **_liquidations(trace, steps),
        **_returns(steps),
        **_volume(trace),
        **_trips(trace),
        "fell_pct": _fell(steps, "venue"),
        "outside_fell_pct": _fell(steps, "fundamental"),
    }
    return {name: _known(value) for name, value in found.items()}


def _known(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _fell(steps: pd.DataFrame, column: str) -> float:
    """From the first price outside to the column's lowest."""
    return 100 * (1 - float(steps[column].min() / steps["fundamental"].iloc[0]))


def _amplified(steps: pd.DataFrame) -> dict[str, float]:
    """Falls of the logarithm: without impact the venue's price is the fundamental one."""
    fall, alone = (
        math.log(steps[column].iloc[0] / steps[column].min()) for column in ("venue", "fundamental")
    )
    day = round(DAY_S / _spacing(steps))
    return {
        "amplification": fall / alone if alone > 0 else math.nan,
        "branching": 1 - alone / fall if fall > 0 else math.nan,
        "venue_gap_pct": 100 * float((1 - steps["venue"] / steps["fundamental"]).max()),
        "recovered_24h_pct": 100 * recovered(steps["venue"], day),
        "outside_recovered_24h_pct": 100 * recovered(steps["fundamental"], day),
    }


def _spacing(steps: pd.DataFrame) -> int:
    return int(steps["time_s"].iloc[1] - steps["time_s"].iloc[0])


def _liquidations(trace: Trace, steps: pd.DataFrame) -> dict[str, float]:
    """Concentration in time, within the day that had most; and sales for next to nothing."""
    sold = takes(trace)
    if sold.empty:
        return {}
    times, values = sold["time_s"].to_numpy(float), sold["value"].to_numpy(float)
    begin = _busiest_day(times, values)
    inside = (times >= begin) & (times < begin + DAY_S)
    slots = np.bincount(
        ((times[inside] - begin) // _spacing(steps)).astype(int),
        weights=values[inside],
        minlength=DAY_S // _spacing(steps),
    )
    paid = sold["price"] / sold["venue"]
    return {
        "worst_30min_pct": 100 * worst_window_share(times[inside], values[inside], 1800),
        "worst_40min_pct": 100 * worst_window_share(times[inside], values[inside], 2400),
        "top_1pct_of_time_pct": 100 * top_share(slots, 0.01),
        "near_zero_sales_pct": 100 * float((paid < NEAR_ZERO).mean()),
        "bad_debt_of_liquidated_pct": 100 * _ratio(steps, "bad_debt", "executed_debt"),
    }


def _busiest_day(times: Floats, values: Floats) -> float:
    """Begin of the 24 hours, beginning with a sale, that hold the largest value."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.searchsorted(times, times + DAY_S, side="left")
    return float(times[int(np.argmax(sums[ends] - sums[:-1]))])


def _ratio(steps: pd.DataFrame, over: str, under: str) -> float:
    """Of two columns at the end."""
    below = float(steps[under].iloc[-1])
    return float(steps[over].iloc[-1]) / below if below else math.nan


def _returns(steps: pd.DataFrame) -> dict[str, float]:
    """Of the logarithm of the venue's price, step by step."""
    returns = np.diff(log(steps["venue"]))
    sizes = np.abs(returns)
    return {
        "autocorrelation_1": autocorrelation(returns, 1),
        **{f"size_autocorrelation_{lag}": autocorrelation(sizes, lag) for lag in LAGS},
        "tail_index": tail_index(returns),
        "skewness": skewness(returns),
        "hourly_volatility": _hourly_volatility(steps),
    }


def _hourly_volatility(steps: pd.DataFrame) -> float:
    """Of the logarithm, from one price an hour, as candles give it [per square-root year]."""
    returns = np.diff(log(steps["venue"][:: 3600 // _spacing(steps)]))
    return float(returns.std(ddof=1)) * math.sqrt(YEAR_S / 3600) if len(returns) > 1 else math.nan


def _volume(trace: Trace) -> dict[str, float]:
    """On venue and pool together, by the hour [USD]."""
    trades, swaps = trace.rows("trade"), pool_swaps(trace)
    times = np.concatenate([trades["time_s"].to_numpy(float), swaps["time_s"].to_numpy(float)])
    usd = np.concatenate([trades["usd"].to_numpy(float), swaps["debt"].abs().to_numpy(float)])
    hours = int(trace.rows("block")["time_s"].iloc[-1]) // 3600 or 1
    by_hour = np.bincount((times // 3600).astype(int), weights=usd, minlength=hours)
    return {"busiest_hour_usd": float(by_hour.max()), "mean_hour_usd": float(by_hour.sum()) / hours}


def _trips(trace: Trace) -> dict[str, float]:
    """Whether a breaker latched any tier, and when first."""
    latched = events(trace, "TierLatched")
    if latched.empty:
        return {"tripped": 0.0}
    return {"tripped": 1.0, "first_trip_s": float(latched["time_s"].min())}
