"""PriceBreaker: the reference, the tiers, how long they last, and what they gate."""

import math

import ape
import pytest

from sim.units import RAY, WAD
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import (
    BREAKER,
    ENDLESS,
    LIQUIDATE,
    deploy,
    mul_half_up,
    only,
    pow_half_up,
)

BORROW, WITHDRAW = 0, 1
DAY_S = 86_400


@pytest.fixture(scope="module")
def make_breaker(contracts, market, debt, weth, owner):
    """Deploy and install a breaker on WETH, which has seen a price of 2,000."""

    def make(**changes):
        values = BREAKER | {"market": market, "collateral": weth} | changes
        breaker = deploy(owner, contracts.PriceBreaker, **values)
        market.add_breaker(breaker, sender=owner)
        market.pulse(sender=owner)
        return breaker

    return make


@pytest.fixture
def breaker(make_breaker):
    return make_breaker()


@pytest.fixture
def fall_to(set_price, market, keeper):
    """Move the price and pulse."""

    def move(price):
        set_price(price)
        return market.pulse(sender=keeper)

    return move


def modes(breaker, asset):
    """What passes of an endless wish, by action: None for all."""
    passing = [breaker.gate(action, asset, ENDLESS) for action in (BORROW, WITHDRAW, LIQUIDATE)]
    return [None if amount == ENDLESS else amount for amount in passing]


# --- reference --------------------------------------------------------------------------------


def test_deploy__with_a_price__observes_it(contracts, market, weth, stranger):
    breaker = deploy(stranger, contracts.PriceBreaker, **BREAKER, market=market, collateral=weth)
    assert breaker.reference() == breaker.last_price() == 2_000 * WAD


def test_pulse__price_that_stands__keeps_the_reference(breaker):
    assert breaker.reference() == breaker.last_price() == 2_000 * WAD
    assert breaker.tier() == 0


def test_pulse__after_a_half_life__moves_half_way_to_the_price_that_stood(
    breaker, fall_to, market, keeper, chain
):
    fall_to(1_900)
    start = breaker.observed_at()
    chain.pending_timestamp = start + 3_600
    receipt = market.pulse(sender=keeper)
    assert breaker.reference() == pytest.approx(1_950 * WAD, rel=1e-4)
    observed = only(receipt, "Observed")
    assert (observed["price"], observed["reference"]) == (1_900 * WAD, breaker.reference())


def test_pulse__any_time_later__averages_exactly(breaker, fall_to, market, keeper, chain):
    fall_to(1_900)
    before, start = breaker.reference(), breaker.observed_at()
    decay = half_life_factor(3_600)
    assert decay / RAY == pytest.approx(0.5 ** (1 / 3_600), rel=1e-15)
    chain.pending_timestamp = start + 1_234
    market.pulse(sender=keeper)
    kept = pow_half_up(decay, 1_234)
    expected = (before * kept + 1_900 * WAD * (RAY - kept) + RAY // 2) // RAY
    assert breaker.reference() == expected


def half_life_factor(half_life):
    """exp(-ln 2 / half_life) by its series, each product rounded half up [RAY]."""
    x, term, total = 693_147_180_559_945_309_417_232_121 // half_life, RAY, RAY
    for n in range(1, 32):
        term = mul_half_up(term, x) // n
        total += term if n % 2 == 0 else -term
    return total


def test_pulse__often_while_the_price_stands__changes_nothing(
    breaker, fall_to, market, keeper, chain
):
    fall_to(1_900)
    start, before = breaker.observed_at(), breaker.reference()
    for seconds in (100, 250, 1_000):
        chain.pending_timestamp = start + seconds
        market.pulse(sender=keeper)
    at_once = 1_900 * WAD + (before - 1_900 * WAD) * 0.5 ** (1_000 / 3_600)
    assert math.isclose(breaker.reference(), at_once, rel_tol=1e-15)


def test_pulse__rise__latches_nothing(breaker, fall_to):
    fall_to(8_000)
    assert breaker.tier() == 0


def test_pulse__stale_price__is_a_no_op(breaker, market, feed, weth, owner, chain, keeper):
    before = breaker.observed_at()
    market.set_collateral(weth, feed, 0, WAD - 1, 10**30, 0, sender=owner)
    chain.mine(deltatime=10)
    receipt = market.pulse(sender=keeper)
    assert breaker.observed_at() == before
    assert not [e for e in receipt.events if e.event_name == "Observed"]


def test_pulse__price_beyond_arithmetic__is_a_no_op(breaker, market, feed, owner):
    feed.push(2**254, sender=owner)
    market.pulse(sender=owner)
    assert breaker.reference() == 2_000 * WAD
    feed.push(2**120, sender=owner)
    market.pulse(sender=owner)
    assert breaker.reference() == 2_000 * WAD


def test_pulse__by_anyone__goes_through_the_market(breaker, market, stranger, set_price):
    set_price(1_500)
    receipt = breaker.pulse(sender=stranger)
    assert only(receipt, "TierLatched")["tier"] == 2
    assert market.halted_until(LIQUIDATE) == breaker.ends_at()


# --- tiers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "tier", "expected"),
    [
        (1_810, 0, [None, None, None]),
        (1_790, 1, [None, None, usd(5_000)]),
        (1_590, 2, [usd(5_000), None, 0]),
        (1_390, 3, [0, 0, 0]),
    ],
)
def test_pulse__fall_to_a_tier__gates_by_its_modes(breaker, fall_to, weth, price, tier, expected):
    receipt = fall_to(price)
    assert breaker.tier() == tier
    assert modes(breaker, weth) == expected
    if tier:
        assert only(receipt, "TierLatched") == {
            "tier": tier,
            "price": price * WAD,
            "reference": breaker.reference(),
            "ends_at": receipt.timestamp + BREAKER["duration"][tier - 1],
        }


def test_gate__liquidation_of_another_collateral__is_open(breaker, fall_to, collateral_tokens):
    fall_to(1_000)
    assert modes(breaker, collateral_tokens["GOLD"]) == [0, 0, None]


def test_halted_until__by_action__is_the_end_where_the_tier_halts(breaker, fall_to):
    assert breaker.halted_until(LIQUIDATE) == 0
    fall_to(1_590)
    assert [breaker.halted_until(a) for a in (BORROW, WITHDRAW)] == [0, 0]
    assert breaker.halted_until(LIQUIDATE) == breaker.ends_at()


def test_tier__at_its_end__is_open_without_a_pulse(breaker, fall_to, weth, chain):
    fall_to(1_390)
    chain.mine(timestamp=breaker.ends_at() - 1)
    assert modes(breaker, weth) == [0, 0, 0]
    chain.mine(timestamp=breaker.ends_at())
    assert modes(breaker, weth) == [None, None, None]


def test_pulse__same_tier_again__prolongs_nothing(breaker, fall_to, chain):
    fall_to(1_590)
    end, reference = breaker.ends_at(), breaker.reference()
    chain.pending_timestamp = end - 100
    fall_to(1_500)
    assert (breaker.tier(), breaker.ends_at(), breaker.reference()) == (2, end, reference)


def test_pulse__recovery_while_latched__shortens_nothing(breaker, fall_to):
    fall_to(1_590)
    end = breaker.ends_at()
    fall_to(2_000)
    assert (breaker.tier(), breaker.ends_at()) == (2, end)


def test_pulse__deeper_tier__replaces_the_end(breaker, fall_to, chain):
    fall_to(1_790)
    chain.pending_timestamp = breaker.ends_at() - 1
    receipt = fall_to(1_390)
    assert breaker.tier() == 3
    assert 0 <= breaker.ends_at() - receipt.timestamp - 3_600 <= 1


def test_escalation__in_the_last_second_each_time__lasts_no_longer_than_longest(
    breaker, set_price, market, keeper, chain
):
    prices, latched = (1_790, 1_590, 1_390), None
    for price in prices:
        set_price(price)
        if latched:
            chain.pending_timestamp = breaker.ends_at() - 1
        receipt = market.pulse(sender=keeper)
        latched = latched or receipt.timestamp
    assert breaker.longest() == 300 + 900 + 3_600
    assert breaker.ends_at() - latched == breaker.longest() - 2


def test_pulse__after_the_end__forgets_the_fall_that_latched(
    breaker, fall_to, market, keeper, chain
):
    fall_to(1_390)
    end = breaker.ends_at()
    chain.pending_timestamp = end
    receipt = market.pulse(sender=keeper)
    assert only(receipt, "TierEnded") == {"tier": 3, "ended_at": end, "reference": 1_390 * WAD}
    assert (breaker.tier(), breaker.reference()) == (0, 1_390 * WAD)
    assert breaker.halted_until(LIQUIDATE) == 0


def test_pulse__new_fall_while_resting__latches_only_after_the_rest(
    breaker, fall_to, market, keeper, chain
):
    fall_to(1_390)
    end = breaker.ends_at()
    chain.pending_timestamp = end
    market.pulse(sender=keeper)
    fall_to(900)
    assert breaker.tier() == 0
    chain.pending_timestamp = end + 1_800
    market.pulse(sender=keeper)
    assert breaker.tier() == 2  # 900 against 1,246: what half a half-life makes of 1,390


# --- throttle ---------------------------------------------------------------------------------


def test_record__throttled__empties_and_refills_the_bucket(
    make_breaker, contracts, owner, stranger, accounts, weth, market, chain, set_price, fund,
    collateral_tokens, borrower, keeper, usdc, debt,
):  # fmt: skip
    breaker = make_breaker(borrowing=[1, 1, 1])
    set_price(1_790)
    market.pulse(sender=keeper)
    receipt = market.borrow(usd(1_000), borrower, sender=borrower)
    assert only(receipt, "Spent") == {"action": BORROW, "amount": usd(1_000), "left": usd(4_000)}
    with ape.reverts("market: throttled"):
        market.borrow(usd(4_500), borrower, sender=borrower)
    chain.mine(timestamp=receipt.timestamp + 30)
    assert breaker.tokens(BORROW) == usd(4_300)
    assert breaker.tokens(LIQUIDATE) == usd(5_000)
    chain.mine(timestamp=receipt.timestamp + DAY_S)
    assert breaker.tokens(BORROW) == usd(5_000)


def test_record__open__leaves_the_bucket_full(breaker, market, debt, borrower):
    market.borrow(usd(1_000), borrower, sender=borrower)
    assert breaker.tokens(BORROW) == usd(5_000)


def test_record__by_stranger__reverts(breaker, weth, stranger):
    with ape.reverts("breaker: not the market"):
        breaker.record(LIQUIDATE, weth, 1, sender=stranger)


def test_gate__that_made_a_borrower_revert__keeps_no_state(
    breaker, fall_to, market, debt, borrower
):
    fall_to(1_390)
    state = (breaker.tier(), breaker.ends_at(), breaker.reference(), breaker.tokens(BORROW))
    owed, cash = market.debt_of(borrower), market.cash()
    with ape.reverts("market: halted"):
        market.borrow(usd(100), borrower, sender=borrower)
    assert state == (
        breaker.tier(),
        breaker.ends_at(),
        breaker.reference(),
        breaker.tokens(BORROW),
    )
    assert (owed, cash) == (market.debt_of(borrower), market.cash())


def test_halt__of_everything__lets_repay_supply_and_deposit_pass(
    breaker, fall_to, market, debt, borrower, lender, weth
):
    fall_to(1_000)
    market.repay(usd(100), borrower, sender=borrower)
    market.supply_collateral(weth, 1, borrower, sender=borrower)
    market.deposit(usd(1), lender, sender=lender)
    with ape.reverts("market: halted"):
        market.withdraw(usd(1), lender, lender, sender=lender)


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(breaker, market, weth):
    assert (breaker.market(), breaker.COLLATERAL(), breaker.REST()) == (market, weth, 1_800)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"half_life": 0}, "zero half-life"),
        ({"rest": 0}, "zero rest"),
        ({"half_life": 31 * DAY_S}, "a time above 30 days"),
        ({"rest": 31 * DAY_S}, "a time above 30 days"),
        ({"duration": [1, 2, 31 * DAY_S]}, "a time above 30 days"),
        ({"duration": [0, 2, 3]}, "zero duration"),
        ({"duration": [2, 1, 3]}, "durations fall"),
        ({"duration": [1, 3, 2]}, "durations fall"),
        ({"deviation": [0, 1, 2]}, "zero deviation"),
        ({"deviation": [1, 1, 2]}, "deviations don't rise"),
        ({"deviation": [1, 3, 2]}, "deviations don't rise"),
        ({"deviation": [1, 2, WAD]}, "deviation of 1 or more"),
        ({"liquidation": [0, 0, 4]}, "unknown mode"),
        ({"borrowing": [2, 1, 2]}, "a deeper tier loosens"),
        ({"throttle_capacity": 0}, "zero throttle"),
        ({"throttle_refill": 0}, "zero throttle"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, weth, stranger, changes, reason):
    values = BREAKER | {"market": market, "collateral": weth} | changes
    with ape.reverts(f"breaker: {reason}"):
        deploy(stranger, contracts.PriceBreaker, **values)


def test_deploy__throttle_too_large__reverts(contracts, market, weth, stranger):
    values = BREAKER | {"throttle_capacity": 2**128 + 1}
    with ape.reverts("bucket: too large"):
        deploy(stranger, contracts.PriceBreaker, **values, market=market, collateral=weth)


def test_deploy__collateral_of_another_market__reverts(contracts, market, usdc, stranger):
    with ape.reverts("breaker: unknown collateral"):
        deploy(stranger, contracts.PriceBreaker, **BREAKER, market=market, collateral=usdc)


def test_deploy__halts_only__needs_no_throttle(make_breaker, fall_to, weth):
    only_halts = {"liquidation": [0, 0, 3], "borrowing": [0, 0, 3], "withdrawal": [0, 0, 3]}
    breaker = make_breaker(**only_halts, throttle_capacity=0, throttle_refill=0)
    fall_to(1_000)
    assert modes(breaker, weth) == [0, 0, 0]
