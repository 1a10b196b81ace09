"""Designs behind each of the breakers that watch more than a price, in hours of the crash."""

from __future__ import annotations

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.scenario import load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

CRASH = ["clock.hours=5", "clock.first_hour=9"]


@pytest.fixture(scope="module", params=["flow_breaker", "composite_breaker", "deviation_breaker"])
def crash(request: pytest.FixtureRequest) -> Trace:
    with open_engine("anvil") as engine:
        scenario = load_scenario("black_thursday", overrides=CRASH)
        return simulate(scenario, load_design(request.param), 1, engine)


def test_crash__behind_a_breaker__trips_it_and_runs_out_of_no_gas(crash: Trace) -> None:
    assert {"Observed", "TierLatched"} <= set(crash.rows("event")["event"])
    assert "out of gas" not in set(crash.rows("transaction")["reason"])


def test_crash__behind_a_breaker__still_liquidates(crash: Trace) -> None:
    last = crash.rows("block").iloc[-1]
    assert last["executed_debt"] > 1e6
    assert last["executed_debt"] <= last["eligible_debt_ever"] * 1.01
