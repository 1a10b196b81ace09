"""The observed figures in the table of stylised facts, computed anew from the data they are of.

The data are not the project's: without them beside it the tests are skipped.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.metrics.statistics import (
    autocorrelation,
    recovered,
    skewness,
    tail_index,
    top_share,
    worst_window_share,
)
from tests.helpers.shared import january, read

CRASHES = {  # begin [UTC], hours
    "2020-03-12 00:00": 36,
    "2021-01-11 00:00": 24,
    "2021-05-19 00:00": 24,
    "2024-08-04 12:00": 30,
}
OCTOBER = "2025-10-10 12:00"
BASE_DAYS = 30


@pytest.fixture(scope="module")
def minutes() -> pd.DataFrame:
    """Price, and longs liquidated in USD, by the minute."""
    found = january()
    return pd.DataFrame({"price": found["mid"], "forced": 1e6 * found["sold"]})


@pytest.fixture(scope="module")
def hours() -> pd.DataFrame:
    return read("ethusdt_binance_1h_2019-12_2025-11.csv.gz", "datetime")


def test_forced_sales__of_january_2021__are_as_concentrated_as_the_table_says(
    minutes: pd.DataFrame,
) -> None:
    days = {str(day.date()): part["forced"] for day, part in minutes.resample("D")}
    worst = sorted(days, key=lambda day: -days[day].sum())[:6]
    shares = {d: worst_window_share(60 * np.arange(len(days[d])), days[d], 2400) for d in worst}
    assert shares["2021-01-11"] == pytest.approx(0.435, abs=0.001)
    assert shares["2021-01-21"] == pytest.approx(0.36, abs=0.002)
    assert shares["2021-01-08"] == pytest.approx(0.457, abs=0.001)
    tops = [top_share(days[d], 0.01) for d in worst]
    assert top_share(days["2021-01-11"], 0.01) == pytest.approx(0.477, abs=0.005)
    assert (min(tops), max(tops)) == (pytest.approx(0.47, abs=0.01), pytest.approx(0.66, abs=0.01))
    assert top_share(minutes["forced"], 0.01) == pytest.approx(0.67, abs=0.005)


def test_returns__of_january_2021__are_as_the_table_says(minutes: pd.DataFrame) -> None:
    returns = np.diff(np.log(minutes["price"].to_numpy()[::3]))
    assert autocorrelation(returns, 1) == pytest.approx(0.043, abs=0.002)
    assert autocorrelation(np.abs(returns), 1) == pytest.approx(0.34, abs=0.005)
    assert autocorrelation(np.abs(returns), 20) == pytest.approx(0.21, abs=0.005)
    assert tail_index(returns) == pytest.approx(3.2, abs=0.05)
    assert skewness(returns) == pytest.approx(-0.07, abs=0.01)
    slow = np.diff(np.log(minutes["price"].to_numpy()[::15]))
    assert skewness(slow) == pytest.approx(-0.31, abs=0.01)


def test_crashes__of_2020_to_2025__are_as_wild_and_busy_as_the_table_says(
    hours: pd.DataFrame,
) -> None:
    wild = {begin: _wildness(hours, begin, span) for begin, span in CRASHES.items()}
    assert _wildness(hours, OCTOBER, 24) == pytest.approx((3.1, 29), rel=0.03)
    assert min(w for w, _ in wild.values()) == pytest.approx(2.6, abs=0.06)
    assert max(w for w, _ in wild.values()) == pytest.approx(6.5, abs=0.06)
    assert min(v for _, v in wild.values()) == pytest.approx(7.9, abs=0.06)
    assert max(v for _, v in wild.values()) == pytest.approx(38, abs=0.5)


def test_falls__of_2020_to_2025__came_back_as_far_as_the_table_says(hours: pd.DataFrame) -> None:
    back = [_back(hours, begin, span) for begin, span in CRASHES.items()]
    assert _back(hours, OCTOBER, 24) == pytest.approx(0.33, abs=0.01)
    assert (min(back), max(back)) == (pytest.approx(0.43, abs=0.01), pytest.approx(0.68, abs=0.01))


def _wildness(hours: pd.DataFrame, begin: str, span: int) -> tuple[float, float]:
    """Hourly volatility, and the busiest hour's turnover, over the 30 days before (its median)."""
    start = pd.Timestamp(begin, tz="UTC")
    inside = (hours.index >= start) & (hours.index < start + pd.Timedelta(hours=span))
    before = (hours.index < start) & (hours.index >= start - pd.Timedelta(days=BASE_DAYS))
    returns, turnover = np.log(hours["close"]).diff(), hours["close"] * hours["volume"]
    return (
        float(returns[inside].std() / returns[before].std()),
        float(turnover[inside].max() / turnover[before].median()),
    )


def _back(hours: pd.DataFrame, begin: str, span: int) -> float:
    """Of the fall from the first open to the lowest low, 24 hours after that low's bar."""
    start = pd.Timestamp(begin, tz="UTC")
    window = hours[(hours.index >= start) & (hours.index < start + pd.Timedelta(hours=span))]
    low = window["low"].idxmin()
    later = hours["close"][hours.index >= low + pd.Timedelta(hours=24)].iloc[0]
    return recovered([window["open"].iloc[0], window["low"].min(), later], 1)
