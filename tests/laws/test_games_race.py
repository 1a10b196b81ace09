"""The race to the exit, played by crowds, against the threshold of global games."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from sim.errors import InputError
from sim.games.race import Race
from sim.world.rng import SeedTree

ERRORS = 4  # standard errors that chance may take: once in 16,000 tests
GAMES = [Race(3.0, 1.0, 0.2), Race(1.0, 1.0, 0.05), Race(0.5, 2.0, 0.4)]


def rng(name: str) -> np.random.Generator:
    return SeedTree(1).stream(f"laws/race/{name}")


@pytest.mark.parametrize(("benefit", "cost", "threshold"), [(3, 1, 0.25), (1, 1, 0.5), (1, 4, 0.8)])
def test_threshold__of_any_noise__is_cost_over_benefit_and_cost(
    benefit: float, cost: float, threshold: float
) -> None:
    """theta* = c / (b + c); at theta* just the share leaves that the market can bear."""
    for noise in (0.001, 0.1, 1.0):
        race = Race(benefit, cost, noise)
        assert race.threshold == threshold
        assert race.share_leaving(threshold) == pytest.approx(threshold)


@pytest.mark.parametrize("race", GAMES, ids=str)
def test_learned_cutoff__of_a_crowd_without_theory__is_that_of_the_equilibrium(race: Race) -> None:
    """The standard deviation and the bias of a finite crowd are those of the docstring."""
    agents, rounds = 1_000, 4_000
    spread = 1 + 2 * race.noise
    error = spread * sqrt(race.threshold * (1 - race.threshold) / rounds)
    learned = race.learned_cutoff(rng(f"learn/{race}"), agents, rounds)
    assert abs(learned - race.cutoff) < ERRORS * error + spread / agents


@pytest.mark.parametrize("race", GAMES, ids=str)
@pytest.mark.parametrize("agents", [100, 10_000])
def test_share_that_leaves__in_a_drawn_crowd__is_binomial_around_the_closed_form(
    race: Race, agents: int
) -> None:
    for theta in np.linspace(race.cutoff - race.noise, race.cutoff + race.noise, 9):
        expected = float(race.share_leaving(theta))
        signals = race.signals(rng(f"play/{race}/{agents}/{theta}"), theta, agents)
        share = np.mean(signals < race.cutoff)
        assert abs(share - expected) <= ERRORS * sqrt(expected * (1 - expected) / agents)


@pytest.mark.parametrize("race", GAMES, ids=str)
def test_agent_at_the_cutoff__among_agents_of_that_cutoff__gains_nothing_by_either(
    race: Race,
) -> None:
    """And by staying gains when its signal is better, loses when it is worse."""
    rounds = 100_000
    noise = race.noise * rng(f"indifferent/{race}").uniform(-1.0, 1.0, rounds)

    def gains(signal: float) -> np.ndarray:
        theta = signal - noise
        return np.where(race.share_leaving(theta) <= theta, race.benefit, -race.cost)

    error = sqrt(race.benefit * race.cost / rounds)
    assert abs(gains(race.cutoff).mean()) < ERRORS * error
    assert gains(race.cutoff + race.noise / 4).mean() > ERRORS * error
    assert gains(race.cutoff - race.noise / 4).mean() < -ERRORS * error


def test_race__between_zero_and_the_threshold__fails_a_market_that_coordination_keeps() -> None:
    race = Race(3.0, 1.0, 0.01)
    theta = np.array([-0.1, 0.1, 0.2, 0.3, 0.9])
    share = race.share_leaving(theta)
    assert share.tolist() == [1.0, 1.0, 1.0, 0.0, 0.0]
    assert race.coordinated_share(theta).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert race.payoff(share, theta).tolist() == [0.0, 0.0, 0.0, 3.0, 3.0]
    assert race.forgone(share, theta).tolist() == [0.0, 3.0, 3.0, 0.0, 0.0]


def test_forgone__of_all_strengths_alike__is_the_benefit_times_the_threshold() -> None:
    """With little noise all leave below theta* and nobody above: b theta* is lost in the mean."""
    race, draws = Race(1.5, 1.0, 1e-6), 40_000
    theta = rng("forgone").uniform(0.0, 1.0, draws)
    error = race.benefit * sqrt(race.threshold * (1 - race.threshold) / draws)
    lost = race.forgone(race.share_leaving(theta), theta).mean()
    assert abs(lost - race.benefit * race.threshold) < ERRORS * error


@pytest.mark.parametrize("field", ["benefit", "cost", "noise"])
def test_race__with_nothing_at_stake_or_no_noise__is_refused(field: str) -> None:
    fields = {"benefit": 1.0, "cost": 1.0, "noise": 0.1, field: 0.0}
    with pytest.raises(InputError, match=f"race: {field} 0.0 must be above 0"):
        Race(**fields)
