"""Whose doing a fall was: the arithmetic, and which runs it needs."""

from __future__ import annotations

import math

import pytest

from sim import load_design, load_scenario
from sim.design import Design
from sim.engines.deploy import check_design
from sim.experiments import amplification as module
from sim.experiments.amplification import MECHANISMS, amplification, counterfactuals, of_seed
from sim.experiments.runs import Run
from sim.games.cascade import amplification as cascade
from sim.scenario import Scenario


def fell(log: float, liquidated: float = 10.0) -> dict[str, float | None]:
    """Metrics of a run in which the logarithm of the price fell by so much."""
    return {"fall_pct": 100 * (1 - math.exp(-log)), "liquidated_debt_usd": liquidated}


def test_of_seed__fall_of_half_as_much_again__is_amplified_by_it_and_branches_by_a_third() -> None:
    found = of_seed(
        fell(0.6),
        {
            "impact": fell(0.4, liquidated=7.0),
            "liquidations": fell(0.45),
            "panic": fell(0.54),
            "withdrawal": fell(0.66),
        },
    )
    assert found["amplification"] == pytest.approx(1.5)
    assert found["branching"] == pytest.approx(1 / 3)
    assert cascade(1 / 3) == pytest.approx(1.5)
    assert found["owed_to_liquidations_pct"] == pytest.approx(25)
    assert found["owed_to_panic_pct"] == pytest.approx(10)
    assert found["owed_to_withdrawal_pct"] == pytest.approx(-10)
    assert found["induced_liquidations_pct"] == pytest.approx(30)
    assert found["fall_without_impact_pct"] == pytest.approx(100 * (1 - math.exp(-0.4)))


def test_of_seed__nothing_fell__has_no_ratio() -> None:
    found = of_seed(fell(0.0, 0.0), {m: fell(0.0, 0.0) for m in MECHANISMS})
    assert found.pop("fall_pct") == found.pop("fall_without_impact_pct") == 0
    assert set(found.values()) == {None}


def test_of_seed__no_counterfactual__says_the_fall_only() -> None:
    found = of_seed(fell(0.5), {})
    assert found.pop("fall_pct") == pytest.approx(39.3469)
    assert set(found.values()) == {None}


def test_amplification__several_seeds__is_their_mean_with_its_interval() -> None:
    runs = [{"design": "fixed", "seed": seed, "metrics": fell(0.6)} for seed in (0, 1)]
    others = [
        {"design": "fixed", "seed": seed, "without": "impact", "metrics": fell(log)}
        for seed, log in ((0, 0.5), (1, 0.4))
    ]
    found = amplification(runs, others)["fixed"]["amplification"]
    assert found["mean"] == pytest.approx((1.2 + 1.5) / 2)
    assert found["n"] == 2
    assert found["interval_95"][0] < 1.2


def run_of(design: Design | None = None, **changes: object) -> Run:
    scenario = load_scenario("calm").model_copy(update=changes)
    return Run(scenario, design or load_design("fixed"), 3, "anvil")


def test_counterfactuals__design_with_twins__run_on_the_fast_engine_with_one_thing_off() -> None:
    found = counterfactuals([run_of()])
    assert [run.name for run in found] == [f"fixed-3~no_{m}" for m in MECHANISMS]
    assert [run.scenario.off for run in found] == [(m,) for m in MECHANISMS]
    assert {run.engine for run in found} == {"reference"}
    assert Run.from_json(found[2].as_json()) == found[2]


def test_counterfactuals__contract_without_a_twin__run_where_the_others_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    contracts = check_design(load_design("fixed"))
    monkeypatch.setattr(module, "check_design", lambda _: {**contracts, "liquidation": "House"})
    assert {run.engine for run in counterfactuals([run_of()])} == {"anvil"}


def test_counterfactuals__of_what_is_off_already__are_not_run() -> None:
    found = counterfactuals([run_of(off=("panic",))])
    assert [run.without for run in found] == ["impact", "liquidations", "withdrawal"]
    assert found[0].scenario.off == ("panic", "impact")


def test_scenario__that_switches_off_what_does_not_exist__is_refused() -> None:
    with pytest.raises(ValueError, match="off"):
        Scenario.model_validate({**load_scenario("calm").model_dump(), "off": ["gravity"]})
