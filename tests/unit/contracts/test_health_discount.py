"""HealthDiscount: the discount, how much restores health, cooling off, and what it refuses."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import DISCOUNT, ENDLESS, deploy, eth, only

DEBT = usd(10_000)
HELD = eth(10)


@pytest.fixture(scope="module")
def discount(install, chain):
    """Once the borrower's loan has cooled off."""
    module = install("HealthDiscount", **DISCOUNT)
    chain.mine(deltatime=DISCOUNT["cool_off"])
    return module


@pytest.fixture
def take(discount, weth, borrower, keeper):
    def take_up_to(max_pay=ENDLESS, min_receive=0, account=borrower):
        return discount.take(account, weth, max_pay, min_receive, keeper, b"", sender=keeper)

    return take_up_to


# --- price and amount -------------------------------------------------------------------------


def test_take__slightly_unhealthy__discounts_by_what_health_lacks_and_restores_it(
    discount, take, market, weth, usdc, borrower, keeper, set_price
):
    """x = (10,000 - 9,600) / (1 - 0.8 / 0.96) = 2,400 for 2,500 of WETH at 1,200, and 13 units of
    slack."""
    set_price(1_200)  # health 0.96: 4% off
    pay = usd(2_400) + 13  # 2 units of slack / (1 - 0.8 / 0.96), rounded up
    received = pay * 10**30 // (1_152 * WAD)
    assert discount.quote(borrower, weth, ENDLESS) == (pay, received)
    before = usdc.balanceOf(keeper)
    receipt = take()
    assert before - usdc.balanceOf(keeper) == pay
    assert weth.balanceOf(keeper) == received
    assert only(receipt, "Taken") == {
        "account": borrower,
        "collateral": weth,
        "taker": keeper,
        "receiver": keeper,
        "paid": pay,
        "fee": 0,
        "received": received,
        "price": 1_152 * WAD,
        "debt_left": DEBT - pay,
        "lot_left": HELD - received,
    }
    assert WAD <= market.health_factor(borrower) < WAD + 10**9
    assert discount.quote(borrower, weth, ENDLESS) == (0, 0)


def test_take__of_less_than_restores__pays_max_pay(discount, take, market, borrower, set_price):
    set_price(1_200)
    take(usd(500))
    assert market.debt_of(borrower) == DEBT - usd(500)
    assert market.health_factor(borrower) > to_wad("0.96")  # the discount is below the relief


def test_take__far_below__discounts_by_the_maximum_and_writes_the_rest_off(
    discount, take, market, borrower, weth, set_price
):
    """10 WETH at 900 less 15% are 7,650."""
    set_price(900)  # health 0.72
    assert discount.quote(borrower, weth, ENDLESS) == (usd(7_650), HELD)
    assert only(take(), "BadDebt")["amount"] == usd(2_350)
    assert market.debt_of(borrower) == market.debt_in_sale() == 0


@pytest.mark.parametrize(
    ("price", "asked"), [("1062.5", "903.125"), (1_000, 850), (1_240, "1230.08")]
)
def test_take__any_health__pays_the_larger_of_health_and_the_floor(take, set_price, price, asked):
    """Health is price / 1,250, the floor 0.85: reached at 1,062.5."""
    set_price(price)
    assert only(take(usd(100)), "Taken")["price"] == to_wad(asked)


@pytest.fixture
def cooled(open_account, chain):
    """A stranger's account whose loan has cooled off."""

    def open_and_wait(collateral, debt):
        account = open_account(collateral, debt)
        chain.mine(deltatime=DISCOUNT["cool_off"])
        return account

    return open_and_wait


def test_take__rest_would_be_dust__closes_everything(take, market, cooled, set_price):
    account = cooled(eth("1.2"), usd(1_200))
    set_price(1_200)  # 288 would restore health and leave 912
    take(account=account)
    assert market.debt_of(account) == 0


def test_take__rest_above_dust__leaves_it(take, market, cooled, set_price):
    account = cooled(eth("1.5"), usd(1_500))
    set_price(1_200)
    take(account=account)
    assert market.debt_of(account) == usd(1_140) - 13


def test_take__target_above_one__repays_more(install, market, weth, borrower, keeper, set_price):
    """x = (1.02 * 10,000 - 9,600) / (1.02 - 0.8 / 0.96) = 3,214.285715, and 11 units of slack."""
    module = install("HealthDiscount", **DISCOUNT | {"target_health": to_wad("1.02")})
    set_price(1_200)
    receipt = module.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    assert only(receipt, "Taken")["paid"] == 3_214_285_726
    assert to_wad("1.02") <= market.health_factor(borrower) < to_wad("1.02") + 10**9


# --- cooling off ------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ["check", "borrow", "withdraw_collateral"])
def test_take__within_cool_off_of_the_last_check__has_no_quote_and_reverts(
    discount, take, market, weth, borrower, set_price, chain, action
):
    """DISCOUNT-3: also of a check that comes with a loan or a withdrawal."""
    arguments = {"check": (borrower,), "borrow": (1, borrower)}.get(action, (weth, 1, borrower))
    checked = getattr(market, action)(*arguments, sender=borrower).timestamp
    set_price(1_200)
    assert discount.quote(borrower, weth, ENDLESS) == (0, 0)
    chain.pending_timestamp = checked + DISCOUNT["cool_off"] - 1
    with ape.reverts("discount: cooling off"):
        take()
    chain.pending_timestamp = checked + DISCOUNT["cool_off"]
    take()


def test_take__after_a_repayment__needs_no_cooling_off(discount, take, market, borrower, set_price):
    market.repay(1, borrower, sender=borrower)  # which checks nothing
    set_price(1_200)
    take()


# --- refusals ---------------------------------------------------------------------------------


def test_take__healthy__has_no_quote_and_reverts(discount, take, weth, borrower, set_price):
    set_price(1_250)  # health 1 exactly
    assert discount.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("spot: healthy"):
        take()


def test_take__for_less_than_min_receive__reverts(discount, take, weth, borrower, set_price):
    set_price(1_200)
    receive = discount.quote(borrower, weth, ENDLESS)[1]
    with ape.reverts("spot: too little"):
        take(min_receive=receive + 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"max_discount": WAD}, "discount: max_discount not below 1"),
        ({"target_health": WAD - 1}, "discount: target_health not between 1 and 2"),
        ({"target_health": 2 * WAD + 1}, "discount: target_health not between 1 and 2"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, changes, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.HealthDiscount, **(DISCOUNT | {"market": market} | changes))
