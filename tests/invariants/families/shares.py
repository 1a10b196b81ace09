"""SHARE: the feed of what a lending market's share is worth."""

from __future__ import annotations

from sim.engines.opening import OWNER
from tests.helpers.ground import Ground
from tests.helpers.ledger import usd
from tests.invariants.registry import hold, invariant, stage
from tests.invariants.stages import BORROWER, LENDER, MODULE, balances, lay_debt, lay_market

SHARE = 10**12  # a whole one of USDC's market


@stage(SHARE=("ShareFeed",))
def shares(g: Ground) -> None:
    """A million lent, of which 10,000 are owed."""
    lay_market(g)
    g.send(OWNER, "market", "set_liquidation", MODULE)
    lay_debt(g)
    g.deploy("share", "ShareFeed", vault=g["market"])


@invariant("SHARE-1")
def worth(g: Ground) -> None:
    """Before and after lenders bear a loss: what the feed says is what a share brings."""
    for loss in (0, usd(4_000), usd(6_000)):
        if loss:
            g.send(MODULE, "market", "assume_debt", BORROWER, loss)
            g.send(MODULE, "market", "write_off", BORROWER, loss)
        _, said, _, updated_at, _ = g.ask("share", "latestRoundData")
        (before,) = balances(g, "USDC", LENDER)
        g.send(LENDER, "market", "redeem", SHARE, LENDER, LENDER)
        (after,) = balances(g, "USDC", LENDER)
        brought = (after - before) * 100  # [10**-8]
        hold(said == brought, f"a share brings {brought}, the feed says {said}")
        hold(updated_at == g.now, f"it is of {updated_at}, the block of {g.now}")
