"""An hour in which every kind of crowd is at work, on both engines: the same trace but for gas."""

from __future__ import annotations

import json

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.experiments.agreement import disagreement
from sim.scenario import Scenario, load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

RISE_AND_FALL = [[0, 2000], [0.5, 2100], [0.6, 2060], [1, 1500]]
PATH = {"kind": "path", "points": RISE_AND_FALL, "volatility": 0.2}
CROWDS = (
    f"prices={json.dumps(PATH)}",
    "clock.hours=1",
    "clock.block_spacing_s=60",
    "population.borrowers.count=120",
    "population.borrowers.fleeing=0.3",
    "population.borrowers.attention_s=300",
    "population.borrowers.loopers.share=0.1",
    "population.borrowers.loopers.attention_s=60",
    "population.borrowers.margins.sensitivity=0.2",
    "population.borrowers.margins.normal_volatility=5",
    "population.panic_sellers.count=80",
    "population.panic_sellers.herding=network",
    "population.panic_sellers.hazard_per_hour=1",
    "population.lenders.utilisation=0.85",
    "population.lenders.peers_weight=5",
    "population.lenders.race.share=0.5",
    "population.lenders.race.benefit=2",
    "population.lenders.race.cost=1",
    "population.lenders.race.noise=0.1",
)


def run(engine: str, scenario: Scenario, design: str) -> Trace:
    with open_engine(engine) as opened:
        return simulate(scenario, load_design(design), 0, opened)


@pytest.mark.parametrize("design", ["fixed", "dutch_breaker"])
def test_engines__with_all_crowds__tell_the_same(design: str) -> None:
    scenario = load_scenario("flash_crash", overrides=CROWDS)
    one, other = (run(engine, scenario, design) for engine in ("anvil", "reference"))
    assert disagreement(one, other) == ""

    sent = one.rows("transaction").query("ok")
    done = sent.groupby("role")["function"].agg(set)
    assert done["borrowers"] >= {"borrow", "supply_collateral", "withdraw_collateral", "repay"}
    assert "redeem" in done["lenders"]
    assert "exactInputSingle" in done["panic_sellers"]
    assert one.rows("race")["ran"].sum() > 0
    lost = one.rows("transaction").query("not ok")["reason"]
    assert not lost.str.contains("gas", regex=False).any(), "limits are high enough"
    closed = one.rows("account").query("moment == 'end'")["debt"].eq(0).sum()
    assert closed > 0, "somebody fled or was liquidated whole"
