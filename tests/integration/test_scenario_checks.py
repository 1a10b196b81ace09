"""Every scenario does what it says: its check holds under the fixed spread, and what it is about
can be seen beside another design or without the fault."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from sim import config
from sim.checks import parse
from sim.design import load_design
from sim.experiments.runs import Run, execute
from sim.metrics import evaluate
from sim.scenario import FOLDER, load_scenario

HOURS = {  # of the long ones, those that matter: the first and how many
    "black_thursday": (9, 18),
    "august_2024": (0, 16),
    "october_2025": (3, 8),
    "steth_june_2022": (0, 34),
    "slow_bleed": (0, 72),
    "contagion": (0, 3),
    "flash_crash": (0, 2),
    "depeg": (0, 4),
    "calm": (0, 6),
    "stale_oracle": (0, 4),
}


@cache
def metrics(name: str, design: str = "fixed", *overrides: str) -> Mapping[str, float | None]:
    """Of one run on the reference engine."""
    scenario = load_scenario(name, overrides=overrides)
    first, hours = HOURS.get(name, (scenario.clock.first_hour, scenario.clock.hours))
    clock = scenario.clock.model_copy(update={"first_hour": first, "hours": hours})
    shorter = scenario.model_copy(update={"clock": clock})
    return evaluate(execute(Run(shorter, load_design(design), 0, "reference")))


@pytest.mark.parametrize("name", config.names(FOLDER))
def test_check__of_each_scenario__holds(name: str) -> None:
    scenario, found = load_scenario(name), metrics(name)
    assert scenario.story
    assert scenario.sources
    parts = parse(scenario.check)
    assert parts
    failed = {p.text: {n: found[n] for n in p.names} for p in parts if not p.holds(found)}
    assert failed == {}


def test_one_venue_oracle__feeds_of_several_sources__are_spared_as_far_as_they_read_others() -> (
    None
):
    """`anchored` has a majority of its sources in the pool; of `median`'s three two follow the one
    venue, the second of them slowly, so that a print of ten minutes gets through."""
    designs = ("fixed", "median", "anchored")
    sold = {d: metrics("one_venue_oracle", d)["liquidated_debt_usd"] for d in designs}
    assert sold["anchored"] == 0
    assert 0 < sold["median"] < sold["fixed"]


def test_stale_oracle__without_the_outage__leaves_a_tenth_of_the_bad_debt() -> None:
    stale = metrics("stale_oracle")["bad_debt_usd"]
    fresh = metrics("stale_oracle", "fixed", "population.oracle.outages=[]")["bad_debt_usd"]
    assert stale is not None
    assert fresh is not None
    assert fresh < stale / 10


def test_keeper_outage__with_all_keepers__more_is_liquidated() -> None:
    away = metrics("keeper_outage")["liquidated_debt_usd"]
    there = metrics("keeper_outage", "fixed", "population.keepers.outages=[]")
    assert there["liquidated_debt_usd"] > 1.3 * away


def test_whale__without_it__less_is_liquidated_and_prices_fall_less() -> None:
    with_it = metrics("whale")
    without = metrics("whale", "fixed", "population.borrowers.whale_share=0")
    assert with_it["liquidated_debt_usd"] > 1.5 * without["liquidated_debt_usd"]
    assert with_it["price_trough_venue"] < without["price_trough_venue"]
