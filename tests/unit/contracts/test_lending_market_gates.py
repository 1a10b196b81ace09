"""The breakers' seat in the market: their gates, their pulse, and the clock of halts."""

import ape
import pytest

from sim.units import BORROW, LIQUIDATE, MAX_UINT, WITHDRAW


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
