"""Lenders: they stay while there is cash and no loss, and run when there is not."""

from __future__ import annotations

import pytest

from sim.agents.lenders import Lender, Lenders
from sim.engines.base import Event, address_of
from sim.scenario import load_scenario
from sim.units import MAX_UINT
from tests.helpers.world import USDC, Wallets, facts, news, rng, snapshot, view

ME = address_of("lender")
SHARES = 10**12  # for each smallest unit of the debt token


@pytest.fixture
def spec():
    spec = load_scenario("black_thursday").population.lenders
    return spec.model_copy(update={"hazard_per_hour": 1e9, "attention_s": 1e-3})


def act(spec, supply=1_000_000, bad_debt=0.0, **state):
    agent = Lenders(facts(), spec, [Lender(ME, patience=0.8, supply_usd=supply)])
    wallets = Wallets({(ME, "market"): supply * USDC * SHARES // USDC})
    return agent.act(view(snapshot(**state), wallets=wallets, bad_debt=bad_debt), rng())


def state(cash: int, **changes):
    """Ten million supplied, `cash` of it there."""
    return {"cash": cash * USDC, "total_shares": 10_000_000 * SHARES, **changes}


def test_quiet_market__utilisation_within_patience__stays(spec):
    assert act(spec, **state(2_500_000)) == []


def test_high_utilisation__enough_cash__redeems_everything(spec):
    (intent,) = act(spec, **state(1_500_000))
    assert (intent.call.target, intent.call.function) == ("market", "redeem")
    assert intent.call.args == (1_000_000 * SHARES, ME, ME)


def test_loss__at_low_utilisation__leaves_too(spec):
    assert len(act(spec, bad_debt=10_000.0, **state(5_000_000))) == 1


def test_accounts_under_water__before_anything_is_written_off__are_fled_from():
    spec = load_scenario("black_thursday").population.lenders
    spec = spec.model_copy(update={"hazard_per_hour": 1e9, "attention_s": 1e-3})
    sound = state(5_000_000, debt=[20_000.0], health=[0.9], collateral=[1.0])
    assert act(spec, **sound) == [], "above 0.83 the collateral is worth more than the debt"
    assert len(act(spec, **{**sound, "health": [0.415]})) == 1


def test_others_leave__by_weight_of_peers__is_followed(spec):
    agent = Lenders(facts(), spec, [Lender(ME, patience=0.8, supply_usd=1_000_000)])
    fearful = spec.model_copy(update={"peers_weight": 1.0})
    afraid = Lenders(facts(), fearful, [Lender(ME, patience=0.8, supply_usd=1_000_000)])
    seen = view(snapshot(**state(5_000_000)), wallets=Wallets({(ME, "market"): 1_000_000 * SHARES}))
    other = Event(1, "market", "Withdraw", {"owner": "0x1", "assets": 1_000_000 * USDC})
    assert afraid.act(seen, rng()) == [], "nobody has left"
    for lenders in (agent, afraid):
        lenders.learn(news(events=[other]))
    assert len(afraid.act(seen, rng())) == 1
    assert agent.act(seen, rng()) == []


def test_little_cash__redeems_as_much(spec):
    (intent,) = act(spec, **state(400_000))
    assert intent.call.args[0] == 400_000 * SHARES


def test_halted_or_empty__does_not_try(spec):
    assert act(spec, **state(0)) == []
    assert act(spec, **state(1_000_000, allowed=(MAX_UINT, 0, MAX_UINT))) == []
