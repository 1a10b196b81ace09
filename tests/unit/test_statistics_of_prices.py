"""Statistics of prices and forced sales against closed forms and numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.metrics.statistics import (
    autocorrelation,
    hit_probability,
    recovered,
    skewness,
    tail_index,
    top_share,
    worst_window_share,
)


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(7))


def test_worst_window__three_sales_close_together__holds_their_share() -> None:
    times, values = [0, 600, 650, 700, 5000], [1, 2, 3, 2, 2]
    assert worst_window_share(times, values, 101) == pytest.approx(0.7)
    assert worst_window_share(times, values, 100) == pytest.approx(0.5)  # the end is outside
    assert worst_window_share(times, values, 10_000) == 1
    assert math.isnan(worst_window_share([0], [0], 60))


def test_top_share__of_a_hundred_values__is_the_largest_one() -> None:
    assert top_share([1.0] * 99 + [101.0], 0.01) == pytest.approx(101 / 200)
    assert top_share([3.0, 1.0], 0.01) == pytest.approx(0.75)
    assert math.isnan(top_share([0.0], 0.5))


def test_autocorrelation__of_a_first_order_process__is_its_coefficient_to_the_lag() -> None:
    noise, x = rng().standard_normal(200_000), np.zeros(200_000)
    for i in range(1, len(x)):
        x[i] = 0.6 * x[i - 1] + noise[i]
    assert autocorrelation(x, 1) == pytest.approx(0.6, abs=0.01)
    assert autocorrelation(x, 3) == pytest.approx(0.216, abs=0.02)
    assert autocorrelation([1, -1] * 50, 1) == pytest.approx(-0.99)
    assert math.isnan(autocorrelation([2.0, 2.0, 2.0], 1))


@pytest.mark.parametrize("index", [1.5, 3.0, 6.0])
def test_tail_index__of_pareto_draws_of_either_sign__is_their_exponent(index: float) -> None:
    draws = rng()
    sizes = draws.pareto(index, 100_000) + 1
    signs = draws.choice([-1, 1], 100_000)
    assert tail_index(sizes * signs, 0.05) == pytest.approx(index, rel=0.05)


def test_skewness__of_exponential_draws__is_two_and_minus_two_upside_down() -> None:
    draws = rng().exponential(size=400_000)
    assert skewness(draws) == pytest.approx(2, abs=0.05)
    assert skewness(-draws) == pytest.approx(-2, abs=0.05)
    assert math.isnan(skewness([1.0, 1.0]))


def test_recovered__half_of_the_fall_is_back__is_a_half() -> None:
    path = [100, 90, 60, 70, 80, 95]
    assert recovered(path, 2) == pytest.approx(0.5)
    assert recovered(path, 99) == pytest.approx(35 / 40)  # what the run knows
    assert math.isnan(recovered([100, 101], 1))


def test_hit_probability__of_random_walks__is_how_many_of_them_hit() -> None:
    steps, walks, volatility, years = 20_000, 2_000, 2.5, 6 / 8760
    sizes = volatility * math.sqrt(years / steps)
    low = np.empty(walks)
    draws = rng()
    for i in range(walks):
        low[i] = np.cumsum(draws.normal(0, sizes, steps)).min()
    hit = float((low <= math.log(0.9)).mean())
    error = math.sqrt(hit * (1 - hit) / walks)
    assert hit == pytest.approx(hit_probability(0.1, volatility, years), abs=4 * error)
