"""Designs whose market reads its price through another contract, in an hour of the crash."""

from __future__ import annotations

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.scenario import load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

CRASH = ["clock.hours=3", "clock.first_hour=9"]  # -26% within an hour
POKED = {"maker_eth_a": {"oracle:WETH"}, "clamped": {"oracle:WETH"}, "twap": set()}
POKED["median"] = {"oracle:WETH.sources[1]"}


@pytest.fixture(scope="module", params=POKED)
def crash(request: pytest.FixtureRequest) -> tuple[str, Trace]:
    with open_engine("anvil") as engine:
        scenario = load_scenario("black_thursday", overrides=CRASH)
        return request.param, simulate(scenario, load_design(request.param), 1, engine)


def test_crash__behind_an_adapter__moves_its_price_and_runs_out_of_no_gas(
    crash: tuple[str, Trace],
) -> None:
    _, trace = crash
    blocks, transactions = trace.rows("block"), trace.rows("transaction")
    assert blocks["oracle"].min() < 0.9 * blocks["oracle"].iloc[0]
    assert "out of gas" not in set(transactions["reason"])
    assert "market: stale price" not in set(transactions["reason"])


def test_crash__behind_an_adapter__has_the_oracle_poke_what_has_to_be_poked(
    crash: tuple[str, Trace],
) -> None:
    name, trace = crash
    transactions = trace.rows("transaction")
    pokes = transactions[transactions["function"] == "poke"]
    assert set(pokes["target"]) == POKED[name]
    assert set(pokes["role"]) <= {"oracle"}
    assert pokes["ok"].astype(bool).all()
