"""Every contract can be deployed on a chain with the limits of today's mainnet."""

from __future__ import annotations

import pytest

from sim.engines.artifacts import Library

RUNTIME_LIMIT = 24_576  # EIP-170 [bytes]
CREATION_LIMIT = 49_152  # EIP-3860 [bytes]
LIBRARY = Library()


@pytest.mark.parametrize("name", LIBRARY.names())
def test_code_size__of_a_deployable__is_within_the_limits(name: str) -> None:
    artifact = LIBRARY.get(name)
    assert 0 < artifact.code_size <= RUNTIME_LIMIT
    assert 0 < len(artifact.bytecode) // 2 - 1 <= CREATION_LIMIT
