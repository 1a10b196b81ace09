"""What makes a finished run count as another one."""

from __future__ import annotations

import pytest

from sim import load_design, load_scenario
from sim.experiments.runs import Run, source_hash, versions_now


@pytest.fixture
def project(tmp_path):
    """A project folder with one source of each sort."""
    for name in ("contracts/modules/maths.vy", "sim/world/loop.py", "sim/reports/style.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True)
        path.write_text("one")
    return tmp_path


@pytest.mark.parametrize("name", ["contracts/modules/maths.vy", "sim/world/loop.py"])
def test_source_hash__source_that_decides__changes(project, name):
    before = source_hash(project)
    (project / name).write_text("two")

    assert source_hash(project) != before


def test_source_hash__file_moves__changes(project):
    before = source_hash(project)
    (project / "sim/world/loop.py").rename(project / "sim/world/step.py")

    assert source_hash(project) != before


@pytest.mark.parametrize("name", ["sim/reports/style.py", "contracts/notes.txt"])
def test_source_hash__file_that_only_shows_or_tells__stays(project, name):
    before = source_hash(project)
    (project / name).write_text("two")

    assert source_hash(project) == before


def test_versions_now__packages_engine_and_sources__are_named():
    named = versions_now("anvil")
    assert named.keys() == {"python", "numpy", "pydantic", "vyper", "anvil", "sources"}
    assert named["anvil"].startswith("1.")


def test_fingerprint__any_input__makes_another_run():
    calm, fixed = load_scenario("calm"), load_design("fixed")
    run = Run(calm, fixed, 0, "anvil")
    others = [
        Run(load_scenario("flash_crash"), fixed, 0, "anvil"),
        Run(calm, load_design("fixed", ("market.min_debt=1.5",)), 0, "anvil"),
        Run(calm, fixed, 1, "anvil"),
        Run(calm, fixed, 0, "reference"),
    ]

    now = {"vyper": "0.4.3", "sources": "these"}
    prints = [r.fingerprint(now) for r in (run, *others)]
    prints.append(run.fingerprint({**now, "sources": "edited"}))
    assert len(set(prints)) == 6
    assert Run.from_json(run.as_json()).fingerprint(now) == prints[0]
