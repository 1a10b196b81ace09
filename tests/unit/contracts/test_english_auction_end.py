"""EnglishAuction: deadlines, the lone bidder who wins for nothing, cancelling, construction."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import ENDLESS, ENGLISH, LIQUIDATE, deploy, eth, only

DEBT = usd(10_000)
TARGET = usd(11_000)  # with a penalty of 10%
LOT = eth(10)
LIFE, LENGTH = ENGLISH["bid_life"], ENGLISH["length"]


# --- the end ----------------------------------------------------------------------------------


def test_restart__only_one_bidder_got_through__wins_everything_for_nothing(
    english, market, english_sale, bid, finish, weth, usdc, borrower, keeper, stranger
):
    """Black Thursday: 10 WETH worth 12,000 for a millionth of a dollar."""
    bid(stranger)
    assets = market.totalAssets()
    receipt = finish()
    assert weth.balanceOf(stranger) == LOT
    assert usdc.balanceOf(stranger) == usd(1_000_000) - 1
    assert only(receipt, "Taken") == {
        "account": borrower,
        "collateral": weth,
        "taker": stranger,
        "receiver": stranger,
        "paid": 1,
        "fee": 0,
        "received": LOT,
        "price": 10**11,
        "debt_left": DEBT - 1,
        "lot_left": 0,
    }
    assert only(receipt, "BadDebt")["amount"] == DEBT - 1
    assert only(receipt, "BadDebt")["from_reserve"] == usd(1_000 - 40)  # two tips were paid
    assert market.totalAssets() == assets - (DEBT - 1 - usd(960))
    assert market.debt_in_sale() == english.open_sales(borrower) == 0


def test_restart__after_bids_for_less__returns_the_rest_of_the_lot(
    english, market, bid_up, bid, finish, weth, borrower, keeper
):
    reserve = market.reserve()
    assert reserve == usd(1_000 - 20) + TARGET - DEBT
    bid(keeper)
    receipt = finish()
    won = LOT * WAD // to_wad("1.05")
    assert weth.balanceOf(keeper) == won
    assert market.collateral_of(borrower, weth) == LOT - won
    assert weth.balanceOf(english) == 0
    taken = only(receipt, "Taken")
    assert (taken["paid"], taken["fee"], taken["received"]) == (TARGET, TARGET - DEBT, won)
    assert taken["price"] == div_up(TARGET * 10**30, won)
    assert only(receipt, "SaleEnded")["returned"] == LOT - won
    assert market.debt_of(borrower) == market.debt_in_sale() == 0


def test_restart__beside_other_collateral__returns_the_debt(
    market, english_sale, bid, finish, collateral_tokens, borrower, keeper
):
    market.supply_collateral(collateral_tokens["GOLD"], 10**6, borrower, sender=borrower)
    bid(keeper)
    assert only(finish(), "SaleEnded")["debt_returned"] == DEBT - 1
    assert market.debt_of(borrower) == DEBT - 1


def test_restart__without_a_bid__opens_the_sale_again(
    english, english_sale, finish, bid, weth, borrower, keeper
):
    receipt = finish(LENGTH)
    assert only(receipt, "SaleRestarted")["incentive"] == usd(20)
    assert english.sale(borrower, weth).ends_at == (receipt.timestamp + LENGTH) * WAD
    bid(keeper)


def test_restart__before_the_deadline__reverts(english, english_sale, bid, weth, borrower, keeper):
    bid(keeper)
    assert not english.restartable(borrower, weth)
    with ape.reverts("english: still open"):
        english.restart(borrower, weth, sender=keeper)


def test_restart__without_a_sale__reverts(english, weth, borrower, keeper):
    with ape.reverts("english: no sale"):
        english.restart(borrower, weth, sender=keeper)


def test_take__at_the_deadline__is_too_late(
    english, english_sale, bid, weth, borrower, keeper, stranger, chain
):
    made = bid(keeper).timestamp
    chain.pending_timestamp = made + LIFE
    with ape.reverts("english: too late"):
        bid(stranger)
    assert english.quote(borrower, weth, ENDLESS) == (0, 0)


def test_take__a_second_before_the_deadline__starts_a_new_bid_life(
    english_sale, bid, keeper, stranger, chain
):
    made = bid(keeper).timestamp
    chain.pending_timestamp = made + LIFE - 1
    assert only(bid(stranger), "Bid")["deadline"] == (made + LIFE - 1 + LIFE) * WAD


def test_take__near_the_end_of_the_sale__does_not_live_beyond_it(english_sale, bid, keeper, chain):
    chain.pending_timestamp = english_sale.timestamp + LENGTH - 1
    ends_at = (english_sale.timestamp + LENGTH) * WAD
    assert only(bid(keeper), "Bid")["deadline"] == ends_at


def test_halt__while_a_bid_stands__stops_its_clock(
    english, market, english_sale, bid, breaker, weth, borrower, keeper, stranger, owner, chain
):
    made = bid(keeper).timestamp
    chain.pending_timestamp = made + 100
    breaker.set_next_halt(LIQUIDATE, made + 100 + 900, sender=owner)
    chain.pending_timestamp = made + 100
    market.pulse(sender=keeper)
    chain.mine(timestamp=made + 100 + 900 + LIFE - 101)
    assert not english.restartable(borrower, weth)
    assert market.auction_time() == (made + LIFE - 1) * WAD
    chain.mine(deltatime=1)
    assert english.restartable(borrower, weth)
    with ape.reverts("english: too late"):
        bid(stranger)


def test_slowdown__while_a_bid_stands__lets_it_live_longer(
    english, market, english_sale, bid, breaker, weth, borrower, keeper, owner, chain
):
    made = bid(keeper).timestamp
    breaker.set_slowdown(WAD // 4, 0, made + 100 + 4_000, sender=owner)
    chain.pending_timestamp = made + 100
    market.pulse(sender=keeper)
    chain.mine(timestamp=made + 100 + 4 * (LIFE - 100) - 1)
    assert not english.restartable(borrower, weth)
    chain.mine(deltatime=1)
    assert english.restartable(borrower, weth)


# --- owner ------------------------------------------------------------------------------------


def test_cancel__without_a_bid__puts_everything_back(
    english, market, english_sale, weth, borrower, owner, module
):
    receipt = english.cancel(borrower, weth, sender=owner)
    assert market.debt_of(borrower) == only(receipt, "SaleEnded")["debt_returned"] == DEBT
    assert market.collateral_of(borrower, weth) == LOT
    market.set_liquidation(module, sender=owner)


def test_cancel__while_a_bid_stands__reverts(
    english, english_sale, bid, weth, borrower, keeper, owner
):
    bid(keeper)
    with ape.reverts("english: a bid stands"):
        english.cancel(borrower, weth, sender=owner)


def test_cancel__without_a_sale__reverts(english, weth, borrower, owner):
    with ape.reverts("english: no sale"):
        english.cancel(borrower, weth, sender=owner)


def test_cancel__by_stranger__reverts(english, english_sale, weth, borrower, stranger):
    with ape.reverts("english: only owner"):
        english.cancel(borrower, weth, sender=stranger)


# --- construction -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"raise_by": 0}, "english: raise_by not between 0 and 1"),
        ({"raise_by": WAD + 1}, "english: raise_by not between 0 and 1"),
        ({"least_raise": 0}, "english: zero least_raise"),
        ({"bid_life": 0}, "english: bid_life not up to length"),
        ({"bid_life": LENGTH + 1}, "english: bid_life not up to length"),
        ({"penalty": WAD + 1}, "english: penalty above 1"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, stranger, changes, reason):
    with ape.reverts(reason):
        deploy(stranger, contracts.EnglishAuction, **(ENGLISH | {"market": market} | changes))
