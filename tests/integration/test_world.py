"""The world on a real chain: every scenario and design runs, books balance, runs repeat."""

from __future__ import annotations

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.scenario import load_scenario
from sim.trace import ROLES, Trace
from sim.world.loop import simulate

DESIGNS = ("fixed", "fixed_breaker", "dutch", "dutch_breaker")
CLIFF = ["clock.hours=3", "clock.first_hour=9"]  # -26% within an hour


def run(name: str, design: str, *overrides: str, seed: int = 1) -> Trace:
    with open_engine("anvil") as engine:
        scenario = load_scenario(name, overrides=overrides)
        return simulate(scenario, load_design(design), seed, engine)


@pytest.fixture(scope="module", params=DESIGNS)
def cliff(request):
    return run("black_thursday", request.param, *CLIFF)


def test_calm__nobody__is_liquidated():
    trace = run("calm", "fixed")
    last = trace.rows("block").iloc[-1]

    assert last["eligible_debt_ever"] == last["executed_debt"] == last["bad_debt"] == 0
    assert last["total_debt"] > 39e6
    assert "Taken" not in set(trace.rows("event")["event"])


def test_cliff__each_design__liquidates_and_some_come_too_late(cliff):
    last = cliff.rows("block").iloc[-1]
    transactions = cliff.rows("transaction")
    failed = transactions[~transactions["ok"].astype(bool)]

    assert last["executed_debt"] > 1e6
    assert last["executed_debt"] <= last["eligible_debt_ever"] * 1.01
    assert 0 < len(failed) < 0.7 * len(transactions)
    assert (failed["reason"] != "").all()


def test_cliff__each_design__ledger_of_each_token_sums_to_zero(cliff):
    for token in cliff.ledger["tokens"].values():
        assert set(token["roles"]) == set(ROLES)
        assert sum(int(amount) for amount in token["roles"].values()) == 0
    assert sum(cliff.ledger["value_usd"].values()) == pytest.approx(0, abs=0.01)
    assert cliff.ledger["value_usd"]["gas"] > 0


def test_flash_crash__thin_pool__falls_below_the_venue():
    rows = run("flash_crash", "fixed", "clock.hours=1").rows("block")
    assert rows["venue"].min() < 1250
    assert rows["pool"].min() < rows["venue"].min()
    assert rows["executed_debt"].iloc[-1] > 1e6


def test_same_run_twice__same_last_block_and_same_trace():
    overrides = ("clock.hours=2", "clock.first_hour=10")
    first, second = (run("black_thursday", "dutch_breaker", *overrides) for _ in range(2))

    assert first.manifest["block_hash"] == second.manifest["block_hash"]
    assert first.manifest == second.manifest
    assert first.ledger == second.ledger
    assert first.table.equals(second.table)
