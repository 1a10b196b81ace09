"""The reference engine through the whole of the house: worker, results, replay, report."""

from __future__ import annotations

from pathlib import Path

from sim import compare, load_scenario, replay, write_report
from sim.engines.reference import ReferenceEngine
from sim.experiments.amplification import MECHANISMS

FEW = ("clock.hours=1", "clock.block_spacing_s=60", "population.borrowers.count=120")


def test_compare__on_the_reference_engine__leaves_results_that_replay_and_report(
    tmp_path: Path,
) -> None:
    scenario = load_scenario("flash_crash", overrides=FEW)
    results = compare(scenario, ["fixed", "dutch"], 1, engine="reference", out=tmp_path)
    assert results.data["engine"] == "reference"
    assert results.data["versions"]["reference"] == ReferenceEngine.version()
    assert results.trace("fixed", 0).manifest["engine"] == "reference"
    again = replay(tmp_path / "runs" / "dutch-0.parquet")
    assert again.identical, str(again)
    assert {row["without"] for row in results.data["counterfactuals"]} == set(MECHANISMS)
    page = write_report(results.out).read_text(encoding="utf-8")
    assert "reference" in page
    assert "owed_to_liquidations_pct" in page
    assert compare(scenario, ["fixed"], 1, engine="reference", out=tmp_path).data["timing"][
        "reused"
    ]
