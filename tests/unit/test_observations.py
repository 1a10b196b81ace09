"""What the stylised facts read out of a run, on runs made by hand."""

from __future__ import annotations

import math

import pytest

from sim.metrics.observations import observe
from tests.helpers.synthetic import RunBuilder


def test_observe__a_fall_amplified_by_half__says_so_in_logarithms() -> None:
    run = (
        RunBuilder()
        .step(60, 100.0)
        .step(120, 80.0, fundamental=90.0, venue=100 * 0.9**1.5)
        .step(180, 95.0, venue=92.0)
    )
    found = observe(run.trace())
    assert found["amplification"] == pytest.approx(1.5)
    assert found["branching"] == pytest.approx(1 / 3)
    assert found["fell_pct"] == pytest.approx(100 * (1 - 0.9**1.5))
    assert found["outside_fell_pct"] == pytest.approx(10)
    low = 100 * 0.9**1.5
    assert found["recovered_24h_pct"] == pytest.approx(100 * (92 - low) / (100 - low))
    assert found["venue_gap_pct"] == pytest.approx(100 * (1 - low / 90))
    assert found["tripped"] == 0


def test_observe__sales_in_a_day__are_as_concentrated_as_they_were() -> None:
    run = RunBuilder()
    for minute in range(100):
        run.step(60 * minute, 100.0, executed_debt=1_000.0, bad_debt=5.0)
        if minute in (10, 20, 90):
            run.take(paid=95.0 if minute < 90 else 0.5, fee=0.0, received=1.0)
    found = observe(run.trace())
    assert found["worst_30min_pct"] == pytest.approx(200 / 3)
    assert found["worst_40min_pct"] == pytest.approx(200 / 3)
    assert found["top_1pct_of_time_pct"] == pytest.approx(100)  # 14 of a day's minutes
    assert found["near_zero_sales_pct"] == pytest.approx(100 / 3)
    assert found["bad_debt_of_liquidated_pct"] == pytest.approx(0.5)


def test_observe__trades_on_venue_and_pool__are_the_volume_of_their_hour() -> None:
    run = RunBuilder()
    for minute in range(0, 181, 30):
        run.step(60 * minute, 100.0)
        if minute == 60:
            run.trade("panic_sellers", "sell", 2.0, 200.0, True)
            run.swap("arbitrageurs", 1.0, -100.0)
    found = observe(run.trace())
    assert found["busiest_hour_usd"] == pytest.approx(300)
    assert found["mean_hour_usd"] == pytest.approx(100)


def test_observe__prices_that_double_and_halve_by_the_hour__have_their_volatility() -> None:
    run = RunBuilder()
    for hour in range(5):
        run.step(3600 * hour, 100.0 if hour % 2 == 0 else 200.0)
    spread = math.log(2) * math.sqrt(4 / 3) * math.sqrt(8760)
    assert observe(run.trace())["hourly_volatility"] == pytest.approx(spread)


def test_observe__a_breaker_latched_twice__tripped_when_it_first_did() -> None:
    run = RunBuilder()
    for time_s in (0, 60, 120):
        run.step(time_s, 100.0)
        if time_s:
            run.event("breaker:0", "TierLatched", tier=1)
    found = observe(run.trace())
    assert (found["tripped"], found["first_trip_s"]) == (1, 60)


def test_observe__nothing_happened__has_no_number_where_there_is_none() -> None:
    found = observe(RunBuilder().step(0, 100.0).step(60, 100.0).trace())
    for name in ("amplification", "branching", "skewness", "tail_index", "recovered_24h_pct"):
        assert found[name] is None, name
    assert "worst_40min_pct" not in found
