"""TOKEN: ERC-20, of `Token` and of the market's shares."""

from __future__ import annotations

from sim.engines.opening import OWNER
from sim.units import MAX_UINT
from tests.helpers.ground import Ground
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import BORROWER, KEEPER, LENDER, PEOPLE, STRANGER


@stage(TOKEN=("Token",))
def token(g: Ground) -> None:
    g.deploy("coin", "Token", name="Coin", symbol="COIN", decimals=6)


@invariant("TOKEN-1")
def supply(g: Ground) -> None:
    """Minting, moving to another and to oneself."""
    for sender, function, args in (
        (OWNER, "mint", (LENDER, 700)),
        (OWNER, "mint", (BORROWER, 300)),
        (LENDER, "transfer", (KEEPER, 200)),
        (LENDER, "transfer", (LENDER, 500)),
        (BORROWER, "approve", (KEEPER, 100)),
        (KEEPER, "transferFrom", (BORROWER, STRANGER, 60)),
    ):
        g.send(sender, "coin", function, *args)
        held = sum(g.ask("coin", "balanceOf", who) for who in PEOPLE)
        hold(held == g.ask("coin", "totalSupply"), f"after {function} balances sum to {held}")


@invariant("TOKEN-2")
def creation(g: Ground) -> None:
    """Anyone but the minter tries."""
    for who in PEOPLE[1:]:
        reason = g.attempt(who, "coin", "mint", who, 1).reason
        hold(reason == "token: only minter", f"a mint by others: {reason or 'allowed'}")


@invariant("TOKEN-3")
def allowance(g: Ground) -> None:
    """Within an allowance, beyond it, beyond the balance, and with an endless one."""
    g.send(OWNER, "coin", "mint", LENDER, 1_000)
    g.send(LENDER, "coin", "approve", KEEPER, 100)
    g.send(KEEPER, "coin", "transferFrom", LENDER, KEEPER, 70)
    reason = g.attempt(KEEPER, "coin", "transferFrom", LENDER, KEEPER, 31).reason
    hold(reason == "erc20: insufficient allowance", "more than was approved moves")
    reason = g.attempt(STRANGER, "coin", "transferFrom", LENDER, STRANGER, 1).reason
    hold(reason == "erc20: insufficient allowance", "what nobody approved moves")
    reason = g.attempt(KEEPER, "coin", "transfer", STRANGER, 71).reason
    hold(reason == "erc20: insufficient balance", "more than the balance moves")
    g.send(LENDER, "coin", "approve", KEEPER, MAX_UINT)
    g.send(KEEPER, "coin", "transferFrom", LENDER, KEEPER, 900)
    hold(g.ask("coin", "allowance", LENDER, KEEPER) == MAX_UINT, "an endless approval ends")
