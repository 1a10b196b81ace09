"""Keepers: they take what pays after gas, as much as it pays, and open sales for the incentive."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from sim.agents.base import VenueTransfer
from sim.agents.capital_keepers import SLICE_USD, CapitalKeepers
from sim.agents.crew import Keeper
from sim.agents.flash_keepers import FlashKeepers
from sim.agents.keepers import EVERYDAY_FEE
from sim.engines.base import Event, Sale, address_of
from sim.markets.venue import VENUE, VenueOrder
from sim.scenario import load_scenario
from sim.units import GWEI, MAX_UINT
from tests.helpers.world import (
    HALF_SPREAD,
    IMPACT,
    USDC,
    WETH,
    Wallets,
    depth,
    facts,
    news,
    rng,
    snapshot,
    view,
)

ME = Keeper(address_of("keeper"), margin=0.01, bid_share=0.2, latency_s=5.0)
ACCOUNTS = [address_of("account", i) for i in range(8)]
SCENARIO = load_scenario("calm")


@pytest.fixture
def spec():
    return SCENARIO.population.keepers.model_copy(update={"alert": 1.0, "takes_per_block": 3})


def flash(spec):
    return FlashKeepers(facts(), spec, [ME], ACCOUNTS)


def capital(spec):
    return CapitalKeepers(facts(), spec, SCENARIO.venue, [ME], ACCOUNTS)


def sale(account=0, pay=1900.0, receive=1.0, startable=False, restartable=False) -> Sale:
    return Sale(account, "WETH", startable, restartable, int(pay * USDC), int(receive * WETH))


def act(agent, *sales, wallets=None, pool=None, base_fee=20 * GWEI, **state):
    current = snapshot([50_000.0] * 8, [0.9] * 8, [30.0] * 8, sales=sales, **state)
    return agent.act(view(current, wallets=wallets, pool=pool, base_fee=base_fee), rng())


def tell(agent, name, account=0, **args):
    """Let the agent see an event of the liquidation module."""
    args = {"account": ACCOUNTS[account], **args}
    agent.learn(news(events=[Event(0, "liquidation", name, args)]))
    return agent


def test_flash__cheap_small_sale__takes_all_and_bids_a_share_of_the_profit(spec):
    agent = tell(flash(spec), "Taken")
    (intent,) = act(agent, sale(pay=19_000, receive=10))
    liquidation, account, collateral, pay, least = intent.call.args

    assert (intent.call.target, intent.call.function) == ("flash:0", "execute")
    assert (liquidation, account, collateral) == ("<liquidation>", ACCOUNTS[0], "<WETH>")
    assert pay == 19_000 * USDC
    got = depth().sell(10 * WETH).got / USDC
    bid_usd = intent.priority_fee * intent.gas_limit / 1e18 * 2000
    assert bid_usd == pytest.approx(0.2 * (got - 19_000), rel=1e-6)
    gas_usd = (intent.priority_fee + 20 * 10**9) * intent.gas_limit / 1e18 * 2000
    assert least == pytest.approx(gas_usd * USDC, rel=1e-6)
    assert intent.latency_s == 5.0


def test_flash__big_sale__takes_until_the_pool_pays_no_more_than_cost_and_margin(spec):
    pool = depth(usd=1e6)
    (intent,) = act(flash(spec), sale(pay=1_900_000, receive=1000), pool=pool)
    sold = 1000 * WETH * intent.call.args[3] / (1_900_000 * USDC)

    after = pool.after(pool.sell(sold)).price * (1 - pool.fee)
    assert after == pytest.approx(1900 * 1.01, rel=1e-4)


@pytest.mark.parametrize(
    ("pay", "receive"), [(2000, 1), (1990, 1), (19, 0.01)], ids=["dear", "no margin", "dust"]
)
def test_flash__sale_that_does_not_pay__is_left(spec, pay, receive):
    assert act(flash(spec), sale(pay=pay, receive=receive)) == []


def test_flash__dear_gas__leaves_what_was_worth_it(spec):
    assert act(flash(spec), sale(pay=19_000, receive=10), base_fee=2000 * GWEI) == []


def test_flash__many_sales__counts_its_own_trades_against_the_pool(spec):
    pool = depth(usd=1e6)
    intents = act(flash(spec), *(sale(i, 15_200, 8) for i in range(8)), pool=pool)
    pays = [intent.call.args[3] / USDC for intent in intents]

    assert len({intent.key for intent in intents}) == len(intents) > 1
    assert pays[0] == 15_200
    assert sum(pays) <= 1900 * pool.sell_down_to(1900 * 1.01).spent / WETH * 1.0001


def test_flash__throttled_market__takes_no_more_than_allowed(spec):
    allowed = (MAX_UINT, MAX_UINT, 30_000 * USDC)
    sales = (sale(i, 19_000, 10) for i in range(8))
    assert len(act(flash(spec), *sales, allowed=allowed)) == 1


def test_keepers__not_alert__see_nothing(spec):
    asleep = spec.model_copy(update={"alert": 0.0})
    for agent in (flash(asleep), capital(asleep)):
        assert act(agent, sale(pay=1000, receive=1)) == []


@pytest.mark.parametrize(("flag", "function"), [("startable", "start"), ("restartable", "restart")])
def test_opening__that_pays_the_gas__is_sent(spec, flag, function):
    (intent,) = act(flash(spec), sale(pay=0, receive=0, **{flag: True}))
    assert intent.call.target == "liquidation"
    assert (intent.call.function, intent.call.args) == (function, (ACCOUNTS[0], "<WETH>"))


def test_opening__too_small_for_the_gas__waits_until_an_incentive_was_seen(spec):
    thrifty = spec.model_copy(update={"start_value": 1e-9})
    agent = flash(thrifty)
    startable = sale(pay=0, receive=0, startable=True)
    assert act(agent, startable) == []

    tell(agent, "SaleStarted", debt=1_000 * USDC, incentive=250 * USDC)
    assert len(act(agent, startable)) == 1


def test_opening__several_seen__expects_what_the_nearest_in_size_paid(spec):
    """Of 50,000 owed: 300 as for 60,000, not 5 as for 1,000 nor 9,000 as for two million."""
    agent = flash(spec)
    for debt, incentive in ((1_000, 5), (2_000_000, 9_000), (60_000, 300)):
        tell(agent, "SaleStarted", debt=debt * USDC, incentive=incentive * USDC)
    (intent,) = act(agent, sale(pay=0, receive=0, startable=True))
    gas_usd = 20e9 * intent.gas_limit / 1e18 * 2000
    bid_usd = intent.priority_fee * intent.gas_limit / 1e18 * 2000
    assert bid_usd == pytest.approx(0.2 * (300 - gas_usd), rel=1e-6)


# --- what a take comes to ---------------------------------------------------------------------


@pytest.mark.parametrize("make", ["flash", "capital"])
def test_keepers__before_any_sale_was_seen_to_deliver__pay_what_anybody_pays(spec, make):
    agent = {"flash": flash, "capital": capital}[make](spec)
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    (intent,) = act(agent, sale(pay=15_000, receive=10), wallets=wallets)
    assert intent.priority_fee == EVERYDAY_FEE

    tell(agent, "Taken")
    (intent,) = act(agent, sale(pay=15_000, receive=10), wallets=wallets)
    assert intent.priority_fee > 100 * EVERYDAY_FEE


def test_flash__sales_by_bids__stays_away(spec):
    agent = tell(flash(spec), "Bid", bidder=address_of("another"), lot=WETH)
    assert act(agent, sale(pay=1, receive=10)) == []


def bidding(spec, bidder):
    return tell(capital(spec), "Bid", bidder=bidder, lot=10 * WETH)


def test_capital__sales_by_bids__is_ready_to_pay_what_the_lot_fetches_less_the_margin(spec):
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    (intent,) = act(bidding(spec, address_of("another")), sale(pay=1, receive=10), wallets=wallets)
    _, _, most, least, *_ = intent.call.args
    fetches = 20_000 * math.exp(-IMPACT * 0.01) * (1 - HALF_SPREAD)
    assert most == pytest.approx(fetches / 1.01 * USDC, rel=1e-9)
    assert least == 10 * WETH * USDC // most  # as dear as that at the most
    assert intent.priority_fee == EVERYDAY_FEE


def test_capital__sales_by_bids__never_bids_against_itself_until_outbid(spec):
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    agent = bidding(spec, ME.address)
    assert act(agent, sale(pay=1_000, receive=10), wallets=wallets) == []
    assert len(act(agent, sale(account=1, pay=1_000, receive=10), wallets=wallets)) == 1
    tell(agent, "Bid", bidder=address_of("another"), lot=WETH)
    assert len(act(agent, sale(pay=2_000, receive=10), wallets=wallets)) == 1


@pytest.mark.parametrize("end", ["SaleEnded", "Taken"])
def test_capital__sale_won_and_ended__bids_for_the_next_one_of_the_account(spec, end):
    """Taken, when a sale by bids is won, promises nothing of the next bid."""
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    agent = bidding(spec, ME.address)
    tell(agent, end)
    wishes = act(agent, sale(pay=1_000, receive=10), wallets=wallets)
    assert [w.priority_fee for w in wishes] == [EVERYDAY_FEE] * (end == "SaleEnded")


@pytest.mark.parametrize(("pay", "cash"), [(20_000, 10**6), (19_000, 18_999)])
def test_capital__sales_by_bids_too_dear__is_left(spec, pay, cash):
    wallets = Wallets({(ME.address, "USDC"): cash * USDC})
    agent = bidding(spec, address_of("another"))
    assert act(agent, sale(pay=pay, receive=10), wallets=wallets) == []


# --- the exit ---------------------------------------------------------------------------------


def test_capital__much_still_to_be_sold__leaves_what_would_have_paid(spec):
    money = {(ME.address, "USDC"): 10**6 * USDC}
    cheap = sale(pay=19_700, receive=10)
    assert len(act(capital(spec), cheap, wallets=Wallets(money))) == 1
    stock = {(ME.address, "WETH"): 6_000 * WETH}  # 12 million: the venue falls by 1.4%
    assert act(capital(spec), cheap, wallets=Wallets(money, venue=stock))[1:] == []


@pytest.mark.parametrize(("path", "takes"), [([2000, 2000, 2000], 1), ([2400, 2200, 2000], 0)])
def test_capital__price_that_moves_much_in_a_transfer__leaves_what_would_have_paid(
    spec, path, takes
):
    current = snapshot([50_000.0] * 8, [0.9] * 8, [30.0] * 8, sales=[sale(pay=19_000, receive=10)])
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    wishes = capital(spec).act(view(current, venue=path, wallets=wallets), rng())
    assert len(wishes) == takes


def test_capital__rich__takes_all_and_asks_for_nearly_the_quote(spec):
    wallets = Wallets({(ME.address, "USDC"): 10**6 * USDC})
    (intent,) = act(capital(spec), sale(pay=19_000, receive=10), wallets=wallets)
    account, collateral, pay, least, receiver, data = intent.call.args

    assert (intent.call.target, intent.call.function) == ("liquidation", "take")
    assert (account, collateral, receiver, data) == (ACCOUNTS[0], "<WETH>", ME.address, b"")
    assert pay == 19_000 * USDC
    assert 0.97 * 10 * WETH < least < 10 * WETH


def test_capital__poor__takes_what_the_wallet_pays(spec):
    wallets = Wallets({(ME.address, "USDC"): 5_000 * USDC})
    (intent,) = act(capital(spec), sale(pay=19_000, receive=10), wallets=wallets)
    assert intent.call.args[2] == 5_000 * USDC


def test_capital__two_sales__never_promises_the_same_money_twice(spec):
    wallets = Wallets({(ME.address, "USDC"): 30_000 * USDC})
    sales = (sale(i, 19_000, 10) for i in range(4))
    intents = act(capital(spec), *sales, wallets=wallets)
    assert sum(intent.call.args[2] for intent in intents) <= 30_000 * USDC


def test_capital__inventory_and_pool_not_above_the_venue__goes_to_the_venue(spec):
    wallets = Wallets({(ME.address, "WETH"): 3 * WETH})
    (transfer,) = act(capital(spec), wallets=wallets)
    assert (transfer.call.target, transfer.call.function) == ("WETH", "transfer")
    assert transfer.call.args == (VENUE, 3 * WETH)


def test_capital__inventory_and_pool_above_the_venue__sells_in_the_pool(spec):
    wallets = Wallets({(ME.address, "WETH"): 3 * WETH})
    (swap,) = act(capital(spec), wallets=wallets, pool=depth(price=2100))
    assert swap.call.function == "exactInputSingle"
    assert swap.call.args[0][5] == 3 * WETH


def test_capital__stock_on_the_venue__is_sold_in_slices_and_the_money_called_back(spec):
    wallets = Wallets(venue={(ME.address, "WETH"): 500 * WETH, (ME.address, "USDC"): 9_000 * USDC})
    order, transfer = act(capital(spec), wallets=wallets)
    assert order == VenueOrder("keepers", ME.address, "sell", int(SLICE_USD / 2000) * WETH, True)
    assert transfer == VenueTransfer("keepers", ME.address, "USDC", 9_000 * USDC)


# --- what a place in a block may cost ---------------------------------------------------------


def test_cap__of_a_take__is_where_the_margin_would_be_gone(spec):
    agent = tell(flash(spec), "Taken")
    (intent,) = act(agent, sale(pay=19_000, receive=10))
    profit = depth().sell(10 * WETH).got / USDC - 19_000
    most_usd = intent.max_fee * intent.gas_limit / 1e18 * 2000
    assert most_usd == pytest.approx(profit - 0.01 * 19_000, rel=1e-6)
    assert intent.max_fee > 20 * GWEI + intent.priority_fee


def test_wrong_settings__dear_gas__still_wishes_at_the_old_price(spec):
    stale = replace(ME, max_fee=30 * GWEI)
    agent = CapitalKeepers(facts(), spec, SCENARIO.venue, [stale], ACCOUNTS)
    holds = Wallets({(ME.address, "USDC"): 10**6 * USDC, (ME.address, "WETH"): 5 * WETH})
    wishes = act(agent, sale(pay=15_000, receive=10), wallets=holds, base_fee=200 * GWEI)
    assert len(wishes) == 2
    assert {w.max_fee for w in wishes} == {30 * GWEI}


def test_outage__of_one_with_stock_on_the_venue__does_not_even_sell(spec):
    down = replace(ME, outages=((0, 2**40),))
    agent = CapitalKeepers(facts(), spec, SCENARIO.venue, [down], ACCOUNTS)
    holds = Wallets({(ME.address, "USDC"): 10**6 * USDC}, {(ME.address, "WETH"): 5 * WETH})
    assert act(agent, sale(pay=15_000, receive=10), wallets=holds) == []


def test_capital__sale_by_bids_won__is_ended_by_the_winner_though_nobody_pays_for_it(spec):
    agent = bidding(spec.model_copy(update={"start_value": 0.0}), ME.address)
    won = sale(pay=0, receive=0, restartable=True)
    (intent,) = act(agent, won, sale(account=1, pay=0, receive=0, restartable=True))
    assert (intent.call.function, intent.call.args[0]) == ("restart", ACCOUNTS[0])
    worth = 10 * 2000
    assert intent.max_fee * intent.gas_limit / 1e18 * 2000 == pytest.approx(worth, rel=1e-6)


def test_capital__sale_by_bids_won_for_less_than_the_gas__is_left(spec):
    unpaid = spec.model_copy(update={"start_value": 0.0})
    agent = tell(capital(unpaid), "Bid", bidder=ME.address, lot=WETH // 10_000)
    assert act(agent, sale(pay=0, receive=0, restartable=True)) == []
