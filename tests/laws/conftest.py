"""Every law holds on every engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.engines import ENGINES
from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import Library
from sim.engines.process import AnvilNode
from tests.differential.rig import Rig
from tests.helpers.laws import Trials


@pytest.fixture(params=sorted(ENGINES))
def trial(request: pytest.FixtureRequest) -> Iterator[Trials]:
    """Opens laboratories."""
    with Trials(request.param) as trials:
        yield trials


@pytest.fixture(scope="module")
def both() -> Iterator[Rig]:
    """The exchange's bytecode and its twin, which must agree in everything."""
    with AnvilNode(OPTIONS) as node:
        yield Rig(node, Library())
