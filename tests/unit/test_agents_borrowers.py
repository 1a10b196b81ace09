"""Borrowers: the passive do nothing, the active lift their health factor to its target."""

from __future__ import annotations

import pytest

from sim.agents.borrowers import PASSIVE, REPAY, SELL, TOP_UP, Borrower, Borrowers
from sim.engines.base import address_of
from sim.scenario import load_scenario
from tests.helpers.world import USDC, WETH, Wallets, facts, rng, snapshot, view

ME = address_of("borrower")
DEBT, HEALTH, TARGET = 10_000.0, 1.10, 1.32
LT, LTV = 0.83, 0.805


@pytest.fixture
def spec():
    spec = load_scenario("black_thursday").population.borrowers
    return spec.model_copy(update={"attention_s": 1e-3})  # looks in every block


def act(spec, kind, wallets=None, health=HEALTH, debt=DEBT):
    borrower = Borrower(ME, kind, trigger=1.2, target=TARGET, stash_usd=0.0)
    collateral = health * debt / LT / 2000
    state = snapshot([debt], [health], [collateral])
    agent = Borrowers(facts(), spec, [borrower])
    return agent.act(view(state, wallets=wallets), rng())


def test_passive__below_the_trigger__does_nothing(spec):
    assert act(spec, PASSIVE, Wallets({(ME, "WETH"): 100 * WETH})) == []


@pytest.mark.parametrize("kind", [TOP_UP, REPAY, SELL])
def test_active__above_the_trigger__does_nothing(spec, kind):
    stash = Wallets({(ME, "USDC"): 10**12}) if kind == REPAY else None
    assert act(spec, kind, stash, health=1.21) == []


@pytest.mark.parametrize("kind", [TOP_UP, REPAY, SELL])
def test_active__already_below_one__leaves_it_to_keepers(spec, kind):
    assert act(spec, kind, health=0.99) == []


def test_top_up__rich__supplies_what_reaches_the_target(spec):
    (intent,) = act(spec, TOP_UP, Wallets({(ME, "WETH"): 100 * WETH}))
    token, amount, account = intent.call.args

    assert (intent.call.function, token, account) == ("supply_collateral", "<WETH>", ME)
    collateral = HEALTH * DEBT / LT / 2000
    assert amount / WETH == pytest.approx(collateral * (TARGET / HEALTH - 1), rel=1e-6)


def test_top_up__poor__supplies_what_there_is(spec):
    (intent,) = act(spec, TOP_UP, Wallets({(ME, "WETH"): WETH // 10}))
    assert intent.call.args[1] == WETH // 10


def test_repay__rich__pays_what_reaches_the_target(spec):
    (intent,) = act(spec, REPAY, Wallets({(ME, "USDC"): 10**6 * USDC}))
    assert intent.call.function == "repay"
    left = DEBT - intent.call.args[0] / USDC
    assert DEBT * HEALTH / left == pytest.approx(TARGET, rel=1e-6)


def test_repay__would_leave_less_than_the_minimum__leaves_the_minimum(spec):
    (intent,) = act(spec, REPAY, Wallets({(ME, "USDC"): 10**6 * USDC}), debt=1100.0)
    assert intent.call.args[0] == 90 * USDC  # of 1,100, above 1,010


def test_sell__in_need__takes_out_no_more_than_the_loan_to_value_lets_go(spec):
    (intent,) = act(spec, SELL)
    _, amount, _ = intent.call.args
    value = HEALTH * DEBT / LT

    assert intent.call.function == "withdraw_collateral"
    assert 0 < amount / WETH * 2000 <= value - DEBT / LTV


def test_sell__holding_what_was_taken_out__sells_it_in_the_pool(spec):
    (intent,) = act(spec, SELL, Wallets({(ME, "WETH"): WETH}))
    params = intent.call.args[0]

    assert (intent.call.target, intent.call.function) == ("router", "exactInputSingle")
    assert params[:2] == ("<WETH>", "<USDC>")
    assert params[5] == WETH
    assert 0.94 * 2000 < params[6] / USDC < 2000


def test_sell__holding_the_proceeds__repays_with_them(spec):
    (intent,) = act(spec, SELL, Wallets({(ME, "USDC"): 500 * USDC}))
    assert (intent.call.function, intent.call.args) == ("repay", (500 * USDC, ME))


def test_attention__rarely__most_blocks_pass_without_a_look(spec):
    spec = spec.model_copy(update={"attention_s": 1e9})
    assert act(spec, TOP_UP, Wallets({(ME, "WETH"): 100 * WETH})) == []
