"""Whole runs of every design in every scenario with three seeds on both engines: `make agreement`.

It takes hours, so choose: `make agreement ARGS="-k 'english and calm'"`. Runs that are finished in
out/agreement are reused. pytest does not collect this file by itself.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import config
from sim.design import FOLDER as DESIGNS
from sim.experiments.agreement import disagreement
from sim.experiments.compare import compare
from sim.scenario import FOLDER as SCENARIOS

OUT = Path("out/agreement")
SEEDS = 3


@pytest.mark.parametrize("scenario", config.names(SCENARIOS))
@pytest.mark.parametrize("design", config.names(DESIGNS))
def test_engines__on_a_whole_scenario__tell_the_same(scenario: str, design: str) -> None:
    folder = OUT / scenario / design
    anvil, reference = (
        compare(scenario, [design], SEEDS, engine, folder / engine, amplification=False)
        for engine in ("anvil", "reference")
    )
    found = {
        seed: disagreement(anvil.trace(design, seed), reference.trace(design, seed))
        for seed in anvil.seeds
    }
    assert found == dict.fromkeys(found, "")
