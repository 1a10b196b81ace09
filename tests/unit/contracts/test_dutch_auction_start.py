"""DutchAuction: its parameters, and starting a sale."""

import ape
import pytest

from sim.units import WAD, to_wad
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import AUCTION, deploy, eth, only

DEBT = usd(10_000)
TARGET = usd(11_000)  # with a penalty of 10%
LOT = eth(10)
START_PRICE = 1_440 * WAD  # 1.2 * 1,200


@pytest.fixture
def sale(auction, weth, borrower, keeper, set_price):
    """Started when WETH had fallen to 1,200."""
    set_price(1_200)
    auction.start(borrower, weth, sender=keeper)


def test_start__unhealthy__takes_debt_and_collateral_into_a_sale(
    auction, market, weth, usdc, borrower, keeper, set_price
):
    set_price(1_200)
    assert auction.startable(borrower)
    before = usdc.balanceOf(keeper)
    receipt = auction.start(borrower, weth, sender=keeper)
    incentive = usd(20) + usd(11)  # tip, and 0.1% of the target
    assert usdc.balanceOf(keeper) - before == incentive
    assert list(auction.sale(borrower, weth)) == [
        DEBT,
        TARGET,
        LOT,
        START_PRICE,
        receipt.timestamp * WAD,  # no halt so far
    ]
    assert market.debt_of(borrower) == market.collateral_of(borrower, weth) == 0
    assert market.debt_in_sale() == auction.debt_in_auction() == DEBT
    assert auction.debt_in_auction_of(weth) == DEBT
    assert auction.open_sales(borrower) == 1
    assert weth.balanceOf(auction) == LOT
    assert only(receipt, "SaleStarted") == {
        "account": borrower,
        "collateral": weth,
        "starter": keeper,
        "debt": DEBT,
        "target": TARGET,
        "lot": LOT,
        "start_price": START_PRICE,
        "incentive": incentive,
    }


def test_start__healthy__reverts(auction, weth, borrower, keeper, set_price):
    set_price(1_250)
    assert not auction.startable(borrower)
    with ape.reverts("auction: healthy"):
        auction.start(borrower, weth, sender=keeper)


def test_start__twice__reverts(auction, market, sale, weth, borrower, keeper, owner, set_price):
    market.supply_collateral(weth, LOT, borrower, sender=borrower)
    market.borrow(usd(8_000), borrower, sender=borrower)
    set_price(900)
    assert not auction.startable(borrower)
    with ape.reverts("auction: sale is open"):
        auction.start(borrower, weth, sender=keeper)


def test_start__collateral_not_held__reverts(
    auction, collateral_tokens, borrower, keeper, set_price
):
    set_price(1_200)
    with ape.reverts("auction: no collateral"):
        auction.start(borrower, collateral_tokens["GOLD"], sender=keeper)


def test_start__worthless_lot_beside_a_worthy_one__reverts(
    auction, market, collateral_tokens, borrower, keeper, set_price, feeds, owner
):
    gold = collateral_tokens["GOLD"]
    feeds["GOLD"].push(10**6, sender=owner)  # 0.01: the smallest part is worth less than a unit
    market.supply_collateral(gold, 1, borrower, sender=borrower)
    set_price(1_200)
    with ape.reverts("auction: worthless lot"):
        auction.start(borrower, gold, sender=keeper)


def test_start__several_collaterals__takes_the_share_of_the_debt(
    auction, market, collateral_tokens, weth, borrower, keeper, set_price
):
    gold = collateral_tokens["GOLD"]
    market.supply_collateral(gold, 30 * 10**6, borrower, sender=borrower)  # worth 2,400
    set_price(1_000)
    auction.start(borrower, gold, sender=keeper)
    share = div_up(DEBT * 2_400, 12_400)
    assert auction.sale(borrower, gold).debt == share
    auction.start(borrower, weth, sender=keeper)
    assert auction.sale(borrower, weth).debt == DEBT - share
    assert auction.open_sales(borrower) == 2


def test_start__cap_leaves_less_room__takes_debt_and_lot_in_proportion(
    make_auction, market, debt, weth, borrower, keeper, set_price
):
    auction = make_auction(cap=usd(4_000))
    set_price(1_200)
    auction.start(borrower, weth, sender=keeper)
    assert auction.sale(borrower, weth).debt == usd(4_000)
    assert auction.sale(borrower, weth).lot == eth(4)
    assert market.debt_of(borrower) == usd(6_000)
    assert market.collateral_of(borrower, weth) == eth(6)


def test_start__collateral_cap_leaves_less_room__takes_part(
    make_auction, debt, weth, borrower, keeper, set_price
):
    auction = make_auction(collateral_cap=[usd(3_000), usd(500), usd(500)])
    set_price(1_200)
    auction.start(borrower, weth, sender=keeper)
    assert auction.debt_in_auction_of(weth) == usd(3_000)


def test_start__cap_would_leave_dust_on_the_account__takes_all(
    make_auction, debt, market, weth, borrower, keeper, set_price
):
    auction = make_auction(cap=usd(9_501))
    set_price(1_200)
    auction.start(borrower, weth, sender=keeper)
    assert auction.debt_in_auction() == DEBT
    assert market.debt_of(borrower) == 0


def test_start__cap_used_up__reverts(
    make_auction, debt, market, fund, weth, borrower, stranger, keeper, set_price
):
    auction = make_auction(cap=usd(10_400))
    fund(weth, stranger, LOT, market)
    market.supply_collateral(weth, LOT, stranger, sender=stranger)
    market.borrow(DEBT, stranger, sender=stranger)
    set_price(1_200)
    auction.start(borrower, weth, sender=keeper)
    assert not auction.startable(stranger)
    with ape.reverts("auction: cap reached"):  # 400 of room, below min_sale
        auction.start(stranger, weth, sender=keeper)


def test_start__dust__pays_no_incentive(
    make_auction, debt, usdc, weth, borrower, keeper, set_price
):
    auction = make_auction(min_sale=TARGET + 1, cap=10**12, collateral_cap=[10**12] * 3)
    set_price(1_200)
    before = usdc.balanceOf(keeper)
    receipt = auction.start(borrower, weth, sender=keeper)
    assert usdc.balanceOf(keeper) == before
    assert only(receipt, "SaleStarted")["incentive"] == 0


def test_start__reserve_too_small__pays_what_there_is(
    auction, make_auction, market, weth, borrower, keeper, set_price
):
    generous = make_auction(tip=usd(5_000))
    set_price(1_200)
    assert only(generous.start(borrower, weth, sender=keeper), "SaleStarted")["incentive"] == usd(
        1_000
    )
    assert market.reserve() == 0


# --- construction -----------------------------------------------------------------------------


def test_deploy__given_parameters__answers_them(auction, market, weth, curve):
    assert (auction.market(), auction.curve()) == (market, curve)
    assert (auction.BUFFER(), auction.TAIL(), auction.CUSP()) == (
        to_wad("1.2"),
        7_200,
        to_wad("0.4"),
    )
    assert (auction.TIP(), auction.CHIP()) == (usd(20), to_wad("0.001"))
    assert (auction.PENALTY(), auction.MIN_SALE()) == (to_wad("0.1"), usd(500))
    assert auction.CAP() == auction.collateral_cap(weth) == usd(1_000_000)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"buffer": WAD - 1}, "auction: buffer below 1"),
        ({"tail": 0}, "auction: zero tail"),
        ({"cusp": 0}, "auction: cusp not between 0 and 1"),
        ({"cusp": WAD}, "auction: cusp not between 0 and 1"),
        ({"chip": WAD + 1}, "auction: chip or penalty above 1"),
        ({"penalty": WAD + 1}, "auction: chip or penalty above 1"),
        ({"cap": usd(499)}, "auction: cap below min_sale"),
        ({"collateral_cap": [usd(500), usd(500), usd(499)]}, "auction: cap below min_sale"),
        ({"collateral_cap": [usd(500)]}, "auction: one cap for each collateral"),
    ],
)
def test_deploy__bad_parameter__reverts(contracts, market, curve, stranger, changes, reason):
    values = AUCTION | {"market": market, "curve": curve} | changes
    with ape.reverts(reason):
        deploy(stranger, contracts.DutchAuction, **values)


def test_deploy__curve_that_starts_elsewhere__reverts(contracts, market, stranger):
    curve = stranger.deploy(contracts.ScriptedCurve, WAD - 1)
    with ape.reverts("auction: curve starts elsewhere"):
        deploy(stranger, contracts.DutchAuction, **AUCTION, market=market, curve=curve)
