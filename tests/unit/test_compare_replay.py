"""Traces of two runs compared: the first difference is named."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.experiments import replay as module
from sim.experiments.replay import first_difference, replay
from sim.experiments.runs import Run
from sim.trace import Trace
from tests.helpers.synthetic import RunBuilder, ledger, manifest


def made(**about):
    run = RunBuilder().step(0, 200.0).step(60, 201.0, oracle=about.pop("oracle", 200.0))
    return run.trace(**about)


def test_first_difference__same_runs__none():
    assert first_difference(made(), made()) == ""


def test_first_difference__one_value__row_column_and_both_values_are_named():
    assert first_difference(made(), made(oracle=199.5)) == (
        "row 1 (a block row of block 2): oracle was 200.0, now 199.5"
    )


def test_first_difference__run_went_on__numbers_of_rows():
    longer = RunBuilder().step(0, 200.0).step(60, 201.0, oracle=200.0).step(120, 202.0).trace()

    assert first_difference(made(), longer) == "there were 2 rows, now 3"


def test_first_difference__only_the_hash__is_said():
    other = manifest(seed=1)

    assert first_difference(made(), made(manifest=other)) == (
        f"all rows are the same, but the final block was 0x{0:064x}, now 0x{1:064x}"
    )


def test_first_difference__only_the_ledger__is_said():
    found = first_difference(made(), made(ledger=ledger(keepers=1.0)))

    assert found == "all rows are the same, but the ledger is not"


@pytest.mark.parametrize("broken", [{"scenario": {}}, {"design": []}, {"seed": None}])
def test_replay__manifest_of_another_version__refused(tmp_path, broken):
    about = {key: value for key, value in (manifest() | broken).items() if value is not None}
    made(manifest=about).write(tmp_path / "old.parquet")

    with pytest.raises(InputError, match=r"old.parquet: its manifest does not fit this version"):
        replay(tmp_path / "old.parquet")


@pytest.fixture
def rerun(monkeypatch, tmp_path):
    """Write a trace and replay it with `again` as what runs now."""

    def run(old: Trace, again: Trace):
        class Anything:
            name = "fixed-0"

        monkeypatch.setattr(Run, "from_json", classmethod(lambda cls, data: Anything()))
        monkeypatch.setattr(module, "execute", lambda run, on_step: again)
        old.write(tmp_path / "old.parquet")
        return replay(tmp_path / "old.parquet")

    return run


def test_replay__same_run__is_identical_and_says_how_far(rerun):
    result = rerun(made(), made())

    assert result.identical
    assert str(result) == (
        f"fixed-0: identical: the same 2 rows and the same final block 0x{0:064x}"
    )


def test_replay__other_versions__are_named_beside_the_difference(rerun):
    newer = {**manifest(), "versions": {"firesale": "1", "vyper": "0.4.3"}}
    result = rerun(made(), made(manifest=newer, oracle=1.0))

    assert not result.identical
    assert str(result) == (
        "fixed-0: not identical: row 1 (a block row of block 2): oracle was 200.0, now 1.0 "
        "(versions differ: firesale 0 -> 1, vyper none -> 0.4.3)"
    )
