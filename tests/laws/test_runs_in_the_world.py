"""Runs and races of whole worlds, against the games on paper: here the claims, the cash and the
queue are those of the market's contracts."""

from __future__ import annotations

import json
from math import sqrt

import numpy as np
import pytest

from sim.design import load_design
from sim.engines.reference import ReferenceEngine
from sim.games.bank_run import BankRun
from sim.games.race import Race
from sim.metrics import debt, exits
from sim.scenario import Scenario, load_scenario
from sim.trace import Trace
from sim.world.loop import simulate

ERRORS = 4  # standard errors that chance may take: once in 16,000 tests
PEOPLE = (
    "population.borrowers.count=40",
    "population.panic_sellers.count=10",
    "clock.block_spacing_s=300",
)
QUIET = (
    "lenders.hazard_per_hour=0",
    "borrowers.debt_usd=2000000",
    *(f"borrowers.{kind}=0" for kind in ("topping_up", "repaying", "selling")),
)
PURE = ("initial_reserve", "interest.at_kink", "interest.at_full")  # else in the cash
RACERS = 400


def run(*settings: str, seed: int = 0) -> Trace:
    changes = [f"population.{s}" for s in (*QUIET, *settings)]
    scenario: Scenario = load_scenario("calm", overrides=[*PEOPLE, "clock.hours=1", *changes])
    design = load_design("fixed", [f"market.{name}=0" for name in PURE])
    with ReferenceEngine() as engine:
        return simulate(scenario, design, seed, engine)


@pytest.mark.parametrize(("share", "strength"), [(0.95, 0.2105), (0.8, 0.25), (0.7, 0.2857)])
def test_race__in_a_calm_market__runs_as_the_closed_form_says(
    share: float, strength: float
) -> None:
    """Four fifths of the supply are lent. The fewer hold it who race, the more of their claims can
    be paid, and the fewer of them run."""
    race = Race(3.0, 1.0, 0.12)
    names = ("benefit", "cost", "noise")
    game = [f"lenders.race.{name}={getattr(race, name)}" for name in names]
    size = [
        f"lenders.race.share={share}",
        f"lenders.race.count={RACERS}",
        "lenders.utilisation=0.8",
    ]
    first = run(*game, *size, "lenders.race.round_s=1800").rows("race").iloc[0]
    expected = float(race.share_leaving(first["strength"]))

    assert first["strength"] == pytest.approx(strength, rel=1e-3)
    assert 0.05 < expected < 0.95, "a case in which chance decides for each"
    error = sqrt(expected * (1 - expected) / RACERS)
    assert abs(first["ran"] / RACERS - expected) <= ERRORS * error


@pytest.mark.parametrize(("share", "ends_with"), [(0.4, 0.0), (1.0, 1.0)])
def test_race__far_from_the_threshold__nobody_or_everybody_runs(
    share: float, ends_with: float
) -> None:
    """A strength of 0.5 or 0.2 against theta* = 1/3, seen with a noise of 0.05."""
    game = ("lenders.race.benefit=2", "lenders.race.cost=1", "lenders.race.noise=0.05")
    size = (f"lenders.race.share={share}", "lenders.utilisation=0.8", "lenders.race.count=50")
    rounds = run(*game, *size).rows("race")
    assert rounds["ran"].sum() / 50 == ends_with


@pytest.mark.parametrize("utilisation", [0.6, 0.9])
def test_run__of_all_lenders__is_paid_as_far_as_the_cash_goes(utilisation: float) -> None:
    """Nobody buys the market's loans: their resale tends to nothing, and L to the cash m."""
    certain = ("lenders.hazard_per_hour=1e9", "lenders.attention_s=1", "lenders.patience=[0.1,0.2]")
    trace = run(*certain, "lenders.count=200", f"lenders.utilisation={utilisation}")
    claims = trace.rows("claim").pivot(index="account", columns="moment", values="usd")
    paid = 1 - claims["end"].sum() / claims["start"].sum()
    last = trace.rows("block").iloc[-1]

    assert last["cash"] / claims["start"].sum() < 0.002, "the market is empty"
    assert paid == pytest.approx(BankRun(1 - utilisation, 1e-9).liquid, abs=0.003)
    served = 1 - claims["end"] / claims["start"]
    assert served.max() > 0.999, "the first are out"
    assert served.min() < 1 - utilisation, "the last get less than a part each"


CRASH = {
    "kind": "path",
    "points": [[0, 2000], [0.5, 2000], [0.6, 1150], [3, 1100]],
    "volatility": 0.1,
}
FEAR = (
    f"prices={json.dumps(CRASH)}",
    "clock.hours=3",
    "clock.block_spacing_s=120",
    "population.borrowers.count=60",
    "population.panic_sellers.count=20",
    "population.keepers.alert=0.05",
    "population.lenders.count=100",
    "population.lenders.utilisation=0.8",
    "population.lenders.loss_weight=5",
    "population.lenders.hazard_per_hour=1",
    "population.lenders.attention_s=300",
)


def test_run__after_a_crash__empties_the_market_and_the_last_carry_the_loss() -> None:
    """Debt under water is seen before keepers sell and losses are written off: who leaves at the
    sight of it loses nothing (Diamond and Dybvig 1983: payment is in the order of coming)."""
    scenario = load_scenario("flash_crash", overrides=FEAR)
    design = load_design("fixed", ["market.initial_reserve=0"])
    with ReferenceEngine() as engine:
        trace = simulate(scenario, design, 0, engine)
    found = exits.leavers(trace)
    found = found[found["start"] > 0]
    share = found["loss"] / found["start"]
    after = found["start"].cumsum() / found["start"].sum()

    assert exits.peak_utilisation_pct(trace) == pytest.approx(100, abs=0.01)
    assert exits.peak_borrow_rate_pct(trace) == pytest.approx(46, abs=0.1), "the rate at full use"
    assert exits.without_cash_s(trace) > 3600, "a queue"
    assert share[after < 0.1].max() < 1e-4, "the first lose nothing"
    stayed = np.isinf(found["left_s"])
    assert share[stayed].min() > share.mean() > 0
    assert share[stayed].mean() > 2 * share[~stayed].mean(), "the last carry the loss"
    assert debt.lender_loss_usd(trace) > 1e6
    assert found["loss"].sum() == pytest.approx(debt.lender_loss_usd(trace), rel=0.01)
