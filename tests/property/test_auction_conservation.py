"""AUCTION-1 to AUCTION-4 for any takes: nothing is lost or overpaid, the price never rises."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.units import WAD
from tests.helpers.ledger import answer, div_up, usd
from tests.helpers.mechanisms import AUCTION, ENDLESS, LIQUIDATE, deploy, eth, only, terms

DEBT, LOT = usd(10_000), eth(10)
STEP_S = 90
SETTINGS = settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def halter(contracts, market, owner):
    scripted = owner.deploy(contracts.ScriptedBreaker)
    market.add_breaker(scripted, sender=owner)
    return scripted


@pytest.fixture(scope="module")
def auction(contracts, market, halter, feed, fund, usdc, weth, owner, borrower, keeper):
    """With a sale of 10 WETH for 10,000 USDC, started at 1,200."""
    market.supply_collateral(weth, LOT, borrower, sender=borrower)
    market.borrow(DEBT, borrower, sender=borrower)
    curve = owner.deploy(contracts.StairstepCurve, STEP_S, 99 * 10**25)
    module = deploy(owner, contracts.DutchAuction, market=market, curve=curve, **AUCTION)
    market.set_liquidation(module, sender=owner)
    fund(usdc, keeper, usd(100_000), module)
    feed.push(answer(1_200), sender=owner)
    module.start(borrower, weth, sender=keeper)
    return module


def takes():
    """Steps of the curve to wait and the most to pay; the last one pays whatever it takes."""
    few = st.lists(st.tuples(st.integers(1, 18), st.integers(1, usd(12_000))), max_size=3)
    return few.map(lambda offers: [*offers, (20, ENDLESS)])


@SETTINGS
@given(offers=takes())
def test_sale__any_takes__conserves_debt_and_lot(
    auction, market, weth, usdc, borrower, keeper, chain, offers
):
    with chain.isolate():
        taken, ended, price = [], None, ENDLESS
        now = auction.sale(borrower, weth).started_at // WAD
        for steps, max_pay in offers:
            now += steps * STEP_S
            chain.mine(timestamp=now)
            quoted = auction.quote(borrower, weth, max_pay)
            assert quoted == expected(
                auction.sale(borrower, weth), auction, borrower, weth, max_pay
            )
            assert auction.price(borrower, weth) <= price
            price = auction.price(borrower, weth)
            if quoted[0] == 0:
                continue
            receipt = auction.take(borrower, weth, max_pay, 0, keeper, b"", sender=keeper)
            taken.append(only(receipt, "Taken"))
            assert quoted == (taken[-1]["paid"], taken[-1]["received"])
            assert quoted[0] <= max_pay
            if auction.open_sales(borrower) == 0:
                ended = only(receipt, "SaleEnded")
                break
        check_conservation(taken, ended, market, borrower)
        assert usdc.balanceOf(auction) == weth.balanceOf(auction) == 0


def expected(sale, auction, borrower, weth, max_pay):
    """The quote by the helpers' own arithmetic."""
    if sale.lot == 0:
        return 0, 0
    price = auction.price(borrower, weth)
    least = AUCTION["min_sale"]
    return terms(sale.target, sale.lot, price, max_pay, least, div_up(least * 10**30, price))


def check_conservation(taken, ended, market, borrower):
    """Paid + written off + returned is the debt; sold + returned is the lot."""
    assert ended is not None
    paid = sum(t["paid"] - t["fee"] for t in taken)
    assert paid + ended["written_off"] + ended["debt_returned"] == DEBT
    assert sum(t["received"] for t in taken) + ended["returned"] == LOT
    assert market.debt_in_sale() == 0


@SETTINGS
@given(before=st.integers(1, 5_000), length=st.integers(1, 20_000), after=st.integers(0, 2_000))
def test_clock__any_halt__is_resumed_where_it_stood(
    auction, market, halter, weth, borrower, keeper, owner, chain, before, length, after
):
    started = auction.sale(borrower, weth).started_at // WAD
    with chain.isolate():
        chain.mine(timestamp=started + before + after + 10)
        undisturbed = auction.price(borrower, weth)
    with chain.isolate():
        end = started + before + 10 + length
        halter.set_next_halt(LIQUIDATE, end, sender=owner)
        chain.pending_timestamp = started + before + 10
        market.pulse(sender=keeper)
        chain.mine(timestamp=end + after)
        assert auction.price(borrower, weth) == undisturbed
