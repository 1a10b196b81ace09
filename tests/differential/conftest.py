"""Both sides, once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import Library
from sim.engines.process import AnvilNode
from tests.differential.rig import Rig

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
