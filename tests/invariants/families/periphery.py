"""LENS and KEEPER: what looks at markets, and what takes without capital."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.units import MAX_UINT, WAD, to_wad
from tests.helpers.ground import Ground, Receipt
from tests.helpers.ledger import DAY_S, INTEREST, TERMS, usd
from tests.helpers.mechanisms import FIXED, eth
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    COLLATERALS,
    KEEPER,
    LENDER,
    STRANGER,
    balances,
    lay_debt,
    lay_market,
    set_price,
)

USURY = to_wad(9)  # a year
STOCK = usd(1_000_000)  # of the router


@stage(LENS=("Lens",), KEEPER=("FlashKeeper",))
def periphery(g: Ground) -> None:
    """A market with interest and a fixed spread, a lens, and a keeper with a router."""
    lay_market(g)
    rates = INTEREST | {"base_rate": USURY, "rate_at_kink": USURY, "rate_at_full": USURY}
    g.send(OWNER, "market", "set_rates", tuple(rates.values()))
    lay_debt(g)
    g.deploy("fixed", "FixedSpread", market=g["market"], **FIXED)
    g.send(OWNER, "market", "set_liquidation", g["fixed"])
    g.deploy("lens", "Lens")
    g.deploy("router", "ScriptedRouter")
    g.send(OWNER, "USDC", "mint", g["router"], STOCK)
    flash = {"owner": KEEPER, "router": g["router"], "pool_fee": 500}
    g.deploy("flash", "FlashKeeper", **flash)


@invariant("LENS-1")
def rows(g: Ground) -> None:
    """Debt, health and collateral of accounts with and without debt, as the market says."""
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(1), STRANGER)
    g.send(STRANGER, "market", "borrow", usd(777) + 1, STRANGER)
    g.wait(DAY_S + 1)
    set_price(g, "1777.77")
    people = [BORROWER, STRANGER, LENDER]
    for who, row in zip(people, g.ask("lens", "accounts", g["market"], people), strict=True):
        debt, health = (g.ask("market", name, who) for name in ("debt_of", "health_factor"))
        held = tuple(g.ask("market", "collateral_of", who, g[symbol]) for symbol in COLLATERALS)
        hold(row == (debt, health, held), f"a row is {row}, not {(debt, health, held)}")
    books = g.ask("lens", "market", g["market"])
    names = ("cash", "total_debt", "debt_in_sale", "reserve", "totalAssets", "totalSupply")
    for name, said in zip(names, books, strict=False):
        hold(said == g.ask("market", name), f"{name} is {said}")


@invariant("LENS-2")
def stale(g: Ground) -> None:
    """No feed has answered for long, and the module reverts."""
    g.wait(2 * TERMS["max_age"])
    g.deploy("broken", "ScriptedLiquidation")
    g.send(OWNER, "broken", "set_answer", BORROWER, (False, False, 0, 0, True))
    g.send(OWNER, "market", "set_liquidation", g["broken"])
    for view, args in (("accounts", ([BORROWER],)), ("market", ()), ("sales", ([BORROWER],))):
        reason = g.refusal("lens", view, g["market"], *args)
        hold(reason == "", f"{view} reverts: {reason}")


@invariant("LENS-3")
def sales(g: Ground) -> None:
    """A module that offers one thing to each account."""
    g.deploy("scripted", "ScriptedLiquidation")
    g.send(OWNER, "market", "set_liquidation", g["scripted"])
    offers = {
        BORROWER: (True, False, 0, 0, False),
        STRANGER: (False, True, 0, 0, False),
        LENDER: (False, False, 7, 9, False),
        KEEPER: (False, False, 0, 0, False),
    }
    for who, offer in offers.items():
        g.send(OWNER, "scripted", "set_answer", who, offer)
    found = g.ask("lens", "sales", g["market"], list(offers))
    weth = g["WETH"]
    said = {(row[0], row[2:]) for row in found if row[1] == weth}
    expected = {(0, (True, False, 0, 0)), (1, (False, True, 0, 0)), (2, (False, False, 7, 9))}
    hold(said == expected, f"of what is for sale the lens sees {said}")


def _execute(g: Ground, least: int, sender: str = KEEPER) -> Receipt:
    args = (g["fixed"], BORROWER, g["WETH"], MAX_UINT, least)
    return g.attempt(sender, "flash", "execute", *args)


def _sells_at(g: Ground, price: int) -> None:
    """The router pays so much for a WETH."""
    g.send(OWNER, "router", "set_rate", price * WAD // 10**12)


@invariant("KEEPER-1")
def profit(g: Ground) -> None:
    """A loss, a unit more than there is, and just what there is."""
    set_price(g, 1_200)
    _sells_at(g, 1_000)
    reason = _execute(g, 0).reason
    hold(reason == "keeper: unprofitable", f"a loss: {reason or 'taken'}")
    _sells_at(g, 1_190)
    with g.undone():
        gained = _execute(g, 0).only("Executed")["profit"]
    reason = _execute(g, gained + 1).reason
    hold(reason == "keeper: unprofitable", f"too small a profit: {reason or 'taken'}")
    (before,) = balances(g, "USDC", KEEPER)
    assert _execute(g, gained).reason == ""
    (after,) = balances(g, "USDC", KEEPER)
    hold(after - before == gained, f"{after - before} of {gained} comes to the owner")


@invariant("KEEPER-2")
def nothing_kept(g: Ground) -> None:
    """A take while the contract has collateral that the router does not take."""
    set_price(g, 1_200)
    _sells_at(g, 1_190)
    g.send(OWNER, "WETH", "mint", g["flash"], eth(1))
    (before,) = balances(g, "WETH", KEEPER)
    assert _execute(g, 0).reason == ""
    kept = balances(g, "USDC", g["flash"]) + balances(g, "WETH", g["flash"])
    hold(kept == [0, 0], f"the keeper's contract keeps {kept}")
    (after,) = balances(g, "WETH", KEEPER)
    hold(after - before == eth(1), f"{after - before} of what was unsold comes to the owner")


@invariant("KEEPER-3")
def strangers(g: Ground) -> None:
    """Executing, and calling back while nothing is taken, or not as the one that is taken from."""
    set_price(g, 1_200)
    _sells_at(g, 1_190)
    reason = _execute(g, 0, STRANGER).reason
    hold(reason == "keeper: only owner", f"a stranger executes: {reason or 'allowed'}")
    for who in (STRANGER, KEEPER):
        reason = g.attempt(who, "flash", "on_take", BORROWER, g["WETH"], 0, 0, "0x").reason
        hold(reason == "keeper: unexpected callback", f"a callback: {reason or 'allowed'}")
    g.deploy("caller", "CallingRouter")
    g.deploy("flash", "FlashKeeper", owner=KEEPER, router=g["caller"], pool_fee=500)
    reason = _execute(g, 0).reason
    hold(reason == "keeper: unexpected callback", f"the router calls back: {reason or 'allowed'}")
