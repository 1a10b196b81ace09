"""Faults of the machine: each ends in one clear message, and the same call continues afterwards."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.helpers.command import (
    APE,
    ape,
    assert_refused,
    busy_nodes,
    descendants,
    environment,
    nodes,
    processes,
    start,
    wait_for,
)
from tests.integration.conftest import SMALL, Comparison

TWO_RUNS = ("--designs", "fixed,dutch", "--seeds", "1")
# long enough that a run is still going on when something has seen that it is
LONG = (*SMALL, "--set", "clock.first_hour=6", "--set", "clock.hours=12")
MIDDLE = 40  # a block of the long runs: they deploy up to the thirtieth and mine some 270


def call(out: Path, *more: str) -> tuple[str | Path, ...]:
    return ("run", "compare", *SMALL, *TWO_RUNS, "--out", out, *more)


def long_call(out: Path, *more: str) -> tuple[str | Path, ...]:
    return ("run", "compare", *LONG, *TWO_RUNS, "--out", out, *more)


def wait_for_the_second_run(root: int, out: Path) -> None:
    wait_for(lambda: rows(out), "the first run")
    wait_for(lambda: busy_nodes(root, MIDDLE), "the middle of the second run")


def rows(out: Path) -> list[str]:
    return sorted(path.stem for path in (out / "runs").glob("*.json"))


def test_compare__no_anvil__says_how_to_get_one(checkout: Path, tmp_path: Path) -> None:
    (checkout / "node_modules" / "@foundry-rs").unlink()
    tools = tmp_path / "bin"
    tools.mkdir()
    said = ape(*call(tmp_path / "out"), cwd=checkout, env=environment(PATH=str(tools)))
    assert_refused(said, "no Anvil", "make setup")


def test_compare__no_uniswap__says_how_to_get_it(checkout: Path, tmp_path: Path) -> None:
    (checkout / "node_modules" / "@uniswap").unlink()
    assert_refused(ape(*call(tmp_path / "out"), cwd=checkout), "Uniswap", "make setup")


def test_compare__usual_port_taken__runs_all_the_same(
    taken_port: int, comparison: Comparison
) -> None:
    assert taken_port == 8545
    assert comparison.said.returncode == 0


def test_compare__anvil_killed_in_the_middle__names_it_keeps_the_rest_and_continues(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    with start(*long_call(out, "--jobs", "1")) as running:
        wait_for_the_second_run(running.pid, out)
        family = descendants(running.pid)
        (node,) = nodes(running.pid)
        os.kill(node, signal.SIGKILL)
        printed, told = running.communicate(timeout=60)
    said = subprocess.CompletedProcess([], running.returncode, printed, told)
    assert_refused(said, "dutch-0 failed", "anvil died", "1 of 2 runs are finished")
    assert rows(out) == ["fixed-0"]
    assert not family.keys() & processes().keys()

    again = ape(*long_call(out))
    assert again.returncode == 0, again.stderr
    assert sorted(again.stderr.splitlines()) == ["dutch-0: finished", "fixed-0: reused"]


def test_compare__ctrl_c__ends_everything_keeps_the_rest_and_continues(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with start(*long_call(out, "--jobs", "1")) as running:
        wait_for_the_second_run(running.pid, out)
        family = descendants(running.pid)
        running.send_signal(signal.SIGINT)
        printed, told = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in printed + told
    assert "1 of 2 runs are finished" in told
    assert "same call again" in told
    assert not family.keys() & processes().keys()
    assert rows(out) == ["fixed-0"]

    again = ape(*long_call(out))
    assert again.returncode == 0, again.stderr
    assert sorted(again.stderr.splitlines()) == ["dutch-0: finished", "fixed-0: reused"]


def test_compare__killed__leaves_no_process_behind(tmp_path: Path) -> None:
    with start(*long_call(tmp_path / "out")) as running:
        wait_for(lambda: busy_nodes(running.pid, MIDDLE), "the middle of a run")
        family = descendants(running.pid)
        running.kill()
        running.communicate()
    wait_for(lambda: not family.keys() & processes().keys(), "the family to end", 20)


def test_compare__folder_that_cannot_be_written__is_named_before_anything_runs(
    tmp_path: Path,
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    # what the superuser can't write to either
    out = Path("/proc/firesale") if os.geteuid() == 0 else closed / "out"
    assert_refused(ape(*call(out)), str(out), "can't write there", "choose another folder")


def test_compare__folder_that_is_a_file__is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    said = ape(*call(tmp_path / "file" / "out"))
    assert_refused(said, str(tmp_path / "file"), "can't write there")


def test_compare__disk_full_in_the_middle__names_the_file_and_continues_later(
    tmp_path: Path,
) -> None:
    out = tmp_path / "out"
    command = [APE, *map(str, call(out, "--jobs", "1"))]
    said = subprocess.run(
        # a limit on the size of a file stands in for a full disk: writing fails half way
        ["bash", "-c", 'ulimit -f 16; exec "$@"', "bash", *command],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(said, "fixed-0.parquet", "could not be written")
    assert list((out / "runs").glob("*.part")) == []
    again = ape(*call(out))
    assert again.returncode == 0, again.stderr
    assert json.loads((out / "results.json").read_text())["timing"]["reused"] == 0


def test_compare__damaged_row_of_a_run__runs_it_again(
    comparison: Comparison, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    shutil.copytree(comparison.out, out)
    (out / "runs" / "dutch-0.json").write_text("{")
    again = ape(*call(out))
    assert again.returncode == 0, again.stderr
    assert "fixed-0: reused" in again.stderr
    assert "dutch-0: finished" in again.stderr


@pytest.mark.parametrize("text", ["", "not a trace"])
def test_replay__a_file_that_is_no_trace__is_named(text: str, tmp_path: Path) -> None:
    path = tmp_path / "some.parquet"
    path.write_text(text)
    assert_refused(ape("run", "replay", path), "some.parquet", "not a trace")
