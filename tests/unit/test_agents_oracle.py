"""The oracle: deviation, heartbeat, lag, bids, pulses."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.agents.oracle import Oracle
from sim.design import load_design
from sim.engines.base import address_of
from sim.people import OracleSpec, PrintSpec
from sim.units import FEED, GWEI
from sim.world.mempool import Mempool
from tests.helpers.world import SPACING_S, START, facts, rng, snapshot, view

ME = address_of("oracle")
SPEC = OracleSpec(lag_s=0, bid=2.0, pulse_move=0.02)


def act(prices, spec=SPEC, design="fixed", updated_at=START, due=(), **changes):
    known = replace(facts(load_design(design)), hour_zero=START - 3600)
    oracle = Oracle(known, spec, ME)
    state = snapshot(oracle=2000.0, updated_at=updated_at, due=due)
    return oracle.act(view(state, venue=prices, **changes), rng())


def test_price__within_the_deviation__nothing_is_posted():
    assert act([2000.0, 2009.0]) == []


def test_price__beyond_the_deviation__is_posted_with_its_bid():
    (push,) = act([2000.0, 1985.0])
    assert (push.call.target, push.call.function) == ("feed:WETH", "push")
    assert push.call.args == (1985 * FEED,)
    assert push.priority_fee == 2 * 20 * GWEI


@pytest.mark.parametrize(("age", "posts"), [(3599, 0), (3600, 1)])
def test_heartbeat__has_passed__posts_the_same_price(age, posts):
    updated = START + SPACING_S - age
    assert len(act([2000.0, 2000.0], updated_at=updated)) == posts


def test_lag__of_two_steps__posts_the_price_of_then():
    spec = SPEC.model_copy(update={"lag_s": 2 * SPACING_S})
    (push,) = act([2000.0, 1950.0, 1900.0, 1500.0], spec)
    assert push.call.args == (1950 * FEED,)


def test_lag__longer_than_the_run__posts_the_first():
    spec = SPEC.model_copy(update={"lag_s": 10**6})
    (push,) = act([1900.0, 1500.0], spec)
    assert push.call.args == (1900 * FEED,)


def test_big_move__with_breakers__pulses_after_the_push():
    intents = act([2000.0, 1900.0], design="fixed_breaker")
    assert [i.call.function for i in intents] == ["push", "pulse"]
    assert intents[0].priority_fee == intents[1].priority_fee


def test_big_move__without_breakers__does_not_pulse():
    assert [i.call.function for i in act([2000.0, 1900.0])] == ["push"]


@pytest.mark.parametrize(("design", "pulses"), [("fixed", []), ("fixed_breaker", [0, 5, 10])])
def test_price__that_stands_in_an_outage__breakers_are_pulsed_now_and_then(design, pulses):
    spec = SPEC.model_copy(update={"pulse_every_s": 5 * SPACING_S, "outages": ((0, 99),)})
    known = replace(facts(load_design(design)), hour_zero=START - 3600)
    oracle, state = Oracle(known, spec, ME), snapshot(oracle=2000.0, updated_at=START)
    times = [START + SPACING_S * step for step in range(1, 13)]
    sent = [oracle.act(view(state, venue=[2000.0, 2000.0], time=time), rng()) for time in times]
    assert [i.call.function for intents in sent for i in intents] == ["pulse"] * len(pulses)
    assert [step for step, intents in enumerate(sent) if intents] == pulses


def test_waiting_answer__is_replaced_at_an_eighth_more():
    (push,) = act([2000.0, 1985.0], pending={(ME, "feed:WETH.push"): 80 * GWEI})
    assert push.priority_fee == 90 * GWEI


def test_feed_in_between__is_due__is_poked_after_the_answer_that_it_reads():
    intents = act([2000.0, 1985.0], due=["oracle:WETH"])
    targets = [(i.call.target, i.call.function) for i in intents]
    assert targets == [("feed:WETH", "push"), ("oracle:WETH", "poke")]


def test_feed_in_between__is_due_though_the_price_stands__is_poked_and_breakers_pulsed():
    intents = act([2000.0, 2000.0], design="fixed_breaker", due=["oracle:WETH"])
    assert [i.call.function for i in intents] == ["poke", "pulse"]


def test_poke__waits__is_replaced_at_an_eighth_more_and_pushes_are_not():
    waiting = {(ME, "oracle:WETH.poke"): 80 * GWEI}
    push, poke = act([2000.0, 1985.0], due=["oracle:WETH"], pending=waiting)
    assert (push.priority_fee, poke.priority_fee) == (40 * GWEI, 90 * GWEI)


def test_waiting_answer__raised_long_enough__stays_at_its_most():
    spec = SPEC.model_copy(update={"most_bid": 5.0})
    (push,) = act([2000.0, 1985.0], spec, pending={(ME, "feed:WETH.push"): 99 * GWEI})
    assert push.priority_fee == 5 * 20 * GWEI


@pytest.mark.parametrize(
    ("outage", "posts"), [((1.0, 1.1), 0), ((0.5, 1.01), 1), ((1.02, 2), 1), ((0, 99), 0)]
)
def test_outage__now__posts_nothing_and_still_pokes(outage, posts):
    spec = SPEC.model_copy(update={"outages": (outage,)})
    intents = act([2000.0, 1500.0], spec, due=["oracle:WETH"])
    assert [i.call.function for i in intents] == ["push"] * posts + ["poke"]


@pytest.mark.parametrize(("hours", "answer"), [((1.0, 1.1), 1600), ((0.0, 1.0), None)])
def test_print__of_one_venue__is_posted_as_a_price(hours, answer):
    spec = SPEC.model_copy(update={"prints": (PrintSpec(hours=hours, factor=0.8),)})
    intents = act([2000.0, 2000.0], spec)
    assert [i.call.args for i in intents] == ([(answer * FEED,)] if answer else [])


def test_raised_answer__in_the_mempool__takes_the_place_of_the_one_that_waits():
    pool, prices = Mempool(3600), [2000.0, 1985.0]
    pool.add(act(prices), 1, 0, 20 * GWEI)
    pool.add(act(prices, pending=pool.bids), 2, 12, 20 * GWEI)
    (waiting,) = pool.ready(12)
    assert waiting.intent.priority_fee == 45 * GWEI
    assert waiting.step == 1  # it has waited since then
    assert waiting.tip(200 * GWEI) == 45 * GWEI


def test_answer__base_fee_ten_times_as_high__can_still_be_mined():
    pool = Mempool(3600)
    pool.add(act([2000.0, 1985.0]), 1, 0, 20 * GWEI)
    assert pool.ready(0)[0].tip(200 * GWEI) >= 0
