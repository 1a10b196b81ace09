"""Both sides, once for all tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import Library
from sim.engines.process import AnvilNode
from tests.differential.rig import Rig


@pytest.fixture(scope="session")
def both() -> Iterator[Rig]:
    with AnvilNode(OPTIONS) as node:
        yield Rig(node, Library())
