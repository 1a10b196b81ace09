"""The twin of the token: the reasons of the contract. Equality is tests/differential's to prove."""

from __future__ import annotations

import pytest

from sim.mechanisms.kernel import NOBODY, Chain
from sim.mechanisms.token import Token
from sim.units import MAX_UINT

MINTER, OWNER, OTHER, TOKEN = ("0x" + digit * 40 for digit in "1234")


@pytest.fixture
def chain() -> Chain:
    chain = Chain()
    chain.deploy(MINTER, Token, TOKEN, "Dollar", "USDC", 6)
    assert chain.transact(MINTER, TOKEN, "mint", OWNER, 100).ok
    return chain


def test_public_variables__after_a_mint__read_like_functions(chain: Chain) -> None:
    names = ("name", "symbol", "decimals", "totalSupply", "minter")
    read = [chain.view(NOBODY, TOKEN, name) for name in names]
    assert read == ["Dollar", "USDC", 6, 100, MINTER]
    assert chain.view(NOBODY, TOKEN, "balanceOf", OWNER) == 100


def test_transfer_from__up_to_the_allowance__spends_it_unless_endless(chain: Chain) -> None:
    for allowed, left in ((60, 10), (MAX_UINT, MAX_UINT)):
        assert chain.transact(OWNER, TOKEN, "approve", OTHER, allowed).result is True
        assert chain.transact(OTHER, TOKEN, "transferFrom", OWNER, OTHER, 50).result is True
        assert chain.view(NOBODY, TOKEN, "allowance", OWNER, OTHER) == left
    assert chain.view(NOBODY, TOKEN, "balanceOf", OTHER) == 100


@pytest.mark.parametrize(
    ("sender", "call", "reason"),
    [
        (OWNER, ("mint", OWNER, 1), "token: only minter"),
        (MINTER, ("mint", NOBODY, 1), "erc20: zero address"),
        (MINTER, ("mint", OWNER, MAX_UINT), "reverted without a reason"),
        (OWNER, ("transfer", NOBODY, 1), "erc20: zero address"),
        (OWNER, ("transfer", OTHER, 101), "erc20: insufficient balance"),
        (OTHER, ("transferFrom", OWNER, OTHER, 1), "erc20: insufficient allowance"),
    ],
)
def test_call__that_the_token_refuses__tells_the_reason(
    chain: Chain, sender: str, call: tuple[str, ...], reason: str
) -> None:
    assert chain.transact(sender, TOKEN, *call).reason == reason
    assert chain.view(NOBODY, TOKEN, "totalSupply") == 100
