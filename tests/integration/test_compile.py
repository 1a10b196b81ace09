"""`ape compile`, as a user gives it."""

from __future__ import annotations

import json
from pathlib import Path

from sim.engines.artifacts import Library
from tests.helpers.command import ape

PATIENCE_S = 900.0  # of a minute's work, when other tests keep the processors busy


def test_compile__everything_anew__gives_the_bytecode_that_engines_and_tests_deploy(
    checkout: Path,
) -> None:
    said = ape("compile", "--force", cwd=checkout, patience_s=PATIENCE_S)
    assert said.returncode == 0, said.stdout + said.stderr
    types = json.loads((checkout / ".build" / "__local__.json").read_text())["contractTypes"]
    compiled = {name: kind["deploymentBytecode"]["bytecode"] for name, kind in types.items()}
    library = Library()
    assert compiled == {name: library.get(name).bytecode for name in library.names()}
