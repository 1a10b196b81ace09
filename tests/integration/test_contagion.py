"""The contagion matrix from runs of a small network, and the report that draws it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from sim.contagion import Contagion, contagion_matrix
from sim.design import load_design
from sim.errors import InputError
from sim.experiments.contagion import measure
from sim.reports.html import write_report
from sim.results import Results
from sim.scenario import load_scenario

NETWORK = {"markets": [{"name": "b", "design": "aave_v3"}]}
SMALL = (
    "clock.hours=3",
    "population.borrowers.count=80",
    "population.panic_sellers.count=40",
    f"network={json.dumps(NETWORK)}",
)


def test_measure__two_markets_on_one_collateral__set_each_other_off(tmp_path: Path) -> None:
    scenario = load_scenario("contagion", overrides=SMALL)
    found = measure(scenario, load_design("fixed"), 2, "reference", tmp_path, 0.08, jobs=1)

    assert found.markets == ("a", "b")
    assert min(found.direct) > 0
    response = np.array(found.response)
    assert contagion_matrix(response) == pytest.approx(np.array(found.matrix))
    assert np.diag(response).min() > 0.5
    assert found.matrix_error is not None
    assert np.array(found.matrix_error).min() > 0
    assert found.radius_error is not None
    assert found.radius_error > 0
    assert Contagion.of(Results.load(tmp_path)) == found

    page = write_report(tmp_path).read_text(encoding="utf-8")
    for drawn in ('<figure id="network">', '<figure id="contagion">'):
        assert drawn in page
    assert f"{found.radius:.2f}" in page


def test_measure__without_a_network__is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="has no network of markets"):
        measure(load_scenario("calm"), load_design("fixed"), 1, "reference", tmp_path)
