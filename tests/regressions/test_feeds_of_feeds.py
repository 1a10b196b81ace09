"""A clamped feed made a dead source young, and one of three sources blinded price breakers."""

from __future__ import annotations

from sim.engines.base import Call
from sim.mechanisms.breakers.price_breaker import PriceBreaker
from sim.mechanisms.oracles.clamped_feed import ClampedFeed
from sim.mechanisms.oracles.median_feed import MedianFeed
from sim.units import FEED, to_wad
from tests.differential.breaker_programs import (
    BORROWER,
    MAX_AGE,
    STRANGER,
    ScriptedFeed,
    open_market,
)
from tests.differential.rig import Act, Rig
from tests.regressions.scenes import PULSE, ask, install, read_by_market, succeed, told


def test_clamped__steps_towards_a_source_that_died__do_not_keep_the_price_alive(both: Rig) -> None:
    with both.undone():
        open_market(both)
        both.deploy("clamped", ClampedFeed, "<feed>", to_wad("0.02"))
        read_by_market(both, "clamped")
        succeed(both, 12, told(both, 1_000, 12))
        died_at = both.time
        borrow = Act(BORROWER, Call("market", "borrow", (10**9, BORROWER)))
        poke = Act(STRANGER, Call("clamped", "poke"))
        succeed(both, MAX_AGE - 12, poke, borrow)
        assert ask(both, "clamped", "latestRoundData")[3] == died_at
        (poked, borrowed) = both.run(13, [poke, borrow])
        assert (poked.reason, borrowed.reason) == ("", "market: stale price")


def test_median__one_wild_source__does_not_hide_a_fall_from_the_breaker(both: Rig) -> None:
    with both.undone():
        open_market(both)
        for key in ("second", "third"):
            both.deploy(key, ScriptedFeed, 2_000 * FEED)
        sources = ["<feed>", "<second>", "<third>"]
        both.deploy("median", MedianFeed, sources, MAX_AGE, 2)
        read_by_market(both, "median")
        install(both, PriceBreaker)
        fallen = told(both, 900, 300), told(both, 905, 300, "second")
        succeed(both, 300, *fallen, told(both, 4_000, 300, "third"), PULSE)
        assert ask(both, "median", "confidence") == 5 * FEED
        assert ask(both, "breaker", "tier") == 3
