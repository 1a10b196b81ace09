"""The borrowers' side: collateral of three decimals, loans, repayment, health."""

import ape
import pytest

from sim.units import BORROW, MAX_UINT, to_wad
from tests.conftest import DECIMALS, PRICES
from tests.helpers.ledger import answer, usd

ZERO = "0x" + "00" * 20
DAY_S = 86_400


def let_price_go_stale(chain):
    chain.mine(timestamp=chain.pending_timestamp + 366 * DAY_S)


@pytest.mark.parametrize("symbol", list(DECIMALS))
def test_price__of_each_decimals__is_wad_of_whole_tokens(market, collateral_tokens, symbol):
    token = collateral_tokens[symbol]
    assert market.price(token) == to_wad(PRICES[symbol])
    assert market.value_down(token, 3 * 10 ** DECIMALS[symbol]) == 3 * usd(PRICES[symbol])


def test_value_down__of_dust__rounds_to_nothing(market, weth):
    assert market.value_down(weth, 10**18 // usd(2_000) - 1) == 0


def test_price__of_unknown_token__reverts(market, usdc):
    with ape.reverts("market: unknown collateral"):
        market.price(usdc)


def test_price__older_than_max_age__reverts(market, weth, chain):
    let_price_go_stale(chain)
    with ape.reverts("market: stale price"):
        market.price(weth)


def test_price__not_above_zero__reverts(contracts, market, owner, weth):
    feed = owner.deploy(contracts.ZeroFeed)
    market.set_collateral(weth, feed, 0, 0, 10**30, DAY_S, sender=owner)
    with ape.reverts("market: zero price"):
        market.price(weth)


@pytest.mark.parametrize("symbol", list(DECIMALS))
def test_supply_collateral__for_another__credits_and_logs(
    market, collateral_tokens, borrower, stranger, symbol
):
    token, amount = collateral_tokens[symbol], 2 * 10 ** DECIMALS[symbol]
    receipt = market.supply_collateral(token, amount, stranger, sender=borrower)
    assert market.collateral_of(stranger, token) == amount == token.balanceOf(market)
    assert market.held(token) == amount
    assert receipt.events[-1] == market.CollateralSupplied(
        account=stranger,
        collateral=token,
        payer=borrower,
        amount=amount,
        balance=amount,
        held=amount,
    )


def test_supply_collateral__unknown_token__reverts(market, usdc, borrower):
    with ape.reverts("market: unknown collateral"):
        market.supply_collateral(usdc, 1, borrower, sender=borrower)


def test_supply_collateral__to_nobody__reverts(market, weth, borrower):
    with ape.reverts("market: zero address"):
        market.supply_collateral(weth, 1, ZERO, sender=borrower)


def test_supply_collateral__above_the_cap__reverts(market, weth, feed, borrower, owner):
    market.set_collateral(weth, feed, 0, 0, 10**18, DAY_S, sender=owner)
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    with ape.reverts("market: collateral cap"):
        market.supply_collateral(weth, 1, borrower, sender=borrower)


def test_withdraw_collateral__without_debt__passes_halts_and_stale_prices(
    market, breaker, weth, borrower, stranger, chain
):
    """MARKET-7."""
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    breaker.set_limit(BORROW, 0, sender=borrower)
    let_price_go_stale(chain)
    receipt = market.withdraw_collateral(weth, 10**18, stranger, sender=borrower)
    assert weth.balanceOf(stranger) == 10**18
    assert receipt.events[-1] == market.CollateralWithdrawn(
        account=borrower, collateral=weth, receiver=stranger, amount=10**18, balance=0, held=0
    )
    assert breaker.recorded(BORROW, weth) == 0


def test_withdraw_collateral__with_debt__is_recorded_at_its_value(
    indebted, breaker, weth, borrower
):
    indebted.withdraw_collateral(weth, 10**18, borrower, sender=borrower)
    assert breaker.recorded(BORROW, weth) == usd(2_000)
    assert indebted.collateral_of(borrower, weth) == 9 * 10**18


def test_withdraw_collateral__down_to_the_limit__passes_and_not_beyond(indebted, weth, borrower):
    """MARKET-6."""
    needed = 6_666_666_667 * 10**9  # [WETH] at 2,000 x 0.75 covers 10,000 and a billionth
    indebted.withdraw_collateral(weth, 10 * 10**18 - needed, borrower, sender=borrower)
    with ape.reverts("market: unhealthy"):
        indebted.withdraw_collateral(weth, 10**9, borrower, sender=borrower)


@pytest.mark.parametrize(("limit", "reason"), [(0, "halted"), (usd(2_000) - 1, "throttled")])
def test_withdraw_collateral__with_debt_and_gated__reverts(
    indebted, breaker, weth, borrower, limit, reason
):
    breaker.set_limit(BORROW, limit, sender=borrower)
    with ape.reverts(f"market: {reason}"):
        indebted.withdraw_collateral(weth, 10**18, borrower, sender=borrower)


def test_withdraw_collateral__dust_while_halted__reverts(indebted, breaker, weth, borrower):
    """What is gated is rounded up, so a halt can't be emptied through in pieces worth nothing."""
    breaker.set_limit(BORROW, 0, sender=borrower)
    with ape.reverts("market: halted"):
        indebted.withdraw_collateral(weth, 1, borrower, sender=borrower)


def test_withdraw_collateral__more_than_own__reverts(market, weth, borrower):
    with ape.reverts("market: insufficient collateral"):
        market.withdraw_collateral(weth, 1, borrower, sender=borrower)


def test_withdraw_collateral__unknown_token__reverts(market, usdc, borrower):
    with ape.reverts("market: unknown collateral"):
        market.withdraw_collateral(usdc, 0, borrower, sender=borrower)


def test_check__within_the_borrow_limit__is_remembered_and_logged(
    indebted, borrower, stranger, feed, owner, chain
):
    lent = indebted.checked_at(borrower)
    feed.push(answer("1333.34"), sender=owner)  # 75% of ten of them are 10,000
    chain.mine(deltatime=60)
    receipt = indebted.check(borrower, sender=stranger)
    assert indebted.checked_at(borrower) == receipt.timestamp > lent > 0
    assert receipt.events == [indebted.Checked(account=borrower)]


def test_check__above_the_borrow_limit__reverts(indebted, borrower, stranger, feed, owner):
    feed.push(answer("1333.33"), sender=owner)  # and healthy
    with ape.reverts("market: unhealthy"):
        indebted.check(borrower, sender=stranger)


def test_checked_at__repaid_or_supplied__stays(indebted, weth, borrower):
    lent = indebted.checked_at(borrower)
    indebted.repay(1, borrower, sender=borrower)
    indebted.supply_collateral(weth, 1, borrower, sender=borrower)
    assert indebted.checked_at(borrower) == lent


def test_borrow__within_the_limit__moves_cash_and_logs(market, breaker, usdc, weth, borrower):
    market.supply_collateral(weth, 10 * 10**18, borrower, sender=borrower)
    before = usdc.balanceOf(borrower)
    receipt = market.borrow(usd(15_000), borrower, sender=borrower)
    assert usdc.balanceOf(borrower) - before == usd(15_000) == market.debt_of(borrower)
    assert market.cash() == usd(985_000) == usdc.balanceOf(market)
    assert market.totalAssets() == usd(1_000_000)
    assert receipt.events[-1] == market.Borrowed(
        account=borrower,
        receiver=borrower,
        amount=usd(15_000),
        debt=usd(15_000),
        total_debt=usd(15_000),
    )
    assert breaker.recorded(BORROW, usdc) == usd(15_000)


def test_borrow__beyond_loan_to_value__reverts(market, weth, borrower):
    """MARKET-6."""
    market.supply_collateral(weth, 10 * 10**18, borrower, sender=borrower)
    with ape.reverts("market: unhealthy"):
        market.borrow(usd(15_000) + 1, borrower, sender=borrower)


def test_borrow__below_the_minimum__reverts(market, weth, borrower):
    """MARKET-6."""
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    with ape.reverts("market: below minimum debt"):
        market.borrow(usd(100) - 1, borrower, sender=borrower)


def test_borrow__beyond_the_cap__reverts(market, weth, borrower, owner):
    market.set_limits(0, usd(1_000), sender=owner)
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    market.borrow(usd(1_000), borrower, sender=borrower)
    with ape.reverts("market: borrow cap"):
        market.borrow(1, borrower, sender=borrower)


def test_borrow__beyond_the_cash__reverts(market, collateral_tokens, borrower):
    wbtc = collateral_tokens["WBTC"]
    market.supply_collateral(wbtc, 100 * 10**8, borrower, sender=borrower)
    with ape.reverts("market: no cash"):
        market.borrow(usd(1_000_000) + 1, borrower, sender=borrower)


@pytest.mark.parametrize(("limit", "reason"), [(0, "halted"), (usd(500) - 1, "throttled")])
def test_borrow__gated__reverts(market, breaker, weth, borrower, limit, reason):
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    breaker.set_limit(BORROW, limit, sender=borrower)
    with ape.reverts(f"market: {reason}"):
        market.borrow(usd(500), borrower, sender=borrower)


def test_borrow__against_a_stale_price__reverts(market, weth, borrower, chain):
    market.supply_collateral(weth, 10**18, borrower, sender=borrower)
    let_price_go_stale(chain)
    with ape.reverts("market: stale price"):
        market.borrow(usd(500), borrower, sender=borrower)


def test_repay__part__leaves_the_rest_and_logs(indebted, usdc, lender, borrower):
    receipt = indebted.repay(usd(4_000), borrower, sender=lender)
    assert receipt.return_value == usd(4_000)
    assert indebted.debt_of(borrower) == usd(6_000) == indebted.total_debt()
    assert indebted.cash() == usd(994_000) == usdc.balanceOf(indebted)
    assert receipt.events[-1] == indebted.Repaid(
        account=borrower,
        payer=lender,
        amount=usd(4_000),
        debt=usd(6_000),
        total_debt=usd(6_000),
    )


def test_repay__more_than_owed__takes_what_is_owed(indebted, usdc, borrower):
    before = usdc.balanceOf(borrower)
    indebted.repay(MAX_UINT, borrower, sender=borrower)
    assert before - usdc.balanceOf(borrower) == usd(10_000)
    assert indebted.debt_of(borrower) == indebted.scaled_debt_of(borrower) == 0


def test_repay__leaving_dust__reverts(indebted, borrower):
    """MARKET-6."""
    with ape.reverts("market: below minimum debt"):
        indebted.repay(usd(9_900) + 1, borrower, sender=borrower)


def test_repay_and_supply__while_halted_and_stale__pass(indebted, breaker, weth, borrower, chain):
    """MARKET-7."""
    for action in range(3):
        breaker.set_limit(action, 0, sender=borrower)
    let_price_go_stale(chain)
    indebted.supply_collateral(weth, 10**18, borrower, sender=borrower)
    indebted.repay(usd(1_000), borrower, sender=borrower)
    assert indebted.debt_of(borrower) == usd(9_000)


def test_values__several_collaterals__add_up(indebted, collateral_tokens, borrower, owner, feeds):
    gold, wbtc = collateral_tokens["GOLD"], collateral_tokens["WBTC"]
    indebted.set_collateral(
        gold, feeds["GOLD"], to_wad("0.5"), to_wad("0.6"), 10**30, DAY_S, sender=owner
    )
    indebted.supply_collateral(gold, 25 * 10**6, borrower, sender=borrower)
    indebted.supply_collateral(wbtc, 10**7, borrower, sender=borrower)
    values = indebted.values(borrower)
    assert values.debt == usd(10_000)
    assert values.collateral == usd(20_000 + 2_000 + 5_000)
    assert values.borrow_limit == usd(15_000 + 1_000 + 3_750)
    assert values.liquidation_limit == usd(16_000 + 1_200 + 4_000)
    assert indebted.health_factor(borrower) == to_wad("2.12")


def test_values__unheld_collateral_stale__does_not_matter(
    indebted, collateral_tokens, contracts, owner, borrower
):
    broken = owner.deploy(contracts.ZeroFeed)
    indebted.set_collateral(collateral_tokens["GOLD"], broken, 0, 0, 0, 1, sender=owner)
    assert indebted.health_factor(borrower) == to_wad("1.6")


def test_health_factor__price_just_below_the_threshold__is_below_one(
    indebted, feed, owner, borrower
):
    feed.push(answer("1249.99999999"), sender=owner)
    assert indebted.health_factor(borrower) == to_wad("0.9999999999")


def test_health_factor__without_debt__is_endless(market, stranger):
    assert market.health_factor(stranger) == MAX_UINT


def test_supply_collateral__token_refuses__reverts(contracts, market, feed, list_collateral, owner):
    rogue = owner.deploy(contracts.RogueToken, market)
    list_collateral(market, rogue, feed)
    rogue.set_refuses(True, sender=owner)
    with ape.reverts("transfer: refused"):
        market.supply_collateral(rogue, 1, owner, sender=owner)


@pytest.mark.parametrize("entry", ["pulse", "totalAssets"])
@pytest.mark.parametrize("action", ["supply_collateral", "withdraw_collateral"])
def test_any_action__entered_while_another_runs__reverts(
    contracts, market, feed, list_collateral, owner, action, entry
):
    """MARKET-8: not even to read. Vyper's lock reverts without a reason."""
    rogue = owner.deploy(contracts.RogueToken, market)
    list_collateral(market, rogue, feed)
    market.supply_collateral(rogue, 5, owner, sender=owner)
    rogue.set_call(getattr(market, entry).encode_input(), sender=owner)
    with ape.reverts():
        getattr(market, action)(rogue, 1, owner, sender=owner)
    rogue.set_call(market.breakers.encode_input(), sender=owner)
    getattr(market, action)(rogue, 1, owner, sender=owner)
