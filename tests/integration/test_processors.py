"""A trace is the same on a processor that offers numpy and BLAS fewer instructions."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.helpers.command import environment
from tests.helpers.source import ROOT

# what numpy and OpenBLAS find on an old processor
OLD = {
    "NPY_DISABLE_CPU_FEATURES": (
        "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3"
    ),
    "OPENBLAS_CORETYPE": "Prescott",
}
SHOW = """
import sys
import numpy as np
from sim.design import load_design
from sim.experiments.runs import Run, execute, row_of
from sim.scenario import load_scenario

scenario, design = sys.argv[1:]
trace = execute(Run(load_scenario(scenario), load_design(design), 0, "reference"))
logs = np.log(np.random.default_rng(0).uniform(50, 300, 10_000))
print(logs @ logs, row_of(trace), *trace.table.to_pylist(), sep="\\n")
"""


def shown(scenario: str, design: str, **changes: str) -> list[str]:
    """What numpy makes of some numbers, then the run: its result and every step."""
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SHOW, scenario, design],
        cwd=ROOT,
        env=environment(**changes),
        capture_output=True,
        text=True,
        check=True,
    )
    return said.stdout.splitlines()


@pytest.mark.parametrize(
    ("scenario", "design"), [("black_thursday", "english"), ("contagion", "fixed_breaker")]
)
def test_run__on_an_old_processor__gives_the_same_trace(scenario: str, design: str) -> None:
    here, there = shown(scenario, design), shown(scenario, design, **OLD)
    steps = list(zip(here, there, strict=True))
    assert [i for i, (a, b) in enumerate(steps) if i and a != b] == []
    if here[0] == there[0]:
        pytest.skip("numpy computes here as on the old processor, so this has shown nothing")
