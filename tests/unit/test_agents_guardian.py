"""The guardian: when it clears which lock."""

from __future__ import annotations

import pytest

from sim.agents.base import News
from sim.agents.guardian import Guardian
from sim.design import load_design
from sim.engines.base import Event
from sim.engines.opening import GUARDIAN
from sim.world import stage
from tests.helpers.world import START, facts, news, rng, view

DESIGN = load_design("dutch_breaker")
RESPONSE = DESIGN.breakers[0].params["guardian_response"]
END = START + 900


def told(*events: Event) -> Guardian:
    guardian = Guardian(facts(DESIGN), GUARDIAN)
    assert guardian.learn(news(events=events)) == []
    assert guardian.learn(News(START, None, (), ())) == []
    return guardian


def latched(locked: bool) -> Event:
    return Event(1, "breaker:0", "TierLatched", {"tier": 3, "ends_at": END, "locked": locked})


def acts(guardian: Guardian, time: int) -> list[tuple[str, str]]:
    calls = [intent.call for intent in guardian.act(view(time=time), rng())]
    return [(call.target, call.function) for call in calls]


@pytest.mark.parametrize(("seconds", "expected"), [(-1, []), (0, [("breaker:0", "clear")])])
def test_lock__so_long_after_the_end__is_cleared(seconds, expected):
    guardian = told(latched(locked=True))
    assert acts(guardian, END + RESPONSE + seconds) == expected


def test_lock__cleared__is_left_alone():
    cleared = Event(2, "breaker:0", "LockCleared", {"caller": GUARDIAN, "ends_at": END})
    assert acts(told(latched(locked=True), cleared), END + RESPONSE) == []


def test_tier__that_ends_by_itself__is_left_alone():
    assert acts(told(latched(locked=False)), END + RESPONSE) == []


def test_latch__of_a_breaker_without_a_lock__is_left_alone():
    foreign = Event(1, "breaker:0", "TierLatched", {"tier": 1})
    assert acts(told(foreign), END + RESPONSE) == []


def test_guardian__on_stage__is_the_one_whom_the_market_knows():
    assert stage.GUARDIAN == GUARDIAN
