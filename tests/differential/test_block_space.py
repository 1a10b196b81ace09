"""Every policy of the builder and every fault of keepers, on both engines: the same trace."""

from __future__ import annotations

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.experiments.agreement import disagreement
from sim.scenario import Scenario, load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

SMALL = ("population.borrowers.count=120", "population.panic_sellers.count=80")
FAULTS = (
    "population.keepers.stale_bid_share=0.34",
    "population.keepers.stale_bid_multiple=5",
    "population.keepers.breakdowns_per_hour=0.5",
    "population.keepers.size_decay=1",
    'population.keepers.outages=[{"hours": [10.2, 10.4], "share": 0.5}]',
)
CENSORED = 'block_space.censoring={"share": 0.3, "roles": ["keepers"]}'


def hour(*overrides: str) -> Scenario:
    """Of the first cliff, with few people and few blocks."""
    whole = load_scenario("black_thursday", "10:11", overrides=[*SMALL, *overrides])
    clock = whole.clock.model_copy(update={"block_spacing_s": 60})
    return whole.model_copy(update={"clock": clock})


def run(engine: str, scenario: Scenario) -> Trace:
    with open_engine(engine) as opened:
        return simulate(scenario, load_design("fixed"), 0, opened)


@pytest.mark.parametrize(
    "overrides",
    [("block_space.sandwich={}", CENSORED, *FAULTS), ("block_space.order=random", *FAULTS)],
    ids=["sandwiched and censored", "random"],
)
def test_engines__with_policies_and_faults__tell_the_same(overrides) -> None:
    one, other = (run(engine, hour(*overrides)) for engine in ("anvil", "reference"))
    assert disagreement(one, other) == ""
    steps = one.rows("block")
    assert steps["base_fee"].max() > 2 * steps["base_fee"].min()


def test_sandwiches__in_a_panic__earn_in_both_tokens_together_and_fail_nobody() -> None:
    trace = run("reference", hour("block_space.sandwich={}"))
    sent = trace.rows("transaction")
    attacks = sent[sent["role"] == "adversary"]
    assert len(attacks) >= 10
    assert attacks["ok"].all()
    assert trace.ledger["value_usd"]["adversary"] > 0


def test_censoring__of_keepers__has_them_wait() -> None:
    free, censored = (
        run("reference", hour(*overrides)).rows("transaction")
        for overrides in ((), ('block_space.censoring={"share": 0.8, "roles": ["keepers"]}',))
    )
    waits = [sent[sent["role"] == "keepers"]["waited"].mean() for sent in (free, censored)]
    assert waits[1] > waits[0] + 1
