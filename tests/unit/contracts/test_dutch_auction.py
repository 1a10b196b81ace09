"""DutchAuction: taking from a sale, and the callback."""

import ape
import pytest

from sim.units import WAD
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import (
    AUCTION,
    ENDLESS,
    LIQUIDATE,
    eth,
    mul_half_up,
    only,
    pow_half_up,
    terms,
)

DEBT = usd(10_000)
TARGET = usd(11_000)  # with a penalty of 10%
LOT = eth(10)
START_PRICE = 1_440 * WAD  # 1.2 * 1,200


def price_after(seconds):
    """Of a sale that was started at 1,200, in USD [WAD]."""
    return mul_half_up(START_PRICE, pow_half_up(99 * 10**25, seconds // 90))


@pytest.fixture
def sale(auction, weth, borrower, keeper, set_price, chain):
    """Started when WETH had fallen to 1,200; advance it with `sale(seconds)`."""
    set_price(1_200)
    receipt = auction.start(borrower, weth, sender=keeper)
    return lambda seconds: chain.mine(timestamp=receipt.timestamp + seconds)


@pytest.fixture
def take(auction, weth, borrower, keeper, chain):
    """Take at a stated second after the start."""

    def take_up_to(max_pay, seconds, min_receive=0, receiver=keeper, data=b""):
        chain.pending_timestamp = auction.sale(borrower, weth).started_at // WAD + seconds
        return auction.take(borrower, weth, max_pay, min_receive, receiver, data, sender=keeper)

    return take_up_to


# --- take -------------------------------------------------------------------------------------


def test_take__of_all__raises_the_target_and_returns_the_rest(
    auction, market, sale, take, weth, usdc, borrower, keeper
):
    price = price_after(900)
    received = TARGET * 10**30 // price
    sale(900)
    assert auction.price(borrower, weth) == price
    assert auction.quote(borrower, weth, ENDLESS) == (TARGET, received)
    reserve, before = market.reserve(), usdc.balanceOf(keeper)
    receipt = take(ENDLESS, 901)
    assert before - usdc.balanceOf(keeper) == TARGET
    assert weth.balanceOf(keeper) == received
    assert market.collateral_of(borrower, weth) == LOT - received
    assert market.reserve() - reserve == TARGET - DEBT
    assert market.debt_in_sale() == auction.debt_in_auction() == auction.open_sales(borrower) == 0
    assert auction.price(borrower, weth) == 0
    assert only(receipt, "Taken") == {
        "account": borrower,
        "collateral": weth,
        "taker": keeper,
        "receiver": keeper,
        "paid": TARGET,
        "fee": TARGET - DEBT,
        "received": received,
        "price": price,
        "debt_left": 0,
        "lot_left": LOT - received,
    }
    assert only(receipt, "SaleEnded") == {
        "account": borrower,
        "collateral": weth,
        "returned": LOT - received,
        "written_off": 0,
        "debt_returned": 0,
    }


def test_take__of_a_part__pays_debt_before_penalty(auction, sale, take, weth, borrower):
    first = only(take(usd(4_000), 90), "Taken")
    assert (first["paid"], first["fee"], first["debt_left"]) == (usd(4_000), 0, usd(6_000))
    second = only(take(usd(6_400), 180), "Taken")
    assert (second["paid"], second["fee"], second["debt_left"]) == (usd(6_400), usd(400), 0)
    left = auction.sale(borrower, weth)
    assert (left.debt, left.target) == (0, usd(600))
    assert left.lot == LOT - first["received"] - second["received"]


def test_take__lot_too_small__writes_the_rest_off(
    auction, market, sale, take, weth, borrower, chain
):
    seconds = 4_500  # 0.605 of 1,440
    assets, reserve = market.totalAssets(), market.reserve()
    pay = div_up(LOT * price_after(seconds), 10**30)
    receipt = take(ENDLESS, seconds)
    assert only(receipt, "Taken")["paid"] == pay
    lost = DEBT - pay
    assert only(receipt, "SaleEnded")["written_off"] == lost
    assert only(receipt, "BadDebt")["from_reserve"] == min(reserve, lost)
    assert market.totalAssets() == assets - (lost - min(reserve, lost))
    assert market.debt_of(borrower) == market.debt_in_sale() == 0


def test_take__lot_too_small_beside_other_collateral__returns_the_debt(
    auction, market, sale, take, collateral_tokens, borrower
):
    market.supply_collateral(collateral_tokens["GOLD"], 10**6, borrower, sender=borrower)
    receipt = take(ENDLESS, 4_500)
    left = DEBT - only(receipt, "Taken")["paid"]
    assert only(receipt, "SaleEnded")["debt_returned"] == left
    assert market.debt_of(borrower) == left


def test_take__last_of_two_sales__writes_off_what_the_first_left(
    auction, market, collateral_tokens, weth, borrower, keeper, set_price, chain
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 10 * 10**6, borrower, sender=borrower)  # worth 800
    set_price(1_000)
    start = auction.start(borrower, gold, sender=keeper).timestamp
    auction.start(borrower, weth, sender=keeper)
    chain.pending_timestamp = start + 5_000
    first = auction.take(borrower, gold, ENDLESS, 0, keeper, b"", sender=keeper)
    returned = only(first, "SaleEnded")["debt_returned"]
    assert market.debt_of(borrower) == returned > 0
    second = auction.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)
    paid = only(first, "Taken")["paid"] + only(second, "Taken")["paid"]
    assert only(second, "SaleEnded")["written_off"] == DEBT - paid
    assert market.debt_of(borrower) == market.debt_in_sale() == 0


def test_take__would_leave_dust_of_target__is_shrunk(auction, sale, take, weth, borrower):
    take(TARGET - 1, 90)
    assert auction.sale(borrower, weth).target == AUCTION["min_sale"]


def test_take__would_leave_dust_of_the_lot__is_shrunk(auction, sale, take, weth, borrower):
    price = price_after(4_500)
    least_lot = div_up(usd(500) * 10**30, price)
    cost = div_up(LOT * price, 10**30)
    receipt = take(cost - 1, 4_500)
    expected = terms(TARGET, LOT, price, cost - 1, usd(500), least_lot)
    taken = only(receipt, "Taken")
    assert (taken["paid"], taken["received"]) == expected
    assert taken["lot_left"] >= least_lot > taken["lot_left"] - 10**13


def test_take__can_only_leave_dust__has_no_quote_and_reverts(auction, sale, take, weth, borrower):
    take(usd(10_500), 90)
    sale(180)
    assert auction.quote(borrower, weth, usd(200)) == (0, 0)
    with ape.reverts("auction: would leave dust"):
        take(usd(200), 181)
    assert auction.quote(borrower, weth, ENDLESS)[0] == usd(500)


def test_take__throttled__is_shrunk(auction, sale, take, breaker, weth, borrower, owner):
    breaker.set_limit(LIQUIDATE, usd(700), sender=owner)
    taken = only(take(ENDLESS, 90), "Taken")
    assert taken["paid"] == usd(700) == breaker.recorded(LIQUIDATE, weth)


def test_take__offering_nothing__reverts(sale, take):
    with ape.reverts("auction: nothing offered"):
        take(0, 90)


def test_take__for_less_than_min_receive__reverts(auction, sale, take):
    received = TARGET * 10**30 // price_after(90)
    with ape.reverts("auction: too little"):
        take(ENDLESS, 90, received + 1)
    take(ENDLESS, 100, received)


def test_take__without_a_sale__has_no_quote_and_reverts(auction, weth, borrower, keeper):
    assert auction.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("auction: no sale"):
        auction.take(borrower, weth, ENDLESS, 0, keeper, b"", sender=keeper)


def test_take__account_repaid_and_refilled_meanwhile__sells_on(
    auction, market, sale, take, weth, borrower
):
    market.supply_collateral(weth, eth(1), borrower, sender=borrower)
    market.borrow(usd(500), borrower, sender=borrower)
    market.repay(ENDLESS, borrower, sender=borrower)
    taken = only(take(ENDLESS, 900), "Taken")
    assert market.collateral_of(borrower, weth) == eth(1) + LOT - taken["received"]


# --- callback ---------------------------------------------------------------------------------


def test_take__with_data__calls_the_receiver_before_the_payment(
    auction, sale, take, taker, weth, borrower
):
    take(ENDLESS, 900, receiver=taker, data=b"hello")
    received = TARGET * 10**30 // price_after(900)
    assert list(taker.seen()) == [borrower, weth, TARGET, received, b"hello"]


@pytest.mark.parametrize("function", ["take", "start", "quote"])
def test_callback__into_the_auction__reverts(
    auction, sale, take, taker, weth, borrower, keeper, function
):
    calls = {
        "take": auction.take.encode_input(borrower, weth, 1, 0, keeper, b""),
        "start": auction.start.encode_input(borrower, weth),
        "quote": auction.quote.encode_input(borrower, weth, 1),
    }
    taker.set_call(auction, calls[function], sender=keeper)
    with ape.reverts():
        take(ENDLESS, 900, receiver=taker, data=b"again")
