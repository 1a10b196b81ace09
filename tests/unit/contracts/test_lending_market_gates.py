"""The breakers' seat in the market: their gates, their pulse, and the clock of halts."""

import ape
import pytest

from sim.units import BORROW, LIQUIDATE, MAX_UINT, WAD, WITHDRAW


@pytest.fixture
def second(contracts, market, owner):
    breaker = owner.deploy(contracts.ScriptedBreaker)
    market.add_breaker(breaker, sender=owner)
    return breaker


@pytest.fixture
def pulse_at(market, chain, stranger):
    """Pulse at a time after the last block; answers that time [unix s]."""

    def pulse(delay_s):
        chain.pending_timestamp += delay_s
        return market.pulse(sender=stranger).timestamp

    return pulse


def test_allowed__without_breakers__is_all(market, weth):
    assert market.breakers() == []
    assert market.allowed(LIQUIDATE, weth, MAX_UINT) == MAX_UINT


def test_allowed__two_breakers__is_the_least(market, breaker, second, weth, owner):
    breaker.set_limit(LIQUIDATE, 70, sender=owner)
    second.set_limit(LIQUIDATE, 50, sender=owner)
    assert market.allowed(LIQUIDATE, weth, 100) == 50
    assert market.allowed(LIQUIDATE, weth, 40) == 40
    assert market.allowed(WITHDRAW, weth, 100) == 100


def test_pulse__by_anyone__pulses_every_breaker_and_syncs(
    market, breaker, second, owner, stranger, chain
):
    end = chain.pending_timestamp + 1_000
    second.set_next_halt(BORROW, end, sender=owner)
    receipt = market.pulse(sender=stranger)
    assert (breaker.pulses(), second.pulses()) == (1, 1)
    assert [market.halted_until(a) for a in range(3)] == [end, 0, 0]
    event = receipt.events[-1]
    assert (event.caller, list(event.until), event.halted_seconds) == (stranger, [end, 0, 0], 0)
    assert list(event.slowdown) == [WAD, 0, 0]
    assert event.auction_time == receipt.timestamp * WAD


def test_halted_seconds__overlapping_halts__count_once(
    market, breaker, second, owner, pulse_at, chain
):
    """MARKET-11."""
    start = chain.pending_timestamp + 100
    breaker.set_next_halt(LIQUIDATE, start + 300, sender=owner)
    second.set_next_halt(LIQUIDATE, start + 500, sender=owner)
    latched = pulse_at(100)
    assert market.halted_until(LIQUIDATE) == start + 500
    chain.mine(timestamp=latched + 200)
    assert market.halted_seconds() == 200
    chain.mine(timestamp=start + 9_000)
    assert market.halted_seconds() == start + 500 - latched
    pulse_at(10)
    assert market.halted_seconds() == start + 500 - latched


def test_halted_seconds__two_halts_in_a_row__add_up(market, breaker, owner, pulse_at, chain):
    soon = chain.pending_timestamp + 1_000
    breaker.set_next_halt(LIQUIDATE, soon, sender=owner)
    first = pulse_at(10)
    breaker.set_next_halt(LIQUIDATE, soon + 5_000, sender=owner)
    second = pulse_at(4_000)
    chain.mine(timestamp=soon + 6_000)
    assert market.halted_seconds() == (soon - first) + (soon + 5_000 - second)


def test_halted_seconds__breaker_removed_in_a_halt__stops_counting(
    market, breaker, owner, pulse_at, chain
):
    breaker.set_next_halt(LIQUIDATE, chain.pending_timestamp + 10**6, sender=owner)
    latched = pulse_at(10)
    chain.pending_timestamp += 500
    removed = market.remove_breaker(breaker, sender=owner).timestamp
    chain.mine(timestamp=removed + 1_000)
    assert market.halted_seconds() == removed - latched
    assert market.halted_until(LIQUIDATE) == 0


def test_auction_time__without_breakers__is_the_time(market, chain):
    assert market.auction_time() == chain.blocks.head.timestamp * WAD
    assert market.start_uplift() == 0


def test_auction_time__halted__stands_still(market, breaker, owner, pulse_at, chain):
    """MARKET-12: the clock of auctions loses exactly the seconds of halts."""
    breaker.set_next_halt(LIQUIDATE, chain.pending_timestamp + 400, sender=owner)
    latched = pulse_at(10)
    end = market.halted_until(LIQUIDATE)
    chain.mine(timestamp=end - 1)
    assert market.auction_time() == latched * WAD
    chain.mine(timestamp=end + 700)
    assert market.auction_time() == (latched + 700) * WAD
    pulse_at(10)
    now = chain.blocks.head.timestamp
    assert market.auction_time() == (now - market.halted_seconds()) * WAD


def test_auction_time__several_slowdowns__runs_at_the_least_pace_until_the_latest_end(
    market, breaker, second, owner, pulse_at, chain
):
    """MARKET-13."""
    start = chain.pending_timestamp + 100
    breaker.set_slowdown(WAD // 2, WAD // 10, start + 1_000, sender=owner)
    second.set_slowdown(WAD // 4, WAD // 20, start + 300, sender=owner)
    slowed = pulse_at(100)
    chain.mine(timestamp=slowed + 3)
    assert market.auction_time() == slowed * WAD + 3 * WAD // 4
    assert market.start_uplift() == WAD // 10
    chain.mine(timestamp=start + 999)
    assert market.start_uplift() == WAD // 10
    chain.mine(timestamp=start + 1_000 + 50)
    assert market.auction_time() == slowed * WAD + (start + 1_000 - slowed) * WAD // 4 + 50 * WAD
    assert market.start_uplift() == 0


def test_auction_time__halt_and_slowdown__is_slowed_where_the_halt_ends(
    market, breaker, second, owner, pulse_at, chain
):
    start = chain.pending_timestamp + 100
    breaker.set_next_halt(LIQUIDATE, start + 500, sender=owner)
    second.set_slowdown(WAD // 5, 0, start + 800, sender=owner)
    latched = pulse_at(100)
    chain.mine(timestamp=start + 500)
    assert market.auction_time() == latched * WAD
    chain.mine(timestamp=start + 1_000)
    assert market.auction_time() == (latched + 300 // 5 + 200) * WAD


def test_auction_time__slowdown_withdrawn__runs_again_from_the_next_sync(
    market, breaker, owner, pulse_at, chain
):
    breaker.set_slowdown(0, WAD, chain.pending_timestamp + 10**6, sender=owner)
    slowed = pulse_at(10)
    breaker.set_slowdown(0, WAD, 0, sender=owner)
    ended = pulse_at(500)
    assert market.auction_time() == slowed * WAD
    assert market.start_uplift() == 0
    chain.mine(timestamp=ended + 7)
    assert market.auction_time() == (slowed + 7) * WAD


def test_slowdown__past_or_above_full_pace__changes_nothing(
    market, breaker, second, owner, pulse_at, chain
):
    breaker.set_slowdown(0, WAD, chain.pending_timestamp, sender=owner)
    second.set_slowdown(MAX_UINT, 0, MAX_UINT, sender=owner)
    pulse_at(100)
    chain.mine(deltatime=1_000)
    assert market.auction_time() == chain.blocks.head.timestamp * WAD
    assert market.start_uplift() == 0


def test_slowdown__of_a_breaker_without_one__is_none(contracts, market, breaker, owner, chain):
    """A breaker of a user's own need not know of slowdowns."""
    plain = owner.deploy(contracts.PlainBreaker)
    breaker.set_slowdown(WAD // 2, WAD // 8, MAX_UINT, sender=owner)
    market.add_breaker(plain, sender=owner)
    assert market.start_uplift() == WAD // 8
    market.remove_breaker(breaker, sender=owner)
    assert market.start_uplift() == 0


def test_slowdown__of_a_broken_breaker__ends_with_the_next_sync(
    contracts, market, breaker, second, owner
):
    breaker.set_slowdown(0, WAD, MAX_UINT, sender=owner)
    market.pulse(sender=owner)
    breaker.set_broken(True, sender=owner)
    market.remove_breaker(second, sender=owner)
    assert market.start_uplift() == 0


def test_add_breaker__new__is_obeyed_and_logged(contracts, market, owner):
    breaker = owner.deploy(contracts.ScriptedBreaker)
    receipt = market.add_breaker(breaker, sender=owner)
    assert market.breakers() == [breaker]
    assert receipt.events[-1] == market.BreakerAdded(owner=owner, breaker=breaker)


def test_add_breaker__twice__reverts(market, breaker, owner):
    with ape.reverts("market: known breaker"):
        market.add_breaker(breaker, sender=owner)


def test_add_breaker__a_fifth__reverts(contracts, market, breaker, second, owner):
    for _ in range(2):
        market.add_breaker(owner.deploy(contracts.ScriptedBreaker), sender=owner)
    with ape.reverts("market: too many breakers"):
        market.add_breaker(owner.deploy(contracts.ScriptedBreaker), sender=owner)


def test_remove_breaker__that_is_broken__works_all_the_same(market, breaker, second, owner):
    """MARKET-9: no breaker can hold its place by reverting."""
    breaker.set_broken(True, sender=owner)
    with ape.reverts("scripted: broken"):
        market.pulse(sender=owner)
    receipt = market.remove_breaker(breaker, sender=owner)
    assert market.breakers() == [second]
    assert receipt.events[-1] == market.BreakerRemoved(owner=owner, breaker=breaker)
    market.pulse(sender=owner)
    assert second.pulses() == 1


def test_remove_breaker__not_installed__reverts(market, breaker, owner, weth):
    with ape.reverts("market: unknown breaker"):
        market.remove_breaker(weth, sender=owner)
