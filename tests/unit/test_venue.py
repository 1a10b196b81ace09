"""The off-chain venue: price, impact, and a book that always balances."""

from __future__ import annotations

import math

import pytest

from sim.engines.base import address_of
from sim.markets.venue import VENUE, Venue, VenueOrder
from sim.scenario import VenueSpec, WithdrawalSpec

SPEC = VenueSpec(
    impact_per_musd=0.01, half_life_s=600, permanent_share=0.25, half_spread=0.0, transfer_s=900
)
TRADER = address_of("trader")
USDC, WETH = 10**6, 10**18


@pytest.fixture
def venue():
    venue = Venue(SPEC, 2000.0, ("WETH", 18), ("USDC", 6))
    venue.open_account(TRADER, "WETH", 1000 * WETH)
    venue.open_account(TRADER, "USDC", 10**6 * 10**6)
    return venue


def order(side: str, amount: int) -> VenueOrder:
    return VenueOrder("panic_sellers", TRADER, side, amount, forced=True)


def test_trade__a_million_sold__moves_the_price_by_the_impact(venue):
    fill = venue.trade(order("sell", 500 * WETH))

    assert venue.price == pytest.approx(2000 * math.exp(-0.01))
    assert fill.price == pytest.approx(2000 * math.exp(-0.005))
    assert fill.paid == int(500 * fill.price * 10**6)


def test_trade__bought__moves_the_price_up(venue):
    venue.trade(order("buy", 250 * WETH))
    assert venue.price == pytest.approx(2000 * math.exp(0.005))


def test_trade__half_spread__is_paid_on_both_sides():
    spec = SPEC.model_copy(update={"half_spread": 0.01, "impact_per_musd": 0.0})
    venue = Venue(spec, 2000.0, ("WETH", 18), ("USDC", 6))
    venue.open_account(TRADER, "WETH", WETH)

    assert venue.trade(order("sell", WETH)).price == pytest.approx(1980)
    venue.open_account(TRADER, "USDC", 10**10)
    assert venue.trade(order("buy", WETH)).price == pytest.approx(2020)


def test_advance__half_life__half_of_the_transient_part_is_gone(venue):
    venue.trade(order("sell", 500 * WETH))
    venue.advance(2000.0, 600, 600)
    assert venue.price == pytest.approx(2000 * math.exp(-0.01 * (0.25 + 0.75 / 2)))

    venue.advance(1000.0, 600 * 50, 30_600)
    assert venue.price == pytest.approx(1000 * math.exp(-0.01 * 0.25))


def test_trade__more_than_the_holder_has__is_cut(venue):
    assert venue.trade(order("sell", 5000 * WETH)).amount == 1000 * WETH

    fill = venue.trade(order("buy", 10**6 * WETH))
    assert 0 < fill.paid <= 10**12 + 10**12
    assert venue.balance(TRADER, "USDC") >= 0


def test_trade__nothing_to_sell__fills_nothing():
    venue = Venue(SPEC, 2000.0, ("WETH", 18), ("USDC", 6))
    assert venue.trade(order("sell", WETH)).amount == 0
    assert venue.price == 2000.0


def test_book__after_everything__sums_to_zero(venue):
    venue.trade(order("sell", 3 * WETH + 1))
    venue.deposited(TRADER, "WETH", 17, 0)
    venue.withdraw(TRADER, "USDC", 5 * 10**6 + 3, 0)
    venue.advance(1990.0, 60, 60)
    venue.trade(order("buy", WETH // 3))

    both = venue.holdings([TRADER, VENUE])
    assert both == {"WETH": 0, "USDC": 0}


def test_deposit__arrives__after_the_transfer_time(venue):
    venue.deposited(TRADER, "WETH", 5, 100)
    venue.advance(2000.0, 60, 999)
    assert venue.balance(TRADER, "WETH") == 1000 * WETH

    venue.advance(2000.0, 1, 1000)
    assert venue.balance(TRADER, "WETH") == 1000 * WETH + 5


def test_withdraw__debits_at_once_and_is_due_later(venue):
    venue.withdraw(TRADER, "USDC", 400, 0)
    assert venue.balance(TRADER, "USDC") == 10**12 - 400
    assert venue.holdings([TRADER])["USDC"] == 10**12, "what is on its way is still the holder's"
    assert venue.due(899) == []

    (due,) = venue.due(900)
    assert (due.holder, due.token, due.amount) == (TRADER, "USDC", 400)
    assert venue.due(900) == []
    venue.not_sent(due)
    assert venue.due(900) == [due]
    venue.sent(due)
    assert venue.holdings([TRADER])["USDC"] == 10**12 - 400


def test_withdraw__more_than_the_balance__is_cut(venue):
    venue.withdraw(TRADER, "WETH", 10**30, 0)
    assert venue.due(900)[0].amount == 1000 * WETH


WITHDRAWAL = WithdrawalSpec(volatility=0.01, flow=0.05, least=0.02, return_s=600)
STRESSED = SPEC.model_copy(update={"withdrawal": WITHDRAWAL, "spread_per_volatility": 0.05})


def stressed(**changes) -> Venue:
    venue = Venue(STRESSED.model_copy(update=changes), 2000.0, ("WETH", 18), ("USDC", 6))
    venue.open_account(TRADER, "WETH", 100_000 * WETH)
    venue.open_account(TRADER, "USDC", 10**9 * 10**6)
    return venue


def calmed(venue: Venue, minutes: int, start: int = 10_000) -> None:
    for minute in range(minutes):
        venue.advance(2000.0, 60, start + 60 * minute)


def test_quote__after_a_jump__is_thin_and_wide_then_returns():
    venue = stressed()
    venue.advance(2000.0, 60, 60)
    assert venue.quote.depth == 1.0
    venue.advance(1600.0, 60, 120)
    variance = math.log(1.25) ** 2 * (1 - 0.5**0.1)
    assert venue.quote.depth == pytest.approx(1 / (1 + variance / 0.01**2))
    assert venue.quote.half_spread == pytest.approx(
        0.05 * math.sqrt(variance) * (0.3 / venue.quote.depth)
    )
    thin = venue.quote.depth

    before = venue.price
    venue.trade(order("sell", 50 * WETH))
    moved = math.log(before / venue.price)
    assert moved == pytest.approx(0.01 * 50 * before / 1e6 / thin)

    venue = stressed()
    for minute, price in enumerate([1600.0] * 240):
        venue.advance(price, 60, 60 * minute)
        if minute == 10:
            soon = venue.quote.depth
    assert thin < soon < 0.5 < 0.9 < venue.quote.depth


@pytest.mark.parametrize(("forced", "depth"), [(True, 0.5), (False, 1.0)])
def test_quote__after_a_flow_that_would_move_the_calm_book_by_5_percent__is_halved_if_forced(
    forced, depth
):
    venue = stressed(impact_per_musd=0.0005, memory_s=1e9)
    for _ in range(1000):
        venue.trade(VenueOrder("panic_sellers", TRADER, "sell", 50 * WETH, forced))
        if venue.price < 2000 * math.exp(-0.05):
            break
    assert venue.quote.depth == 1.0, "makers quote once a step"
    venue.advance(2000.0, 60, 60)
    assert venue.quote.depth == pytest.approx(depth, abs=0.01)


def test_quote__without_withdrawal__keeps_its_depth_whatever_happens():
    venue = stressed(withdrawal=None)
    venue.trade(order("sell", 1000 * WETH))
    venue.advance(1000.0, 60, 60)
    assert venue.quote.depth == 1.0
    assert venue.quote.half_spread > 0


def test_quote__at_the_worst__stands_with_the_least():
    venue = stressed()
    venue.advance(200.0, 60, 60)
    assert venue.quote.depth == 0.02


def test_square_root__order_cut_in_pieces__costs_what_it_costs_as_a_whole():
    whole, cut = (stressed(impact_law="square_root", withdrawal=None) for _ in range(2))
    one = whole.trade(order("sell", 100 * WETH))
    parts = [cut.trade(order("sell", 25 * WETH)) for _ in range(4)]
    assert math.log(2000 / whole.price) == pytest.approx(0.0050 * math.sqrt(0.2), rel=1e-6)
    assert cut.price == pytest.approx(whole.price, rel=1e-5)
    assert sum(p.paid for p in parts) == pytest.approx(one.paid, rel=1e-5)


def test_square_root__later_order__does_not_pay_for_a_flow_long_gone():
    venue = stressed(impact_law="square_root", withdrawal=None)
    venue.trade(order("sell", 100 * WETH))
    calmed(venue, 600)
    before = venue.price
    venue.trade(order("sell", 100 * WETH))
    assert math.log(before / venue.price) == pytest.approx(0.0050 * math.sqrt(0.2), rel=1e-3)


def test_quote__says_what_a_trade_then_does():
    for law in ("linear", "square_root"):
        venue = stressed(impact_law=law)
        venue.trade(order("sell", 10 * WETH))
        quote = venue.quote
        fill = venue.trade(order("buy", 100 * WETH))
        usd = 100 * quote.price
        assert math.log(venue.price / quote.price) == pytest.approx(quote.moved(usd))
        assert fill.price == pytest.approx(quote.ask * math.exp(quote.averaged(usd)))


def test_sale__at_an_inert_venue__costs_its_impact_and_leaves_the_price_alone():
    fills, prices = [], []
    for inert in (False, True):
        venue = Venue(SPEC, 2000.0, ("WETH", 18), ("USDC", 6), inert=inert)
        venue.open_account(TRADER, "WETH", 500 * WETH)
        fills.append(venue.trade(order("sell", 500 * WETH)))
        prices.append(venue.price)
    assert fills[0] == fills[1]
    assert prices == [pytest.approx(2000 * math.exp(-0.01)), 2000]


def test_cross__of_a_crowd__is_turnover_and_nothing_else(venue):
    fill = venue.trade(VenueOrder("noise_traders", TRADER, "cross", 3 * WETH, forced=False))
    assert (fill.amount, fill.paid, fill.price) == (3 * WETH, 6000 * USDC, 2000.0)
    assert venue.price == 2000.0
    assert venue.holdings([TRADER]) == {"WETH": 1000 * WETH, "USDC": 10**12}


def test_quote__steady_fall__is_as_thin_whatever_the_spacing():
    depths = []
    for spacing in (12, 60):
        venue = stressed()
        for second in range(spacing, 601, spacing):
            venue.advance(2000 * math.exp(-second / 60 * 0.02), spacing, second)
        depths.append(venue.quote.depth)
    assert depths[0] == pytest.approx(depths[1], rel=0.1)
