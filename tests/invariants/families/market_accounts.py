"""MARKET: what accounts may do, and what nobody may do to them."""

from __future__ import annotations

from sim.engines.opening import GUARDIAN, OWNER
from sim.units import BORROW, LIQUIDATE, MAX_UINT, WAD, WITHDRAW, to_wad
from tests.helpers.ground import Ground
from tests.helpers.ledger import DAY_S, TERMS, div_up, usd
from tests.helpers.mechanisms import eth
from tests.invariants.registry import hold, invariant
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    LENDER,
    MODULE,
    STRANGER,
    lay_debt,
    set_price,
)

ON_TERMS = tuple(TERMS.values())


@invariant("MARKET-6")
def smallest_debt(g: Ground) -> None:
    """A loan that is too small, and a repayment that leaves too little."""
    lay_debt(g)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), STRANGER)
    g.attempt(STRANGER, "market", "borrow", usd(100) - 1, STRANGER)
    g.attempt(BORROWER, "market", "repay", usd(9_900) + 1, BORROWER)
    for who in (STRANGER, BORROWER):
        debt = g.ask("market", "debt_of", who)
        hold(debt == 0 or debt >= usd(100), f"an account owes {debt}")
    reason = g.attempt(BORROWER, "market", "repay", MAX_UINT, BORROWER).reason
    hold(reason == "", f"a debt can't be repaid in full: {reason}")


@invariant("MARKET-16")
def borrow_limit(g: Ground) -> None:
    """One unit more than the limit, by loan and by withdrawal."""
    lay_debt(g)
    g.attempt(BORROWER, "market", "borrow", usd(5_000) + 1, BORROWER)
    _covered(g, "a loan")
    g.send(BORROWER, "market", "borrow", usd(5_000), BORROWER)
    g.attempt(BORROWER, "market", "withdraw_collateral", g["WETH"], eth("0.001"), BORROWER)
    _covered(g, "a withdrawal")


def _covered(g: Ground, after: str) -> None:
    debt, _, limit, _ = g.ask("market", "values", BORROWER)
    hold(debt <= limit, f"{debt} is owed after {after} at a limit of {limit}")


@invariant("MARKET-7")
def never_halted(g: Ground) -> None:
    """While all is halted, and again while no feed answers."""
    lay_debt(g)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(10), STRANGER)
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    for action in (BORROW, WITHDRAW, LIQUIDATE):
        g.send(OWNER, "breaker", "set_limit", action, 0)
    _all_pass(g, "a halt")
    g.send(OWNER, "market", "remove_breaker", g["breaker"])
    g.wait(2 * TERMS["max_age"])
    _all_pass(g, "a stale price")


def _all_pass(g: Ground, when: str) -> None:
    for who, function, args in (
        (LENDER, "deposit", (usd(1), LENDER)),
        (LENDER, "mint", (10**12, LENDER)),
        (BORROWER, "repay", (usd(1), BORROWER)),
        (BORROWER, "supply_collateral", (g["WETH"], 1, BORROWER)),
        (STRANGER, "withdraw_collateral", (g["WETH"], eth(1), STRANGER)),
    ):
        reason = g.attempt(who, "market", function, *args).reason
        hold(reason == "", f"{when} blocks {function}: {reason}")


@invariant("MARKET-8")
def reentry(g: Ground) -> None:
    """A collateral token calls the market while it is moved, and may make each call otherwise."""
    rogue = g.deploy("rogue", "RogueToken", market=g["market"])
    feed = g.deploy("feed:rogue", "PushFeed", feeder=OWNER, answer=1, heartbeat=0, deviation=0)
    g.send(OWNER, "market", "add_collateral", rogue, feed, *ON_TERMS)
    g.send(STRANGER, "market", "supply_collateral", rogue, eth(5), STRANGER)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), rogue)
    for inner, args in (
        ("pulse", ()),
        ("repay", (0, BORROWER)),
        ("fund_reserve", (0,)),
        ("borrow", (usd(100), STRANGER)),
        ("withdraw_collateral", (g["WETH"], eth("0.1"), STRANGER)),
    ):
        g.send(OWNER, "rogue", "set_call", g.calldata("market", inner, *args))
        with g.undone():
            g.send(STRANGER, "rogue", "transfer", STRANGER, 0)
        for outer in ("supply_collateral", "withdraw_collateral"):
            reason = g.attempt(STRANGER, "market", outer, rogue, 1, STRANGER).reason
            hold(reason != "", f"{inner} is entered while {outer} runs")


@invariant("MARKET-10")
def only_the_module(g: Ground) -> None:
    """Everybody else tries, the owner too."""
    lay_debt(g)
    for who in (OWNER, GUARDIAN, KEEPER):
        for function, args in (
            ("seize", (BORROWER, g["WETH"], 1, who)),
            ("return_collateral", (BORROWER, g["WETH"], 0)),
            ("assume_debt", (BORROWER, 1)),
            ("return_debt", (BORROWER, 0)),
            ("settle", (g["WETH"], 0, 0)),
            ("write_off", (BORROWER, 0)),
            ("pay_incentive", (who, 1)),
        ):
            reason = g.attempt(who, "market", function, *args).reason
            hold(reason == "market: only liquidation", f"{function}: {reason or 'allowed'}")


@invariant("MARKET-17")
def exit_for_all(g: Ground) -> None:
    """After a panic has passed, borrowers and then lenders leave with all that is theirs."""
    lay_debt(g)
    g.send(KEEPER, "market", "deposit", usd(123) + 4, KEEPER)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), STRANGER)
    g.send(STRANGER, "market", "borrow", usd(321) + 5, STRANGER)
    set_price(g, 600)
    g.wait(DAY_S)
    set_price(g, 1_900)
    for who in (BORROWER, STRANGER):
        held = g.ask("market", "collateral_of", who, g["WETH"])
        _leaves(g, who, "repay", MAX_UINT, who)
        _leaves(g, who, "withdraw_collateral", g["WETH"], held, who)
    for who in (LENDER, KEEPER):
        _leaves(g, who, "redeem", g.ask("market", "balanceOf", who), who, who)
    hold(g.ask("market", "totalSupply") == 0, "shares are left")


def _leaves(g: Ground, who: str, function: str, *args: object) -> None:
    reason = g.attempt(who, "market", function, *args).reason
    hold(reason == "", f"{function} of all: {reason}")


@invariant("MARKET-21")
def owner_alone(g: Ground) -> None:
    """The guardian and a stranger try all that is the owner's."""
    weth, feed = g["WETH"], g["feed:WETH"]
    for function, args in (
        ("add_collateral", (g["USDC"], feed, *ON_TERMS)),
        ("set_collateral", (weth, feed, *ON_TERMS)),
        ("ramp_threshold", (weth, to_wad("0.76"), 1)),
        ("set_liquidation", (MODULE,)),
        ("add_breaker", (MODULE,)),
        ("remove_breaker", (MODULE,)),
        ("set_limits", (0, MAX_UINT)),
        ("set_rates", ((0, to_wad("0.5"), 0, 0, 0),)),
        ("transfer_ownership", (STRANGER,)),
        ("set_guardian", (STRANGER,)),
    ):
        for who in (GUARDIAN, STRANGER):
            reason = g.attempt(who, "market", function, *args).reason
            hold(reason == "market: only owner", f"{function}: {reason or 'allowed'}")
    reason = g.attempt(STRANGER, "market", "freeze_borrowing").reason
    hold(reason == "market: only guardian", f"freeze_borrowing: {reason or 'allowed'}")
    reason = g.attempt(STRANGER, "market", "accept_ownership").reason
    hold(reason == "market: only candidate", f"accept_ownership: {reason or 'allowed'}")


@invariant("MARKET-15")
def ramp(g: Ground) -> None:
    """From 0.8 to 0.76 in 1,000 s, at several times and after the end."""
    lay_debt(g)
    start, end = TERMS["liquidation_threshold"], to_wad("0.76")
    g.send(OWNER, "market", "ramp_threshold", g["WETH"], end, 1_000)
    for wait, elapsed in ((0, 0), (1, 1), (332, 333), (666, 999), (1, 1_000), (500, 1_000)):
        g.wait(wait)
        now = end + div_up((start - end) * (1_000 - elapsed), 1_000)
        config = g.ask("market", "config", g["WETH"])
        hold(now in config, f"the terms say another threshold after {elapsed} s")
        _, worth, _, limit = g.ask("market", "values", BORROWER)
        hold(limit == worth * now // WAD, f"the limit is {limit} after {elapsed} s")
    reason = g.attempt(OWNER, "market", "ramp_threshold", g["WETH"], start, 1_000).reason
    hold(reason == "market: bad thresholds", f"a ramp upwards: {reason or 'allowed'}")
