"""Comparisons with made-up runs: what is run, reused, continued, and said when it goes wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from sim import load_design, load_scenario
from sim.errors import InputError, OutputError
from sim.experiments import amplification, chosen
from sim.experiments import compare as module
from sim.experiments.amplification import MECHANISMS
from sim.experiments.compare import Interrupted, Progress, RunError, compare
from sim.results import Results
from sim.trace import Trace

WORKER = (sys.executable, "-m", "tests.helpers.fake_worker")


@pytest.fixture(autouse=True)
def _detached(monkeypatch):
    """Nothing is deployed here, so nothing is compiled, and an edited source changes nothing."""
    _detach(monkeypatch)


def _detach(patch):
    patch.setattr(chosen, "check_design", lambda design: {})
    patch.setattr(module, "versions_now", lambda engine: {"sources": "these"})


@pytest.fixture(scope="module")
def _finished(tmp_path_factory):
    """One finished comparison, for tests that begin with one."""
    out = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as patch:
        _detach(patch)
        run(out)
    return out


@pytest.fixture
def done(_finished, tmp_path):
    """A copy of it that a test may change."""
    return Path(shutil.copytree(_finished, tmp_path / "done"))


@pytest.fixture
def faults(monkeypatch):
    """Make runs fail by name."""
    return lambda **by_run: monkeypatch.setenv(
        "FAULTS", json.dumps({name.replace("_", "-"): what for name, what in by_run.items()})
    )


def run(out: Path, *, seeds: Any = 2, overrides: tuple[str, ...] = (), **options: Any) -> Results:
    designs = [load_design("fixed", overrides), load_design("dutch")]
    options = {"jobs": 1, "amplification": False, **options}
    return compare(load_scenario("calm"), designs, seeds, out=out, worker=WORKER, **options)


def states(told: list[Progress]) -> dict[str, list[str]]:
    by_state: dict[str, list[str]] = {}
    for progress in told:
        by_state.setdefault(progress.state, []).append(progress.run)
    return {state: sorted(names) for state, names in by_state.items()}


ALL = ["dutch-0", "dutch-1", "fixed-0", "fixed-1"]


# --- results ------------------------------------------------------------------------------------


def test_compare__two_designs_two_seeds__results_and_traces_are_in_the_folder(tmp_path):
    told: list[Progress] = []
    results = run(tmp_path, jobs=2, on_progress=told.append)

    assert states(told) == {"started": ALL, "step": ALL, "finished": ALL}
    assert results.designs == ("fixed", "dutch")
    assert results.seeds == (0, 1)
    order = [(r["design"], r["seed"]) for r in results.runs]
    assert order == [("fixed", 0), ("fixed", 1), ("dutch", 0), ("dutch", 1)]
    assert Results.load(tmp_path).data == results.data
    assert Trace.load(tmp_path / "runs" / "dutch-1.parquet").manifest["seed"] == 1
    assert sorted(p.name for p in (tmp_path / "runs").glob("*.part")) == []


def test_compare__ledger__sums_to_zero_in_every_token(done):
    for row in Results.load(done).runs:
        for token in row["ledger"]["tokens"].values():
            assert sum(map(int, token["roles"].values())) == 0


def test_compare__in_two_folders__all_but_the_timing_is_identical(done, tmp_path):
    first, second = Results.load(done).data, run(tmp_path / "b", jobs=1).data

    assert {**first, "timing": 0} == {**second, "timing": 0}
    assert list(first) == list(second)


def test_compare__means_and_differences__agree_with_the_runs(done):
    results = Results.load(done)
    frame = results.frame()["borrower_loss_usd"].unstack("design")

    assert results.mean("dutch", "borrower_loss_usd")["mean"] == pytest.approx(
        frame["dutch"].mean()
    )
    gap = results.difference("dutch", "borrower_loss_usd")
    assert gap["mean"] == pytest.approx((frame["dutch"] - frame["fixed"]).mean())
    assert gap["n"] == 2


# --- counterfactuals ----------------------------------------------------------------------------


def test_compare__with_amplification__keeps_a_row_of_each_run_with_one_thing_off(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(amplification, "check_design", lambda design: {})
    told: list[Progress] = []
    results = run(tmp_path, seeds=1, amplification=True, on_progress=told.append)

    names = [f"{d}-0~no_{off}" for d in ("fixed", "dutch") for off in MECHANISMS]
    assert set(states(told)["finished"]) == {"fixed-0", "dutch-0", *names}
    assert [(r["design"], r["seed"]) for r in results.runs] == [("fixed", 0), ("dutch", 0)]
    assert {p.stem for p in (tmp_path / "runs").glob("*~*")} == set(names)
    assert not list((tmp_path / "runs").glob("*~*.parquet"))
    assert {r["engine"] for r in results.data["counterfactuals"]} == {"reference"}
    # the worker makes up the same panic whatever is off
    assert results.amplification["dutch"]["amplification"]["mean"] == 1
    assert results.amplification["dutch"]["owed_to_panic_pct"]["mean"] == 0

    again: list[Progress] = []
    second = run(tmp_path, seeds=1, amplification=True, on_progress=again.append)
    assert states(again) == {"reused": states(told)["finished"]}
    assert {**second.data, "timing": 0} == {**results.data, "timing": 0}


def test_compare__without_amplification__says_nothing_about_it(done):
    results = Results.load(done)

    assert results.amplification == {}
    assert "counterfactuals" not in results.data


# --- continuing ---------------------------------------------------------------------------------


def test_compare__again__nothing_runs_and_results_stay_the_same(done):
    first = Results.load(done)
    told: list[Progress] = []
    second = run(done, on_progress=told.append)

    assert states(told) == {"reused": ALL}
    assert {**first.data, "timing": 0} == {**second.data, "timing": 0}
    assert second.data["timing"]["reused"] == 4


def test_compare__more_seeds__only_the_missing_ones_run(done):
    told: list[Progress] = []
    run(done, seeds=3, on_progress=told.append)

    assert states(told)["reused"] == ALL
    assert states(told)["finished"] == ["dutch-2", "fixed-2"]


def test_compare__changed_design__its_runs_are_outdated_and_run_again(done):
    told: list[Progress] = []
    run(done, overrides=("market.initial_reserve=1.5",), on_progress=told.append)

    assert states(told)["outdated"] == ["fixed-0", "fixed-1"]
    assert states(told)["finished"] == ["fixed-0", "fixed-1"]
    assert states(told)["reused"] == ["dutch-0", "dutch-1"]


def test_compare__changed_sources__everything_runs_again(done, monkeypatch):
    monkeypatch.setattr(module, "versions_now", lambda engine: {"sources": "others"})
    told: list[Progress] = []
    run(done, on_progress=told.append)

    assert states(told)["outdated"] == ALL


@pytest.mark.parametrize(
    ("file", "left"), [("json", "{"), ("json", "[1]"), ("parquet", ""), ("parquet", "PAR1")]
)
def test_compare__damaged_file_of_a_run__runs_again(done, file, left):
    (done / "runs" / f"fixed-1.{file}").write_text(left)
    told: list[Progress] = []
    run(done, on_progress=told.append)

    assert states(told)["finished"] == ["fixed-1"]


# --- faults -------------------------------------------------------------------------------------


def test_compare__anvil_dies_in_one_run__the_others_finish_and_a_second_call_completes(
    tmp_path, faults
):
    faults(fixed_1="anvil")
    with pytest.raises(RunError) as failure:
        run(tmp_path)

    assert str(failure.value) == (
        f"fixed-1 failed: anvil died. 3 of 4 runs are finished and kept in {tmp_path}; "
        "the same call again continues with the rest"
    )
    assert not (tmp_path / "results.json").exists()
    faults()
    told: list[Progress] = []
    run(tmp_path, on_progress=told.append)
    assert states(told)["finished"] == ["fixed-1"]


def test_compare__worker_is_killed__it_is_replaced_and_the_run_named(tmp_path, faults):
    faults(fixed_0="dies")
    with pytest.raises(
        RunError, match=r"^fixed-0 failed: its process ended \(killed by signal 9\)"
    ):
        run(tmp_path, jobs=1)

    assert len(list((tmp_path / "runs").glob("*.parquet"))) == 3


def test_compare__same_fault_everywhere__is_said_once(tmp_path, faults):
    faults(fixed_0="anvil", fixed_1="anvil", dutch_0="anvil", dutch_1="anvil")
    with pytest.raises(RunError) as failure:
        run(tmp_path)

    assert str(failure.value).count("anvil died") == 1
    assert "0 of 4 runs are finished" in str(failure.value)


def test_compare__defect__traceback_is_in_the_log_and_not_in_the_message(tmp_path, faults):
    faults(dutch_0="defect")
    with pytest.raises(RunError) as failure:
        run(tmp_path)

    log = tmp_path / "runs" / "log.txt"
    expected = f"dutch-0 failed: ZeroDivisionError: division by zero (a defect; see {log})"
    assert str(failure.value).startswith(expected)
    assert "Traceback" in log.read_text()


def test_compare__disk_full_in_the_middle__says_so_and_keeps_the_rest(tmp_path, faults):
    faults(fixed_0="full")
    with pytest.raises(RunError, match="fixed-0: no space left on device"):
        run(tmp_path)


def test_compare__ctrl_c__workers_end_in_order_and_finished_runs_stay(tmp_path, faults):
    faults(dutch_1="hangs")
    hanging = tmp_path / "dutch-1.hanging"
    threading.Thread(target=_interrupt_when, args=(hanging, 3, tmp_path), daemon=True).start()
    with pytest.raises(Interrupted) as stopped:
        run(tmp_path)

    assert str(stopped.value) == (
        f"interrupted: 3 of 4 runs are finished and kept in {tmp_path}; "
        "the same call again continues with the rest"
    )
    assert (tmp_path / "dutch-1.ended-in-order").exists()
    assert not _alive(int(hanging.read_text()))


def test_compare__parent_is_killed__workers_end_in_order(tmp_path):
    code = (
        "from tests.unit import test_compare as t\n"
        "t.chosen.check_design = lambda design: {}\n"
        f"t.run(t.Path({str(tmp_path)!r}))"
    )
    faulty = {**os.environ, "FAULTS": '{"fixed-0": "hangs"}'}
    parent = subprocess.Popen([sys.executable, "-c", code], env=faulty)
    _wait_for(lambda: (tmp_path / "fixed-0.hanging").exists())
    parent.kill()
    parent.wait()

    _wait_for(lambda: (tmp_path / "fixed-0.ended-in-order").exists())


def _interrupt_when(hanging: Path, runs: int, out: Path) -> None:
    rows = out / "runs"
    _wait_for(lambda: hanging.exists() and len(list(rows.glob("*-*.json"))) == runs)
    time.sleep(0.2)
    os.kill(os.getpid(), signal.SIGINT)


def _wait_for(condition: Any, patience_s: float = 60) -> None:
    deadline = time.monotonic() + patience_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- bad input ----------------------------------------------------------------------------------


def test_compare__folder_that_cannot_be_made__one_clear_message(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as failure:
        run(tmp_path / "file" / "out")

    folder = tmp_path / "file" / "out"
    assert str(failure.value) == (
        f"{folder}: can't write there (Not a directory); choose another folder"
    )


def test_compare__full_disk__refused_before_the_first_run(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    told: list[Progress] = []
    with pytest.raises(OutputError, match="1 MiB are free and 4 runs may need 32; free space"):
        run(tmp_path, on_progress=told.append)

    assert told == []


def test_compare__no_designs__is_refused(tmp_path):
    with pytest.raises(InputError, match="designs: name at least one"):
        compare(load_scenario("calm"), [], 1, out=tmp_path)


def test_compare__same_design_twice__is_refused(tmp_path):
    with pytest.raises(InputError, match="designs: fixed is there more than once"):
        compare("calm", ["fixed", "fixed"], 1, out=tmp_path)


def test_compare__no_jobs__is_refused(tmp_path):
    with pytest.raises(InputError, match="jobs 0: at least one process has to work"):
        run(tmp_path, jobs=0)


def test_compare__unknown_engine__is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="there is no engine 'avnil'"):
        run(tmp_path / "new", engine="avnil")

    assert not (tmp_path / "new").exists()


def test_compare__unknown_design__is_refused_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match="there is no design named 'ducth'"):
        compare("calm", ["ducth"], 1, out=tmp_path / "new")

    assert not (tmp_path / "new").exists()
