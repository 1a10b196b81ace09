"""What regressions of breakers and feeds on both sides share."""

from __future__ import annotations

from typing import Any

from sim.engines.base import Call
from sim.engines.opening import OWNER
from sim.mechanisms.kernel import Contract
from sim.units import FEED, to_wad
from tests.differential.breaker_programs import MAX_AGE, STRANGER, arguments
from tests.differential.rig import Act, Rig

PULSE = Act(STRANGER, Call("market", "pulse"))


def install(rig: Rig, kind: type[Contract], **changes: Any) -> None:
    """A breaker in the market, half a minute before anything happens."""
    rig.deploy("breaker", kind, *arguments(rig, kind, **changes))
    breaker = rig.contracts.addresses["breaker"]
    succeed(rig, 30, Act(OWNER, Call("market", "add_breaker", (breaker,))))


def read_by_market(rig: Rig, feed: str) -> None:
    """Have the market read another feed of WETH."""
    at = rig.contracts.addresses
    terms = (at["WETH"], at[feed], to_wad("0.75"), to_wad("0.8"), 10**30, MAX_AGE)
    succeed(rig, 12, Act(OWNER, Call("market", "set_collateral", terms)))


def succeed(rig: Rig, seconds: int, *acts: Act) -> None:
    """One block so much later, in which nothing reverts."""
    assert not any(fate.reason for fate in rig.run(seconds, acts))


def told(rig: Rig, price: int, seconds: int, feed: str = "feed") -> Act:
    """A feed's new round as of the next block, so much later [s]; price in [USD]."""
    return Act(STRANGER, Call(feed, "set_round", (price * FEED, rig.time + seconds)))


def ask(rig: Rig, target: str, name: str) -> Any:
    """What bytecode and twin answer alike."""
    (answer,) = rig.compare([Call(target, name)])
    return answer
