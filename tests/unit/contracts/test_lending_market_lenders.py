"""The lenders' side: ERC-4626 with standard rounding, limits and a protected first deposit."""

import ape
import pytest

from sim.units import MAX_UINT, WITHDRAW
from tests.helpers.ledger import SHARE_OFFSET, div_up, usd

VIRTUAL = 10**SHARE_OFFSET  # [shares]


@pytest.fixture
def uneven(indebted, fund, usdc, borrower, lender, module):
    """A market whose share price is no round number: 1,234.567891 USDC were lost to bad debt."""
    indebted.assume_debt(borrower, 1_234_567_891, sender=module)
    indebted.write_off(borrower, 1_234_567_891, sender=module)
    fund(usdc, borrower, usd(1_000), indebted)
    return indebted


def shares_down(market, assets):
    return assets * (market.totalSupply() + VIRTUAL) // (market.totalAssets() + 1)


def assets_up(market, shares):
    return div_up(shares * (market.totalAssets() + 1), market.totalSupply() + VIRTUAL)


def test_metadata__always__describes_the_share(market, usdc):
    assert market.asset() == usdc == market.debt_token()
    assert (market.name(), market.symbol()) == ("Firesale lender share", "FIRE")
    assert market.decimals() == 6 + SHARE_OFFSET


def test_deposit__into_empty_market__gives_a_million_shares_a_unit(make_market, usdc, lender, fund):
    market = make_market()
    fund(usdc, lender, usd(5), market)
    receipt = market.deposit(usd(5), lender, sender=lender)
    assert market.balanceOf(lender) == usd(5) * VIRTUAL == market.totalSupply()
    assert market.cash() == market.totalAssets() == usd(5) == usdc.balanceOf(market)
    assert market.Deposit(sender=lender, owner=lender, assets=usd(5), shares=usd(5) * VIRTUAL) in (
        receipt.events
    )
    assert receipt.events[-1] == market.LiquidityChanged(
        cash=usd(5), total_assets=usd(5), total_shares=usd(5) * VIRTUAL
    )


def test_deposit__for_another__credits_the_receiver(uneven, lender, stranger):
    expected = shares_down(uneven, 1_000_001)
    assert uneven.previewDeposit(1_000_001) == uneven.convertToShares(1_000_001) == expected
    uneven.deposit(1_000_001, stranger, sender=lender)
    assert uneven.balanceOf(stranger) == expected


def test_deposit__of_nothing__reverts(market, lender):
    with ape.reverts("market: zero shares"):
        market.deposit(0, lender, sender=lender)


def test_mint__of_shares__costs_assets_rounded_up(uneven, lender, stranger, usdc):
    shares = 10**9 + 7
    expected = assets_up(uneven, shares)
    assert uneven.previewMint(shares) == expected
    before = usdc.balanceOf(lender)
    uneven.mint(shares, stranger, sender=lender)
    assert uneven.balanceOf(stranger) == shares
    assert before - usdc.balanceOf(lender) == expected


def test_mint__to_zero_address__reverts(market, lender):
    with ape.reverts("erc20: zero address"):
        market.mint(10**6, "0x" + "00" * 20, sender=lender)


def test_withdraw__of_assets__burns_shares_rounded_up(uneven, lender, stranger, usdc):
    supply, assets = uneven.totalSupply(), uneven.totalAssets()
    expected = div_up(777_777 * (supply + VIRTUAL), assets + 1)
    assert uneven.previewWithdraw(777_777) == expected
    receipt = uneven.withdraw(777_777, stranger, lender, sender=lender)
    assert uneven.totalSupply() == supply - expected
    assert usdc.balanceOf(stranger) == 777_777
    assert uneven.totalAssets() == assets - 777_777
    assert (
        uneven.Withdraw(
            sender=lender, receiver=stranger, owner=lender, assets=777_777, shares=expected
        )
        in receipt.events
    )


def test_redeem__of_shares__pays_assets_rounded_down(uneven, lender, stranger, usdc):
    shares = 10**12 + 1
    expected = shares * (uneven.totalAssets() + 1) // (uneven.totalSupply() + VIRTUAL)
    assert uneven.previewRedeem(shares) == uneven.convertToAssets(shares) == expected
    uneven.redeem(shares, stranger, lender, sender=lender)
    assert usdc.balanceOf(stranger) == expected


@pytest.mark.parametrize("action", ["withdraw", "redeem"])
def test_leave__by_approved_spender__spends_the_allowance(market, lender, keeper, action):
    market.approve(keeper, usd(20) * VIRTUAL, sender=lender)
    amount = usd(15) if action == "withdraw" else usd(15) * VIRTUAL
    getattr(market, action)(amount, keeper, lender, sender=keeper)
    assert market.allowance(lender, keeper) == usd(5) * VIRTUAL
    with ape.reverts("erc20: insufficient allowance"):
        getattr(market, action)(amount, keeper, lender, sender=keeper)


def test_redeem__of_more_than_owned__reverts(market, stranger):
    with ape.reverts("erc20: insufficient balance"):
        market.redeem(1, stranger, stranger, sender=stranger)


def test_withdraw__beyond_the_cash__reverts(indebted, lender):
    with ape.reverts("market: no cash"):
        indebted.withdraw(usd(990_000) + 1, lender, lender, sender=lender)


@pytest.mark.parametrize(("limit", "reason"), [(0, "halted"), (usd(5) - 1, "throttled")])
@pytest.mark.parametrize("action", ["withdraw", "redeem"])
def test_leave__gated__reverts(market, breaker, lender, action, limit, reason):
    breaker.set_limit(WITHDRAW, limit, sender=lender)
    amount = usd(5) if action == "withdraw" else usd(5) * VIRTUAL
    with ape.reverts(f"market: {reason}"):
        getattr(market, action)(amount, lender, lender, sender=lender)


def test_withdraw__let_through__is_recorded(market, breaker, lender, usdc):
    market.withdraw(usd(5), lender, lender, sender=lender)
    assert breaker.recorded(WITHDRAW, usdc) == usd(5)


def test_deposit__while_all_is_halted__passes(market, breaker, lender):
    """MARKET-7."""
    for action in range(3):
        breaker.set_limit(action, 0, sender=lender)
    market.deposit(usd(1), lender, sender=lender)
    market.mint(VIRTUAL, lender, sender=lender)


def test_max_deposit_and_mint__always__are_unlimited(market, lender):
    assert market.maxDeposit(lender) == market.maxMint(lender) == MAX_UINT


def test_max_withdraw__enough_cash__is_all_of_the_owner(market, lender):
    assert market.maxWithdraw(lender) == usd(1_000_000)
    assert market.maxRedeem(lender) == market.balanceOf(lender)


@pytest.mark.parametrize("limit", [usd(990_000), usd(123), 0])
def test_max_withdraw__little_cash_or_gated__is_exactly_what_passes(uneven, breaker, lender, limit):
    breaker.set_limit(WITHDRAW, limit, sender=lender)
    assert uneven.maxWithdraw(lender) == limit
    receipt = uneven.redeem(uneven.maxRedeem(lender), lender, lender, sender=lender)
    assert limit - receipt.return_value in (0, 1)


def test_max_redeem__price_below_par__lets_the_last_lender_take_everything(
    uneven, lender, borrower
):
    uneven.repay(MAX_UINT, borrower, sender=borrower)
    assert uneven.maxRedeem(lender) == uneven.balanceOf(lender)
    uneven.redeem(uneven.maxRedeem(lender), lender, lender, sender=lender)
    assert uneven.totalSupply() == 0
    assert uneven.totalAssets() == uneven.cash() <= 1


def test_donation__to_the_market__changes_no_price(market, usdc, owner, lender):
    before = market.convertToAssets(10**12)
    usdc.mint(market, usd(1_000_000), sender=owner)
    assert market.convertToAssets(10**12) == before
    assert market.cash() == market.totalAssets() == usd(1_000_000)


def test_inflation_attack__on_the_first_deposit__costs_more_than_it_takes(
    make_market, usdc, fund, keeper, stranger
):
    """MARKET-4. The attacker buys one unit and gives to the market in both possible ways."""
    market = make_market()
    for account in (keeper, stranger):
        fund(usdc, account, usd(100_000), market)
    market.deposit(1, keeper, sender=keeper)
    usdc.transfer(market, usd(50_000), sender=keeper)
    market.fund_reserve(usd(10_000), sender=keeper)
    market.deposit(usd(20_000), stranger, sender=stranger)
    assert market.maxWithdraw(stranger) == usd(20_000)
    assert market.maxWithdraw(keeper) <= 1
