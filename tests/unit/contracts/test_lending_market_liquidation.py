"""What the liquidation module may do: the book of sales, seizing, bad debt, incentives."""

import ape
import pytest

from sim.units import LIQUIDATE
from tests.helpers.ledger import usd


@pytest.fixture
def in_sale(indebted, borrower, module):
    """6,000 of the borrower's 10,000 USDC are in the book of sales."""
    indebted.assume_debt(borrower, usd(6_000), sender=module)
    return indebted


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("seize", ("borrower", "weth", 1, "borrower")),
        ("return_collateral", ("borrower", "weth", 1)),
        ("assume_debt", ("borrower", 1)),
        ("return_debt", ("borrower", 1)),
        ("settle", ("weth", 1, 0)),
        ("write_off", ("borrower", 1)),
        ("pay_incentive", ("borrower", 1)),
    ],
)
def test_module_action__by_stranger__reverts(market, borrower, weth, owner, action, arguments):
    """MARKET-10."""
    named = {"borrower": borrower, "weth": weth}
    with ape.reverts("market: only liquidation"):
        getattr(market, action)(*(named.get(a, a) for a in arguments), sender=owner)


def test_seize__part__sends_it_and_logs(indebted, weth, borrower, keeper, module):
    receipt = indebted.seize(borrower, weth, 4 * 10**18, keeper, sender=module)
    assert weth.balanceOf(keeper) == 4 * 10**18
    assert indebted.collateral_of(borrower, weth) == 6 * 10**18 == indebted.held(weth)
    assert receipt.events[-1] == indebted.Seized(
        account=borrower,
        collateral=weth,
        receiver=keeper,
        amount=4 * 10**18,
        balance=6 * 10**18,
        held=6 * 10**18,
    )


def test_seize__more_than_there_is__reverts(indebted, weth, borrower, module):
    with ape.reverts("market: insufficient collateral"):
        indebted.seize(borrower, weth, 10 * 10**18 + 1, module, sender=module)


def test_return_collateral__beyond_the_cap__is_taken(indebted, weth, feed, borrower, module, owner):
    indebted.seize(borrower, weth, 4 * 10**18, module, sender=module)
    indebted.set_collateral(weth, feed, 0, 0, 0, 1, sender=owner)
    weth.approve(indebted, 10**18, sender=module)
    receipt = indebted.return_collateral(borrower, weth, 10**18, sender=module)
    assert receipt.events[-1] == indebted.CollateralReturned(
        account=borrower, collateral=weth, amount=10**18, balance=7 * 10**18, held=7 * 10**18
    )
    assert weth.balanceOf(indebted) == 7 * 10**18


def test_return_collateral__unknown_token__reverts(indebted, usdc, borrower, module):
    with ape.reverts("market: unknown collateral"):
        indebted.return_collateral(borrower, usdc, 1, sender=module)


def test_assume_debt__part__moves_it_to_the_book_of_sales(indebted, borrower, module):
    receipt = indebted.assume_debt(borrower, usd(6_000), sender=module)
    assert receipt.return_value == usd(6_000) == indebted.debt_in_sale()
    assert indebted.debt_of(borrower) == usd(4_000) == indebted.total_debt()
    assert indebted.totalAssets() == usd(1_000_000)
    assert receipt.events[-1] == indebted.DebtAssumed(
        account=borrower, amount=usd(6_000), debt=usd(4_000), debt_in_sale=usd(6_000)
    )


def test_assume_debt__more_than_owed__takes_what_is_owed(indebted, borrower, module):
    receipt = indebted.assume_debt(borrower, usd(10_001), sender=module)
    assert receipt.return_value == usd(10_000)
    assert indebted.debt_of(borrower) == 0


def test_return_debt__part__puts_it_back(in_sale, borrower, module):
    receipt = in_sale.return_debt(borrower, usd(1_000), sender=module)
    assert receipt.events[-1] == in_sale.DebtReturned(
        account=borrower, amount=usd(1_000), debt=usd(5_000), debt_in_sale=usd(5_000)
    )
    assert in_sale.totalAssets() == usd(1_000_000)


@pytest.mark.parametrize("action", ["return_debt", "write_off"])
def test_leave_sale__more_than_in_it__reverts(in_sale, borrower, module, action):
    with ape.reverts("market: not in sale"):
        getattr(in_sale, action)(borrower, usd(6_000) + 1, sender=module)


def test_settle__with_penalty__pays_debt_and_fills_the_reserve(
    in_sale, breaker, usdc, weth, module
):
    before = usdc.balanceOf(module)
    receipt = in_sale.settle(weth, usd(5_000), usd(500), sender=module)
    assert before - usdc.balanceOf(module) == usd(5_500)
    assert in_sale.cash() == usd(995_500) == usdc.balanceOf(in_sale)
    assert (in_sale.debt_in_sale(), in_sale.reserve()) == (usd(1_000), usd(500))
    assert in_sale.totalAssets() == usd(1_000_000)
    assert receipt.events[-1] == in_sale.Settled(
        collateral=weth, debt=usd(5_000), fee=usd(500), debt_in_sale=usd(1_000), reserve=usd(500)
    )
    assert breaker.recorded(LIQUIDATE, weth) == usd(5_500)


def test_settle__more_than_in_sale__reverts(in_sale, weth, module):
    with ape.reverts("market: not in sale"):
        in_sale.settle(weth, usd(6_000) + 1, 0, sender=module)


@pytest.mark.parametrize(("reserve", "from_lenders"), [(0, 6_000), (2_000, 4_000), (9_000, 0)])
def test_write_off__some_reserve__bears_it_first_and_lenders_the_rest(
    in_sale, borrower, lender, module, reserve, from_lenders
):
    """MARKET-5."""
    in_sale.fund_reserve(usd(reserve), sender=lender)
    receipt = in_sale.write_off(borrower, usd(6_000), sender=module)
    assert receipt.events[-1] == in_sale.BadDebt(
        account=borrower,
        amount=usd(6_000),
        from_reserve=usd(6_000 - from_lenders),
        from_lenders=usd(from_lenders),
        reserve_left=usd(max(reserve - 6_000, 0)),
        total_assets=usd(1_000_000 - from_lenders),
    )
    worth = in_sale.convertToAssets(in_sale.balanceOf(lender))
    assert worth - usd(1_000_000 - from_lenders) in (-1, 0)


def test_fund_reserve__by_anyone__is_not_the_lenders(market, usdc, lender):
    receipt = market.fund_reserve(usd(50), sender=lender)
    assert market.totalAssets() == usd(1_000_000)
    assert market.cash() == usd(1_000_050) == usdc.balanceOf(market)
    assert receipt.events[-1] == market.ReserveFunded(payer=lender, amount=usd(50), reserve=usd(50))


@pytest.mark.parametrize(("asked", "paid"), [(30, 30), (80, 50)])
def test_pay_incentive__from_the_reserve__pays_as_far_as_it_reaches(
    market, usdc, lender, keeper, module, asked, paid
):
    market.fund_reserve(usd(50), sender=lender)
    receipt = market.pay_incentive(keeper, usd(asked), sender=module)
    assert receipt.return_value == usd(paid) == usdc.balanceOf(keeper)
    assert receipt.events[-1] == market.IncentivePaid(
        receiver=keeper, amount=usd(paid), reserve_left=usd(50 - paid)
    )
    assert market.totalAssets() == usd(1_000_000)


def test_pay_incentive__little_cash__pays_what_there_is(market, lender, keeper, module, borrower):
    market.fund_reserve(usd(50), sender=lender)
    market.withdraw(usd(1_000_000), lender, lender, sender=lender)
    market.deposit(1, lender, sender=lender)
    assert market.pay_incentive(keeper, usd(60), sender=module).return_value == usd(50)
    assert market.reserve() == 0
    assert market.cash() == 1
