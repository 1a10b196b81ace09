"""What stands before the first step: the same on every engine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True, slots=True)
class Sight:
    """What a snapshot looks at of one market."""

    deployment: Deployment
    watched: Sequence[Address]
    pair: Pair


def open_with(
    stage: Opener, library: Library, design: Design, setup: Setup
) -> tuple[Deployment, Sequence[Sight]]:
    """Deploy everything, fund, put the positions in; their tokens come on top of the funding. The
    first sight is the first market's.

    Raises InputError when a design can't be deployed as it stands, EngineError when a call fails.
    """
    terms = Terms(OWNER, GUARDIAN, setup.feeder, setup.price, setup.pool_fee)
    plan = Plan(stage, library, design, terms)
    plan.run()
    by_asset = {p.token.symbol: replace(terms, price=p.price, pool_fee=p.fee) for p in setup.pools}
    for pool in setup.pools:
        plan.open_asset(pool.token, by_asset[pool.token.symbol])
    plans = [plan]
    for market in setup.markets:
        symbol = market.design.market.collaterals[0].token.symbol
        base = next((p for p in plans if f"{p.prefix}market" == symbol), plan)
        plans.append(base.beside(market, by_asset.get(symbol, base.terms)))
        plans[-1].open_market()
    keepers = [setup.keepers, *(m.keepers for m in setup.markets)]
    watched = [setup.watched, *(m.watched for m in setup.markets)]
    for own, owners in zip(plans, keepers, strict=True):
        own.flash_keepers(owners)
    stage.fund(setup.funding)
    ids = _put_positions(stage, plans, setup)
    sizes = stage.code_sizes()
    found = [_deployment(p, setup, ids[p.pool], sizes) for p in plans]
    deployment = replace(found[0], beside=tuple(found[1:]))
    deployments = [deployment, *found[1:]]
    hosts = {p.pool: p for p in reversed(plans)}
    pairs = [hosts[p.pool].pair() for p in plans]
    return deployment, [Sight(*of) for of in zip(deployments, watched, pairs, strict=True)]


def _put_positions(
    stage: Opener, plans: Sequence[Plan], setup: Setup
) -> Mapping[str, tuple[int, ...]]:
    """The ids by the pool's key."""
    positions = {f"pool:{p.token.symbol}": p.positions for p in setup.pools}
    positions = {plans[0].pool: setup.positions, **positions}
    first = {p.pool: p for p in reversed(plans)}
    return {
        key: stage.put_positions(wanted, first[key].pair(), first[key].symbols)
        for key, wanted in positions.items()
    }


def _deployment(
    plan: Plan, setup: Setup, ids: tuple[int, ...], sizes: Mapping[str, int]
) -> Deployment:
    market = plan.design.market
    tokens = [market.debt_token, *(c.token for c in market.collaterals)]
    others = (m.design.market.collaterals[0].token for m in setup.markets)
    everywhere = [*tokens, *(p.token for p in setup.pools), *others]
    return Deployment(
        addresses=dict(plan.addresses),
        collaterals=tuple(c.token.symbol for c in market.collaterals),
        debt_token=market.debt_token.symbol,
        decimals={t.symbol: t.decimals for t in everywhere},
        position_ids=ids,
        code_sizes=sizes,
        prefix=plan.prefix,
        pool=plan.pool,
    )


def prepare_with(mine: Callable[[Sequence[Tx]], Block], transactions: Sequence[Tx]) -> None:
    """Have set-up transactions mined without bids, in as many blocks as they need.

    Raises EngineError when one fails.
    """
    for start in range(0, len(transactions), BLOCK_SIZE):
        part = [t._replace(priority_fee=0) for t in transactions[start : start + BLOCK_SIZE]]
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
