"""FlashKeeper: take, sell, pay, keep the rest; with a router that sells at a stated price."""

import ape
import pytest

from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENDLESS, FIXED, discounted, only

PAY = usd(5_000)
RECEIVED = PAY * 10**30 // discounted(1_200 * 10**18, FIXED["bonus"][0])
FEE = 3_000


@pytest.fixture(scope="module")
def router(contracts, owner, usdc):
    scripted = owner.deploy(contracts.ScriptedRouter)
    usdc.mint(scripted, usd(100_000), sender=owner)
    return scripted


@pytest.fixture(scope="module")
def flash(contracts, router, stranger):
    """Owned by the stranger, who has no money."""
    return stranger.deploy(contracts.FlashKeeper, stranger, router, FEE)


@pytest.fixture
def execute(flash, fixed, router, weth, borrower, stranger, set_price, owner):
    """Half of the borrower's debt is for sale at 1,200 less 5%; WETH sells at `price`."""

    def run(price, min_profit=0, sender=stranger):
        set_price(1_200)
        router.set_rate(usd(price), sender=owner)
        return flash.execute(fixed, borrower, weth, ENDLESS, min_profit, sender=sender)

    return run


def test_execute__above_cost__sends_the_profit_to_the_owner(
    execute, flash, fixed, router, market, weth, usdc, borrower, stranger
):
    receipt = execute(1_190)
    profit = RECEIVED * usd(1_190) // 10**18 - PAY
    assert usdc.balanceOf(stranger) == profit > 0
    assert usdc.balanceOf(flash) == weth.balanceOf(flash) == 0
    assert weth.balanceOf(router) == RECEIVED
    assert market.debt_of(borrower) == PAY
    assert list(router.last())[:4] == [weth, usdc, FEE, flash]
    assert only(receipt, "Executed") == {
        "liquidation": fixed,
        "account": borrower,
        "collateral": weth,
        "paid": PAY,
        "sold": RECEIVED,
        "profit": profit,
    }


def test_execute__collateral_left_over__goes_to_the_owner(execute, flash, weth, stranger, owner):
    weth.mint(flash, 123, sender=owner)
    execute(1_190)
    assert (weth.balanceOf(flash), weth.balanceOf(stranger)) == (0, 123)


def test_execute__below_cost__reverts(execute):
    with ape.reverts("keeper: unprofitable"):
        execute(1_142)


def test_execute__below_min_profit__reverts(execute):
    profit = RECEIVED * usd(1_190) // 10**18 - PAY
    with ape.reverts("keeper: unprofitable"):
        execute(1_190, profit + 1)
    execute(1_190, profit)


def test_execute__by_another__reverts(execute, keeper):
    with ape.reverts("keeper: only owner"):
        execute(1_190, sender=keeper)


def test_on_take__out_of_the_blue__reverts(flash, weth, borrower, keeper):
    with ape.reverts("keeper: unexpected callback"):
        flash.on_take(borrower, weth, 1, 1, b"", sender=keeper)


def test_on_take__from_the_module_but_not_executing__reverts(
    fixed, flash, weth, borrower, keeper, set_price
):
    set_price(1_200)
    with ape.reverts("keeper: unexpected callback"):
        fixed.take(borrower, weth, ENDLESS, 0, flash, b"x", sender=keeper)


def test_deploy__given_parameters__answers_them(flash, router, stranger):
    assert (flash.OWNER(), flash.ROUTER(), flash.POOL_FEE()) == (stranger, router, FEE)
