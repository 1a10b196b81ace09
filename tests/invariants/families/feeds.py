"""FEED: the pushed feed and those that read other feeds or a pool."""

from __future__ import annotations

import math
from statistics import median

from sim.engines.opening import OWNER
from sim.units import WAD, to_wad
from tests.helpers.ground import Ground
from tests.helpers.ledger import answer
from tests.helpers.mechanisms import eth
from tests.invariants.pools import lay_pool, swap_to
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import KEEPER, STRANGER, lay_token

HEARTBEAT_S, DEVIATION = 3_600, to_wad("0.005")
HOP_S, STEP, MAX_AGE_S, WINDOW_S = 1_000, to_wad("0.02"), 600, 600
SOURCES = ("first", "second", "third")


@stage(FEED=("PushFeed", "DelayedFeed", "ClampedFeed", "MedianFeed", "TwapFeed"))
def feeds(g: Ground) -> None:
    """Each at a price of 2,000."""
    at = {"answer": answer(2_000)}
    g.deploy("pushed", "PushFeed", feeder=OWNER, heartbeat=HEARTBEAT_S, deviation=DEVIATION, **at)
    for key in SOURCES:
        g.deploy(key, "ScriptedFeed", **at)
    sources = [g[key] for key in SOURCES]
    g.deploy("delayed", "DelayedFeed", source=g["first"], hop=HOP_S)
    g.deploy("clamped", "ClampedFeed", source=g["first"], step=STEP)
    g.deploy("median", "MedianFeed", sources=sources, max_age=MAX_AGE_S, quorum=2)
    lay_token(g, "WETH", 18)
    lay_token(g, "USDC", 6)
    lay_pool(g, eth("0.001"))
    tokens = {"collateral": g["WETH"], "debt_token": g["USDC"]}
    g.deploy("twap", "TwapFeed", pool=g["pool"], window=WINDOW_S, cardinality=20, **tokens)


def _said(g: Ground, key: str) -> int:
    value: int = g.ask(key, "latestRoundData")[1]
    return value


def _tell(g: Ground, key: str, price: float) -> None:
    """A source's new answer [USD]."""
    g.send(OWNER, key, "set_round", answer(price), g.now)


@invariant("FEED-1")
def feeder_alone(g: Ground) -> None:
    """A stranger pushes what would be due."""
    g.wait(HEARTBEAT_S)
    for who in (STRANGER, KEEPER):
        reason = g.attempt(who, "pushed", "push", answer(2_100)).reason
        hold(reason == "feed: only feeder", f"a stranger pushes: {reason or 'taken'}")


@invariant("FEED-2")
def due(g: Ground) -> None:
    """Just at the deviation and at the heartbeat, and short of them."""
    for wait, price, taken in (
        (0, "2009.99999999", False),
        (0, "2010", True),
        (HEARTBEAT_S - 1, "2010", False),
        (1, "2010", True),
        (0, "1999.95", True),
    ):
        g.wait(wait)
        reason = g.attempt(OWNER, "pushed", "push", answer(price)).reason
        expected = "" if taken else "feed: not due"
        hold(reason == expected, f"a push of {price}: {reason or 'taken'}")


@invariant("FEED-3")
def above_zero(g: Ground) -> None:
    """Zero and less, when anything would be due."""
    g.wait(HEARTBEAT_S)
    for said in (0, -1):
        g.attempt(OWNER, "pushed", "push", said)
        hold(_said(g, "pushed") > 0, f"the feed answers {_said(g, 'pushed')}")


@invariant("FEED-4")
def history(g: Ground) -> None:
    """Every round, after each push."""
    rounds = [g.ask("pushed", "latestRoundData")]
    for price in (2_100, 1_900, 1_800, 1_700):
        g.wait(60)
        g.send(OWNER, "pushed", "push", answer(price))
        rounds.append(g.ask("pushed", "latestRoundData"))
        hold(rounds[-1][1:4] == (answer(price), g.now, g.now), f"the last round is {rounds[-1]}")
        kept = [g.ask("pushed", "getRoundData", said[0]) for said in rounds]
        hold(kept == rounds, "an old round has changed")


@invariant("FEED-5")
def one_hop_later(g: Ground) -> None:
    """A new price before a poke, at the poke, and at the next one."""
    g.wait(HOP_S)
    _tell(g, "first", 1_500)
    hold(_said(g, "delayed") == answer(2_000), "a price counts that nobody has seen yet")
    g.send(KEEPER, "delayed", "poke")
    hold(_said(g, "delayed") == answer(2_000), "a price counts at the poke that sees it")
    rest = HOP_S - g.now % HOP_S
    g.wait(rest - 1)
    reason = g.attempt(KEEPER, "delayed", "poke").reason
    hold(reason == "feed: not due", f"a second poke in a hop: {reason or 'taken'}")
    g.wait(1)
    g.send(KEEPER, "delayed", "poke")
    hold(_said(g, "delayed") == answer(1_500), "a price does not count a hop after it was seen")


@invariant("FEED-6")
def bounded_steps(g: Ground) -> None:
    """A crash of the source, and twice in a block."""
    g.wait(12)
    _tell(g, "first", 1_900)
    last = _said(g, "clamped")
    for _ in range(4):
        for _ in range(2):
            g.attempt(KEEPER, "clamped", "poke")
        moved = abs(_said(g, "clamped") - last)
        hold(moved * WAD <= last * STEP, f"a block moves the answer by {moved / last:.1%}")
        last = _said(g, "clamped")
        g.wait(12)
    hold(last == answer(1_900), f"it does not arrive, but stays at {last}")


@invariant("FEED-7")
def minority(g: Ground) -> None:
    """One source says anything, however wild."""
    for said in ("0.01", "1990", "2001", "99999999"):
        for key, price in zip(SOURCES, ("1999", said, "2002"), strict=True):
            _tell(g, key, price)
        middle = median(answer(price) for price in ("1999", said, "2002"))
        hold(_said(g, "median") == middle, f"{_said(g, 'median')} is the median, not {middle}")


@invariant("FEED-8")
def quorum(g: Ground) -> None:
    """The sources grow old one after another."""
    for key in SOURCES:
        g.wait(MAX_AGE_S // 4)
        _tell(g, key, 2_000)
    for counting, wait in ((3, 0), (2, MAX_AGE_S // 2 + 1), (1, MAX_AGE_S // 4), (0, MAX_AGE_S)):
        g.wait(wait)
        answers = _said(g, "median") > 0
        hold(answers == (counting >= 2), f"with {counting} answers it says {_said(g, 'median')}")


@invariant("FEED-9")
def mean_price(g: Ground) -> None:
    """A swap that nobody has seen stand, and what it becomes over the window."""
    g.wait(2 * WINDOW_S)
    before = _said(g, "twap")
    hold(math.isclose(before, answer(2_000), rel_tol=2e-4), f"the mean of 2,000 is {before}")
    swap_to(g, 1_000)
    hold(_said(g, "twap") == before, "a swap moves the mean at once")
    for wait, part in ((WINDOW_S // 4, 0.25), (WINDOW_S // 4, 0.5), (WINDOW_S, 1)):
        g.wait(wait)
        mean = answer(2_000) * 0.5**part
        near = math.isclose(_said(g, "twap"), mean, rel_tol=2e-4)
        hold(near, f"after {part:.0%} of the window the mean is {_said(g, 'twap')}")
