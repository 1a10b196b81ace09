"""What each thing that can be switched off takes out of a run, and what it leaves."""

from __future__ import annotations

import pytest

from sim import load_design, load_scenario
from sim.experiments.runs import Run, execute
from sim.metrics import evaluate
from sim.scenario import Mechanism, Scenario
from sim.trace import Trace

SMALL = (
    "population.borrowers.count=120",
    "population.panic_sellers.count=60",
    "population.panic_sellers.drawdown=[0.05,0.2]",
    "population.panic_sellers.hazard_per_hour=1",
    "population.liquidity_providers.pull_range=[0.02,0.05]",
    "population.lenders.hazard_per_hour=20",
    "clock.block_spacing_s=60",
    "clock.hours=1",
)


@pytest.fixture(scope="module")
def crash() -> Scenario:
    return load_scenario("flash_crash", overrides=SMALL)


@pytest.fixture(scope="module")
def whole(crash: Scenario) -> Trace:
    return trace_of(crash)


def trace_of(crash: Scenario, *off: Mechanism) -> Trace:
    scenario = crash.model_copy(update={"off": off})
    return execute(Run(scenario, load_design("fixed"), 5, "reference"))


def calls(trace: Trace) -> set[str]:
    return set(trace.rows("transaction")["function"])


def orders(trace: Trace) -> set[str]:
    return set(trace.rows("trade")["role"]) | set(trace.rows("transaction")["role"])


def test_run__with_everything_on__has_all_that_can_be_switched_off(whole: Trace) -> None:
    assert {"redeem", "decreaseLiquidity", "take", "execute"} <= calls(whole)
    assert {"panic_sellers", "keepers"} <= orders(whole)
    assert evaluate(whole)["fall_pct"] > 40


def test_impact_off__everybody_still_trades__and_the_venue_follows_the_outside_exactly(
    crash: Scenario, whole: Trace
) -> None:
    still = trace_of(crash, "impact")
    steps = still.rows("block")
    assert (steps["venue"] == steps["fundamental"]).all()
    assert (steps["fundamental"] == whole.rows("block")["fundamental"]).all()
    assert orders(still) == orders(whole)


@pytest.mark.parametrize(
    ("off", "roles", "gone"),
    [
        ("liquidations", {"keepers"}, {"take", "execute"}),
        ("panic", {"panic_sellers"}, set()),
        ("withdrawal", {"lenders", "liquidity_providers"}, {"redeem", "decreaseLiquidity"}),
    ],
)
def test_off__of_one_thing__its_people_do_nothing_and_the_outside_is_the_same(
    crash: Scenario, whole: Trace, off: Mechanism, roles: set[str], gone: set[str]
) -> None:
    trace = trace_of(crash, off)
    assert not orders(trace) & roles
    assert not calls(trace) & gone
    outside = trace.rows("block")["fundamental"]
    assert (outside == whole.rows("block")["fundamental"]).all()
    if off == "liquidations":
        assert evaluate(trace)["liquidated_debt_usd"] == 0
