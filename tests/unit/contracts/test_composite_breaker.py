"""CompositeBreaker: flow, depth and the fall of the price, and the product of the three."""

import math

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import COMPOSITE, LIQUIDATE, ZERO, deploy, only


@pytest.fixture
def breaker(contracts, market, fixed, pool, weth, owner):
    """Before the fixed spread, beside a pool of about four USD."""
    values = COMPOSITE | {"market": market, "collateral": weth, "pool": pool}
    breaker = deploy(owner, contracts.CompositeBreaker, **values)
    market.add_breaker(breaker, sender=owner)
    return breaker


@pytest.fixture
def sell(fixed, weth, borrower, keeper):
    """Liquidate so many USDC of debt."""
    return lambda amount: only(
        fixed.take(borrower, weth, usd(amount), 0, keeper, b"", sender=keeper), "Taken"
    )["paid"]


def seen(receipt):
    return only(receipt, "Observed")


def observations(receipt):
    return [e for e in receipt.events if e.event_name == "Observed"]


def test_depth__of_the_pool__is_what_it_pays_down_to_the_band(breaker, pool):
    reserve = 2_000_000  # of two USD, in units, at 2,000: L * sqrt(P)
    expected = reserve * (1 - math.sqrt(1 - 0.1))
    assert breaker.depth() == pytest.approx(expected, rel=1e-4)


def test_depth__once_the_price_has_moved__goes_with_its_root(breaker, move_to, chain):
    before = breaker.depth()
    moved_at = move_to(500)
    chain.mine(timestamp=moved_at + COMPOSITE["window"] + 1)
    assert breaker.depth() == pytest.approx(before / 2, rel=2e-4)


@pytest.mark.usefixtures("breaker")
def test_pulse__fall_without_sales__is_no_stress(observe):
    receipt = seen(observe(1_000))
    assert (receipt["flow"], receipt["stress"], receipt["breach"]) == (0, 0, 0)


def test_pulse__sales_without_a_fall__are_no_stress(breaker, observe, sell):
    observe(1_200)
    sell(1_000)
    receipt = seen(observe(2_500))
    assert receipt["flow"] > 0
    assert (receipt["stress"], receipt["breach"]) == (0, 0)
    assert breaker.tier() == 0


def test_pulse__sales_into_little_depth_in_a_fall__is_their_product(breaker, observe, sell):
    observe(1_200)
    sell(1_000)
    receipt = seen(observe(1_150))
    fall = 1 - 1_150 * WAD / breaker.held()
    expected = receipt["flow"] / receipt["depth"] * fall * WAD
    assert receipt["stress"] == pytest.approx(expected, rel=1e-9)
    assert (receipt["breach"], breaker.tier()) == (3, 3)


def test_pulse__the_same_sales_into_a_deep_pool__latch_nothing(
    breaker, pool, pair, weth, usdc, owner, positions, observe, sell, chain
):
    positions.mint(wide_position(pair, owner, 10**21), sender=owner)
    chain.mine(deltatime=COMPOSITE["window"])
    observe(1_200)
    sell(1_000)
    receipt = seen(observe(1_150))
    assert 0 < receipt["stress"] < COMPOSITE["level"][0]
    assert breaker.tier() == 0


def test_pulse__sales_at_a_standing_price__are_judged_in_the_next_block(
    breaker, observe, sell, market, keeper, chain
):
    observe(1_200)
    assert breaker.tier() == 0
    sell(1_000)
    chain.pending_timestamp += 12
    receipt = seen(market.pulse(sender=keeper))
    assert receipt["price"] == 1_200 * WAD
    assert (receipt["breach"], breaker.tier()) == (3, 3)


def test_pulse__again_in_the_block__judges_nothing(breaker, observe, market, keeper, chain):
    then = observe(1_200).timestamp
    chain.pending_timestamp = then
    assert not observations(market.pulse(sender=keeper))


def test_pulse__standing_price_that_is_stale__judges_nothing(
    breaker, observe, sell, market, feed, weth, owner, keeper, chain
):
    updated = observe(1_200).timestamp
    sell(1_000)
    market.set_collateral(weth, feed, 0, to_wad("0.8"), 10**30, 60, sender=owner)
    chain.pending_timestamp = updated + 61
    assert not observations(market.pulse(sender=keeper))
    assert breaker.tier() == 0


def wide_position(pair, owner, collateral):
    """Everywhere, of so much WETH and what goes with it at 2,000."""
    amounts = pair.ordered(collateral, collateral * 2_000 // 10**12)
    return (*pair.tokens, pair.fee, -887_220, 887_220, *amounts, 0, 0, owner, 2**63)


def test_flow__a_half_life_later__counts_half(breaker, observe, sell, chain):
    observe(1_200)
    paid = sell(1_000)
    sold_at = chain.blocks.head.timestamp
    assert breaker.flow() == paid
    receipt = seen(observe(1_190, sold_at + COMPOSITE["flow_half_life"]))
    assert receipt["flow"] == pytest.approx(paid // 2, abs=1)


def test_record__of_another_collateral__is_no_flow(breaker, market, collateral_tokens, module):
    assert breaker.flow() == 0
    with ape.reverts("breaker: not the market"):
        breaker.record(LIQUIDATE, collateral_tokens["GOLD"], usd(1), sender=module)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"collateral": ZERO}, "breaker: unknown collateral"),
        ({"window": 0}, "pool: window not between 0 and a week"),
        ({"cardinality": 1}, "pool: cardinality below 2"),
        ({"band": 0}, "breaker: band not between 0 and 1"),
        ({"band": WAD}, "breaker: band not between 0 and 1"),
        ({"flow_half_life": 0}, "breaker: zero half-life"),
        ({"clip": to_wad("1.1")}, "breaker: clip not between 0 and 1"),
        ({"level": [0, 1, 2]}, "breaker: zero level"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, pool, weth, stranger, changes, reason):
    values = COMPOSITE | {"market": market, "collateral": weth, "pool": pool} | changes
    with ape.reverts(reason):
        deploy(stranger, contracts.CompositeBreaker, **values)


def test_deploy__pool_of_other_tokens__reverts(
    contracts, market, pool, collateral_tokens, stranger
):
    gold = collateral_tokens["GOLD"]
    values = COMPOSITE | {"market": market, "collateral": gold, "pool": pool}
    with ape.reverts("pool: other tokens"):
        deploy(stranger, contracts.CompositeBreaker, **values)
