"""FLOW, COMPOSITE, DEVIATION: what the breakers measure that watch more than a price."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.units import BORROW, LIQUIDATE, MAX_UINT, WITHDRAW
from tests.helpers.ground import Ground
from tests.helpers.ledger import TERMS, answer, usd
from tests.helpers.mechanisms import COMPOSITE, DEVIATION, FLOW, eth
from tests.invariants.pools import add_liquidity, lay_pool
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import (
    BORROWER,
    KEEPER,
    LENDER,
    MODULE,
    STRANGER,
    lay_debt,
    lay_market,
)

KINDS = {"flow": "FlowBreaker", "composite": "CompositeBreaker", "deviation": "DeviationBreaker"}


@stage(FLOW=("FlowBreaker",), COMPOSITE=("CompositeBreaker",), DEVIATION=("DeviationBreaker",))
def measures(g: Ground) -> None:
    """All on one market at 2,000, not yet installed; an account stands in for the module."""
    lay_market(g)
    lay_debt(g)
    g.send(OWNER, "market", "set_liquidation", MODULE)
    for key in ("feed:WETH", "other"):
        g.deploy(key, "ScriptedFeed", answer=answer(2_000))
    g.send(OWNER, "market", "set_collateral", g["WETH"], g["feed:WETH"], *TERMS.values())
    lay_pool(g, eth(100))
    market, watched = {"market": g["market"]}, {"collateral": g["WETH"]}
    g.deploy("flow", KINDS["flow"], **market, **FLOW)
    values = watched | {"pool": g["pool"]} | COMPOSITE
    g.deploy("composite", KINDS["composite"], **market, **values)
    values = watched | {"other": g["other"]} | DEVIATION
    g.deploy("deviation", KINDS["deviation"], **market, **values)
    g.send(STRANGER, "market", "supply_collateral", g["WETH"], eth(500), STRANGER)


def _install(g: Ground, key: str) -> None:
    g.send(OWNER, "market", "add_breaker", g[key])


def _tell(g: Ground, price: float, key: str = "feed:WETH", wait: int = 12) -> None:
    """A new round of a feed some time later, and a pulse."""
    g.wait(wait)
    g.send(OWNER, key, "set_round", answer(price), g.now)
    g.send(KEEPER, "market", "pulse")


def _liquidate(g: Ground, amount: int) -> None:
    """The module sells WETH for so much debt [debt token]."""
    g.send(MODULE, "market", "assume_debt", BORROWER, amount)
    g.send(MODULE, "market", "settle", g["WETH"], amount, 0)


def _moves(g: Ground, function: str, amount: int) -> None:
    """The stranger borrows or repays, and the breakers see it in the next two blocks."""
    g.send(STRANGER, "market", function, amount, STRANGER)
    _pulses(g)


def _pulses(g: Ground) -> None:
    """In the next two blocks."""
    for _ in range(2):
        g.wait(12)
        g.send(KEEPER, "market", "pulse")


@invariant("FLOW-1")
def always(g: Ground) -> None:
    """Withdrawals and sales while no tier is latched."""
    _install(g, "flow")
    for action, throttled in zip((BORROW, WITHDRAW, LIQUIDATE), FLOW["always"], strict=True):
        passing = g.ask("flow", "gate", action, g["WETH"], MAX_UINT)
        most = FLOW["throttle_capacity"] if throttled else MAX_UINT
        hold(passing == most, f"{passing} of action {action} passes, not {most}")
    g.attempt(LENDER, "market", "withdraw", FLOW["throttle_capacity"], LENDER, LENDER)
    g.wait(30)
    left = g.ask("flow", "gate", WITHDRAW, g["USDC"], MAX_UINT)
    hold(left == 30 * FLOW["throttle_refill"], f"{left} passes 30 s after all has passed")


@invariant("FLOW-2")
def net_flow(g: Ground) -> None:
    """The same money out and in again, then out for good."""
    _install(g, "flow")
    for function in ("borrow", "repay") * 4:
        _moves(g, function, usd(60_000))
        hold(g.ask("flow", "tier") == 0, "money that comes back latches a tier")
    _moves(g, "borrow", usd(130_000))
    hold(g.ask("flow", "tier") == 1, f"tier {g.ask('flow', 'tier')} at an eighth of the money")


@invariant("FLOW-3")
def forgiven(g: Ground) -> None:
    """A flow that stays above the level beyond the end of its tier and the rest."""
    _install(g, "flow")
    _moves(g, "borrow", usd(190_000))
    tier, end = g.ask("flow", "tier"), g.ask("flow", "ends_at")
    hold(tier == 2, f"tier {tier} at a fifth of the money")
    g.wait(end - g.now)
    g.send(KEEPER, "market", "pulse")
    g.wait(FLOW["rest"])
    g.send(KEEPER, "market", "pulse")
    hold(g.ask("flow", "ends_at") == end, "a flow latches twice")
    _moves(g, "repay", usd(190_000))
    refused = g.attempt(STRANGER, "market", "borrow", usd(190_000), STRANGER).reason
    _pulses(g)
    seen = refused or g.ask("flow", "ends_at") > end
    hold(bool(seen), "money that came back leaves again unseen")


@invariant("COMPOSITE-1")
def product(g: Ground) -> None:
    """Sales without a fall, a fall without sales, both in a deep pool, and both in a thin one."""
    _install(g, "composite")
    for sold, price, deeper, tier in (
        (usd(9_000), 1_998, 0, 0),
        (0, 1_900, 0, 0),
        (usd(9_000), 1_900, eth(900), 0),
        (usd(9_000), 1_900, 0, 1),
    ):
        with g.undone():
            if deeper:
                add_liquidity(g, deeper)
                g.wait(COMPOSITE["window"])
            if sold:
                _liquidate(g, sold)
            _tell(g, price)
            found = g.ask("composite", "tier")
            hold(found == tier, f"{sold} sold at {price}, depth + {deeper}: tier {found}")


@invariant("COMPOSITE-2")
def fading(g: Ground) -> None:
    """What was sold, one half-life later."""
    _install(g, "composite")
    _liquidate(g, usd(8_000))
    _tell(g, 1_990, wait=COMPOSITE["flow_half_life"])
    flow = g.ask("composite", "flow")
    hold(abs(flow - usd(4_000)) <= 2, f"after a half-life 8,000 count as {flow}")


@invariant("COMPOSITE-3")
def standing(g: Ground) -> None:
    """Sales after the price has fallen, and no new price."""
    _install(g, "composite")
    _tell(g, 1_900)
    assert g.ask("composite", "tier") == 0
    _liquidate(g, usd(9_000))
    g.wait(12)
    g.send(KEEPER, "market", "pulse")
    hold(g.ask("composite", "tier") > 0, "sales at a standing price latch nothing")


@invariant("DEVIATION-1")
def disagreement(g: Ground) -> None:
    """The other feed below and above, within the level and beyond it."""
    _install(g, "deviation")
    for price, tier in ((1_945, 0), (2_055, 0), (1_935, 1), (2_065, 1), (1_870, 2), (1_700, 3)):
        with g.undone():
            _tell(g, price, "other")
            found = g.ask("deviation", "tier")
            hold(found == tier, f"tier {found} while the other feed says {price}")


@invariant("DEVIATION-2")
def stale_other(g: Ground) -> None:
    """The other feed is far off, but as old as the market would not take it."""
    _install(g, "deviation")
    g.send(OWNER, "other", "set_round", answer(1_000), g.now)
    g.wait(TERMS["max_age"])
    _tell(g, 2_000, wait=1)
    hold(g.ask("deviation", "tier") == 0, "a stale feed puts the price in doubt")


@invariant("DEVIATION-3")
def upcoming(g: Ground) -> None:
    """The next price of a delayed feed, higher, a little lower, and lower."""
    _install(g, "deviation")
    g.deploy("delayed", "DelayedFeed", source=g["feed:WETH"], hop=60)
    g.send(OWNER, "market", "set_collateral", g["WETH"], g["delayed"], *TERMS.values())
    for price, tier in ((2_200, 0), (1_950, 0), (1_900, 1)):
        with g.undone():
            g.wait(60)
            g.send(OWNER, "feed:WETH", "set_round", answer(price), g.now)
            g.send(KEEPER, "delayed", "poke")
            g.send(KEEPER, "market", "pulse")
            found = g.ask("deviation", "tier")
            hold(found == tier, f"tier {found} before a price of {price}")
