"""AUCTION: sales by descending price."""

from __future__ import annotations

from sim.engines.opening import GUARDIAN, OWNER
from sim.units import LIQUIDATE, MAX_UINT, WAD, to_wad
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import div_up, usd
from tests.helpers.mechanisms import AUCTION, eth
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

STEP_S = 90
CUT = 99 * 10**25  # of the price by each step [RAY]
DEBT, LOT = usd(10_000), eth(10)


@stage(AUCTION=("DutchAuction",))
def auction(g: Ground) -> None:
    """The market's module; the borrower owes 10,000 against 10 WETH."""
    lay_market(g)
    lay_debt(g)
    g.deploy("curve", "StairstepCurve", step=STEP_S, cut=CUT)
    g.deploy("auction", "DutchAuction", market=g["market"], curve=g["curve"], **AUCTION)
    g.send(OWNER, "market", "set_liquidation", g["auction"])
    g.send(OWNER, "market", "fund_reserve", usd(1_000))
    fund(g, "USDC", KEEPER, 0, "auction")


def _start(g: Ground, price: int = 1_200) -> Receipt:
    set_price(g, price)
    return g.send(KEEPER, "auction", "start", BORROWER, g["WETH"])


def _take(g: Ground, most: int = MAX_UINT, least: int = 0) -> Receipt:
    return g.attempt(KEEPER, "auction", "take", BORROWER, g["WETH"], most, least, KEEPER, "0x")


def _quote(g: Ground, most: int = MAX_UINT) -> tuple[int, int]:
    pay, received = g.ask("auction", "quote", BORROWER, g["WETH"], most)
    return pay, received


def _sale(g: Ground) -> tuple[int, int, int]:
    """Debt, target and lot that are left in the sale."""
    debt, target, lot, *_ = g.ask("auction", "sale", BORROWER, g["WETH"])
    return debt, target, lot


def _price(g: Ground) -> int:
    price: int = g.ask("auction", "price", BORROWER, g["WETH"])
    return price


@invariant("AUCTION-1")
def conservation(g: Ground) -> None:
    """A sale that raises its target, and one that sells its lot, both in three takes."""
    for fallen, offers in ((1_200, (2_000, 3_000)), (700, (2_000, 1_000))):
        with g.undone():
            _start(g, fallen)
            g.wait(5 * STEP_S)
            receipts = [_take(g, usd(offer)) for offer in offers] + [_take(g)]
            taken = [r.only("Taken") for r in receipts]
            ended = receipts[-1].only("SaleEnded")
            paid = sum(t["paid"] - t["fee"] for t in taken)
            found = paid + ended["written_off"] + ended["debt_returned"]
            hold(found == DEBT, f"of {DEBT} {found} is paid, lost or returned")
            found = sum(t["received"] for t in taken) + ended["returned"]
            hold(found == LOT, f"of {LOT} {found} is sold or returned")
            hold(g.ask("market", "debt_in_sale") == 0, "debt is left in sale")
            back = g.ask("market", "collateral_of", BORROWER, g["WETH"])
            hold(back == ended["returned"], f"{back} comes back")


@invariant("AUCTION-2")
def falling(g: Ground) -> None:
    """Over the whole of a sale, with takes and moves of the feed on the way."""
    _start(g)
    last = MAX_UINT
    for second in range(0, AUCTION["tail"], 601):
        set_price(g, 1_150 + second % 100)
        for _ in range(2):
            price = _price(g)
            hold(price <= last, f"the price rises from {last} to {price} after {second} s")
            last = price
            _take(g, usd(150))
        g.wait(601)


@invariant("AUCTION-3")
def quotes(g: Ground) -> None:
    """What the taker's purse loses and gains, against the quote and its own limits."""
    _start(g)
    g.wait(300)
    for most in (usd(1_000) + 1, usd(3_000), MAX_UINT):
        pay, received = _quote(g, most)
        reason = _take(g, most, received + 1).reason
        hold(reason == "auction: too little", f"less than the least: {reason or 'sold'}")
        before = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
        assert _take(g, most).reason == ""
        usdc, weth = balances(g, "USDC", KEEPER) + balances(g, "WETH", KEEPER)
        moved = before[0] - usdc, weth - before[1]
        hold(moved == (pay, received), f"{(pay, received)} is quoted, {moved} moves")
        hold(pay <= most, f"{pay} is taken of {most}")


@invariant("AUCTION-4")
def nothing_kept(g: Ground) -> None:
    """After a start, a take, and the end."""
    _start(g)
    _holds_lot(g, "a start")
    _take(g, usd(2_000))
    _holds_lot(g, "a take")
    _take(g)
    _holds_lot(g, "the end")


def _holds_lot(g: Ground, after: str) -> None:
    usdc, weth = balances(g, "USDC", g["auction"]) + balances(g, "WETH", g["auction"])
    hold(usdc == 0, f"{usdc} of the debt token stays after {after}")
    lot = _sale(g)[2]
    hold(weth == lot, f"{weth} is held for a lot of {lot} after {after}")


@invariant("AUCTION-5")
def open_debt(g: Ground) -> None:
    """Two sales, a take from one of them, its end, and a cancelled one."""
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), STRANGER)
    g.send(STRANGER, "market", "borrow", usd(1_200), STRANGER)
    _start(g)
    g.send(KEEPER, "auction", "start", STRANGER, g["WETH"])
    _sums_up(g, "two starts")
    _take(g, usd(2_000))
    _sums_up(g, "a take")
    _take(g)
    _sums_up(g, "an end")
    g.send(OWNER, "auction", "cancel", STRANGER, g["WETH"])
    _sums_up(g, "a cancel")


def _sums_up(g: Ground, after: str) -> None:
    sales = (g.ask("auction", "sale", who, g["WETH"]) for who in (BORROWER, STRANGER))
    debt = sum(sale[0] for sale in sales)
    sums = g.ask("auction", "debt_in_auction"), g.ask("auction", "debt_in_auction_of", g["WETH"])
    hold(sums == (debt, debt), f"{debt} is in auction after {after}, the sums are {sums}")


@invariant("AUCTION-6")
def halted_clock(g: Ground) -> None:
    """The same sale with a halt in its middle and without one."""
    _start(g)
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    g.wait(1_000)
    with g.undone():
        g.wait(500)
        undisturbed = _price(g)
    g.send(OWNER, "breaker", "set_next_halt", LIQUIDATE, g.now + 2_345)
    before = _price(g)
    g.send(KEEPER, "market", "pulse")
    g.wait(2_000)
    hold(_price(g) == before, "the price moves in a halt")
    g.wait(345 + 500)
    hold(_price(g) == undisturbed, "a halt changes the price after it")


@invariant("AUCTION-7")
def leftovers(g: Ground) -> None:
    """Offers that would leave next to nothing, of the target and of the lot."""
    for fallen, waited in ((1_200, 0), (900, 2_000)):
        with g.undone():
            _start(g, fallen)
            g.wait(waited)
            price = _price(g)
            for most in (usd(100), usd(7_300), usd(10_700)):
                with g.undone():
                    _take(g, most)
                    _, target, lot = _sale(g)
                least = min(target, div_up(lot * price, 10**30))
                hold(least == 0 or least >= AUCTION["min_sale"], f"{target} and {lot} are left")


@invariant("AUCTION-8")
def healthy(g: Ground) -> None:
    """At a health factor of 2 and of 1."""
    for price in (2_500, 1_250):
        set_price(g, price)
        reason = g.attempt(KEEPER, "auction", "start", BORROWER, g["WETH"]).reason
        hold(reason == "auction: healthy", f"at {price}: {reason or 'started'}")


@invariant("AUCTION-9")
def breakers(g: Ground) -> None:
    """Starting, taking and restarting in a halt; a take through a throttle."""
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    _start(g)
    g.send(OWNER, "breaker", "set_limit", LIQUIDATE, usd(600))
    pay = _quote(g)[0]
    hold(pay <= usd(600), f"{pay} is offered through a throttle of 600")
    g.send(OWNER, "breaker", "set_limit", LIQUIDATE, 0)
    _halted(g, "take", MAX_UINT, 0, KEEPER, "0x")
    g.wait(AUCTION["tail"] + 1)
    _halted(g, "restart")
    g.send(OWNER, "auction", "cancel", BORROWER, g["WETH"])
    _halted(g, "start")


def _halted(g: Ground, function: str, *args: object) -> None:
    reason = g.attempt(KEEPER, "auction", function, BORROWER, g["WETH"], *args).reason
    hold(reason == "auction: halted", f"{function} in a halt: {reason or 'allowed'}")


@invariant("AUCTION-10")
def stale(g: Ground) -> None:
    """At the end of the tail and a second after it."""
    _start(g)
    g.wait(AUCTION["tail"])
    reason = g.attempt(KEEPER, "auction", "restart", BORROWER, g["WETH"]).reason
    hold(reason == "auction: not stale", f"a restart before the end: {reason or 'allowed'}")
    g.wait(1)
    hold(_quote(g) == (0, 0), "a stale sale offers something")
    hold(_take(g).reason == "auction: needs restart", "a stale sale sells")
    g.send(KEEPER, "auction", "restart", BORROWER, g["WETH"])
    top = 1_200 * AUCTION["buffer"]
    hold(_price(g) == top, f"it starts again at {_price(g)}, not at {top}")
    hold(_take(g).reason == "", "it does not sell after a restart")


@invariant("AUCTION-11")
def caps(g: Ground) -> None:
    """A debt above what a cap leaves room for, in all or of the collateral, and one more."""
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), STRANGER)
    g.send(STRANGER, "market", "borrow", usd(1_200), STRANGER)
    set_price(g, 1_200)
    most = usd(4_000)
    for cap in ({"cap": most}, {"collateral_cap": [most] * 3}):
        with g.undone():
            values = AUCTION | {"market": g["market"], "curve": g["curve"]} | cap
            g.deploy("small", "DutchAuction", **values)
            g.send(OWNER, "market", "set_liquidation", g["small"])
            for who in (BORROWER, STRANGER):
                g.attempt(KEEPER, "small", "start", who, g["WETH"])
                debt = g.ask("small", "debt_in_auction")
                hold(debt < most + AUCTION["min_sale"], f"{debt} is in auction by {cap}")


@invariant("AUCTION-12")
def stops(g: Ground) -> None:
    """Each level, by whom it may be set."""
    _start(g)
    reason = g.attempt(STRANGER, "auction", "set_stopped", 1).reason
    hold(reason == "auction: only guardian", f"a stranger stops: {reason or 'allowed'}")
    g.send(GUARDIAN, "auction", "set_stopped", 3)
    hold(_take(g).reason == "auction: taking is stopped", "a stopped auction sells")
    reason = g.attempt(GUARDIAN, "auction", "set_stopped", 0).reason
    hold(reason == "auction: only guardian", f"the guardian opens: {reason or 'allowed'}")
    g.send(OWNER, "auction", "set_stopped", 0)
    reason = g.attempt(GUARDIAN, "auction", "cancel", BORROWER, g["WETH"]).reason
    hold(reason == "auction: only owner", f"the guardian cancels: {reason or 'allowed'}")


@invariant("AUCTION-13")
def slowed(g: Ground) -> None:
    """A sale that starts while auctions are slowed to a quarter of their pace."""
    g.deploy("breaker", "ScriptedBreaker")
    g.send(OWNER, "market", "add_breaker", g["breaker"])
    g.send(OWNER, "breaker", "set_slowdown", WAD // 4, to_wad("0.05"), g.now + 5_000)
    g.send(KEEPER, "market", "pulse")
    _start(g)
    top = 1_200 * AUCTION["buffer"] * 105 // 100
    hold(_price(g) == top, f"it starts at {_price(g)}, not at {top}")
    for wait, steps in ((359, 0), (1, 1), (4_640 - 1, 13), (1 + 20, 14)):
        g.wait(wait)
        expected = g.ask("curve", "price", top, steps * STEP_S)
        hold(_price(g) == expected, f"{steps} steps: {_price(g)}, not {expected}")
