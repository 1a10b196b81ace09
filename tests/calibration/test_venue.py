"""The venue against the minutes of ether in January 2021, and turnover against six years of hours.

The observed figures are those that sim/README.md states; ours stand beside them. The data is beside
the project; without it these tests skip.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from sim.engines.base import address_of
from sim.markets.makers import MarketMakers
from sim.markets.venue import Venue, VenueOrder
from sim.people import NoiseSpec
from sim.scenario import VenueSpec, load_scenario
from tests.helpers.shared import hours, january

CRASH_DAY = "2021-01-11"
TRADER = address_of("trader")
WETH = 10**18


@pytest.fixture(scope="module")
def minutes() -> pd.DataFrame:
    return january()


def calm_venue(**changes: object) -> VenueSpec:
    """As deep as in January 2021."""
    return load_scenario("calm").venue.model_copy(update=changes)


def slope(x: pd.Series, y: pd.Series) -> float:
    """Of y on x with an intercept."""
    return float(np.polyfit(x, y, 1)[0])


# --- spread -------------------------------------------------------------------------------------


def test_spread__observed__is_that_of_the_issue(minutes):
    day = minutes.loc[CRASH_DAY, "spread"]
    assert minutes["spread"].median() == pytest.approx(0.85, abs=0.01)
    assert day.mean() == pytest.approx(3.1, abs=0.05)
    assert day.max() == pytest.approx(12.2, abs=0.05)


def test_spread__ours_on_the_same_prices__is_near_the_observed(minutes):
    makers = MarketMakers(calm_venue(), float(minutes["mid"].iloc[0]))
    quoted = []
    for price, sold, bought in minutes[["mid", "sold", "bought"]].itertuples(index=False):
        makers.observe(price, 60)
        quoted.append(2e4 * makers.half_spread)
        makers.forced(1e6 * (sold + bought))
    ours = pd.Series(quoted, minutes.index)
    day = ours[CRASH_DAY]
    assert ours.median() == pytest.approx(1.02, abs=0.03)  # observed: 0.85
    assert day.mean() == pytest.approx(2.7, abs=0.1)  # observed: 3.1
    assert day.max() == pytest.approx(10.5, abs=0.3)  # observed: 12.2
    assert np.corrcoef(ours, minutes["spread"])[0, 1] > 0.7


# --- forced sales, impact and return ------------------------------------------------------------


def test_forced_sales__observed__come_in_clusters(minutes):
    assert (minutes["sold"] > 0).mean() == pytest.approx(0.20, abs=0.005)
    lags = [minutes["sold"].autocorr(lag) for lag in (1, 2, 5, 10)]
    assert lags == pytest.approx([0.38, 0.18, 0.13, 0.05], abs=0.006)


def impacts(minutes: pd.DataFrame, moves: pd.Series) -> tuple[float, float]:
    """Percent a million in minutes above one, and a square-root million in minutes with any."""
    sold = minutes["sold"]
    large, some = sold > 1, sold > 0
    return (
        100 * slope(sold[large], moves[large]),
        100 * slope(np.sqrt(sold[some]), moves[some]),
    )


def test_impact__observed__is_that_of_the_issue(minutes):
    found = impacts(minutes, minutes["log"].diff().fillna(0.0))
    assert found == pytest.approx((-0.12, -0.41), abs=0.006)


def replayed(minutes: pd.DataFrame, spec: VenueSpec) -> tuple[pd.Series, pd.Series]:
    """What the forced trades of each minute move our venue's logarithm by, and the share of the
    depth that stands. The prices are those of the day, which hold the impact already."""
    price = float(minutes["mid"].iloc[0])
    venue = Venue(spec, price, ("WETH", 18), ("USDC", 6), inert=True)
    venue.open_account(TRADER, "WETH", 10**8 * WETH)
    venue.open_account(TRADER, "USDC", 10**11 * 10**6)
    moves, depth = [], []
    trades = minutes[["mid", "sold", "bought"]].itertuples(index=False)
    for i, (mid, sold, bought) in enumerate(trades):
        venue.advance(mid, 60, 60 * i)
        depth.append(venue.quote.depth)
        moves.append(venue.quote.moved(-1e6 * sold))
        for side, usd in (("sell", sold), ("buy", bought)):
            amount = int(usd * 1e6 / mid * WETH)
            venue.trade(VenueOrder("panic_sellers", TRADER, side, amount, forced=True))
    return pd.Series(moves, minutes.index), pd.Series(depth, minutes.index)


def test_impact__ours_of_the_same_trades__is_near_the_observed(minutes):
    moves, depth = replayed(minutes, calm_venue())
    assert impacts(minutes, moves)[0] == pytest.approx(-0.112, abs=0.004)  # observed: -0.115
    assert depth.median() == pytest.approx(0.95, abs=0.01)
    assert depth[minutes["sold"] > 1].mean() == pytest.approx(0.77, abs=0.02)

    moves, _ = replayed(minutes, calm_venue(impact_law="square_root"))
    assert impacts(minutes, moves)[1] == pytest.approx(-0.41, abs=0.01)  # observed: -0.415


def test_return__after_large_forced_sales__has_the_observed_course(minutes):
    sold = minutes["sold"] > 5
    first = sold & (sold.rolling(60).sum().shift(1).fillna(0) == 0)
    log = minutes["log"]
    back = [100 * float((log.shift(-m) - log)[first].mean()) for m in (5, 30, 60)]
    assert back == pytest.approx([0.55, 2.1, 2.8], abs=0.06)

    spec = calm_venue()
    ours = [1 - 0.5 ** (60 * m / spec.half_life_s) for m in (5, 30, 60)]
    assert [b / back[2] for b in back[:2]] == pytest.approx([0.20, 0.77], abs=0.01)
    assert [o / ours[2] for o in ours[:2]] == pytest.approx([0.18, 0.74], abs=0.01)


# --- turnover -----------------------------------------------------------------------------------


def test_turnover__defaults_of_noise_traders__are_those_of_six_years_of_hours():
    spec = NoiseSpec(venue_usd_per_day=1, pool_usd_per_day=1, usual_volatility=1)
    table = hours()
    assert slope(table["volatility"], table["volume"]) == pytest.approx(1.0, abs=0.02)
    rest = table["volume"] - table["volatility"]
    assert rest.std() == pytest.approx(spec.mood_sd, abs=0.01)
    assert rest.autocorr(1) == pytest.approx(0.52, abs=0.02)
    by_hour = rest.groupby(rest.index.hour).mean()
    wave = np.exp(2j * np.pi * np.arange(24) / 24)
    first = complex((by_hour.to_numpy() * wave).mean() * 2)
    assert abs(first) == pytest.approx(spec.day_swing, abs=0.02)
    assert np.angle(first) / (2 * np.pi) * 24 % 24 == pytest.approx(spec.peak_hour, abs=1.0)


def test_turnover__worst_hours_of_five_crashes__stay_under_the_most():
    spec = NoiseSpec(venue_usd_per_day=1, pool_usd_per_day=1, usual_volatility=1)
    table = hours()
    times, powers = [], []
    for day in ("2020-03-12", "2020-03-13", "2021-05-19", "2024-08-05", "2025-10-10"):
        worst = table.loc[day]["volume"].max()
        times.append(np.exp(worst))
        powers.append(worst / table.loc[day]["volatility"].max())
    assert min(times) == pytest.approx(7.5, abs=0.6)
    assert max(times) == pytest.approx(38, abs=1)
    assert max(times) < spec.most
    assert min(powers) < spec.elasticity < max(powers)
