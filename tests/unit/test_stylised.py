"""Measuring stylised facts with made-up runs: what is run, reused, judged and shown."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from sim.errors import FiresaleError, InputError
from sim.experiments.stylised import measure as module
from sim.experiments.stylised.cases import cases
from sim.experiments.stylised.claim import Claim, less, more, of, ratio
from sim.experiments.stylised.facts import CLAIMS, chosen
from sim.experiments.stylised.measure import measure, verdict
from sim.reports.stylised import markdown

CLAIM = Claim(2, "seed", "1", ("calm",), of("calm", "seed"), (0.4, 1.6))


@pytest.fixture(autouse=True)
def _made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORKER", (sys.executable, "-m", "tests.helpers.fake_observer"))
    monkeypatch.setattr(module, "versions_now", lambda engine: {"sources": "these"})


def told(out: Path, **options: Any) -> tuple[dict[str, Any], list[str]]:
    names: list[str] = []
    found = measure(out, [CLAIM], jobs=2, on_run=lambda n, done, of: names.append(n), **options)
    return found, sorted(names)


def test_measure__three_seeds__is_their_mean_and_a_second_call_runs_nothing(tmp_path: Path) -> None:
    found, names = told(tmp_path, most_seeds=3)
    assert names == ["calm-0", "calm-1", "calm-2"]
    assert found["seeds"] == {"calm": 3}
    (claim,) = found["claims"]
    assert claim["ours"]["mean"] == 1
    assert claim["ours"]["n"] == 3
    assert claim["verdict"] == "holds in the mean"
    assert told(tmp_path, most_seeds=3) == (found, [])


def test_measure__a_damaged_row_and_changed_sources__run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(tmp_path, most_seeds=2)
    (tmp_path / "rows" / "calm_1.json").write_text("{")
    assert told(tmp_path, most_seeds=2)[1] == ["calm-1"]
    monkeypatch.setattr(module, "versions_now", lambda engine: {"sources": "others"})
    assert told(tmp_path, most_seeds=2)[1] == ["calm-0", "calm-1"]


def test_measure__a_run_fails__is_named_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAULTS", "1")
    with pytest.raises(FiresaleError, match="calm-1: the engine died"):
        told(tmp_path, most_seeds=3)
    monkeypatch.delenv("FAULTS")
    assert told(tmp_path, most_seeds=3)[1] == ["calm-1"]


@pytest.mark.parametrize(
    ("mean", "interval", "said"),
    [
        (1.0, [0.5, 1.5], "holds"),
        (1.0, [0.3, 1.5], "holds in the mean"),
        (1.0, None, "holds in the mean"),
        (1.7, [1.0, 2.4], "does not hold"),
        (None, None, "nothing to measure"),
    ],
)
def test_verdict__of_mean_and_interval__is_by_the_band(
    mean: float | None, interval: list[float] | None, said: str
) -> None:
    assert verdict({"mean": mean, "interval_95": interval}, CLAIM) == said


def test_readings__of_pairs__are_seed_by_seed_and_leave_out_what_is_missing() -> None:
    rows = {"a": [{"x": 5.0}, {"x": 7.0}, {}], "b": [{"x": 1.0}, {"x": None}, {"x": 3.0}]}
    assert of("a", "x")(rows) == [5, 7, None]
    assert less("a", "b", "x")(rows) == [4, None, None]
    assert more(of("a", "x"), of("a", "x"))(rows) == [0, 0, None]
    assert ratio(rows, ("a", "x"), ("b", "x")) == [2.5, 3.5, None]
    assert ratio(rows, ("a", "x"), ("b", "y")) == [None, None, None]


def test_chosen__facts_by_number__are_their_claims() -> None:
    assert chosen(None) == CLAIMS
    assert {claim.fact for claim in chosen("1, 10")} == {1, 10}
    with pytest.raises(InputError, match="facts: there is no '11'; give numbers of 1 to 10"):
        chosen("4,11")


def test_claims__name_cases_that_are_there__and_bands_that_are_not_empty() -> None:
    for claim in CLAIMS:
        assert set(claim.cases) <= set(cases()), claim.what
        assert claim.band[0] < claim.band[1]
        assert math.isfinite(min(map(abs, claim.band)))


def test_markdown__of_what_was_measured__shows_value_interval_seeds_and_verdict() -> None:
    claim = {
        "fact": 2,
        "title": "Part of it",
        "what": "how much",
        "observed": "20 to 65%",
        "unit": "%",
        "ours": {"mean": 31.26, "interval_95": [-1.0, 63.0], "n": 4},
        "verdict": "holds in the mean",
        "remark": "a remark",
    }
    lines = markdown({"claims": [claim, {**claim, "ours": {"mean": None, "n": 0}}]}).splitlines()
    assert lines[2] == "| **2** | **Part of it** |  |  |  |  |"
    assert lines[3] == (
        "|  | how much | 20 to 65% | 31.3 (−1.0 to 63.0)% | 4 | holds in the mean: a remark |"
    )
    assert "| – | 0 |" in lines[4]
