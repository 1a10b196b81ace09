"""Breakers overlooked rounds that came in the second of a pulse, or later than a newer one."""

from __future__ import annotations

from sim.engines.base import Call
from sim.mechanisms.breakers.deviation_breaker import DeviationBreaker
from sim.mechanisms.breakers.price_breaker import PriceBreaker
from sim.mechanisms.kernel import NOBODY
from tests.differential.breaker_programs import STRANGER, open_market
from tests.differential.rig import Act, Rig
from tests.differential.test_breakers_flow import HOP, open_delayed, open_everything
from tests.regressions.scenes import PULSE, ask, install, succeed, told

POKE = Act(STRANGER, Call("delayed", "poke"))


def test_deviation__fall_of_a_delayed_feed_older_than_the_other_feeds_round__is_seen(
    both: Rig,
) -> None:
    with both.undone():
        open_delayed(both)
        install(both, DeviationBreaker)
        succeed(both, HOP, told(both, 2_000, HOP), told(both, 2_000, HOP, "other"), PULSE)
        succeed(both, 12, told(both, 1_400, 12))
        succeed(both, 12, told(both, 2_000, 12, "other"), PULSE)
        succeed(both, HOP, POKE, PULSE)
        assert ask(both, "breaker", "tier") == 3


def test_deviation__market_feed_that_falls_in_the_second_of_a_pulse__is_seen_a_block_later(
    both: Rig,
) -> None:
    with both.undone():
        open_everything(both)
        install(both, DeviationBreaker)
        news = told(both, 2_000, 60, "other"), PULSE, told(both, 1_000, 60)
        succeed(both, 60, *news)
        succeed(both, 12, PULSE)
        assert ask(both, "breaker", "tier") == 3


def test_deviation__poke_that_ends_the_doubt__releases(both: Rig) -> None:
    with both.undone():
        open_delayed(both)
        install(both, DeviationBreaker, other=NOBODY)
        succeed(both, HOP, told(both, 1_400, HOP), POKE, PULSE)
        assert ask(both, "breaker", "tier") == 3
        succeed(both, ask(both, "breaker", "ends_at") - both.time, POKE, PULSE)
        assert ask(both, "breaker", "phase") == 0


def test_price__round_of_the_second_of_a_pulse__is_seen_a_block_later(both: Rig) -> None:
    with both.undone():
        open_market(both)
        install(both, PriceBreaker)
        succeed(both, 300, told(both, 1_990, 300), PULSE, told(both, 1_000, 300))
        assert ask(both, "breaker", "tier") == 0
        succeed(both, 12, PULSE)
        assert ask(both, "breaker", "tier") == 3
        last = ask(both, "breaker", "observed_at")
        succeed(both, 12, PULSE)
        assert ask(both, "breaker", "observed_at") == last
