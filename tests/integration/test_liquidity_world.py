"""Liquidity in a whole run: who ties the pool to the market, and what leaves in a storm."""

from __future__ import annotations

from functools import cache

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.metrics import liquidity
from sim.scenario import load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

SMALL = (
    "population.borrowers.count=60",
    "population.panic_sellers.count=40",
    "clock.block_spacing_s=60",
    "clock.hours=1",
)


@cache
def crash(*overrides: str) -> Trace:
    """The first hour of flash_crash with few people."""
    scenario = load_scenario("flash_crash", overrides=(*SMALL, *overrides))
    with open_engine("reference") as engine:
        return simulate(scenario, load_design("fixed"), 1, engine)


def test_arbitrageurs__with_less_capital_or_slower_transfers__leave_a_wider_gap():
    rich = liquidity.pool_gap_p95_bp(crash())
    poor = "population.arbitrageurs.capital_usd=300000"
    slow = liquidity.pool_gap_p95_bp(crash(poor))
    fast = liquidity.pool_gap_p95_bp(crash(poor, "venue.transfer_s=0"))
    assert rich < slow
    assert fast < slow


def test_depth__of_pool_and_venue__vanishes_in_the_crash_and_the_venues_returns():
    trace = crash("clock.hours=2")
    steps = trace.rows("block")
    assert liquidity.pool_depth_lost_pct(trace) > 80
    assert 90 < liquidity.venue_depth_lost_pct(trace) <= 98
    worst = steps["venue_depth"].idxmin()
    assert steps["time_s"][worst] >= 1800, "when it falls"
    assert steps["venue_depth"].iloc[-1] > 5 * steps["venue_depth"].min()
    assert steps["half_spread"].max() > 20 * steps["half_spread"].iloc[:20].max()


def test_depth__with_withdrawal_off__stays_on_the_venue():
    assert liquidity.venue_depth_lost_pct(crash('off=["withdrawal"]')) == 0.0


def test_turnover__rises_with_the_storm_and_is_what_was_traded():
    trace = crash()
    steps, trades = trace.rows("block"), trace.rows("trade")
    assert steps["venue_volume"].sum() == pytest.approx(trades["usd"].sum())
    calm, storm = steps["time_s"] < 1500, steps["time_s"].between(1860, 2400)
    assert steps["venue_volume"][storm].mean() > 2 * steps["venue_volume"][calm].mean()
    assert set(trades["side"]) == {"buy", "sell", "cross"}
    noise = trades[trades["role"] == "noise_traders"]
    assert not noise["forced"].any()


def test_noise_traders__draw_the_same__whatever_the_design():
    def turnover(name: str) -> list[float]:
        scenario = load_scenario("calm", overrides=(*SMALL, "population.panic_sellers.count=60"))
        with open_engine("reference") as engine:
            trace = simulate(scenario, load_design(name), 1, engine)
        return trace.rows("trade").query("side == 'cross'")["amount"].tolist()

    assert turnover("fixed") == pytest.approx(turnover("dutch"), rel=1e-3)
