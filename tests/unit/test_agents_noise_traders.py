"""Noise traders: how much they trade, when, and where."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.agents.base import Intent
from sim.agents.noise_traders import DAY_S, NoiseTraders
from sim.engines.base import address_of
from sim.markets.venue import VenueOrder
from sim.people import NoiseSpec
from sim.units import YEAR_S
from tests.helpers.world import SPACING_S, USDC, WETH, Wallets, depth, facts, rng, view

SPEC = NoiseSpec(
    venue_usd_per_day=1.44e8,  # 100,000 a step
    pool_usd_per_day=1.44e6,
    usual_volatility=0.8,
    elasticity=1.0,
    mood_sd=0.0,
    day_swing=0.0,
    window_s=1200,
)
CROWD = address_of("crowd")
SWAPPERS = [address_of("swapper", i) for i in range(6)]
NOON = 1_700_000_000 // DAY_S * DAY_S + 43_200


def traders(**changes) -> NoiseTraders:
    return NoiseTraders(facts(), SPEC.model_copy(update=changes), SWAPPERS, CROWD)


def prices(volatility: float) -> list[float]:
    """A zigzag of this realised volatility per square-root year."""
    step = volatility * math.sqrt(SPACING_S / YEAR_S)
    return [2000 * math.exp(step * (i % 2)) for i in range(21)]


def act(agent, volatility=0.8, steps=1, time=NOON, held=None, seed=1):
    held = held or Wallets({(s, t): a for s in SWAPPERS for t, a in STOCK.items()})
    draws, seen = rng(seed), prices(volatility)
    wishes = []
    for i in range(steps):
        look = view(venue=seen, wallets=held, time=time + i * SPACING_S, pool=depth(seen[-1]))
        wishes += agent.act(look, draws)
    return wishes


STOCK = {"WETH": 500 * WETH, "USDC": 10**6 * USDC}


def crossed(wishes) -> float:
    """[USD]"""
    orders = [w for w in wishes if isinstance(w, VenueOrder) and w.side == "cross"]
    return sum(w.amount for w in orders) / WETH * 2000


def swaps(wishes) -> list[Intent]:
    return [w for w in wishes if isinstance(w, Intent)]


def swapped(wishes) -> float:
    """[USD]"""
    inputs = ((s.call.args[0][0], s.call.args[0][5]) for s in swaps(wishes))
    return sum(a / WETH * 2000 if t == "<WETH>" else a / USDC for t, a in inputs)


@pytest.mark.parametrize(("volatility", "times"), [(0.8, 1.0), (0.4, 0.5), (8.0, 10.0), (80, 40.0)])
def test_turnover_on_the_venue__follows_volatility_up_to_the_most(volatility, times):
    assert crossed(act(traders(), volatility)) == pytest.approx(100_000 * times, rel=0.01)


def test_turnover_in_the_pool__is_the_scenarios_in_the_mean():
    wishes = act(traders(size_spread=0.3), steps=20_000)
    assert swapped(wishes) / 20_000 == pytest.approx(1000, rel=0.05)


def test_turnover_in_the_pool__in_a_storm__grows_in_sizes_not_in_transactions():
    spec = {"slippage": 0.5, "size_spread": 0.5}
    wishes = act(traders(**spec), 16.0, steps=2000)
    assert len(swaps(wishes)) == 2000, "one a step"
    assert swapped(wishes) / 2000 == pytest.approx(20_000, rel=0.05)


def test_turnover__has_a_peak_in_the_day_and_a_mood_that_lasts():
    peak = act(traders(day_swing=0.2, peak_hour=12.0))
    night = act(traders(day_swing=0.2, peak_hour=0.0))
    assert crossed(peak) / crossed(night) == pytest.approx(1.2 / 0.8, rel=1e-3)

    agent = traders(mood_sd=0.4, mood_half_life_h=1.0)
    day = [w.amount for w in act(agent, steps=20_000) if getattr(w, "side", "") == "cross"]
    logs = np.log(np.array(day, dtype=float))
    assert logs.std() == pytest.approx(0.4, rel=0.15)
    assert np.mean(np.array(day, dtype=float)) / WETH * 2000 == pytest.approx(100_000, rel=0.1)
    assert np.corrcoef(logs[:-60], logs[60:])[0, 1] == pytest.approx(0.5, abs=0.1)


def test_remainder__is_small_and_falls_on_both_sides():
    orders = [w for w in act(traders(), steps=4000) if isinstance(w, VenueOrder)]
    net = [w.amount * (1 if w.side == "buy" else -1) for w in orders if w.side != "cross"]
    usd = np.array(net, dtype=float) / WETH * 2000
    assert usd.std() == pytest.approx(1000, rel=0.05)
    assert abs(usd.mean()) < 4 * 1000 / math.sqrt(len(usd))
    assert not any(w.forced for w in orders)


@pytest.mark.parametrize(("has", "sells"), [("WETH", "<WETH>"), ("USDC", "<USDC>")])
def test_swap__of_one_who_holds_one_token__sells_that(has, sells):
    held = Wallets({(s, has): STOCK[has] for s in SWAPPERS})
    inputs = {s.call.args[0][0] for s in swaps(act(traders(), 16.0, steps=50, held=held))}
    assert inputs == {sells}


def test_swap__never_moves_the_pool_by_more_than_the_slippage():
    wishes = act(traders(size_usd=1e7, pool_usd_per_day=1e13), steps=50)
    calls = [s.call.args[0] for s in swaps(wishes)]
    pool = depth(2000.0)
    after = [pool.after(pool.sell(c[5])).price / 2000 for c in calls if c[0] == "<WETH>"]
    assert after
    assert min(after) == pytest.approx(0.993, abs=1e-4)  # with the fee it comes to one percent


def test_swap__that_its_gas_would_eat__is_left():
    assert swaps(act(traders(size_usd=1.0, pool_usd_per_day=1.44e3), steps=200)) == []


def test_draws_of_a_step__are_the_same_whatever_they_hold():
    poor, rich = rng(), rng()
    seen = prices(0.8)
    traders().act(view(venue=seen, wallets=Wallets(), time=NOON), poor)
    stock = {(s, t): a for s in SWAPPERS for t, a in STOCK.items()}
    traders().act(view(venue=seen, wallets=Wallets(stock), time=NOON), rich)
    assert poor.random() == rich.random()
