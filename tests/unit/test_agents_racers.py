"""Lenders who race: the share that runs at a given strength is that of the closed form."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from sim.agents.base import Intent, Round
from sim.agents.racers import Racer, Racers
from sim.engines.base import address_of
from sim.games.race import Race
from sim.people import RaceSpec
from sim.units import MAX_UINT
from tests.helpers.world import SPACING_S, USDC, Wallets, facts, rng, snapshot, view

COUNT, SUPPLY, ERRORS = 500, 10_000, 4
SPEC = RaceSpec(share=0.5, count=COUNT, benefit=3.0, cost=1.0, noise=0.1, round_s=SPACING_S)
RACE = Race(SPEC.benefit, SPEC.cost, SPEC.noise)
CLAIMS = COUNT * SUPPLY  # [USD]: half of the market's ten million
WALLETS = Wallets({(address_of("racer", i), "market"): SUPPLY * 10**12 for i in range(COUNT)})


def agent(spec=SPEC):
    members = [Racer(address_of("racer", i), SUPPLY) for i in range(COUNT)]
    return Racers(facts(), spec, members)


def seen(strength, step=1, debt=(), health=(), **state):
    """A market that can pay this part of the racers' claims."""
    cash = {"cash": int(strength * CLAIMS) * USDC, "total_shares": 10**7 * 10**12, **state}
    market = snapshot(debt, health, [1.0] * len(debt), **cash)
    return view(market, venue=[2000.0] * (step + 1), wallets=WALLETS)


def ran(wishes):
    (found,) = [wish for wish in wishes if isinstance(wish, Round)]
    return found


@pytest.mark.parametrize("strength", np.linspace(RACE.cutoff - 0.11, RACE.cutoff + 0.11, 8))
def test_round__at_any_strength__as_many_run_as_the_closed_form_says(strength):
    found = ran(agent().act(seen(strength), rng()))
    expected = float(RACE.share_leaving(strength))
    error = sqrt(expected * (1 - expected) / COUNT)

    assert found.strength == pytest.approx(strength, abs=1e-6)
    assert (found.inside, found.claims_usd) == (COUNT, CLAIMS)
    assert abs(found.ran / COUNT - expected) <= ERRORS * error


def test_round__at_the_threshold__the_market_bears_just_who_runs():
    """theta* = c / (b + c): that share of the crowd runs, here a quarter."""
    found = ran(agent().act(seen(RACE.threshold), rng()))
    error = sqrt(RACE.threshold * (1 - RACE.threshold) / COUNT)
    assert abs(found.ran / COUNT - 0.25) <= ERRORS * error


def test_round__accounts_owing_more_than_they_have__weaken_the_market():
    """A health factor of 0.415 at a threshold of 0.83: half of the debt is not covered."""
    debt, health = [0.2 * CLAIMS], [0.415]
    found = ran(agent().act(seen(0.5, debt=debt, health=health), rng()))
    assert found.strength == pytest.approx(0.4, abs=1e-6)


@pytest.mark.parametrize(("feared", "strength", "run"), [(True, 0.0, COUNT), (False, 0.5, 0)])
def test_round__withdrawals_halted__are_weakness_where_gates_are_feared(feared, strength, run):
    spec = SPEC.model_copy(update={"fears_gates": feared})
    found = ran(agent(spec).act(seen(0.5, allowed=(MAX_UINT, 0, MAX_UINT)), rng()))
    assert (found.strength, found.ran) == (pytest.approx(strength), run)


def test_between_rounds__nobody_decides__but_who_runs_goes_on_trying():
    spec = SPEC.model_copy(update={"round_s": 3.0 * SPACING_S})
    racers, source = agent(spec), rng()
    assert racers.act(seen(0.1, step=2), source) == []
    assert ran(racers.act(seen(0.1, step=3), source)).ran == COUNT
    again = racers.act(seen(0.1, step=4), source)

    assert len(again) == COUNT
    assert all(isinstance(wish, Intent) and wish.call.function == "redeem" for wish in again)
    assert len({wish.priority_fee for wish in again}) > COUNT / 2, "each bids on its own"
    assert racers.act(seen(0.0, step=5), source) == [], "an empty market is not worth the gas"


def test_rounds__later__those_who_have_run_see_no_signal():
    racers, source = agent(), rng()
    first = ran(racers.act(seen(RACE.threshold), source))
    second = ran(racers.act(seen(RACE.threshold, step=2), source))
    assert second.inside == COUNT - first.ran
    assert second.claims_usd == CLAIMS - first.ran * SUPPLY


def test_nobody_races__nothing_is_said():
    assert Racers(facts(), SPEC, []).act(seen(0.0), rng()) == []
