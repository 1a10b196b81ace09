"""ENGLISH: sales by rising bids."""

from __future__ import annotations

from sim.engines.base import Address
from sim.engines.opening import OWNER
from sim.units import LIQUIDATE, MAX_UINT, WAD
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import usd
from tests.helpers.mechanisms import ENGLISH, ENGLISH_LADDER, eth
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    STRANGER,
    balances,
    fund,
    lay_debt,
    lay_market,
    set_price,
)

DEBT, LOT = usd(10_000), eth(10)
BIDDERS = (KEEPER, STRANGER)


@stage(ENGLISH=("EnglishAuction",))
def english(g: Ground) -> None:
    """The market's module; the borrower owes 10,000 against 10 WETH."""
    lay_market(g)
    lay_debt(g)
    g.deploy("english", "EnglishAuction", market=g["market"], **ENGLISH)
    g.send(OWNER, "market", "set_liquidation", g["english"])
    g.send(OWNER, "market", "fund_reserve", usd(1_000))
    for bidder in BIDDERS:
        fund(g, "USDC", bidder, 0, "english")


def _start(g: Ground) -> None:
    set_price(g, 1_200)
    g.send(KEEPER, "english", "start", BORROWER, g["WETH"])


def _bid(g: Ground, bidder: Address, most: int = MAX_UINT, least: int = 0) -> Receipt:
    return g.attempt(bidder, "english", "take", BORROWER, g["WETH"], most, least, bidder, "0x")


def _end(g: Ground) -> Receipt:
    g.wait(ENGLISH["bid_life"])
    return g.send(KEEPER, "english", "restart", BORROWER, g["WETH"])


def _quote(g: Ground) -> tuple[int, int]:
    pay, lot = g.ask("english", "quote", BORROWER, g["WETH"], MAX_UINT)
    return pay, lot


def _bid_up(g: Ground, bids: int) -> None:
    """So many bids in turn, the keeper first."""
    for i in range(bids):
        assert _bid(g, BIDDERS[i % 2]).reason == ""


@invariant("ENGLISH-1")
def paid(g: Ground) -> None:
    """From the first bid to the last, and two for a smaller lot."""
    _start(g)
    purses, cash = balances(g, "USDC", *BIDDERS), g.ask("market", "cash")
    for i in range(len(ENGLISH_LADDER) + 2):
        _bid(g, BIDDERS[i % 2])
        highest = g.ask("english", "sale", BORROWER, g["WETH"])[4]
        spent = sum(purses) - sum(balances(g, "USDC", *BIDDERS))
        hold(spent == highest, f"bidders have paid {spent} of {highest}")
        gained = g.ask("market", "cash") - cash
        hold(gained == highest, f"the market has {gained} of {highest}")
        left = g.ask("market", "debt_in_sale")
        hold(left == max(DEBT - highest, 0), f"a bid of {highest} leaves {left} of debt in sale")


@invariant("ENGLISH-2")
def raises(g: Ground) -> None:
    """Each bid against the one before, over the target and on to smaller lots."""
    _start(g)
    _bid_up(g, 1)
    steps = len(ENGLISH_LADDER) + 2
    pay, lot = ENGLISH_LADDER[0], LOT
    for i in range(1, steps):
        more, less = _quote(g)
        if more == pay:
            enough = less * (WAD + ENGLISH["raise_by"]) <= lot * WAD
            hold(enough and less > 0, f"a bid for {less} stands against one for {lot}")
        elif more < ENGLISH_LADDER[-1]:
            enough = more >= pay + max(ENGLISH["least_raise"], pay * ENGLISH["raise_by"] // WAD)
            hold(enough and less == lot, f"a bid of {more} stands against one of {pay}")
        assert _bid(g, BIDDERS[i % 2]).reason == ""
        pay, lot = more, less


@invariant("ENGLISH-3")
def lots(g: Ground) -> None:
    """While bids rise, and after a lot was won in part."""
    _start(g)
    _holds(g, LOT, "a start")
    _bid_up(g, len(ENGLISH_LADDER) + 1)
    _holds(g, LOT, "bids")
    _end(g)
    _holds(g, 0, "the end")


def _holds(g: Ground, lot: int, after: str) -> None:
    kept = balances(g, "USDC", g["english"]) + balances(g, "WETH", g["english"])
    hold(kept == [0, lot], f"{kept} is held after {after}")


@invariant("ENGLISH-4")
def deadlines(g: Ground) -> None:
    """A second before a bid has won, and then; and the end of a sale's length."""
    _start(g)
    _bid(g, KEEPER)
    g.wait(ENGLISH["bid_life"] - 1)
    reason = g.attempt(KEEPER, "english", "restart", BORROWER, g["WETH"]).reason
    hold(reason == "english: still open", f"a bid wins too early: {reason}")
    with g.undone():
        g.wait(1)
        reason = _bid(g, STRANGER).reason
        hold(reason == "english: too late", f"a bid against one that has won: {reason or 'taken'}")
        g.send(KEEPER, "english", "restart", BORROWER, g["WETH"])
    for i in range(1, ENGLISH["length"] // ENGLISH["bid_life"]):
        assert _bid(g, BIDDERS[i % 2]).reason == ""
        g.wait(ENGLISH["bid_life"] - 1)
    g.wait(ENGLISH["length"])
    reason = _bid(g, STRANGER).reason
    hold(reason == "english: too late", f"a bid after the length: {reason or 'taken'}")


@invariant("ENGLISH-5")
def conservation(g: Ground) -> None:
    """A sale that is won for next to nothing, one for a part, and one for the target."""
    for bids in (1, 5, len(ENGLISH_LADDER)):
        with g.undone():
            _start(g)
            _bid_up(g, bids)
            receipt = _end(g)
            taken, ended = receipt.only("Taken"), receipt.only("SaleEnded")
            found = taken["paid"] - taken["fee"] + ended["written_off"] + ended["debt_returned"]
            hold(found == DEBT, f"of {DEBT} {found} is paid, lost or returned")


@invariant("ENGLISH-6")
def healthy(g: Ground) -> None:
    """At a health factor of 2 and of 1."""
    for price in (2_500, 1_250):
        set_price(g, price)
        reason = g.attempt(KEEPER, "english", "start", BORROWER, g["WETH"]).reason
        hold(reason == "english: healthy", f"at {price}: {reason or 'started'}")


@invariant("ENGLISH-7")
def limits(g: Ground) -> None:
    """The least bid is above what the bidder would pay, or wins less than it wants."""
    _start(g)
    _bid_up(g, 3)
    pay, lot = _quote(g)
    before = balances(g, "USDC", STRANGER)
    reason = _bid(g, STRANGER, pay - 1).reason
    hold(reason == "english: bid too low", f"a bid above its limit: {reason or 'taken'}")
    reason = _bid(g, STRANGER, pay, lot + 1).reason
    hold(reason == "english: too little", f"a bid for less than its least: {reason or 'taken'}")
    hold(balances(g, "USDC", STRANGER) == before, "a refused bid is paid")


@invariant("ENGLISH-8")
def breakers(g: Ground) -> None:
    """Starting and bidding in a halt; a raise above a throttle."""
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    g.send(OWNER, "breaker", "set_limit", LIQUIDATE, 0)
    set_price(g, 1_200)
    reason = g.attempt(KEEPER, "english", "start", BORROWER, g["WETH"]).reason
    hold(reason == "english: halted", f"a start in a halt: {reason or 'allowed'}")
    g.send(OWNER, "breaker", "set_limit", LIQUIDATE, usd(900))
    _start(g)
    _bid_up(g, 1)
    reason = _bid(g, STRANGER).reason
    hold(reason == "english: bid too low", f"a raise above a throttle: {reason or 'taken'}")
