"""Mistakes in what a user asks for: one clear message that names the field, flag or file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.command import Said, ape, assert_refused, inside

HEADER = "time,open,high,low,close\n"
ROW = "2024-08-05T0{h}:00:00,100,110,90,100\n"


def compare(tmp_path: Path, *args: str | Path) -> Said:
    return inside("compare", "--seeds", "1", "--out", tmp_path / "out", *args)


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (["--set", "market.min_dept=3"], ["market.min_dept", "did you mean min_debt"]),
        (["--set", "venue.half_live_s=3"], ["venue.half_live_s", "did you mean half_life_s"]),
        (["--set", "market.collaterals.0.ltv=0.9"], ["ltv", "liquidation_threshold", "lower ltv"]),
        (["--set", "liquidation.contract=FixdSpread"], ["FixdSpread", "did you mean FixedSpread"]),
        (["--set", "liquidation.bonos=0.1"], ["bonos", "bonus"]),
        (["--set", "liquidation.bonus"], ["liquidation.bonus", "should look like"]),
        (["--seeds", "-3"], ["seeds", "-3", "negative"]),
        (["--seeds", "7:3"], ["seeds", "7:3"]),
        (["--seeds", "many"], ["seeds", "many"]),
        (["--scenario", "black_tuesday"], ["black_tuesday", "black_thursday"]),
        (["--designs", "duch"], ["duch", "dutch"]),
        (["--designs", "fixed,fixed"], ["fixed", "more than once"]),
        (["--designs", ","], ["designs", "at least one"]),
        (["--engine", "hardhat"], ["hardhat", "anvil"]),
        (["--hours", "27:23"], ["--hours 27:23"]),
        (["--hours", "ten"], ["--hours ten"]),
        (["--jobs", "0"], ["jobs"]),
    ],
    ids=lambda value: " ".join(value) if value[0].startswith("--") else "",
)
def test_compare__a_mistake__is_named_in_one_sentence(
    args: list[str], parts: list[str], tmp_path: Path
) -> None:
    chosen = [] if "--designs" in args else ["--designs", "fixed"]
    assert_refused(compare(tmp_path, *chosen, *args), *parts)
    assert not (tmp_path / "out").exists()


def test_compare__unknown_flag__is_wrong_usage(tmp_path: Path) -> None:
    said = compare(tmp_path, "--sceanrio", "calm")
    assert_refused(said, "--sceanrio", "--scenario", code=2)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (HEADER + ROW.format(h=0) + ROW.format(h=1) + ROW.format(h=3), ["line 4", "gap"]),
        (HEADER + ROW.format(h=0) + "2024-08-05T01:00:00,100,high,90,100\n", ["line 3", "high"]),
        (HEADER + ROW.format(h=0) + "2024-08-05T01:00:00,100,80,90,100\n", ["line 3"]),
        (HEADER + ROW.format(h=0) + "2024-08-05T01:00:00,100,110\n", ["line 3"]),
        ("hour,price\n1,2\n", ["time", "open"]),
        ("", ["mine.csv"]),
    ],
    ids=["a hole", "text", "high below low", "a short row", "other columns", "empty"],
)
def test_compare__bad_prices__are_named_by_file_and_line(
    text: str, parts: list[str], tmp_path: Path
) -> None:
    prices = tmp_path / "mine.csv"
    prices.write_text(text)
    said = compare(tmp_path, "--designs", "fixed", "--prices", prices)
    assert_refused(said, "mine.csv", *parts)


def test_compare__prices_that_are_not_there__are_named(tmp_path: Path) -> None:
    said = compare(tmp_path, "--designs", "fixed", "--prices", tmp_path / "none.csv")
    assert_refused(said, "none.csv")


def test_compare__design_file_that_is_not_yaml__is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\nmarket: [\n")
    assert_refused(compare(tmp_path, "--designs", path), "mine.yaml", "line")


def test_compare__parameter_of_another_contract__names_what_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("extends: fixed\nname: mine\nliquidation:\n  buffer: 1.2\n")
    assert_refused(compare(tmp_path, "--designs", path), "buffer", "close_factor")


def test_replay__a_trace_that_is_not_there__is_named() -> None:
    assert_refused(inside("replay", "nowhere.parquet"), "nowhere.parquet", "no such trace")


def test_deploy__unknown_design__is_named() -> None:
    assert_refused(ape("run", "deploy", "--design", "duch"), "duch", "did you mean dutch")


def test_deploy__a_value_that_the_contract_refuses__gives_its_reason() -> None:
    said = ape("run", "deploy", "--design", "fixed", "--set", "liquidation.bonus=2.0")
    assert_refused(said, "FixedSpread", "fixed: bonus above 1")
    assert "Call trace" not in said.stdout


def test_deploy__unknown_account__is_wrong_usage() -> None:
    said = ape("run", "deploy", "--account", "nobody_of_that_name")
    assert_refused(said, "nobody_of_that_name", "not found", code=2)


def test_compare__a_mistake__ends_a_command_of_the_shell_as_it_should(tmp_path: Path) -> None:
    said = ape("run", "compare", "--seeds", "-3", "--out", tmp_path / "out")
    assert_refused(said, "a seed can't be negative")
