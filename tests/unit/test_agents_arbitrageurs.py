"""Arbitrageurs: they close the gap between pool and venue as far as it pays and they can."""

from __future__ import annotations

import pytest

from sim.agents.arbitrageurs import Arbitrageur, Arbitrageurs
from sim.agents.base import Intent, Result, VenueTransfer
from sim.engines.base import Event, address_of
from sim.markets.venue import VENUE, VenueOrder
from sim.scenario import load_scenario
from tests.helpers.world import START, USDC, WETH, Wallets, depth, facts, news, rng, view

ME = Arbitrageur(address_of("arb"), margin=0.002, bid_share=0.2, latency_s=3.0)
SCENARIO = load_scenario("calm")


@pytest.fixture
def arbitrageurs():
    spec = SCENARIO.population.arbitrageurs.model_copy(update={"alert": 1.0})
    return Arbitrageurs(facts(), spec, SCENARIO.venue, [ME])


def wallets(weth=500, usdc=1_000_000, venue_weth=500, venue_usdc=1_000_000) -> Wallets:
    return Wallets(
        {(ME.address, "WETH"): weth * WETH, (ME.address, "USDC"): usdc * USDC},
        {(ME.address, "WETH"): venue_weth * WETH, (ME.address, "USDC"): venue_usdc * USDC},
    )


def act(agent, pool_price, held=None, time=START, alike=depth):
    pool = alike(pool_price)
    return pool, agent.act(view(wallets=held or wallets(), pool=pool, time=time), rng())


@pytest.mark.parametrize("pool_price", [1994.0, 2000.0, 2006.0])
def test_gap__smaller_than_the_costs__is_left(arbitrageurs, pool_price):
    assert act(arbitrageurs, pool_price)[1] == []


def test_pool_dear__sells_into_it_until_both_prices_meet_after_costs(arbitrageurs):
    pool, (intent,) = act(arbitrageurs, 2100.0)
    params = intent.call.args[0]
    swap = pool.sell(params[5])

    assert params[:2] == ("<WETH>", "<USDC>")
    venue_after = 2000 * 1.0006 * (1 + 0.0012 * params[5] / WETH * 2000 / 1e6)
    assert pool.after(swap).price * 0.997 == pytest.approx(venue_after * 1.002, rel=2e-4)
    assert 0.95 * swap.got < params[6] < swap.got
    assert intent.priority_fee > 0


def test_pool_cheap__buys_from_it(arbitrageurs):
    pool, (intent,) = act(arbitrageurs, 1900.0)
    params = intent.call.args[0]
    swap = pool.buy_up_to(1e9, params[5])

    assert params[:2] == ("<USDC>", "<WETH>")
    assert 1990 > pool.after(swap).price > 1970
    assert 0.95 * swap.got < params[6] < swap.got


@pytest.mark.parametrize(
    ("pool_price", "held", "most"),
    [
        (2100.0, {"weth": 1, "usdc": 2000}, 1 * WETH),
        (2100.0, {"venue_usdc": 2000, "venue_weth": 1}, 1 * WETH),
        (1900.0, {"usdc": 1000, "weth": 1}, 1000 * USDC),
        (1900.0, {"venue_weth": 1, "venue_usdc": 2000}, 1900 * USDC),
    ],
)
def test_capital__on_either_side__limits_the_trade(arbitrageurs, pool_price, held, most):
    held = wallets(**held)
    intents = [w for w in act(arbitrageurs, pool_price, held)[1] if isinstance(w, Intent)]
    traded = [i.call.args[0][5] for i in intents if i.key == "swap"]
    assert all(0 < amount <= most for amount in traded)


def test_swap_mined__the_other_leg_follows_on_the_venue(arbitrageurs):
    _, (sold,) = act(arbitrageurs, 2100.0)
    (order,) = arbitrageurs.learn(news(Result(sold, "ok")))
    amount = sold.call.args[0][5]
    assert order == VenueOrder("arbitrageurs", ME.address, "buy", amount, forced=False)

    _, (bought,) = act(arbitrageurs, 1900.0)
    paid_out = {"sender": "pool", "receiver": ME.address, "value": 77}
    result = Result(bought, "ok", (Event(0, "WETH", "Transfer", paid_out),))
    (order,) = arbitrageurs.learn(news(result))
    assert order == VenueOrder("arbitrageurs", ME.address, "sell", 77, forced=False)


def test_swap_lost_to_another__nothing_follows(arbitrageurs):
    _, (sold,) = act(arbitrageurs, 2100.0)
    assert arbitrageurs.learn(news(Result(sold, "reverted"))) == []


def test_stock_all_on_one_side__is_brought_back_to_a_half_once(arbitrageurs):
    lopsided = wallets(weth=1000, venue_weth=0, usdc=0, venue_usdc=2_000_000)
    _, wishes = act(arbitrageurs, 2000.0, lopsided)
    deposit, withdrawal = wishes

    assert (deposit.call.target, deposit.call.args) == ("WETH", (VENUE, 500 * WETH))
    assert withdrawal == VenueTransfer("arbitrageurs", ME.address, "USDC", 1_000_000 * USDC)
    assert act(arbitrageurs, 2000.0, lopsided)[1] == [], "they are on their way"
    later = START + 900 + 2 * 60
    assert len(act(arbitrageurs, 2000.0, lopsided, time=later)[1]) == 2
