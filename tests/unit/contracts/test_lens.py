"""The lens: the same answers as the market's own, many at a time, also with a stale price."""

import pytest

from sim.units import LIQUIDATE, MAX_UINT, WITHDRAW, to_wad
from tests.helpers.ledger import answer, usd


@pytest.fixture
def scripted(contracts, indebted, owner):
    scripted = owner.deploy(contracts.ScriptedLiquidation)
    indebted.set_liquidation(scripted, sender=owner)
    return scripted


def test_accounts__several__are_the_markets_own_answers(
    lens, indebted, collateral_tokens, borrower, lender
):
    gold = collateral_tokens["GOLD"]
    indebted.supply_collateral(gold, 1_234_567, borrower, sender=borrower)
    debtor, other = lens.accounts(indebted, [borrower, lender])
    assert debtor.debt == usd(10_000)
    assert debtor.health_factor == indebted.health_factor(borrower)
    assert debtor.collateral == [10 * 10**18, 0, 1_234_567]
    assert (other.debt, other.health_factor, other.collateral) == (0, MAX_UINT, [0, 0, 0])


def test_accounts__none__is_empty(lens, market):
    assert lens.accounts(market, []) == []


def test_accounts__stale_price__uses_the_last_answer(lens, indebted, feed, owner, borrower, chain):
    feed.push(answer(1_500), sender=owner)
    chain.mine(timestamp=chain.pending_timestamp + 10**9)
    assert lens.accounts(indebted, [borrower])[0].health_factor == to_wad("1.2")


def test_accounts__feed_at_zero__has_no_health(lens, indebted, contracts, weth, owner, borrower):
    broken = owner.deploy(contracts.ZeroFeed)
    indebted.set_collateral(weth, broken, 0, to_wad("0.8"), 0, 1, sender=owner)
    assert lens.accounts(indebted, [borrower])[0].health_factor == 0


def test_market__with_everything__is_the_markets_own_answer(
    lens, indebted, breaker, module, borrower, lender, owner, feeds, chain
):
    indebted.assume_debt(borrower, usd(4_000), sender=module)
    indebted.fund_reserve(usd(7), sender=lender)
    breaker.set_limit(WITHDRAW, 55, sender=owner)
    end = chain.pending_timestamp + 10**6
    breaker.set_next_halt(LIQUIDATE, end, sender=owner)
    indebted.pulse(sender=owner)
    chain.mine(timestamp=chain.pending_timestamp + 50)
    state = lens.market(indebted)
    assert (state.cash, state.total_debt) == (usd(990_007), usd(6_000))
    assert (state.debt_in_sale, state.reserve) == (usd(4_000), usd(7))
    assert (state.total_assets, state.total_shares) == (usd(1_000_000), indebted.totalSupply())
    assert list(state.halted_until) == [0, 0, end]
    assert state.halted_seconds == indebted.halted_seconds() > 0
    assert list(state.allowed) == [MAX_UINT // 2, 55, MAX_UINT // 2]
    assert [f.answer for f in state.feeds] == [f.latestRoundData()[1] for f in feeds.values()]
    assert [f.updated_at for f in state.feeds] == [f.latestRoundData()[3] for f in feeds.values()]


def test_market__without_collateral__has_no_feeds(lens, make_market):
    assert lens.market(make_market()).feeds == []


def test_sales__only_rows_with_something__in_order(
    lens, indebted, scripted, borrower, lender, keeper, stranger, owner, weth, collateral_tokens
):
    scripted.set_answer(borrower, (True, False, 0, 0, False), sender=owner)
    scripted.set_answer(keeper, (False, False, 9, 8, False), sender=owner)
    scripted.set_answer(stranger, (False, True, 0, 0, False), sender=owner)
    rows = lens.sales(indebted, [lender, borrower, keeper, stranger])
    tokens = list(collateral_tokens.values())
    assert [tuple(row) for row in rows] == [
        (1, weth, True, False, 0, 0),  # only collateral that it holds can be started
        *((2, token, False, False, 9, 8) for token in tokens),
        *((3, token, False, True, 0, 0) for token in tokens),
    ]


def test_sales__module_reverts__counts_as_nothing(lens, indebted, scripted, borrower, owner):
    scripted.set_answer(borrower, (True, True, 9, 9, True), sender=owner)
    assert lens.sales(indebted, [borrower]) == []


def test_sales__module_without_the_interface__counts_as_nothing(lens, market, weth, owner, lender):
    market.set_liquidation(weth, sender=owner)
    assert lens.sales(market, [lender]) == []
