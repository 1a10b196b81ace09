"""Tries the mutants in as many processes as there are processors."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from sim.engines.artifacts import Library
from tests.mutants.trial import Mutant, Verdict, attempt


@pytest.fixture(scope="session")
def verdict_on(request: pytest.FixtureRequest) -> Iterator[Callable[[Mutant], Verdict]]:
    """What the checks say to a mutant. All that the session asks for are tried from the start."""
    asking = (item for item in request.session.items if "verdict_on" in item.fixturenames)
    chosen: list[Mutant] = [item.callspec.params["mutant"] for item in asking]
    context = multiprocessing.get_context("spawn")  # a fork would share other tests' sockets
    with ProcessPoolExecutor(mp_context=context) as pool:
        list(pool.map(compile_, Library().names()))
        trials = {mutant: pool.submit(attempt, mutant) for mutant in chosen}
        yield lambda mutant: trials[mutant].result()


def compile_(name: str) -> None:
    """Into the cache, which every mutant's project begins with."""
    Library().get(name)
