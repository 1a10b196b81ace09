"""What stands before the first step: the same on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from sim.design import Design
from sim.engines.artifacts import Library
from sim.engines.base import (
    NATIVE,
    Address,
    Block,
    Call,
    Deployment,
    Position,
    Setup,
    Tx,
    address_of,
)
from sim.engines.deploy import Deployer, Plan, Terms
from sim.engines.uniswap import Pair
from sim.errors import EngineError

OWNER = address_of("protocol/owner")
GUARDIAN = address_of("protocol/guardian")
FREE = 0  # base fee, so that nobody's money is spent before the run [wei per gas]
BLOCK_SIZE = 500  # transactions
FOREVER = 2**64 - 1  # a deadline [unix s]

Funding = Sequence[tuple[Address, str, int]]


class Opener(Deployer, Protocol):
    """A Deployer that also gives funds and mints positions."""

    def fund(self, funding: Funding) -> None:
        """Give each owner so much of a token, or of NATIVE."""
        ...

    def put_positions(
        self, positions: Sequence[Position], pair: Pair, symbols: tuple[str, str]
    ) -> tuple[int, ...]:
        """Mint each position for its owner with new tokens; what it does not take stays theirs.

        `symbols` of collateral and debt token. Returns the ids in the order of the positions.
        """
        ...

    def code_sizes(self) -> Mapping[str, int]:
        """Runtime bytes, by the name of the contract."""
        ...


def open_with(
    stage: Opener, library: Library, design: Design, setup: Setup
) -> tuple[Deployment, Pair]:
    """Deploy everything, fund, put the positions in; their tokens come on top of the funding.

    Raises InputError when the design can't be deployed as it stands, EngineError when a call fails.
    """
    terms = Terms(OWNER, GUARDIAN, setup.feeder, setup.price, setup.pool_fee)
    plan = Plan(stage, library, design, terms)
    plan.run()
    plan.flash_keepers(setup.keepers)
    stage.fund(setup.funding)
    tokens = [design.market.debt_token, *(c.token for c in design.market.collaterals)]
    debt, *collaterals = (t.symbol for t in tokens)
    pair = plan.pair()
    deployment = Deployment(
        addresses=dict(plan.addresses),
        collaterals=tuple(collaterals),
        debt_token=debt,
        decimals={t.symbol: t.decimals for t in tokens},
        position_ids=stage.put_positions(setup.positions, pair, (collaterals[0], debt)),
        code_sizes=stage.code_sizes(),
    )
    return deployment, pair


def prepare_with(mine: Callable[[Sequence[Tx]], Block], transactions: Sequence[Tx]) -> None:
    """Have set-up transactions mined without bids, in as many blocks as they need.

    Raises EngineError when one fails.
    """
    for start in range(0, len(transactions), BLOCK_SIZE):
        part = [replace(t, priority_fee=0) for t in transactions[start : start + BLOCK_SIZE]]
        for outcome in mine(part).outcomes:
            if not outcome.ok:
                tx, call = outcome.tx, outcome.tx.call
                raise EngineError(
                    f"setting the stage: {call.target}.{call.function} of {tx.role} "
                    f"{tx.sender} failed: {outcome.reason}"
                )


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
