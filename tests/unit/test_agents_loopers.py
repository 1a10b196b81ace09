"""Loopers: they build in calm, wind down in a fall, and are stuck beyond the loan-to-value."""

from __future__ import annotations

import pytest

from sim.agents.borrowers import LOOP, PASSIVE, Borrower
from sim.agents.loopers import Loopers
from sim.people import LoopersSpec, MarginSpec
from sim.scenario import load_scenario
from sim.units import YEAR_S
from tests.helpers.account import LT, LTV, ME, Account, live
from tests.helpers.world import facts, rng

TARGET = 1.10
EQUITY = 10_000.0
CALM = (2000.0,) * 300


@pytest.fixture
def spec():
    spec = load_scenario("black_thursday").population.borrowers
    return spec.model_copy(update={"loopers": LoopersSpec(attention_s=1e-3)})  # looks at once


def looper(spec, target=TARGET, kind=LOOP):
    return Loopers(facts(), spec, [Borrower(ME, kind, trigger=1.2, target=target, stash_usd=0.0)])


def account(health):
    """At a price of 2,000, with the equity of all tests."""
    debt = LT * EQUITY / (health - LT)
    return Account((EQUITY + debt) / 2000, debt)


def leverage(account):
    value = account.collateral * account.price
    return value / (value - account.debt)


def test_calm__far_above_the_target__loops_up_to_it(spec):
    mine = account(health=1.6)
    called = live(looper(spec), mine, 40, CALM)

    assert called[:3] == ["borrow", "exactInputSingle", "supply_collateral"]
    assert set(called) == set(called[:3])
    assert mine.health == pytest.approx(TARGET, abs=0.01)
    assert leverage(mine) == pytest.approx(TARGET / (TARGET - LT), rel=0.04)


def test_target__near_the_loan_to_value__takes_many_loops_to_five_times(spec):
    """Each loop adds what the last one's deposit lets be borrowed: a share `ltv` of it."""
    mine = account(health=1.6)
    called = live(looper(spec, target=1.04), mine, 80, CALM)
    assert called.count("borrow") >= 4
    assert leverage(mine) == pytest.approx(5.0, abs=0.25)
    assert mine.debt <= mine.collateral * 2000 * LTV


def test_swings__above_the_target__waits(spec):
    wild = [2000.0 * (1 + 0.02 * (i // 5 % 2)) for i in range(300)]
    assert live(looper(spec), account(health=1.6), 10, wild) == []


def test_within_the_band__does_nothing(spec):
    assert live(looper(spec), account(health=TARGET + 0.02), 10, CALM) == []
    assert live(looper(spec), account(health=TARGET - 0.01), 10, CALM) == []


def test_fall__below_the_band__winds_down_to_the_target(spec):
    mine = account(health=1.07)
    before = leverage(mine)
    called = live(looper(spec), mine, 60)

    assert called[:3] == ["withdraw_collateral", "exactInputSingle", "repay"]
    assert set(called) == set(called[:3])
    assert mine.health == pytest.approx(TARGET, abs=0.01)
    assert leverage(mine) < before


def test_fall__through_the_loan_to_value__can_do_nothing(spec):
    assert live(looper(spec), account(health=1.02), 10) == []


def test_fall__in_the_middle_of_a_loop__repays_with_what_was_borrowed(spec):
    mine = account(health=1.6)
    agent = looper(spec)
    assert live(agent, mine, 1, CALM) == ["borrow"]
    mine.price *= 0.66
    called = live(agent, mine, 1)
    assert called == ["repay"]


def test_volatility__above_normal__winds_down_from_where_it_stood_still(spec):
    margins = MarginSpec(sensitivity=0.5, normal_volatility=0.4)
    step = 0.8 * (300 / YEAR_S) ** 0.5
    wild = [2000.0 * (1 + step * (i // 5 % 2)) for i in range(300)]
    wider = spec.model_copy(update={"margins": margins})
    assert live(looper(wider), account(health=TARGET), 10, CALM) == []
    assert live(looper(wider), account(health=TARGET), 10, wild)[0] == "withdraw_collateral"


def test_other_borrowers__are_left_alone(spec):
    assert live(looper(spec, kind=PASSIVE), account(health=1.6), 10, CALM) == []


def test_looks__rarely__most_blocks_pass_without_one(spec):
    rare = spec.model_copy(update={"loopers": LoopersSpec(attention_s=1e9)})
    assert live(looper(rare), account(health=1.05), 10) == []
    assert looper(rare).act(account(health=1.05).view(), rng()) == []
