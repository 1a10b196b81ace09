"""What breakers do by tier, on a PriceBreaker: gates, buckets, slow auctions, budget."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import BREAKER, ENDLESS, LIQUIDATE, ZERO, deploy, only

BORROW, WITHDRAW = 0, 1
OPEN, THROTTLE, SLOW, HALT = range(4)
DAY_S = 86_400


@pytest.fixture
def breaker(price_breaker):
    return price_breaker


def modes(breaker, asset):
    """What passes of an endless wish, by action: None for all."""
    passing = [breaker.gate(action, asset, ENDLESS) for action in (BORROW, WITHDRAW, LIQUIDATE)]
    return [None if amount == ENDLESS else amount for amount in passing]


# --- gates ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        (1_810, [None, None, None]),
        (1_790, [None, usd(5_000), usd(5_000)]),
        (1_590, [usd(5_000), usd(5_000), usd(5_000)]),
        (1_390, [0, 0, 0]),
    ],
)
def test_gate__in_each_tier__lets_pass_what_its_modes_say(breaker, observe, weth, price, expected):
    observe(price)
    assert modes(breaker, weth) == expected


def test_gate__liquidation_of_another_collateral__is_open(breaker, observe, collateral_tokens):
    observe(1_000)
    assert modes(breaker, collateral_tokens["GOLD"]) == [0, 0, None]


def test_gate__eased_tier__leaves_open_what_the_tier_left_open(breaker, observe, weth, chain):
    observe(1_790)
    chain.mine(timestamp=breaker.ends_at())
    assert modes(breaker, weth) == [None, usd(5_000), usd(5_000)]


def test_halted_until__by_action__is_the_end_while_the_tier_halts(
    make_price_breaker, observe, chain
):
    breaker = make_price_breaker(borrowing=[1, 3, 3])
    assert breaker.halted_until(BORROW) == 0
    observe(1_590)
    assert breaker.halted_until(BORROW) == breaker.ends_at()
    assert [breaker.halted_until(a) for a in (WITHDRAW, LIQUIDATE)] == [0, 0]
    chain.mine(timestamp=breaker.ends_at() - 1)
    assert breaker.halted_until(BORROW) == breaker.ends_at()
    chain.mine(timestamp=breaker.ends_at())
    assert breaker.halted_until(BORROW) == 0


def test_gate__that_made_a_borrower_revert__keeps_no_state(
    breaker, observe, market, debt, borrower
):
    observe(1_390)

    def state():
        return breaker.tier(), breaker.ends_at(), breaker.reference(), breaker.tokens(BORROW)

    before, owed, cash = state(), market.debt_of(borrower), market.cash()
    with ape.reverts("market: halted"):
        market.borrow(usd(100), borrower, sender=borrower)
    assert (state(), market.debt_of(borrower), market.cash()) == (before, owed, cash)


def test_halt__of_everything__lets_repay_supply_and_deposit_pass(
    breaker, observe, market, debt, borrower, lender, weth
):
    observe(1_000)
    market.repay(usd(100), borrower, sender=borrower)
    market.supply_collateral(weth, 1, borrower, sender=borrower)
    market.deposit(usd(1), lender, sender=lender)
    with ape.reverts("market: halted"):
        market.withdraw(usd(1), lender, lender, sender=lender)


# --- slow auctions ----------------------------------------------------------------------------


def test_slowdown__slow_tier__is_asked_of_the_market_until_its_end(breaker, observe, market, chain):
    assert breaker.slowdown() == (WAD, 0, 0)
    observe(1_590)
    end = breaker.ends_at()
    assert breaker.slowdown() == (to_wad("0.5"), to_wad("0.1"), end)
    assert market.start_uplift() == to_wad("0.1")
    start = market.auction_time()
    chain.mine(timestamp=end - 500)
    assert market.auction_time() - start == 400 * WAD // 2
    chain.mine(timestamp=end)
    assert market.auction_time() - start == 900 * WAD // 2
    assert (market.start_uplift(), breaker.slowdown()) == (0, (WAD, 0, 0))


@pytest.mark.parametrize("price", [1_790, 1_390])
def test_slowdown__throttled_or_halted__is_none(breaker, observe, price):
    observe(price)
    assert breaker.slowdown() == (WAD, 0, 0)


@pytest.mark.parametrize(
    ("price", "pace", "uplift"), [(1_790, WAD, 0), (1_590, to_wad("0.5"), to_wad("0.1"))]
)
def test_queue__bucket_less_than_half_full__stops_the_clock_until_it_is(
    breaker, observe, market, debt, weth, borrower, module, keeper, chain, price, pace, uplift
):
    observe(price)
    market.assume_debt(borrower, usd(4_000), sender=module)
    until = market.settle(weth, usd(4_000), 0, sender=module).timestamp + 150  # for 1,500 at 10
    chain.mine(timestamp=until - 100)
    assert breaker.queued_until() == until
    chain.pending_timestamp = until - 90
    market.pulse(sender=keeper)
    stands = market.auction_time()
    chain.mine(timestamp=until)
    assert (market.auction_time(), breaker.queued_until()) == (stands, 0)
    chain.mine(timestamp=until + 100)
    assert market.auction_time() - stands == 100 * pace
    assert market.start_uplift() == uplift


def test_queue__bucket_of_another_action__is_none(breaker, observe, market, lender):
    observe(1_790)
    market.withdraw(usd(5_000), lender, lender, sender=lender)
    assert breaker.queued_until() == 0


def test_queue__open_with_an_empty_bucket__is_none(
    make_price_breaker, observe, market, debt, weth, borrower, module
):
    breaker = make_price_breaker(throttle_refill=2_000)
    observe(1_790)
    market.assume_debt(borrower, usd(4_900), sender=module)
    market.settle(weth, usd(4_900), 0, sender=module)
    observe(2_000, breaker.ends_at() - 10)
    observe(2_001, breaker.ends_at())
    assert (breaker.phase(), breaker.tokens(LIQUIDATE) < usd(2_500)) == (0, True)
    assert breaker.queued_until() == 0


# --- throttle ---------------------------------------------------------------------------------


@pytest.mark.parametrize("price", [1_790, 1_590], ids=["throttled", "slow"])
def test_record__limited__empties_and_refills_the_bucket(
    make_price_breaker, observe, debt, market, chain, borrower, price
):
    breaker = make_price_breaker(borrowing=[1, 2, 3])
    observe(price)
    receipt = market.borrow(usd(1_000), borrower, sender=borrower)
    assert only(receipt, "Spent") == {"action": BORROW, "amount": usd(1_000), "left": usd(4_000)}
    with ape.reverts("market: throttled"):
        market.borrow(usd(4_500), borrower, sender=borrower)
    chain.mine(timestamp=receipt.timestamp + 30)
    assert breaker.tokens(BORROW) == usd(4_300)
    assert breaker.tokens(LIQUIDATE) == usd(5_000)
    chain.mine(timestamp=receipt.timestamp + DAY_S)
    assert breaker.tokens(BORROW) == usd(5_000)


def test_withdraw__throttled_with_liquidation__shares_its_size_not_its_bucket(
    breaker, observe, market, lender
):
    observe(1_790)
    market.withdraw(usd(5_000), lender, lender, sender=lender)
    assert breaker.tokens(WITHDRAW) < usd(100)
    assert breaker.tokens(LIQUIDATE) == usd(5_000)


def test_record__eased_tier__still_empties_the_bucket(breaker, observe, market, lender, chain):
    observe(1_790)
    chain.pending_timestamp = breaker.ends_at()
    receipt = market.withdraw(usd(1_000), lender, lender, sender=lender)
    assert only(receipt, "Spent")["left"] == usd(4_000)


def test_record__open__leaves_the_bucket_full(breaker, market, debt, borrower):
    market.borrow(usd(1_000), borrower, sender=borrower)
    assert breaker.tokens(BORROW) == usd(5_000)


@pytest.mark.parametrize(("symbol", "left"), [("WETH", 4_000), ("GOLD", 5_000)])
def test_record__liquidation__spends_for_its_own_collateral_only(
    breaker, observe, market, debt, collateral_tokens, borrower, module, symbol, left
):
    observe(1_590)
    market.assume_debt(borrower, usd(1_000), sender=module)
    market.settle(collateral_tokens[symbol], usd(1_000), 0, sender=module)
    assert breaker.tokens(LIQUIDATE) // usd(100) == left // 100


def test_record__by_stranger__reverts(breaker, weth, stranger):
    with ape.reverts("breaker: not the market"):
        breaker.record(LIQUIDATE, weth, 1, sender=stranger)


# --- the worst that a halt can cost -----------------------------------------------------------


def test_longest__any_breaker__adds_the_durations_and_the_guardian_s_response(breaker):
    assert breaker.longest() == 300 + 900 + 3_600 + 3_600


def test_worst_bad_debt__at_the_borrow_cap__is_what_the_longest_halt_loses(breaker, market, owner):
    fallen = 8_400 * 0.00005  # 42%
    assert breaker.worst_bad_debt() == usd(round(1e9 * fallen))
    market.set_limits(0, usd(20_000), sender=owner)
    assert breaker.worst_bad_debt() == usd(8_400)


def test_worst_bad_debt__borrowing_is_frozen__counts_what_is_owed(
    breaker, market, debt, owner, guardian
):
    market.freeze_borrowing(sender=guardian)
    owed = market.total_debt()
    assert owed > 0
    assert breaker.worst_bad_debt() == -(-owed * 42 // 100)


@pytest.mark.parametrize(("units", "worst"), [(1, 1), (5, 3)])
def test_worst_bad_debt__fraction_of_a_unit__is_rounded_up(breaker, market, owner, units, worst):
    market.set_limits(0, usd(20_000) + units, sender=owner)
    assert breaker.worst_bad_debt() == usd(8_400) + worst


@pytest.mark.parametrize(
    ("changes", "worst"),
    [
        ({"liquidation": [1, 2, 2], "budget": 0}, 0),  # no halt
        ({"price_speed": 0, "budget": 0}, 0),  # it stands still
        ({"price_speed": WAD, "budget": usd(1e9)}, usd(1e9)),  # to nothing
        ({"guardian_response": 0}, usd(240_000_000)),
    ],
)
def test_worst_bad_debt__by_parameters__stands_to_reason(make_price_breaker, changes, worst):
    assert make_price_breaker(**changes).worst_bad_debt() == worst


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(breaker, market, weth):
    assert (breaker.market(), breaker.COLLATERAL()) == (market, weth)
    assert (breaker.GUARDIAN_RESPONSE(), breaker.PRICE_SPEED()) == (3_600, to_wad("0.00005"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"liquidation": [0, 0, 4]}, "breaker: unknown mode"),
        ({"borrowing": [2, 1, 2]}, "breaker: a deeper tier loosens"),
        ({"borrowing": [1, 2, 1]}, "breaker: a deeper tier loosens"),
        ({"withdrawal": [0, 1, 3]}, "breaker: lenders leave first"),
        ({"liquidation": [0, 2, 3], "withdrawal": [0, 0, 3]}, "breaker: lenders leave first"),
        ({"withdrawal": [1, 2, 2]}, "breaker: lenders leave first"),
        ({"throttle_capacity": 0}, "breaker: zero throttle"),
        ({"throttle_refill": 0}, "breaker: zero throttle"),
        ({"throttle_refill": 1_929}, "breaker: a time above 30 days"),  # 5,000 in 2,592,060 s
        ({"throttle_capacity": usd(100) - 1}, "breaker: capacity below the smallest debt"),
        ({"throttle_capacity": 2**128 + 1}, "bucket: too large"),
        ({"pace": 0}, "breaker: pace not between 0 and 1"),
        ({"pace": WAD + 1}, "breaker: pace not between 0 and 1"),
        ({"uplift": WAD + 1}, "breaker: uplift above 1"),
        ({"guardian_response": 30 * DAY_S + 1}, "breaker: a time above 30 days"),
        ({"price_speed": WAD + 1}, "breaker: price speed above 1"),
        ({"budget": usd(275_000_000) - 1}, "breaker: budget exceeded"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = BREAKER | {"market": market, "collateral": weth} | changes
    with ape.reverts(reason):
        deploy(stranger, contracts.PriceBreaker, **values)


@pytest.mark.parametrize("collateral", ["usdc", ZERO])
def test_deploy__collateral_of_another_market__reverts(
    contracts, market, usdc, stranger, collateral
):
    values = BREAKER | {"market": market, "collateral": usdc if collateral == "usdc" else ZERO}
    with ape.reverts("breaker: unknown collateral"):
        deploy(stranger, contracts.PriceBreaker, **values)
