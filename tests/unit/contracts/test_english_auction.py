"""EnglishAuction: opening a sale, and bids that rise to the target and then shrink the lot."""

import ape

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import (
    ENDLESS,
    ENGLISH,
    ENGLISH_LADDER,
    LIQUIDATE,
    ZERO,
    deploy,
    eth,
    only,
)

DEBT = usd(10_000)
TARGET = usd(11_000)  # with a penalty of 10%
LOT = eth(10)
LIFE, LENGTH = ENGLISH["bid_life"], ENGLISH["length"]


# --- start ------------------------------------------------------------------------------------


def test_start__unhealthy__moves_debt_and_collateral_into_a_sale(
    english, market, english_sale, weth, usdc, borrower, keeper
):
    assert only(english_sale, "SaleStarted") == {
        "account": borrower,
        "collateral": weth,
        "starter": keeper,
        "debt": DEBT,
        "target": TARGET,
        "lot": LOT,
        "start_price": 0,
        "incentive": usd(20),
    }
    assert usdc.balanceOf(keeper) == usd(1_000_020)
    assert (market.debt_in_sale(), market.debt_of(borrower)) == (DEBT, 0)
    assert weth.balanceOf(english) == LOT
    sale = english.sale(borrower, weth)
    assert (sale.debt, sale.target, sale.held, sale.lot, sale.bid) == (DEBT, TARGET, LOT, LOT, 0)
    assert sale.bidder == ZERO
    assert sale.deadline == sale.ends_at == (english_sale.timestamp + LENGTH) * WAD


def test_start__several_collaterals__takes_the_share_of_the_debt(
    english, market, collateral_tokens, weth, borrower, keeper, set_price
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 10 * 10**6, borrower, sender=borrower)  # worth 800
    set_price(1_100)
    assert english.startable(borrower)
    receipt = english.start(borrower, gold, sender=keeper)
    assert only(receipt, "SaleStarted")["debt"] == div_up(DEBT * 800, 11_800)


def test_start__smaller_than_min_sale__pays_no_tip(
    english, market, collateral_tokens, borrower, keeper, set_price
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 10**6, borrower, sender=borrower)  # worth 80
    set_price(1_100)
    assert only(english.start(borrower, gold, sender=keeper), "SaleStarted")["incentive"] == 0


def test_start__healthy__reverts(english, weth, borrower, keeper, set_price):
    set_price(1_250)  # health 1 exactly
    assert not english.startable(borrower)
    with ape.reverts("english: healthy"):
        english.start(borrower, weth, sender=keeper)


def test_start__of_collateral_not_held__reverts(
    english, collateral_tokens, borrower, keeper, set_price
):
    set_price(1_200)
    with ape.reverts("english: no collateral"):
        english.start(borrower, collateral_tokens["GOLD"], sender=keeper)


def test_start__while_a_sale_is_open__reverts(
    english, market, english_sale, weth, borrower, keeper, set_price
):
    market.supply_collateral(weth, eth(1), borrower, sender=borrower)
    market.borrow(usd(500), borrower, sender=borrower)
    set_price(500)
    assert not english.startable(borrower)
    with ape.reverts("english: sale is open"):
        english.start(borrower, weth, sender=keeper)


def test_start__halted__reverts(english, breaker, weth, borrower, keeper, owner, set_price):
    set_price(1_200)
    breaker.set_limit(LIQUIDATE, 0, sender=owner)
    assert not english.startable(borrower)
    with ape.reverts("english: halted"):
        english.start(borrower, weth, sender=keeper)


# --- bids -------------------------------------------------------------------------------------


def test_take__first_bid__is_the_smallest_unit_for_the_whole_lot(
    english, market, english_sale, bid, weth, borrower, keeper
):
    assert english.quote(borrower, weth, ENDLESS) == (1, LOT)
    receipt = bid(keeper)
    assert only(receipt, "Bid") == {
        "account": borrower,
        "collateral": weth,
        "bidder": keeper,
        "receiver": keeper,
        "paid": 1,
        "lot": LOT,
        "deadline": (receipt.timestamp + LIFE) * WAD,
    }
    assert market.debt_in_sale() == DEBT - 1
    assert weth.balanceOf(english) == LOT  # delivered at the end


def test_take__higher_bid__pays_the_one_before_back(
    english, market, english_sale, bid, weth, usdc, borrower, keeper, stranger
):
    bid(keeper)
    assert english.quote(borrower, weth, ENDLESS) == (usd(1_000) + 1, LOT)
    bid(stranger)
    assert usdc.balanceOf(keeper) == usd(1_000_020)
    assert usdc.balanceOf(stranger) == usd(999_000) - 1
    assert usdc.balanceOf(english) == 0
    assert market.debt_in_sale() == DEBT - usd(1_000) - 1


def test_take__any_bids__conserve_money_debt_and_lot(
    english, market, english_sale, bid, weth, usdc, borrower, keeper, stranger
):
    cash, reserve = market.cash(), market.reserve()
    before = usdc.balanceOf(keeper) + usdc.balanceOf(stranger)
    for i, least in enumerate([*ENGLISH_LADDER, TARGET, TARGET]):
        assert english.quote(borrower, weth, ENDLESS)[0] == least
        bid((keeper, stranger)[i % 2])
        assert before - usdc.balanceOf(keeper) - usdc.balanceOf(stranger) == least
        assert market.cash() - cash == least
        assert market.debt_in_sale() == DEBT - min(least, DEBT)
        assert market.reserve() - reserve == max(least - DEBT, 0)
        assert usdc.balanceOf(english) == 0
        assert weth.balanceOf(english) == LOT


def test_take__raise_of_a_share__counts_where_it_is_more(
    contracts, market, debt, fund, usdc, weth, borrower, keeper, stranger, owner, set_price
):
    changes = {"raise_by": to_wad("0.25"), "least_raise": 2}
    module = deploy(owner, contracts.EnglishAuction, market=market, **ENGLISH | changes)
    market.set_liquidation(module, sender=owner)
    set_price(1_200)
    module.start(borrower, weth, sender=keeper)
    bids = []
    for bidder in (keeper, stranger) * 4:
        fund(usdc, bidder, usd(1), module)
        bids.append(module.quote(borrower, weth, ENDLESS)[0])
        module.take(borrower, weth, ENDLESS, 0, bidder, b"", sender=bidder)
    assert bids == [1, 3, 5, 7, 9, 12, 15, 19]  # a quarter, rounded up, from 9 on


def test_take__at_the_target__asks_for_a_smaller_lot(
    english, market, bid_up, bid, weth, usdc, borrower, keeper, stranger
):
    assert usdc.balanceOf(stranger) == usd(1_000_000) - TARGET
    smaller = LOT * WAD // to_wad("1.05")
    assert english.quote(borrower, weth, ENDLESS) == (TARGET, smaller)
    bid(keeper)
    assert usdc.balanceOf(stranger) == usd(1_000_000)
    assert english.sale(borrower, weth).lot == smaller
    assert market.debt_in_sale() == 0
    bid(stranger, min_receive=smaller * WAD // to_wad("1.05"))


def test_take__below_the_least_bid__has_no_quote_and_reverts(
    english, english_sale, bid, weth, borrower, keeper, stranger
):
    bid(keeper)
    assert english.quote(borrower, weth, usd(1_000)) == (0, 0)
    with ape.reverts("english: bid too low"):
        bid(stranger, max_pay=usd(1_000))


def test_take__by_the_highest_bidder__reverts(english_sale, bid, keeper):
    bid(keeper)
    with ape.reverts("english: already the highest"):
        bid(keeper)


def test_take__for_less_than_min_receive__reverts(english_sale, bid, keeper):
    with ape.reverts("english: too little"):
        bid(keeper, min_receive=LOT + 1)


def test_take__with_data__reverts(english_sale, bid, taker, keeper):
    with ape.reverts("english: no callback"):
        bid(keeper, data=b"sell", receiver=taker)


def test_take__without_a_sale__has_no_quote_and_reverts(english, bid, weth, borrower, keeper):
    assert english.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("english: no sale"):
        bid(keeper)


def test_take__raise_above_the_throttle__has_no_quote_and_reverts(
    english, english_sale, bid, breaker, weth, borrower, keeper, stranger, owner
):
    bid(keeper)
    breaker.set_limit(LIQUIDATE, usd(999), sender=owner)
    assert english.quote(borrower, weth, ENDLESS) == (0, 0)
    with ape.reverts("english: bid too low"):
        bid(stranger)
    breaker.set_limit(LIQUIDATE, usd(1_000), sender=owner)
    bid(stranger)
    assert breaker.recorded(LIQUIDATE, weth) == 1 + usd(1_000)
