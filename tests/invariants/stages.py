"""What the families' stages have in common: people, tokens, a market, an account that owes."""

from __future__ import annotations

from typing import Any

from sim.engines.base import Address, address_of
from sim.engines.opening import GUARDIAN, OWNER
from sim.units import MAX_UINT, to_units
from tests.helpers.ground import Ground
from tests.helpers.ledger import LIMITS, NO_INTEREST, TERMS, answer, usd
from tests.helpers.mechanisms import eth

ROLES = ("lender", "borrower", "keeper", "stranger", "module")
LENDER, BORROWER, KEEPER, STRANGER, MODULE = (address_of(role) for role in ROLES)
PEOPLE = (OWNER, LENDER, BORROWER, KEEPER, STRANGER, MODULE)
COLLATERALS = {"WETH": (18, 2_000), "WBTC": (8, 50_000), "GOLD": (6, 80)}  # decimals, price [USD]
PURSE = usd(2_000_000)


def lay_tokens(g: Ground) -> None:
    """USDC and collateral tokens with feeds that the owner may push at any time."""
    lay_token(g, "USDC", 6)
    for symbol, (decimals, price) in COLLATERALS.items():
        lay_token(g, symbol, decimals)
        first = answer(price)
        key, free = f"feed:{symbol}", {"heartbeat": 0, "deviation": 0}
        g.deploy(key, "PushFeed", feeder=OWNER, answer=first, **free)


def lay_token(g: Ground, symbol: str, decimals: int) -> None:
    """The owner mints it."""
    g.deploy(symbol, "Token", name=symbol, symbol=symbol, decimals=decimals)


def lay_market(g: Ground, **changes: int) -> None:
    """A market of all collaterals in which the lender has a million; no interest unless asked."""
    lay_tokens(g)
    values: dict[str, Any] = {**LIMITS, **NO_INTEREST, **changes}
    people = {"owner": OWNER, "guardian": GUARDIAN}
    g.deploy("market", "LendingMarket", debt_token=g["USDC"], **people, **values)
    for symbol in COLLATERALS:
        terms = (TERMS["ltv"], TERMS["liquidation_threshold"], TERMS["cap"], TERMS["max_age"])
        g.send(OWNER, "market", "add_collateral", g[symbol], g[f"feed:{symbol}"], *terms)
    for who in PEOPLE:
        fund(g, "USDC", who, PURSE, "market")
        fund(g, "WETH", who, eth(1_000), "market")
    g.send(LENDER, "market", "deposit", usd(1_000_000), LENDER)


def lay_debt(g: Ground) -> None:
    """The borrower owes 10,000 against 10 WETH at 2,000; it is unhealthy below 1,250."""
    g.send(BORROWER, "market", "supply_collateral", g["WETH"], eth(10), BORROWER)
    g.send(BORROWER, "market", "borrow", usd(10_000), BORROWER)


def fund(g: Ground, symbol: str, who: Address, amount: int, spender: str) -> None:
    """Mint a token to an account, which lets the spender move all of it."""
    g.send(OWNER, symbol, "mint", who, amount)
    g.send(who, symbol, "approve", g[spender], MAX_UINT)


def set_price(g: Ground, price: float | str, symbol: str = "WETH") -> None:
    """Push a price [USD]."""
    g.send(OWNER, f"feed:{symbol}", "push", to_units(price, 8))


def balances(g: Ground, symbol: str, *who: Address) -> list[int]:
    """Of each account, in the token's own decimals."""
    return [g.ask(symbol, "balanceOf", account) for account in who]
