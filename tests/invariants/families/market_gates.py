"""MARKET: the breakers' seat in the market and its two clocks."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.units import BORROW, LIQUIDATE, WAD, WITHDRAW
from tests.helpers.ground import Ground
from tests.helpers.ledger import INTEREST, grown, usd
from tests.helpers.mechanisms import eth
from tests.invariants.registry import hold, invariant
from tests.invariants.stages import BORROWER, KEEPER, LENDER, lay_debt


def _breakers(g: Ground, *keys: str) -> None:
    """That do as they are told."""
    for key in keys:
        g.deploy(key, "ScriptedBreaker")
        g.send(OWNER, "market", "add_breaker", g[key])


@invariant("MARKET-9")
def removal(g: Ground) -> None:
    """A breaker reverts whatever it is asked."""
    lay_debt(g)
    _breakers(g, "breaker")
    g.send(OWNER, "breaker", "set_broken", True)
    reason = g.attempt(OWNER, "market", "remove_breaker", g["breaker"]).reason
    hold(reason == "", f"a breaker that reverts can't be removed: {reason}")
    reason = g.attempt(BORROWER, "market", "borrow", usd(100), BORROWER).reason
    hold(reason == "", f"after its removal it holds up a loan: {reason}")


@invariant("MARKET-11")
def halted_seconds(g: Ground) -> None:
    """Halts that overlap, a sync in their middle, and one long after them."""
    _breakers(g, "first", "second")
    g.send(OWNER, "first", "set_next_halt", LIQUIDATE, g.now + 300)
    g.send(OWNER, "second", "set_next_halt", LIQUIDATE, g.now + 500)
    for wait, counted in ((0, 0), (200, 200), (250, 450), (1_000, 500)):
        g.wait(wait)
        g.send(KEEPER, "market", "pulse")
        seconds = g.ask("market", "halted_seconds")
        hold(seconds == counted, f"{seconds} s are counted of {counted}")


@invariant("MARKET-23")
def gates(g: Ground) -> None:
    """Each action at its gate: open, throttled, halted."""
    lay_debt(g)
    _breakers(g, "breaker")
    weth = g["WETH"]
    worth = {BORROW: ("borrow", BORROWER), WITHDRAW: ("withdraw", LENDER)}
    for action, (function, who) in worth.items():
        args = (who,) if function == "borrow" else (who, who)
        for limit, reason in ((0, "market: halted"), (usd(100), "market: throttled")):
            g.send(OWNER, "breaker", "set_limit", action, limit)
            said = g.attempt(who, "market", function, limit + 1, *args).reason
            hold(said == reason, f"{function} beyond {limit}: {said or 'allowed'}")
            if action == BORROW:
                said = g.attempt(who, "market", "withdraw_collateral", weth, eth(1), who).reason
                hold(said == reason, f"collateral beyond {limit}: {said or 'allowed'}")
        said = g.attempt(who, "market", function, usd(100), *args).reason
        hold(said == "", f"{function} within its limit: {said}")


@invariant("MARKET-12")
def auctions_halted(g: Ground) -> None:
    """A halt with a sync in its middle, then two queues, of which the first lasts longer."""
    _breakers(g, "breaker")
    g.wait(10)
    began = g.now
    g.send(OWNER, "breaker", "set_next_halt", LIQUIDATE, began + 400)
    g.send(KEEPER, "market", "pulse")
    for wait, lost in ((150, 150), (249, 399), (101, 400), (700, 400)):
        g.wait(wait)
        time = g.ask("market", "auction_time")
        hold(time == (g.now - lost) * WAD, f"{g.now - began} s into it {lost} s aren't lost")
        g.send(KEEPER, "market", "pulse")
    _breakers(g, "other")
    began, before = g.now, g.ask("market", "auction_time")
    g.send(OWNER, "breaker", "set_queue", began + 300)
    g.send(OWNER, "other", "set_queue", began + 200)
    g.send(KEEPER, "market", "pulse")
    for wait, ticked in ((250, 0), (50, 0), (70, 70)):
        g.wait(wait)
        time = g.ask("market", "auction_time") - before
        hold(time == ticked * WAD, f"{g.now - began} s into a queue the clock has run {time}")


@invariant("MARKET-13")
def auctions_slowed(g: Ground) -> None:
    """Two slowdowns, the one with the higher pace lasting longer."""
    _breakers(g, "first", "second")
    g.wait(10)
    began = g.now
    g.send(OWNER, "first", "set_slowdown", WAD // 2, WAD // 10, began + 1_000)
    g.send(OWNER, "second", "set_slowdown", WAD // 4, WAD // 20, began + 300)
    g.send(KEEPER, "market", "pulse")
    for wait, ticked, uplift in (
        (100, 25 * WAD, WAD // 10),
        (899, 999 * WAD // 4, WAD // 10),
        (1, 250 * WAD, 0),
        (50, 300 * WAD, 0),
    ):
        g.wait(wait)
        time = g.ask("market", "auction_time") - began * WAD
        hold(time == ticked, f"{g.now - began} s into it the clock has run {time}")
        hold(g.ask("market", "start_uplift") == uplift, f"uplift {g.now - began} s into it")
    _broken_slows_nothing(g)


def _broken_slows_nothing(g: Ground) -> None:
    """One breaks after it has slowed auctions; the removal of the other is the next sync."""
    g.send(OWNER, "first", "set_slowdown", WAD // 2, WAD // 10, g.now + 1_000)
    g.send(KEEPER, "market", "pulse")
    g.send(OWNER, "first", "set_broken", True)
    g.wait(100)
    g.send(OWNER, "market", "remove_breaker", g["second"])
    before = g.ask("market", "auction_time")
    g.wait(100)
    ticked = g.ask("market", "auction_time") - before
    hold(ticked == 100 * WAD, f"beside a broken breaker the clock runs {ticked} in 100 s")
    hold(g.ask("market", "start_uplift") == 0, "a broken breaker lifts the start")


@invariant("MARKET-14")
def interest_halted(g: Ground) -> None:
    """Before a halt, in it, and over its end, with a touch each time."""
    g.send(OWNER, "market", "set_rates", tuple(INTEREST.values()))
    lay_debt(g)
    _breakers(g, "breaker")
    for wait, bearing in ((3_600, 3_600), (2_000, 0), (4_000, 1_000)):
        before, yearly = g.ask("market", "index"), g.ask("market", "borrow_rate")
        g.wait(wait)
        after = g.ask("market", "index")
        hold(after == grown(before, yearly, bearing), f"interest of {wait} s, {bearing} open")
        g.send(OWNER, "market", "fund_reserve", 1)
        if wait == 3_600:
            g.send(OWNER, "breaker", "set_next_halt", LIQUIDATE, g.now + 5_000)
            g.send(KEEPER, "market", "pulse")
