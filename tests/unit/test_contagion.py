"""The contagion matrix: its algebra, the shock, and what is kept of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim.contagion import Contagion, contagion_matrix, jackknife, spectral_radius
from sim.errors import InputError
from sim.experiments.contagion import squeezed
from sim.games.cascade import amplification
from sim.results import Results
from sim.scenario import load_scenario

FOUND = Contagion(
    markets=("a", "b"),
    design="fixed",
    seeds=(0,),
    shock=0.05,
    direct=(1e6, 2e6),
    response=((1.25, 0.1), (0.2, 1.3)),
    matrix=((0.2, 0.0), (0.1, 0.2)),
    matrix_error=None,
    radius=0.2,
    radius_error=None,
    bad_debt=((0.0, 0.0), (0.0, 0.0)),
    base=("0x1",),
)


@pytest.mark.parametrize("phi", [0.0, 0.2, 0.5, 0.9])
def test_matrix__of_one_market__is_the_branching_ratio(phi: float) -> None:
    response = np.array([[amplification(phi)]])
    assert contagion_matrix(response)[0, 0] == pytest.approx(phi)


def test_matrix__of_a_response_made_of_it__comes_back() -> None:
    made = np.array([[0.2, 0.1], [0.3, 0.25]])
    rounds = sum(np.linalg.matrix_power(made, n) for n in range(200))
    assert contagion_matrix(np.asarray(rounds)) == pytest.approx(made)


def test_radius__of_a_matrix_known_by_hand__is_its_largest_eigenvalue() -> None:
    assert spectral_radius(np.array([[0.2, 0.6], [0.15, 0.2]])) == pytest.approx(0.5)
    assert spectral_radius(np.array([[0.0, -0.5], [0.5, 0.0]])) == pytest.approx(0.5)


def test_matrix__markets_that_answer_alike__is_refused() -> None:
    with pytest.raises(InputError, match="who sets off whom can't be told"):
        contagion_matrix(np.ones((2, 2)))


def test_error__of_a_mean__is_the_standard_error_of_the_mean() -> None:
    seeds = np.random.default_rng(1).normal(size=12)
    left = [np.asarray(np.delete(seeds, i).mean()) for i in range(len(seeds))]
    assert jackknife(left) == pytest.approx(seeds.std(ddof=1) / np.sqrt(len(seeds)))


@pytest.mark.parametrize("market", ["a", "b", "c", "d"])
def test_squeezed__one_market__lowers_its_health_factors_only(market: str) -> None:
    scenario = load_scenario("contagion")
    books = {name: _health(scenario, name) for name in ("a", "b", "c", "d")}
    after = {name: _health(squeezed(scenario, market, 0.1), name) for name in books}
    for name, health in books.items():
        expected = np.maximum(1.001, 0.9 * health) if name == market else health
        assert after[name] == pytest.approx(expected)


def _health(scenario: Any, market: str) -> Any:
    links = {link.name: link for link in scenario.network.markets}
    met = scenario.met_by(links[market]) if market in links else scenario
    return np.array([health for _, health in met.population.borrowers.debt_by_health])


def results(out: Path, block_hash: str) -> Results:
    run = {"design": "fixed", "seed": 0, "block_hash": block_hash}
    return Results(out, {"manifest": {"designs": {"fixed": {}}, "seeds": [0]}, "runs": [run]})


def test_contagion__written__is_found_on_the_runs_it_was_measured_on(tmp_path: Path) -> None:
    FOUND.write(tmp_path)
    assert Contagion.of(results(tmp_path, "0x1")) == FOUND
    assert Contagion.of(results(tmp_path, "0x2")) is None


def test_contagion__not_measured_or_damaged__is_nothing_or_an_error(tmp_path: Path) -> None:
    assert Contagion.of(results(tmp_path, "0x1")) is None
    (tmp_path / "contagion.json").write_text("{")
    with pytest.raises(InputError, match="measure again"):
        Contagion.of(results(tmp_path, "0x1"))
