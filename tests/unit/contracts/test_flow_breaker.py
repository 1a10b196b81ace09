"""FlowBreaker: a bucket for liquidated value."""

import ape
import pytest

from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENDLESS, LIQUIDATE, deploy, only

BORROW, WITHDRAW = 0, 1


@pytest.fixture(scope="module")
def flow(contracts, market, fixed, owner):
    """3,000 USDC at once and 10 a second, before the fixed spread."""
    breaker = deploy(
        owner, contracts.FlowBreaker, market=market, capacity=usd(3_000), refill=usd(10)
    )
    market.add_breaker(breaker, sender=owner)
    return breaker


def test_gate__fresh__lets_the_capacity_pass(flow, market, weth):
    assert flow.market() == market
    assert flow.gate(LIQUIDATE, weth, ENDLESS) == flow.tokens() == usd(3_000)
    assert flow.gate(LIQUIDATE, weth, usd(1)) == usd(1)


def test_gate__other_actions__is_open(flow, weth):
    assert flow.gate(BORROW, weth, ENDLESS) == flow.gate(WITHDRAW, weth, ENDLESS) == ENDLESS


def test_take__above_the_tokens__is_shrunk_and_spends_them(
    fixed, flow, market, weth, borrower, keeper, set_price, chain
):
    set_price(1_200)
    receipt = fixed.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    assert only(receipt, "Taken")["paid"] == usd(3_000)
    assert only(receipt, "Spent") == {"action": LIQUIDATE, "amount": usd(3_000), "left": 0}
    chain.mine(timestamp=receipt.timestamp + 50)
    assert flow.tokens() == usd(500)
    chain.mine(timestamp=receipt.timestamp + 10_000)
    assert flow.tokens() == usd(3_000)


def test_record__more_than_there_is__empties_the_bucket(contracts, module, accounts, usdc, owner):
    """Only a module that disobeys the gate can do it; here a market that the test plays."""
    market = owner.deploy(contracts.ScriptedMarket)
    breaker = deploy(owner, contracts.FlowBreaker, market=market, capacity=100, refill=1)
    market.record(breaker, LIQUIDATE, 250, sender=owner)
    assert breaker.tokens() <= 1


def test_record__of_other_actions__spends_nothing(flow, debt, market, borrower):
    market.borrow(usd(100), borrower, sender=borrower)
    assert flow.tokens() == usd(3_000)


def test_record__by_stranger__reverts(flow, weth, stranger):
    with ape.reverts("breaker: not the market"):
        flow.record(LIQUIDATE, weth, 1, sender=stranger)


def test_halted_until__always__is_zero(flow):
    assert [flow.halted_until(action) for action in range(3)] == [0, 0, 0]


def test_pulse__by_anyone__goes_through_the_market(flow, stranger):
    assert only(flow.pulse(sender=stranger), "HaltsSynced")["caller"] == flow


@pytest.mark.parametrize(
    ("capacity", "refill", "reason"),
    [
        (0, 1, "breaker: zero throttle"),
        (1, 0, "breaker: zero throttle"),
        (usd(99), 1, "breaker: capacity below the smallest debt"),
        (2**128 + 1, 1, "bucket: too large"),
        (usd(100), 2**128 + 1, "bucket: too large"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, capacity, refill, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.FlowBreaker, market=market, capacity=capacity, refill=refill)
