"""12 March 2020: rising bids, keepers stuck at yesterday's gas price, and lots for nothing."""

from __future__ import annotations

import pytest

from sim.design import load_design
from sim.engines.reference import ReferenceEngine
from sim.metrics.debt import bad_debt_usd, collateral_sold_usd, sale_discount_pct
from sim.scenario import load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

CRASH = ("clock.first_hour=10", "clock.hours=7")
ONE_IN_SIX_MOVES = "population.keepers.stale_bid_share=0.84"  # of those with capital two are left


def crash(*changes: str) -> Trace:
    scenario = load_scenario("black_thursday", overrides=[*CRASH, *changes])
    with ReferenceEngine() as engine:
        return simulate(scenario, load_design("english"), 0, engine)


def test_english_auction__keepers_at_liberty__sells_near_the_market() -> None:
    trace = crash()
    assert collateral_sold_usd(trace) > 1e6
    assert sale_discount_pct(trace) < 20


def test_english_auction__most_keepers_stuck__sells_to_zero_bids_and_leaves_the_debt() -> None:
    trace = crash(ONE_IN_SIX_MOVES)
    sold = collateral_sold_usd(trace)
    assert sold > 1e6
    assert sale_discount_pct(trace) == pytest.approx(100, abs=0.01)
    assert bad_debt_usd(trace) > sold / 2
