"""Every invariant of contracts/README.md holds on the contracts as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.engines.anvil import OPTIONS
from sim.engines.artifacts import Library
from sim.engines.process import AnvilNode
from tests.helpers.ground import Ground
from tests.invariants.registry import checks, family_of, judged, prepare

IDENTIFIERS = sorted(checks())


@pytest.fixture(scope="module")
def ground(request: pytest.FixtureRequest) -> Iterator[Ground]:
    """A chain with the contracts of one family."""
    with AnvilNode(OPTIONS) as node:
        prepared = Ground(node, Library())
        prepare(request.param, prepared)
        yield prepared


@pytest.mark.parametrize(
    ("ground", "identifier"),
    [(family_of(i), i) for i in IDENTIFIERS],
    indirect=["ground"],
    ids=IDENTIFIERS,
)
def test_invariant__on_the_contracts__holds(ground: Ground, identifier: str) -> None:
    with ground.undone():
        checks()[identifier](ground)


def test_families__each__judge_contracts_that_exist() -> None:
    contracts = {contract for named in judged().values() for contract in named}
    assert contracts <= set(Library().names())
