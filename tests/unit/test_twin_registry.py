"""Twins are found by the names of their contracts."""

from __future__ import annotations

import pytest

from sim.errors import InputError
from sim.mechanisms.oracles.push_feed import PushFeed
from sim.mechanisms.registry import twin_of
from sim.mechanisms.token import Token
from sim.mechanisms.uniswap.router import SwapRouter


@pytest.mark.parametrize("kind", [Token, PushFeed, SwapRouter])
def test_twin_of__a_contract_with_a_twin__is_the_class_of_its_name(kind: type) -> None:
    assert twin_of(kind.__name__) is kind


def test_twin_of__a_contract_without_a_twin__says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"^the contract Own has no twin .*: run it on"):
        twin_of("Own")
