"""Interest against the same formulas in exact Python integers (tests/helpers/ledger.py)."""

import pytest

from sim.units import LIQUIDATE, MAX_UINT, RAY, WAD, to_wad
from tests.helpers.ledger import DAY_S, INTEREST, debt_at, grown, rate, usd


@pytest.fixture
def bearing(indebted, owner):
    """The market with interest, in which the borrower owes 10,000 of 1,000,000."""
    indebted.set_rates(tuple(INTEREST.values()), sender=owner)
    return indebted


@pytest.mark.parametrize("lent", [0, 10_000, 800_000, 800_001, 900_000, 1_000_000])
def test_borrow_rate__at_each_utilisation__follows_the_kink(
    market, collateral_tokens, borrower, owner, lent
):
    market.set_rates(tuple(INTEREST.values()), sender=owner)
    market.set_limits(0, MAX_UINT, sender=owner)
    market.supply_collateral(collateral_tokens["WBTC"], 100 * 10**8, borrower, sender=borrower)
    market.borrow(usd(lent), borrower, sender=borrower)
    market_rate = market.borrow_rate()
    utilisation = market.utilisation()
    assert market_rate == rate(INTEREST, utilisation)
    assert utilisation - lent * WAD // 1_000_000 in range(10**9)  # interest of a few seconds


def test_accrual__linear_between_touches__matches_the_formula(bearing, borrower, chain):
    """MARKET-3."""
    start, index = bearing.accrued_at(), bearing.index()
    scaled, model = bearing.scaled_debt_of(borrower), INTEREST
    for days in (1, 400):
        yearly = rate(model, bearing.utilisation())
        chain.mine(timestamp=start + days * DAY_S)
        expected = grown(index, yearly, chain.blocks.head.timestamp - start)
        assert bearing.index() == expected
        assert bearing.debt_of(borrower) == debt_at(scaled, expected) == bearing.total_debt()


def test_accrual__touched__compounds_and_logs(bearing, borrower, lender, chain):
    yearly, start = bearing.borrow_rate(), bearing.accrued_at()
    chain.pending_timestamp += 100 * DAY_S
    receipt = bearing.deposit(usd(1), lender, sender=lender)
    index = grown(RAY, yearly, receipt.timestamp - start)
    interest = debt_at(usd(10_000), index) - usd(10_000)
    reserve = interest * INTEREST["reserve_factor"] // WAD
    assert bearing.index() == index
    assert receipt.events[0] == bearing.InterestAccrued(
        interest=interest, index=index, total_debt=usd(10_000) + interest, reserve=reserve
    )
    assert bearing.totalAssets() == usd(1_000_001) + interest - reserve
    second_rate, again = bearing.borrow_rate(), receipt.timestamp
    chain.mine(timestamp=again + 100 * DAY_S)
    elapsed = chain.blocks.head.timestamp - again
    assert bearing.index() == grown(index, second_rate, elapsed)


def test_accrual__while_liquidation_is_halted__stands_still(
    bearing, breaker, borrower, lender, owner, chain
):
    """MARKET-14: whoever touches the market in between."""
    receipt = bearing.deposit(usd(1), lender, sender=lender)
    index, yearly, touched = bearing.index(), bearing.borrow_rate(), receipt.timestamp
    breaker.set_next_halt(LIQUIDATE, touched + 10 * DAY_S, sender=owner)
    chain.pending_timestamp = touched + 4 * DAY_S
    bearing.pulse(sender=lender)
    halted = grown(index, yearly, 4 * DAY_S)
    chain.mine(timestamp=touched + 6 * DAY_S)
    assert bearing.index() == halted
    chain.pending_timestamp = touched + 9 * DAY_S
    assert bearing.deposit(usd(1), lender, sender=lender).timestamp == touched + 9 * DAY_S
    assert bearing.index() == halted
    yearly = bearing.borrow_rate()
    chain.mine(timestamp=touched + 10 * DAY_S)
    assert bearing.index() == halted
    chain.mine(timestamp=touched + 13 * DAY_S)
    assert bearing.index() == grown(halted, yearly, 3 * DAY_S)


def test_reserve__while_liquidation_is_halted__earns_nothing(
    bearing, breaker, lender, owner, chain
):
    breaker.set_next_halt(LIQUIDATE, MAX_UINT, sender=owner)
    bearing.pulse(sender=lender)
    reserve, assets = bearing.reserve(), bearing.totalAssets()
    chain.pending_timestamp += 100 * DAY_S
    bearing.deposit(usd(1), lender, sender=lender)
    chain.mine(deltatime=100 * DAY_S)
    assert (bearing.reserve(), bearing.totalAssets()) == (reserve, assets + usd(1))


def test_repay__after_interest__all_of_it_clears_the_debt(bearing, borrower, chain, usdc):
    chain.pending_timestamp += 30 * DAY_S
    receipt = bearing.repay(MAX_UINT, borrower, sender=borrower)
    assert receipt.return_value > usd(10_000)
    assert bearing.debt_of(borrower) == bearing.total_debt() == 0
    assert bearing.cash() == usdc.balanceOf(bearing)
    assert bearing.totalAssets() == bearing.cash() - bearing.reserve()


def test_debt_in_sale__over_time__bears_no_interest(bearing, borrower, module, chain):
    bearing.assume_debt(borrower, MAX_UINT, sender=module)
    sold = bearing.debt_in_sale()
    chain.mine(timestamp=chain.pending_timestamp + 100 * DAY_S)
    assert (bearing.debt_in_sale(), bearing.total_debt()) == (sold, 0)


def test_borrow__at_an_uneven_index__rounds_the_debt_up(bearing, borrower, chain, owner):
    """MARKET-2: what is rounded on the way to an account's debt only raises total assets."""
    chain.mine(timestamp=chain.pending_timestamp + 33 * DAY_S)
    bearing.repay(usd(1), borrower, sender=borrower)
    bearing.set_rates((0, to_wad("0.8"), 0, 0, 0), sender=owner)
    assert bearing.index() % RAY
    for action in (bearing.borrow, bearing.repay):
        debt, assets = bearing.debt_of(borrower), bearing.totalAssets()
        action(1_234_567, borrower, sender=borrower)
        sign = 1 if action is bearing.borrow else -1
        assert bearing.debt_of(borrower) - debt - sign * 1_234_567 in (0, 1)
        assert bearing.totalAssets() - assets in (0, 1)
