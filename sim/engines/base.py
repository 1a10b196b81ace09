"""The seam between the world and wherever the contracts execute.

The world hands over ordered transactions and gets back what happened; it reads one snapshot a
block. It never learns which engine it talks to. Amounts are integers in the token's own decimals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, TypeVar

from sim.design import Design, TokenSpec
from sim.errors import EngineError

Address = str  # 0x and 40 lower-case hex digits
NATIVE = "ETH"  # the chain's own coin, in which gas is paid

T = TypeVar("T")


def address_of(role: str, index: int = 0) -> Address:
    """The address of a member of a role: the same in every run, engine and design."""
    return "0x" + hashlib.sha256(f"firesale/{role}/{index}".encode()).hexdigest()[:40]


def is_share(token: str) -> bool:
    """Whether a token's key is that of a market, whose shares it then is."""
    return token.rpartition("/")[2] == "market"


class Call(NamedTuple):
    """A call of a contract by name.

    `target` is a key of `Deployment.addresses`. An argument that is itself such a key in angle
    brackets ("<market>", "<WETH>") stands for that contract's address.
    """

    target: str
    function: str
    args: tuple[Any, ...] = ()


def resolved(args: Sequence[Any], addresses: Mapping[str, Address]) -> tuple[Any, ...]:
    """The arguments of a call with addresses for names. Raises EngineError for an unknown name."""
    return tuple(
        [
            (known(addresses, a[1:-1]) if a.startswith("<") else a)
            if isinstance(a, str)
            else resolved(a, addresses)
            if isinstance(a, (tuple, list))
            else a
            for a in args
        ]
    )


def known(contracts: Mapping[str, T], key: str) -> T:
    """What stands under a contract's key. Raises EngineError naming the keys that there are."""
    try:
        return contracts[key]
    except KeyError:
        there = ", ".join(contracts)
        raise EngineError(f"there is no contract {key}; there are {there}") from None


class Tx(NamedTuple):
    """A transaction in its place in a block. The engine does not reorder."""

    id: int  # unique in the run
    role: str
    sender: Address
    call: Call
    gas_limit: int  # [gas]
    priority_fee: int = 0  # [wei per gas]


class Event(NamedTuple):
    """A decoded log."""

    tx_id: int
    contract: str  # a key of Deployment.addresses
    name: str
    args: Mapping[str, Any]  # addresses as lower-case hex, numbers as int


class Outcome(NamedTuple):
    """What became of a transaction."""

    tx: Tx
    ok: bool
    reason: str = ""  # the exact revert reason; empty when ok


@dataclass(frozen=True, slots=True)
class Block:
    """One mined block."""

    number: int
    timestamp: int  # [unix s]
    hash: str
    gas_used: int
    base_fee: int  # [wei per gas]
    outcomes: tuple[Outcome, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """Liquidity put into the pool at the start, by one provider."""

    owner: Address
    lower_price: float  # [debt token per collateral token]; the engine rounds to the tick grid
    upper_price: float
    collateral: int  # most to deposit [collateral token]
    debt_token: int  # most to deposit [debt token]


@dataclass(frozen=True, slots=True)
class PoolSetup:
    """A further asset: its token, and a pool of it against the debt token."""

    token: TokenSpec
    price: float  # [debt token per token] of feed and pool
    fee: int  # [1e-6]
    positions: Sequence[Position]


@dataclass(frozen=True, slots=True)
class MarketSetup:
    """A further market on the chain. The debt token is the first market's; the collateral is an
    asset with a pool, or the shares of a market before it, by its key."""

    name: str
    design: Design
    watched: Sequence[Address]
    keepers: Sequence[Address]  # each owns one FlashKeeper, deployed as "NAME/flash:0", ...

    @property
    def prefix(self) -> str:
        """Of the keys of its own contracts."""
        return f"{self.name}/"


@dataclass(frozen=True, slots=True)
class Setup:
    """What stands before the first step besides the design."""

    timestamp: int  # [unix s] of the first block
    price: float  # [debt token per collateral token] of feed and pool
    pool_fee: int  # [1e-6], a fee tier of Uniswap v3: 500, 3000, 10000
    positions: Sequence[Position]
    funding: Sequence[tuple[Address, str, int]]  # who gets how much of which token (NATIVE too)
    watched: Sequence[Address]  # accounts that snapshots read, in this order
    keepers: Sequence[Address]  # each owns one FlashKeeper, deployed as "flash:0", "flash:1", ...
    feeder: Address  # may push answers to the feeds
    base_fee: int  # of blocks that are given none [wei per gas]
    gas_limit: int  # of a block [gas]
    pools: Sequence[PoolSetup] = ()  # of further assets
    markets: Sequence[MarketSetup] = ()  # beside the first


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where everything is, for one market.

    Keys: market, liquidation, breaker:0.., feed:WETH.. (the pushed ones), lens, USDC, WETH..,
    factory, pool, router, positions (Uniswap's NonfungiblePositionManager), flash:0..; when the
    design has them curve, oracle:WETH.. (what the market reads in place of the pushed feed). The
    own contracts of a further market b are b/market, b/liquidation, ..., the pool of a further
    asset is pool:STETH.
    """

    addresses: Mapping[str, Address]
    collaterals: tuple[str, ...]  # symbols, in the market's order
    debt_token: str  # symbol
    decimals: Mapping[str, int]  # by symbol, of all tokens on the chain
    position_ids: tuple[int, ...]  # of the set-up's positions in the market's pool, in order
    code_sizes: Mapping[str, int] = field(default_factory=dict)  # runtime bytes by contract name
    prefix: str = ""  # of the keys of the market's own contracts
    pool: str = "pool"  # key of the pool of the market's first collateral
    beside: tuple[Deployment, ...] = ()  # of the further markets, in order

    def owns(self, key: str) -> bool:
        """Whether a contract is the market's own, and not shared or another market's."""
        return key.startswith(self.prefix) if self.prefix else "/" not in key


@dataclass(frozen=True, slots=True)
class MarketState:
    """Amounts in [debt token]."""

    cash: int
    total_debt: int
    debt_in_sale: int
    reserve: int
    total_assets: int
    total_shares: int  # [shares]
    halted_until: tuple[int, int, int]  # by action [unix s]
    halted_seconds: int  # of liquidation, in all
    allowed: tuple[
        int, int, int
    ]  # by action, of an endless wish, for the first collateral [debt token]


@dataclass(frozen=True, slots=True)
class FeedState:
    answer: int  # [FEED]
    updated_at: int  # [unix s]


@dataclass(frozen=True, slots=True)
class PoolState:
    """Uniswap's own units; `price` is theirs turned into [debt token per collateral token]."""

    sqrt_price_x96: int
    tick: int
    liquidity: int
    price: float
    collateral_is_token0: bool


class Sale(NamedTuple):
    """One (account, collateral) that can be started, restarted or taken from now."""

    account: int  # index into Setup.watched
    collateral: str
    startable: bool
    restartable: bool
    pay: int  # for all that is for sale now [debt token]; 0: nothing is
    receive: int  # [collateral token]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state after the last block, as a call at that block sees it."""

    number: int
    timestamp: int
    market: MarketState
    feeds: Mapping[str, FeedState]  # by collateral symbol, as the market reads them
    pushed: Mapping[str, FeedState]  # by collateral symbol, the pushed ones
    due: Sequence[str]  # keys of the contracts that wait to be poked
    pool: PoolState
    debt: Sequence[int]  # by watched account [debt token]
    collateral: Mapping[str, Sequence[int]]  # by symbol, by watched account [collateral token]
    health: Sequence[
        int
    ]  # by watched account, at the feed's last answer [WAD]; MAX_UINT without debt
    sales: Sequence[Sale]
    beside: Sequence[Snapshot] = ()  # of the further markets, in order


class Engine(Protocol):
    """Where the contracts execute. A context manager: leaving it ends every process it started."""

    name: str

    @staticmethod
    def version() -> str:
        """Of what executes the contracts. Raises EngineError when that is missing."""
        ...

    @staticmethod
    def check(contracts: Mapping[str, str]) -> None:
        """Raises InputError for the first contract, name by key, that can't be executed here."""
        ...

    def __enter__(self) -> Engine: ...

    def __exit__(self, *exc: object) -> None: ...

    def deploy(self, design: Design, setup: Setup) -> Deployment:
        """Deploy the design, the exchange, the periphery and the further markets; fund, and put the
        positions in."""
        ...

    def prepare(self, transactions: Sequence[Tx]) -> None:
        """Execute set-up transactions in as many blocks as they need, at the set-up's time.

        Raises EngineError when one fails.
        """
        ...

    def mine(
        self, timestamp: int, transactions: Sequence[Tx], base_fee: int | None = None
    ) -> Block:
        """Mine one block with exactly these transactions in this order, at this base fee or the
        set-up's [wei per gas]."""
        ...

    def read(self, timestamp: int) -> Snapshot:
        """State as a call in a block at `timestamp` sees it: interest, auctions, halts run on.

        One round trip for accounts, market, feeds and pool; a second one for sales, if any.
        """
        ...

    def balances(self, holders: Sequence[Address]) -> Mapping[str, list[int]]:
        """Token balances of the holders in their order, by symbol, and NATIVE."""
        ...

    def view(self, call: Call, sender: Address | None = None) -> Any:
        """The result of a read-only call; raises EngineError with the revert reason."""
        ...
