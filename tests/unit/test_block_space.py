"""Others on the chain: what they want at which price, how it moves, and what the base fee does."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.errors import InputError
from sim.scenario import load_scenario
from sim.units import GWEI
from sim.world.block_space import CEILING, Demand, block_space, next_base_fee
from sim.world.rng import SeedTree

QUIET = ["block_space.load.noise=0", "block_space.load.burst=0"]
HOUR = [*QUIET, "clock.hours=1"]


def space(*overrides: str, name: str = "flash_crash", seed: int = 1, hours: str | None = None):
    scenario = load_scenario(name, hours=hours, overrides=overrides)
    return block_space(scenario, SeedTree(seed).stream), scenario


def walk(it, scenario, prices, ours=0):
    """Base fee of each block along a path of the venue [wei per gas]."""
    seen, begin, gap = [], scenario.clock.begin, scenario.clock.block_spacing_s
    for i in range(1, len(prices)):
        it.open(np.array(prices[: i + 1], dtype=float), begin + i * gap)
        it.close(ours)
        seen.append(it.base_fee)
    return seen


@pytest.mark.parametrize(
    ("gas", "expected"),
    [(15, 1000), (30, 1125), (0, 875), (16, 1008), (14, 992)],
    ids=["target", "full", "empty", "a bit more", "a bit less"],
)
def test_next_base_fee__eip_1559__moves_by_an_eighth_at_most(gas, expected):
    assert next_base_fee(1000, gas, 15) == expected


def test_next_base_fee__tiny__rises_by_one_at_least():
    assert (next_base_fee(1, 30, 15), next_base_fee(1, 0, 15)) == (2, 1)


def test_demand__at_its_level__is_the_target_and_falls_with_the_price():
    demand = Demand(level=50.0 * GWEI, target=1e7, wanted=3.0, spread=1.0)
    assert demand.above(50 * GWEI) == pytest.approx(1e7)
    assert demand.above(1) == pytest.approx(3e7, rel=1e-6)
    amounts = [demand.above(p * GWEI) for p in (10, 20, 50, 100, 1000)]
    assert amounts == sorted(amounts, reverse=True)


def test_demand__a_percent_dearer__falls_as_the_closed_form_says():
    """Elasticity at the level: -phi(z) / (spread (1 - Phi(z))), 1 - Phi(z) = 1 / wanted."""
    demand = Demand(level=1e9, target=1e7, wanted=3.0, spread=1.0)
    measured = math.log(demand.above(1.001e9) / demand.above(0.999e9)) / math.log(1.001 / 0.999)
    z = 0.4307273
    density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    assert measured == pytest.approx(-3 * density, rel=1e-4)


def test_base_fee__nothing_happens__stands_at_the_calm_level():
    it, scenario = space(*HOUR)
    fees = walk(it, scenario, [2000.0] * 200)
    assert fees[-1] == pytest.approx(30 * GWEI, rel=1e-3)
    assert it.room(it.base_fee) == pytest.approx(it.limit / 2, rel=1e-3)


def test_base_fee__a_crash__rises_to_what_the_weights_say_and_comes_back():
    it, scenario = space(*HOUR, "block_space.load.half_life_s=60")
    load = scenario.block_space.load
    fees = walk(it, scenario, [2000.0] + [1600.0] * 280)
    expected = 30 * math.exp(0.2 * (load.drawdown_weight + load.speed_weight))
    assert fees[-1] / GWEI == pytest.approx(expected, rel=0.01)
    later = walk(it, scenario, [2000.0] + [1600.0] * 280 + [2000.0] * 200)
    assert later[-1] / GWEI == pytest.approx(30, rel=0.01)


def test_level__however_deep_the_fall__stays_below_its_most():
    it, scenario = space(*HOUR, "block_space.load.most=7", "block_space.load.half_life_s=1")
    assert walk(it, scenario, [2000.0] + [20.0] * 200)[-1] == pytest.approx(210 * GWEI, rel=1e-3)


def test_schedule__ten_times_within_minutes__blocks_are_full_and_only_the_dear_get_in():
    jump = "block_space.load.schedule=[[0, 1], [0.05, 10]]"
    it, scenario = space(*QUIET, jump, "block_space.load.half_life_s=12")
    walk(it, scenario, [2000.0] * 16)
    it.open(np.full(17, 2000.0), scenario.clock.begin + 16 * 12)
    assert it.wanted > it.limit
    assert it.room(it.base_fee) == 0
    assert it.others(1_000_000) == it.limit - 1_000_000
    assert it.room(20 * it.base_fee) > 0
    assert walk(it, scenario, [2000.0] * 200)[-1] == pytest.approx(300 * GWEI, rel=0.01)


def test_ours__filling_half_the_block__pushes_the_price_up_until_others_leave():
    it, scenario = space(*HOUR)
    alone = walk(it, scenario, [2000.0] * 200)[-1]
    it, scenario = space(*HOUR)
    crowded = walk(it, scenario, [2000.0] * 200, ours=it.limit // 4)[-1]
    assert crowded > 1.3 * alone
    assert it.others(it.limit // 4) == pytest.approx(it.limit / 4, rel=0.02)


def test_longer_steps__reach_the_same_level():
    fine = space(*HOUR, "block_space.load.half_life_s=60")
    coarse = space(*HOUR, "block_space.load.half_life_s=60", "clock.block_spacing_s=180")
    ends = [walk(*fine, [2000.0] + [1700.0] * 290)[-1], walk(*coarse, [2000.0] + [1700.0] * 19)[-1]]
    assert ends[0] == pytest.approx(ends[1], rel=0.01)


def test_run__that_begins_after_a_fall__begins_with_dear_gas():
    late, _ = space(*QUIET, name="black_thursday", hours="12:13")
    early, _ = space(*QUIET, name="black_thursday", hours="0:1")
    assert early.base_fee == 20 * GWEI
    assert 80 * GWEI < late.base_fee < 200 * GWEI


def test_noise__one_seed__is_the_same_whatever_the_prices_do():
    def draws(fall):
        it, scenario = space("clock.hours=1")
        still, _ = space(*HOUR)
        prices = [2000.0] * 50 if not fall else list(np.linspace(2000, 1900, 50))
        noisy, smooth = walk(it, scenario, prices), walk(still, scenario, prices)
        return np.array(noisy) / np.array(smooth)

    np.testing.assert_allclose(draws(fall=False)[:5], draws(fall=True)[:5], rtol=0.02)


def test_no_load__nothing_moves():
    it, scenario = space("block_space.load=null")
    assert walk(it, scenario, [2000.0] + [1000.0] * 50, ours=it.limit) == [30 * GWEI] * 50
    assert (it.room(0), it.wanted, it.others(5)) == (it.limit, 0, 0)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("block_space.load.schedule=[[1, 2], [1, 3]]", "the hours of schedule must rise"),
        ("block_space.load.wanted=1", "greater than 1"),
        ("block_space.order=cheapest", "priority_fee"),
        ("block_space.wallet_headroom=0.5", "greater than or equal to 1"),
    ],
)
def test_load__out_of_bounds__is_refused_by_name(override, message):
    with pytest.raises(InputError, match=message):
        load_scenario("flash_crash", overrides=[override])


def test_base_fee__ours_want_more_than_there_is_whatever_it_costs__has_a_ceiling():
    it, scenario = space(*HOUR)
    assert walk(it, scenario, [2000.0] * 200, ours=it.limit)[-1] == CEILING
