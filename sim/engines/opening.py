"""What stands before the first step besides the design, as calls: the same on every engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.engines.base import NATIVE, Address, Call, Position, address_of
from sim.engines.uniswap import Pair

OWNER = address_of("protocol/owner")
GUARDIAN = address_of("protocol/guardian")
FREE = 0  # base fee, so that nobody's money is spent before the run [wei per gas]
BLOCK_SIZE = 500  # transactions
FOREVER = 2**64 - 1  # a deadline [unix s]

Funding = Sequence[tuple[Address, str, int]]


def coins(funding: Funding) -> dict[Address, int]:
    """How much of the chain's own coin each owner gets [wei]."""
    given: dict[Address, int] = {}
    for owner, symbol, amount in funding:
        if symbol == NATIVE:
            given[owner] = given.get(owner, 0) + amount
    return given


def mints(funding: Funding) -> Iterator[Call]:
    """The owner's calls that give everybody their tokens."""
    for owner, symbol, amount in funding:
        if symbol != NATIVE:
            yield Call(symbol, "mint", (owner, amount))


def deposits(
    owner: Address, positions: Sequence[Position], pair: Pair, symbols: tuple[str, str]
) -> Iterator[tuple[Address, Call]]:
    """Senders and calls that put the positions into the pool with tokens that `owner` mints.

    `symbols` of collateral and debt token. What a position does not take stays its provider's.
    """
    for p in positions:
        amounts = (p.collateral, p.debt_token)
        for symbol, amount in zip(symbols, amounts, strict=True):
            yield owner, Call(symbol, "mint", (p.owner, amount))
            yield p.owner, Call(symbol, "approve", ("<positions>", amount))
        ticks = pair.ticks(p.lower_price, p.upper_price)
        wish = (*pair.tokens, pair.fee, *ticks, *pair.ordered(*amounts), 0, 0, p.owner, FOREVER)
        yield p.owner, Call("positions", "mint", (wish,))
