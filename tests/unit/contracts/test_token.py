"""Token, and through it the ERC-20 module that the market's shares use too."""

import ape
import pytest

UNLIMITED = 2**256 - 1
ZERO = "0x" + "00" * 20


@pytest.fixture(scope="module")
def token(usdc, lender, owner):
    usdc.mint(lender, 1_000, sender=owner)
    return usdc


def test_deploy__given_names__answers_them(token, owner):
    assert (token.name(), token.symbol(), token.decimals()) == ("USD Coin", "USDC", 6)
    assert token.minter() == owner


def test_mint__by_minter__adds_to_supply_and_logs(token, stranger, owner):
    before = token.totalSupply()
    receipt = token.mint(stranger, 5, sender=owner)
    assert token.balanceOf(stranger) == 5
    assert token.totalSupply() == before + 5
    assert receipt.events == [token.Transfer(sender=ZERO, receiver=stranger, value=5)]


def test_mint__by_stranger__reverts(token, stranger):
    with ape.reverts("token: only minter"):
        token.mint(stranger, 1, sender=stranger)


def test_mint__to_zero_address__reverts(token, owner):
    with ape.reverts("erc20: zero address"):
        token.mint(ZERO, 1, sender=owner)


def test_transfer__of_own__moves_and_logs(token, lender, stranger):
    receipt = token.transfer(stranger, 400, sender=lender)
    assert (token.balanceOf(lender), token.balanceOf(stranger)) == (600, 400)
    assert receipt.events == [token.Transfer(sender=lender, receiver=stranger, value=400)]


def test_transfer__of_more_than_owned__reverts(token, lender, stranger):
    with ape.reverts("erc20: insufficient balance"):
        token.transfer(stranger, 1_001, sender=lender)


def test_transfer__to_zero_address__reverts(token, lender):
    with ape.reverts("erc20: zero address"):
        token.transfer(ZERO, 1, sender=lender)


@pytest.mark.parametrize(("approved", "left"), [(500, 100), (UNLIMITED, UNLIMITED)])
def test_transfer_from__approved__spends_the_allowance(
    token, lender, keeper, stranger, approved, left
):
    receipt = token.approve(keeper, approved, sender=lender)
    assert receipt.events == [token.Approval(owner=lender, spender=keeper, value=approved)]
    token.transferFrom(lender, stranger, 400, sender=keeper)
    assert token.allowance(lender, keeper) == left
    assert token.balanceOf(stranger) == 400


def test_transfer_from__beyond_the_allowance__reverts(token, lender, keeper):
    token.approve(keeper, 399, sender=lender)
    with ape.reverts("erc20: insufficient allowance"):
        token.transferFrom(lender, keeper, 400, sender=keeper)
