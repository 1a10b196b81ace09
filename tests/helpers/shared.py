"""Market data beside the project, which is not part of it: tests that need it skip without."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.helpers.source import ROOT

DATA = ROOT.parent / "shared" / "data"


def read(name: str, time: str) -> pd.DataFrame:
    """A table indexed by its column `time`, UTC; the test skips where there is none."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is not there")
    table = pd.read_csv(path)
    table.index = pd.DatetimeIndex(pd.to_datetime(table.pop(time), utc=True))
    return table


def january() -> pd.DataFrame:
    """Binance ETHUSDT perpetual, January 2021, by the minute.

    mid [USD], spread [bp], sold and bought: forced sales and purchases [million USD], log: of the
    mid price.
    """
    raw = read("ethusdt_binance_perp_1m_2021-01_with_liquidations.csv.gz", "time_utc")
    return pd.DataFrame(
        {
            "mid": raw["mid"],
            "spread": raw["spread_bps"],
            "sold": raw["long_liq_eth"] * raw["mid"] / 1e6,
            "bought": raw["short_liq_eth"] * raw["mid"] / 1e6,
            "log": np.log(raw["mid"]),
        }
    )


def hours() -> pd.DataFrame:
    """Binance ETHUSDT spot by the hour, 2019 to 2025.

    usd: turnover [USD]; volume and volatility: logarithms of turnover and of the range, less their
    medians of the month before.
    """
    raw = read("ethusdt_binance_1h_2019-12_2025-11.csv.gz", "datetime")
    usd = raw["volume"] * raw["close"]
    swing = np.log(raw["high"] / raw["low"])
    month = 24 * 30
    frame = pd.DataFrame(
        {
            name: np.log(column.clip(lower=least))
            for name, column, least in (("volume", usd, 1.0), ("volatility", swing, 1e-4))
        }
    )
    return (frame - frame.rolling(month).median()).assign(usd=usd).dropna()
