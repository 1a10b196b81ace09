"""Both sides, once for all tests; and a table of the branches that the designs have reached."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import Library
from sim.engines.process import AnvilNode
from tests.differential.branches import Branches, table
from tests.differential.rig import Rig

REACHED: pytest.StashKey[Branches] = pytest.StashKey()

settings.register_profile(
    "long",
    max_examples=100,
    stateful_step_count=60,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="session")
def both() -> Iterator[Rig]:
    with AnvilNode(OPTIONS) as node:
        yield Rig(node, Library())


@pytest.fixture(scope="session")
def stage() -> Iterator[Rig]:
    """Another rig, for whole designs, whose contracts take the keys of the other's."""
    with AnvilNode(OPTIONS) as node:
        yield Rig(node, Library())


@pytest.fixture(scope="session")
def branches(pytestconfig: pytest.Config) -> Branches:
    """How often each design reached each branch; shown at the end."""
    return pytestconfig.stash.setdefault(REACHED, {})


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    for line in table(config.stash.get(REACHED, {})):
        terminalreporter.write_line(line)
