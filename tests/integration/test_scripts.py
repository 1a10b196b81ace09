"""Every command, run as a user runs it."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim.trace import Trace
from tests.helpers.command import ape, environment
from tests.helpers.source import ROOT
from tests.integration.conftest import Comparison

DESIGNS = ("fixed", "fixed_breaker", "dutch", "dutch_breaker")


@pytest.mark.parametrize(
    "command",
    ["compare", "monitor", "bench", "gas", "replay", "deploy", "scenarios", "stylised"],
)
def test_help__of_a_command__fits_one_screen_and_shows_an_example(command: str) -> None:
    said = ape("run", command, "--help")
    assert said.returncode == 0, said.stderr
    assert len(said.stdout.splitlines()) <= 24
    assert f"ape run {command}" in said.stdout.split("Options:")[0].replace("Usage: ape run", "")


def test_run_help__lists_the_commands_and_nothing_else() -> None:
    listed = ape("run", "--help").stdout.split("Commands:")[1]
    commands = ["bench", "compare", "contagion", "deploy", "gas", "mechanisms", "monitor", "replay"]
    commands += ["scenarios", "stylised"]
    assert re.findall(r"^  (\w+)", listed, re.MULTILINE) == commands


def test_compare__small__prints_a_table_with_units_and_ends_with_the_report(
    comparison: Comparison,
) -> None:
    printed = comparison.said.stdout
    for text in ("fixed", "dutch", "bad_debt_usd", "USD", "gas"):
        assert text in printed
    last = printed.strip().splitlines()[-1]
    assert Path(last.removeprefix("Report: ")).samefile(comparison.out / "report.html")


def test_compare__small__tells_its_progress(comparison: Comparison) -> None:
    lines = comparison.said.stderr.splitlines()
    assert sorted(lines) == ["dutch-0: finished", "fixed-0: finished"]


def test_compare__small__leaves_results_report_and_traces(comparison: Comparison) -> None:
    results = json.loads((comparison.out / "results.json").read_text())
    assert [(run["design"], run["seed"]) for run in results["runs"]] == [("fixed", 0), ("dutch", 0)]
    assert all(run["transactions"] > 0 for run in results["runs"])
    for design in ("fixed", "dutch"):
        assert (comparison.out / "runs" / f"{design}-0.parquet").exists()


def test_compare__small__sells_collateral_of_unhealthy_accounts(comparison: Comparison) -> None:
    results = json.loads((comparison.out / "results.json").read_text())
    assert all(run["metrics"]["liquidated_debt_usd"] > 0 for run in results["runs"])


def test_compare__the_same_call_again__runs_nothing_and_says_so(comparison: Comparison) -> None:
    before = json.loads((comparison.out / "results.json").read_text())
    again = ape(*comparison.call)
    after = json.loads((comparison.out / "results.json").read_text())
    assert again.returncode == 0, again.stderr
    assert sorted(again.stderr.splitlines()) == ["dutch-0: reused", "fixed-0: reused"]
    assert {**before, "timing": 0} == {**after, "timing": 0}


def test_compare__own_candles_and_settings__are_what_is_run(tmp_path: Path) -> None:
    prices = tmp_path / "mine.csv"
    with prices.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("time", "open", "high", "low", "close"))
        rows.writerow(("2024-08-05T00:00:00", 2700, 2720, 2500, 2520))
        rows.writerow(("2024-08-05T01:00:00", 2520, 2530, 2200, 2300))
    said = ape(
        *("run", "compare", "--designs", "fixed", "--seeds", "7:8", "--prices", prices),
        *("--hours", "1:2", "--set", "liquidation.bonus=0.08", "--out", tmp_path / "out"),
        *("--set", "population.panic_sellers.count=100", "--jobs", "1"),
    )
    assert said.returncode == 0, said.stdout + said.stderr
    results = json.loads((tmp_path / "out" / "results.json").read_text())
    assert results["manifest"]["seeds"] == [7]
    assert results["manifest"]["designs"]["fixed"]["liquidation"]["bonus"] == 0.08
    assert results["scenario"]["population"]["panic_sellers"]["count"] == 100
    assert results["runs"][0]["metrics"]["fundamental_trough"] == pytest.approx(2200)


def test_replay__a_trace__is_identical_to_the_final_block(comparison: Comparison) -> None:
    said = ape("run", "replay", comparison.out / "runs" / "dutch-0.parquet")
    results = json.loads((comparison.out / "results.json").read_text())
    (dutch,) = (run for run in results["runs"] if run["design"] == "dutch")
    assert said.returncode == 0, said.stdout + said.stderr
    assert "identical" in said.stdout
    assert dutch["block_hash"] in said.stdout


def test_replay__a_trace_that_was_changed__names_the_difference_and_fails(
    comparison: Comparison, tmp_path: Path
) -> None:
    trace = Trace.load(comparison.out / "runs" / "fixed-0.parquet")
    changed = Trace(trace.manifest, trace.ledger, trace.table.slice(0, trace.table.num_rows - 1))
    changed.write(tmp_path / "changed.parquet")
    said = ape("run", "replay", tmp_path / "changed.parquet")
    assert said.returncode == 1
    assert "not identical" in said.stdout
    assert "Traceback" not in said.stderr


@pytest.mark.parametrize("design", DESIGNS)
def test_deploy__a_design__prints_the_addresses_of_its_contracts(design: str) -> None:
    said = ape("run", "deploy", "--design", design, "--network", "ethereum:local:foundry")
    assert said.returncode == 0, said.stdout + said.stderr
    rows = dict(re.findall(r"(\S+) +│ (0x[0-9a-fA-F]{40})", said.stdout))
    expected = {"market", "liquidation", "lens", "pool", "router", "feed:WETH", "USDC", "WETH"}
    assert expected <= rows.keys()
    assert ("breaker:0" in rows) == design.endswith("_breaker")
    assert len(set(rows.values())) == len(rows)


def test_bench__in_one_call__prints_rates_and_the_ratio_that_is_promised() -> None:
    said = ape("run", "bench", "--scenario", "calm", "--hours", "0:1", "--rounds", "1")
    assert said.returncode == 0, said.stdout + said.stderr
    rates = dict(re.findall(r"│ (.+?) +│ +([\d.,]+) │", said.stdout))
    assert {"anvil, end to end", "lens", "Ape's contract objects"} <= rates.keys()
    assert {"scenario on anvil", "scenario on reference"} <= {name.split(",")[0] for name in rates}
    assert "reference / anvil" in rates
    assert float(rates["anvil / bare loop"]) > 0  # how fast is for the bench to say


def test_python__as_in_a_notebook__compares_from_any_folder(tmp_path: Path) -> None:
    code = (
        "from sim import compare, load_design, load_scenario\n"
        "results = compare(load_scenario('calm', hours='0:1'), [load_design('fixed')], seeds=1,"
        " out='mine')\n"
        "print(results.frame()['liquidated_debt_usd'].iloc[0])\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout.strip() == "0.0"
    assert (tmp_path / "mine" / "results.json").exists()
