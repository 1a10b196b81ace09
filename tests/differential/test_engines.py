"""Short runs of every design and of every scenario on both engines: the same trace but for gas.

Every design runs an hour of the crash; every other scenario runs a few designs in turn. Whole runs
of all designs in all scenarios are for `make agreement` (tests/differential/agreement.py).
"""

from __future__ import annotations

from itertools import cycle

import pytest

from sim import config
from sim.design import FOLDER as DESIGNS
from sim.design import Design, load_design
from sim.engines import open_engine
from sim.experiments.agreement import disagreement
from sim.scenario import FOLDER as SCENARIOS
from sim.scenario import Scenario, load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

HOURS = {  # of the fall, if any
    "august_2024": "13:14",
    "bank_run": "13:14",
    "black_thursday": "10:11",
    "calm": "0:1",
    "congestion": "13:14",
    "contagion": "1:2",
    "depeg": "2:3",
    "double_dip": "10:11",
    "flash_crash": "0:1",
    "keeper_outage": "13:14",
    "may_2021": "12:13",
    "october_2025": "9:10",
    "one_venue_oracle": "0:1",
    "slow_bleed": "50:51",
    "stale_oracle": "2:4",
    "steth_june_2022": "31:32",
    "thin_collateral": "13:14",
    "whale": "13:14",
}
CRASH = "black_thursday"  # that every design runs
IN_TURN = 3  # designs of every other scenario
SPACING_S = 60
GAS_TOLERANCE = 0.3  # of an hour's gas: the table has the mean of each function over all designs
OF_THREE_FEEDS = 0.45  # the same of `anchored`, each of whose prices asks the pool twice
SMALL = ("population.borrowers.count=120", "population.panic_sellers.count=80")


def short(name: str) -> Scenario:
    """An hour of a scenario with few people and few blocks."""
    whole = load_scenario(name, HOURS[name], overrides=SMALL)
    clock = whole.clock.model_copy(update={"block_spacing_s": SPACING_S})
    return whole.model_copy(update={"clock": clock})


def run(engine: str, scenario: Scenario, design: Design, seed: int) -> Trace:
    with open_engine(engine) as opened:
        return simulate(scenario, design, seed, opened)


def test_hours__above__are_named_for_every_scenario() -> None:
    assert sorted(HOURS) == config.names(SCENARIOS)


def pairs() -> list[tuple[str, str]]:
    """Scenario and design, each of them at least once."""
    designs, scenarios = config.names(DESIGNS), config.names(SCENARIOS)
    others = [name for name in scenarios if name != CRASH]
    turn = cycle(designs)
    return [
        *((CRASH, design) for design in designs),
        *((scenario, next(turn)) for scenario in others for _ in range(IN_TURN)),
    ]


@pytest.mark.parametrize(("scenario", "design"), pairs())
def test_engines__on_an_hour__tell_the_same(scenario: str, design: str) -> None:
    seed = config.names(SCENARIOS).index(scenario)
    one, other = (
        run(engine, short(scenario), load_design(design), seed) for engine in ("anvil", "reference")
    )
    assert disagreement(one, other) == ""
    used = [trace.rows("block")["gas_used"].sum() for trace in (one, other)]
    tolerance = OF_THREE_FEEDS if design == "anchored" else GAS_TOLERANCE
    assert used[1] == pytest.approx(used[0], rel=tolerance, abs=100_000)


def test_the_hours__above__have_liquidations_bad_debt_and_reverts_in_them() -> None:
    trace = run("reference", short(CRASH), load_design("fixed"), 0)
    assert trace.rows("block")["executed_debt"].max() > 0
    assert not trace.rows("transaction")["ok"].all()
