"""A broken breaker kept another one installed, and made the lenders' limits revert."""

import ape
import pytest

from sim.units import BORROW, LIQUIDATE
from tests.helpers.ledger import usd


@pytest.fixture
def broken(contracts, market, breaker, owner):
    """Two breakers of the market that revert, whatever they are asked."""
    second = owner.deploy(contracts.ScriptedBreaker)
    market.add_breaker(second, sender=owner)
    for installed in (breaker, second):
        installed.set_broken(True, sender=owner)
    return breaker, second


def test_remove_breaker__beside_another_broken_one__works(market, broken, owner, lender):
    """MARKET-9."""
    for breaker in broken:
        market.remove_breaker(breaker, sender=owner)
    assert market.breakers() == []
    market.withdraw(usd(1), lender, lender, sender=lender)


def test_limits__broken_breaker__are_zero(market, broken, lender, weth):
    """ERC-4626: neither maxWithdraw nor maxRedeem may revert."""
    assert market.maxWithdraw(lender) == market.maxRedeem(lender) == 0
    assert market.allowed(LIQUIDATE, weth, usd(1)) == 0
    with ape.reverts("market: halted"):
        market.withdraw(usd(1), lender, lender, sender=lender)


def test_halted_until__broken_breaker_beside_a_halting_one__is_still_known(
    contracts, market, breaker, owner, chain
):
    end = chain.pending_timestamp + 1_000
    halting = owner.deploy(contracts.ScriptedBreaker)
    halting.set_next_halt(BORROW, end, sender=owner)
    market.add_breaker(halting, sender=owner)
    market.pulse(sender=owner)
    broken = owner.deploy(contracts.ScriptedBreaker)
    market.add_breaker(broken, sender=owner)
    for installed in (breaker, broken):
        installed.set_broken(True, sender=owner)
    market.remove_breaker(broken, sender=owner)
    assert market.halted_until(BORROW) == end


def test_add_breaker__that_is_none__reverts(market, owner, weth):
    with ape.reverts("market: not a breaker"):
        market.add_breaker(weth, sender=owner)
