"""Small worlds for tests of agents and of the loop: no chain, numbers to be checked by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.agents.base import Facts, News, Result, View
from sim.design import Design, load_design
from sim.engines.base import (
    NATIVE,
    Address,
    Block,
    Call,
    Deployment,
    Event,
    FeedState,
    MarketState,
    Outcome,
    PoolState,
    Sale,
    Setup,
    Snapshot,
    Tx,
    address_of,
)
from sim.markets.depth import PoolDepth, Range
from sim.markets.impact import Quote
from sim.units import FEED, GWEI, MAX_UINT, WAD
from sim.world.block_space import BlockSpace

USDC, WETH = 10**6, 10**18
START = 1_700_000_000  # [unix s]
SPACING_S = 60
PRICE = 2000.0
FEE = 0.003
IMPACT, HALF_SPREAD = 0.0012, 0.0006  # of the venue

DEPLOYMENT = Deployment(
    addresses={
        key: address_of(f"contract/{key}")
        for key in ("market", "liquidation", "pool", "router", "positions", "USDC", "WETH")
    },
    collaterals=("WETH",),
    debt_token="USDC",
    decimals={"USDC": 6, "WETH": 18},
    position_ids=(1, 2),
)


def facts(design: Design | None = None) -> Facts:
    return Facts(
        design=design or load_design("fixed"),
        deployment=DEPLOYMENT,
        collateral="WETH",
        debt="USDC",
        collateral_unit=1e18,
        debt_unit=1e6,
        pool_fee=3000,
        spacing_s=SPACING_S,
    )


def depth(price: float = PRICE, usd: float = 2e6, width: float = 0.5) -> PoolDepth:
    """One position of about `usd` in price +- width."""
    root, unit = np.sqrt(price * 1e-12), 1e-12
    low, high = np.sqrt(price * (1 - width) * unit), np.sqrt(price * (1 + width) * unit)
    liquidity = usd * 1e6 / (root - low + (1 / root - 1 / high) * price * unit)
    return PoolDepth([Range(float(low), float(high), float(liquidity))], float(root), FEE, unit)


def quote(price: float = PRICE) -> Quote:
    return Quote(price, HALF_SPREAD, "linear", IMPACT)


def market(**changes: Any) -> MarketState:
    """A market with ten million supplied and seven and a half lent."""
    state: dict[str, Any] = {
        "cash": 2_500_000 * USDC,
        "total_debt": 7_500_000 * USDC,
        "debt_in_sale": 0,
        "reserve": 0,
        "total_assets": 10_000_000 * USDC,
        "total_shares": 10_000_000 * 10**12,
        "halted_until": (0, 0, 0),
        "halted_seconds": 0,
        "allowed": (MAX_UINT, MAX_UINT, MAX_UINT),
    }
    return MarketState(**{**state, **changes})


def snapshot(
    debt: Sequence[float] = (),
    health: Sequence[float] = (),
    collateral: Sequence[float] = (),
    sales: Sequence[Sale] = (),
    oracle: float = PRICE,
    updated_at: int = START,
    pool: float = PRICE,
    due: Sequence[str] = (),
    **changes: Any,
) -> Snapshot:
    """Debts in USD, collateral in whole tokens."""
    feeds = {"WETH": FeedState(int(oracle * FEED), updated_at)}
    return Snapshot(
        number=1,
        timestamp=START,
        market=market(**changes),
        feeds=feeds,
        pushed=feeds,
        due=due,
        pool=PoolState(int(np.sqrt(pool * 1e-12) * 2**96), -200_000, 10**18, pool, True),
        debt=[int(d * USDC) for d in debt],
        collateral={"WETH": [int(c * WETH) for c in collateral]},
        health=[int(h * WAD) for h in health],
        sales=list(sales),
    )


class Wallets:
    """Balances by (holder, token)."""

    def __init__(
        self,
        chain: Mapping[tuple[Address, str], int] | None = None,
        venue: Mapping[tuple[Address, str], int] | None = None,
    ) -> None:
        self.chain, self.venue = dict(chain or {}), dict(venue or {})

    def on_chain(self, holder: Address, token: str) -> int:
        return self.chain.get((holder, token), 0)

    def on_venue(self, holder: Address, token: str) -> int:
        return self.venue.get((holder, token), 0)


def view(
    state: Snapshot | None = None,
    venue: Sequence[float] = (PRICE,),
    wallets: Wallets | None = None,
    pool: PoolDepth | None = None,
    **changes: Any,
) -> View:
    """What agents see; the pool stands at the snapshot's price unless told otherwise."""
    state = state or snapshot()
    fields: dict[str, Any] = {
        "time": START + SPACING_S,
        "step": len(venue) - 1,
        "snapshot": state,
        "depth": pool or depth(state.pool.price),
        "venue": np.array(venue, dtype=float),
        "quote": quote(float(venue[-1])),
        "wallets": wallets or Wallets(),
        "liquidated_hour": 0.0,
        "bad_debt": 0.0,
        "debt": np.array(state.debt, dtype=float) / USDC,
        "health": np.array(state.health, dtype=float) / WAD,
        "pending": {},
        "coin_price": float(venue[-1]),
        "base_fee": 20 * GWEI,
    }
    return View(**{**fields, **changes})


def news(*results: Result, events: Sequence[Event] = (), fills: Sequence[Any] = ()) -> News:
    block = Block(2, START + SPACING_S, "0x", 0, 0, (), tuple(events))
    return News(START + SPACING_S, block, results, tuple(fills))


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


class FakeEngine:
    """An engine without a chain: every transaction succeeds and does nothing, but for `push`;
    the set-up moves collateral into the market."""

    name = "fake"

    def __init__(self, failing: Mapping[str, str] | None = None) -> None:
        """`failing`: revert reason by function."""
        self.failing = dict(failing or {})
        self.blocks: list[Block] = []
        self.setup: Setup | None = None
        self._answer, self._updated = 0, 0
        self._market = DEPLOYMENT.addresses["market"]
        self._funds: dict[tuple[Address, str], int] = {}

    def __enter__(self) -> FakeEngine:
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing to end."""

    def deploy(self, design: Design, setup: Setup) -> Deployment:
        self.setup = setup
        self._funds = {(holder, token): amount for holder, token, amount in setup.funding}
        self._funds[self._market, "USDC"] = market().cash
        self._funds[self._market, "WETH"] = 0
        self._answer, self._updated = int(setup.price * FEED), setup.timestamp
        ids = tuple(range(1, len(setup.positions) + 1))
        return Deployment(DEPLOYMENT.addresses, ("WETH",), "USDC", DEPLOYMENT.decimals, ids)

    def prepare(self, transactions: Sequence[Tx]) -> None:
        for tx in transactions:
            if tx.call.function == "supply_collateral":
                self._funds[tx.sender, "WETH"] -= tx.call.args[1]
                self._funds[self._market, "WETH"] += tx.call.args[1]

    def mine(
        self, timestamp: int, transactions: Sequence[Tx], base_fee: int | None = None
    ) -> Block:
        outcomes = []
        for tx in transactions:
            reason = self.failing.get(tx.call.function, "")
            outcomes.append(Outcome(tx, not reason, reason))
            if tx.call.function == "push":
                self._answer, self._updated = tx.call.args[0], timestamp
        number = len(self.blocks) + 1
        fee = base_fee if base_fee is not None else 0
        told = f"{number}/{timestamp}/{transactions}/{fee}"
        digest = "0x" + hashlib.sha256(told.encode()).hexdigest()
        self.blocks.append(Block(number, timestamp, digest, 0, fee, tuple(outcomes), ()))
        return self.blocks[-1]

    def read(self, timestamp: int) -> Snapshot:
        assert self.setup is not None
        count = len(self.setup.watched)
        feeds = {"WETH": FeedState(self._answer, self._updated)}
        return replace(
            snapshot([10_000.0] * count, [1.5] * count, [10.0] * count),
            number=len(self.blocks),
            timestamp=timestamp,
            feeds=feeds,
            pushed=feeds,
        )

    def balances(self, holders: Sequence[Address]) -> Mapping[str, list[int]]:
        return {t: [self._funds.get((h, t), 0) for h in holders] for t in ("USDC", "WETH", NATIVE)}

    def view(self, call: Call, sender: Address | None = None) -> Any:
        if call.target == "positions":
            return (0, "", "", "", 3000, -210_000, -190_000, 10**15)
        return 0


class Space(BlockSpace):
    """Block space with a crowd whose demand is given by hand."""

    def __init__(
        self, limit: int, base_fee: int = 0, crowd: Mapping[int, int] | None = None
    ) -> None:
        """`crowd`: gas wanted by those who pay at least so much, by price."""
        self.limit, self.base_fee, self._crowd = limit, base_fee, dict(crowd or {})

    @property
    def wanted(self) -> int:
        return self._above(self.base_fee)

    def room(self, price: int) -> int:
        return max(0, self.limit - self._above(price))

    def _above(self, price: int) -> int:
        return max((gas for least, gas in self._crowd.items() if least >= price), default=0)
