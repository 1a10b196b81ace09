"""Borrowers: the passive do nothing, the active lift their health factor to its target."""

from __future__ import annotations

import numpy as np
import pytest

from sim.agents.borrowers import FLEE, PASSIVE, REPAY, SELL, TOP_UP, Borrower, Borrowers
from sim.agents.margins import realised_volatility, widened
from sim.people import MarginSpec
from sim.scenario import load_scenario
from sim.units import MAX_UINT, YEAR_S
from tests.helpers.account import LT, LTV, ME, Account, live
from tests.helpers.world import USDC, WETH, Wallets, facts, rng, snapshot, view

DEBT, HEALTH, TARGET = 10_000.0, 1.10, 1.32


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


@pytest.mark.parametrize("allowed", [0, 100 * USDC])
def test_sell__breakers_throttle__takes_out_no_more_than_they_let_pass(spec, allowed):
    collateral = HEALTH * DEBT / LT / 2000
    state = snapshot([DEBT], [HEALTH], [collateral], allowed=(allowed, MAX_UINT, MAX_UINT))
    borrower = Borrower(ME, SELL, trigger=1.2, target=TARGET, stash_usd=0.0)
    intents = Borrowers(facts(), spec, [borrower]).act(view(state), rng())
    taken = [intent.call.args[1] / WETH * 2000 for intent in intents]
    assert taken == ([pytest.approx(99.0)] if allowed else [])


def test_flee__below_the_trigger__closes_everything_in_as_many_steps_as_it_takes(spec):
    account = Account(collateral=8.0, debt=11_600.0)  # a health factor of 1.145
    borrower = Borrower(ME, FLEE, trigger=1.2, target=TARGET, stash_usd=0.0)
    called = live(Borrowers(facts(), spec, [borrower]), account, 100)

    assert called[:3] == ["withdraw_collateral", "exactInputSingle", "repay"]
    assert called.count("withdraw_collateral") > 5, "the loan-to-value lets little go at first"
    assert account.debt == 0
    assert account.collateral == pytest.approx(0, abs=1e-9)
    assert account.wallets.on_chain(ME, "WETH") < WETH / 100
    assert account.wallets.on_chain(ME, "USDC") / USDC == pytest.approx(8 * 2000 - 11_600, rel=0.01)


def test_flee__the_price_recovers__goes_on(spec):
    account = Account(collateral=8.0, debt=11_600.0)
    borrower = Borrower(ME, FLEE, trigger=1.2, target=TARGET, stash_usd=0.0)
    agent = Borrowers(facts(), spec, [borrower])
    live(agent, account, 1)
    account.price = 3000.0
    live(agent, account, 100)
    assert account.debt == 0


def test_flee__above_the_trigger__stays(spec):
    assert act(spec, FLEE, health=1.21) == []


def swings(volatility):
    """Four hours of a price that goes up and down by as much every five minutes."""
    step = volatility * (300 / YEAR_S) ** 0.5
    later = (240 - i for i in range(241))  # steps of a minute before the end
    return [2000.0 * (1 + step * (minutes // 5 % 2)) for minutes in later]


def test_volatility__of_a_bounce_within_minutes__is_not_seen():
    prices = [2000.0 * (1 + 0.01 * (i % 5 == 0)) for i in range(242)]
    assert realised_volatility(facts(), view(venue=prices), 14_400) == 0
    assert realised_volatility(facts(), view(venue=swings(0.8)), 14_400) == pytest.approx(0.8, 1e-2)
    assert realised_volatility(facts(), view(venue=[2000.0]), 14_400) == 0


def margin_call(spec, kind, volatility, health, wallets=None):
    changed = spec.model_copy(
        update={"margins": MarginSpec(sensitivity=0.5, normal_volatility=0.8, cap=0.5)}
    )
    borrower = Borrower(ME, kind, trigger=1.2, target=TARGET, stash_usd=0.0)
    collateral = health * DEBT / LT / 2000
    state = snapshot([DEBT], [health], [collateral])
    seen = view(state, venue=swings(volatility), wallets=wallets)
    return Borrowers(facts(), changed, [borrower]).act(seen, rng())


def test_margins__volatility_above_normal__act_earlier_and_go_further(spec):
    """At three times the normal volatility a trigger of 1.2, a fall of 1/6, becomes one of 1/3."""
    rich = Wallets({(ME, "WETH"): 100 * WETH})
    assert margin_call(spec, TOP_UP, volatility=0.8, health=1.3, wallets=rich) == []
    (intent,) = margin_call(spec, TOP_UP, volatility=2.4, health=1.3, wallets=rich)
    fall = 2 * (1 - 1 / TARGET)
    collateral = 1.3 * DEBT / LT / 2000
    wanted = collateral * (1 / (1 - fall) / 1.3 - 1)
    assert intent.call.args[1] / WETH == pytest.approx(wanted, rel=0.01)
    assert margin_call(spec, TOP_UP, volatility=2.4, health=1.51, wallets=rich) == []


def test_margins__at_any_volatility__are_capped(spec):
    assert len(margin_call(spec, SELL, volatility=50.0, health=1.99)) == 1
    assert margin_call(spec, SELL, volatility=50.0, health=2.01) == []


def test_margins__a_target_beyond_the_cap__is_not_lowered():
    levels = np.array([1.2, 4.0])
    spec = MarginSpec(sensitivity=1.0, cap=0.5)
    wider = widened(levels, spec, facts(), view(venue=swings(1.2)))
    assert wider[0] == pytest.approx(1 / (1 - 0.25), rel=1e-2)
    assert wider[1] == 4.0
