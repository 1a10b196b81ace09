"""The seed tree: a stream depends on seed and name, on nothing else."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.world.rng import SeedTree


def test_stream__same_seed_and_name__same_draws():
    assert SeedTree(7).stream("a").random(5).tolist() == SeedTree(7).stream("a").random(5).tolist()


def test_stream__another_name_or_seed__other_draws():
    first = SeedTree(7).stream("a").random()
    assert first != SeedTree(7).stream("b").random()
    assert first != SeedTree(8).stream("a").random()


def test_stream__draws_elsewhere__do_not_move_it():
    tree = SeedTree(7)
    tree.stream("b").random(100)
    assert tree.stream("a").random() == SeedTree(7).stream("a").random()


def test_seed__negative__refused():
    with pytest.raises(InputError, match="seed -1: must not be negative"):
        SeedTree(-1)
