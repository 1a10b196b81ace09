"""FlowBreaker: the bucket that is always there, and the window of what has left."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENDLESS, FLOW, LIQUIDATE, deploy, only

BORROW, WITHDRAW = 0, 1
OPEN, THROTTLE = 0, 1
HALF_LIFE_S = FLOW["half_life"]
BUCKET = FLOW["throttle_capacity"]


@pytest.fixture(scope="module")
def make_flow(contracts, market, debt, owner):
    """Deploy and install a breaker where a million was lent and 10,000 is borrowed."""

    def make(**changes):
        breaker = deploy(owner, contracts.FlowBreaker, **FLOW | {"market": market} | changes)
        market.add_breaker(breaker, sender=owner)
        return breaker

    return make


@pytest.fixture
def flow(make_flow):
    return make_flow()


@pytest.fixture
def window(make_flow):
    """With no bucket in the way until a tier latches."""
    return make_flow(always=[OPEN] * 3)


@pytest.fixture
def leave(market, lender):
    return lambda amount: market.withdraw(usd(amount), lender, lender, sender=lender)


@pytest.fixture
def pulse(market, keeper, chain):
    """Pulse so many seconds later and in the next block; what the breaker has observed then."""

    def pulse_later(seconds=12):
        for wait in (seconds, 1):
            chain.pending_timestamp += wait
            receipt = market.pulse(sender=keeper)
        return only(receipt, "Observed")

    return pulse_later


def strain(left, retained, share):
    return left * WAD // (left + retained) * WAD // share


# --- the bucket -------------------------------------------------------------------------------


def test_gate__no_tier__throttles_what_is_always_throttled(flow, market, weth):
    assert flow.market() == market
    passing = [flow.gate(action, weth, ENDLESS) for action in (BORROW, WITHDRAW, LIQUIDATE)]
    assert passing == [ENDLESS, BUCKET, BUCKET]
    assert flow.gate(WITHDRAW, weth, usd(1)) == usd(1)


def test_withdraw__above_the_bucket__is_refused_as_liquidation_would_be(
    flow, market, lender, leave, chain
):
    with ape.reverts("market: throttled"):
        leave(5_001)
    receipt = leave(5_000)
    assert only(receipt, "Spent") == {"action": WITHDRAW, "amount": usd(5_000), "left": 0}
    then = {"block_id": receipt.block_number}  # a second later the bucket has something again
    with ape.reverts("market: halted"):
        market.withdraw.call(usd(1_000), lender, lender, sender=lender, **then)
    chain.mine(timestamp=receipt.timestamp + 60)
    assert flow.tokens(WITHDRAW) == usd(600)
    assert flow.tokens(LIQUIDATE) == BUCKET


def test_queue__always_throttled_and_less_than_half_full__lasts_until_it_is(
    flow, fixed, market, weth, borrower, keeper, set_price, chain
):
    set_price(1_200)
    receipt = fixed.take(borrower, weth, usd(4_000), 0, keeper, b"", sender=keeper)
    spent = only(receipt, "Spent")
    wait = -(-(BUCKET // 2 - spent["left"]) // FLOW["throttle_refill"])
    assert flow.queued_until() == receipt.timestamp + wait
    assert flow.slowdown() == (WAD, 0, 0)


def test_borrow__open__spends_nothing(flow, market, borrower):
    market.borrow(usd(100), borrower, sender=borrower)
    assert flow.tokens(BORROW) == BUCKET


# --- the window -------------------------------------------------------------------------------


def test_pulse__lenders_left__holds_it_against_what_stayed(window, leave, pulse):
    leave(50_000)
    observed = pulse()
    out = observed["cash_out"]
    assert out == usd(50_000)
    assert observed["strain"] == strain(out, usd(940_000), FLOW["cash_share"])
    assert (observed["breach"], window.tier()) == (0, 0)


def test_pulse__more_than_the_share_left__latches(window, market, leave, pulse, weth):
    leave(130_000)
    assert pulse()["breach"] == 1
    assert window.tier() == 1
    assert window.gate(WITHDRAW, weth, ENDLESS) == BUCKET


def test_pulse__nearly_all_left__latches_the_deepest_tier_and_halts(window, leave, pulse, weth):
    leave(500_000)
    assert pulse()["breach"] == 3
    assert window.gate(LIQUIDATE, weth, ENDLESS) == 0
    assert window.halted_until(LIQUIDATE) == window.ends_at()


def test_pulse__lender_came_and_went__sees_nothing(window, market, lender, leave, pulse):
    market.deposit(usd(500_000), lender, sender=lender)
    assert pulse()["cash_out"] == -usd(500_000)
    leave(500_000)
    observed = pulse(seconds=1)
    assert observed["cash_out"] < usd(500)
    assert observed["strain"] < WAD // 100


def test_pulse__a_half_life_later__counts_half_of_it(window, leave, pulse):
    leave(50_000)
    pulse()
    assert pulse(HALF_LIFE_S)["cash_out"] == pytest.approx(usd(25_000), rel=2e-3)


def test_pulse__always__remembers_what_is_retained_as_of_now(window, leave, pulse, chain):
    leave(10_000)
    pulse()
    now = chain.blocks.head.timestamp
    assert window.observed_at() == window.faded_at() == now
    assert window.cash() == usd(980_000)


def test_pulse__least_flow__is_no_strain(make_flow, leave, pulse):
    make_flow(always=[OPEN] * 3, least_flow=usd(200_000))
    leave(200_000)
    assert pulse()["strain"] == 0
    leave(1_000)
    assert pulse()["strain"] > WAD


def test_pulse__share_of_zero__watches_nothing(make_flow, leave, pulse):
    make_flow(always=[OPEN] * 3, cash_share=0)
    leave(500_000)
    assert pulse()["strain"] == 0


def test_pulse__after_liquidations__holds_them_against_the_collateral(
    fixed, make_flow, market, weth, borrower, keeper, set_price, pulse
):
    make_flow(always=[OPEN] * 3, cash_share=0)
    set_price(1_200)
    taken = only(fixed.take(borrower, weth, usd(4_000), 0, keeper, b"", sender=keeper), "Taken")
    left = market.collateral_of(borrower, weth) * 1_200 // 10**12
    observed = pulse(seconds=1)
    assert observed["sold"] == pytest.approx(taken["paid"], rel=1e-3)
    expected = strain(observed["sold"], left, FLOW["sold_share"])
    assert observed["strain"] == pytest.approx(expected, rel=1e-6)
    assert observed["breach"] == 2


def test_tier__that_ended__is_not_latched_again_by_the_same_flow_but_eases(
    window, leave, pulse, chain, weth
):
    leave(130_000)
    pulse()
    chain.pending_timestamp = window.ends_at() + FLOW["rest"]
    observed = pulse()
    assert observed["strain"] == 0
    assert window.phase() == 2
    assert window.gate(LIQUIDATE, weth, ENDLESS) == BUCKET
    leave(1_000)
    assert pulse()["breach"] == 0
    pulse(2 * HALF_LIFE_S)
    assert window.phase() == 0
    assert window.gate(LIQUIDATE, weth, ENDLESS) == ENDLESS


def test_tier__that_ended__forgives_money_that_came_back_no_second_time(
    window, market, lender, leave, pulse, chain
):
    leave(130_000)
    pulse()
    chain.pending_timestamp = window.ends_at() + FLOW["rest"]
    market.deposit(usd(130_000), lender, sender=lender)
    assert pulse()["breach"] == 0
    assert window.cash_flow().forgiven == max(window.cash_flow().out, 0)
    leave(150_000)
    assert pulse()["breach"] == 1


def test_pulse__all_collateral_sold__is_a_share_of_one(
    fixed, make_flow, market, weth, borrower, keeper, set_price, pulse
):
    make_flow(always=[OPEN] * 3, cash_share=0)
    set_price(500)
    fixed.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    assert weth.balanceOf(market) == 0
    observed = pulse(seconds=1)
    assert observed["strain"] == WAD * WAD // FLOW["sold_share"]
    assert observed["breach"] == 3


# --- who may, and what is refused -------------------------------------------------------------


def test_record__by_stranger__reverts(flow, weth, stranger):
    with ape.reverts("breaker: not the market"):
        flow.record(LIQUIDATE, weth, 1, sender=stranger)


def test_pulse__by_anyone__goes_through_the_market(flow, stranger):
    assert only(flow.pulse(sender=stranger), "HaltsSynced")["caller"] == flow


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"always": [2, 1, 1]}, "breaker: unknown mode"),
        ({"always": [0, 0, 1]}, "breaker: lenders leave first"),
        ({"cash_share": to_wad("1.01")}, "breaker: share above 1"),
        ({"sold_share": to_wad("1.01")}, "breaker: share above 1"),
        ({"least_flow": 2**128}, "breaker: least flow too large"),
        ({"half_life": 0}, "breaker: zero half-life"),
        ({"level": [WAD, WAD, 2 * WAD]}, "breaker: levels don't rise"),
        ({"throttle_capacity": usd(99)}, "breaker: capacity below the smallest debt"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, changes, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.FlowBreaker, **FLOW | {"market": market} | changes)
