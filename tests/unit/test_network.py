"""A scenario's network: what may stand in the file, and the prices of further assets."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from sim.design import load_design
from sim.errors import InputError
from sim.markets.linked import linked
from sim.network import Correlated, Pegged
from sim.scenario import Scenario, load_scenario
from sim.world.parts import parts_of
from sim.world.rng import SeedTree

TWO = {"markets": [{"name": "b", "design": "dutch"}]}
STAKED = {
    "symbol": "STETH",
    "price": {"kind": "pegged", "discount": [[0, 0.0], [1, 0.05]]},
    "pool": {"fee": 500},
}


def scenario(network: dict[str, Any], *overrides: str) -> Scenario:
    settings = ["clock.hours=1", f"network={json.dumps(network)}", *overrides]
    return load_scenario("calm", overrides=settings)


def test_network__a_design_by_name__stands_in_full_in_the_scenario() -> None:
    loaded = scenario(TWO)
    assert loaded.network is not None
    assert loaded.network.markets[0].design == load_design("dutch")
    assert Scenario.model_validate(loaded.model_dump(mode="json")) == loaded


@pytest.mark.parametrize(
    ("network", "said"),
    [
        ({"markets": []}, "network.markets"),
        ({"markets": [{"name": "a"}]}, "a stands there twice"),
        ({"markets": [{"name": "b", "collateral": "STETH"}]}, "no asset STETH.* there are none"),
        ({**TWO, "assets": [STAKED]}, "no market takes STETH as collateral"),
        ({"markets": [{"name": "b", "design": "ducth"}]}, "did you mean dutch"),
        (
            {"markets": [{"name": "b", "population": {"borrowers": {"cuont": 3}}}]},
            "market b: population.borrowers.cuont: there is no such field; did you mean count",
        ),
        (
            {
                "assets": [{**STAKED, "price": {"kind": "pegged", "discount": [[1, 0.0]]}}],
                "markets": [{"name": "b", "collateral": "STETH"}],
            },
            "discount must begin at hour 0",
        ),
    ],
)
def test_network__that_does_not_hold_together__is_refused(
    network: dict[str, Any], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        scenario(network)


def test_parts__market_with_fewer_people__has_others_and_no_crowd_of_its_own() -> None:
    fewer = {"borrowers": {"count": 40, "debt_usd": 1e6}}
    network = {"markets": [{"name": "b", "design": "dutch", "population": fewer}]}
    first, other = parts_of(scenario(network), load_design("fixed"), SeedTree(1))

    assert len(other.people.borrowers) == 40
    ours, theirs = ({b.address for b in p.people.borrowers} for p in (first, other))
    assert not ours & theirs
    assert first.people.holders
    assert not other.people.holders
    assert (first.design.name, other.design.name) == ("fixed", "dutch")
    assert other.outside is first.outside


def test_parts__of_a_pegged_asset__stand_on_its_own_pool_and_price() -> None:
    network = {"assets": [STAKED], "markets": [{"name": "b", "collateral": "STETH"}]}
    first, other = parts_of(scenario(network), load_design("fixed"), SeedTree(1))

    assert (other.token.symbol, other.scenario.pool.fee) == ("STETH", 500)
    assert other.people.holders
    assert other.venue != first.venue
    assert other.outside.path[0] == first.outside.path[0]
    assert other.outside.path[-1] == pytest.approx(0.95 * first.outside.path[-1])


def test_parts__same_seed_with_and_without_a_network__have_the_same_first_market() -> None:
    alone = parts_of(
        load_scenario("calm", overrides=["clock.hours=1"]), load_design("fixed"), SeedTree(3)
    )
    first = parts_of(scenario(TWO), load_design("fixed"), SeedTree(3))[0]
    assert first.people == alone[0].people
    assert first.outside.path.tolist() == alone[0].outside.path.tolist()


def test_parts__feed_too_slow_for_the_other_design__is_refused() -> None:
    hasty = load_design("dutch").model_dump(mode="json")
    hasty["market"]["collaterals"][0]["feed"] |= {"heartbeat_s": 60, "max_age_s": 60}
    network = {"markets": [{"name": "b", "design": hasty}]}
    with pytest.raises(InputError, match="max_age_s 60 is below the heartbeat"):
        parts_of(scenario(network), load_design("fixed"), SeedTree(1))


WILD = {"kind": "correlated", "price": 10.0, "beta": 1.0}


@pytest.mark.parametrize(
    ("network", "overrides", "field"),
    [
        (TWO, ['prices={"kind": "process", "price": 2000, "volatility": 1e6}'], "prices"),
        (
            {
                "assets": [{**STAKED, "price": {**WILD, "volatility": 1e6}}],
                "markets": [{"name": "b", "collateral": "STETH"}],
            },
            [],
            "network.assets: STETH",
        ),
    ],
)
def test_parts__price_that_leaves_all_bounds__is_refused_and_the_field_named(
    network: dict[str, Any], overrides: list[str], field: str
) -> None:
    loaded = scenario(network, *overrides)
    with pytest.raises(InputError, match=f"calm: {field}: .* within a factor of 100,000"):
        parts_of(loaded, load_design("fixed"), SeedTree(1))


def test_correlated__jump_of_the_first_asset__comes_through_times_beta() -> None:
    loaded = scenario(TWO)
    first = np.full(loaded.clock.steps + 1, 2000.0)
    first[10:] = 1000.0
    price = Correlated(kind="correlated", price=40.0, beta=1.5)
    path = linked(price, first / 2000.0 * _opening(loaded), loaded.prices, loaded.clock, _rng())
    assert path[9] == pytest.approx(40.0)
    assert path[10] == pytest.approx(40.0 * 0.5**1.5)


def test_correlated__with_a_diffusion_of_its_own__has_the_correlation_that_follows() -> None:
    loaded = scenario(TWO, "clock.hours=24", "clock.block_spacing_s=12")
    clock, rng = loaded.clock, _rng()
    returns = rng.normal(0.0, 0.8 * np.sqrt(12 / 31_536_000), clock.steps)
    first = _opening(loaded) * np.exp(np.concatenate([[0.0], np.cumsum(returns)]))
    price = Correlated(kind="correlated", price=40.0, beta=1.0, volatility=0.6)
    path = linked(price, first, loaded.prices, clock, rng)
    found = np.corrcoef(returns, np.diff(np.log(path)))[0, 1]
    # rho = beta s1 / sqrt(beta^2 s1^2 + s2^2) = 0.8; its error is below (1 - rho^2) / sqrt(7200)
    assert found == pytest.approx(0.8, abs=4 * 0.36 / np.sqrt(clock.steps))


def test_pegged__discount__is_a_straight_line_between_its_points() -> None:
    loaded = scenario(TWO)
    first = np.full(loaded.clock.steps + 1, 2000.0)
    price = Pegged(kind="pegged", discount=((0.0, 0.0), (1.0, 0.1)))
    path = linked(price, first, loaded.prices, loaded.clock, _rng())
    assert path[0] == 2000.0
    assert path[len(path) // 2] == pytest.approx(1900.0)
    assert path[-1] == pytest.approx(1800.0)


def _opening(loaded: Scenario) -> float:
    return float(loaded.prices.price)  # type: ignore[union-attr]


def _rng() -> np.random.Generator:
    return SeedTree(5).stream("test")
