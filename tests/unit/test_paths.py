"""Price paths: bars are met, points are met, seeds decide the rest."""

from __future__ import annotations

import numpy as np
import pytest

from sim.markets.paths import fundamental
from sim.prices import Candles, Pegged, PricePath, Process, Product
from sim.scenario import ClockSpec, load_scenario
from sim.world.rng import SeedTree


def clock(hours: int, spacing: int, first: int = 0) -> ClockSpec:
    return ClockSpec(start=3600, first_hour=first, hours=hours, block_spacing_s=spacing)


@pytest.mark.parametrize("spacing", [1200, 180, 12])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_black_thursday__any_spacing__meets_high_low_and_close_of_every_hour(spacing, seed):
    prices = load_scenario("black_thursday").prices
    path = fundamental(prices, clock(36, spacing), SeedTree(seed).stream)
    points = 3600 // spacing

    assert path[0] == 194.61
    assert len(path) == 36 * points + 1
    for i, (high, low, close) in enumerate(prices.bars):
        hour = path[i * points + 1 : (i + 1) * points + 1]
        assert (hour.max(), hour.min(), hour[-1]) == (high, low, close)


def test_candles__hours_left_out__do_not_change_the_others():
    prices = load_scenario("black_thursday").prices
    whole = fundamental(prices, clock(36, 180), SeedTree(5).stream)
    part = fundamental(prices, clock(4, 180, first=23), SeedTree(5).stream)

    assert part.tolist() == whole[23 * 20 : 27 * 20 + 1].tolist()


def test_candles__longer_than_an_hour__are_cut_where_the_run_begins():
    prices = Candles(kind="candles", interval_s=7200, open=100, bars=((110, 90, 95), (99, 80, 81)))
    whole = fundamental(prices, clock(4, 600), SeedTree(1).stream)
    part = fundamental(prices, clock(2, 600, first=1), SeedTree(1).stream)

    assert part.tolist() == whole[6:19].tolist()


def test_bar__without_a_move__is_flat():
    prices = Candles(kind="candles", open=7, bars=((7, 7, 7),))
    assert set(fundamental(prices, clock(1, 60), SeedTree(1).stream)) == {7.0}


def test_path__given_points__goes_through_them():
    prices = PricePath(
        kind="path", points=((0, 2000), (0.5, 1990), (0.6667, 1200), (2, 1500)), volatility=1.0
    )
    path = fundamental(prices, clock(2, 12), SeedTree(3).stream)

    assert path[[0, 150, 200, 600]] == pytest.approx([2000, 1990, 1200, 1500])


def test_path__zoomed__is_the_same_path():
    prices = PricePath(kind="path", points=((0, 2000), (3, 1500)), volatility=1.0)
    whole = fundamental(prices, clock(3, 60), SeedTree(3).stream)
    part = fundamental(prices, clock(1, 60, first=1), SeedTree(3).stream)

    assert part.tolist() == whole[60:121].tolist()


def test_process__volatility__is_that_of_its_returns():
    prices = Process(kind="process", price=100, volatility=0.8)
    path = fundamental(prices, clock(24 * 30, 60), SeedTree(1).stream)
    yearly = np.diff(np.log(path)).std() * np.sqrt(365 * 1440)

    assert path[0] == 100
    assert yearly == pytest.approx(0.8, rel=0.02)


def test_process__jumps_only__come_as_often_and_as_large_as_told():
    prices = Process(kind="process", price=100, volatility=0, jumps_per_day=24, jump_mean=-0.01)
    path = fundamental(prices, clock(24 * 30, 60), SeedTree(1).stream)

    assert np.log(path[-1] / 100) == pytest.approx(-0.01 * 24 * 30, rel=0.1)


def test_pegged__discount__runs_between_its_points_and_stays_at_the_last():
    base = PricePath(kind="path", points=((0, 2000), (4, 1000)), volatility=0.5)
    pegged = Pegged(kind="pegged", base=base, discount=((0, 0.02), (2, 0.06), (3, 0.05)))
    ratio = fundamental(pegged, clock(4, 1200), SeedTree(3).stream) / fundamental(
        base, clock(4, 1200), SeedTree(3).stream
    )

    assert ratio[[0, 3, 6, 9, 12]] == pytest.approx([0.98, 0.96, 0.94, 0.95, 0.95])
    assert (pegged.first, pegged.seconds) == (pytest.approx(1960), 4 * 3600)


def test_product__two_of_one_kind__draw_from_streams_of_their_own():
    noise = PricePath(kind="path", points=((0, 100), (2, 100)), volatility=1.0)
    product = Product(kind="product", factors=(noise, noise, noise))
    first = fundamental(noise, clock(2, 60), SeedTree(3).stream) / 100
    path = fundamental(product, clock(2, 60), SeedTree(3).stream) / 100

    assert not np.allclose(path, first**3)
    assert path[0] == path[-1] == pytest.approx(1)
