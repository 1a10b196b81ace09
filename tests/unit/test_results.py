"""Files of a comparison: whole or not at all."""

from __future__ import annotations

import pytest

from sim.errors import InputError, OutputError
from sim.results import Results, row_path, trace_path, write_json


def test_write_json__not_a_number__refused_and_nothing_is_left(tmp_path):
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "a.json", {"x": float("nan")})

    assert list(tmp_path.iterdir()) == []


def test_write_json__no_folder__names_file_and_way_out(tmp_path):
    path = tmp_path / "gone" / "a.json"
    with pytest.raises(OutputError) as failure:
        write_json(path, {})

    assert str(failure.value) == (
        f"{path}: could not be written (No such file or directory); "
        "free space or choose another folder"
    )


def test_write_json__replaces_an_older_file__whole(tmp_path):
    for value in ("x" * 1000, "short"):
        write_json(tmp_path / "a.json", value)

    assert (tmp_path / "a.json").read_text() == '"short"\n'


def test_load__no_results__says_what_writes_them(tmp_path):
    with pytest.raises(InputError, match=r"results\.json: there are no results; a comparison"):
        Results.load(tmp_path)


def test_load__damaged_results__says_compare_again(tmp_path):
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(InputError, match=r"can't be read .*; compare again"):
        Results.load(tmp_path)


def test_paths__design_and_seed__name_the_files_of_a_run(tmp_path):
    assert trace_path(tmp_path, "dutch", 3) == tmp_path / "runs" / "dutch-3.parquet"
    assert row_path(tmp_path, "dutch-3") == tmp_path / "runs" / "dutch-3.json"
