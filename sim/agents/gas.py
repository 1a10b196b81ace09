"""Gas limits of the calls that agents make [gas].

About one and a half times what each used at most in the built-in scenarios and designs.
"""

from __future__ import annotations

from collections.abc import Iterable

from sim.design import Design
from sim.engines.base import is_share

USUAL = 0.5  # of its limit that a call uses, about the mean over sim/engines/gas.json
ADAPTED = 2  # times the limit, where the market reads its price through an adapter
LIMITS = {
    "approve": 80_000,
    "transfer": 80_000,
    "push": 120_000,
    "poke": 150_000,
    "pulse": 800_000,  # two breakers that latch at once use 609,000
    "clear": 450_000,
    "deposit": 250_000,
    "redeem": 320_000,
    "supply_collateral": 120_000,
    "withdraw_collateral": 350_000,
    "borrow": 300_000,
    "repay": 220_000,
    "exactInputSingle": 330_000,
    "mint": 700_000,
    "decreaseLiquidity": 300_000,
    "collect": 250_000,
    "start": 750_000,
    "restart": 400_000,
    "take": 600_000,
    "execute": 900_000,
}
USED = {function: int(USUAL * limit) for function, limit in LIMITS.items()}


def factor(design: Design) -> int:
    """Times its limit a call may use under this design."""
    adapted = any(
        c.feed.adapter is not None or is_share(c.token.symbol) for c in design.market.collaterals
    )
    return ADAPTED if adapted else 1


def header_limit(block_gas: int, designs: Iterable[Design]) -> int:
    """A gas limit for the chain's blocks that never decides who is in: whatever fills `block_gas`
    by usual gas has this in limits at the most."""
    return int(block_gas * max(map(factor, designs)) / USUAL)
