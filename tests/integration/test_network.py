"""Two markets on one chain, on twins: one book, one pool, one feed, two designs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sim.design import load_design
from sim.engines import open_engine
from sim.metrics.network import by_market, flows, losses, synchrony
from sim.metrics.series import pool_swaps, takes
from sim.scenario import Scenario, load_scenario
from sim.trace import EVERYWHERE, Trace
from sim.world.loop import simulate

SMALL = ("population.borrowers.count=120", "population.panic_sellers.count=80")
TWO = {"markets": [{"name": "b", "design": "dutch"}]}


def fall(network: dict[str, Any]) -> Scenario:
    """The hour of the first cliff of Black Thursday."""
    whole = load_scenario(
        "black_thursday", "10:11", None, [*SMALL, f"network={json.dumps(network)}"]
    )
    clock = whole.clock.model_copy(update={"block_spacing_s": 60})
    return whole.model_copy(update={"clock": clock})


def run(network: dict[str, Any], engine: str = "reference", seed: int = 0) -> Trace:
    with open_engine(engine) as opened:
        return simulate(fall(network), load_design("fixed"), seed, opened)


@pytest.fixture(scope="module")
def two() -> Trace:
    return run(TWO)


def test_rows__of_two_markets__stand_apart_and_share_pool_and_prices(two: Trace) -> None:
    ours, theirs = two.rows("block"), two.rows("block", "b")
    assert two.markets == ("a", "b")
    assert len(ours) == len(theirs) == len(two.rows("block", EVERYWHERE)) / 2
    for shared in ("fundamental", "venue", "pool", "oracle", "block", "gas_used"):
        assert ours[shared].tolist() == theirs[shared].tolist()
    assert ours["total_debt"].tolist() != theirs["total_debt"].tolist()
    assert two.rows("block", "a").equals(ours)


def test_markets__both_liquidate__each_with_its_own_design(two: Trace) -> None:
    def names(market: str) -> set[str]:
        return set(two.rows("event", market)["event"])

    assert {"Taken"} <= names("a")
    assert not {"SaleStarted"} & names("a")
    assert {"Taken", "SaleStarted"} <= names("b")
    for market in two.markets:
        assert two.rows("block", market)["executed_debt"].iloc[-1] > 0
    assert two.rows("event", "b")["target"].str.startswith("b/").all()


def test_ledger__of_two_markets__sums_to_zero_and_by_market_to_the_whole(two: Trace) -> None:
    ledger = two.ledger
    assert sum(ledger["value_usd"].values()) == pytest.approx(0, abs=1e-3)
    for role, value in ledger["value_usd"].items():
        parts = (by_role[role] for by_role in ledger["markets"].values())
        assert sum(parts) == pytest.approx(value, abs=1e-6)
    assert ledger["markets"]["b"]["keepers"] != 0
    assert ledger["markets"]["b"]["panic_sellers"] == 0


def test_feed__shared__has_one_feeder(two: Trace) -> None:
    pushes = two.rows("transaction", EVERYWHERE).query("function == 'push'")
    assert len(pushes) > 0
    assert set(pushes["target"]) == {"feed:WETH"}
    assert pushes["market"].isna().all()


def test_flows__of_two_markets__meet_the_rows_that_they_come_from(two: Trace) -> None:
    found = flows(two).set_index(["seller", "buyer"])["usd"]
    swaps = pool_swaps(two)
    into = found[[buyer == "pool" for _, buyer in found.index]].sum()
    assert into == pytest.approx(-swaps[swaps["collateral"] > 0]["debt"].sum())
    for market in two.markets:
        value = takes(two, market)["value"].sum()
        assert found[f"borrowers {market}", f"keepers {market}"] == pytest.approx(value)
    assert {"keepers a", "keepers b"} <= {seller for seller, _ in found.index}


def test_losses__discounts_and_penalties__are_the_borrowers_loss_of_both(two: Trace) -> None:
    found = losses(two).query("cause != 'bad debt'")
    for market in two.markets:
        sold = takes(two, market)
        lost = found[found["loser"] == f"borrowers {market}"]["usd"].sum()
        gained = found[found["gainer"] == f"borrowers {market}"]["usd"].sum()
        assert lost - gained == pytest.approx(sold["value"].sum() - sold["repaid"].sum())


FEW = ("population.borrowers.count=200", "population.panic_sellers.count=80")


def correlation(*overrides: str) -> float:
    """Between what markets a and b of the contagion scenario liquidate in a minute."""
    whole = load_scenario("contagion", overrides=[*FEW, *overrides])
    with open_engine("reference") as engine:
        trace = simulate(whole, load_design("fixed"), 0, engine)
    found = by_market(trace)
    assert min(found[market]["liquidated"] for market in ("a", "b")) > 1e5
    return float(synchrony(trace).loc["a", "b"])


def test_synchrony__shared_collateral__liquidates_in_the_same_minutes() -> None:
    assert correlation() > 0.9


def test_synchrony__no_overlap__is_near_zero() -> None:
    """The other market's asset jumps by itself."""
    other = {
        "symbol": "LINK",
        "price": {
            "kind": "correlated",
            "price": 8.0,
            "beta": 0.0,
            "jumps_per_day": 96,
            "jump_mean": -0.04,
            "jump_sd": 0.02,
        },
    }
    network = {
        "assets": [other],
        "markets": [{"name": "b", "design": "aave_v3", "collateral": "LINK"}],
    }
    assert abs(correlation(f"network={json.dumps(network)}")) < 0.2


def test_shares__loss_of_the_market_behind_them__liquidates_loans_against_them() -> None:
    """Ether loses three fifths in a minute: market a writes off more than its reserve, its share
    falls, and with it the loans of market b, whose keepers redeem in a."""
    careless = {
        "count": 60,
        "debt_usd": 5_000_000,
        "debt_by_health": [[0, 1.04], [0.6, 1.06], [1, 2.0]],
        "small_by_health": [[0, 1.04], [1, 2.0]],
    }
    network = {"markets": [{"name": "b", "shares_of": "a", "population": {"borrowers": careless}}]}
    prices = {"kind": "path", "points": [[0, 1500], [0.2, 1500], [0.22, 600], [1, 600]]}
    overrides = (
        *("clock.hours=1", "population.borrowers.count=120", "population.panic_sellers.count=40"),
        f"network={json.dumps(network)}",
        f"prices={json.dumps({**prices, 'volatility': 0.1})}",
    )
    with open_engine("reference") as engine:
        scenario = load_scenario("contagion", overrides=overrides)
        trace = simulate(scenario, load_design("fixed"), 0, engine)

    worth = trace.rows("block", "b")["oracle"]
    assert worth.iloc[0] == pytest.approx(1, abs=1e-5)
    assert worth.iloc[-1] < 0.97
    assert trace.rows("block")["bad_debt"].iloc[-1] > 1e6
    assert trace.rows("block", "b")["executed_debt"].iloc[-1] > 1e4
    redeemed = trace.rows("transaction", "b").query("function == 'redeem' and ok == True")
    assert set(redeemed["target"]) == {"market"}
    borne = {role: int(units) for role, units in trace.ledger["tokens"]["USDC"]["roles"].items()}
    assert sum(borne.values()) == 0
    assert trace.ledger["markets"]["b"]["borrowers"] < -1e5
    assert trace.ledger["markets"]["a"]["lenders"] < -1e6
