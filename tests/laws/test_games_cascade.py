"""Cascades against 1 / (1 - phi), drawn and on the chain, and the estimators of branching."""

from __future__ import annotations

from math import ceil, exp, inf, log, sqrt

import numpy as np
import pytest

from sim.errors import InputError
from sim.experiments.laboratory import Laboratory
from sim.games.cascade import (
    amplification,
    branching_of_counts,
    branching_of_falls,
    branching_of_sizes,
    cascade,
    clusters,
    feedback,
)
from sim.world.rng import SeedTree
from tests.helpers.laws import PRICE, Trials, pure

ERRORS = 4  # standard errors that chance may take: once in 16,000 tests
PUBLISHED = [(0.2, 1.25), (0.5, 2.0), (0.9, 10.0)]
LT = 0.83


def rng(name: str) -> np.random.Generator:
    return SeedTree(1).stream(f"laws/cascade/{name}")


@pytest.mark.parametrize(("phi", "times"), PUBLISHED)
def test_fall__of_uniform_thresholds_and_linear_impact__is_the_shock_over_one_less_phi(
    phi: float, times: float
) -> None:
    """Drawn thresholds: the share below D errs by sqrt(D (1 - D) / n), the fall by phi / (1 - phi)
    times that. The book's own phi is known to phi sqrt((1 - D) / (D n))."""
    accounts, expected = 400_000, 0.2
    shock = expected / times
    assert amplification(phi) == pytest.approx(times)
    thresholds = rng(f"uniform/{phi}").uniform(0.0, 1.0, accounts)
    impacts = np.full(accounts, phi / accounts)
    found = cascade(shock, thresholds, impacts)
    error = phi / (1 - phi) * sqrt(expected * (1 - expected) / accounts)
    assert abs(found.fall - expected) < ERRORS * error
    assert found.fall == pytest.approx(shock + phi / accounts * sum(found.waves))
    assert abs(branching_of_falls(found.fall, shock) - phi) < ERRORS * error * shock / expected**2
    own = feedback(thresholds, impacts, 0.0, expected)
    assert abs(own - phi) < ERRORS * phi * sqrt((1 - expected) / (expected * accounts))


def test_waves__of_a_book_in_even_steps__shrink_by_phi() -> None:
    accounts, phi, shock = 100_000, 0.5, 0.2
    thresholds = (np.arange(accounts) + 0.5) / accounts
    waves = cascade(shock, thresholds, np.full(accounts, phi / accounts)).waves
    assert waves[:5] == [20_000, 10_000, 5_000, 2_500, 1_250]


@pytest.mark.parametrize("phi", [1.0, 1.5])
def test_cascade__at_or_above_one__takes_every_account(phi: float) -> None:
    accounts = 10_000
    thresholds = (np.arange(accounts) + 0.5) / accounts
    found = cascade(0.01, thresholds, np.full(accounts, phi / accounts))
    assert amplification(phi) == inf
    assert sum(found.waves) == accounts
    assert found.fall == pytest.approx(0.01 + phi)


def test_cascade__of_a_shock_that_reaches_nobody__is_the_shock() -> None:
    found = cascade(0.1, [0.2, 0.3], [0.5, 0.5])
    assert (found.fall, found.waves) == (0.1, [])


@pytest.mark.parametrize(("phi", "times"), PUBLISHED)
def test_fall__of_liquidations_on_the_chain__is_the_shock_over_one_less_phi(
    trial: Trials, phi: float, times: float
) -> None:
    """Loans k = 0, 1, ... are liquidated at a fall of k steps of the price's logarithm, and each
    moves it by phi steps. A shock whose law ends half a step after the twentieth sells just those
    before it, and the fall errs by less than one loan's impact."""
    step, loans = 0.01, 24
    end = 20.5 * step
    shock = end / times
    laboratory = trial(pure("morpho", LT), [LT * exp(-k * step) * (1 + 1e-6) for k in range(loans)])
    sold = sell_all(laboratory, shock, phi * step)
    assert sold == ceil(end / step)
    fall = shock + phi * step * sold
    assert abs(fall - end) < phi * step
    prices = -log(laboratory.look().feeds[laboratory.symbol].answer / 1e8 / PRICE)
    assert prices == pytest.approx(fall, abs=1e-6)


def sell_all(laboratory: Laboratory, shock: float, impact: float) -> int:
    """Liquidate, and let each sale move the price, until nobody can be liquidated any more."""
    sold = 0
    laboratory.push(PRICE * exp(-shock))
    while sales := laboratory.look().sales:
        for sale in sales:
            laboratory.settle(sale.account)
        sold += len(sales)
        laboratory.push(PRICE * exp(-shock - impact * sold))
    return sold


@pytest.mark.parametrize("branching", [0.2, 0.5, 0.8])
def test_branching_of_sizes__of_drawn_clusters__is_what_they_were_drawn_with(
    branching: float,
) -> None:
    """Borel: the estimate has variance n (1 - n) / clusters."""
    sizes = clusters(rng(f"sizes/{branching}"), 1.0, branching, 10.0, 20_000.0).sizes
    found = branching_of_sizes(sizes)
    assert found is not None
    error = sqrt(branching * (1 - branching) / len(sizes))
    assert abs(found - branching) < ERRORS * error


@pytest.mark.parametrize("branching", [0.0, 0.2, 0.5, 0.8])
def test_branching_of_counts__in_long_windows__is_what_the_events_were_drawn_with(
    branching: float,
) -> None:
    """In windows of w, variance / mean = F = a^2 - (a^2 - 1) (1 - exp(-g w)) / (g w) with a =
    1 / (1 - n) and g = (1 - n) / memory (Hawkes 1971, integrated twice). The estimate 1 - F^-1/2
    errs by half of F^-1/2 times the relative error sqrt((kurtosis - 1) / windows) of a variance."""
    memory, window, windows = 1.0, 400.0, 1_000
    times = clusters(
        rng(f"counts/{branching}"), 1.0, branching, memory, window * (windows + 1)
    ).times_s
    counts, _ = np.histogram(times, window * np.arange(1, windows + 2))  # the first fills memory
    found = branching_of_counts(counts)
    assert found is not None
    top, rate = (1 - branching) ** -2, (1 - branching) / memory * window
    fano = top - (top - 1) * (1 - exp(-rate)) / rate
    scores = (counts - counts.mean()) / counts.std()
    error = 0.5 / sqrt(fano) * sqrt(((scores**4).mean() - 1) / windows)
    assert abs(found - (1 - 1 / sqrt(fano))) < ERRORS * error


def test_branching__of_nothing__is_not_there() -> None:
    assert branching_of_sizes([]) is None
    assert branching_of_counts([3]) is None
    assert branching_of_counts([2, 2, 2]) is None


@pytest.mark.parametrize("branching", [-0.1, 1.0])
def test_clusters__that_need_not_end__are_refused(branching: float) -> None:
    with pytest.raises(InputError, match=f"clusters: branching {branching} must be"):
        clusters(rng("endless"), 1.0, branching, 1.0, 10.0)
