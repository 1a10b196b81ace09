"""Lenders: they stay while there is cash and no loss, and run when there is not."""

from __future__ import annotations

import pytest

from sim.agents.lenders import Lender, Lenders
from sim.engines.base import address_of
from sim.scenario import load_scenario
from sim.units import MAX_UINT
from tests.helpers.world import USDC, Wallets, facts, rng, snapshot, view

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


def test_little_cash__redeems_as_much(spec):
    (intent,) = act(spec, **state(400_000))
    assert intent.call.args[0] == 400_000 * SHARES


def test_halted_or_empty__does_not_try(spec):
    assert act(spec, **state(0)) == []
    assert act(spec, **state(1_000_000, allowed=(MAX_UINT, 0, MAX_UINT))) == []
