"""DutchAuction: going stale, restarting, halts, stop levels, cancelling."""

import ape
import pytest

from sim.units import WAD
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENDLESS, LIQUIDATE, eth, mul_half_up, only, pow_half_up

DEBT = usd(10_000)
TARGET = usd(11_000)
START_PRICE = 1_440 * WAD


@pytest.fixture
def started(auction, weth, borrower, keeper, set_price):
    """When a sale was started at 1,200 [unix s]."""
    set_price(1_200)
    return auction.start(borrower, weth, sender=keeper).timestamp


@pytest.fixture
def restart(auction, weth, borrower, keeper):
    return lambda: auction.restart(borrower, weth, sender=keeper)


@pytest.fixture
def take(auction, weth, borrower, keeper):
    return lambda: auction.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)


# --- stale ------------------------------------------------------------------------------------


def test_sale__at_the_tail__is_not_stale_and_a_second_later_is(
    auction, started, restart, take, weth, borrower, chain
):
    chain.mine(timestamp=started + 7_200)
    assert not auction.restartable(borrower, weth)
    assert auction.quote(borrower, weth, ENDLESS)[0] > 0
    chain.mine(timestamp=started + 7_201)
    assert auction.restartable(borrower, weth)
    assert auction.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("auction: needs restart"):
        take()


def test_sale__below_the_cusp__is_stale(
    make_auction, debt, weth, borrower, keeper, set_price, chain
):
    auction = make_auction(cusp=81 * 10**16)  # 0.99**21 = 0.8097, 0.99**20 = 0.8179
    set_price(1_200)
    started = auction.start(borrower, weth, sender=keeper).timestamp
    chain.mine(timestamp=started + 21 * 90 - 1)
    assert not auction.restartable(borrower, weth)
    chain.mine(timestamp=started + 21 * 90)
    assert auction.restartable(borrower, weth)


def test_sale__exactly_at_the_cusp__is_not_stale(
    contracts, make_auction, debt, owner, weth, borrower, keeper, set_price, chain
):
    linear = owner.deploy(contracts.LinearCurve, 1_000)
    auction = make_auction(curve=linear, cusp=WAD // 2)
    set_price(1_200)
    started = auction.start(borrower, weth, sender=keeper).timestamp
    chain.mine(timestamp=started + 500)
    assert not auction.restartable(borrower, weth)
    chain.mine(timestamp=started + 501)
    assert auction.restartable(borrower, weth)


def test_restart__stale__begins_again_at_the_present_price(
    auction, started, restart, usdc, weth, borrower, keeper, set_price, chain
):
    chain.mine(timestamp=started + 7_201)
    set_price(900)
    before = usdc.balanceOf(keeper)
    receipt = restart()
    assert usdc.balanceOf(keeper) - before == usd(31)
    assert only(receipt, "SaleRestarted") == {
        "account": borrower,
        "collateral": weth,
        "starter": keeper,
        "start_price": 1_080 * WAD,
        "incentive": usd(31),
    }
    sale = auction.sale(borrower, weth)
    assert (sale.started_at, sale.start_price) == (receipt.timestamp * WAD, 1_080 * WAD)
    assert (sale.debt, sale.target, sale.lot) == (DEBT, TARGET, eth(10))
    assert auction.price(borrower, weth) == 1_080 * WAD


def test_restart__dust__pays_no_incentive(
    auction, started, restart, usdc, keeper, set_price, chain
):
    chain.mine(timestamp=started + 7_201)
    set_price("49.99")  # the lot is worth 499.90
    assert only(restart(), "SaleRestarted")["incentive"] == 0


def test_restart__not_stale__reverts(started, restart):
    with ape.reverts("auction: not stale"):
        restart()


def test_restart__without_a_sale__reverts(auction, restart, weth, borrower):
    assert not auction.restartable(borrower, weth)
    with ape.reverts("auction: no sale"):
        restart()


def test_restartable__stale_feed__is_false(
    auction, started, restart, market, feed, weth, borrower, owner, chain
):
    chain.mine(timestamp=started + 7_201)
    market.set_collateral(weth, feed, 0, WAD - 1, 10**30, 0, sender=owner)
    chain.mine(deltatime=1)
    assert not auction.restartable(borrower, weth)
    with ape.reverts("market: stale price"):
        restart()


# --- halts ------------------------------------------------------------------------------------


def test_halt__of_liquidation__refuses_start_take_and_restart(
    auction, started, restart, take, market, breaker, fund, weth, borrower, stranger, keeper, owner,
    set_price, chain,
):  # fmt: skip
    fund(weth, stranger, eth(10), market)
    set_price(2_000)
    market.supply_collateral(weth, eth(10), stranger, sender=stranger)
    market.borrow(DEBT, stranger, sender=stranger)
    set_price(1_200)
    assert auction.startable(stranger)
    breaker.set_limit(LIQUIDATE, 0, sender=owner)
    assert not auction.startable(stranger)
    assert auction.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("auction: halted"):
        auction.start(stranger, weth, sender=keeper)
    with ape.reverts("auction: halted"):
        take()
    chain.mine(timestamp=started + 7_201)
    assert not auction.restartable(borrower, weth)
    with ape.reverts("auction: halted"):
        restart()


def test_halt__latched_in_a_sale__stops_its_clock(
    auction, started, market, breaker, weth, borrower, keeper, owner, chain
):
    def price_at(seconds):
        chain.mine(timestamp=started + seconds)
        return auction.price(borrower, weth)

    breaker.set_next_halt(LIQUIDATE, started + 1_600, sender=owner)
    before = price_at(999)
    chain.pending_timestamp = started + 1_000
    market.pulse(sender=keeper)
    assert price_at(1_300) == price_at(1_600) == before
    assert before == mul_half_up(START_PRICE, pow_half_up(99 * 10**25, 11))
    assert price_at(1_600 + 79) == before  # 1,079 s of its own time
    assert price_at(1_600 + 80) < before
    chain.mine(timestamp=started + 7_200 + 600)
    assert not auction.restartable(borrower, weth)
    chain.mine(timestamp=started + 7_201 + 600)
    assert auction.restartable(borrower, weth)


# --- slowdowns --------------------------------------------------------------------------------


def test_slowdown__in_a_sale__lets_its_price_fall_slower(
    auction, started, market, breaker, weth, borrower, keeper, owner, chain
):
    breaker.set_slowdown(WAD // 4, WAD, started + 3_600, sender=owner)
    chain.pending_timestamp = started + 400
    market.pulse(sender=keeper)
    chain.mine(timestamp=started + 2_399)  # 400 + 1,999 / 4 = 899.75 s of its own time
    assert auction.price(borrower, weth) == mul_half_up(START_PRICE, pow_half_up(99 * 10**25, 9))
    chain.mine(timestamp=started + 2_400)
    assert auction.price(borrower, weth) == mul_half_up(START_PRICE, pow_half_up(99 * 10**25, 10))
    chain.mine(timestamp=started + 3_600 + 6_000)  # 400 + 3,200 / 4 + 6,000
    assert not auction.restartable(borrower, weth)
    chain.mine(timestamp=started + 3_600 + 6_001)
    assert auction.restartable(borrower, weth)


def test_start__while_auctions_are_slowed__is_higher_by_the_uplift(
    auction, market, breaker, weth, borrower, keeper, owner, set_price, chain
):
    end = chain.pending_timestamp + 1_000
    breaker.set_slowdown(WAD, WAD // 4, end, sender=owner)
    market.pulse(sender=keeper)
    set_price(1_200)
    chain.pending_timestamp = end - 1
    receipt = auction.start(borrower, weth, sender=keeper)
    assert only(receipt, "SaleStarted")["start_price"] == START_PRICE * 5 // 4


def test_restart__after_the_slowdown__begins_as_ever(
    auction, started, restart, market, breaker, keeper, owner, chain
):
    breaker.set_slowdown(WAD, WAD // 3, started + 7_201, sender=owner)
    market.pulse(sender=keeper)
    chain.pending_timestamp = started + 7_201
    assert only(restart(), "SaleRestarted")["start_price"] == START_PRICE


def test_restart__while_auctions_are_slowed__is_higher_by_the_uplift(
    auction, started, restart, market, breaker, keeper, owner, chain
):
    breaker.set_slowdown(WAD, WAD // 4, started + 7_202, sender=owner)
    market.pulse(sender=keeper)
    chain.pending_timestamp = started + 7_201
    assert only(restart(), "SaleRestarted")["start_price"] == START_PRICE * 5 // 4


# --- stop levels ------------------------------------------------------------------------------


def test_set_stopped__by_owner__sets_any_level(auction, owner):
    receipt = auction.set_stopped(3, sender=owner)
    assert receipt.events == [auction.StopSet(caller=owner, level=3)]
    auction.set_stopped(0, sender=owner)
    assert auction.stopped() == 0


def test_set_stopped__by_guardian__only_upwards(auction, guardian):
    auction.set_stopped(2, sender=guardian)
    for level in (0, 1, 2):
        with ape.reverts("auction: only guardian"):
            auction.set_stopped(level, sender=guardian)
    auction.set_stopped(3, sender=guardian)


def test_set_stopped__by_stranger__reverts(auction, stranger):
    with ape.reverts("auction: only guardian"):
        auction.set_stopped(3, sender=stranger)


def test_set_stopped__unknown_level__reverts(auction, owner):
    with ape.reverts("auction: unknown stop level"):
        auction.set_stopped(4, sender=owner)


def test_stop_level_1__refuses_start_only(
    auction, weth, borrower, keeper, owner, set_price, chain, started, restart, take
):
    auction.set_stopped(1, sender=owner)
    assert not auction.startable(borrower)
    chain.mine(timestamp=started + 7_201)
    restart()
    take()


def test_stop_level_1__on_start__reverts(auction, weth, borrower, keeper, owner, set_price):
    auction.set_stopped(1, sender=owner)
    set_price(1_200)
    with ape.reverts("auction: starting is stopped"):
        auction.start(borrower, weth, sender=keeper)


def test_stop_level_2__refuses_restart_too(
    auction, started, restart, take, weth, borrower, owner, chain
):
    auction.set_stopped(2, sender=owner)
    take_quote = auction.quote(borrower, weth, ENDLESS)[0]
    assert take_quote == TARGET
    chain.mine(timestamp=started + 7_201)
    assert not auction.restartable(borrower, weth)
    with ape.reverts("auction: restarting is stopped"):
        restart()


def test_stop_level_3__refuses_take_too(auction, started, take, weth, borrower, owner):
    auction.set_stopped(3, sender=owner)
    assert auction.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("auction: taking is stopped"):
        take()


# --- cancel -----------------------------------------------------------------------------------


def test_cancel__by_owner__puts_everything_back(
    auction, started, market, weth, borrower, owner, module
):
    receipt = auction.cancel(borrower, weth, sender=owner)
    assert market.debt_of(borrower) == DEBT
    assert market.collateral_of(borrower, weth) == eth(10)
    assert market.debt_in_sale() == auction.debt_in_auction() == auction.open_sales(borrower) == 0
    assert only(receipt, "SaleEnded") == {
        "account": borrower,
        "collateral": weth,
        "returned": eth(10),
        "written_off": 0,
        "debt_returned": DEBT,
    }
    market.set_liquidation(module, sender=owner)


def test_cancel__without_a_sale__reverts(auction, weth, borrower, owner):
    with ape.reverts("auction: no sale"):
        auction.cancel(borrower, weth, sender=owner)


def test_cancel__by_stranger__reverts(auction, started, weth, borrower, guardian):
    with ape.reverts("auction: only owner"):
        auction.cancel(borrower, weth, sender=guardian)
